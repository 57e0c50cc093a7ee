import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER, FILE VARCHAR);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS
COPY INTO RAW FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/);
`;
const CHANGED = PIPELINE.replace("SELECT $1,", "SELECT $1::NUMBER,");

function drop(name: string, id: number): void {
	const folder = join(project?.dir ?? "", ".snowline/s3/lake/landing/orders");
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name), `${id}\n`);
}

async function ok(...args: readonly string[]) {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

async function ids(): Promise<readonly number[]> {
	const out = await ok("sql", "SELECT ID FROM LAKE.BRONZE.RAW ORDER BY ID", "--json");
	return (JSON.parse(out) as { ID: string }[]).map((row) => Number(row.ID));
}

async function state(): Promise<{ executionState: string; pendingFileCount: number }> {
	const out = await ok("sql", "SELECT SYSTEM$PIPE_STATUS('LAKE.BRONZE.RAW_PIPE') AS S", "--json");
	const [row] = JSON.parse(out) as { S: string }[];
	return JSON.parse(row?.S ?? "{}");
}

test("a pipe whose COPY changes loads every file once, without a permit", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	drop("a1.csv", 1);
	drop("a2.csv", 2);
	await ok("emulator", "tick", "--until-idle");
	drop("a3.csv", 3);
	drop("b1.csv", 4);
	project.write({ "sql/pipeline.sql": CHANGED });
	const plan = JSON.parse(await ok("plan", "--format", "json")) as {
		steps: { id: string; hazards: { code: string; level: string }[] }[];
	};
	expect(plan.steps.map((step) => step.id)).toEqual([
		"hold PIPE LAKE.BRONZE.RAW_PIPE",
		"capture PIPE LAKE.BRONZE.RAW_PIPE",
		"replace PIPE LAKE.BRONZE.RAW_PIPE",
		"release PIPE LAKE.BRONZE.RAW_PIPE",
		"prove PIPE LAKE.BRONZE.RAW_PIPE",
	]);
	const codes = plan.steps.flatMap((step) => step.hazards.map((h) => h.code));
	expect([...new Set(codes)]).toEqual(["PIPE_RELOAD_WINDOW"]);
	expect(await ok("apply", "--yes")).toContain("window: 4 files, 2 loaded once, 2 waiting");
	drop("c1.csv", 5);
	await ok("emulator", "tick", "--until-idle");
	expect(await ids()).toEqual([1, 2, 3, 4, 5]);
	// Changed once more at once, the second new pipe must not load what the first pipe of all has loaded.
	project.write({ "sql/pipeline.sql": PIPELINE });
	drop("a4.csv", 6);
	expect(await ok("apply", "--yes")).toContain("window: 6 files, 5 loaded once, 1 waiting");
	await ok("emulator", "tick", "--until-idle");
	expect(await ids()).toEqual([1, 2, 3, 4, 5, 6]);
	expect(await ok("plan", "--detailed-exitcode")).toContain("no changes");
});

test("a paused pipe stays paused, and what waited in it waits in the new one", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	drop("a1.csv", 1);
	await ok("emulator", "tick", "--until-idle");
	await ok("sql", "ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE");
	drop("a2.csv", 2);
	drop("a3.csv", 3);
	await ok("emulator", "tick", "--for", "1m");
	expect(await state()).toMatchObject({ executionState: "PAUSED", pendingFileCount: 2 });
	project.write({ "sql/pipeline.sql": CHANGED });
	expect(await ok("apply", "--yes")).toContain("window: 3 files, 1 loaded once, 2 waiting");
	expect(await state()).toMatchObject({ executionState: "PAUSED", pendingFileCount: 2 });
	project.write({ "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	expect(await state()).toMatchObject({ executionState: "PAUSED", pendingFileCount: 2 });
	await ok("sql", "ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = FALSE");
	await ok("emulator", "tick", "--until-idle");
	expect(await ids()).toEqual([1, 2, 3]);
});

test("a running pipe whose comment changes is altered, and nothing else is done to it", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	await ok("apply", "--yes");
	const commented = PIPELINE.replace(" AS\n", " COMMENT = 'orders' AS\n");
	project.write({ "sql/pipeline.sql": commented });
	const { steps } = JSON.parse(await ok("plan", "--format", "json")) as {
		steps: { id: string; operations: { sql: string }[] }[];
	};
	expect(steps.flatMap((step) => step.operations.map((o) => o.sql))).toEqual([
		"ALTER PIPE LAKE.BRONZE.RAW_PIPE SET COMMENT = 'orders'",
	]);
	await ok("apply", "--yes");
	expect(await state()).toMatchObject({ executionState: "RUNNING" });
});
