import { SnowflakeError } from "../error.ts";
import { datePart } from "./date-part.ts";
import { addToMoment } from "./moment-arithmetic.ts";
import type { Place } from "./operators.ts";
import { place } from "./syntax.ts";
import type { Typed } from "./typed.ts";

/**
 * `date + INTERVAL '1 year, 3 days'`: each part is added in the order written; a number alone is seconds.
 * https://docs.snowflake.com/en/sql-reference/data-types-datetime#interval-constants
 */
export function addInterval(value: Typed, text: string, operator: "+" | "-", at: Place): Typed {
	let result = value;
	for (const part of text.split(",")) {
		const match = /^\s*([+-]?\d+)\s*([A-Za-z]*)\s*$/.exec(part);
		if (!match)
			throw new SnowflakeError(
				"001003",
				"42000",
				`SQL compilation error:\nsyntax error line ${place(at.span).line} at position ${place(at.span).pos} unexpected interval '${text}'.`,
				place(at.span),
			);
		const amount = BigInt(match[1] ?? "0") * (operator === "-" ? -1n : 1n);
		result = addToMoment(result, datePart(match[2] || "SECOND", at.span), String(amount), at);
	}
	return result;
}
