import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqlAccount, type SqlAccount } from "./sql-account.ts";

/**
 * Golden values of functions. Each expected value is the one that the function's page shows, under
 * https://docs.snowflake.com/en/sql-reference/functions/<page>; VARIANTs are written compactly.
 */
const GOLDEN: Readonly<
	Record<string, readonly (readonly [sql: string, expected: string | null])[]>
> = {
	parse_json: [
		["typeof(parse_json('null'))", "NULL_VALUE"],
		["typeof(parse_json('-17'))", "INTEGER"],
		["typeof(parse_json('123.12'))", "DECIMAL"],
		["typeof(parse_json('1.912e2'))", "DOUBLE"],
		["parse_json('1.912e2')", "1.912000000000000e+02"],
		["typeof(parse_json('\"Om ara pa ca na dhih\"  '))", "VARCHAR"],
		["typeof(parse_json('[-1, 12, 289, 2188, false,]'))", "ARRAY"],
		[`parse_json('{ "x" : "abc", "y" : false, "z": 10} ')`, '{"x":"abc","y":false,"z":10}'],
		[`parse_json('{ "a" : "123", "b" : "456", "a": "789"} ', 'd')`, '{"a":"789","b":"456"}'],
		["to_json(null)", null],
		["to_json('null'::variant)", '"null"'],
		["parse_json('null')", "null"],
		[`to_json(parse_json('{"b":1,"a":2}'))`, '{"a":2,"b":1}'],
		[`typeof(to_variant('{"PI":3.14}'))`, "VARCHAR"],
		[`parse_json('{"PI":3.14}') = to_variant('{"PI":3.14}')`, "false"],
	],
	hash: [
		// The numbers are Snowflake's own; what they are the same for is the documentation's.
		["hash(10) = hash(10::number(38,0))", "true"],
		["hash(10) = hash(10::number(5,3))", "true"],
		["hash(10) = hash(10::float)", "true"],
		["hash(10) = hash(10::variant)", "true"],
		["hash(10) = hash('10')", "false"],
		["hash(null) is null", "false"],
		["hash(null) = hash(null, null)", "false"],
		[
			"hash('2024-01-01 00:00:00 +0000'::timestamp_tz) = hash('2024-01-01 01:00:00 +0100'::timestamp_tz)",
			"true",
		],
	],
	try_cast: [
		["try_cast('05/16' as timestamp)", null],
		["try_cast('ABCD' as char(2))", null],
		["try_cast('ABCD' as varchar(10))", "ABCD"],
	],
	try_parse_json: [["try_parse_json('{invalid')", null]],
	to_decimal: [
		["to_number('12.3456')", "12"],
		["to_number('98.76546', 10, 1)", "98.8"],
		["to_number('12.3456', 10, 8)", "12.34560000"],
		["to_decimal('-12.3', '99.9')", "-12"],
		["to_decimal('- 0.1', '99.9', 9, 5)", "-0.10000"],
		["to_decimal('1.0', 'TM9', 9, 5)", "1.00000"],
		["to_decimal('3,741.72', '9,999.99', 6, 2)", "3741.72"],
		["to_decimal('$3,741.72', '$9,999.99', 6, 2)", "3741.72"],
		["to_decimal('ae5', 'XXX')", "2789"],
	],
	try_to_decimal: [
		["try_to_decimal('345.123', 10, 2)", "345.12"],
		["try_to_decimal('345.123', 4, 2)", null],
		["try_to_number('$7,543.21', '$9,999.00')", "7543"],
		["try_to_numeric('$7,543.21', 6, 2)", null],
		["try_to_decimal('aaa')", null],
		["try_to_decimal('aaa', 'XXX')", "2730"],
	],
	to_char: [
		[`to_char(-12.391, '">"$99.0"<"')`, ">-$12.4<"],
		[`to_char(0, '">"$99.0"<"')`, ">  $0.0<"],
		[`to_char(3987, '">"$99.0"<"')`, "> $##.#<"],
		[`to_char(1.111, '">"$99.0"<"')`, ">  $1.1<"],
		[`to_char(-12.391, '">"B9,999.0"<"')`, ">   -12.4<"],
		[`to_char(0.010, '">"B9,999.0"<"')`, ">      .0<"],
		[`to_char(3987, '">"B9,999.0"<"')`, "> 3,987.0<"],
		[`to_char(-12.391, '">"TME"<"')`, ">-1.2391E1<"],
		[`to_char(3987.000, '">"TM9"<"')`, ">3987.000<"],
		[`to_char(-12.391, '">"0XXX"<"')`, ">FFF4<"],
		[`to_char(-12.391, '">"S0XXX"<"')`, ">-000C<"],
		[`to_char(3987, '">"S0XXX"<"')`, ">+0F93<"],
		[
			"to_varchar('2024-04-05 01:02:03'::timestamp, 'mm/dd/yyyy, hh24:mi hours')",
			"04/05/2024, 01:02 hours",
		],
		["to_varchar('03-April-2024'::date)", "2024-04-03"],
		["to_varchar('03-April-2024'::date, 'yyyy.mm.dd')", "2024.04.03"],
	],
	"../sql-format-models": [
		["to_char(12, '99')", " 12"],
		["to_char(-7, '99')", " -7"],
		["to_char(12, 'S99')", "+12"],
		["to_char(-7, 'S99')", " -7"],
		["to_char(12, '99S')", "12+"],
		["to_char(-7, '99S')", " 7-"],
		["to_char(12, 'MI99')", " 12"],
		["to_char(-7, 'MI99')", "- 7"],
		["to_char(12, '99MI')", "12 "],
		["to_char(-7, '99MI')", " 7-"],
		["to_char(12, '$99')", " $12"],
		["to_char(-7, '$99')", " -$7"],
		["to_char(12, 'FM99')", "12"],
	],
	"../../user-guide/semistructured-considerations": [
		[`to_char(parse_json('{ "a": null }'):a)`, null],
		[`parse_json('{ "a": null }'):a`, "null"],
		[`parse_json('{ "a": null }'):b`, null],
		[`to_varchar(parse_json('{"a" : "world"}'):a)`, "world"],
	],
	to_boolean: [
		["to_boolean('yes')", "true"],
		["to_boolean('no')", "false"],
		["to_boolean(1)", "true"],
		["to_boolean(null)", null],
		["try_to_boolean('maybe')", null],
	],
	to_timestamp: [
		["to_varchar(to_timestamp_tz('2024-04-05 01:02:03'))", "2024-04-05 01:02:03.000 -0700"],
		["to_varchar(to_timestamp_ntz('2024-04-05 01:02:03'))", "2024-04-05 01:02:03.000"],
		[
			"to_varchar(to_timestamp_tz('04/05/2024 01:02:03', 'dd/mm/yyyy hh24:mi:ss'))",
			"2024-05-04 01:02:03.000 -0700",
		],
		["to_varchar(to_timestamp_ntz(40 * 365.25 * 86400))", "2010-01-01 00:00:00.000"],
		[
			"to_varchar(to_timestamp_ntz(40 * 365.25 * 86400 * 1000 + 456, 3))",
			"2010-01-01 00:00:00.456",
		],
		["to_varchar(to_timestamp(1000000000, 0))", "2001-09-09 01:46:40.000"],
		["to_varchar(to_timestamp(1000000000, 3))", "1970-01-12 13:46:40.000"],
		["to_varchar(to_timestamp(1000000000, 6))", "1970-01-01 00:16:40.000"],
		["to_varchar(to_timestamp(1000000000, 9))", "1970-01-01 00:00:01.000"],
		["to_varchar(to_timestamp('31536000'))", "1971-01-01 00:00:00.000"],
		["to_varchar(to_timestamp('31536000000'))", "1971-01-01 00:00:00.000"],
		["to_varchar(to_timestamp('31536000000000'))", "1971-01-01 00:00:00.000"],
		["to_date('31536000000000000')", "1971-01-01"],
		["to_varchar(0::timestamp_ntz)", "1970-01-01 00:00:00.000"],
		["to_varchar(parse_json(0)::timestamp_ntz)", "1969-12-31 16:00:00.000"],
		["to_varchar(parse_json(0)::int::timestamp_ntz)", "1970-01-01 00:00:00.000"],
	],
	convert_timezone: [
		[
			"to_varchar(convert_timezone('America/Los_Angeles', 'America/New_York', '2024-01-01 14:00:00'::timestamp_ntz))",
			"2024-01-01 17:00:00.000",
		],
		[
			"to_varchar(convert_timezone('Europe/Warsaw', 'UTC', '2024-01-01 00:00:00'::timestamp_ntz))",
			"2023-12-31 23:00:00.000",
		],
		[
			"to_varchar(convert_timezone('America/Los_Angeles', '2024-04-05 12:00:00 +02:00'))",
			"2024-04-05 03:00:00.000 -0700",
		],
		[
			"to_varchar(convert_timezone('UTC', '2024-04-05 09:00:00'::timestamp_ltz))",
			"2024-04-05 16:00:00.000 +0000",
		],
		[
			"to_varchar(convert_timezone('UTC', '2024-04-05 12:00:00'::timestamp_ntz))",
			"2024-04-05 19:00:00.000 +0000",
		],
		["to_varchar(convert_timezone('UTC', '2024-04-05'::date))", "2024-04-05 07:00:00.000 +0000"],
	],
	dateadd: [
		["dateadd(year, 2, to_date('2022-05-08'))", "2024-05-08"],
		["dateadd(year, -2, to_date('2022-05-08'))", "2020-05-08"],
		["to_varchar(dateadd(hour, 2, '2022-04-05'::date))", "2022-04-05 02:00:00.000"],
		["dateadd(month, 1, '2023-01-31'::date)", "2023-02-28"],
		["dateadd(month, 1, '2023-02-28'::date)", "2023-03-28"],
		["dateadd(hour, 3, to_time('05:00:00'))", "08:00:00"],
		["timestampadd('year', 2, to_date('2022-05-08'))", "2024-05-08"],
		["timeadd(year, 2, to_date('2022-05-08'))", "2024-05-08"],
	],
	datediff: [
		["datediff(year, '2020-04-09 14:39:20'::timestamp, '2023-05-08 23:39:20'::timestamp)", "3"],
		[
			"datediff(hour, '2023-05-08T23:39:20.123-07:00'::timestamp, dateadd(year, 2, ('2023-05-08T23:39:20.123-07:00')::timestamp))",
			"17544",
		],
		["datediff(month, '2021-01-01'::date, '2021-02-28'::date)", "1"],
		["datediff(year, '2015-12-31', '2016-01-01')", "1"],
		["datediff(month, '2016-01-01', '2017-12-31')", "23"],
		["datediff(day, '2016-01-01', '2017-12-31')", "730"],
		["'2016-09-07'::date - '2016-08-23'::date", "15"],
		["datediff(hour, '2016-01-01 01:59:59'::timestamp, '2016-01-01 02:00:00'::timestamp)", "1"],
		[
			"timestampdiff(minute, '2016-01-01 01:00:59'::timestamp, '2016-01-01 02:00:00'::timestamp)",
			"60",
		],
		[
			"timediff(second, '2016-01-01 01:00:59'::timestamp, '2016-01-01 02:00:00'::timestamp)",
			"3541",
		],
	],
	date_trunc: [
		["date_trunc('year', '2024-05-09'::date)", "2024-01-01"],
		["date_trunc('week', '2024-05-09'::date)", "2024-05-06"],
		["trunc('2024-05-09'::date, 'month')", "2024-05-01"],
		["date_trunc('minute', '08:50:48'::time)", "08:50:00"],
		[
			"to_varchar(date_trunc('hour', '2024-05-09 08:50:57.891 -0700'::timestamp))",
			"2024-05-09 08:00:00.000",
		],
		[
			"to_varchar(date_trunc('second', '2024-05-09 08:50:57.891 -0700'::timestamp))",
			"2024-05-09 08:50:57.000",
		],
		[
			"to_varchar(date_trunc('quarter', '2024-05-09 08:50:57.891 -0700'::timestamp))",
			"2024-04-01 00:00:00.000",
		],
		["extract('quarter', '2024-05-09 08:50:57.891 -0700'::timestamp)", "2"],
	],
	date_part: [
		["date_part(quarter, '2024-04-08'::date)", "2"],
		["extract(year from to_timestamp('2024-04-08T23:39:20.123-07:00'))", "2024"],
		["date_part(epoch_second, to_timestamp('2024-04-08T23:39:20.123-07:00'))", "1712619560"],
		[
			"date_part(epoch_millisecond, to_timestamp('2024-04-08T23:39:20.123-07:00'))",
			"1712619560123",
		],
		["'2025-04-08T23:39:20.123-07:00'::timestamp::date", "2025-04-08"],
		["to_varchar('2025-04-08T23:39:20.123-07:00'::timestamp::time)", "23:39:20"],
	],
	year: [
		["year('2025-04-11T23:39:20.123-07:00'::timestamp)", "2025"],
		["quarter('2025-04-11T23:39:20.123-07:00'::timestamp)", "2"],
		["month('2025-04-11T23:39:20.123-07:00'::timestamp)", "4"],
		["day('2025-04-11T23:39:20.123-07:00'::timestamp)", "11"],
		["dayofmonth('2025-04-11T23:39:20.123-07:00'::timestamp)", "11"],
		["dayofyear('2025-04-11T23:39:20.123-07:00'::timestamp)", "101"],
		["week('2016-01-02T23:39:20.123-07:00'::timestamp)", "53"],
		["weekiso('2016-01-02T23:39:20.123-07:00'::timestamp)", "53"],
		["weekofyear('2016-01-02T23:39:20.123-07:00'::timestamp)", "53"],
		["yearofweek('2016-01-02T23:39:20.123-07:00'::timestamp)", "2015"],
		["yearofweekiso('2016-01-02T23:39:20.123-07:00'::timestamp)", "2015"],
		["dayofweekiso('2025-04-05T23:39:20.123-07:00'::timestamp)", "6"],
	],
	last_day: [
		["last_day(to_date('2025-05-08T23:39:20.123-07:00'))", "2025-05-31"],
		["last_day(to_date('2024-05-08T23:39:20.123-07:00'), 'year')", "2024-12-31"],
	],
	months_between: [
		["months_between('2019-03-15'::date, '2019-02-15'::date)", "1.0"],
		["months_between('2019-03-31'::date, '2019-02-28'::date)", "1.0"],
		["round(months_between('2019-03-01'::date, '2019-02-15'::date), 6)", "0.548387"],
		[
			"round(months_between('2019-03-01 02:00:00'::timestamp, '2019-02-15 01:00:00'::timestamp), 6)",
			"0.549731",
		],
		["round(months_between('2019-03-30'::date, '2019-02-28'::date), 6)", "1.064516"],
		["months_between('2019-02-01'::date, '2019-03-01'::date)", "-1.0"],
	],
	decode: [
		["decode(1, 1, 'one', 2, 'two', null, '-NULL-', 'other')", "one"],
		["decode(null, 1, 'one', 2, 'two', null, '-NULL-', 'other')", "-NULL-"],
		["decode(4, 1, 'one', 2, 'two', null, '-NULL-', 'other')", "other"],
		["decode(4, 1, 'one', 2, 'two', null, '-NULL-')", null],
	],
	round: [
		["round(135.135)", "135"],
		["round(-975.975)", "-976"],
		["round(-975.975::float, -1)", "-980.0"],
		["round(135.135::float, 1)", "135.1"],
		["round(2.5, 0)", "3"],
		["round(2.5, 0, 'HALF_TO_EVEN')", "2"],
		["round(-2.5, 0, 'HALF_TO_EVEN')", "-2"],
		["round(-1.005, 2)", "-1.01"],
	],
	trunc: [
		["truncate(-975.975::float)", "-975.0"],
		["trunc(-975.975, -1)", "-970"],
		["trunc(-975.975, 2)", "-975.97"],
		["trunc(135.135, 50)", "135.135"],
		["trunc(-9.6)", "-9"],
	],
	div0: [
		["1/2", "0.500000"],
		["div0(1, 2)", "0.500000"],
		["div0(1, 0)", "0.000000"],
	],
	"../operators-arithmetic": [
		["10.01 * 1.1", "11.011"],
		["10.001 * .001", "0.010001"],
		[".1 * .0000000000001", "0.0000000000000"],
		["2 / 7", "0.285714"],
		["10.1 / 2.1", "4.8095238"],
		["10.001 / .001", "10001.000000000"],
		[".1 / .0000000000001", "1000000000000.0000000"],
	],
	substr: [
		["substr('testing 1 2 3', 9, 3)", "1 2"],
		["substr('mystring', -1, 3)", "g"],
		["substr('mystring', -3, 7)", "ing"],
		["substr('mystring', -7, 3)", "yst"],
		["substr('mystring', 0, 3)", "mys"],
		["substring('mystring', 3, 7)", "string"],
		["substr('mystring', null, 3)", null],
		["substr('800-555-0100', 5)", "555-0100"],
	],
	split_part: [
		["split_part('11.22.33', '.', 0)", "11"],
		["split_part('11.22.33', '.', 3)", "33"],
		["split_part('11.22.33', '.', 4)", ""],
		["split_part('11.22.33', '.', -1)", "33"],
		["split_part('11.22.33', '.', -4)", ""],
		["split_part('aaa--bbb-BBB--ccc', '--', 2)", "bbb-BBB"],
		["split_part('user@snowflake.com', '', -1)", "user@snowflake.com"],
		["split_part('user@snowflake.com', '', 2)", ""],
	],
	initcap: [
		["initcap('OVER the River 2 Times')", "Over The River 2 Times"],
		["initcap('HelL0_hi+therE')", "Hell0_Hi+There"],
		["initcap('Hi,are?you!there')", "Hi,Are?You!There"],
		["initcap('this is the new Frame+work', '')", "This is the new frame+work"],
		["initcap('iqamqinterestedqinqthisqtopic','q')", "IqAmqInterestedqInqThisqTopic"],
		["initcap('apple is僉sweetandballIsROUND', '僉a b')", "aPple Is僉SweetaNdbaLlisround"],
	],
	position: [
		["position('an', 'banana', 1)", "2"],
		["position('an', 'banana', 3)", "4"],
		["position('log' in 'catalog')", "5"],
		["position('lésine' in 'le péché, la lésine')", "14"],
		["charindex('dog', 'catalog')", "0"],
		["position('' in 'sth')", "1"],
		["position(null in 'a')", null],
	],
	concat_ws: [
		["concat_ws(',', 'one', 'two', 'three')", "one,two,three"],
		["concat_ws(',', 'one', null, 'two')", null],
		["concat_ws(',', 'one')", "one"],
	],
	regexp_replace: [
		["regexp_replace('Customers - (NY)','\\\\(|\\\\)','')", "Customers - NY"],
		[
			"regexp_replace('It was the best of times, it was the worst of times', '( ){1,}', '')",
			"Itwasthebestoftimes,itwastheworstoftimes",
		],
		[
			"regexp_replace('It was the best of times, it was the worst of times', 'times', 'days', 1, 2)",
			"It was the best of times, it was the worst of days",
		],
		[
			"regexp_replace('firstname middlename lastname', '(.*) (.*) (.*)', '\\\\3, \\\\1 \\\\2')",
			"lastname, firstname middlename",
		],
		["regexp_replace('Hellooo World', '()', '*')", "*H*e*l*l*o*o*o* *W*o*r*l*d*"],
		[
			"regexp_replace('PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS', '[aeiou]', '', 1, 0, 'i')",
			"PCK MY BX WTH FV DZN LQR JGS",
		],
		[
			"regexp_replace('Hellooo World', '\\\\b(\\\\S*)o(\\\\S*)\\\\b', '\\\\2@@\\\\1', 3)",
			"He@@lloo rld@@W",
		],
		[
			"regexp_replace('How are you doing today?', '\\\\b(\\\\S*)o(\\\\S*)\\\\b', '\\\\2@@\\\\1', 3, 3)",
			"How are you doing day@@t?",
		],
	],
	regexp_substr: [
		[
			"regexp_substr('It was the best of times, it was the worst of times.', 'the\\\\W+\\\\w+')",
			"the best",
		],
		[
			"regexp_substr('It was the best of times, it was the worst of times.', 'the\\\\W+\\\\w+', 1, 2)",
			"the worst",
		],
		["regexp_substr('A thespian theater is nearby.', 'the\\\\W+\\\\w+')", null],
		["regexp_substr('A MAN A PLAN A CANAL', 'A\\\\W+(\\\\w+)', 1, 2, 'e', 1)", "PLAN"],
		["regexp_substr('A MAN A PLAN A CANAL', 'A\\\\W+(\\\\w)(\\\\w)(\\\\w)', 1, 1, 'e', 3)", "N"],
		[
			"regexp_substr('PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS', '\\\\b\\\\S*o\\\\S*\\\\b', 3, 3, 'i')",
			"LIQUOR",
		],
		["regexp_substr(',abc,,def,,ghi,,jkl,','[[:punct:]][[:alnum:]]+[[:punct:]]', 1, 2)", ",def,"],
	],
	object_construct: [
		["object_construct('a', 1, 'b', 'BBBB', 'c', null)", '{"a":1,"b":"BBBB"}'],
		[
			"object_construct('Key_One', parse_json('NULL'), 'Key_Two', null, 'Key_Three', 'null')",
			'{"Key_One":null,"Key_Three":"null"}',
		],
		[
			"object_construct('outer_key2', object_construct('inner_key2', 5))",
			'{"outer_key2":{"inner_key2":5}}',
		],
		["(select object_construct(*) from values (1, 'x'))", '{"COLUMN1":1,"COLUMN2":"x"}'],
	],
	get: [
		["get(array_construct(2.71, 3.14), 0)", "2.71"],
		[
			"get(object_construct('Ukraine', 'Kyiv'::variant, 'France', 'Paris'::variant), 'Ukraine')",
			'"Kyiv"',
		],
		["get(to_variant(object_construct('temperature', 31.5::variant)), 'temperature')", "31.5"],
		["get(to_variant(object_construct('temperature', 31.5::variant)), 0)", null],
	],
	array_to_string: [
		[
			`array_to_string(parse_json('[true, 1, -1.2e-3, "Abc", ["x","y"], {"a":1}]'), '')`,
			'true1-0.0012Abc["x","y"]{"a":1}',
		],
		["array_to_string(parse_json('[1, , ,2]'), ', ')", "1, , , 2"],
		["array_to_string(['A', null, 'B'], '')", "AB"],
		["array_to_string(parse_json('[]'), ', ')", ""],
		["array_to_string(null, ', ')", null],
	],
	object_insert: [
		[
			"object_insert(object_construct('a', 'value1', 'b', 'value2'), 'c', 'value3')",
			'{"a":"value1","b":"value2","c":"value3"}',
		],
		["object_insert(object_construct('a', 1), 'd', parse_json('null'))", '{"a":1,"d":null}'],
		["object_insert(object_construct('a', 1), 'e', null)", '{"a":1}'],
		["object_insert(object_construct('b', 'value2'), 'b', 'valuex', true)", '{"b":"valuex"}'],
	],
	array_slice: [
		["array_slice([0,1,2,3,4,5,6], 0, 2)", "[0,1]"],
		["array_slice([0,1,2,3,4,5,6], 3, array_size([0,1,2,3,4,5,6]))", "[3,4,5,6]"],
		["array_slice(['foo','snow','flake','bar'], 1, 3)", '["snow","flake"]'],
		["array_slice(null, 2, 3)", null],
		["array_slice([0,1,2,3,4,5,6], null, 2)", null],
		["array_slice([0,1,2,3,4,5,6], 0, -2)", "[0,1,2,3,4]"],
		["array_slice([0,1,2,3,4,5,6], -5, -3)", "[2,3]"],
		["array_slice([0,1,2,3,4,5,6], 10, 12)", "[]"],
		["array_slice([0,1,2,3,4,5,6], -10, -12)", "[]"],
	],
	width_bucket: [
		["width_bucket(290000.00, 200000, 600000, 4)", "1"],
		["width_bucket(399999.99, 200000, 600000, 4)", "2"],
		["width_bucket(400000.00, 200000, 600000, 4)", "3"],
		["width_bucket(510000.00, 200000, 600000, 4)", "4"],
	],
	regexp_instr: [
		["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore\\\\d')", "1"],
		["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore\\\\d', 5)", "13"],
		["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore\\\\d', 1, 3)", "25"],
		["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore\\\\d', 1, 3, 1)", "35"],
		["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore', 1, 4)", "0"],
		[
			"regexp_instr('It was the best of times, it was the worst of times.', 'the\\\\W+(\\\\w+)', 1, 2, 0, 'e', 1)",
			"38",
		],
	],
	is_integer: [
		["is_integer(parse_json('-17'))", "true"],
		["is_integer(parse_json('123.12'))", "false"],
		["is_integer(to_variant(3.21::double))", "false"],
		["is_integer(to_variant(15))", "true"],
		["typeof(to_variant(to_array('Example')))", "ARRAY"],
		["typeof(to_variant(1.23::decimal(6, 3)))", "DECIMAL"],
		["typeof(to_variant(3.21::double))", "DOUBLE"],
		[`typeof(to_variant(to_object(parse_json('{"Tree": "Pine"}'))))`, "OBJECT"],
	],
	greatest: [
		["greatest(1, 2, 3)", "3"],
		["greatest(3, 6, null)", null],
		["greatest(3, 13.45::float)", "13.45"],
	],
	add_months: [
		["to_varchar(add_months('2016-05-15'::timestamp_ntz, 2))", "2016-07-15 00:00:00.000"],
		["add_months('2016-02-29'::date, 1)", "2016-03-31"],
		["add_months('2016-05-31'::date, -1)", "2016-04-30"],
	],
	date_from_parts: [
		["date_from_parts(1977, 8, 7)", "1977-08-07"],
		["date_from_parts(2010, 1, 100)", "2010-04-10"],
		["datefromparts(2010, 1 + 24, 1)", "2012-01-01"],
		["date_from_parts(2004, 0, 1)", "2003-12-01"],
		["date_from_parts(2004, 2, -1)", "2004-01-30"],
		["date_from_parts(2004, -1, -1)", "2003-10-30"],
	],
	strip_null_value: [
		[`strip_null_value(parse_json('{"c": null}'):c)`, null],
		[`strip_null_value(parse_json('{"c": "3"}'):c)`, '"3"'],
	],
	to_array: [
		["array_cat(to_array(1), to_array(3))", "[1,3]"],
		["to_array('snowman,snowball,snowcone')", '["snowman,snowball,snowcone"]'],
		["to_array(parse_json('null'))", null],
	],
	array_contains: [
		["array_contains('hello'::variant, array_construct('hello', 'hi'))", "true"],
		["array_contains('hello'::variant, array_construct('hola', 'bonjour'))", "false"],
		["array_contains(null, array_construct('hola', 'bonjour'))", null],
		["array_contains(parse_json('null'), array_construct('hola', parse_json('null')))", "true"],
		["array_contains(5, array_construct(4, 5, 6))", "true"],
	],
	rpad: [
		["rpad('-123.00', 10, '_')", "-123.00___"],
		["rpad('Twelve Dollars', 10, '$')", "Twelve Dol"],
		["rpad('123.50', 19, '*_')", "123.50*_*_*_*_*_*_*"],
		["rpad('Hi', 10, '')", "Hi"],
	],
	hex_encode: [
		["hex_encode('Snowflake')", "536E6F77666C616B65"],
		["hex_encode('Snowflake', 0)", "536e6f77666c616b65"],
		["to_binary(hex_encode('Hi'), 'HEX')", "4869"],
	],
	check_json: [
		[`check_json('{"ValidKey1": "ValidValue1"}')`, null],
		[`check_json('{"Malformed -- Missing value": }')`, "misplaced }, pos 32"],
		["check_json(null)", null],
	],
	to_double: [
		["to_double(1.1)", "1.1"],
		["to_double('2.2')", "2.2"],
		["to_double(to_variant(3.14))", "3.14"],
		["to_double(1.1)::number(38, 18)", "1.100000000000000089"],
	],
	mod: [
		["mod(3, 2)", "1"],
		["mod(4.5, 1.2)", "0.9"],
		["mod(-3, 2)", "-1"],
	],
};

