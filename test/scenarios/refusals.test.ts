import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project?.run(...args);
	expect(ran?.code, `${args.join(" ")}\n${ran?.err}\n${ran?.out}`).toBe(0);
	return ran?.out ?? "";
}

const TABLE = "USE SCHEMA LAKE.BRONZE;\n-- protect\nCREATE TABLE ORDERS (ID NUMBER(10,0));\n";

test("a protected object is not made anew, not dropped, and not by a flag", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE });
	await ok("apply", "--yes");
	project.write({ "sql/orders.sql": TABLE.replace("NUMBER(10,0)", "VARCHAR") });
	const anew = await project.run("apply", "--yes", "--allow-hazards", "DATA_LOSS");
	expect(anew.code).toBe(65);
	expect(anew.err).toContain("TABLE LAKE.BRONZE.ORDERS is protected and would be made anew");
	project.remove("sql/orders.sql");
	const gone = await project.run("apply", "--yes", "--allow-hazards", "DATA_LOSS,OBJECT_DROPPED");
	expect(gone.code).toBe(65);
	expect(gone.err).toContain("TABLE LAKE.BRONZE.ORDERS is protected and would be dropped");
});

test("protection that is added to an unchanged object is remembered", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/orders.sql": TABLE.replace("-- protect\n", ""),
	});
	await ok("apply", "--yes");
	project.write({ "sql/orders.sql": TABLE });
	await ok("apply", "--yes");
	project.remove("sql/orders.sql");
	expect((await project.run("plan")).code).toBe(65);
	project.write({ "sql/orders.sql": TABLE.replace("-- protect\n", "") });
	await ok("apply", "--yes");
	project.remove("sql/orders.sql");
	expect(await ok("plan")).toContain("drop TABLE LAKE.BRONZE.ORDERS");
});

test("what was deployed and is not shown is never created over", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE });
	await ok("apply", "--yes");
	await ok("sql", "DROP TABLE LAKE.BRONZE.ORDERS");
	const { code, err } = await project.run("plan");
	expect(code).toBe(3);
	expect(err).toContain("--> sql/orders.sql:3:14");
	expect(err).toContain(
		"either it was dropped, and what it held is gone with it, or role ACCOUNTADMIN cannot see it",
	);
	await ok("forget", "TABLE LAKE.BRONZE.ORDERS");
	expect(await ok("plan")).toContain("create TABLE LAKE.BRONZE.ORDERS");
	await ok("apply", "--yes");
});

test("what works with a table is held while it is made anew, until everything on it is there again", async () => {
	const pipeline = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/';
CREATE TABLE ORDERS (ID NUMBER(10,0));
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS COPY INTO ORDERS FROM @LANDING;
CREATE STREAM ORDERS_NEW ON TABLE ORDERS;
CREATE TASK CLEAN_UP WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' AS DELETE FROM ORDERS WHERE ID < 0;
ALTER TASK CLEAN_UP RESUME;
`;
	project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": pipeline });
	await ok("apply", "--yes");
	project.write({ "sql/pipeline.sql": pipeline.replace("NUMBER(10,0)", "VARCHAR") });
	const { steps } = JSON.parse(await ok("plan", "--format", "json", "-q")) as {
		steps: { id: string }[];
	};
	const at = (id: string) => {
		const found = steps.findIndex((step) => step.id === `${id}`);
		expect(found, `${id} in ${steps.map((s) => s.id).join(", ")}`).toBeGreaterThanOrEqual(0);
		return found;
	};
	const table = at("replace TABLE LAKE.BRONZE.ORDERS");
	expect(at("hold PIPE LAKE.BRONZE.ORDERS_PIPE")).toBeLessThan(table);
	expect(at("hold TASK LAKE.BRONZE.CLEAN_UP")).toBeLessThan(table);
	for (const held of ["PIPE LAKE.BRONZE.ORDERS_PIPE", "TASK LAKE.BRONZE.CLEAN_UP"])
		for (const made of [
			"replace STREAM LAKE.BRONZE.ORDERS_NEW",
			"replace PIPE LAKE.BRONZE.ORDERS_PIPE",
		])
			expect(at(`release ${held}`)).toBeGreaterThan(at(made));
});
