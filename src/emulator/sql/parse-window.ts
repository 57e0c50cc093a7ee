import type { Cursor } from "../../parse/cursor.ts";
import { unsupported } from "../error.ts";
import type { Frame, FrameBound, OrderItem, Window } from "./ast.ts";
import { grammar } from "./grammar.ts";
import { expect, list, place, unexpected } from "./syntax.ts";

/** `ORDER BY key [ASC|DESC] [NULLS FIRST|LAST], …`. */
export function parseOrderBy(cursor: Cursor): readonly OrderItem[] {
	expect(cursor, "ORDER", "BY");
	return list(cursor, (c) => {
		const expression = grammar.expression(c);
		const descending = c.take("DESC");
		if (!descending) c.take("ASC");
		const nulls = c.take("NULLS", "FIRST") ? "FIRST" : c.take("NULLS", "LAST") ? "LAST" : undefined;
		return { expression, descending, nulls };
	});
}

/** What follows OVER: `([PARTITION BY …] [ORDER BY …] [frame])`. */
export function parseWindow(cursor: Cursor): Window {
	if (!cursor.looksAt("(")) throw unsupported("named windows", place(cursor.here()));
	expect(cursor, "(");
	const partitionBy = cursor.take("PARTITION", "BY") ? list(cursor, grammar.expression) : [];
	const orderBy = cursor.looksAt("ORDER") ? parseOrderBy(cursor) : [];
	const frame = parseFrame(cursor);
	expect(cursor, ")");
	return { partitionBy, orderBy, frame };
}

function parseFrame(cursor: Cursor): Frame | undefined {
	const unit = cursor.take("ROWS") ? "ROWS" : cursor.take("RANGE") ? "RANGE" : undefined;
	if (!unit) return undefined;
	if (!cursor.take("BETWEEN")) return { unit, start: parseBound(cursor), end: { kind: "current" } };
	const start = parseBound(cursor);
	expect(cursor, "AND");
	return { unit, start, end: parseBound(cursor) };
}

function parseBound(cursor: Cursor): FrameBound {
	if (cursor.take("CURRENT", "ROW")) return { kind: "current" };
	if (cursor.take("UNBOUNDED")) return { kind: "unbounded", direction: parseDirection(cursor) };
	const amount = grammar.expression(cursor);
	return { kind: "offset", amount, direction: parseDirection(cursor) };
}

function parseDirection(cursor: Cursor): "PRECEDING" | "FOLLOWING" {
	if (cursor.take("PRECEDING")) return "PRECEDING";
	if (cursor.take("FOLLOWING")) return "FOLLOWING";
	throw unexpected(cursor);
}
