import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA s");
});
afterAll(() => account.close());

const column = async (sql: string) =>
	(await account.query(sql)).map((row) => Object.values(row)[0]);

describe("transactions", () => {
	// https://docs.snowflake.com/en/sql-reference/transactions#failed-statements-within-a-transaction
	it("keeps what succeeded when a statement fails", async () => {
		await account.run(
			"CREATE TABLE table1 (i int)",
			"BEGIN TRANSACTION",
			"INSERT INTO table1 (i) VALUES (1)",
		);
		await expect(
			account.query("INSERT INTO table1 (i) VALUES ('This is not a valid integer.')"),
		).rejects.toMatchObject({ code: "100038" });
		await account.run("INSERT INTO table1 (i) VALUES (2)", "COMMIT");
		expect(await column("SELECT i FROM table1 ORDER BY i")).toEqual([1, 2]);
	});

	it("rolls back, and commits at DDL", async () => {
		await account.run("CREATE TABLE t (i int)", "BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK");
		expect(await column("SELECT count(*) FROM t")).toEqual([0]);
		await account.run(
			"BEGIN",
			"INSERT INTO t VALUES (1)",
			"CREATE TABLE other (i int)",
			"ROLLBACK",
		);
		expect(await column("SELECT count(*) FROM t")).toEqual([1]);
	});

	it("hides what is not committed from other sessions", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await account.run("CREATE TABLE hidden (i int)", "BEGIN", "INSERT INTO hidden VALUES (1)");
		expect(await other.query("SELECT * FROM hidden")).toEqual([]);
		await account.run("COMMIT");
		expect(await other.query("SELECT * FROM hidden")).toEqual([{ I: 1 }]);
	});

	it("makes writers of one table wait for each other, and sees what the first one did", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await account.run(
			"CREATE TABLE lease (holder VARCHAR, n int)",
			"INSERT INTO lease VALUES (NULL, 0)",
		);
		await account.run("BEGIN", "UPDATE lease SET holder = 'a', n = n + 1");
		await other.run("BEGIN", "SELECT * FROM lease");
		const waiting = other.query("UPDATE lease SET n = n + 1");
		await new Promise((resolve) => setTimeout(resolve, 100));
		await account.run("COMMIT");
		await waiting;
		expect(await other.query("SELECT * FROM lease")).toEqual([{ HOLDER: "a", N: 2 }]);
		await other.run("COMMIT");
	});

	it("gives up a lock after LOCK_TIMEOUT", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await account.run("CREATE TABLE busy (i int)", "BEGIN", "UPDATE busy SET i = 1");
		await other.run("ALTER SESSION SET LOCK_TIMEOUT = 0");
		await expect(other.query("DELETE FROM busy")).rejects.toMatchObject({ code: "000625" });
		await account.run("ROLLBACK");
		await other.run("DELETE FROM busy");
	});

	// https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
	it("rolls back what was left open for five minutes and blocks others", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await other.run("CREATE TABLE left_open (i int)", "INSERT INTO left_open VALUES (0)");
		await other.run("BEGIN", "UPDATE left_open SET i = 1");
		await account.run("ALTER SESSION SET LOCK_TIMEOUT = 1");
		const { clock } = account.account;
		clock.advanceTo(clock.now() + 4 * 60_000);
		await expect(account.query("UPDATE left_open SET i = i + 10")).rejects.toMatchObject({
			code: "000625",
		});
		clock.advanceTo(clock.now() + 60_000);
		await account.run("UPDATE left_open SET i = i + 10", "ALTER SESSION UNSET LOCK_TIMEOUT");
		expect(await column("SELECT i FROM left_open")).toEqual([10]);
		await other.run("COMMIT");
		expect(await column("SELECT i FROM left_open")).toEqual([10]);
	});

	it("starts a transaction by itself while AUTOCOMMIT is off", async () => {
		await account.run("CREATE TABLE auto (i int)", "ALTER SESSION SET AUTOCOMMIT = FALSE");
		await account.run(
			"INSERT INTO auto VALUES (1)",
			"ROLLBACK",
			"ALTER SESSION SET AUTOCOMMIT = TRUE",
		);
		expect(await column("SELECT count(*) FROM auto")).toEqual([0]);
	});
});

describe("names", () => {
	it("says which part of the context is missing", async () => {
		const other = await account.connect();
		await expect(other.query("SELECT * FROM t")).rejects.toMatchObject({ code: "090105" });
		await other.run("USE DATABASE d", "DROP SCHEMA public");
		await expect(other.query("CREATE TABLE x (a INT)")).rejects.toMatchObject({ code: "090106" });
		await expect(other.query("USE SCHEMA nope")).rejects.toMatchObject({ code: "002043" });
		await expect(other.query("USE ROLE nope")).rejects.toMatchObject({ code: "002043" });
	});

	it("puts a missing relation at its place", async () => {
		await expect(account.query("SELECT *\nFROM nowhere")).rejects.toMatchObject({
			code: "002003",
			sqlState: "42S02",
			data: { line: 2, pos: 5 },
			message: "SQL compilation error:\nObject 'D.S.NOWHERE' does not exist or not authorized.",
		});
	});

	it("needs a warehouse only for data", async () => {
		await account.run("CREATE TABLE stored (a INT)");
		const other = await account.connect({ database: "D", schema: "S", warehouse: "" });
		expect(await other.query("SELECT 1 AS one")).toEqual([{ ONE: 1 }]);
		await expect(other.query("SELECT * FROM stored")).rejects.toMatchObject({ code: "000606" });
	});
});

describe("history", () => {
	it("finds a statement by its tag", async () => {
		await account.run("ALTER SESSION SET QUERY_TAG = 'job/7'", "CREATE TABLE tagged (a INT)");
		await account.query("CREATE TABLE tagged (a INT)").catch(() => undefined);
		await account.run("ALTER SESSION UNSET QUERY_TAG");
		const rows = await account.query(
			"SELECT query_text, execution_status, error_code FROM TABLE(information_schema.query_history()) WHERE query_tag = 'job/7' AND query_type = 'CREATE_TABLE' ORDER BY execution_status",
		);
		expect(rows).toEqual([
			{
				QUERY_TEXT: "CREATE TABLE tagged (a INT)",
				EXECUTION_STATUS: "FAILED_WITH_ERROR",
				ERROR_CODE: "002002",
			},
			{ QUERY_TEXT: "CREATE TABLE tagged (a INT)", EXECUTION_STATUS: "SUCCESS", ERROR_CODE: null },
		]);
	});
});
