import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FUNCTIONS } from "../../src/emulator/sql/functions/index.ts";
import { openSqlAccount, type SqlAccount } from "./sql-account.ts";

/**
 * Functions whose value anyone can work out: arithmetic, well-known digests, what a name says.
 * Those with rules of their own are in sql-functions.test.ts, with the page that shows the value.
 */
const PLAIN: readonly (readonly [sql: string, expected: string | null])[] = [
	["upper('aBc')", "ABC"],
	["lower('aBc')", "abc"],
	["reverse('abc')", "cba"],
	["trim('  a ') || '|'", "a|"],
	["ltrim('##ab#', '#')", "ab#"],
	["rtrim('ab#', '#')", "ab"],
	["lpad('7', 3, '0')", "007"],
	["length('joyeux')", "6"],
	["len('Äb')", "2"],
	["left('ABCDEF', 3)", "ABC"],
	["right('ABCDEFG', 3)", "EFG"],
	["repeat('xy', 3)", "xyxyxy"],
	["replace('down', 'down', 'up')", "up"],
	["replace('a-b-c', '-')", "abc"],
	["translate('Ñéü', 'Ñé', 'Ne')", "Neü"],
	["split('127.0.0.1', '.')", '["127","0","0","1"]'],
	["concat('a', 'b', 'c')", "abc"],
	["concat('a', null)", null],
	["contains('coffee', 'ff')", "true"],
	["startswith('tea', 'te')", "true"],
	["endswith('tea', 'te')", "false"],
	["ascii('!')", "33"],
	["chr(83)", "S"],
	["char(83)", "S"],
	["md5('Snowflake')", "edf1439075a83a447fb8b630ddc9c8de"],
	["md5_hex('Snowflake')", "edf1439075a83a447fb8b630ddc9c8de"],
	["sha1('Snowflake')", "fda76b0bcc1e87cf259b1d1e3271d76f590fb5dd"],
	["sha2('Snowflake', 224)", "6267d3d7a59929e6864dd4b737d98e3ef8569d9f88a7466647838532"],
	["length(sha2_hex('Snowflake'))", "64"],
	["base64_encode('Snowflake')", "U25vd2ZsYWtl"],
	["base64_decode_string('U25vd2ZsYWtl')", "Snowflake"],
	["to_binary('4D', 'HEX')", "4D"],
	["regexp_like('San Francisco', 'san.*', 'i')", "true"],
	["rlike('San Francisco', 'San')", "false"],
	["regexp_count('It was the best of times, it was the worst of times', '\\\\bwas\\\\b', 1)", "2"],
	["abs(-1.5)", "1.5"],
	["sign(-1.35)", "-1"],
	["floor(-975.975, 2)", "-975.98"],
	["ceil(135.135, 1)", "135.2"],
	["div0null(10, null)", "0.000000"],
	["power(2, 10)", "1024.0"],
	["pow(4, 0.5)", "2.0"],
	["sqrt(10.24)", "3.2"],
	["round(cbrt(27), 9)", "3.0"],
	["exp(0)", "1.0"],
	["ln(1)", "0.0"],
	["round(log(2, 8), 10)", "3.0"],
	["square(-3)", "9.0"],
	["sin(0)", "0.0"],
	["cos(0)", "1.0"],
	["tan(0)", "0.0"],
	["asin(0)", "0.0"],
	["acos(1)", "0.0"],
	["atan(0)", "0.0"],
	["round(degrees(pi()), 6)", "180.0"],
	["round(radians(180), 6)", "3.141593"],
	["random() between -9223372036854775808 and 9223372036854775807", "true"],
	["uniform(3, 3, random())", "3"],
	["bitand(12, 10)", "8"],
	["bitor(12, 10)", "14"],
	["coalesce(null, 1, 2)", "1"],
	["nvl(null, 'b')", "b"],
	["ifnull(null, 5)", "5"],
	["nvl2(1, 'yes', 'no')", "yes"],
	["iff(1 > 2, 'a', 'b')", "b"],
	["nullif(1, 1)", null],
	["nullifzero(0)", null],
	["zeroifnull(null::int)", "0"],
	["equal_null(null, null)", "true"],
	["least(1, 3, 0, 4)", "0"],
	["greatest_ignore_nulls(1, null, 2)", "2"],
	["least_ignore_nulls(1, null, 2)", "1"],
	["booland(1, -2)", "true"],
	["boolor(0, 1)", "true"],
	["boolnot(0)", "true"],
	["to_varchar(current_timestamp())", "2024-05-01 13:30:15.250 -0700"],
	["to_varchar(localtimestamp)", "2024-05-01 13:30:15.250 -0700"],
	["to_varchar(getdate())", "2024-05-01 13:30:15.250 -0700"],
	["to_varchar(systimestamp())", "2024-05-01 13:30:15.250 -0700"],
	["to_varchar(sysdate())", "2024-05-01 20:30:15.250"],
	["current_date()", "2024-05-01"],
	["to_varchar(current_time())", "13:30:15"],
	["to_varchar(localtime())", "13:30:15"],
	["current_user()", "ANNA"],
	["current_role()", "LOADER"],
	["current_database()", "DB"],
	["current_schema()", "S"],
	["current_warehouse()", null],
	["current_account()", "ACME"],
	["current_account_name()", "ACME"],
	["current_organization_name()", "ORG"],
	["current_region()", "AWS_EU_WEST_1"],
	["current_session()", "7"],
	["current_version()", "9.1.0"],
	["current_available_roles()", '["LOADER"]'],
	["length(uuid_string())", "36"],
	["seq4()", "0"],
	["seq8()", "0"],
	["to_numeric('7')", "7"],
	["try_to_double('x')", null],
	["date('2024-02-29')", "2024-02-29"],
	["try_to_date('2023-02-29')", null],
	["to_varchar(time('08:15:00'))", "08:15:00"],
	["try_to_time('25:00:00')", null],
	["to_varchar(to_timestamp_ltz('2024-04-05 01:02:03'))", "2024-04-05 01:02:03.000 -0700"],
	["try_to_timestamp('no')", null],
	["try_to_timestamp_ntz('no')", null],
	["try_to_timestamp_ltz('no')", null],
	["try_to_timestamp_tz('no')", null],
	["to_varchar(timestamp_from_parts(2013, 4, 5, 12, 0, 0))", "2013-04-05 12:00:00.000"],
	[
		"to_varchar(timestamp_ntz_from_parts(2013, 4, 5, 12, 0, 0, 987654321), 'HH24:MI:SS.FF6')",
		"12:00:00.987654",
	],
	["dayofweek('2024-05-05'::date)", "0"],
	["hour('2024-05-01 13:30:15'::timestamp)", "13"],
	["minute('2024-05-01 13:30:15'::timestamp)", "30"],
	["second('2024-05-01 13:30:15'::timestamp)", "15"],
	["monthname('2015-05-01'::date)", "May"],
	["dayname('2015-05-01'::date)", "Fri"],
	["object_construct_keep_null('a', null)", '{"a":null}'],
	[`object_keys(parse_json('{"b":1,"a":2}'))`, '["a","b"]'],
	["object_delete(object_construct('a', 1, 'b', 2), 'a')", '{"b":2}'],
	["array_construct_compact(null, 'hello', 4)", '["hello",4]'],
	["array_append(array_construct(1, 2), 'x')", '[1,2,"x"]'],
	["array_size(parse_json('{}'))", null],
	["array_distinct(['A', 'A', 'B'])", '["A","B"]'],
	[`get_path(parse_json('{"a":{"b":[5]}}'), 'a.b[0]')`, "5"],
	[`is_null_value(parse_json('{"a":null}'):a)`, "true"],
	[`is_null_value(parse_json('{"a":1}'):b)`, null],
	["is_array([1])", "true"],
	["is_object([1])", "false"],
	["is_boolean(true::variant)", "true"],
	["is_decimal(1.5::variant)", "true"],
	["is_double(1.5::variant)", "true"],
	["is_varchar('x'::variant)", "true"],
	["is_char('x'::variant)", "true"],
	["as_array([1])", "[1]"],
	["as_object([1])", null],
	["as_boolean(true::variant)", "true"],
	["as_integer('x'::variant)", null],
	["as_double(2::variant)", "2.0"],
	["as_varchar('x'::variant)", "x"],
	["as_char(1::variant)", null],
];

