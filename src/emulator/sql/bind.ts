import type { Span } from "../../diagnostics/source.ts";
import { duckdbType } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type { Bind } from "../types.ts";
import {
	BINARY,
	DATE,
	REAL,
	TIME,
	TIMESTAMP_LTZ,
	TIMESTAMP_NTZ,
	TIMESTAMP_TZ,
} from "./sql-type.ts";
import { place } from "./syntax.ts";
import { booleanLiteral, NULL, numberLiteral, type Typed, textLiteral, typed } from "./typed.ts";

/** Nanoseconds as the engine's microseconds. */
function microseconds(nanoseconds: string): bigint {
	return BigInt(nanoseconds) / 1000n;
}

/**
 * A value bound by a driver, from its wire form: dates in milliseconds, timestamps in nanoseconds since 1970, a time in
 * nanoseconds since midnight, TIMESTAMP_TZ with its offset in minutes plus 1440, binary values in hex. Drivers that
 * write text instead leave it to the conversion.
 */
export function bindValue({ type, value }: Bind, span: Span): Typed {
	if (value === null) return NULL;
	switch (type) {
		case "FIXED": {
			const number = numberLiteral(value.replace(/^-/, ""));
			return value.startsWith("-")
				? { ...number, sql: `(-${number.sql})`, constant: value }
				: number;
		}
		case "REAL":
			return { ...typed(`CAST('${Number(value)}' AS ${duckdbType(REAL)})`, REAL), constant: value };
		case "TEXT":
			return textLiteral(value);
		case "BOOLEAN":
			return booleanLiteral(/^(true|1)$/i.test(value));
		case "DATE":
			return typed(`CAST(make_timestamp(${BigInt(value)} * 1000) AS DATE)`, DATE);
		case "TIME":
			return typed(`CAST(make_timestamp(${microseconds(value)}) AS TIME)`, TIME);
		case "TIMESTAMP_NTZ":
			return typed(`make_timestamp(${microseconds(value)})`, TIMESTAMP_NTZ);
		case "TIMESTAMP_LTZ":
			return typed(`timezone('UTC', make_timestamp(${microseconds(value)}))`, TIMESTAMP_LTZ);
		case "TIMESTAMP_TZ": {
			const [moment = "0", offset = "1440"] = value.split(" ");
			return typed(
				`struct_pack(utc := make_timestamp(${microseconds(moment)}), minutes := CAST(${Number(offset) - 1440} AS INTEGER))`,
				TIMESTAMP_TZ,
			);
		}
		case "BINARY":
			return typed(`from_hex('${Buffer.from(value, "hex").toString("hex")}')`, BINARY);
		default:
			throw unsupported(`bind of type ${type}`, place(span));
	}
}
