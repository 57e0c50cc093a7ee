import { afterAll, beforeAll, expect, test } from "vitest";
import { SnowflakeError } from "../../src/emulator/error.ts";
import { openSqlAccount, type SqlAccount } from "./sql-account.ts";

let account: SqlAccount;
beforeAll(async () => {
	account = await openSqlAccount();
	await account.table("people", "id number(38,0), name varchar, boss number(38,0), v variant");
	await account.run(`insert into people
		select column1, column2, column3, parse_json(column4) from values
		(1, 'Ada', null, '{"langs": ["en", "fr"], "Age": 36}'),
		(2, 'Bob', 1, '{"langs": ["de"], "Age": 41}'),
		(3, 'Cyd', 1, '{"langs": [], "Age": null}'),
		(4, null, 2, null)`);
	await account.table("pay", "id number(38,0), amount number(10,2)");
	await account.run("insert into pay values (1, 10.50), (1, 2.25), (2, 3), (9, 1)");
});
afterAll(() => account.close());

async function rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
	return (await account.query(sql)).rows;
}

async function failure(sql: string): Promise<SnowflakeError> {
	try {
		await account.query(sql);
	} catch (error) {
		if (error instanceof SnowflakeError) return error;
		throw error;
	}
	throw new Error(`no error from ${sql}`);
}

// https://docs.snowflake.com/en/sql-reference/constructs/order-by: NULLs are the highest values.
test("NULLs come last ascending and first descending", async () => {
	expect(await rows("select name from people order by name")).toEqual([
		["Ada"],
		["Bob"],
		["Cyd"],
		[null],
	]);
	expect((await rows("select name from people order by name desc"))[0]).toEqual([null]);
	expect((await rows("select name from people order by name desc nulls last"))[0]).toEqual(["Cyd"]);
});

test("every kind of join", async () => {
	const count = async (join: string): Promise<string | null> =>
		account.value(`select count(*) from people p ${join}`);
	expect(await count("join pay on p.id = pay.id")).toBe("3");
	expect(await count("left join pay on p.id = pay.id")).toBe("5");
	expect(await count("right join pay on p.id = pay.id")).toBe("4");
	expect(await count("full join pay on p.id = pay.id")).toBe("6");
	expect(await count("cross join pay")).toBe("16");
	expect(await count(", pay where p.id = pay.id")).toBe("3");
});

test("USING gives one column for both sides", async () => {
	const answer = await account.query(
		"select * from pay full join (select 7 as id) q using (id) order by id",
	);
	expect(answer.names).toEqual(["ID", "AMOUNT"]);
	expect(answer.rows.map((row) => row[0])).toEqual(["1", "1", "2", "7", "9"]);
});

// https://docs.snowflake.com/en/sql-reference/sql/select: aliases can be used in other clauses.
test("an alias of the select list serves every clause", async () => {
	expect(
		await rows(
			"select id * 10 as tenfold, tenfold + 1 as more from people where tenfold > 10 order by more desc limit 2",
		),
	).toEqual([
		["40", "41"],
		["30", "31"],
	]);
	expect(
		await rows("select upper(name) as who, count(*) from people group by who having who = 'ADA'"),
	).toEqual([["ADA", "1"]]);
});

test("QUALIFY filters window functions", async () => {
	expect(
		await rows(
			"select id, amount from pay qualify row_number() over (partition by id order by amount desc) = 1 order by id",
		),
	).toEqual([
		["1", "10.50"],
		["2", "3.00"],
		["9", "1.00"],
	]);
});

// https://docs.snowflake.com/en/sql-reference/functions/last_value: the default frame is the whole partition.
test("LAST_VALUE looks at the whole partition", async () => {
	expect(
		await rows("select id, last_value(id) over (order by id) from people order by id limit 1"),
	).toEqual([["1", "4"]]);
});

test("paths of a VARIANT keep case, types and both kinds of NULL", async () => {
	const answer = await account.query(
		`select v:Age, v:age, v:langs[0], v:langs[0]::string, v['langs'][1]::varchar, v:Age::number, v:Age is null
		from people order by id`,
	);
	expect(answer.rows).toEqual([
		["36", null, '"en"', "en", "fr", "36", "false"],
		["41", null, '"de"', "de", null, "41", "false"],
		["null", null, null, null, null, null, "false"],
		[null, null, null, null, null, null, "true"],
	]);
	expect(answer.types.slice(0, 4)).toEqual(["VARIANT", "VARIANT", "VARIANT", "VARCHAR(16777216)"]);
});

// https://docs.snowflake.com/en/sql-reference/functions/flatten
test("FLATTEN keeps the order, numbers its inputs and knows OUTER", async () => {
	expect(
		await rows(
			"select p.id, f.index, f.value, f.path from people p, lateral flatten(input => p.v:langs) f",
		),
	).toEqual([
		["1", "0", '"en"', "[0]"],
		["1", "1", '"fr"', "[1]"],
		["2", "0", '"de"', "[0]"],
	]);
	expect(
		await rows(
			"select p.id, f.seq, f.value, f.this from people p, table(flatten(p.v:langs, outer => true)) f where p.id > 1",
		),
	).toEqual([
		["2", "2", '"de"', '["de"]'],
		["3", "3", null, "[]"],
		["4", "4", null, null],
	]);
	expect(
		await rows(`select key, path, index, value from table(flatten(
			input => parse_json('{"a":1, "b":[77,88], "c": {"d":"X"}}'), recursive => true))`),
	).toEqual([
		["a", "a", null, "1"],
		["b", "b", null, "[77,88]"],
		[null, "b[0]", "0", "77"],
		[null, "b[1]", "1", "88"],
		["c", "c", null, '{"d":"X"}'],
		["d", "c.d", null, '"X"'],
	]);
	expect(
		await rows(`select path from table(flatten(
			input => parse_json('{"a":1, "b":[77,88], "c": {"d":"X"}}'), recursive => true, mode => 'OBJECT'))`),
	).toEqual([["a"], ["b"], ["c"], ["c.d"]]);
	expect(
		await rows(
			`select path from table(flatten(input => parse_json('{"a":1, "b":[77,88]}'), path => 'b'))`,
		),
	).toEqual([["b[0]"], ["b[1]"]]);
});

