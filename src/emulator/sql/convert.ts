import type { Span } from "../../diagnostics/source.ts";
import { fixedType, textType } from "../account/data-type.ts";
import { duckdbType, engineString } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type { SqlType } from "../types.ts";
import type { ScopeSession } from "./scope.ts";
import { isNumeric, isSemiStructured, isTimestamp, REAL, sameType, VARIANT } from "./sql-type.ts";
import { compilationError, place } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

/** How a conversion treats a value that does not fit: it fails, or it gives NULL. */
export type Mode = "cast" | "try";

interface Conversion {
	readonly value: Typed;
	readonly to: SqlType;
	readonly mode: Mode;
	readonly session: ScopeSession;
	readonly span: Span;
}

/** Converts a value to a type, as `value::type` does. */
export function convert(
	value: Typed,
	to: SqlType,
	session: ScopeSession,
	span: Span,
	mode: Mode = "cast",
): Typed {
	if (value.untyped) return typed(`CAST(NULL AS ${duckdbType(to)})`, to);
	if (sameType(value.type, to)) return { ...value, type: to };
	const sql = convertSql({ value, to, mode, session, span });
	return { sql, type: to, ...(value.constant !== undefined && { constant: value.constant }) };
}

function convertSql(conversion: Conversion): string {
	const { value, to } = conversion;
	if (isSemiStructured(to)) return toSemiStructured(conversion);
	if (isSemiStructured(value.type)) return fromVariant(conversion);
	switch (to.base) {
		case "FIXED":
			return toFixed(conversion);
		case "REAL":
			return toReal(conversion);
		case "TEXT":
			return toText(conversion);
		case "BOOLEAN":
			return toBoolean(conversion);
		case "BINARY":
			if (value.type.base === "BINARY") return value.sql;
			if (value.type.base === "TEXT") return `unhex(${value.sql})`;
			break;
		case "DATE":
		case "TIME":
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
		case "TIMESTAMP_TZ":
			return toMoment(conversion);
	}
	throw impossible(conversion);
}

function impossible({ value, to, span }: Conversion): Error {
	return compilationError(
		"001065",
		"22023",
		`Function CAST cannot be used with arguments of types ${value.type.text} and ${to.text}`,
		span,
	);
}

/** The last argument of the engine's conversion functions: whether NULL answers a bad value. */
function lenient(mode: Mode): string {
	return mode === "try" ? "TRUE" : "FALSE";
}

function toFixed(conversion: Conversion): string {
	const { value, to, mode } = conversion;
	const type = duckdbType(to);
	switch (value.type.base) {
		case "FIXED":
			return `${mode === "try" ? "TRY_CAST" : "CAST"}(${value.sql} AS ${type})`;
		case "REAL":
			return `CAST(sf_real_fixed(${value.sql}, ${to.precision}, ${to.scale}, ${lenient(mode)}) AS ${type})`;
		case "BOOLEAN":
			return `CAST(${value.sql} AS ${type})`;
		case "TEXT":
			return `CAST(sf_fixed(${value.sql}, ${to.precision}, ${to.scale}, ${lenient(mode)}) AS ${type})`;
		default:
			throw impossible(conversion);
	}
}

function toReal(conversion: Conversion): string {
	const { value, mode } = conversion;
	switch (value.type.base) {
		case "FIXED":
		case "BOOLEAN":
			return `CAST(${value.sql} AS DOUBLE)`;
		case "TEXT":
			return `CAST(sf_real(${value.sql}, ${lenient(mode)}) AS DOUBLE)`;
		default:
			throw impossible(conversion);
	}
}

function toBoolean(conversion: Conversion): string {
	const { value, mode } = conversion;
	if (isNumeric(value.type)) return `(${value.sql} <> 0)`;
	if (value.type.base === "TEXT")
		return `CAST(sf_boolean(${value.sql}, ${lenient(mode)}) AS BOOLEAN)`;
	throw impossible(conversion);
}

/** The default output format of a type, which the session may change. */
export function outputFormat(type: SqlType, session: ScopeSession): string {
	const own = session.parameter(`${type.base}_OUTPUT_FORMAT`);
	if (own) return own;
	switch (type.base) {
		case "DATE":
			return "YYYY-MM-DD";
		case "TIME":
			return "HH24:MI:SS";
		case "TIMESTAMP_NTZ":
			return "YYYY-MM-DD HH24:MI:SS.FF3";
		default:
			return session.parameter("TIMESTAMP_OUTPUT_FORMAT") || "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM";
	}
}

