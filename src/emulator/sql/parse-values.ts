import type { Cursor } from "../../parse/cursor.ts";
import type { Values } from "./ast.ts";
import { grammar } from "./grammar.ts";
import { expect, identifier, list, next } from "./syntax.ts";
import { NOT_A_COLUMN } from "./words.ts";

/** `(a, b)` after a name, or nothing. */
export function parseColumnNames(cursor: Cursor): readonly string[] {
	if (!cursor.take("(")) return [];
	const names = list(cursor, (c) => identifier(c, NOT_A_COLUMN));
	expect(cursor, ")");
	return names;
}

/** `VALUES (…), (…)`. */
export function parseValues(cursor: Cursor): Values {
	const first = cursor.peek();
	expect(cursor, "VALUES");
	const rows = list(cursor, (c) => {
		expect(c, "(");
		const row = list(c, grammar.expression);
		expect(c, ")");
		return row;
	});
	return { kind: "values", rows, span: cursor.spanFrom(first ?? next(cursor)) };
}