const ROWS = "(1, 10, true), (2, 20, false), (2, 30, null), (null, 60, true)";

/** The same for groups and windows, over the rows above; a window's value is that of the last row. */
const GROUPED: readonly (readonly [sql: string, expected: string | null])[] = [
	["count_if(column2 > 10)", "3"],
	["sum(column2)", "120"],
	["min(column2)", "10"],
	["max(column2)", "60"],
	["min_by(column1, column2)", "1"],
	["max_by(column2, column1) >= 20", "true"],
	["any_value(column2) > 0", "true"],
	["round(stddev(column2), 6)", "21.602469"],
	["round(stddev_samp(column2), 6)", "21.602469"],
	["round(stddev_pop(column2), 6)", "18.708287"],
	["round(variance(column2), 6)", "466.666667"],
	["round(var_samp(column2), 6)", "466.666667"],
	["var_pop(column2)", "350.0"],
	["round(corr(column2, column2 * 2), 6)", "1.0"],
	["object_agg(column2::varchar, column1)", '{"10":1,"20":2,"30":2}'],
	["boolor_agg(column3)", "true"],
	["grouping(column2)", "0"],
	["row_number() over (order by column2)", "4"],
	["rank() over (order by column1)", "4"],
	["dense_rank() over (order by column1)", "3"],
	["percent_rank() over (order by column2)", "1.0"],
	["cume_dist() over (order by column2)", "1.0"],
	["ntile(2) over (order by column2)", "2"],
	["lag(column2) over (order by column2)", "30"],
	["lead(column2, 1, -1) over (order by column2)", "-1"],
	["first_value(column2) over (order by column2)", "10"],
	["last_value(column1) ignore nulls over (order by column2)", "2"],
];

let account: SqlAccount;
beforeAll(async () => {
	account = await openSqlAccount();
});
afterAll(() => account.close());

test.each(PLAIN)("%s", async (sql, expected) => {
	expect(await account.value(`select ${sql}`)).toBe(expected);
});

test.each(GROUPED)("%s", async (sql, expected) => {
	const group = sql.startsWith("grouping") ? " group by column2" : "";
	const last = sql.includes(" over ")
		? " qualify row_number() over (order by column2 desc) = 1"
		: "";
	expect(await account.value(`select ${sql} from values ${ROWS}${group}${last}`)).toBe(expected);
});

test("every function has a golden value", () => {
	const cited = readFileSync(new URL("sql-functions.test.ts", import.meta.url), "utf8");
	const here = [...PLAIN, ...GROUPED].map(([sql]) => sql).join("\n");
	const tested = new Set(
		[...`${cited}\n${here}`.matchAll(/\b(\w+)\s*\(/g)].map((match) => match[1]?.toUpperCase()),
	);
	// Written without parentheses where it is tested.
	tested.add("LOCALTIMESTAMP");
	expect([...FUNCTIONS.keys()].filter((name) => !tested.has(name))).toEqual([]);
});
