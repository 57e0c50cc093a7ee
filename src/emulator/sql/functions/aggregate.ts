import { fixedType } from "../../account/data-type.ts";
import { duckdbType } from "../../account/storage.ts";
import { SnowflakeError, unsupported } from "../../error.ts";
import { toJson, toNumber } from "../convert.ts";
import { quotient } from "../operators.ts";
import { ARRAY, BOOLEAN, isSemiStructured, OBJECT, REAL, TEXT } from "../sql-type.ts";
import { place } from "../syntax.ts";
import { type Typed, typed } from "../typed.ts";
import {
	aggregate,
	argument,
	type FunctionCall,
	type FunctionEntry,
	type FunctionTable,
	sqlOf,
	windowed,
} from "./entry.ts";

const COUNT = fixedType(18, 0);

function distinct(call: FunctionCall): string {
	return call.distinct ? "DISTINCT " : "";
}

/** COUNT of several expressions counts the rows where none is NULL. */
function count(call: FunctionCall): Typed {
	if (call.star) return typed(`CAST(count(*)${call.over} AS DECIMAL(18,0))`, COUNT);
	const [only] = call.values;
	if (only && call.values.length === 1) {
		// A JSON null counts as NULL.
		const json = isSemiStructured(only.type);
		const sql = json ? `nullif(CAST(${only.sql} AS VARCHAR), 'null')` : only.sql;
		return typed(`CAST(count(${distinct(call)}${sql})${call.over} AS DECIMAL(18,0))`, COUNT);
	}
	const present = call.values.map((value) => `${value.sql} IS NOT NULL`).join(" AND ");
	const row = `CASE WHEN ${present} THEN row(${call.values.map((value) => value.sql).join(", ")}) END`;
	return typed(`CAST(count(${distinct(call)}${row})${call.over} AS DECIMAL(18,0))`, COUNT);
}

/** A number to add up; text is read as FLOAT. */
function summand(call: FunctionCall): Typed {
	const value = argument(call, 0);
	return value.type.base === "TEXT" && !value.untyped
		? call.convert(value, REAL)
		: toNumber(value, call.session, call.span);
}

/** SUM keeps the scale and has all 38 digits. */
function sum(call: FunctionCall): Typed {
	const value = summand(call);
	const type = value.type.base === "REAL" ? REAL : fixedType(38, value.type.scale ?? 0);
	return typed(`CAST(sum(${distinct(call)}${value.sql})${call.over} AS ${duckdbType(type)})`, type);
}

/** AVG is the sum divided by the count, with division's scale. */
function average(call: FunctionCall): Typed {
	const value = summand(call);
	if (value.type.base === "REAL")
		return typed(`avg(${distinct(call)}${value.sql})${call.over}`, REAL);
	const total = sum(call);
	const size = typed(
		`nullif(count(${distinct(call)}${value.sql})${call.over}, 0)`,
		fixedType(18, 0),
	);
	const scale = value.type.scale ?? 0;
	const result = Math.max(scale, Math.min(scale + 6, 12));
	return typed(quotient(total, { ...size, constant: "1" }, result), fixedType(38, result));
}

function extreme(engine: string): FunctionEntry {
	return aggregate(1, 1, (call) => {
		const value = argument(call, 0);
		if (isSemiStructured(value.type))
			throw unsupported(`${call.name} of a ${value.type.text}`, place(call.span));
		return typed(`${engine}(${value.sql})${call.over}`, value.type);
	});
}

/** An aggregate of FLOATs. */
function real(engine: string): FunctionEntry {
	return aggregate(1, 1, (call) =>
		typed(`${engine}(${distinct(call)}${sqlOf(call, 0, REAL)})${call.over}`, REAL),
	);
}

function truth(engine: string): FunctionEntry {
	return aggregate(1, 1, (call) =>
		typed(`${engine}(${sqlOf(call, 0, BOOLEAN)})${call.over}`, BOOLEAN),
	);
}

/** MEDIAN and PERCENTILE_CONT of exact numbers have three digits more. */
function median(call: FunctionCall): Typed {
	const value = toNumber(argument(call, 0), call.session, call.span);
	if (value.type.base === "REAL") return typed(`median(${value.sql})${call.over}`, REAL);
	const type = fixedType(38, Math.min(37, (value.type.scale ?? 0) + 3));
	return typed(
		`CAST(median(CAST(${value.sql} AS ${duckdbType(type)}))${call.over} AS ${duckdbType(type)})`,
		type,
	);
}

/** Exact numbers get three digits more, as with MEDIAN. */
function percentile(engine: string): FunctionEntry {
	return aggregate(1, 1, (call) => {
		const fraction = argument(call, 0).constant;
		const [key] = call.orderBy;
		if (!fraction || !key || call.orderBy.length !== 1)
			throw unsupported(`${call.name} without WITHIN GROUP (ORDER BY …)`, place(call.span));
		const value = toNumber(key.value, call.session, call.span);
		const scale = Math.min(37, (value.type.scale ?? 0) + 3);
		const type = value.type.base === "REAL" ? REAL : fixedType(38, scale);
		const order = `ORDER BY CAST(${value.sql} AS ${duckdbType(type)})${key.descending ? " DESC" : ""}`;
		return typed(
			`CAST(${engine}(${Number(fraction)}) WITHIN GROUP (${order})${call.over} AS ${duckdbType(type)})`,
			type,
		);
	});
}

/** The values of a group that are not NULL as a list of texts; the values decide the order, not their texts. */
function texts(call: FunctionCall, text: (item: Typed) => string): string {
	const value = argument(call, 0);
	const list = `list(${distinct(call)}${value.sql}${call.order}) FILTER (WHERE ${value.sql} IS NOT NULL)${call.over}`;
	return `list_transform(${list}, lambda item: ${text(typed("item", value.type))})`;
}

