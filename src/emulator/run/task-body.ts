import { textSource } from "../../diagnostics/source.ts";
import { lex, type Token } from "../../parse/lexer.ts";
import { unsupported } from "../error.ts";
import type { Account } from "../types.ts";

/** First words of what only Snowflake Scripting knows. */
const SCRIPTING = new Set([
	"AWAIT",
	"BREAK",
	"CASE",
	"CLOSE",
	"CONTINUE",
	"DECLARE",
	"EXCEPTION",
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
	"WHILE",
]);

function isBlock([first, second]: readonly Token[]): boolean {
	if (first?.value === "DECLARE") return true;
	return (
		first?.value === "BEGIN" && !["TRANSACTION", "WORK", "NAME"].includes(second?.value ?? "NAME")
	);
}

/**
 * The statements of a task's body: one, or those of a block that has nothing but statements. Anything of
 * Snowflake Scripting is refused by name, which makes the run fail with that error.
 */
export function bodyStatements(account: Account, definition: string): readonly string[] {
	const { tokens } = lex(textSource("task", definition));
	if (!isBlock(tokens)) return [definition];
	const last = tokens.findLast((token) => token.text !== ";");
	const begin = tokens[0];
	if (begin?.value !== "BEGIN" || last?.value !== "END")
		throw unsupported(`Snowflake Scripting in a task: ${begin?.value ?? ""}`);
	const statements = account.split(definition.slice(begin.end, last.start));
	for (const statement of statements) {
		const [first, second] = lex(textSource("task", statement)).tokens;
		const word = first?.value ?? "";
		const nested = word === "BEGIN" && second !== undefined && second.value !== "TRANSACTION";
		if (SCRIPTING.has(word) || nested || second?.text === ":=")
			throw unsupported(`Snowflake Scripting in a task: ${second?.text === ":=" ? ":=" : word}`);
	}
	return statements;
}
