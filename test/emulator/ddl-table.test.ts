import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA s");
});
afterAll(() => account.close());

const names = async (sql: string, column: string) =>
	(await account.query(sql)).map((row) => row[column]);

describe("CREATE TABLE", () => {
	// The example of https://docs.snowflake.com/en/sql-reference/sql/desc-table
	it("describes the documentation's example", async () => {
		await account.run(`CREATE OR REPLACE TABLE desc_example(
			c1 INT PRIMARY KEY,
			c2 INT,
			c3 INT UNIQUE,
			c4 VARCHAR(30) DEFAULT 'Not applicable' COMMENT 'This column is rarely populated',
			c5 VARCHAR(100))`);
		const rows = await account.query("DESCRIBE TABLE desc_example");
		const shown = rows.map((row) => [
			row.name,
			row.type,
			row.kind,
			row["null?"],
			row.default,
			row["primary key"],
			row["unique key"],
			row.comment,
		]);
		expect(shown).toEqual([
			["C1", "NUMBER(38,0)", "COLUMN", "N", null, "Y", "N", null],
			["C2", "NUMBER(38,0)", "COLUMN", "Y", null, "N", "N", null],
			["C3", "NUMBER(38,0)", "COLUMN", "Y", null, "N", "Y", null],
			[
				"C4",
				"VARCHAR(30)",
				"COLUMN",
				"Y",
				"'Not applicable'",
				"N",
				"N",
				"This column is rarely populated",
			],
			["C5", "VARCHAR(100)", "COLUMN", "Y", null, "N", "N", null],
		]);
	});

	it("canonicalises types", async () => {
		await account.run(`CREATE TABLE types (a DECIMAL(10,2), b BIGINT, c DOUBLE PRECISION, d STRING, e CHAR,
			f CHAR VARYING, g VARBINARY, h DATETIME, i TIMESTAMP, j TIMESTAMP WITH TIME ZONE, k TIMESTAMP_LTZ(3),
			l TIME, m OBJECT(a INT, b VARCHAR NOT NULL), n VECTOR(FLOAT, 3), "o" NUMBER)`);
		expect(await names("DESC TABLE types", "type")).toEqual([
			"NUMBER(10,2)",
			"NUMBER(38,0)",
			"FLOAT",
			"VARCHAR(16777216)",
			"VARCHAR(1)",
			"VARCHAR(16777216)",
			"BINARY(8388608)",
			"TIMESTAMP_NTZ(9)",
			"TIMESTAMP_NTZ(9)",
			"TIMESTAMP_TZ(9)",
			"TIMESTAMP_LTZ(3)",
			"TIME(9)",
			"OBJECT(A NUMBER(38,0), B VARCHAR(16777216) NOT NULL)",
			"VECTOR(FLOAT, 3)",
			"NUMBER(38,0)",
		]);
	});

	it("gives a replaced table a new id and refuses a taken name", async () => {
		await account.run("CREATE TABLE twice (a INT)");
		const before = account.account.catalog.find("TABLE", ["D", "S", "TWICE"])?.id ?? 0;
		await expect(account.query("CREATE TABLE twice (a INT)")).rejects.toMatchObject({
			code: "002002",
			sqlState: "42710",
		});
		await account.run("CREATE OR REPLACE TABLE twice (a INT)");
		expect(account.account.catalog.find("TABLE", ["D", "S", "TWICE"])?.id).toBeGreaterThan(before);
		expect(await account.query("CREATE TABLE IF NOT EXISTS twice (b INT)")).toEqual([
			{ status: "TWICE already exists, statement succeeded." },
		]);
	});

	it("keeps columns that differ in case apart", async () => {
		await account.run('CREATE TABLE cases ("a" INT, "A" INT, "__rowid" INT, rowid INT)');
		expect(await names("DESC TABLE cases", "name")).toEqual(["a", "A", "__rowid", "ROWID"]);
	});

	it("refuses what it does not know by name", async () => {
		await expect(account.query("CREATE TEMPORARY TABLE t (a INT)")).rejects.toThrow(
			"Unsupported by the local account: CREATE TEMPORARY TABLE",
		);
		await expect(account.query("CREATE HYBRID TABLE t (a INT)")).rejects.toThrow(
			"Unsupported by the local account",
		);
	});
});