/** LISTAGG of no rows is an empty text, not NULL. */
function listagg(call: FunctionCall): Typed {
	const separator = call.values.length > 1 ? sqlOf(call, 1, TEXT) : "''";
	const list = texts(call, (item) => call.convert(item, TEXT).sql);
	return typed(`coalesce(array_to_string(${list}, ${separator}), '')`, TEXT);
}

/** ARRAY_AGG leaves NULLs out; of no rows it is an empty array. */
function arrayAgg(call: FunctionCall): Typed {
	const list = texts(call, (item) => `CAST(${toJson(item, call.session, call.span)} AS VARCHAR)`);
	return typed(`CAST('[' || coalesce(array_to_string(${list}, ','), '') || ']' AS JSON)`, ARRAY);
}

function objectAgg(call: FunctionCall): Typed {
	const key = `CAST(to_json(${sqlOf(call, 0, TEXT)}) AS VARCHAR)`;
	const json = `CAST(${toJson(argument(call, 1), call.session, call.span)} AS VARCHAR)`;
	const list = `string_agg(${key} || ':' || ${json}, ',')${call.over}`;
	return typed(`CAST('{' || coalesce(${list}, '') || '}' AS JSON)`, OBJECT);
}

/** A position in a window. */
function rank(engine: string): FunctionEntry {
	return windowed(0, 0, (call) => typed(`CAST(${engine}()${call.over} AS DECIMAL(18,0))`, COUNT));
}

function nulls(call: FunctionCall): string {
	return call.nulls === "IGNORE" ? " IGNORE NULLS" : "";
}

function neighbour(engine: string): FunctionEntry {
	return windowed(1, 3, (call) => {
		const value = argument(call, 0);
		const offset = call.values[1]?.constant ?? "1";
		const otherwise =
			call.values.length > 2 ? call.convert(argument(call, 2), value.type).sql : "NULL";
		if (!/^-?\d+$/.test(offset))
			throw unsupported(`${call.name} by an offset that is not constant`, place(call.span));
		return typed(
			`${engine}(${value.sql}, ${offset}, ${otherwise}${nulls(call)})${call.over}`,
			value.type,
		);
	});
}

function edge(engine: string): FunctionEntry {
	return windowed(1, 1, (call) => {
		const value = argument(call, 0);
		return typed(`${engine}(${value.sql}${nulls(call)})${call.over}`, value.type);
	});
}

/** Functions of groups and windows. */
export const AGGREGATE_FUNCTIONS: FunctionTable = {
	COUNT: aggregate(1, Infinity, count),
	COUNT_IF: aggregate(1, 1, (call) =>
		typed(
			`CAST(coalesce(count_if(${sqlOf(call, 0, BOOLEAN)})${call.over}, 0) AS DECIMAL(18,0))`,
			COUNT,
		),
	),
	SUM: aggregate(1, 1, sum),
	AVG: aggregate(1, 1, average),
	MIN: extreme("min"),
	MAX: extreme("max"),
	MIN_BY: chosen("arg_min"),
	MAX_BY: chosen("arg_max"),
	ANY_VALUE: aggregate(1, 1, (call) => {
		const value = argument(call, 0);
		return typed(`any_value(${value.sql})${call.over}`, value.type);
	}),
	MEDIAN: aggregate(1, 1, median),
	PERCENTILE_CONT: percentile("percentile_cont"),
	STDDEV: real("stddev_samp"),
	STDDEV_SAMP: real("stddev_samp"),
	STDDEV_POP: real("stddev_pop"),
	VARIANCE: real("var_samp"),
	VAR_SAMP: real("var_samp"),
	VAR_POP: real("var_pop"),
	CORR: aggregate(2, 2, (call) =>
		typed(`corr(${sqlOf(call, 0, REAL)}, ${sqlOf(call, 1, REAL)})${call.over}`, REAL),
	),
	LISTAGG: aggregate(1, 2, listagg),
	ARRAY_AGG: aggregate(1, 1, arrayAgg),
	ARRAYAGG: aggregate(1, 1, arrayAgg),
	OBJECT_AGG: aggregate(2, 2, objectAgg),
	BOOLAND_AGG: truth("bool_and"),
	BOOLOR_AGG: truth("bool_or"),
	ROW_NUMBER: rank("row_number"),
	RANK: rank("rank"),
	DENSE_RANK: rank("dense_rank"),
	PERCENT_RANK: windowed(0, 0, (call) => typed(`percent_rank()${call.over}`, REAL)),
	CUME_DIST: windowed(0, 0, (call) => typed(`cume_dist()${call.over}`, REAL)),
	NTILE: windowed(1, 1, (call) => {
		const buckets = Number(argument(call, 0).constant);
		if (!(buckets > 0))
			throw new SnowflakeError(
				"001015",
				"22023",
				"SQL compilation error:\nargument 1 to function NTILE needs to be a positive constant",
				place(call.span),
			);
		return typed(`CAST(ntile(${buckets})${call.over} AS DECIMAL(18,0))`, COUNT);
	}),
	LAG: neighbour("lag"),
	LEAD: neighbour("lead"),
	FIRST_VALUE: edge("first_value"),
	LAST_VALUE: edge("last_value"),
	GROUPING: aggregate(1, 1, (call) =>
		typed(`CAST(grouping(${argument(call, 0).sql}) AS DECIMAL(18,0))`, COUNT),
	),
};

function chosen(engine: string): FunctionEntry {
	return aggregate(2, 2, (call) => {
		const value = argument(call, 0);
		return typed(`${engine}(${value.sql}, ${argument(call, 1).sql})${call.over}`, value.type);
	});
}