/** A date, time or timestamp as text in a format. */
export function formatMoment(value: Typed, format: string, session: ScopeSession): string {
	const { sql, type } = value;
	if (type.base === "TIMESTAMP_LTZ")
		return `sf_format_moment(CAST(timezone('UTC', ${sql}) AS VARCHAR), ${engineString(session.timezone)}, ${format})`;
	if (type.base === "TIMESTAMP_TZ")
		return `sf_format_moment(CAST((${sql}).utc AS VARCHAR), CAST((${sql}).minutes AS VARCHAR), ${format})`;
	return `sf_format_moment(CAST(${sql} AS VARCHAR), NULL, ${format})`;
}

function toText(conversion: Conversion): string {
	const { value, to, mode, session } = conversion;
	const { base } = value.type;
	let sql: string;
	if (base === "TEXT") sql = value.sql;
	else if (base === "REAL") sql = `sf_real_text(${value.sql})`;
	else if (base === "FIXED" || base === "BOOLEAN") sql = `CAST(${value.sql} AS VARCHAR)`;
	else if (base === "BINARY") sql = `hex(${value.sql})`;
	else if (base === "DATE" || base === "TIME" || isTimestamp(value.type))
		sql = formatMoment(value, engineString(outputFormat(value.type, session)), session);
	else throw impossible(conversion);
	const length = to.length ?? Infinity;
	// TRY_CAST('ABCD' AS CHAR(2)) is NULL; an explicit cast cuts a longer string.
	if (mode === "try" && length < Infinity)
		return `CASE WHEN length(${sql}) <= ${length} THEN ${sql} END`;
	return (value.type.length ?? Infinity) > length && length < 16777216
		? `left(${sql}, ${length})`
		: sql;
}

function toMoment(conversion: Conversion): string {
	const { value, to, mode, session } = conversion;
	const from = value.type.base;
	const zone = engineString(session.timezone);
	if (from === "TEXT" || from === "FIXED") {
		const source = from === "TEXT" ? value.sql : `CAST(${value.sql} AS VARCHAR)`;
		if (from === "FIXED" && !isTimestamp(to)) throw impossible(conversion);
		return momentFromText(source, to, "NULL", mode, session);
	}
	if (from === to.base) return value.sql;
	if (from === "TIME" || (from === "DATE" && to.base === "TIME")) throw impossible(conversion);
	if (from !== "DATE" && !isTimestamp(value.type)) throw impossible(conversion);
	const local =
		from === "TIMESTAMP_LTZ"
			? `timezone(${zone}, ${value.sql})`
			: from === "TIMESTAMP_TZ"
				? `((${value.sql}).utc + to_minutes((${value.sql}).minutes))`
				: `CAST(${value.sql} AS TIMESTAMP)`;
	switch (to.base) {
		case "DATE":
			return `CAST(${local} AS DATE)`;
		case "TIME":
			return `CAST(${local} AS TIME)`;
		case "TIMESTAMP_NTZ":
			return local;
		case "TIMESTAMP_LTZ":
			return from === "TIMESTAMP_TZ"
				? `timezone('UTC', (${value.sql}).utc)`
				: `timezone(${zone}, ${local})`;
		default:
			return from === "TIMESTAMP_LTZ"
				? withOffset(`timezone('UTC', ${value.sql})`, local)
				: withOffset(`timezone('UTC', timezone(${zone}, ${local}))`, local);
	}
}

/** A TIMESTAMP_TZ from its moment in UTC and the same moment by the clock on the wall. */
function withOffset(utc: string, local: string): string {
	return `struct_pack(utc := ${utc}, minutes := CAST(date_diff('minute', ${utc}, ${local}) AS INTEGER))`;
}

/** Reads a date, time or timestamp from text; `format` is an engine expression or NULL for AUTO. */
export function momentFromText(
	text: string,
	to: SqlType,
	format: string,
	mode: Mode,
	session: ScopeSession,
): string {
	const zone = engineString(session.timezone);
	return `CAST(sf_moment(${text}, '${to.base}', ${format}, ${zone}, ${lenient(mode)}) AS ${duckdbType(to)})`;
}

/** A value as the JSON text of a VARIANT. */
export function toJson(value: Typed, session: ScopeSession, span: Span): string {
	if (value.untyped) return "CAST(NULL AS JSON)";
	const { base } = value.type;
	if (isSemiStructured(value.type)) return value.sql;
	if (base === "TEXT") return `to_json(${value.sql})`;
	if (base === "BOOLEAN") return `CAST(CAST(${value.sql} AS VARCHAR) AS JSON)`;
	if (base === "FIXED")
		return `CAST(${
			(value.type.scale ?? 0) > 0
				? `rtrim(rtrim(CAST(${value.sql} AS VARCHAR), '0'), '.')`
				: `CAST(${value.sql} AS VARCHAR)`
		} AS JSON)`;
	if (base === "REAL") return `CAST(sf_real_json(${value.sql}) AS JSON)`;
	return `to_json(${convert(value, textType(), session, span).sql})`;
}

