import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const integration = (name: string) => `CREATE STORAGE INTEGRATION ${name}
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/${name.toLowerCase()}'
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
`;

const LOADING = `CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING/orders/;
`;

function drop(place: string, name: string, id: number): void {
	const folder = join(project?.dir ?? "", ".snowline/s3/lake", place, "orders");
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

async function ids(): Promise<readonly number[]> {
	const found = await rows("SELECT ID FROM LAKE.BRONZE.RAW ORDER BY ID");
	return found.map((row) => Number(row.ID));
}

/** Statements on stages and pipes of the latest deployment that did anything, as the account tells them. */
async function statements(): Promise<readonly string[]> {
	const found = await rows(
		`SELECT QUERY_TEXT, SPLIT_PART(QUERY_TAG, '/', 2) AS DEPLOYMENT FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TAG LIKE 'snowline/%' AND (QUERY_TYPE LIKE 'ALTER_%' OR QUERY_TYPE LIKE 'CREATE_%' OR QUERY_TYPE LIKE 'DROP_%') AND QUERY_TEXT NOT LIKE '%SNOWLINE%'`,
	);
	// The latest statement comes first.
	const own = found.filter((row) => row.DEPLOYMENT === found[0]?.DEPLOYMENT);
	return own.map((row) => (row.QUERY_TEXT ?? "").replace(/\s+/g, " ")).reverse();
}

test("URL and integration change in one ALTER, and the pipe is made anew with proof", async () => {
	const pipeline = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' STORAGE_INTEGRATION = OLD_FILES FILE_FORMAT = (TYPE = CSV);
${LOADING}`;
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/files.sql": integration("OLD_FILES") + integration("NEW_FILES"),
		"sql/pipeline.sql": pipeline,
	});
	await ok("apply", "--yes");
	drop("landing", "a1.csv", 1);
	drop("landing", "a2.csv", 2);
	await ok("emulator", "tick", "--until-idle");
	// It was at the new place before the stage was, so it is nobody's order to load it.
	drop("arrivals", "old.csv", 9);
	project.write({
		"sql/pipeline.sql": pipeline
			.replace("s3://lake/landing/", "s3://lake/arrivals/")
			.replace("OLD_FILES", "NEW_FILES"),
	});
	const out = await ok("apply", "--yes");
	expect(out).toContain("window: 2 files, 2 loaded once");
	expect(await statements()).toEqual([
		"ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE",
		"ALTER STAGE LAKE.BRONZE.LANDING SET URL = 's3://lake/arrivals/' STORAGE_INTEGRATION = NEW_FILES",
		"CREATE OR REPLACE PIPE LAKE.BRONZE.RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING/orders/",
		"ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE",
		"ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = FALSE",
	]);
	drop("arrivals", "b1.csv", 3);
	await ok("emulator", "tick", "--until-idle");
	expect(await ids()).toEqual([1, 2, 3]);
	expect(await ok("plan", "--detailed-exitcode")).toContain("no changes");
});

test("a new key is one ALTER of the stage, and nothing else is touched", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/pipeline.sql": `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/'
  CREDENTIALS = (AWS_KEY_ID = {{secret "KEY"}} AWS_SECRET_KEY = {{secret "PASS"}}) FILE_FORMAT = (TYPE = CSV);
${LOADING}`,
	});
	Object.assign(project.env, { KEY: "AKIAFIRST", PASS: "first" });
	await ok("apply", "--yes");
	drop("landing", "a1.csv", 1);
	drop("landing", "a2.csv", 2);
	await ok("emulator", "tick", "--until-idle");
	const loads = () =>
		rows(
			"SELECT FILE_NAME, STATUS, LAST_LOAD_TIME, PIPE_NAME FROM TABLE(LAKE.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'LAKE.BRONZE.RAW', START_TIME => DATEADD(DAY, -1, CURRENT_TIMESTAMP()))) ORDER BY FILE_NAME",
		);
	const made = () => rows("SHOW PIPES IN SCHEMA LAKE.BRONZE");
	const [before, pipes] = [await loads(), await made()];
	expect(before.map((row) => row.FILE_NAME)).toHaveLength(2);
	await ok("emulator", "tick", "--for", "1m");
	Object.assign(project.env, { KEY: "AKIASECOND", PASS: "second" });
	const plan = await ok("plan");
	expect(plan).toContain("1 to alter (1 step)");
	expect(plan).not.toContain("!");
	await ok("apply", "--yes");
	expect(await statements()).toEqual([
		"ALTER STAGE LAKE.BRONZE.LANDING SET CREDENTIALS = (AWS_KEY_ID = 'AKIASECOND' AWS_SECRET_KEY = '****')",
	]);
	expect([await loads(), await made()]).toEqual([before, pipes]);
	drop("landing", "b1.csv", 3);
	await ok("emulator", "tick", "--until-idle");
	expect(await ids()).toEqual([1, 2, 3]);
	expect(await ok("plan", "--detailed-exitcode")).toContain("no changes");
});
