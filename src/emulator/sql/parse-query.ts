import type { Cursor } from "../../parse/cursor.ts";
import { unsupported } from "../error.ts";
import type {
	CommonTable,
	Expression,
	GroupBy,
	Query,
	QueryBody,
	Select,
	SelectItem,
	SetOperation,
} from "./ast.ts";
import { grammar } from "./grammar.ts";
import { parseFrom } from "./parse-from.ts";
import { parseColumnNames, parseValues } from "./parse-values.ts";
import { parseOrderBy } from "./parse-window.ts";
import { expect, identifier, list, next, place, takeIdentifier, unexpected } from "./syntax.ts";
import { NOT_A_COLUMN, NOT_AN_ALIAS } from "./words.ts";

/** Reads a query: WITH, SELECT with its set operations, ORDER BY, LIMIT. */
export function parseQuery(cursor: Cursor): Query {
	const first = cursor.peek();
	if (!first) throw unexpected(cursor);
	const recursive = cursor.looksAt("WITH", "RECURSIVE");
	let tables: readonly CommonTable[] = [];
	if (cursor.take("WITH")) {
		cursor.take("RECURSIVE");
		tables = list(cursor, parseCommonTable);
	}
	const body = parseSetOperations(cursor);
	const orderBy = cursor.looksAt("ORDER", "BY") ? parseOrderBy(cursor) : [];
	const { limit, offset } = parseLimit(cursor);
	if (cursor.looksAt("->>")) throw unsupported("the ->> operator", place(cursor.here()));
	const span = cursor.spanFrom(first);
	return { kind: "query", recursive, with: tables, body, orderBy, limit, offset, span };
}

function parseCommonTable(cursor: Cursor): CommonTable {
	const first = cursor.peek();
	const name = identifier(cursor, NOT_A_COLUMN);
	const columns = parseColumnNames(cursor);
	expect(cursor, "AS");
	expect(cursor, "(");
	const query = parseQuery(cursor);
	expect(cursor, ")");
	return { name, columns, query, span: cursor.spanFrom(first ?? next(cursor)) };
}

/** LIMIT, OFFSET and FETCH. */
function parseLimit(cursor: Cursor): {
	limit: Expression | undefined;
	offset: Expression | undefined;
} {
	let limit: Expression | undefined;
	let offset: Expression | undefined;
	if (cursor.take("LIMIT")) limit = grammar.expression(cursor);
	if (cursor.take("OFFSET")) {
		offset = grammar.expression(cursor);
		if (!cursor.take("ROWS")) cursor.take("ROW");
	}
	if (!limit && cursor.take("FETCH")) {
		if (!cursor.take("FIRST")) cursor.take("NEXT");
		limit = grammar.expression(cursor);
		if (!cursor.take("ROWS")) cursor.take("ROW");
		cursor.take("ONLY");
	}
	return { limit, offset };
}

/** UNION and EXCEPT bind alike, from left to right; INTERSECT binds tighter. */
function parseSetOperations(cursor: Cursor): QueryBody {
	let left = parseIntersections(cursor);
	for (;;) {
		const operator = takeUnion(cursor);
		if (!operator) return left;
		left = setOperation(cursor, operator, left, parseIntersections(cursor));
	}
}

function takeUnion(cursor: Cursor): SetOperation["operator"] | undefined {
	const here = cursor.here();
	if (cursor.take("UNION")) {
		const all = cursor.take("ALL");
		if (!all) cursor.take("DISTINCT");
		if (cursor.looksAt("BY", "NAME")) throw unsupported("UNION BY NAME", place(here));
		return all ? "UNION ALL" : "UNION";
	}
	return cursor.take("EXCEPT") || cursor.take("MINUS") ? "EXCEPT" : undefined;
}

function parseIntersections(cursor: Cursor): QueryBody {
	let left = parseBody(cursor);
	while (cursor.take("INTERSECT"))
		left = setOperation(cursor, "INTERSECT", left, parseBody(cursor));
	return left;
}

function setOperation(
	cursor: Cursor,
	operator: SetOperation["operator"],
	left: QueryBody,
	right: QueryBody,
): SetOperation {
	const span = { source: cursor.source, start: left.span.start, end: right.span.end };
	return { kind: "set", operator, left, right, span };
}

function parseBody(cursor: Cursor): QueryBody {
	if (cursor.take("(")) {
		const query = parseQuery(cursor);
		expect(cursor, ")");
		return query;
	}
	if (cursor.looksAt("VALUES")) return parseValues(cursor);
	return parseSelect(cursor);
}

