import { fixedType } from "../../account/data-type.ts";
import { SnowflakeError } from "../../error.ts";
import { toJson } from "../convert.ts";
import { ARRAY, BOOLEAN, INTEGER, OBJECT, REAL, TEXT, VARIANT } from "../sql-type.ts";
import { place } from "../syntax.ts";
import { type Typed, typed } from "../typed.ts";
import {
	argument,
	type FunctionCall,
	type FunctionEntry,
	type FunctionTable,
	scalar,
	sqlOf,
} from "./entry.ts";

/** An argument as a VARIANT's JSON text for the engine's functions. */
const json = (call: FunctionCall, index: number): string =>
	`CAST(${toJson(argument(call, index), call.session, call.span)} AS VARCHAR)`;

const variant = (sql: string, type = VARIANT): Typed => typed(`CAST(${sql} AS JSON)`, type);

function parse(lenient: boolean): FunctionEntry {
	return scalar(1, 2, (call) => {
		const duplicates = call.values[1]?.constant === "d";
		return variant(`sf_parse_json(${sqlOf(call, 0, TEXT)}, ${lenient}, ${duplicates})`);
	});
}

function object(keepNull: boolean): FunctionEntry {
	return scalar(0, Infinity, (call) => {
		if (call.values.length % 2 !== 0)
			throw new SnowflakeError(
				"000938",
				"22023",
				`SQL compilation error:\n${call.name} needs an even number of arguments`,
				place(call.span),
			);
		const list = call.values.map(
			(_, i) => `, ${i % 2 === 0 ? sqlOf(call, i, TEXT) : json(call, i)}`,
		);
		return variant(`sf_object(${keepNull}${list.join("")})`, OBJECT);
	});
}

function array(compact: boolean): FunctionEntry {
	return scalar(0, Infinity, (call) =>
		variant(
			`sf_array(${compact}${call.values.map((_, i) => `, ${json(call, i)}`).join("")})`,
			ARRAY,
		),
	);
}

/** GET by index for a number, by key for text. */
function get(call: FunctionCall): Typed {
	const step = argument(call, 1);
	return step.type.base === "FIXED"
		? variant(`sf_get_index(${json(call, 0)}, CAST(${sqlOf(call, 1, INTEGER)} AS INTEGER))`)
		: variant(`sf_get(${json(call, 0)}, ${sqlOf(call, 1, TEXT)})`);
}

/** `IS_INTEGER(v)` and its like: what TYPEOF says. */
function is(...types: readonly string[]): FunctionEntry {
	const list = types.map((type) => `'${type}'`).join(", ");
	return scalar(1, 1, (call) => typed(`(sf_typeof(${json(call, 0)}) IN (${list}))`, BOOLEAN));
}

/** `AS_INTEGER(v)`: the value when it has the type, else NULL. */
function as(type: Typed["type"], ...types: readonly string[]): FunctionEntry {
	const list = types.map((name) => `'${name}'`).join(", ");
	return scalar(1, 1, (call) => {
		const value = call.convert(
			typed(toJson(argument(call, 0), call.session, call.span), VARIANT),
			type,
		);
		return typed(`CASE WHEN sf_typeof(${json(call, 0)}) IN (${list}) THEN ${value.sql} END`, type);
	});
}

const integer = (call: FunctionCall, index: number): string =>
	`CAST(${sqlOf(call, index, INTEGER)} AS INTEGER)`;

