import { textSource } from "../../diagnostics/source.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { lex, type Token } from "../../parse/lexer.ts";
import { type CreateStatement, parse } from "../../parse/statement.ts";

/** Tokens behind which `*` means columns; behind anything else it multiplies or counts. */
const BEFORE_STAR = new Set(["SELECT", "DISTINCT", "ALL", ",", "."]);

function isStar(tokens: readonly Token[], at: number): boolean {
	if (tokens[at]?.text !== "*") return false;
	const before = tokens[at - 1];
	if (before === undefined) return false;
	if (before.type === "number") return tokens[at - 2]?.value === "TOP";
	return (before.type === "word" || before.type === "op") && BEFORE_STAR.has(before.value);
}

/**
 * Whether a query takes columns as they come, by `*` or `t.*`, anywhere in it. Such a view fails once the
 * columns of what it reads are others than they were when it was created.
 * https://docs.snowflake.com/en/sql-reference/sql/create-view#general-usage-notes
 */
export function selectsStar(query: string): boolean {
	const { tokens } = lex(textSource("AS", query));
	return tokens.some((_token, at) => isStar(tokens, at));
}

/** A text as one CREATE VIEW statement, and a cursor behind the view's name; undefined for any other text. */
function open(
	text: string,
): { readonly statement: CreateStatement; readonly cursor: Cursor } | undefined {
	const [statement] = parse(textSource("view", text), ["VIEW"]);
	return statement?.verb === "CREATE" && statement.kind === "VIEW"
		? { statement, cursor: statement.rest() }
		: undefined;
}

/** What the text that created a view says beyond what other columns of SHOW VIEWS tell. */
export interface CreatedAs {
	readonly query: string | undefined;
	readonly recursive: boolean;
	/** Whether a list of columns stands behind the name. */
	readonly listed: boolean;
}

/**
 * Takes a view's text apart. SHOW VIEWS gives the whole statement that created it, so the query is what
 * follows the first AS outside of parentheses; the Information Schema may give the query alone.
 * https://docs.snowflake.com/en/sql-reference/sql/show-views#output
 * https://docs.snowflake.com/en/sql-reference/info-schema/views
 */
export function createdAs(text: string): CreatedAs {
	const opened = open(text);
	if (!opened) return { query: text, recursive: false, listed: false };
	const { statement, cursor } = opened;
	const listed = cursor.takeGroup() !== undefined;
	while (!cursor.done && !cursor.take("AS")) if (!cursor.takeGroup()) cursor.next();
	return {
		query: cursor.done ? undefined : cursor.takeRest().text,
		recursive: statement.modifiers.some((modifier) => modifier.value === "RECURSIVE"),
		listed,
	};
}
