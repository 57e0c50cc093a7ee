import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA s",
		"CREATE TABLE t (a INT, b VARCHAR(5))",
		"INSERT INTO t VALUES (1, 'x')",
	);
});
afterAll(() => account.close());

describe("views", () => {
	it("reads names in its own schema", async () => {
		await account.run("CREATE VIEW v AS SELECT a + 1 AS n, b FROM t", "CREATE SCHEMA elsewhere");
		expect(await account.query("SELECT * FROM d.s.v")).toEqual([{ N: 2, B: "x" }]);
		await account.run("USE SCHEMA d.s");
	});

	it("freezes SELECT *, and fails when the table has changed", async () => {
		await account.run(
			"CREATE TABLE base (a INT)",
			"CREATE VIEW star AS SELECT * FROM base",
			"ALTER TABLE base ADD b INT",
		);
		await expect(account.query("SELECT * FROM star")).rejects.toMatchObject({ code: "002057" });
		await account.run("DROP TABLE base");
		await expect(account.query("SELECT * FROM star")).rejects.toMatchObject({ code: "002037" });
	});

	it.each([
		["a column is dropped and another added", "DROP b", "ADD c INT"],
		["a column gets another name", "RENAME COLUMN b TO c", "ADD b INT", "DROP c"],
	])("a frozen SELECT * fails when %s", async (_what, ...changes) => {
		await account.run(
			"CREATE OR REPLACE TABLE changing (a INT, b INT, z INT)",
			"CREATE OR REPLACE VIEW frozen AS SELECT * FROM changing",
			...changes.map((change) => `ALTER TABLE changing ${change}`),
		);
		await expect(account.query("SELECT * FROM frozen")).rejects.toMatchObject({ code: "002037" });
		await account.run("CREATE OR REPLACE VIEW frozen AS SELECT * FROM changing");
		expect(await account.query("SELECT * FROM frozen")).toEqual([]);
	});

	it("a column of another type family fails too", async () => {
		await account.run(
			"CREATE TABLE retyped (a INT, b INT)",
			"CREATE VIEW typed AS SELECT a FROM retyped",
			"ALTER TABLE retyped DROP a",
			"ALTER TABLE retyped ADD a VARCHAR",
		);
		await expect(account.query("SELECT * FROM typed")).rejects.toMatchObject({ code: "002037" });
	});

	it("reads itself where it is RECURSIVE", async () => {
		// The example of the page of CREATE VIEW.
		await account.run(
			"CREATE OR REPLACE TABLE employees (title VARCHAR, employee_ID INTEGER, manager_ID INTEGER)",
			"INSERT INTO employees VALUES ('President', 1, NULL), ('Vice President Engineering', 10, 1), ('Programmer', 100, 10)",
			`CREATE RECURSIVE VIEW hierarchy (title, employee_ID, manager_ID, "MGR TITLE") AS (
				SELECT title, employee_ID, manager_ID, 'President' AS "MGR TITLE" FROM employees WHERE title = 'President'
				UNION ALL
				SELECT employees.title, employees.employee_ID, employees.manager_ID, hierarchy.title AS "MGR TITLE"
				FROM employees INNER JOIN hierarchy WHERE hierarchy.employee_ID = employees.manager_ID
			)`,
		);
		expect(
			await account.query('SELECT title, "MGR TITLE" FROM hierarchy ORDER BY employee_ID'),
		).toEqual([
			{ TITLE: "President", "MGR TITLE": "President" },
			{ TITLE: "Vice President Engineering", "MGR TITLE": "President" },
			{ TITLE: "Programmer", "MGR TITLE": "Vice President Engineering" },
		]);
		await expect(account.query("CREATE RECURSIVE VIEW unlisted AS SELECT 1 AS x")).rejects.toThrow(
			/column name list/,
		);
	});

	it("turns change tracking of its tables on, and off by ALTER", async () => {
		const tracking = async () =>
			(await account.query("SHOW TABLES LIKE 'TRACKED' IN SCHEMA d.s"))[0]?.change_tracking;
		await account.run(
			"CREATE TABLE tracked (a INT)",
			"CREATE VIEW inner_view AS SELECT a FROM tracked",
			"CREATE VIEW outer_view CHANGE_TRACKING = FALSE AS SELECT a FROM inner_view",
		);
		expect(await tracking()).toBe("OFF");
		await account.run("ALTER VIEW outer_view SET CHANGE_TRACKING = TRUE");
		expect(await tracking()).toBe("ON");
		await account.run("ALTER VIEW outer_view SET CHANGE_TRACKING = FALSE");
		expect(await tracking()).toBe("OFF");
	});

	it("keeps the text of a secure view to its owner", async () => {
		await account.run(
			"CREATE ROLE auditor",
			"GRANT OWNERSHIP ON DATABASE d TO ROLE auditor COPY CURRENT GRANTS",
			"CREATE SECURE VIEW secret AS SELECT a FROM t",
			"GRANT SELECT ON VIEW secret TO ROLE auditor",
		);
		const definition =
			"SELECT view_definition AS text FROM d.information_schema.views WHERE table_name = 'SECRET'";
		expect((await account.query(definition))[0]?.TEXT).toMatch(/^CREATE SECURE VIEW/);
		await account.run("USE ROLE auditor");
		expect((await account.query(definition))[0]?.TEXT).toBeNull();
		expect((await account.query("SHOW VIEWS LIKE 'SECRET' IN DATABASE d"))[0]?.text).toBe("");
		await account.run("USE ROLE accountadmin");
	});

	it("loses its grants when it is replaced, unless they are copied", async () => {
		const holders = async () =>
			(await account.query("SHOW GRANTS ON VIEW d.s.granted"))
				.filter((row) => row.privilege === "SELECT")
				.map((row) => row.grantee_name);
		await account.run(
			"CREATE ROLE viewer",
			"CREATE VIEW granted AS SELECT a FROM t",
			"GRANT SELECT ON VIEW granted TO ROLE viewer",
			"CREATE OR REPLACE VIEW granted COPY GRANTS COPY TAGS AS SELECT b FROM t",
		);
		expect(await holders()).toEqual(["VIEWER"]);
		await account.run("CREATE OR REPLACE VIEW granted AS SELECT b FROM t");
		expect(await holders()).toEqual([]);
	});

	it("shows the statement as it was written", async () => {
		const sql =
			"CREATE VIEW shown (x COMMENT 'the a') COMMENT = 'c' AS\n  SELECT a -- why\n  FROM t";
		await account.query(sql);
		expect(await account.query("SHOW VIEWS LIKE 'SHOWN' IN SCHEMA d.s")).toMatchObject([
			{ name: "SHOWN", text: sql, comment: "c", is_secure: "false", is_materialized: "false" },
		]);
		expect(await account.query("DESC VIEW shown")).toMatchObject([
			{ name: "X", type: "NUMBER(38,0)", comment: "the a" },
		]);
	});

	it("shares its name with tables", async () => {
		await expect(account.query("CREATE VIEW t AS SELECT 1 AS x")).rejects.toMatchObject({
			code: "001998",
		});
		await expect(account.query("DROP TABLE v")).rejects.toThrow(/is of type 'VIEW'/);
	});

	it("makes a table of a query", async () => {
		await account.run(
			"CREATE TABLE made (n NUMBER(10,0), b) AS SELECT a, b FROM t",
			"CREATE OR REPLACE TABLE made AS SELECT n + 1 AS n FROM made",
		);
		expect(await account.query("SELECT * FROM made")).toEqual([{ N: 2 }]);
	});
});