function toSemiStructured(conversion: Conversion): string {
	const { value, to, session, span } = conversion;
	const json = toJson(value, session, span);
	if (to.base === "VARIANT") return json;
	if (to.base === "ARRAY")
		return value.type.base === "ARRAY" ? json : `CAST(sf_to_array(${json}) AS JSON)`;
	if (to.base === "OBJECT" && isSemiStructured(value.type)) {
		if (value.type.base === "OBJECT") return json;
		return `CAST(sf_to_object(${json}) AS JSON)`;
	}
	throw impossible(conversion);
}

function fromVariant(conversion: Conversion): string {
	const { value, to, mode, session, span } = conversion;
	const json = `CAST(${value.sql} AS VARCHAR)`;
	switch (to.base) {
		case "TEXT": {
			const text = `json_extract_string(${value.sql}, '$')`;
			return (to.length ?? Infinity) < 16777216 ? `left(${text}, ${to.length})` : text;
		}
		case "FIXED":
			return `CAST(sf_variant_fixed(${json}, ${to.precision}, ${to.scale}, ${lenient(mode)}) AS ${duckdbType(to)})`;
		case "REAL":
			return `CAST(sf_variant_real(${json}, ${lenient(mode)}) AS DOUBLE)`;
		case "BOOLEAN":
			return `CAST(sf_variant_boolean(${json}, ${lenient(mode)}) AS BOOLEAN)`;
		case "DATE":
		case "TIME":
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
		case "TIMESTAMP_TZ":
			return `CAST(sf_variant_moment(${json}, '${to.base}', ${engineString(session.timezone)}, ${lenient(mode)}) AS ${duckdbType(to)})`;
		case "BINARY":
			return `unhex(json_extract_string(${value.sql}, '$'))`;
		default:
			throw unsupported(`cast of ${value.type.text} to ${to.text}`, place(span));
	}
}

/** Converts a number-like value so that it can be calculated with. */
export function toNumber(value: Typed, session: ScopeSession, span: Span): Typed {
	if (isNumeric(value.type) && !value.untyped) return value;
	if (value.untyped) return convert(value, fixedType(), session, span);
	if (value.type.base === "TEXT") return convert(value, fixedType(18, 5), session, span);
	if (value.type.base === "BOOLEAN") return convert(value, fixedType(1, 0), session, span);
	if (value.type.base === "VARIANT") return convert(value, REAL, session, span);
	throw compilationError(
		"001007",
		"22023",
		`Invalid argument types for numeric operation: (${value.type.text})`,
		span,
	);
}

/**
 * The type that holds values of all of these: what CASE, COALESCE, UNION and comparisons agree on.
 * https://docs.snowflake.com/en/sql-reference/data-type-conversion
 */
export function commonType(values: readonly Typed[]): SqlType {
	const types = values.filter((value) => !value.untyped).map((value) => value.type);
	const [first = textType(), ...rest] = types;
	return rest.reduce(common, first);
}

/** From the weakest to the strongest claim on the common type. */
const STRENGTH = [
	"TEXT",
	"BOOLEAN",
	"FIXED",
	"REAL",
	"TIME",
	"DATE",
	"TIMESTAMP_NTZ",
	"TIMESTAMP_LTZ",
	"TIMESTAMP_TZ",
	"ARRAY",
	"OBJECT",
	"VARIANT",
];

function common(a: SqlType, b: SqlType): SqlType {
	if (a.base === "FIXED" && b.base === "FIXED") {
		const scale = Math.max(a.scale ?? 0, b.scale ?? 0);
		const digits = Math.max(leadingDigits(a), leadingDigits(b));
		return fixedType(Math.min(38, digits + scale), scale);
	}
	if (a.base === "TEXT" && b.base === "TEXT") return (a.length ?? 0) >= (b.length ?? 0) ? a : b;
	if (a.base === b.base) return a;
	// Text next to a number is read as NUMBER(18,5).
	if (a.base === "TEXT" && b.base === "FIXED") return common(fixedType(18, 5), b);
	if (a.base === "FIXED" && b.base === "TEXT") return common(a, fixedType(18, 5));
	if (isSemiStructured(a) && isSemiStructured(b)) return VARIANT;
	return STRENGTH.indexOf(a.base) >= STRENGTH.indexOf(b.base) ? a : b;
}

/** Digits before the point. */
export function leadingDigits(type: SqlType): number {
	return (type.precision ?? 38) - (type.scale ?? 0);
}
