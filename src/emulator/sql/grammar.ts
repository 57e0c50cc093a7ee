import type { Cursor } from "../../parse/cursor.ts";
import type { Expression, Query } from "./ast.ts";
import { unexpected } from "./syntax.ts";

/**
 * The rules that call one another in a circle: a query holds expressions, and an expression may hold a query.
 * The files of the parser find them here, so that no two of them import each other; `parse.ts` fills them in.
 */
export const grammar: {
	expression: (cursor: Cursor) => Expression;
	/** An expression without comparisons: what stands before IN and between BETWEEN and AND. */
	operand: (cursor: Cursor) => Expression;
	query: (cursor: Cursor) => Query;
} = {
	expression: (cursor) => {
		throw unexpected(cursor);
	},
	operand: (cursor) => {
		throw unexpected(cursor);
	},
	query: (cursor) => {
		throw unexpected(cursor);
	},
};

/** Whether a query starts here, behind any number of opening parentheses. */
export function startsQuery(cursor: Cursor): boolean {
	let ahead = 0;
	while (cursor.peek(ahead)?.text === "(") ahead++;
	const token = cursor.peek(ahead);
	if (token?.type !== "word") return false;
	if (token.value === "SELECT" || token.value === "WITH") return true;
	return token.value === "VALUES" && cursor.peek(ahead + 1)?.text === "(";
}
