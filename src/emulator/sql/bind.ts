import type { Span } from "../../diagnostics/source.ts";
import { duckdbType } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type { Bind } from "../types.ts";
import { DATE, REAL, TIMESTAMP_NTZ } from "./sql-type.ts";
import { place } from "./syntax.ts";
import { booleanLiteral, NULL, numberLiteral, type Typed, textLiteral, typed } from "./typed.ts";

/** A value bound by a driver, from its wire form: dates in milliseconds, timestamps in nanoseconds since 1970. */
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
		case "TIMESTAMP_NTZ":
			return typed(`make_timestamp(${BigInt(value) / 1000n})`, TIMESTAMP_NTZ);
		default:
			throw unsupported(`bind of type ${type}`, place(span));
	}
}
