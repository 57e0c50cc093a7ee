import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let lake: string;

const INTEGRATION =
	"CREATE OR REPLACE STORAGE INTEGRATION lake_int TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')";

beforeAll(async () => {
	lake = await mkdtemp(join(tmpdir(), "lake-"));
	await mkdir(join(lake, "in/2024"), { recursive: true });
	await writeFile(join(lake, "in/a.csv"), "1,a\n");
	await writeFile(join(lake, "in/2024/b.csv"), "2,b\n");
	await writeFile(join(lake, "inbox.csv"), "3,c\n");
	account = await startAccount({ buckets: { lake } });
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s", "USE SCHEMA d.s", INTEGRATION);
});
afterAll(async () => {
	await account.close();
	await rm(lake, { recursive: true, force: true });
});

const described = async (name: string): Promise<Record<string, string>> =>
	Object.fromEntries(
		(await account.query(`DESC STAGE ${name}`)).map((row) => [
			`${row.parent_property}.${row.property}`,
			String(row.property_value),
		]),
	);
const names = async (sql: string): Promise<unknown[]> =>
	(await account.query(sql)).map((row) => row.name);

describe("CREATE STAGE", () => {
	test("shows an external stage", async () => {
		await account.run(
			"CREATE STAGE ext URL = 's3://lake/in/' STORAGE_INTEGRATION = lake_int DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = JSON) COMMENT = 'c'",
		);
		expect(await account.query("SHOW STAGES LIKE 'ext' IN SCHEMA d.s")).toMatchObject([
			{
				name: "EXT",
				url: "s3://lake/in/",
				has_credentials: "N",
				has_encryption_key: "N",
				comment: "c",
				type: "EXTERNAL",
				cloud: "AWS",
				storage_integration: "LAKE_INT",
				directory_enabled: "Y",
			},
		]);
		expect(await described("ext")).toMatchObject({
			"STAGE_FILE_FORMAT.TYPE": "JSON",
			"STAGE_LOCATION.URL": '["s3://lake/in/"]',
			"DIRECTORY.ENABLE": "true",
			"DIRECTORY.AUTO_REFRESH": "false",
		});
	});

	test("shows internal stages by their encryption, and never a secret", async () => {
		await account.run(
			"CREATE STAGE int_full",
			"CREATE STAGE int_sse ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')",
			"CREATE STAGE keys URL = 's3://lake/' CREDENTIALS = (AWS_KEY_ID = 'AKIA' AWS_SECRET_KEY = 'hidden')",
		);
		const rows = await account.query("SHOW STAGES LIKE 'int_%' IN SCHEMA d.s");
		expect(rows.map((row) => [row.name, row.type, row.cloud])).toEqual([
			["INT_FULL", "INTERNAL", null],
			["INT_SSE", "INTERNAL NO CSE", null],
		]);
		const keys = await described("keys");
		expect(keys["STAGE_CREDENTIALS.AWS_KEY_ID"]).toBe("AKIA");
		expect(JSON.stringify(keys)).not.toContain("hidden");
	});

	test("names its file format in full", async () => {
		await account.run("CREATE FILE FORMAT ff", "CREATE STAGE named FILE_FORMAT = ff");
		expect((await described("named"))["STAGE_FILE_FORMAT.FORMAT_NAME"]).toBe(
			'\\"D\\".\\"S\\".\\"FF\\"',
		);
		await expect(
			account.query("CREATE STAGE x FILE_FORMAT = (FORMAT_NAME = 'nowhere')"),
		).rejects.toMatchObject({ code: "002003" });
	});

	test.each([
		[
			"a URL the integration does not allow",
			"URL = 's3://other/' STORAGE_INTEGRATION = lake_int",
			"003001",
		],
		[
			"an integration that does not exist",
			"URL = 's3://lake/' STORAGE_INTEGRATION = nowhere",
			"002003",
		],
		["no URL of a cloud", "URL = 'ftp://x/'", "001008"],
		["an integration on an internal stage", "STORAGE_INTEGRATION = lake_int", "001006"],
		[
			"integration and credentials",
			"URL = 's3://lake/' STORAGE_INTEGRATION = lake_int CREDENTIALS = (AWS_KEY_ID = 'a' AWS_SECRET_KEY = 'b')",
			"001008",
		],
		["half a key", "URL = 's3://lake/' CREDENTIALS = (AWS_KEY_ID = 'a')", "001008"],
		[
			"another cloud's encryption",
			"URL = 's3://lake/' ENCRYPTION = (TYPE = 'GCS_SSE_KMS')",
			"001008",
		],
		["an S3-compatible stage without endpoint", "URL = 's3compat://b/'", "002029"],
		["a misspelt property", "URLS = 's3://lake/'", "001006"],
	])("refuses %s", async (_what, properties, code) => {
		await expect(account.query(`CREATE STAGE refused ${properties}`)).rejects.toMatchObject({
			code,
		});
	});
});

