import { describe, expect, test } from "vitest";
import { canonicalType, typeChange } from "../../src/model/data-type.ts";

/* Written forms and what DESC TABLE prints: the data type pages of Snowflake's documentation. */
describe("canonicalType", () => {
	test.each([
		["number", "NUMBER(38,0)"],
		["NUMBER(10,1)", "NUMBER(10,1)"],
		["decimal(20, 2)", "NUMBER(20,2)"],
		["DEC(5)", "NUMBER(5,0)"],
		["numeric(30,3)", "NUMBER(30,3)"],
		["INT", "NUMBER(38,0)"],
		["byteint", "NUMBER(38,0)"],
		["double precision", "FLOAT"],
		["REAL", "FLOAT"],
		["FLOAT8", "FLOAT"],
		["DECFLOAT", "DECFLOAT(38)"],
		["string", "VARCHAR(16777216)"],
		["TEXT(20)", "VARCHAR(20)"],
		["char", "VARCHAR(1)"],
		["CHAR VARYING(30)", "VARCHAR(30)"],
		["nchar varying", "VARCHAR(16777216)"],
		["varbinary", "BINARY(8388608)"],
		["BINARY(50)", "BINARY(50)"],
		["boolean", "BOOLEAN"],
		["TIME(3)", "TIME(3)"],
		["datetime", "TIMESTAMP_NTZ(9)"],
		["TIMESTAMP(6)", "TIMESTAMP_NTZ(6)"],
		["timestamp with time zone", "TIMESTAMP_TZ(9)"],
		["TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)"],
		["TIMESTAMP WITHOUT TIME ZONE(3)", "TIMESTAMP_NTZ(3)"],
		["timestamp_ltz", "TIMESTAMP_LTZ(9)"],
		["variant", "VARIANT"],
		["ARRAY", "ARRAY"],
		["ARRAY(NUMBER NOT NULL)", "ARRAY(NUMBER(38,0) NOT NULL)"],
		[
			"OBJECT(str VARCHAR NOT NULL, num INT)",
			"OBJECT(str VARCHAR(16777216) NOT NULL, num NUMBER(38,0))",
		],
		["OBJECT()", "OBJECT()"],
		["MAP(VARCHAR, DOUBLE)", "MAP(VARCHAR(16777216), FLOAT)"],
		["VECTOR(float, 256)", "VECTOR(FLOAT, 256)"],
	])("%s is %s", (written, reported) => {
		expect(canonicalType(written)).toBe(reported);
		expect(canonicalType(reported)).toBe(reported);
	});

	test.each([
		"NUMBRE",
		"INT(38)",
		"NUMBER(39)",
		"NUMBER(10,11)",
		"VARCHAR(0)",
		"TIME(10)",
		"MAP(INT)",
		"MAP",
		"",
	])("%s is no type", (written) => expect(canonicalType(written)).toBeUndefined());
});

/* The table of sql-reference/sql/alter-table-column. */
test.each([
	["VARCHAR(50)", "VARCHAR(100)", "widening"],
	["VARCHAR(50)", "VARCHAR(25)", "impossible"],
	["BINARY(50)", "BINARY(100)", "impossible"],
	["NUMBER(10,2)", "NUMBER(20,2)", "widening"],
	["NUMBER(20,2)", "NUMBER(10,2)", "narrowing"],
	["NUMBER(10,2)", "NUMBER(10,4)", "impossible"],
	["VARCHAR(16777216)", "NUMBER(38,0)", "impossible"],
	["TIMESTAMP_NTZ(3)", "TIMESTAMP_NTZ(9)", "impossible"],
	["DATE", "DATE", "same"],
])("%s to %s is %s", (from, to, expected) => expect(typeChange(from, to)).toBe(expected));
