import type { Cursor } from "../../parse/cursor.ts";
import { unsupported } from "../error.ts";
import type { Argument, Call, Expression } from "./ast.ts";
import { grammar, startsQuery } from "./grammar.ts";
import { parseOrderBy, parseWindow } from "./parse-window.ts";
import { expect, list, next, place } from "./syntax.ts";

/** A call of plain arguments. */
export function call(
	name: readonly string[],
	values: readonly Expression[],
	span: Expression["span"],
): Call {
	return {
		kind: "call",
		name,
		arguments: values.map((value) => ({ name: undefined, value })),
		distinct: false,
		star: false,
		withinGroup: undefined,
		nulls: undefined,
		over: undefined,
		span,
	};
}

/** `POSITION(a IN b)` as well as `POSITION(a, b)`. */
export function parsePosition(cursor: Cursor, span: () => Expression["span"]): Expression {
	expect(cursor, "(");
	const needle = grammar.operand(cursor);
	if (cursor.take("IN")) {
		const haystack = grammar.expression(cursor);
		expect(cursor, ")");
		return call(["POSITION"], [needle, haystack], span());
	}
	const values = [needle];
	while (cursor.take(",")) values.push(grammar.expression(cursor));
	expect(cursor, ")");
	return call(["POSITION"], values, span());
}

/** `a.b.c`, `t.$1`, or a call when a parenthesis follows. */
export function parseName(cursor: Cursor): Expression {
	const first = next(cursor);
	const parts = [first.type === "quoted" ? first.value : first.value];
	while (cursor.looksAt(".")) {
		const after = cursor.peek(1);
		if (after?.type === "variable") {
			cursor.at += 2;
			return {
				kind: "position",
				qualifier: parts.at(-1),
				name: after.value,
				span: cursor.spanFrom(first),
			};
		}
		if (after?.type !== "word" && after?.type !== "quoted") break;
		cursor.at += 2;
		parts.push(after.value);
	}
	if (cursor.looksAt("(")) return parseCall(cursor, parts, first.start);
	return { kind: "column", parts, span: cursor.spanFrom(first) };
}

function parseCall(cursor: Cursor, name: readonly string[], start: number): Call {
	expect(cursor, "(");
	const star = cursor.looksAt("*", ")") && cursor.take("*");
	const distinct = cursor.take("DISTINCT");
	if (!distinct && cursor.looksAt("ALL") && !cursor.looksAt("ALL", "(")) cursor.take("ALL");
	const values = cursor.looksAt(")") || star ? [] : list(cursor, parseArgument);
	let nulls = parseNulls(cursor);
	expect(cursor, ")");
	let withinGroup: Call["withinGroup"];
	if (cursor.take("WITHIN", "GROUP")) {
		expect(cursor, "(");
		withinGroup = parseOrderBy(cursor);
		expect(cursor, ")");
	}
	nulls ??= parseNulls(cursor);
	const over = cursor.take("OVER") ? parseWindow(cursor) : undefined;
	const end = cursor.tokens[cursor.at - 1]?.end ?? start;
	return {
		kind: "call",
		name,
		arguments: values,
		distinct,
		star,
		withinGroup,
		nulls,
		over,
		span: { source: cursor.source, start, end },
	};
}

function parseNulls(cursor: Cursor): Call["nulls"] {
	if (cursor.take("IGNORE", "NULLS")) return "IGNORE";
	return cursor.take("RESPECT", "NULLS") ? "RESPECT" : undefined;
}

/** One argument of a call: `name => value`, a query, or an expression. */
export function parseArgument(cursor: Cursor): Argument {
	const token = cursor.peek();
	const arrow = cursor.peek(1);
	if (arrow?.text === "=>" && token?.type === "word") {
		cursor.at += 2;
		return { name: token.value, value: grammar.expression(cursor) };
	}
	if (arrow?.text === "->" || (token?.text === "(" && isLambda(cursor)))
		throw unsupported("lambda expressions", place(cursor.here()));
	if (startsQuery(cursor) && token) {
		const query = grammar.query(cursor);
		return { name: undefined, value: { kind: "scalar-query", query, span: query.span } };
	}
	return { name: undefined, value: grammar.expression(cursor) };
}

function isLambda(cursor: Cursor): boolean {
	const ahead = cursor.clone();
	return ahead.takeGroup() !== undefined && ahead.looksAt("->");
}
