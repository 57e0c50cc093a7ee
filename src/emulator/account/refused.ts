/**
 * Statements of Snowflake's, by first word, that the local account refuses by name; any other unknown word is a syntax
 * error. https://docs.snowflake.com/en/sql-reference/sql-all
 */
export const REFUSED_STATEMENTS: ReadonlySet<string> = new Set([
	"ASYNC",
	"AWAIT",
	"BEGIN",
	"BREAK",
	"CANCEL",
	"CASE",
	"CLOSE",
	"CONTINUE",
	"DECLARE",
	"EXPLAIN",
	"FETCH",
	"FOR",
	"IF",
	"LET",
	"LOOP",
	"NULL",
	"OPEN",
	"RAISE",
	"REPEAT",
	"RETURN",
	"START",
	"WHILE",
]);