describe("LIST and REMOVE", () => {
	test("a path is a prefix, and names are whole URLs", async () => {
		await account.run(
			"CREATE OR REPLACE STAGE listed URL = 's3://lake/' STORAGE_INTEGRATION = lake_int",
		);
		expect(await names("LIST @listed/in")).toEqual([
			"s3://lake/in/2024/b.csv",
			"s3://lake/in/a.csv",
			"s3://lake/inbox.csv",
		]);
		expect(await names("LS @d.s.listed/in/ PATTERN = '.*/2024/.*'")).toEqual([
			"s3://lake/in/2024/b.csv",
		]);
	});

	test("gives size and MD5", async () => {
		const [row] = await account.query("LIST @listed/in/a.csv");
		const md5 = createHash("md5").update("1,a\n").digest("hex");
		expect(row).toMatchObject({ size: 4, md5 });
	});

	test("a bucket without a directory says how to map one", async () => {
		await account.run("CREATE STAGE nowhere URL = 's3://elsewhere/'");
		await expect(account.query("LIST @nowhere")).rejects.toThrow(
			/buckets: \{ elsewhere: DIRECTORY \}/,
		);
	});

	test("REMOVE deletes what matches", async () => {
		await writeFile(join(lake, "gone.csv"), "x");
		expect(await account.query("RM @listed/gone")).toEqual([
			{ name: "s3://lake/gone.csv", result: "removed" },
		]);
		expect(await readdir(lake)).not.toContain("gone.csv");
	});
});

describe("PUT and GET", () => {
	test("the driver compresses a file into the stage, and copies it out again", async () => {
		const local = await mkdtemp(join(tmpdir(), "local-"));
		await writeFile(join(local, "data.csv"), "1,a\n");
		await account.run("CREATE OR REPLACE STAGE files");
		const put = await account.query(`PUT file://${local}/data.csv @files/in/`);
		expect(put).toMatchObject([{ source: "data.csv", target: "data.csv.gz", status: "UPLOADED" }]);
		expect(await names("LIST @files")).toEqual(["files/in/data.csv.gz"]);
		await account.query(`GET @files/in file://${local}`);
		const copy = await readFile(join(local, "data.csv.gz"));
		expect(gunzipSync(copy).toString()).toBe("1,a\n");
		await rm(local, { recursive: true });
	});

	test("external stages have neither", async () => {
		await expect(account.query("PUT file:///tmp/x.csv @listed")).rejects.toThrow(
			"not supported with external stage",
		);
	});
});

