import { fixedType } from "../account/data-type.ts";
import { engineString } from "../account/storage.ts";
import type { SqlType } from "../types.ts";
import { BOOLEAN, REAL, TEXT } from "./sql-type.ts";

/** An expression of the engine and the Snowflake type of its value. */
export interface Typed {
	readonly sql: string;
	readonly type: SqlType;
	/** The value of a literal as text, null for NULL; undefined when it is no literal. */
	readonly constant?: string | null;
	/** NULL without a type: takes whatever type it meets. */
	readonly untyped?: boolean;
}

/** An expression with its type. */
export function typed(sql: string, type: SqlType): Typed {
	return { sql, type };
}

export const NULL: Typed = { sql: "NULL", type: TEXT, constant: null, untyped: true };

/** A string as a value. */
export function textLiteral(value: string): Typed {
	const length = Math.max(1, [...value].length);
	return {
		sql: engineString(value),
		type: { ...TEXT, length, text: `VARCHAR(${length})` },
		constant: value,
	};
}

/** TRUE or FALSE as a value. */
export function booleanLiteral(value: boolean): Typed {
	return { sql: value ? "TRUE" : "FALSE", type: BOOLEAN, constant: String(value) };
}

/**
 * A number as written: its digits give its precision and scale, an exponent makes it a FLOAT.
 * https://docs.snowflake.com/en/sql-reference/data-types-numeric#numeric-constants
 */
export function numberLiteral(text: string): Typed {
	const match = /^0*(\d*)\.?(\d*)$/.exec(text);
	if (!match) return { sql: `CAST('${text}' AS DOUBLE)`, type: REAL, constant: text };
	const scale = (match[2] ?? "").length;
	const precision = Math.max(1, (match[1] ?? "").length + scale);
	if (precision > 38) return { sql: `CAST('${text}' AS DOUBLE)`, type: REAL, constant: text };
	return {
		sql: `CAST('${text}' AS DECIMAL(${precision},${scale}))`,
		type: fixedType(precision, scale),
		constant: text,
	};
}
