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
	project.write({ "sql/orders.sql": TABLE.replace("CREATE TABLE", "CREATE TRANSIENT TABLE") });
	const anew = await project.run("apply", "--yes", "--allow-hazards", "DATA_LOSS");
	expect(anew.code).toBe(65);
	expect(anew.err).toContain("TABLE LAKE.BRONZE.ORDERS is protected and would be made anew");
	project.remove("sql/orders.sql");
	const gone = await project.run("apply", "--yes", "--allow-hazards", "DATA_LOSS,OBJECT_DROPPED");
	expect(gone.code).toBe(65);
	expect(gone.err).toContain("TABLE LAKE.BRONZE.ORDERS is protected and would be dropped");
});

test("a schema is not made anew under what files declare in it", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE });
	await ok("apply", "--yes");
	project.write({ "sql/lake.sql": LAKE.replace("CREATE SCHEMA", "CREATE TRANSIENT SCHEMA") });
	const { code, err } = await project.run("apply", "--yes", "--allow-hazards", "DATA_LOSS");
	expect(code).toBe(65);
	expect(err).toContain(
		"error[CANNOT_CHANGE]: SCHEMA LAKE.BRONZE would have to be made anew, and TABLE LAKE.BRONZE.ORDERS would go with it\n --> sql/lake.sql:",
	);
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
	project.write({ "sql/pipeline.sql": pipeline.replace("CREATE TABLE", "CREATE TRANSIENT TABLE") });
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

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
	return JSON.parse(await ok("sql", sql, "--json")) as Record<string, unknown>[];
}

test("a rename keeps the data, what is not ours is left alone, and a deleted file is a drop with its hazards", async () => {
	const orders = (rest: string) =>
		`USE SCHEMA LAKE.BRONZE;\nCREATE TABLE ORDERS (ID NUMBER, ${rest});\n`;
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": orders("NOTE VARCHAR") });
	await ok("apply", "--yes");
	await ok("sql", "INSERT INTO LAKE.BRONZE.ORDERS VALUES (1, 'red'), (2, NULL)");
	await ok("sql", "CREATE TABLE LAKE.BRONZE.THEIRS AS SELECT ID, NOTE FROM LAKE.BRONZE.ORDERS");
	const values = [
		{ ID: "1", V: "red" },
		{ ID: "2", V: null },
	];

	project.write({ "sql/orders.sql": orders("REMARK VARCHAR -- renamed from: NOTE\n") });
	await ok("apply", "--yes");
	expect(await rows("SELECT ID, REMARK AS V FROM LAKE.BRONZE.ORDERS ORDER BY ID")).toEqual(values);
	// A directive that did its work stays where it is and does nothing.
	expect(await ok("plan")).toContain("no changes");

	project.write({
		"sql/orders.sql": orders("TEXT VARCHAR"),
		"migrations/V0001__text.sql": "ALTER TABLE LAKE.BRONZE.ORDERS RENAME COLUMN REMARK TO TEXT;\n",
	});
	expect(await ok("plan")).not.toContain("DATA_LOSS");
	await ok("apply", "--yes");
	expect(await rows("SELECT ID, TEXT AS V FROM LAKE.BRONZE.ORDERS ORDER BY ID")).toEqual(values);

	project.remove("sql/orders.sql");
	const refused = await project.run("apply", "--yes");
	expect([refused.code, refused.err]).toEqual([
		3,
		expect.stringMatching(
			/error\[DATA_LOSS\]: drop TABLE LAKE\.BRONZE\.ORDERS: its rows go with it/,
		),
	]);
	expect(await rows("SELECT ID, TEXT AS V FROM LAKE.BRONZE.ORDERS ORDER BY ID")).toEqual(values);
	const dropped = await ok("apply", "--yes", "--allow-hazards", "OBJECT_DROPPED,DATA_LOSS");
	expect(dropped).not.toContain("THEIRS");
	expect(await rows("SHOW TABLES IN SCHEMA LAKE.BRONZE")).toEqual([
		expect.objectContaining({ name: "THEIRS" }),
	]);
	expect(await rows("SELECT ID, NOTE AS V FROM LAKE.BRONZE.THEIRS ORDER BY ID")).toEqual(values);
	expect(await ok("plan", "--unmanaged")).toContain("TABLE LAKE.BRONZE.THEIRS");
});

test("what is ignored is neither compared nor changed; what is not, beside it, is", async () => {
	const table = (directive: string, comment: string) =>
		`${directive}CREATE TABLE ORDERS (ID NUMBER) COMMENT = '${comment}' DATA_RETENTION_TIME_IN_DAYS = 3;\n`;
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": table("", "ours") });
	await ok("apply", "--yes");
	await ok(
		"sql",
		"ALTER TABLE LAKE.BRONZE.ORDERS SET COMMENT = 'by hand' DATA_RETENTION_TIME_IN_DAYS = 1",
	);
	project.write({ "sql/orders.sql": table("-- ignore: COMMENT\n", "ours again") });
	expect(await ok("plan")).not.toContain("SET COMMENT");
	await ok("apply", "--yes");
	expect(await rows("SHOW TABLES IN SCHEMA LAKE.BRONZE")).toEqual([
		expect.objectContaining({ comment: "by hand", retention_time: "3" }),
	]);
	project.write({ "sql/orders.sql": table("", "ours again") });
	expect(await ok("plan")).toContain("SET COMMENT = 'ours again'");
});
