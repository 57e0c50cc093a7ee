import type { DataType } from "../../model/data-type.ts";

/** How the values of a column become values of another type, all of them by `CAST`. */
export interface Conversion {
	/** A condition on the column that holds for the values that cannot; none where all can. */
	readonly fails?: (column: string) => string;
	/** What values can lose by it, behind the column's name. */
	readonly loses?: string;
}

/** A type without what stands in parentheses behind it. */
function family(type: DataType): string {
	return type.replace(/\(.*$/s, "");
}

function parameters(type: DataType): readonly number[] {
	return (/\(([\d, ]+)\)$/.exec(type)?.[1] ?? "").split(",").map(Number);
}

const NUMBERS = ["NUMBER", "FLOAT", "DECFLOAT"];
const TIMESTAMPS = ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"];
const MOMENTS = ["DATE", "TIME", ...TIMESTAMPS];
const SEMI_STRUCTURED = ["VARIANT", "OBJECT", "ARRAY"];
/** What TRY_CAST can make of a text. https://docs.snowflake.com/en/sql-reference/functions/try_cast */
const READABLE = ["NUMBER", "FLOAT", "BOOLEAN", ...MOMENTS];

const ALWAYS: Conversion = {};

/** Values are written as text, and the text must be short enough. */
function toText(from: string, to: DataType): Conversion | undefined {
	const known = [...NUMBERS, ...MOMENTS, ...SEMI_STRUCTURED, "VARCHAR", "BOOLEAN", "BINARY"];
	if (!known.includes(from)) return undefined;
	const [length = 0] = parameters(to);
	return { fails: (c) => `LENGTH(CAST(${c} AS VARCHAR)) > ${length}` };
}

/**
 * TRY_CAST takes text only; whatever else is read goes through its text. A text with more decimals than the
 * number has would be rounded: it is one that does not fit.
 */
function fromText(text: (column: string) => string, to: DataType): Conversion {
	const [, scale = 0] = parameters(to);
	const finer = `NUMBER(38,${Math.min(37, scale + 9)})`;
	const cast = (c: string, type: string) => `TRY_CAST(${text(c)} AS ${type})`;
	const unreadable = (c: string) => `(${text(c)} IS NOT NULL AND ${cast(c, to)} IS NULL)`;
	return family(to) === "NUMBER"
		? {
				fails: (c) => `${unreadable(c)} OR COALESCE(${cast(c, to)} <> ${cast(c, finer)}, FALSE)`,
			}
		: { fails: unreadable };
}

/** Numbers must fit; what a number has behind the point can be rounded. */
function toNumber(from: DataType, to: DataType): Conversion {
	const [, before] = parameters(from);
	const [, after = 0] = parameters(to);
	const rounds = family(from) !== "NUMBER" || (before ?? 0) > after;
	return {
		fails: (c) => `${c} IS NOT NULL AND TRY_CAST(CAST(${c} AS VARCHAR) AS ${to}) IS NULL`,
		...(rounds ? { loses: `is rounded to ${after} decimals` } : {}),
	};
}

function betweenMoments(from: DataType, to: DataType): Conversion | undefined {
	const [a, b] = [family(from), family(to)];
	const [digitsBefore = 9] = parameters(from);
	const [digitsAfter = 9] = parameters(to);
	if (a === "TIME" && b !== "TIME") return undefined;
	if (a === "DATE" && b === "TIME") return undefined;
	if (a === "DATE") return ALWAYS;
	if (b === "DATE") return { loses: "loses its time of day" };
	if (b === "TIME" && a !== "TIME") return { loses: "loses its date" };
	if (a === "TIMESTAMP_TZ" && b !== a) return { loses: "loses its time zone" };
	return digitsAfter < digitsBefore ? { loses: `is cut to ${digitsAfter} digits` } : ALWAYS;
}

/**
 * What becomes of a column's values in another type; undefined where Snowflake has no cast, or where a cast
 * would have to guess (seconds or milliseconds, hexadecimal or base64).
 * https://docs.snowflake.com/en/sql-reference/data-type-conversion
 */
export function conversion(from: DataType, to: DataType): Conversion | undefined {
	if (from === to) return ALWAYS;
	const [a, b] = [family(from), family(to)];
	if (b === "VARCHAR") return toText(a, to);
	if (a === "VARCHAR" && READABLE.includes(b)) return fromText((c) => c, to);
	if (a === "VARIANT" && READABLE.includes(b)) return fromText((c) => `CAST(${c} AS VARCHAR)`, to);
	if (b === "VARIANT")
		return [...NUMBERS, "VARCHAR", "BOOLEAN", "OBJECT", "ARRAY"].includes(a) ? ALWAYS : undefined;
	if (NUMBERS.includes(a) && b === "NUMBER") return toNumber(from, to);
	if (NUMBERS.includes(a) && NUMBERS.includes(b)) {
		const [precision = 38] = parameters(from);
		const exact = b === "DECFLOAT" || (a === "NUMBER" && precision <= 15);
		return exact ? ALWAYS : { loses: "keeps about 15 digits" };
	}
	if (NUMBERS.includes(a) && b === "BOOLEAN") return { loses: "becomes TRUE unless it is 0" };
	if (a === "BOOLEAN" && b === "NUMBER") {
		const [precision = 38, scale = 0] = parameters(to);
		return precision > scale ? ALWAYS : { fails: (c) => c };
	}
	if (MOMENTS.includes(a) && MOMENTS.includes(b)) return betweenMoments(from, to);
	if (a === "BINARY" && b === "BINARY") {
		const [length = 0] = parameters(to);
		return { fails: (c) => `LENGTH(${c}) > ${length}` };
	}
	return undefined;
}