function parseSelect(cursor: Cursor): Select {
	const first = cursor.peek();
	expect(cursor, "SELECT");
	const distinct = cursor.take("DISTINCT");
	if (!distinct) cursor.take("ALL");
	const top =
		cursor.looksAt("TOP") && cursor.peek(1)?.type === "number" && cursor.take("TOP")
			? grammar.expression(cursor)
			: undefined;
	const items = list(cursor, parseItem);
	if (cursor.looksAt("INTO"))
		throw unsupported("SELECT … INTO outside a block", place(cursor.here()));
	const from = cursor.take("FROM") ? parseFrom(cursor) : undefined;
	const where = cursor.take("WHERE") ? grammar.expression(cursor) : undefined;
	if (cursor.looksAt("START", "WITH") || cursor.looksAt("CONNECT", "BY"))
		throw unsupported("CONNECT BY", place(cursor.here()));
	const groupBy = parseGroupBy(cursor);
	const having = cursor.take("HAVING") ? grammar.expression(cursor) : undefined;
	const qualify = cursor.take("QUALIFY") ? grammar.expression(cursor) : undefined;
	if (cursor.looksAt("WINDOW")) throw unsupported("named windows", place(cursor.here()));
	return {
		kind: "select",
		distinct,
		top,
		items,
		from,
		where,
		groupBy,
		having,
		qualify,
		span: cursor.spanFrom(first ?? next(cursor)),
	};
}

function parseItem(cursor: Cursor): SelectItem {
	const first = cursor.peek();
	if (!first) throw unexpected(cursor);
	const qualifier = takeStar(cursor);
	if (qualifier) {
		if (cursor.looksAt("ILIKE") || cursor.looksAt("REPLACE"))
			throw unsupported(`* ${cursor.peek()?.value ?? ""}`, place(cursor.here()));
		const exclude = cursor.take("EXCLUDE") ? parseExcluded(cursor) : [];
		const rename = cursor.take("RENAME") ? parseRenamed(cursor) : [];
		return { kind: "star", qualifier, exclude, rename, span: cursor.spanFrom(first) };
	}
	const expression = grammar.expression(cursor);
	const alias = cursor.take("AS")
		? identifier(cursor, new Set())
		: takeIdentifier(cursor, NOT_AN_ALIAS);
	return { kind: "expression", expression, alias, span: cursor.spanFrom(first) };
}

/** Takes `*`, `t.*` or `s.t.*`, giving what stands before the star. */
function takeStar(cursor: Cursor): readonly string[] | undefined {
	if (cursor.take("*")) return [];
	const ahead = cursor.clone();
	const parts: string[] = [];
	for (;;) {
		const part = takeIdentifier(ahead, NOT_A_COLUMN);
		if (part === undefined || !ahead.take(".")) return undefined;
		parts.push(part);
		if (!ahead.take("*")) continue;
		cursor.at = ahead.at;
		return parts;
	}
}

function parseExcluded(cursor: Cursor): readonly string[] {
	return cursor.looksAt("(") ? parseColumnNames(cursor) : [identifier(cursor, NOT_A_COLUMN)];
}

function parseRenamed(cursor: Cursor): readonly { readonly from: string; readonly to: string }[] {
	const one = (c: Cursor) => {
		const from = identifier(c, NOT_A_COLUMN);
		expect(c, "AS");
		return { from, to: identifier(c, new Set()) };
	};
	if (!cursor.take("(")) return [one(cursor)];
	const renamed = list(cursor, one);
	expect(cursor, ")");
	return renamed;
}

function parseGroupBy(cursor: Cursor): GroupBy | undefined {
	if (!cursor.take("GROUP", "BY")) return undefined;
	if (cursor.take("ALL")) return { kind: "all" };
	for (const operator of ["ROLLUP", "CUBE"] as const)
		if (cursor.looksAt(operator, "(")) {
			cursor.take(operator, "(");
			const sets = list(cursor, parseSet);
			expect(cursor, ")");
			return { kind: "sets", operator, sets };
		}
	if (cursor.take("GROUPING", "SETS", "(")) {
		const sets = list(cursor, parseSet);
		expect(cursor, ")");
		return { kind: "sets", operator: "GROUPING SETS", sets };
	}
	return { kind: "list", items: list(cursor, grammar.expression) };
}

/** One grouping set: `a` or `(a, b)` or `()`. */
function parseSet(cursor: Cursor): readonly Expression[] {
	if (cursor.take("(", ")")) return [];
	const expression = grammar.expression(cursor);
	return expression.kind === "row" ? expression.items : [expression];
}