describe("keys and columns", () => {
	it("lists them", async () => {
		await account.run(
			"CREATE TABLE parent (id INT, CONSTRAINT pk PRIMARY KEY (id) COMMENT 'key')",
			"CREATE TABLE child (id INT AUTOINCREMENT START 5 INCREMENT 2 ORDER, p INT REFERENCES parent (id), UNIQUE (id))",
		);
		expect(await account.query("SHOW PRIMARY KEYS IN TABLE parent")).toMatchObject([
			{
				table_name: "PARENT",
				column_name: "ID",
				key_sequence: "1",
				constraint_name: "PK",
				comment: "key",
			},
		]);
		expect(await account.query("SHOW IMPORTED KEYS IN SCHEMA d.s")).toMatchObject([
			{
				pk_table_name: "PARENT",
				pk_column_name: "ID",
				fk_table_name: "CHILD",
				fk_column_name: "P",
				pk_name: "PK",
			},
		]);
		expect(await account.query("SHOW UNIQUE KEYS IN TABLE child")).toMatchObject([
			{ column_name: "ID" },
		]);
		expect(await account.query("SHOW COLUMNS IN TABLE child")).toMatchObject([
			{
				column_name: "ID",
				data_type: '{"type":"FIXED","precision":38,"scale":0,"nullable":true}',
				"null?": "true",
				autoincrement: "IDENTITY START 5 INCREMENT 2 ORDER",
			},
			{ column_name: "P" },
		]);
		await account.run("INSERT INTO child (p) VALUES (1), (2)");
		expect(await account.query("SELECT id FROM child ORDER BY id")).toEqual([{ ID: 5 }, { ID: 7 }]);
		await account.run("DROP TABLE parent");
		expect(await account.query("SHOW IMPORTED KEYS IN TABLE child")).toEqual([]);
	});

	it("fills INFORMATION_SCHEMA", async () => {
		expect(
			await account.query(
				"SELECT table_type FROM information_schema.tables WHERE table_schema = 'S' AND table_name IN ('T', 'V') ORDER BY 1",
			),
		).toEqual([{ TABLE_TYPE: "BASE TABLE" }, { TABLE_TYPE: "VIEW" }]);
		expect(
			await account.query(
				"SELECT column_name, data_type, character_maximum_length AS n FROM d.information_schema.columns WHERE table_name = 'T' ORDER BY ordinal_position",
			),
		).toEqual([
			{ COLUMN_NAME: "A", DATA_TYPE: "NUMBER", N: null },
			{ COLUMN_NAME: "B", DATA_TYPE: "TEXT", N: 5 },
		]);
	});

	it("tells of a table's rows, its last change, and who may do what with it", async () => {
		const about = async () => {
			const [row] = await account.query(
				"SELECT row_count, created, last_altered FROM information_schema.tables WHERE table_schema = 'S' AND table_name = 'COUNTED'",
			);
			return row;
		};
		await account.run("CREATE TABLE counted (a INT)");
		const made = await about();
		expect(made).toMatchObject({ ROW_COUNT: 0, LAST_ALTERED: made?.CREATED });
		const { clock } = account.account;
		clock.advanceTo(clock.now() + 60_000);
		await account.run("INSERT INTO counted VALUES (1), (2)");
		const filled = await about();
		expect(filled).toMatchObject({ ROW_COUNT: 2, CREATED: made?.CREATED });
		expect(filled?.LAST_ALTERED).not.toEqual(made?.LAST_ALTERED);
		clock.advanceTo(clock.now() + 60_000);
		await account.run("DELETE FROM counted WHERE a = 9");
		expect((await about())?.LAST_ALTERED).not.toEqual(filled?.LAST_ALTERED);
		await account.run("CREATE ROLE reader");
		await account.run("GRANT SELECT ON TABLE counted TO ROLE reader");
		expect(
			await account.query(
				"SELECT grantee, granted_to, privilege_type, is_grantable FROM information_schema.table_privileges WHERE table_name = 'COUNTED' ORDER BY privilege_type",
			),
		).toEqual([
			expect.objectContaining({ PRIVILEGE_TYPE: "OWNERSHIP", IS_GRANTABLE: "YES" }),
			{ GRANTEE: "READER", GRANTED_TO: "ROLE", PRIVILEGE_TYPE: "SELECT", IS_GRANTABLE: "NO" },
		]);
	});
});