test("common table expressions, recursion without a word for it, set operations", async () => {
	expect(
		await rows(
			"with n (i) as (select 1 union all select i + 1 from n where i < 4) select sum(i) from n",
		),
	).toEqual([["10"]]);
	expect(
		await rows("select 1 a union select 1 union all select 2.5 order by a desc limit 1 offset 1"),
	).toEqual([["1.0"]]);
	expect(await rows("(select id from people) except select id from pay order by 1")).toEqual([
		["3"],
		["4"],
	]);
	expect(await rows("select id from people intersect select id from pay order by id")).toEqual([
		["1"],
		["2"],
	]);
});

test("EXISTS, IN and scalar subqueries see the row outside", async () => {
	expect(
		await rows(
			"select id from people p where exists (select 1 from pay where pay.id = p.id) order by id",
		),
	).toEqual([["1"], ["2"]]);
	expect(
		await rows("select id from people where id not in (select id from pay) order by id"),
	).toEqual([["3"], ["4"]]);
	expect(
		await rows(
			"select (select max(amount) from pay where pay.id = p.id) from people p where id <= 2 order by id",
		),
	).toEqual([["10.50"], ["3.00"]]);
});

test("predicates", async () => {
	const value = (sql: string): Promise<string | null> => account.value(`select ${sql}`);
	expect(await value("'abc' like any ('x%', '%c')")).toBe("true");
	expect(await value("'abc' ilike 'A_C'")).toBe("true");
	// RLIKE matches the whole subject: https://docs.snowflake.com/en/sql-reference/functions/rlike
	expect(await value("'abc' rlike 'b'")).toBe("false");
	expect(await value("1 between 1 and 2 and not 3 between 1 and 2")).toBe("true");
	expect(await value("null is not distinct from null")).toBe("true");
	expect(await value("(1, 'a') in ((2, 'a'), (1, 'a'))")).toBe("true");
	expect(await value("case 2 when 1 then 'one' when 2 then 'two' end")).toBe("two");
	expect(await value("'10' > 9")).toBe("true");
	expect(await value("to_date('2024-01-31') + interval '1 month, 1 day'")).toBe("2024-03-01");
});

test("stars leave out and rename", async () => {
	const answer = await account.query(
		"select * exclude (v, boss) rename name as who, p.id from people p limit 1",
	);
	expect(answer.names).toEqual(["ID", "WHO", "ID"]);
});

test("columns without an alias are named after their text", async () => {
	const answer = await account.query(
		`select count(*), v:Age::int, 'x', "ID" + 1 from people group by all limit 1`,
	);
	expect(answer.names).toEqual(["COUNT(*)", "V:AGE::INT", "'X'", '"ID" + 1']);
});

test("binds", async () => {
	const answer = await account.query("select ? + 1, :2, ?", [
		{ type: "FIXED", value: "41" },
		{ type: "TEXT", value: "it's" },
	]);
	expect(answer.rows).toEqual([["42", "it's", "it's"]]);
});

test.each([
	["select nope from people", "000904", "invalid identifier 'NOPE'"],
	["select id from people p join pay on p.id = pay.id", "002028", "ambiguous column name 'ID'"],
	["select * from nowhere", "002003", "does not exist"],
	["select foo(1)", "002140", "Unknown function FOO"],
	["select soundex('a')", "000002", "Unsupported by the local account: function SOUNDEX"],
	["select 'abc'::number", "100038", "Numeric value 'abc' is not recognized"],
	["select '2024-02-30'::date", "100040", "Date '2024-02-30' is not recognized"],
	["select to_decimal('345.123', 4, 2)", "100039", "Numeric value '345.123' is out of range"],
	["select parse_json('x')::int + 1", "100069", "Error parsing JSON"],
	["select parse_json('\"abc\"')::int", "100071", 'Failed to cast variant value "abc" to FIXED'],
	["select 1/0", "100051", "Division by zero"],
	["select 1 from", "001003", "unexpected '<EOF>'"],
	["select 1 +* 2", "001003", "syntax error line 1 at position 10 unexpected '*'"],
	["select 1 group by 2", "001036", "position 2 is not in select list"],
	["select * from people pivot (sum(id) for name in ('a'))", "000002", "PIVOT"],
	["select name, count(*) from people", "000979", "[NAME] is not a valid group by expression"],
	["select upper()", "000938", "not enough arguments"],
	[
		"select (select 1 union all select 2)",
		"090150",
		"Single-row subquery returns more than one row.",
	],
] as const)("%s fails with %s", async (sql, code, words) => {
	const error = await failure(sql);
	expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
});

test("errors know their place", async () => {
	const error = await failure("select id,\n  nope from people");
	expect([error.line, error.pos]).toEqual([2, 2]);
});
