import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

/** A stream that a running task reads into silver, and a pipe that fills its source. */
const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE TABLE SILVER (ID NUMBER);
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER SELECT ID FROM RAW_NEW WHERE METADATA$ACTION = 'INSERT';
ALTER TASK TO_SILVER RESUME;
`;

function drop(dir: string, name: string, rows: readonly number[]): void {
	const landing = join(dir, ".snowline/s3/lake/landing");
	mkdirSync(landing, { recursive: true });
	writeFileSync(join(landing, name), `${rows.join("\n")}\n`);
}

async function ok(...args: readonly string[]) {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

async function silver(): Promise<readonly number[]> {
	const out = await ok("sql", "SELECT ID FROM LAKE.BRONZE.SILVER ORDER BY ID", "--json");
	return (JSON.parse(out) as { ID: string }[]).map((row) => Number(row.ID));
}

test("a stream that changes its mode is drained first: every unread row arrives once", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	drop(project.dir, "a.csv", [1, 2, 3]);
	// Only the files: the task's hour has not come, so the rows wait in the stream.
	await ok("emulator", "tick");
	expect(await silver()).toEqual([]);
	project.write({
		"sql/pipeline.sql": PIPELINE.replace("ON TABLE RAW;", "ON TABLE RAW APPEND_ONLY = TRUE;"),
	});
	const plan = await ok("plan", "--format", "json");
	const { steps } = JSON.parse(plan) as {
		steps: { id: string; hazards: { code: string; level: string }[] }[];
	};
	expect(steps.map((step) => step.id)).toEqual([
		"hold PIPE LAKE.BRONZE.RAW_PIPE",
		"drain STREAM LAKE.BRONZE.RAW_NEW",
		"hold TASK LAKE.BRONZE.TO_SILVER",
		"replace STREAM LAKE.BRONZE.RAW_NEW",
		"release PIPE LAKE.BRONZE.RAW_PIPE",
		"release TASK LAKE.BRONZE.TO_SILVER",
	]);
	expect(steps.flatMap((step) => step.hazards.filter((h) => h.level === "refuse"))).toEqual([]);
	await ok("apply", "--yes");
	expect(await silver()).toEqual([1, 2, 3]);
	drop(project.dir, "b.csv", [4, 5]);
	await ok("emulator", "tick", "--until-idle");
	await ok("emulator", "tick", "--for", "2h");
	expect(await silver()).toEqual([1, 2, 3, 4, 5]);
	expect(await ok("plan", "--detailed-exitcode")).toContain("no changes");
});

test("a stream that nothing running reads is not replaced without saying what is lost", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/pipeline.sql": PIPELINE.replace("ALTER TASK TO_SILVER RESUME;\n", ""),
	});
	await ok("apply", "--yes");
	project.write({
		"sql/pipeline.sql": PIPELINE.replace("ALTER TASK TO_SILVER RESUME;\n", "").replace(
			"ON TABLE RAW;",
			"ON TABLE RAW APPEND_ONLY = TRUE;",
		),
	});
	const { code, err } = await project.run("apply", "--yes");
	expect(code).toBe(3);
	expect(err).toContain("STREAM_OFFSET_LOST");
	expect(err).toContain("--allow-hazards STREAM_OFFSET_LOST");
});
