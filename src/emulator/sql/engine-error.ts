import { engineString } from "../account/storage.ts";
import { SnowflakeError } from "../error.ts";

/** Marks an error that our functions raise inside the engine, so that it comes out as Snowflake's own. */
const MARK = "@snowflake@";

/** The message under which an error travels through the engine. */
export function encodeError(error: SnowflakeError): string {
	return `${MARK}${error.code}|${error.sqlState}|${error.message}`;
}

/** An engine expression that fails with this error when it is evaluated. */
export function raise(code: string, sqlState: string, message: string): string {
	return `error(${engineString(encodeError(new SnowflakeError(code, sqlState, message)))})`;
}

export const DIVISION_BY_ZERO = raise("100051", "22012", "Division by zero");

/**
 * The engine's own errors that stand for one of Snowflake's, by the words the engine uses.
 * They are errors of values, which only the running query can find.
 */
const ENGINE_ERRORS: readonly {
	readonly pattern: RegExp;
	readonly error: (match: RegExpExecArray) => SnowflakeError;
}[] = [
	{
		pattern: /(?:Could not cast value|Casting value) "?(-?[\d.e+-]+)"? to (?:type )?DECIMAL/,
		error: (match) =>
			new SnowflakeError("100039", "22003", `Numeric value '${match[1]}' is out of range`),
	},
	{
		pattern: /Overflow in (\w+) of (?:DECIMAL|INT128)/,
		error: (match) =>
			new SnowflakeError("100039", "22003", `Number out of representable range: ${match[1]}`),
	},
	{
		pattern: /NOT NULL constraint failed: [^.]+\.(.+)$/m,
		error: () => new SnowflakeError("100072", "22000", "NULL result in a non-nullable column"),
	},
	{
		pattern: /INTERRUPT Error/,
		error: () => new SnowflakeError("000604", "57014", "SQL execution canceled"),
	},
	{
		pattern: /More than one row returned by a subquery/,
		error: () =>
			new SnowflakeError("090150", "22000", "Single-row subquery returns more than one row."),
	},
	{
		pattern: /column "?([^"]+)"? must appear in the GROUP BY clause/,
		error: (match) =>
			new SnowflakeError(
				"000979",
				"42601",
				// The engine marks lower-case letters of a name.
				`SQL compilation error:\n[${(match[1] ?? "").replaceAll("~", "")}] is not a valid group by expression`,
			),
	},
];

/** The error a failing engine statement means to a Snowflake user; anything unknown is an internal error, with the engine's words. */
export function engineError(error: unknown): SnowflakeError {
	if (error instanceof SnowflakeError) return error;
	const message = error instanceof Error ? error.message : String(error);
	const mark = message.indexOf(MARK);
	if (mark >= 0) {
		const [code = "", sqlState = "", ...words] = message.slice(mark + MARK.length).split("|");
		return new SnowflakeError(code, sqlState, words.join("|"));
	}
	for (const { pattern, error: make } of ENGINE_ERRORS) {
		const match = pattern.exec(message);
		if (match) return make(match);
	}
	return new SnowflakeError("000603", "XX000", `SQL execution internal error: ${message}`);
}