describe("ALTER TABLE", () => {
	it("adds, renames and drops columns", async () => {
		await account.run(
			"CREATE TABLE alter_me (a INT, b VARCHAR(10))",
			"ALTER TABLE alter_me ADD COLUMN c NUMBER(5,0) DEFAULT 7 COMMENT 'seven'",
			"ALTER TABLE alter_me RENAME COLUMN b TO bb",
			"ALTER TABLE alter_me DROP COLUMN a",
			"ALTER TABLE alter_me ALTER (bb TYPE VARCHAR(20), COLUMN bb COMMENT 'text')",
		);
		const rows = await account.query("DESC TABLE alter_me");
		expect(rows.map((row) => [row.name, row.type, row.default, row.comment])).toEqual([
			["BB", "VARCHAR(20)", null, "text"],
			["C", "NUMBER(5,0)", "7", "seven"],
		]);
	});

	it("refuses what the documentation refuses", async () => {
		await account.run("CREATE TABLE strict (a NUMBER(10,2), b VARCHAR(10), c INT DEFAULT 1)");
		const refused: readonly (readonly [string, string])[] = [
			["ALTER TABLE strict ALTER a TYPE NUMBER(10,4)", "040052"],
			["ALTER TABLE strict ALTER b TYPE VARCHAR(5)", "040052"],
			["ALTER TABLE strict ALTER b TYPE NUMBER", "040052"],
			["ALTER TABLE strict ALTER c SET DEFAULT q.nextval", "001438"],
			["ALTER TABLE strict ADD d DATE DEFAULT '20230101'", "002023"],
			["ALTER TABLE strict ADD d VARCHAR DEFAULT 12345::VARCHAR", "002263"],
			["ALTER TABLE strict DROP COLUMN nope", "000904"],
			["ALTER TABLE nope DROP COLUMN a", "002003"],
		];
		for (const [sql, code] of refused)
			await expect(account.query(sql), sql).rejects.toMatchObject({ code });
	});

	it("copies the grants of the table that another one is like", async () => {
		await account.run(
			"CREATE TABLE source_t (a INT)",
			"CREATE ROLE IF NOT EXISTS liker",
			"GRANT SELECT ON TABLE source_t TO ROLE liker",
			"CREATE TABLE bare_t LIKE source_t",
			"CREATE TABLE like_t LIKE source_t COPY GRANTS",
			"CREATE OR REPLACE TABLE like_t (b INT) COPY GRANTS",
		);
		expect(await names("SHOW GRANTS ON TABLE bare_t", "privilege")).toEqual(["OWNERSHIP"]);
		expect(await names("SHOW GRANTS ON TABLE like_t", "privilege")).toEqual([
			"OWNERSHIP",
			"SELECT",
		]);
	});

	it("makes the streams on swapped tables stale", async () => {
		await account.run(
			"CREATE TABLE one_t (a INT)",
			"CREATE TABLE two_t (a INT)",
			"CREATE VIEW over_t AS SELECT a FROM one_t",
			"CREATE STREAM on_t ON TABLE one_t",
			"CREATE STREAM on_v ON VIEW over_t",
			"ALTER TABLE one_t SWAP WITH two_t",
		);
		expect(await names("SHOW STREAMS LIKE 'ON\\\\__' IN SCHEMA d.s", "stale")).toEqual([
			"true",
			"true",
		]);
		await expect(account.query("SELECT * FROM on_t")).rejects.toThrow(/stale/);
	});

	it("swaps names and keeps ids", async () => {
		await account.run("CREATE TABLE left_t (a INT)", "CREATE TABLE right_t (b INT)");
		const id = (name: string) => account.account.catalog.find("TABLE", ["D", "S", name])?.id;
		const before = [id("LEFT_T"), id("RIGHT_T")];
		await account.run("ALTER TABLE left_t SWAP WITH right_t");
		expect([id("RIGHT_T"), id("LEFT_T")]).toEqual(before);
		expect(await names("DESC TABLE left_t", "name")).toEqual(["B"]);
	});
});

describe("CREATE OR ALTER TABLE", () => {
	it("brings a table to what is written", async () => {
		await account.run(
			"CREATE TABLE coa (a INT NOT NULL, b VARCHAR(5), old INT) COMMENT = 'x'",
			"CREATE OR ALTER TABLE coa (a INT, b VARCHAR(9) COMMENT 'wide', c INT) DATA_RETENTION_TIME_IN_DAYS = 3",
		);
		const rows = await account.query("DESC TABLE coa");
		expect(rows.map((row) => [row.name, row.type, row["null?"], row.comment])).toEqual([
			["A", "NUMBER(38,0)", "Y", null],
			["B", "VARCHAR(9)", "Y", "wide"],
			["C", "NUMBER(38,0)", "Y", null],
		]);
		const [shown] = await account.query("SHOW TABLES LIKE 'COA' IN SCHEMA d.s");
		expect(shown).toMatchObject({ comment: "", retention_time: "3" });
		const parameters = await account.query("SHOW PARAMETERS LIKE 'DATA_RETENTION%' IN TABLE coa");
		expect(parameters).toMatchObject([
			{ value: "3", default: "1", level: "TABLE", type: "NUMBER" },
		]);
	});
});

describe("SHOW TABLES", () => {
	it("pages, filters and collapses names without IN", async () => {
		await account.run(
			"CREATE SCHEMA one",
			"CREATE TABLE p1 (a INT)",
			"CREATE TABLE p2 (a INT)",
			"CREATE TABLE q (a INT)",
		);
		await account.run("CREATE SCHEMA two", "CREATE TABLE q (a INT)");
		expect(await names("SHOW TABLES IN SCHEMA d.one LIMIT 1 FROM 'P1'", "name")).toEqual(["P2"]);
		expect(await names("SHOW TERSE TABLES LIKE 'p_' IN SCHEMA d.one", "name")).toEqual([
			"P1",
			"P2",
		]);
		expect(await names("SHOW TABLES IN SCHEMA d.one STARTS WITH 'q'", "name")).toEqual([]);
		expect(await names("SHOW TABLES IN SCHEMA d.one STARTS WITH 'Q'", "name")).toEqual(["Q"]);
		expect(await names("SHOW TABLES LIKE 'Q'", "schema_name")).toEqual(["ONE"]);
		expect(await names("SHOW TABLES LIKE 'Q' IN DATABASE d", "schema_name")).toEqual([
			"ONE",
			"TWO",
		]);
	});
});
