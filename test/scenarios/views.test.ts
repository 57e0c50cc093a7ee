import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const FILES = `USE SCHEMA LAKE.BRONZE;
CREATE TABLE ORDERS (ID NUMBER, NOTE VARCHAR);
CREATE VIEW ALL_ORDERS AS SELECT * FROM ORDERS;
CREATE VIEW IDS AS SELECT ID FROM ORDERS;
`;

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

async function stepsOf(): Promise<readonly string[]> {
	const { steps } = JSON.parse(await ok("plan", "--format", "json")) as { steps: { id: string }[] };
	return steps.map((step) => step.id);
}

test.each([
	["a column more", "ADD COLUMN AMOUNT NUMBER", "AMOUNT NUMBER"],
	["another name", "RENAME COLUMN NOTE TO REMARK", "REMARK VARCHAR"],
])(
	"a view that selects * from a table that got %s behind our back is made anew",
	async (_what, change, column) => {
		project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": FILES });
		await ok("apply", "--yes");
		expect(await stepsOf()).toEqual([]);
		await ok("sql", `ALTER TABLE LAKE.BRONZE.ORDERS ${change}`);
		const declared = change.startsWith("ADD")
			? FILES.replace("NOTE VARCHAR", `NOTE VARCHAR, ${column}`)
			: FILES.replace("NOTE VARCHAR", column);
		project.write({ "sql/orders.sql": declared });
		expect(await stepsOf()).toEqual(["replace VIEW LAKE.BRONZE.ALL_ORDERS"]);
		await ok("apply", "--yes");
		expect(JSON.parse(await ok("sql", "SELECT * FROM LAKE.BRONZE.ALL_ORDERS", "--json"))).toEqual(
			[],
		);
		expect(await stepsOf()).toEqual([]);
	},
);
