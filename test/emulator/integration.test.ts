import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;

beforeAll(async () => {
	account = await startAccount();
});
afterAll(() => account.close());

const described = async (name: string): Promise<Record<string, string>> =>
	Object.fromEntries(
		(await account.query(`DESC INTEGRATION ${name}`)).map((row) => [
			String(row.property),
			String(row.property_value),
		]),
	);

const S3 =
	"TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/myrole' STORAGE_ALLOWED_LOCATIONS = ('s3://mybucket1/path1/', 's3://mybucket2/')";

describe("STORAGE INTEGRATION", () => {
	test("describes what was set and what Snowflake makes up", async () => {
		await account.run(`CREATE STORAGE INTEGRATION s3_int ${S3} COMMENT = 'lake'`);
		const rows = await described("s3_int");
		expect(rows).toMatchObject({
			ENABLED: "true",
			STORAGE_PROVIDER: "S3",
			STORAGE_ALLOWED_LOCATIONS: "s3://mybucket1/path1/,s3://mybucket2/",
			STORAGE_BLOCKED_LOCATIONS: "",
			STORAGE_AWS_ROLE_ARN: "arn:aws:iam::001234567890:role/myrole",
			COMMENT: "lake",
		});
		expect(rows.STORAGE_AWS_EXTERNAL_ID).toMatch(/^\w+_SFCRole=\d+_.+=$/);
		expect(rows.STORAGE_AWS_IAM_USER_ARN).toMatch(/^arn:aws:iam::\d{12}:user\/.+/);
		expect(await account.query("SHOW STORAGE INTEGRATIONS LIKE 's3_int'")).toMatchObject([
			{ name: "S3_INT", type: "EXTERNAL_STAGE", category: "STORAGE", enabled: "true" },
		]);
	});

	test("has a new external id after replacement, unless it was given", async () => {
		await account.run(`CREATE OR REPLACE STORAGE INTEGRATION replaced ${S3}`);
		const before = await described("replaced");
		await account.run(`CREATE OR REPLACE STORAGE INTEGRATION replaced ${S3}`);
		const after = await described("replaced");
		expect(after.STORAGE_AWS_EXTERNAL_ID).not.toBe(before.STORAGE_AWS_EXTERNAL_ID);
		expect(after.STORAGE_AWS_IAM_USER_ARN).toBe(before.STORAGE_AWS_IAM_USER_ARN);
		await account.run(
			`CREATE OR REPLACE STORAGE INTEGRATION replaced ${S3} STORAGE_AWS_EXTERNAL_ID = 'mine'`,
		);
		expect((await described("replaced")).STORAGE_AWS_EXTERNAL_ID).toBe("mine");
	});

	test("keeps its external id when the role changes", async () => {
		await account.run(`CREATE STORAGE INTEGRATION roles ${S3}`);
		const before = await described("roles");
		await account.run(
			"ALTER STORAGE INTEGRATION roles SET STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/other' ENABLED = FALSE",
		);
		expect(await described("roles")).toMatchObject({
			STORAGE_AWS_EXTERNAL_ID: before.STORAGE_AWS_EXTERNAL_ID,
			STORAGE_AWS_ROLE_ARN: "arn:aws:iam::001234567890:role/other",
			ENABLED: "false",
		});
		await account.run("ALTER INTEGRATION roles UNSET ENABLED, COMMENT");
		expect((await described("roles")).ENABLED).toBe("true");
	});

	test("describes GCS and Azure with their own properties", async () => {
		await account.run(
			"CREATE STORAGE INTEGRATION gcs_int TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('gcs://b/p/')",
			"CREATE STORAGE INTEGRATION az_int TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'AZURE' ENABLED = TRUE AZURE_TENANT_ID = 'a123b4c5' STORAGE_ALLOWED_LOCATIONS = ('azure://acct.blob.core.windows.net/c/p/')",
		);
		expect(await described("gcs_int")).toHaveProperty("STORAGE_GCP_SERVICE_ACCOUNT");
		expect(await described("az_int")).toMatchObject({ AZURE_TENANT_ID: "a123b4c5" });
	});

	test.each([
		[
			"without a role",
			"TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' STORAGE_ALLOWED_LOCATIONS = ('*')",
			"002029",
		],
		["without locations", "TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS'", "002029"],
		[
			"with a location of another cloud",
			"TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' STORAGE_ALLOWED_LOCATIONS = ('s3://b/')",
			"001008",
		],
		[
			"with another cloud's property",
			"TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' STORAGE_ALLOWED_LOCATIONS = ('*') AZURE_TENANT_ID = 'x'",
			"001006",
		],
	])("is refused %s", async (_what, properties, code) => {
		await expect(
			account.query(`CREATE STORAGE INTEGRATION refused ${properties}`),
		).rejects.toMatchObject({ code });
	});

	test("cannot change its provider, and has no CREATE OR ALTER", async () => {
		await account.run(`CREATE STORAGE INTEGRATION fixed ${S3}`);
		await expect(
			account.query("ALTER STORAGE INTEGRATION fixed SET STORAGE_PROVIDER = 'GCS'"),
		).rejects.toMatchObject({ code: "001006" });
		await expect(account.query(`CREATE OR ALTER STORAGE INTEGRATION fixed ${S3}`)).rejects.toThrow(
			"CREATE OR ALTER STORAGE INTEGRATION",
		);
	});
});

describe("NOTIFICATION INTEGRATION", () => {
	const SNS =
		"ENABLED = TRUE TYPE = QUEUE DIRECTION = OUTBOUND NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-2:123456789012:t' AWS_SNS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r'";

	test("is created, described, altered and dropped", async () => {
		await account.run(`CREATE NOTIFICATION INTEGRATION errors ${SNS} COMMENT = 'c'`);
		expect(await described("errors")).toMatchObject({
			ENABLED: "true",
			DIRECTION: "OUTBOUND",
			AWS_SNS_TOPIC_ARN: "arn:aws:sns:us-east-2:123456789012:t",
			COMMENT: "c",
		});
		await account.run("ALTER NOTIFICATION INTEGRATION errors SET ENABLED = FALSE");
		expect(await account.query("SHOW NOTIFICATION INTEGRATIONS LIKE 'errors'")).toMatchObject([
			{ name: "ERRORS", category: "NOTIFICATION", enabled: "false" },
		]);
		await account.run("DROP INTEGRATION errors");
		await expect(account.query("DESC INTEGRATION errors")).rejects.toMatchObject({
			code: "002003",
		});
	});

	test("shares the names of integrations", async () => {
		await account.run(`CREATE STORAGE INTEGRATION shared ${S3}`);
		await expect(
			account.query(`CREATE NOTIFICATION INTEGRATION shared ${SNS}`),
		).rejects.toMatchObject({ code: "001998" });
	});
});
