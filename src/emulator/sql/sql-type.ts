import {
	binaryType,
	fixedType,
	REAL_TYPE,
	simpleType,
	textType,
	timeType,
} from "../account/data-type.ts";
import type { SqlType } from "../types.ts";

export const REAL = REAL_TYPE;
export const BOOLEAN = simpleType("BOOLEAN");
export const DATE = simpleType("DATE");
export const VARIANT = simpleType("VARIANT");
export const OBJECT = simpleType("OBJECT");
export const ARRAY = simpleType("ARRAY");
export const TIME = timeType("TIME");
export const TIMESTAMP_NTZ = timeType("TIMESTAMP_NTZ");
export const TIMESTAMP_LTZ = timeType("TIMESTAMP_LTZ");
export const TIMESTAMP_TZ = timeType("TIMESTAMP_TZ");
export const TEXT = textType();
export const BINARY = binaryType();
export const INTEGER = fixedType();

/** VARIANT, OBJECT, ARRAY and MAP: what the engine keeps as JSON. */
export function isSemiStructured(type: SqlType): boolean {
	return (
		type.base === "VARIANT" ||
		type.base === "OBJECT" ||
		type.base === "ARRAY" ||
		type.base === "MAP"
	);
}

/** NUMBER and FLOAT. */
export function isNumeric(type: SqlType): boolean {
	return type.base === "FIXED" || type.base === "REAL";
}

/** The three TIMESTAMP types. */
export function isTimestamp(type: SqlType): boolean {
	return (
		type.base === "TIMESTAMP_NTZ" || type.base === "TIMESTAMP_LTZ" || type.base === "TIMESTAMP_TZ"
	);
}

/** Whether the engine keeps values of both types alike, so that none is converted. */
export function sameType(a: SqlType, b: SqlType): boolean {
	return (
		a.base === b.base &&
		(a.base !== "FIXED" || (a.precision === b.precision && a.scale === b.scale)) &&
		(!(a.base === "TEXT" || a.base === "BINARY") || (a.length ?? 0) <= (b.length ?? Infinity))
	);
}
