import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;

beforeAll(async () => {
	account = await startAccount();
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA d.s",
		"CREATE TABLE t (a INT, b INT)",
		"CREATE SEQUENCE ids",
		"CREATE STAGE st",
	);
});
afterAll(() => account.close());

/** A statement without its mark ¶, and where that stood: lines from 1, positions in the line from 0. */
function marked(text: string): { sql: string; line: number; pos: number } {
	const before = (text.split("¶")[0] as string).split("\n");
	return {
		sql: text.replace("¶", ""),
		line: before.length,
		pos: (before.at(-1) as string).length,
	};
}

const UNKNOWN_FUNCTION = "002140";
const INVALID_IDENTIFIER = "000904";
const SYNTAX = "001003";

describe("what an object is made of is compiled when it is made, and the place is that in the whole statement", () => {
	test.each([
		[UNKNOWN_FUNCTION, "CREATE PIPE p\nAS\nCOPY INTO t (a)\nFROM (SELECT ¶nowhere($1) FROM @st)"],
		[INVALID_IDENTIFIER, "CREATE PIPE p AS\nCOPY INTO t (a, ¶c) FROM @st"],
		[INVALID_IDENTIFIER, "CREATE PIPE p AS\n(COPY INTO t (a) FROM (SELECT ¶s.x FROM @st s))"],
		[SYNTAX, "CREATE PIPE p AS\nCOPY INTO t FROM ¶st"],
		[UNKNOWN_FUNCTION, "CREATE VIEW v (one) AS\n-- why\nSELECT ¶nowhere(a) FROM t"],
		[INVALID_IDENTIFIER, "CREATE VIEW v AS\nSELECT a FROM t\nWHERE ¶c = 1"],
		[UNKNOWN_FUNCTION, "CREATE TABLE x AS\nSELECT a, ¶nowhere(b) AS b FROM t"],
		[UNKNOWN_FUNCTION, "CREATE TABLE x (a, b INT DEFAULT ¶nowhere(1)) AS SELECT a, b FROM t"],
		[UNKNOWN_FUNCTION, "CREATE TABLE x (\n  a INT,\n  b INT DEFAULT ¶nowhere(1)\n)"],
		[INVALID_IDENTIFIER, "CREATE TABLE x (a INT DEFAULT ¶nothing.NEXTVAL)"],
		[INVALID_IDENTIFIER, "CREATE TABLE x (a INT, b INT AS (a + ¶c))"],
		[UNKNOWN_FUNCTION, "ALTER TABLE t ADD COLUMN c INT AS (¶nowhere(a))"],
	])("%s: %s", async (code, text) => {
		const { sql, line, pos } = marked(text);
		await expect(account.query(sql)).rejects.toMatchObject({ code, data: { line, pos } });
	});
});

test("a column that is not grouped is found too", async () => {
	await expect(
		account.query("CREATE VIEW v AS SELECT a, count(*) AS n FROM t GROUP BY b"),
	).rejects.toMatchObject({ code: "000979" });
});

test("defaults of every form are taken", async () => {
	await account.run(
		"CREATE TABLE x (a INT, b INT DEFAULT ids.NEXTVAL, c TIMESTAMP_LTZ DEFAULT CURRENT_TIMESTAMP, d DATE DEFAULT CURRENT_DATE(), e VARCHAR DEFAULT 'x' || 'y', f BOOLEAN DEFAULT TRUE, g INT AS (a + 1))",
		"INSERT INTO x (a) VALUES (4)",
	);
	expect(await account.query("SELECT b, e, f, g FROM x")).toEqual([
		{ B: 1, E: "xy", F: true, G: 5 },
	]);
});