describe("links by id", () => {
	// https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
	test("a replaced integration leaves the stage broken until it is set again", async () => {
		await account.run(
			"CREATE OR REPLACE STAGE linked URL = 's3://lake/in/' STORAGE_INTEGRATION = lake_int",
		);
		await account.query("LIST @linked");
		await account.run(INTEGRATION);
		await expect(account.query("LIST @linked")).rejects.toMatchObject({ code: "091003" });
		const shown = await account.query("SHOW STAGES LIKE 'linked' IN SCHEMA d.s");
		expect(shown).toMatchObject([{ storage_integration: null }]);
		await account.run("ALTER STAGE linked SET STORAGE_INTEGRATION = lake_int");
		expect(await names("LIST @linked")).toHaveLength(2);
	});

	test("a replaced internal stage has no files", async () => {
		const local = await mkdtemp(join(tmpdir(), "local-"));
		await writeFile(join(local, "data.csv"), "1\n");
		await account.run("CREATE OR REPLACE STAGE lost");
		await account.query(`PUT file://${local}/data.csv @lost`);
		expect(await names("LIST @lost")).toHaveLength(1);
		await account.run("CREATE OR REPLACE STAGE lost");
		expect(await names("LIST @lost")).toEqual([]);
		await rm(local, { recursive: true });
	});
});

describe("ALTER STAGE", () => {
	test("changes the URL, keeps what it does not name", async () => {
		await account.run(
			"CREATE STAGE moved URL = 's3://lake/in/' COMMENT = 'kept'",
			"ALTER STAGE moved SET URL = 's3://lake/out/'",
		);
		expect(await account.query("SHOW STAGES LIKE 'moved' IN SCHEMA d.s")).toMatchObject([
			{ url: "s3://lake/out/", comment: "kept" },
		]);
	});

	test.each([
		["another provider", "ALTER STAGE fixed SET URL = 'gcs://lake/'"],
		["a directory table's refreshing", "ALTER STAGE fixed SET DIRECTORY = (AUTO_REFRESH = TRUE)"],
		[
			"an internal stage's encryption",
			"ALTER STAGE inside SET ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')",
		],
		["an internal stage's URL", "ALTER STAGE inside SET URL = 's3://lake/'"],
		["a stage's kind by CREATE OR ALTER", "CREATE OR ALTER STAGE fixed"],
		[
			"REFRESH_ON_CREATE",
			"CREATE OR ALTER STAGE fixed URL = 's3://lake/' DIRECTORY = (ENABLE = TRUE REFRESH_ON_CREATE = FALSE)",
		],
	])("cannot change %s", async (_what, sql) => {
		await account.run(
			"CREATE OR REPLACE STAGE fixed URL = 's3://lake/'",
			"CREATE OR REPLACE STAGE inside",
		);
		await expect(account.query(sql)).rejects.toMatchObject({
			code: expect.stringMatching(/^00100[68]$/),
		});
	});

	test("REFRESH registers files in the directory table once", async () => {
		await account.run(
			"CREATE STAGE catalogued URL = 's3://lake/in/' DIRECTORY = (ENABLE = TRUE REFRESH_ON_CREATE = FALSE)",
		);
		expect(await account.query("ALTER STAGE catalogued REFRESH")).toMatchObject([
			{ file: "2024/b.csv", status: "REGISTERED_NEW" },
			{ file: "a.csv", status: "REGISTERED_NEW" },
		]);
		expect(await account.query("ALTER STAGE catalogued REFRESH")).toEqual([]);
		expect(await described("catalogued")).toHaveProperty(["DIRECTORY.LAST_REFRESHED_ON"]);
	});

	test("CREATE OR ALTER resets what it does not name", async () => {
		await account.run(
			"CREATE STAGE whole URL = 's3://lake/in/' COMMENT = 'gone' FILE_FORMAT = (TYPE = JSON)",
			"CREATE OR ALTER STAGE whole URL = 's3://lake/out/'",
		);
		expect(await account.query("SHOW STAGES LIKE 'whole' IN SCHEMA d.s")).toMatchObject([
			{ url: "s3://lake/out/", comment: "" },
		]);
		expect(await described("whole")).toMatchObject({ "STAGE_FILE_FORMAT.TYPE": "CSV" });
	});
});
