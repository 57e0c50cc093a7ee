import type { Span } from "../../diagnostics/source.ts";
import { fixedType } from "../account/data-type.ts";
import { duckdbType } from "../account/storage.ts";
import type { SqlType } from "../types.ts";
import type { Binary } from "./ast.ts";
import { commonType, convert, leadingDigits, toNumber } from "./convert.ts";
import { DIVISION_BY_ZERO } from "./engine-error.ts";
import type { ScopeSession } from "./scope.ts";
import { BOOLEAN, DATE, isSemiStructured, REAL, TEXT } from "./sql-type.ts";
import { type Typed, typed } from "./typed.ts";

/** Where an operator stands, for its conversions and errors. */
export interface Place {
	readonly session: ScopeSession;
	readonly span: Span;
}

function cast(value: Typed, type: SqlType): string {
	return `CAST(${value.sql} AS ${duckdbType(type)})`;
}

/**
 * Arithmetic with Snowflake's precision and scale; intermediate values have the engine's 38 digits.
 * https://docs.snowflake.com/en/sql-reference/operators-arithmetic#scale-and-precision-in-arithmetic-operations
 */
export function arithmetic(
	operator: "+" | "-" | "*" | "/" | "%",
	a: Typed,
	b: Typed,
	at: Place,
): Typed {
	const dates = dateArithmetic(operator, a, b, at);
	if (dates) return dates;
	const [left, right] = [toNumber(a, at.session, at.span), toNumber(b, at.session, at.span)];
	if (left.type.base === "REAL" || right.type.base === "REAL")
		return realArithmetic(operator, left, right);
	switch (operator) {
		case "+":
		case "-": {
			const scale = Math.max(left.type.scale ?? 0, right.type.scale ?? 0);
			const digits = Math.max(leadingDigits(left.type), leadingDigits(right.type)) + 1;
			const wide = fixedType(38, scale);
			return typed(
				`(${cast(left, wide)} ${operator} ${cast(right, wide)})`,
				fixedType(Math.min(38, digits + scale), scale),
			);
		}
		case "*":
			return multiply(left, right);
		case "/":
			return divide(left, right);
		case "%": {
			const scale = Math.max(left.type.scale ?? 0, right.type.scale ?? 0);
			const digits = Math.max(leadingDigits(left.type), leadingDigits(right.type));
			const wide = fixedType(38, scale);
			return typed(
				`(${cast(left, wide)} % ${nonZero(cast(right, wide), right)})`,
				fixedType(Math.min(38, digits + scale), scale),
			);
		}
	}
}

/** A divisor that fails when it is 0, which the engine would answer with NULL. */
function nonZero(sql: string, divisor: Typed): string {
	if (divisor.constant !== undefined && Number(divisor.constant) !== 0) return sql;
	return `CASE WHEN ${divisor.sql} = 0 THEN ${DIVISION_BY_ZERO} ELSE ${sql} END`;
}

function realArithmetic(operator: "+" | "-" | "*" | "/" | "%", left: Typed, right: Typed): Typed {
	const [a, b] = [cast(left, REAL), cast(right, REAL)];
	const divisor = operator === "/" || operator === "%" ? nonZero(b, right) : b;
	return typed(`(${a} ${operator} ${divisor})`, REAL);
}

function multiply(left: Typed, right: Typed): Typed {
	const [s1, s2] = [left.type.scale ?? 0, right.type.scale ?? 0];
	const scale = Math.min(s1 + s2, Math.max(s1, s2, 12));
	const digits = leadingDigits(left.type) + leadingDigits(right.type);
	const type = fixedType(Math.min(38, digits + scale), scale);
	const [a, b] = [cast(left, fixedType(38, s1)), cast(right, fixedType(38, s2))];
	return typed(`CAST(${a} * ${b} AS ${duckdbType(fixedType(38, scale))})`, type);
}

/** Division in whole numbers with one digit more than the result has, which the last cast rounds off. */
function divide(left: Typed, right: Typed): Typed {
	const [s1, s2] = [left.type.scale ?? 0, right.type.scale ?? 0];
	const scale = Math.max(s1, Math.min(s1 + 6, 12));
	const digits = leadingDigits(left.type) + s2;
	const type = fixedType(Math.min(38, digits + scale), scale);
	return typed(quotient(left, right, scale), type);
}

