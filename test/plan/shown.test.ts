import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

interface ShownStep {
	readonly id: string;
	readonly reason: string;
	readonly diff: string;
	readonly changes: readonly { readonly property: string; readonly to: unknown }[];
}

async function steps(): Promise<readonly ShownStep[]> {
	const ran = await project?.run("plan", "--json");
	expect(ran?.code, ran?.err).toBe(0);
	return (JSON.parse(ran?.out ?? "") as { steps: readonly ShownStep[] }).steps;
}

async function stepOf(id: string): Promise<ShownStep> {
	const found = (await steps()).find((step) => step.id === id);
	if (!found) throw new Error(`the plan has no step ${id}`);
	return found;
}

const STAGE = (credentials: string, rest = "") =>
	`${LAKE}CREATE STAGE LANDING URL = 's3://lake/landing/' CREDENTIALS = (${credentials})${rest};\n`;

test("a stage's secrets are shown by name, and a literal credential is hidden", async () => {
	project = makeProject({
		"sql/lake.sql": STAGE(`AWS_KEY_ID = 'AKIALITERAL' AWS_SECRET_KEY = {{secret "SK"}}`),
	});
	project.env.SK = "the value";
	const created = await stepOf("create STAGE LAKE.BRONZE.LANDING");
	expect(created.diff).toContain(
		"+  CREDENTIALS = (AWS_KEY_ID = <hidden> AWS_SECRET_KEY = <secret SK>)",
	);
	expect(created.diff).not.toContain("AKIALITERAL");
	expect((await project.run("apply", "--yes")).code).toBe(0);
	project.env.SK = "another value";
	const rotated = await stepOf("alter STAGE LAKE.BRONZE.LANDING");
	expect(rotated.diff.split("\n")).toEqual(
		expect.arrayContaining([
			"-  CREDENTIALS = <hidden>",
			"+  CREDENTIALS = (AWS_KEY_ID = <hidden> AWS_SECRET_KEY = <secret SK>)",
		]),
	);
	expect(rotated.changes).toEqual([
		{
			property: "CREDENTIALS",
			from: "<hidden>",
			to: { AWS_KEY_ID: "<hidden>", AWS_SECRET_KEY: "<secret SK>" },
		},
	]);
});

test("a change beside a secret does not show the secret as changed", async () => {
	const secret = `AWS_KEY_ID = {{secret "ID"}} AWS_SECRET_KEY = {{secret "SK"}}`;
	project = makeProject({ "sql/lake.sql": STAGE(secret) });
	Object.assign(project.env, { ID: "id", SK: "key" });
	expect((await project.run("apply", "--yes")).code).toBe(0);
	project.write({ "sql/lake.sql": STAGE(secret, " COMMENT = 'new'") });
	const { diff } = await stepOf("alter STAGE LAKE.BRONZE.LANDING");
	expect(diff.split("\n").filter((line) => /^[+-] /.test(line))).toEqual(["+  COMMENT = 'new'"]);
	expect(diff).toContain("CREDENTIALS = (AWS_KEY_ID = <secret ID> AWS_SECRET_KEY = <secret SK>)");
});

test("what a person wrote is shown, though it is the default; what nobody wrote is not", async () => {
	const warehouse = (more: string) =>
		`${LAKE}CREATE WAREHOUSE LOADING AUTO_RESUME = TRUE AUTO_SUSPEND = 60${more};\n`;
	project = makeProject({ "sql/lake.sql": warehouse("") });
	const created = await stepOf("create WAREHOUSE LOADING");
	expect(created.diff).toContain("+  AUTO_RESUME = TRUE");
	expect((await project.run("apply", "--yes")).code).toBe(0);
	project.write({ "sql/lake.sql": warehouse(" COMMENT = 'loads'") });
	const { diff } = await stepOf("alter WAREHOUSE LOADING");
	expect(
		diff
			.split("\n")
			.slice(3)
			.map((line) => line.trimEnd()),
	).toEqual([
		" CREATE WAREHOUSE LOADING",
		"   AUTO_SUSPEND = 60",
		"   AUTO_RESUME = TRUE",
		"+  COMMENT = 'loads'",
		"",
	]);
});

test("a step's reason leaves out what a later step does", async () => {
	const task = (body: string, state: string) =>
		`${LAKE}CREATE TASK NIGHTLY SCHEDULE = '60 MINUTES' WAREHOUSE = COMPUTE_WH AS ${body};\nALTER TASK NIGHTLY ${state};\n`;
	project = makeProject({ "sql/lake.sql": task("SELECT 1", "SUSPEND") });
	expect((await project.run("apply", "--yes")).code).toBe(0);
	project.write({ "sql/lake.sql": task("SELECT 2", "RESUME") });
	expect((await stepOf("alter TASK LAKE.BRONZE.NIGHTLY")).reason).toBe("AS differs");
});
