import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const ROLE = "arn:aws:iam::001234567890:role/lake";

const INTEGRATION = `CREATE STORAGE INTEGRATION LAKE_FILES
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = '${ROLE}'
  STORAGE_AWS_OBJECT_ACL = 'bucket-owner-full-control'
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
`;

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' STORAGE_INTEGRATION = LAKE_FILES FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING/orders/;
`;

function drop(name: string, id: number): void {
	const folder = join(project?.dir ?? "", ".snowline/s3/lake/landing/orders");
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name), `${id}\n`);
}

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

async function rows(sql: string): Promise<readonly Record<string, string>[]> {
	return JSON.parse(await ok("sql", sql, "--json")) as Record<string, string>[];
}

async function described(name: string): Promise<string | undefined> {
	const all = await rows("DESCRIBE STORAGE INTEGRATION LAKE_FILES");
	return all.find((row) => row.property === name)?.property_value;
}

async function planned(): Promise<{
	readonly hazards: readonly string[];
	readonly handoffs: readonly { object: string; lines: readonly string[] }[];
}> {
	const plan = JSON.parse(await ok("plan", "--format", "json", "-q")) as {
		steps: { hazards: { code: string; level: string }[] }[];
		handoffs: { object: string; lines: string[] }[];
	};
	const hazards = plan.steps.flatMap((step) =>
		step.hazards.filter((h) => h.level === "refuse").map((h) => h.code),
	);
	return { hazards: [...new Set(hazards)], handoffs: plan.handoffs };
}

test("an integration that is made anew keeps its external id, its stages and every file", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/files.sql": INTEGRATION,
		"sql/pipeline.sql": PIPELINE,
	});
	await ok("apply", "--yes");
	drop("a1.csv", 1);
	drop("a2.csv", 2);
	await ok("emulator", "tick", "--until-idle");
	drop("a3.csv", 3);
	const id = await described("STORAGE_AWS_EXTERNAL_ID");
	const user = await described("STORAGE_AWS_IAM_USER_ARN");
	expect(id).toMatch(/\S/);
	// ALTER has no way to take it away (alter-storage-integration, UNSET).
	project.write({ "sql/files.sql": INTEGRATION.replace(/ {2}STORAGE_AWS_OBJECT_ACL.*\n/, "") });
	const { hazards, handoffs } = await planned();
	expect(hazards).toEqual(["STAGE_UNLINKED"]);
	const trust = `the trust policy of ${ROLE} must let in ${user} with the external id ${id}`;
	expect(handoffs).toEqual([
		{
			object: "STORAGE INTEGRATION LAKE_FILES",
			lines: [trust, `${ROLE} must be allowed what stages do in s3://lake/`],
		},
	]);
	const script = await ok("plan", "--format", "sql");
	expect(script).toContain("CREATE OR REPLACE STORAGE INTEGRATION LAKE_FILES\n");
	expect(script).toContain(`\n  STORAGE_AWS_EXTERNAL_ID = '${id}'\n`);
	expect(script).toContain(
		"ALTER STAGE LAKE.BRONZE.LANDING SET URL = 's3://lake/landing/' STORAGE_INTEGRATION = LAKE_FILES\n",
	);
	const out = await ok("apply", "--yes", "--allow-hazards", "STAGE_UNLINKED");
	expect(out.split(`handoff STORAGE INTEGRATION LAKE_FILES: ${trust}\n`)).toHaveLength(3);
	expect(out).toContain("window: 3 files, 2 loaded once, 1 waiting");
	expect(await described("STORAGE_AWS_EXTERNAL_ID")).toBe(id);
	drop("b1.csv", 4);
	await ok("emulator", "tick", "--until-idle");
	const ids = await rows("SELECT ID FROM LAKE.BRONZE.RAW ORDER BY ID");
	expect(ids.map((row) => Number(row.ID))).toEqual([1, 2, 3, 4]);
	expect(await ok("plan", "--detailed-exitcode")).toContain("no changes");
});