/** Aggregates: the rows of a page's example, and what it shows for them. */
const AGGREGATES: readonly (readonly [
	page: string,
	rows: string,
	sql: string,
	expected: string | null,
])[] = [
	[
		"avg",
		"(1, 1.1), (1, 10), (2, 2.4), (2, null), (3, null), (null, 9.9)",
		"avg(column1)",
		"1.800000",
	],
	[
		"count",
		"(11, 101), (11, 102), (11, null), (12, 101), (null, 101), (null, 102)",
		"count(*)",
		"6",
	],
	[
		"count",
		"(11, 101), (11, 102), (11, null), (12, 101), (null, 101), (null, 102)",
		"count(column1)",
		"4",
	],
	[
		"count",
		"(11, 101), (11, 102), (11, null), (12, 101), (null, 101), (null, 102)",
		"count(distinct column1)",
		"2",
	],
	["count", "(1,1,1),(1,1,1),(1,1,1),(1,1,2)", "count(distinct column1, column2, column3)", "2"],
	[
		"count",
		'(\'{"Title": null}\'), (\'{"Title": "O"}\'), (\'{"Title": "I"}\'), (null)',
		"count(parse_json(column1):Title)",
		"2",
	],
	[
		"array_agg",
		"(32123, 'O'), (55937, 'O'), (41445, 'F')",
		"array_agg(column1) within group (order by column1 asc)",
		"[32123,41445,55937]",
	],
	[
		"array_agg",
		"(32123, 'O'), (55937, 'O'), (41445, 'F')",
		"array_agg(distinct column2) within group (order by column2 asc)",
		'["F","O"]',
	],
	["array_agg", "(null::int)", "arrayagg(column1)", "[]"],
	[
		"listagg",
		"('699', 3), ('336', 2), ('245', 1)",
		"listagg('Clerk#000000' || column1, ', ') within group (order by column2 desc)",
		"Clerk#000000699, Clerk#000000336, Clerk#000000245",
	],
	["median", "(10.00), (20.00), (25.00), (30.00)", "median(column1)", "22.50000"],
	[
		"percentile_cont",
		"(0.00), (10.00), (20.00), (30.00), (40.00)",
		"percentile_cont(0.25) within group (order by column1)",
		"10.00000",
	],
	[
		"percentile_cont",
		"(10.00), (20.00), (25.00), (30.00)",
		"percentile_cont(0.25) within group (order by column1)",
		"17.50000",
	],
	["booland_agg", "(true, true), (true, false)", "booland_agg(column1)", "true"],
	["booland_agg", "(true, true), (true, false)", "booland_agg(column2)", "false"],
	["avg", "('1.1'), ('10'), (null)", "avg(column1)", "5.55"],
	[
		"listagg",
		"(9), (10), (9)",
		"listagg(distinct column1, ' ') within group (order by column1)",
		"9 10",
	],
	["listagg", "(null::varchar)", "listagg(column1, ',')", ""],
	[
		"hash_agg",
		"(1, 'a'), (2, null)",
		"hash_agg(column1, column2) = (select hash_agg(column1, column2) from values (2, null), (1, 'a'))",
		"true",
	],
	[
		"hash_agg",
		"(1, 'a'), (2, null)",
		"hash_agg(column1, column2) = hash_agg(column2, column1)",
		"false",
	],
	["hash_agg", "(1, 'a'), (1, 'a')", "hash_agg(column1) = hash_agg(distinct column1)", "false"],
	[
		"hash_agg",
		"(1.50, 'a'), (2, null)",
		"hash_agg(column1) = hash_agg(column1::number(30,9))",
		"true",
	],
	["hash_agg", "(null), (null)", "hash_agg(column1) = hash_agg(distinct column1)", "false"],
	["hash_agg", "(1)", "(select hash_agg(null) where 0 = 1)", "0"],
];

let account: SqlAccount;
beforeAll(async () => {
	account = await openSqlAccount();
});
afterAll(() => account.close());

describe.each(Object.entries(GOLDEN))("%s", (_page, cases) => {
	test.each(cases)("%s", async (sql, expected) => {
		expect(await account.value(`select ${sql}`)).toBe(expected);
	});
});

test.each(AGGREGATES)("%s: %s → %s", async (_page, rows, sql, expected) => {
	expect(await account.value(`select ${sql} from values ${rows}`)).toBe(expected);
});
