import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE TABLE SILVER (ID NUMBER);
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER SELECT ID FROM RAW_NEW WHERE METADATA$ACTION = 'INSERT';
ALTER TASK TO_SILVER RESUME;
GRANT SELECT ON STREAM RAW_NEW TO ROLE SYSADMIN;
`;

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

async function rows(sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
	return JSON.parse(await ok("sql", sql, "--json")) as Record<string, string>[];
}

interface Proof {
	readonly object: string;
	readonly what: string;
	readonly before: string | null;
	readonly after: string;
}

test("what a choreography kept is shown, in --json, in the journal and in text", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	const landing = join(project.dir, ".snowline/s3/lake/landing");
	mkdirSync(landing, { recursive: true });
	for (const name of ["a", "b"]) writeFileSync(join(landing, `${name}.csv`), "1\n2\n");
	await ok("emulator", "tick");
	project.write({
		"sql/pipeline.sql": PIPELINE.replace(
			"ON TABLE RAW;",
			"ON TABLE RAW APPEND_ONLY = TRUE;",
		).replace("FROM @LANDING;", "FROM @LANDING ON_ERROR = CONTINUE;"),
	});
	const applied = JSON.parse(await ok("apply", "--yes", "--json")) as {
		proof: readonly Proof[];
		health: readonly Readonly<Record<string, unknown>>[];
		verified: boolean;
	};
	const stream = "STREAM LAKE.BRONZE.RAW_NEW";
	const pipe = "PIPE LAKE.BRONZE.RAW_PIPE";
	const task = "TASK LAKE.BRONZE.TO_SILVER";
	// Nothing was read from the stream since, so it still stands where it was proven to.
	const [position] = await rows(
		"SELECT SYSTEM$STREAM_GET_TABLE_TIMESTAMP('LAKE.BRONZE.RAW_NEW') AS AT",
	);
	const held = async (on: string) => String((await rows(`SHOW GRANTS ON ${on}`)).length);
	const same = (object: string, what: string, value: string) => ({
		object,
		what,
		before: value,
		after: value,
	});
	const expected = [
		same(stream, "offset", position?.AT ?? ""),
		same(stream, "grants", await held(stream)),
		same(pipe, "grants", await held(pipe)),
		same(pipe, "state", "RUNNING"),
		same(task, "state", "started"),
		{ object: pipe, what: "window", before: "2 files", after: "2 loaded once" },
	];
	expect(applied.proof).toHaveLength(expected.length);
	expect(applied.proof).toEqual(expect.arrayContaining(expected));
	expect(applied.verified).toBe(true);
	expect(applied.health).toEqual([
		{
			object: pipe,
			what: "state",
			before: "RUNNING",
			after: "RUNNING",
			verdict: "healthy",
			declared: false,
		},
		{
			object: stream,
			what: "state",
			before: "not stale",
			after: "not stale",
			verdict: "healthy",
			declared: false,
		},
		{
			object: task,
			what: "state",
			before: "started",
			after: "started",
			verdict: "healthy",
			declared: true,
		},
	]);
	const journal = await rows(
		"SELECT NAME, VALUE FROM LAKE.SNOWLINE.JOURNAL WHERE EVENT = 'done' AND NAME IS NOT NULL ORDER BY SEQ",
	);
	expect(journal.map((row) => row.NAME)).toEqual(applied.proof.map(({ what }) => what));
	expect(journal.map((row) => JSON.parse(row.VALUE ?? ""))).toEqual(applied.proof);

	const [last] = JSON.parse(await ok("history", "--json")) as { id: string }[];
	expect(await ok("history", last?.id ?? "")).toContain(
		"      done: window: 2 files, 2 loaded once\n",
	);

	project.write({
		"sql/pipeline.sql": PIPELINE.replace("ON TABLE RAW;", "ON TABLE RAW COMMENT = 'c';"),
	});
	const out = await ok("apply", "--yes");
	expect(out.slice(out.indexOf("steps done")).split("\n")).toEqual([
		"steps done; verified: 0 differences",
		expect.stringMatching(/^ {2}PIPE LAKE\.BRONZE\.RAW_PIPE {3}grants: \d+ before = after$/),
		"  PIPE LAKE.BRONZE.RAW_PIPE   state: RUNNING before = after",
		"  PIPE LAKE.BRONZE.RAW_PIPE   window: 2 files, 2 loaded once",
		expect.stringMatching(/^ {2}STREAM LAKE\.BRONZE\.RAW_NEW {2}offset: \d+ before = after$/),
		expect.stringMatching(/^ {2}STREAM LAKE\.BRONZE\.RAW_NEW {2}grants: \d+ before = after$/),
		"  STREAM LAKE.BRONZE.RAW_NEW  state: not stale",
		"  TASK LAKE.BRONZE.TO_SILVER  state: started before = after",
		"",
	]);
});

test("what a deployment breaks fails it; what was broken before is a warning", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	project.write({
		"migrations/V1__again.sql": `-- phase: after
CREATE OR REPLACE TABLE LAKE.BRONZE.RAW (ID NUMBER);
CREATE OR REPLACE STAGE LAKE.BRONZE.LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
`,
	});
	const { code, err } = await project.run("apply", "--yes");
	expect(code, err).toBe(1);
	for (const line of [
		"error[UNHEALTHY]: STREAM LAKE.BRONZE.RAW_NEW: state is stale, and was not stale before\n = help: ",
		"error[UNHEALTHY]: PIPE LAKE.BRONZE.RAW_PIPE: state is STOPPED_STAGE_DROPPED, and was RUNNING before\n = help: SELECT SYSTEM$PIPE_STATUS('LAKE.BRONZE.RAW_PIPE')",
	])
		expect(err).toContain(line);
	const [first] = JSON.parse(await ok("history", "--json")) as { outcome: string }[];
	expect(first?.outcome).toBe("failed");

	project.write({
		"sql/pipeline.sql": PIPELINE.replace("RAW (ID NUMBER)", "RAW (ID NUMBER) COMMENT = 'c'"),
	});
	// The stream is brought in order as the advice says, the pipe is not, nor planned for.
	await ok("sql", "CREATE OR REPLACE STREAM LAKE.BRONZE.RAW_NEW ON TABLE LAKE.BRONZE.RAW");
	const next = await project.run("apply", "--yes", "--target", "LAKE.BRONZE.RAW");
	expect(next.code, next.err).toBe(0);
	expect(next.err).toContain(
		"warning[UNHEALTHY]: PIPE LAKE.BRONZE.RAW_PIPE: state is STOPPED_STAGE_DROPPED as it was before this deployment",
	);
	expect(next.out).toContain("PIPE LAKE.BRONZE.RAW_PIPE   state: STOPPED_STAGE_DROPPED, as before");
	expect(next.out).toContain("STREAM LAKE.BRONZE.RAW_NEW  state: not stale");
	const [last] = JSON.parse(await ok("history", "--json")) as { outcome: string }[];
	expect(last?.outcome).toBe("done");
	// The next plan of everything makes it anew.
	expect(await ok("apply", "--yes")).toContain("PIPE LAKE.BRONZE.RAW_PIPE   state: RUNNING");
});