test("trust that cannot be kept is refused until it is accepted", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/files.sql": INTEGRATION });
	await ok("apply", "--yes");
	const before = await described("STORAGE_AWS_EXTERNAL_ID");
	project.write({
		"sql/files.sql": INTEGRATION.replace(
			"  ENABLED",
			"  STORAGE_AWS_EXTERNAL_ID = 'ours'\n  ENABLED",
		),
	});
	expect((await planned()).hazards).toEqual(["TRUST_BROKEN"]);
	const azure = INTEGRATION.replace("'S3'", "'AZURE'")
		.replace(/ {2}STORAGE_AWS.*\n/g, "")
		.replace("  ENABLED", "  AZURE_TENANT_ID = 'a123b4c5-1234-123a-a12b-1a23b45678c9'\n  ENABLED")
		.replace("s3://lake/", "azure://lake.blob.core.windows.net/lake/");
	project.write({ "sql/files.sql": azure });
	const { hazards, handoffs } = await planned();
	expect(hazards).toEqual(["STAGE_UNLINKED", "TRUST_BROKEN"]);
	expect(handoffs[0]?.lines[0]).toBe(
		"consent must be given at (AZURE_CONSENT_URL of DESC INTEGRATION)",
	);
	expect((await project.run("apply", "--yes", "--allow-hazards", "STAGE_UNLINKED")).code).toBe(3);
	expect(await described("STORAGE_AWS_EXTERNAL_ID")).toBe(before);
	const out = await ok("apply", "--yes", "--allow-hazards", "STAGE_UNLINKED,TRUST_BROKEN");
	// Known only when the integration is there.
	expect(out).toMatch(
		/handoff STORAGE INTEGRATION LAKE_FILES: consent must be given at https:\/\//,
	);
});

test("locations that leave a stage out are refused, naming each stage", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/files.sql": INTEGRATION,
		"sql/pipeline.sql": PIPELINE,
	});
	await ok("apply", "--yes");
	await ok(
		"sql",
		"CREATE STAGE LAKE.BRONZE.THEIRS URL = 's3://lake/theirs/' STORAGE_INTEGRATION = LAKE_FILES",
	);
	project.write({ "sql/files.sql": INTEGRATION.replace("s3://lake/'", "s3://lake/landings/'") });
	const { code, err } = await project.run("plan");
	expect(code).toBe(65);
	expect(err).toContain("--> sql/pipeline.sql:2:");
	expect(err).toContain(
		"STAGE LAKE.BRONZE.LANDING cannot have STORAGE INTEGRATION LAKE_FILES: s3://lake/landing/ is not in its STORAGE_ALLOWED_LOCATIONS (s3://lake/landings/)",
	);
	expect(err).toContain("--> sql/files.sql:1:28");
	expect(err).toContain(
		"STAGE LAKE.BRONZE.THEIRS, which files do not declare, would lose STORAGE INTEGRATION LAKE_FILES: s3://lake/theirs/ is not in",
	);
	// What is declared is found without an account.
	expect((await project.run("validate")).code).toBe(65);
	const blocked = INTEGRATION.replace(
		");",
		")\n  STORAGE_BLOCKED_LOCATIONS = ('s3://lake/theirs/');",
	);
	project.write({ "sql/files.sql": blocked });
	const refused = await project.run("plan");
	expect([refused.code, refused.err]).toEqual([
		65,
		expect.stringContaining("s3://lake/theirs/ is in its STORAGE_BLOCKED_LOCATIONS"),
	]);
	expect(refused.err).not.toContain("LANDING");
	await ok("sql", "DROP STAGE LAKE.BRONZE.THEIRS");
	await ok("apply", "--yes");
	// Of an integration that somebody else declares, the locations are not looked at: Snowflake decides.
	await ok("forget", "LAKE_FILES");
	project.remove("sql/files.sql");
	expect(await ok("plan")).toContain("no changes");
});