/** Functions of VARIANT, OBJECT and ARRAY. */
export const SEMI_STRUCTURED_FUNCTIONS: FunctionTable = {
	PARSE_JSON: parse(false),
	TRY_PARSE_JSON: parse(true),
	CHECK_JSON: scalar(1, 1, (call) => typed(`sf_check_json(${sqlOf(call, 0, TEXT)})`, TEXT)),
	TO_VARIANT: scalar(1, 1, (call) => call.convert(argument(call, 0), VARIANT)),
	TO_OBJECT: scalar(1, 1, (call) => call.convert(argument(call, 0), OBJECT)),
	TO_ARRAY: scalar(1, 1, (call) => call.convert(argument(call, 0), ARRAY)),
	TO_JSON: scalar(1, 1, (call) => typed(json(call, 0), TEXT)),
	OBJECT_CONSTRUCT: object(false),
	OBJECT_CONSTRUCT_KEEP_NULL: object(true),
	OBJECT_KEYS: scalar(1, 1, (call) =>
		variant(`to_json(json_keys(${sqlOf(call, 0, OBJECT)}))`, ARRAY),
	),
	OBJECT_INSERT: scalar(3, 4, (call) =>
		variant(
			`sf_object_insert(${json(call, 0)}, ${sqlOf(call, 1, TEXT)}, ${json(call, 2)}, ${call.values.length > 3 ? sqlOf(call, 3, BOOLEAN) : "FALSE"})`,
			OBJECT,
		),
	),
	OBJECT_DELETE: scalar(2, Infinity, (call) =>
		variant(
			`sf_object_delete(${json(call, 0)}${call.values
				.slice(1)
				.map((_, i) => `, ${sqlOf(call, i + 1, TEXT)}`)
				.join("")})`,
			OBJECT,
		),
	),
	ARRAY_CONSTRUCT: array(false),
	ARRAY_CONSTRUCT_COMPACT: array(true),
	ARRAY_SIZE: scalar(1, 1, (call) =>
		typed(
			`CASE WHEN sf_typeof(${json(call, 0)}) = 'ARRAY' THEN CAST(json_array_length(${json(call, 0)}) AS DECIMAL(9,0)) END`,
			fixedType(9, 0),
		),
	),
	ARRAY_CONTAINS: scalar(2, 2, (call) =>
		typed(`sf_array_contains(${json(call, 1)}, ${json(call, 0)})`, BOOLEAN),
	),
	ARRAY_APPEND: scalar(2, 2, (call) =>
		variant(`sf_array_append(${json(call, 0)}, ${json(call, 1)})`, ARRAY),
	),
	ARRAY_CAT: scalar(2, 2, (call) =>
		variant(`sf_array_cat(${json(call, 0)}, ${json(call, 1)})`, ARRAY),
	),
	ARRAY_SLICE: scalar(3, 3, (call) =>
		variant(`sf_array_slice(${json(call, 0)}, ${integer(call, 1)}, ${integer(call, 2)})`, ARRAY),
	),
	ARRAY_DISTINCT: scalar(1, 1, (call) => variant(`sf_array_distinct(${json(call, 0)})`, ARRAY)),
	ARRAY_TO_STRING: scalar(2, 2, (call) =>
		typed(`sf_array_to_string(${json(call, 0)}, ${sqlOf(call, 1, TEXT)})`, TEXT),
	),
	GET: scalar(2, 2, get),
	GET_PATH: scalar(2, 2, (call) =>
		variant(`sf_get_path(${json(call, 0)}, ${sqlOf(call, 1, TEXT)})`),
	),
	TYPEOF: scalar(1, 1, (call) => typed(`sf_typeof(${json(call, 0)})`, TEXT)),
	IS_NULL_VALUE: scalar(1, 1, (call) => typed(`(${json(call, 0)} = 'null')`, BOOLEAN)),
	IS_ARRAY: is("ARRAY"),
	IS_OBJECT: is("OBJECT"),
	IS_BOOLEAN: is("BOOLEAN"),
	IS_INTEGER: is("INTEGER"),
	IS_DECIMAL: is("INTEGER", "DECIMAL"),
	IS_DOUBLE: is("INTEGER", "DECIMAL", "DOUBLE"),
	IS_VARCHAR: is("VARCHAR"),
	IS_CHAR: is("VARCHAR"),
	AS_ARRAY: as(ARRAY, "ARRAY"),
	AS_OBJECT: as(OBJECT, "OBJECT"),
	AS_BOOLEAN: as(BOOLEAN, "BOOLEAN"),
	AS_INTEGER: as(INTEGER, "INTEGER"),
	AS_DOUBLE: as(REAL, "INTEGER", "DECIMAL", "DOUBLE"),
	AS_VARCHAR: as(TEXT, "VARCHAR"),
	AS_CHAR: as(TEXT, "VARCHAR"),
	STRIP_NULL_VALUE: scalar(1, 1, (call) => variant(`nullif(${json(call, 0)}, 'null')`)),
};
