import { afterAll, beforeAll, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

// What the examples of https://docs.snowflake.com/en/sql-reference/functions/result_scan show.

let account: TestAccount;

beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterAll(() => account.close());

test("the last result, filtered", async () => {
	await account.query("SELECT $1 AS value FROM VALUES (1), (2), (3)");
	expect(
		await account.query(
			"SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE value > 1 ORDER BY 1",
		),
	).toEqual([{ VALUE: 2 }, { VALUE: 3 }]);
	expect(await account.query("SELECT count(*) AS n FROM TABLE(RESULT_SCAN(-2))")).toEqual([
		{ N: 3 },
	]);
});

test("by id, of another session of the same user, not of another user", async () => {
	await account.query("SELECT 'kept' AS c2");
	const [row] = await account.query("SELECT LAST_QUERY_ID() AS id");
	const scan = `SELECT c2 FROM TABLE(RESULT_SCAN('${row?.ID}'))`;
	const same = await account.connect();
	expect(await same.query(scan)).toEqual([{ C2: "kept" }]);
	const other = await account.connect({ username: "another" });
	await expect(other.query(scan)).rejects.toMatchObject({ code: "000709" });
});

test("SHOW has lower-case columns; a result without rows has its columns too", async () => {
	await account.query("SHOW SCHEMAS IN DATABASE d");
	expect(
		await account.query(
			`SELECT "name" AS n FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE "name" = 'S' AND "created_on" < DATEADD(day, 1, CURRENT_TIMESTAMP())`,
		),
	).toEqual([{ N: "S" }]);
	await account.query("SHOW TABLES IN SCHEMA d.s");
	expect(await account.query(`SELECT "name", "rows" FROM TABLE(RESULT_SCAN())`)).toEqual([]);
});

test("the second of two columns with one name gets a number", async () => {
	await account.run(
		"CREATE TABLE employees (id INT)",
		"CREATE TABLE dependents (id INT, employee_id INT)",
		"INSERT INTO employees (id) VALUES (11)",
		"INSERT INTO dependents (id, employee_id) VALUES (101, 11)",
		"SELECT * FROM employees INNER JOIN dependents ON dependents.employee_ID = employees.id",
	);
	expect(
		await account.query(
			"SELECT id, id_1, employee_id FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE id_1 = 101",
		),
	).toEqual([{ ID: 11, ID_1: 101, EMPLOYEE_ID: 11 }]);
});

test("values of every type come back as they were", async () => {
	const columns =
		"12.50::NUMBER(10,2) AS n, 1.5::FLOAT AS f, TRUE AS b, '1969-12-31'::DATE AS d, '12:34:56.789'::TIME AS t, '1969-12-31 23:59:59.5'::TIMESTAMP_NTZ AS ntz, '2024-02-29 01:02:03 +0530'::TIMESTAMP_TZ AS tz, TO_BINARY('00FF') AS x, PARSE_JSON('{\"a\":[1,null]}') AS v, NULL::INT AS nothing";
	const before = await account.query(`SELECT ${columns}`);
	expect(JSON.stringify(await account.query("SELECT * FROM TABLE(RESULT_SCAN())"))).toBe(
		JSON.stringify(before),
	);
});
