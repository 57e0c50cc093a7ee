import { afterEach, describe, expect, test } from "vitest";
import { LAKE, LOCAL, makeProject, type TestProject } from "./support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const TABLE = "CREATE TABLE ORDERS (ID NUMBER);\n";

function permitting(permit: string): string {
	return `${LOCAL}permit:\n  - ${permit}\n`;
}

/** A project whose table was applied and is no longer declared: dropping it loses its rows. */
async function dropping(): Promise<TestProject> {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE });
	expect((await project.run("apply", "--yes")).code).toBe(0);
	project.remove("sql/orders.sql");
	return project;
}

const OVER =
	'{ hazard: OBJECT_DROPPED, object: LAKE.BRONZE.ORDERS, until: 2020-01-31, reason: "gone" }';
const HOLDS = OVER.replace("2020-01-31", "9999-12-31");

/** What a refusal offers in words: the flag, and what comes behind it for the environment's file. */
async function refusal(): Promise<{
	readonly flag: string;
	readonly block: string;
	readonly err: string;
}> {
	const { code, err } = (await project?.run("apply", "--yes", "-q")) ?? { code: 0, err: "" };
	expect(code, err).toBe(3);
	const flag = /--allow-hazards \S+/.exec(err)?.[0] ?? "";
	// The last thing before how many errors there were.
	const block = err.trimEnd().split("\n\n").at(-2) ?? "";
	return { flag, block: `${block}\n`, err };
}

describe("what a refusal prints, pasted as it is,", () => {
	test("as a flag accepts the hazards of this run", async () => {
		const { run } = await dropping();
		const { flag } = await refusal();
		expect((await run("apply", "--yes", ...flag.split(" "))).code).toBe(0);
	});

	test("at the end of the environment's file permits them for a week", async () => {
		const { write, run } = await dropping();
		const { block, err } = await refusal();
		expect(err).toContain("add to environments/local.yaml:\n\npermit:\n  - { hazard: ");
		write({ "environments/local.yaml": LOCAL + block });
		const { out, err: said, code } = await run("apply", "--yes");
		expect(code, said).toBe(0);
		const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
		expect(out).toContain(`permitted until ${inAWeek}: …`);
	});

	test.each([["permit:\n  - "], ["permit:\n- "]])(
		"goes on with the permits that are there already: %j",
		async (head) => {
			const { write, run } = await dropping();
			const other = `${head}{ hazard: STREAM_STALE, object: LAKE.BRONZE.S, until: 9999-12-31, reason: "x" }\n`;
			write({ "environments/local.yaml": LOCAL + other });
			const { block, err } = await refusal();
			expect(err).toContain("add to the permits in environments/local.yaml:\n\n");
			write({ "environments/local.yaml": LOCAL + other + block });
			expect((await run("apply", "--yes")).code).toBe(0);
		},
	);

	test("names an object whose kind has two words by its name", async () => {
		const format = "CREATE FILE FORMAT LINES TYPE = CSV;\n";
		project = makeProject({ "sql/lake.sql": LAKE, "sql/lines.sql": format });
		expect((await project.run("apply", "--yes")).code).toBe(0);
		project.remove("sql/lines.sql");
		const { block } = await refusal();
		expect(block).toContain('object: "LAKE.BRONZE.LINES"');
		project.write({ "environments/local.yaml": LOCAL + block });
		expect((await project.run("apply", "--yes")).code).toBe(0);
	});
});

test("lost protection is accepted by a dated permit for the object, and by nothing else", async () => {
	const masked = "CREATE MASKING POLICY HIDE AS (V NUMBER) RETURNS NUMBER -> 0;\n";
	const table = (mask: string) => `CREATE TABLE PEOPLE (ID NUMBER${mask});\n`;
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/people.sql": masked + table(" WITH MASKING POLICY HIDE"),
	});
	const { run, write } = project;
	expect((await run("apply", "--yes")).code).toBe(0);
	write({ "sql/people.sql": masked + table("") });
	const { flag, block } = await refusal();
	expect(flag).toBe("");
	expect((await run("apply", "--yes", "--allow-hazards", "PROTECTION_LOST")).code).toBe(3);
	const undated = '{ hazard: PROTECTION_LOST, object: LAKE.BRONZE.PEOPLE, reason: "for ever" }';
	write({ "environments/local.yaml": permitting(undated) });
	expect((await run("apply", "--yes")).code).toBe(3);
	write({ "environments/local.yaml": LOCAL + block });
	expect((await run("apply", "--yes")).code).toBe(0);
});

describe("a permit for a hazard that does not exist", () => {
	test.each([["validate"], ["plan"], ["apply", "--yes"]])(
		"is an error of %s",
		async (...command) => {
			project = makeProject({
				"sql/lake.sql": LAKE,
				"environments/local.yaml": permitting('{ hazard: OBJECT_DROPED, reason: "typing" }'),
			});
			const { code, err } = await project.run(...command);
			expect(code).toBe(78);
			expect(err).toContain("--> environments/local.yaml:9:15\n");
			expect(err).toContain(" ^^^^^^^^^^^^^\n");
			expect(err).toContain("did you mean OBJECT_DROPPED?");
		},
	);
});

describe("a permit whose last day is over", () => {
	test("is a warning, and nothing to an apply that does not need it", async () => {
		project = makeProject({ "sql/lake.sql": LAKE, "environments/local.yaml": permitting(OVER) });
		for (const command of ["validate", "plan"]) {
			const { code, err } = await project.run(command);
			expect([command, code]).toEqual([command, 0]);
			expect(err).toContain("warning[PERMIT_EXPIRED]");
			expect(err).toContain("--> environments/local.yaml:9:5\n");
		}
		expect((await project.run("apply", "--yes")).code).toBe(0);
		const empty = await project.run("apply", "--yes");
		expect([empty.code, empty.err]).toEqual([0, expect.not.stringContaining("error")]);
	});

	test("is an error of the apply whose hazard it covered, unless something else accepts it", async () => {
		const { write, run } = await dropping();
		write({ "environments/local.yaml": permitting(OVER) });
		const refused = await run("apply", "--yes");
		expect(refused.code).toBe(78);
		expect(refused.err).toContain("the permit for OBJECT_DROPPED on LAKE.BRONZE.ORDERS ended on");
		expect((await run("apply", "--yes", "--allow-hazards", "OBJECT_DROPPED,DATA_LOSS")).code).toBe(
			0,
		);
	});

	test("for another object leaves the hazard refused as any other", async () => {
		const { write, run } = await dropping();
		write({ "environments/local.yaml": permitting(OVER.replace("ORDERS", "REFUNDS")) });
		expect((await run("apply", "--yes")).code).toBe(3);
	});
});

test("plan shows which permit accepts a hazard, and apply then goes on", async () => {
	const { write, run } = await dropping();
	write({ "environments/local.yaml": permitting(HOLDS) });
	const { out } = await run("plan");
	expect(out).toContain("permitted until 9999-12-31: gone");
	const { steps } = JSON.parse((await run("plan", "--json")).out) as {
		steps: { hazards: { code: string; permitted?: unknown }[] }[];
	};
	expect(steps.flatMap((step) => step.hazards).map((h) => [h.code, h.permitted])).toEqual([
		["OBJECT_DROPPED", { until: "9999-12-31", reason: "gone" }],
		["DATA_LOSS", undefined],
	]);
	expect((await run("apply", "--yes", "--allow-hazards", "DATA_LOSS")).code).toBe(0);
});
