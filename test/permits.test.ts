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
