import { isNumeric } from "../sql-type.ts";
import { AGGREGATE_FUNCTIONS } from "./aggregate.ts";
import { CONDITIONAL_FUNCTIONS } from "./conditional.ts";
import { CONTEXT_FUNCTIONS } from "./context.ts";
import { CONVERSION_FUNCTIONS } from "./conversion.ts";
import { argument, type FunctionEntry, scalar } from "./entry.ts";
import { HASH_FUNCTIONS } from "./hash.ts";
import { MOMENT_FUNCTIONS, truncateMoment } from "./moment.ts";
import { NUMBER_FUNCTIONS, trunc } from "./number.ts";
import { SEMI_STRUCTURED_FUNCTIONS } from "./semi-structured.ts";
import { TEXT_FUNCTIONS } from "./text.ts";

/** TRUNC cuts digits off a number, and a moment down to a part. */
const TRUNC: FunctionEntry = scalar(
	1,
	2,
	(call) => {
		const value = argument(call, 0);
		const isMoment =
			!isNumeric(value.type) && call.values.length === 2 && value.type.base !== "TEXT";
		return isMoment ? truncateMoment(call) : trunc.translate(call);
	},
	[],
);

/** Every function the local account answers, by name; the list the coverage report prints. */
export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
	Object.entries({
		...AGGREGATE_FUNCTIONS,
		...CONDITIONAL_FUNCTIONS,
		...CONTEXT_FUNCTIONS,
		...CONVERSION_FUNCTIONS,
		...HASH_FUNCTIONS,
		...MOMENT_FUNCTIONS,
		...NUMBER_FUNCTIONS,
		...SEMI_STRUCTURED_FUNCTIONS,
		...TEXT_FUNCTIONS,
		TRUNC,
	}),
);
