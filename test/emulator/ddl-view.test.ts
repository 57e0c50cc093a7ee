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
});
