import { fixedType } from "../../account/data-type.ts";
import { duckdbType } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import { leadingDigits, toNumber } from "../convert.ts";
import { DIVISION_BY_ZERO } from "../engine-error.ts";
import { arithmetic, quotient } from "../operators.ts";
import { INTEGER, REAL } from "../sql-type.ts";
import { place } from "../syntax.ts";
import { type Typed, typed } from "../typed.ts";
import { argument, type FunctionCall, type FunctionTable, scalar, sqlOf } from "./entry.ts";

const number = (call: FunctionCall, index = 0): Typed =>
	toNumber(argument(call, index), call.session, call.span);

/** A function of a FLOAT. */
function real(engine: string) {
	return scalar(1, 1, (call) => typed(`${engine}(${sqlOf(call, 0, REAL)})`, REAL));
}

/**
 * ROUND, TRUNC, FLOOR and CEIL to a number of digits. With a constant number of digits the result has that scale.
 * https://docs.snowflake.com/en/sql-reference/functions/round
 */
function rounding(engine: "round" | "trunc" | "floor" | "ceil") {
	return scalar(1, engine === "round" ? 3 : 2, (call) => {
		const value = number(call);
		const written = call.values.length > 1 ? argument(call, 1).constant : "0";
		const digits = written === undefined || written === null ? undefined : Number(written);
		const places = call.values.length > 1 ? `CAST(${sqlOf(call, 1, INTEGER)} AS INTEGER)` : "0";
		if (value.type.base === "REAL")
			return typed(
				engine === "round"
					? `round(${value.sql}, ${places})`
					: places === "0"
						? `${engine}(${value.sql})`
						: `(${engine}(${value.sql} * power(10, ${places})) / power(10, ${places}))`,
				REAL,
			);
		const scale = value.type.scale ?? 0;
		const kept = digits === undefined ? scale : Math.min(scale, Math.max(0, digits));
		// Rounding up can need one digit more.
		const type = fixedType(
			Math.min(38, leadingDigits(value.type) + kept + (engine === "trunc" ? 0 : 1)),
			kept,
		);
		const how = mode(call, engine);
		return typed(
			`CAST(sf_round(CAST(${value.sql} AS VARCHAR), ${places}, '${how}', ${kept}) AS ${duckdbType(fixedType(38, kept))})`,
			type,
		);
	});
}

/** ROUND's third argument. */
function mode(call: FunctionCall, engine: string): string {
	const written = call.values[2]?.constant?.toUpperCase();
	if (written === undefined || written === "HALF_AWAY_FROM_ZERO") return engine;
	if (written === "HALF_TO_EVEN") return "even";
	throw unsupported(`rounding mode ${written}`, place(call.span));
}

/** Division that answers 0 where the divisor is 0, and where it is NULL as well for DIV0NULL. */
function safeDivision(orNull: boolean) {
	return scalar(2, 2, (call) => {
		const [left, right] = [number(call, 0), number(call, 1)];
		const zero = orNull ? `coalesce(${right.sql}, 0) = 0` : `${right.sql} = 0`;
		const safe = { ...right, sql: `nullif(${right.sql}, 0)`, constant: "1" };
		if (left.type.base === "REAL" || right.type.base === "REAL")
			return typed(
				`CASE WHEN ${left.sql} IS NULL THEN NULL WHEN ${zero} THEN 0 ELSE CAST(${left.sql} AS DOUBLE) / CAST(${safe.sql} AS DOUBLE) END`,
				REAL,
			);
		const scale = Math.max(left.type.scale ?? 0, Math.min((left.type.scale ?? 0) + 6, 12));
		return typed(
			`CASE WHEN ${left.sql} IS NULL THEN NULL WHEN ${zero} THEN 0 ELSE ${quotient(left, safe, scale)} END`,
			fixedType(38, scale),
		);
	});
}

function sameType(engine: string) {
	return scalar(1, 1, (call) => {
		const value = number(call);
		return typed(`${engine}(${value.sql})`, value.type);
	});
}

/** TRUNC of a number. */
export const trunc = rounding("trunc");
const power = scalar(2, 2, (call) =>
	typed(`power(${sqlOf(call, 0, REAL)}, ${sqlOf(call, 1, REAL)})`, REAL),
);

/** Functions of numbers. */
export const NUMBER_FUNCTIONS: FunctionTable = {
	ABS: sameType("abs"),
	SIGN: scalar(1, 1, (call) =>
		typed(`CAST(sign(${number(call).sql}) AS DECIMAL(1,0))`, fixedType(1, 0)),
	),
	ROUND: rounding("round"),
	FLOOR: rounding("floor"),
	CEIL: rounding("ceil"),
	TRUNCATE: trunc,
	MOD: scalar(2, 2, (call) => arithmetic("%", argument(call, 0), argument(call, 1), call)),
	DIV0: safeDivision(false),
	DIV0NULL: safeDivision(true),
	POWER: power,
	POW: power,
	SQRT: real("sqrt"),
	CBRT: real("cbrt"),
	EXP: real("exp"),
	LN: real("ln"),
	LOG: scalar(2, 2, (call) => {
		const [base, value] = [sqlOf(call, 0, REAL), sqlOf(call, 1, REAL)];
		return typed(
			`(ln(${value}) / CASE WHEN ${base} = 1 THEN ${DIVISION_BY_ZERO} ELSE ln(${base}) END)`,
			REAL,
		);
	}),
	SQUARE: scalar(1, 1, (call) => typed(`power(${sqlOf(call, 0, REAL)}, 2)`, REAL)),
	SIN: real("sin"),
	COS: real("cos"),
	TAN: real("tan"),
	ASIN: real("asin"),
	ACOS: real("acos"),
	ATAN: real("atan"),
	DEGREES: real("degrees"),
	RADIANS: real("radians"),
	PI: scalar(0, 0, () => typed("pi()", REAL)),
	RANDOM: scalar(0, 1, () =>
		typed(
			"CAST(CAST((random() - 0.5) * 18446744073709551615 AS HUGEINT) AS DECIMAL(19,0))",
			fixedType(19, 0),
		),
	),
	UNIFORM: scalar(3, 3, (call) => {
		const [least, most] = [sqlOf(call, 0, INTEGER), sqlOf(call, 1, INTEGER)];
		return typed(
			`CAST(floor(random() * CAST(${most} - ${least} + 1 AS DOUBLE)) + CAST(${least} AS DOUBLE) AS DECIMAL(38,0))`,
			INTEGER,
		);
	}),
	WIDTH_BUCKET: scalar(4, 4, (call) => {
		const [value, least, most, count] = [0, 1, 2, 3].map((i) => sqlOf(call, i, REAL));
		return typed(
			`CAST(CASE WHEN ${value} < ${least} THEN 0 WHEN ${value} >= ${most} THEN ${count} + 1 ELSE floor((${value} - ${least}) / ((${most} - ${least}) / ${count})) + 1 END AS DECIMAL(38,0))`,
			INTEGER,
		);
	}),
	BITAND: bitwise("&"),
	BITOR: bitwise("|"),
};

function bitwise(operator: "&" | "|") {
	return scalar(2, 2, (call) => {
		const [a, b] = [0, 1].map((i) => `CAST(${sqlOf(call, i, INTEGER)} AS HUGEINT)`);
		return typed(`CAST(${a} ${operator} ${b} AS DECIMAL(38,0))`, INTEGER);
	});
}
