import { textSource } from "../../../diagnostics/source.ts";
import { lex } from "../../../parse/lexer.ts";
import { compilationError } from "../../account/errors.ts";
import { duckdbType, engineString } from "../../account/storage.ts";
import type { Column } from "../../types.ts";

/**
 * The engine's expression of a literal default, for rows that were there before the column.
 * "A default value for a column that you are adding must be a literal value", of the column's own type.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 */
export function literalDefault(column: Column): string | undefined {
	if (column.default === null) return undefined;
	const { tokens } = lex(textSource("", column.default));
	const negative = tokens[0]?.text === "-";
	const [token, more] = negative ? tokens.slice(1) : tokens;
	const invalid = (): Error =>
		compilationError("002263", "22000", `Invalid column default expression [${column.default}]`);
	if (!token || more) throw invalid();
	const type = duckdbType(column.type);
	const mismatch = (found: string): Error =>
		compilationError(
			"002023",
			"22000",
			`Expression type does not match column data type, expecting ${column.type.text} but got ${found} for column ${column.name}`,
		);
	if (token.type === "string" && !negative) {
		if (column.type.base !== "TEXT") throw mismatch(`VARCHAR(${token.value.length})`);
		return engineString(token.value);
	}
	if (token.type === "number") {
		if (column.type.base !== "FIXED" && column.type.base !== "REAL") throw mismatch("NUMBER");
		return `CAST(${negative ? "-" : ""}${token.text} AS ${type})`;
	}
	if (token.type !== "word" || negative) throw invalid();
	if (token.value === "NULL") return undefined;
	if (token.value !== "TRUE" && token.value !== "FALSE") throw invalid();
	if (column.type.base !== "BOOLEAN") throw mismatch("BOOLEAN");
	return token.value;
}
