import type { Cursor } from "../../parse/cursor.ts";
import type { Token } from "../../parse/lexer.ts";
import { SnowflakeError } from "../error.ts";
import type { SqlType } from "../types.ts";

const MAX_TEXT = 134217728;
const MAX_BINARY = 67108864;

/** NUMBER(p,s). */
export function fixedType(precision = 38, scale = 0): SqlType {
	return { base: "FIXED", precision, scale, text: `NUMBER(${precision},${scale})` };
}

/** VARCHAR(n). */
export function textType(length = 16777216): SqlType {
	return { base: "TEXT", length, text: `VARCHAR(${length})` };
}

/** BINARY(n). */
export function binaryType(length = 8388608): SqlType {
	return { base: "BINARY", length, text: `BINARY(${length})` };
}

/** TIME and the timestamps, with their digits after the second. */
export function timeType(
	base: "TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ",
	scale = 9,
): SqlType {
	return { base, scale, text: `${base}(${scale})` };
}

/** A type without parameters. */
export function simpleType(
	base:
		| "BOOLEAN"
		| "DATE"
		| "VARIANT"
		| "OBJECT"
		| "ARRAY"
		| "GEOGRAPHY"
		| "GEOMETRY"
		| "FILE"
		| "UUID",
): SqlType {
	return { base, text: base };
}

export const REAL_TYPE: SqlType = { base: "REAL", text: "FLOAT" };