/** `left / right` rounded to a scale, as a decimal of 38 digits. */
export function quotient(left: Typed, right: Typed, scale: number): string {
	const [s1, s2] = [left.type.scale ?? 0, right.type.scale ?? 0];
	const shift = scale + 1 - s1 + s2;
	const numerator = `(CAST(${wholeNumber(left, s1)} AS HUGEINT) * ${power(shift)})`;
	const divisor = nonZero(`CAST(${wholeNumber(right, s2)} AS HUGEINT)`, right);
	const more = `CAST(${numerator} // ${divisor} AS DECIMAL(38,0))`;
	const unit = `CAST('0.${"0".repeat(scale)}1' AS DECIMAL(${scale + 2},${scale + 1}))`;
	return `CAST(${more} * ${unit} AS DECIMAL(38,${scale}))`;
}

function wholeNumber(value: Typed, scale: number): string {
	const wide = cast(value, fixedType(38, scale));
	return scale === 0 ? wide : `${wide} * CAST('1${"0".repeat(scale)}' AS DECIMAL(${scale + 1},0))`;
}

function power(exponent: number): string {
	return `CAST('1${"0".repeat(exponent)}' AS HUGEINT)`;
}

/** A date moves by days; the difference of two dates is a number of days. */
function dateArithmetic(operator: string, a: Typed, b: Typed, at: Place): Typed | undefined {
	const isDate = (value: Typed): boolean => value.type.base === "DATE" && !value.untyped;
	if (operator === "-" && isDate(a) && isDate(b))
		return typed(`CAST(date_diff('day', ${b.sql}, ${a.sql}) AS DECIMAL(9,0))`, fixedType(9, 0));
	const days = (value: Typed): string =>
		`CAST(${convert(value, fixedType(9, 0), at.session, at.span).sql} AS INTEGER)`;
	if ((operator === "+" || operator === "-") && isDate(a))
		return typed(`(${a.sql} ${operator} ${days(b)})`, DATE);
	if (operator === "+" && isDate(b)) return typed(`(${b.sql} + ${days(a)})`, DATE);
	return undefined;
}

/** `a || b`: both as text. */
export function concatenate(a: Typed, b: Typed, at: Place): Typed {
	const [left, right] = [a, b].map((value) => convert(value, TEXT, at.session, at.span).sql);
	return typed(`(${left} || ${right})`, TEXT);
}

/** Two values as the engine compares them: of one type, moments in UTC. */
export function comparable(a: Typed, b: Typed, at: Place): readonly [string, string] {
	const type = comparisonType(a, b);
	const side = (value: Typed): string => {
		const { sql } = convert(value, type, at.session, at.span);
		if (type.base === "TIMESTAMP_TZ") return `(${sql}).utc`;
		return isSemiStructured(type) ? `CAST(${sql} AS VARCHAR)` : sql;
	};
	return [side(a), side(b)];
}

/** A VARIANT is compared as the other side's type; numbers with digits enough for both. */
function comparisonType(a: Typed, b: Typed): SqlType {
	const variant = [a, b].filter((value) => value.type.base === "VARIANT");
	const other = a.type.base === "VARIANT" ? b : a;
	if (variant.length !== 1 || other.untyped || isSemiStructured(other.type))
		return commonType([a, b]);
	if (other.type.base === "FIXED") return fixedType(38, Math.max(9, other.type.scale ?? 0));
	return other.type.base === "TEXT" ? TEXT : other.type;
}

/** `=`, `<` and the others. `<=>` is IS NOT DISTINCT FROM. */
export function compare(operator: Binary["operator"], a: Typed, b: Typed, at: Place): Typed {
	const [left, right] = comparable(a, b, at);
	const engine = operator === "<=>" ? "IS NOT DISTINCT FROM" : operator;
	return typed(`(${left} ${engine} ${right})`, BOOLEAN);
}
