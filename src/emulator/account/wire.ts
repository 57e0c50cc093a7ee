import type {
	DuckDBBlobValue,
	DuckDBDateValue,
	DuckDBStructValue,
	DuckDBTimestampTZValue,
	DuckDBTimestampValue,
	DuckDBTimeValue,
} from "@duckdb/node-api";
import type { SqlType } from "../types.ts";

const MICROS = 1_000_000n;

/** `seconds.nanos`, with the sign on the whole. */
function seconds(micros: bigint): string {
	const negative = micros < 0n;
	const size = negative ? -micros : micros;
	const fraction = (size % MICROS).toString().padStart(6, "0");
	return `${negative ? "-" : ""}${size / MICROS}.${fraction}000`;
}

/** A moment in milliseconds since the epoch as a timestamp cell. */
export function momentCell(milliseconds: number): string {
	return seconds(BigInt(Math.round(milliseconds)) * 1000n);
}

/** A float as Snowflake prints it. */
function realText(value: number): string {
	if (Number.isNaN(value)) return "NaN";
	if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
	return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** JSON text as VARIANT prints it: the engine may hold it with any white space. */
function jsonText(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * A value of the engine in the driver's wire form (all cells are strings or null), by the column's Snowflake type:
 * dates are days, times seconds, timestamps seconds with nine decimals, TIMESTAMP_TZ with its offset plus 1440.
 */
export function wireCell(value: unknown, type: SqlType): string | null {
	if (value === null || value === undefined) return null;
	switch (type.base) {
		case "BOOLEAN":
			return value === true || value === "true" ? "1" : "0";
		case "REAL":
			return realText(Number(value));
		case "DATE":
			return String((value as DuckDBDateValue).days);
		case "TIME":
			return seconds((value as DuckDBTimeValue).micros);
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
			return seconds((value as DuckDBTimestampValue | DuckDBTimestampTZValue).micros);
		case "TIMESTAMP_TZ": {
			const { utc, minutes } = (value as DuckDBStructValue).entries;
			return `${seconds((utc as DuckDBTimestampValue).micros)} ${Number(minutes) + 1440}`;
		}
		case "BINARY":
			return Buffer.from((value as DuckDBBlobValue).bytes)
				.toString("hex")
				.toUpperCase();
		case "VARIANT":
		case "OBJECT":
		case "ARRAY":
		case "MAP":
			return jsonText(value);
		default:
			return String(value);
	}
}

/** How the driver's `rowtype` names a type. */
export function wireType(type: SqlType): {
	readonly type: string;
	readonly precision: number | null;
	readonly scale: number | null;
	readonly length: number | null;
	readonly byteLength: number | null;
} {
	const text = type.base === "TEXT" || type.base === "BINARY";
	const length = text ? (type.length ?? 16777216) : null;
	const timed = type.base === "TIME" || type.base.startsWith("TIMESTAMP");
	return {
		type: WIRE_NAMES[type.base] ?? type.base.toLowerCase(),
		precision: type.base === "FIXED" ? (type.precision ?? 38) : timed ? 0 : null,
		scale: type.base === "FIXED" ? (type.scale ?? 0) : timed ? (type.scale ?? 9) : null,
		length,
		byteLength:
			length === null ? null : type.base === "TEXT" ? Math.min(length * 4, 16777216) : length,
	};
}

const WIRE_NAMES: Readonly<Partial<Record<SqlType["base"], string>>> = {
	UUID: "text",
	GEOGRAPHY: "object",
	GEOMETRY: "object",
	FILE: "object",
	VECTOR: "array",
	DECFLOAT: "text",
	MAP: "object",
};