const NUMBERS = new Set(["NUMBER", "DECIMAL", "DEC", "NUMERIC"]);
const INTEGERS = new Set(["INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"]);
const REALS = new Set(["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "REAL"]);
const TEXTS = new Set(["VARCHAR", "STRING", "TEXT", "VARCHAR2", "NVARCHAR", "NVARCHAR2"]);
const CHARACTERS = new Set(["CHAR", "CHARACTER", "NCHAR"]);
const TIMESTAMPS: Readonly<Record<string, "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ">> = {
	DATETIME: "TIMESTAMP_NTZ",
	TIMESTAMP_NTZ: "TIMESTAMP_NTZ",
	TIMESTAMPNTZ: "TIMESTAMP_NTZ",
	TIMESTAMP_LTZ: "TIMESTAMP_LTZ",
	TIMESTAMPLTZ: "TIMESTAMP_LTZ",
	TIMESTAMP_TZ: "TIMESTAMP_TZ",
	TIMESTAMPTZ: "TIMESTAMP_TZ",
};

function outOfRange(what: string): SnowflakeError {
	return new SnowflakeError("001204", "42601", `SQL compilation error:\n${what}`);
}

function unexpected(cursor: Cursor, token: Token | undefined): SnowflakeError {
	const start = token?.start ?? cursor.source.text.length;
	const before = cursor.source.text.slice(0, start);
	const line = before.split("\n").length;
	const pos = start - (before.lastIndexOf("\n") + 1);
	return new SnowflakeError(
		"001003",
		"42000",
		`SQL compilation error:\nsyntax error line ${line} at position ${pos} unexpected '${token?.text ?? "<EOF>"}'.`,
		{ line, pos },
	);
}

/** `(n[, m])` after a type name. */
function takeNumbers(cursor: Cursor): readonly number[] {
	const group = cursor.takeGroup();
	if (!group) return [];
	return group.splitAt().map((part) => {
		const token = part.next();
		if (token.type !== "number" || !part.done) throw unexpected(part, token);
		return Number(token.value);
	});
}

function numberType(cursor: Cursor): SqlType {
	const [precision = 38, scale = 0] = takeNumbers(cursor);
	if (precision < 1 || precision > 38)
		throw outOfRange(`invalid precision '${precision}' for NUMBER: expected between 1 and 38`);
	if (scale < 0 || scale > Math.min(precision, 37))
		throw outOfRange(`invalid scale '${scale}' for NUMBER(${precision})`);
	return fixedType(precision, scale);
}

function sized(cursor: Cursor, otherwise: number, most: number): number {
	const [length = otherwise] = takeNumbers(cursor);
	if (length < 1 || length > most)
		throw outOfRange(`invalid length '${length}': expected between 1 and ${most}`);
	return length;
}

function timestampBase(
	cursor: Cursor,
	word: string,
	mapping: string,
): "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ" {
	if (word !== "TIMESTAMP") return TIMESTAMPS[word] ?? "TIMESTAMP_NTZ";
	if (cursor.looksAt("WITHOUT")) {
		cursor.expect("WITHOUT", "TIME", "ZONE");
		return "TIMESTAMP_NTZ";
	}
	if (cursor.take("WITH", "LOCAL", "TIME", "ZONE")) return "TIMESTAMP_LTZ";
	if (cursor.take("WITH", "TIME", "ZONE")) return "TIMESTAMP_TZ";
	return TIMESTAMPS[mapping.toUpperCase()] ?? "TIMESTAMP_NTZ";
}

function timestampType(cursor: Cursor, word: string, mapping: string): SqlType {
	const early = takeNumbers(cursor);
	const base = timestampBase(cursor, word, mapping);
	const [scale = 9] = early.length > 0 ? early : takeNumbers(cursor);
	if (scale < 0 || scale > 9) throw outOfRange(`invalid precision '${scale}' for ${base}`);
	return timeType(base, scale);
}

/** `OBJECT(name type [NOT NULL], …)`, `ARRAY(type [NOT NULL])`, `MAP(key, value [NOT NULL])`, or without parameters. */
function structuredType(
	cursor: Cursor,
	base: "OBJECT" | "ARRAY" | "MAP",
	mapping: string,
): SqlType {
	const group = cursor.takeGroup();
	if (!group) {
		if (base === "MAP") throw unexpected(cursor, cursor.peek());
		return simpleType(base);
	}
	const parts = group.splitAt().map((part) => {
		const token = part.peek();
		const name =
			base === "OBJECT" && token
				? `${token.type === "quoted" ? token.text : part.expectIdentifier()} `
				: "";
		if (base === "OBJECT" && token?.type === "quoted") part.next();
		const type = parseDataType(part, mapping);
		const constraint = part.take("NOT", "NULL") ? " NOT NULL" : "";
		if (!part.done) throw unexpected(part, part.peek());
		return `${name}${type.text}${constraint}`;
	});
	return { base, text: `${base}(${parts.join(", ")})` };
}

function vectorType(cursor: Cursor): SqlType {
	const group = cursor.expectGroup();
	const element = group.expectIdentifier();
	group.expect(",");
	const size = Number(group.next().value);
	if (element !== "FLOAT" && element !== "INT")
		throw outOfRange(`Unsupported vector element type '${element}'`);
	if (!Number.isInteger(size) || size < 1 || size > 4096)
		throw outOfRange(`invalid vector dimension '${size}'`);
	return { base: "VECTOR", text: `VECTOR(${element}, ${size})` };
}

/**
 * Reads a data type and gives it in the canonical form DESCRIBE prints.
 * `TIMESTAMP` alone depends on the session's TIMESTAMP_TYPE_MAPPING.
 * https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
 */
export function parseDataType(cursor: Cursor, timestampMapping = "TIMESTAMP_NTZ"): SqlType {
	const token = cursor.peek();
	if (token?.type !== "word") throw unexpected(cursor, token);
	cursor.next();
	const word = token.value;
	if (NUMBERS.has(word)) return numberType(cursor);
	if (INTEGERS.has(word)) return fixedType();
	if (REALS.has(word)) {
		if (word === "DOUBLE") cursor.take("PRECISION");
		return REAL_TYPE;
	}
	if (TEXTS.has(word)) return textType(sized(cursor, 16777216, MAX_TEXT));
	if (CHARACTERS.has(word)) {
		const varying = cursor.take("VARYING");
		return textType(sized(cursor, varying ? 16777216 : 1, MAX_TEXT));
	}
	switch (word) {
		case "DECFLOAT":
			takeNumbers(cursor);
			return { base: "DECFLOAT", text: "DECFLOAT(38)" };
		case "BINARY":
		case "VARBINARY":
			return binaryType(sized(cursor, 8388608, MAX_BINARY));
		case "BOOLEAN":
		case "DATE":
		case "VARIANT":
		case "GEOGRAPHY":
		case "GEOMETRY":
		case "FILE":
		case "UUID":
			return simpleType(word);
		case "TIME": {
			const [scale = 9] = takeNumbers(cursor);
			if (scale < 0 || scale > 9) throw outOfRange(`invalid precision '${scale}' for TIME`);
			return timeType("TIME", scale);
		}
		case "OBJECT":
		case "ARRAY":
		case "MAP":
			return structuredType(cursor, word, timestampMapping);
		case "VECTOR":
			return vectorType(cursor);
		default:
			if (word === "TIMESTAMP" || word in TIMESTAMPS)
				return timestampType(cursor, word, timestampMapping);
			throw new SnowflakeError(
				"002040",
				"42601",
				`SQL compilation error:\nUnsupported data type '${token.text}'.`,
			);
	}
}
