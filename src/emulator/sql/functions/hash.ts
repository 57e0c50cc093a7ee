import { fixedType } from "../../account/data-type.ts";
import { unsupported } from "../../error.ts";
import { isSemiStructured } from "../sql-type.ts";
import { place } from "../syntax.ts";
import { type Typed, typed } from "../typed.ts";
import { aggregate, type FunctionCall, type FunctionTable, scalar } from "./entry.ts";

const HASHED = fixedType(19, 0);

/**
 * A value as the text that is hashed: numbers that compare equal are the same text, whatever their types, and
 * nothing else is the same as a value of another type.
 */
function hashable(call: FunctionCall, { sql, type, untyped }: Typed): string {
	if (untyped) return "'0'";
	const tagged = (tag: string, text: string) => `coalesce('${tag}' || ${text}, '0')`;
	if (isSemiStructured(type)) {
		const json = `CAST(${sql} AS VARCHAR)`;
		return `coalesce(CASE WHEN json_type(${sql}) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE') THEN 'n' ELSE 'v' END || ${json}, '0')`;
	}
	switch (type.base) {
		case "FIXED":
			return tagged(
				"n",
				(type.scale ?? 0) > 0
					? `rtrim(rtrim(CAST(${sql} AS VARCHAR), '0'), '.')`
					: `CAST(${sql} AS VARCHAR)`,
			);
		case "REAL":
			return tagged(
				"n",
				`CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e38 THEN CAST(CAST(${sql} AS HUGEINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`,
			);
		case "TEXT":
			return tagged("s", sql);
		case "TIMESTAMP_TZ":
			return tagged("z", `CAST((${sql}).utc AS VARCHAR)`);
		case "BINARY":
			return tagged("x", `hex(${sql})`);
		case "BOOLEAN":
		case "DATE":
		case "TIME":
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
			return tagged(type.base.toLowerCase(), `CAST(${sql} AS VARCHAR)`);
		default:
			throw unsupported(`${call.name} of a ${type.text}`, place(call.span));
	}
}

/** The engine's hash of the arguments together, which is never NULL. */
function rowHash(call: FunctionCall): string {
	const values = call.values.map((value) => hashable(call, value));
	return `(CAST(hash([${values.join(", ")}]) AS HUGEINT) - 9223372036854775808)`;
}

/**
 * Hashes of values and of sets of rows. The numbers are not Snowflake's, which nobody can work out; what they
 * are equal for is.
 * https://docs.snowflake.com/en/sql-reference/functions/hash
 * https://docs.snowflake.com/en/sql-reference/functions/hash_agg
 */
export const HASH_FUNCTIONS: FunctionTable = {
	HASH: scalar(1, Infinity, (call) => typed(`CAST(${rowHash(call)} AS DECIMAL(19,0))`, HASHED)),
	HASH_AGG: aggregate(1, Infinity, (call) => {
		const distinct = call.distinct ? "DISTINCT " : "";
		const sum = `coalesce(sum(${distinct}${rowHash(call)})${call.over}, 0)`;
		return typed(`CAST(${sum} % 9223372036854775807 AS DECIMAL(19,0))`, HASHED);
	}),
};
