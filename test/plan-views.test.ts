import { cpSync } from "node:fs";
import { join } from "node:path";
import { Chalk } from "chalk";
import { afterEach, expect, test } from "vitest";
import type { Plan } from "../src/plan/plan.ts";
import { planSql } from "../src/report/plan-sql.ts";
import { planText } from "../src/report/plan-text.ts";
import { LAKE, makeProject, type TestProject } from "./support/project.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const PLAIN = new Chalk({ level: 0 });

let project: TestProject | undefined;

afterEach(() => project?.close());

async function planned(): Promise<Plan> {
	const ran = await project?.run("plan", "--json");
	expect(ran?.code, ran?.err).toBe(0);
	return JSON.parse(ran?.out ?? "") as Plan;
}

async function applied(...more: readonly string[]): Promise<string> {
	const ran = await project?.run("apply", "--yes", ...more);
	expect(ran?.code, ran?.err).toBe(0);
	return ran?.out ?? "";
}

/** Every statement of the plan stands in the script whole, one after the other. */
function expectInOrder(plan: Plan): void {
	const script = planSql(plan);
	let from = 0;
	for (const step of plan.steps)
		for (const { sql } of step.operations) {
			const at = script.indexOf(sql, from);
			expect(at, `${step.id}: ${sql}`).toBeGreaterThanOrEqual(0);
			from = at + sql.length;
		}
}

/** Every statement stands in the text too, but for a CREATE that is shown as a diff. */
function expectTold(plan: Plan): void {
	const lines = new Set(
		planText(plan, PLAIN)
			.split("\n")
			.map((line) => line.trim()),
	);
	for (const step of plan.steps)
		for (const { sql } of step.operations) {
			if (step.diff !== "" && /^CREATE\b/.test(sql)) continue;
			const [first = ""] = sql.split("\n");
			const told = [...lines].some((line) => line.includes(first.trim()));
			// A migration's session is prepared by statements that are not its own.
			if (step.action !== "migrate") expect(told, `${step.id}: ${first}`).toBe(true);
		}
}

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
ALTER PIPE RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE;
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE TABLE SILVER (ID NUMBER);
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER SELECT ID FROM RAW_NEW -- all of them
;
ALTER TASK TO_SILVER RESUME;
GRANT SELECT ON TABLE SILVER TO ROLE PUBLIC;
`;

const CHANGES: readonly (readonly [string, string, string])[] = [
	["a pipe made anew", "COPY INTO RAW FROM @LANDING", "COPY INTO RAW FROM @LANDING/orders/"],
	["a stream made anew", "ON TABLE RAW;", "ON TABLE RAW APPEND_ONLY = TRUE;"],
	["a task with another body and state", "TO_SILVER RESUME", "TO_SILVER SUSPEND"],
	["a stage moved", "s3://lake/landing/", "s3://lake/arrivals/"],
	["a table with one more column", "SILVER (ID NUMBER)", "SILVER (ID NUMBER, AT DATE)"],
	["a grant gone", "GRANT SELECT ON TABLE SILVER TO ROLE PUBLIC;", ""],
	[
		"a pipe dropped",
		"CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;\nALTER PIPE RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE;",
		"",
	],
];

test("the script and the text tell every statement of the worked project", async () => {
	project = makeProject({});
	for (const folder of ["sql", "environments", "migrations"])
		cpSync(join(ROOT, folder), join(project.dir, folder), { recursive: true });
	const plan = await planned();
	expect(plan.steps.length).toBeGreaterThan(10);
	expectInOrder(plan);
	expectTold(plan);
	const text = planText(plan, PLAIN);
	expect(text).toMatch(/^ {4}~ ALTER TASK LAKE_LOCAL\.SILVER\.MIGRATE_TO_SILVER RESUME;$/m);
	expect(text).toMatch(
		new RegExp(
			`^\\d+ to create, \\d+ to migrate \\(${plan.steps.length} steps\\); 0 unchanged$`,
			"m",
		),
	);
});

test("and of the pipeline, whatever is changed in it", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	const first = await planned();
	expectInOrder(first);
	expectTold(first);
	expect(planSql(first)).toContain("PIPE_EXECUTION_PAUSED = TRUE;");
	await applied();
	for (const [what, before, after] of CHANGES) {
		expect(PIPELINE, what).toContain(before);
		project.write({ "sql/pipeline.sql": PIPELINE.replace(before, after) });
		const plan = await planned();
		expect(plan.steps.length, what).toBeGreaterThan(0);
		expectInOrder(plan);
		expectTold(plan);
	}
}, 60_000);

test("a script names the migrations that are only recorded", async () => {
	project = makeProject({
		"sql/lake.sql": `${LAKE}CREATE TABLE T (ID NUMBER);\n`,
		"migrations/V0001__widen.sql": "ALTER TABLE LAKE.BRONZE.T ADD COLUMN ID NUMBER;\n",
	});
	const plan = await planned();
	expect(planSql(plan)).toContain("-- migrate baseline: V0001__widen.sql");
	expect(planText(plan, PLAIN)).toContain("only recorded: V0001__widen.sql");
});

test("a statement that ends with a comment keeps its semicolon out of it", async () => {
	project = makeProject({
		"sql/lake.sql": `${LAKE}CREATE VIEW V AS SELECT 1 AS A -- one\n;\n`,
	});
	const script = planSql(await planned());
	for (const line of script.split("\n")) expect(line).not.toMatch(/\S.*--.*;$/);
});

test("-q leaves the last line of an apply, and one step is one step", async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	await applied();
	project.write({ "sql/table.sql": "CREATE TABLE T (ID NUMBER);\n" });
	const ran = await project.run("apply", "--yes", "-q");
	expect([ran.code, ran.err]).toEqual([0, ""]);
	expect(ran.out).toMatch(/^1 step done; verified: 0 differences[^\n]*\n$/);
	expect((await project.run("apply", "--yes", "-q")).out).toMatch(/^no changes; [^\n]*\n$/);
});

test("files that are no plans are refused in words", async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	const file = (name: string) => join(project?.dir ?? "", name);
	project.write({
		"empty.json": "{}",
		"list.json": "[]",
		"text.json": "plan",
		"short.json": '{ "version": 1, "tool": "by hand" }',
		"odd.json": '{ "version": 1, "stepz": [] }',
	});
	const said = async (name: string) => {
		const { code, err } = await (project as TestProject).run("apply", file(name));
		expect([name, code]).toEqual([name, 65]);
		return err.split("\n")[0];
	};
	expect(await said("none.json")).toBe(`error[PLAN_FILE]: ${file("none.json")} does not exist`);
	expect(await said("empty.json")).toContain("it does not say of which version it is");
	expect(await said("list.json")).toContain("it is no object");
	expect(await said("text.json")).toContain("it is not JSON");
	expect(await said("short.json")).toContain("project is missing");
});
