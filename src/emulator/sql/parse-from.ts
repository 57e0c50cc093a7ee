import type { Cursor } from "../../parse/cursor.ts";
import { unsupported } from "../error.ts";
import type { Alias, Argument, FromItem, StageOptions } from "./ast.ts";
import { grammar, startsQuery } from "./grammar.ts";
import { parseArgument } from "./parse-call.ts";
import { parseColumnNames, parseValues } from "./parse-values.ts";
import {
	asSnowflakeError,
	expect,
	identifier,
	list,
	next,
	place,
	takeIdentifier,
	unexpected,
} from "./syntax.ts";
import { NOT_A_COLUMN, NOT_A_TABLE_ALIAS } from "./words.ts";

/** Reads what follows FROM: items, joined by commas and JOIN. */
export function parseFrom(cursor: Cursor): FromItem {
	let left = parseJoins(cursor);
	while (cursor.take(",")) left = join(cursor, "CROSS", left, parseJoins(cursor));
	return left;
}

function join(
	cursor: Cursor,
	kind: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS",
	left: FromItem,
	right: FromItem,
	condition: Partial<Pick<FromItem & { kind: "join" }, "on" | "using" | "natural">> = {},
): FromItem {
	return {
		kind: "join",
		join: kind,
		natural: condition.natural ?? false,
		left,
		right,
		on: condition.on,
		using: condition.using ?? [],
		span: { source: cursor.source, start: left.span.start, end: right.span.end },
	};
}

function parseJoins(cursor: Cursor): FromItem {
	let left = parseItem(cursor);
	for (;;) {
		if (cursor.looksAt("ASOF")) throw unsupported("ASOF JOIN", place(cursor.here()));
		const natural = cursor.take("NATURAL");
		const kind = takeJoin(cursor);
		if (!kind) {
			if (natural) throw unexpected(cursor);
			return left;
		}
		const right = parseItem(cursor);
		if (kind === "CROSS" || natural) left = join(cursor, kind, left, right, { natural });
		else if (cursor.take("ON"))
			left = join(cursor, kind, left, right, { on: grammar.expression(cursor) });
		else if (cursor.take("USING"))
			left = join(cursor, kind, left, right, { using: parseColumnNames(cursor) });
		// Snowflake takes `t JOIN LATERAL FLATTEN(…)` without a condition.
		else left = join(cursor, kind, left, right);
	}
}

function takeJoin(cursor: Cursor): "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS" | undefined {
	if (cursor.take("JOIN") || cursor.take("INNER", "JOIN")) return "INNER";
	if (cursor.take("CROSS", "JOIN")) return "CROSS";
	for (const side of ["LEFT", "RIGHT", "FULL"] as const)
		if (cursor.take(side, "JOIN") || cursor.take(side, "OUTER", "JOIN")) return side;
	return undefined;
}

function parseItem(cursor: Cursor): FromItem {
	const first = cursor.peek();
	if (!first) throw unexpected(cursor);
	const span = () => cursor.spanFrom(first);
	if (first.type === "stage") return parseStage(cursor);
	if (cursor.looksAt("VALUES")) {
		const body = parseValues(cursor);
		const query = {
			kind: "query",
			recursive: false,
			with: [],
			body,
			orderBy: [],
			limit: undefined,
			offset: undefined,
			span: body.span,
		} as const;
		return { kind: "subquery", query, lateral: false, alias: parseAlias(cursor), span: span() };
	}
	if (cursor.take("LATERAL")) {
		if (cursor.looksAt("(")) return parseSubquery(cursor, true);
		return parseFunction(cursor);
	}
	if (cursor.take("TABLE", "(")) {
		const inner = cursor.peek();
		if (inner?.type === "string" || inner?.type === "variable")
			throw unsupported(`TABLE(${inner.text})`, place(cursor.here()));
		const item = parseFunction(cursor, false);
		expect(cursor, ")");
		return item.kind === "function" ? { ...item, alias: parseAlias(cursor), span: span() } : item;
	}
	if (cursor.looksAt("(")) {
		if (startsQuery(cursor)) return parseSubquery(cursor, false);
		expect(cursor, "(");
		const item = parseFrom(cursor);
		expect(cursor, ")");
		return item;
	}
	if (cursor.looksAt("FLATTEN", "(") || cursor.looksAt("SPLIT_TO_TABLE", "("))
		return parseFunction(cursor);
	return parseTable(cursor);
}

function parseSubquery(cursor: Cursor, lateral: boolean): FromItem {
	const first = next(cursor);
	const query = grammar.query(cursor);
	expect(cursor, ")");
	return {
		kind: "subquery",
		query,
		lateral,
		alias: parseAlias(cursor),
		span: cursor.spanFrom(first),
	};
}

/** `name(arguments)` as a table. */
function parseFunction(cursor: Cursor, aliased = true): FromItem {
	const first = cursor.peek() ?? next(cursor);
	const name = asSnowflakeError(() => cursor.expectName());
	expect(cursor, "(");
	const values: readonly Argument[] = cursor.looksAt(")") ? [] : list(cursor, parseArgument);
	expect(cursor, ")");
	const alias = aliased ? parseAlias(cursor) : { name: undefined, columns: [] };
	return {
		kind: "function",
		name: name.parts,
		arguments: values,
		alias,
		span: cursor.spanFrom(first),
	};
}

const REFUSED_AFTER_TABLE = [
	"AT",
	"BEFORE",
	"CHANGES",
	"PIVOT",
	"UNPIVOT",
	"MATCH_RECOGNIZE",
	"SAMPLE",
	"TABLESAMPLE",
	"RESAMPLE",
] as const;

function parseTable(cursor: Cursor): FromItem {
	const first = cursor.peek() ?? next(cursor);
	if (first.type === "word" && NOT_A_COLUMN.has(first.value)) throw unexpected(cursor);
	const name = asSnowflakeError(() => cursor.takeName());
	if (!name) throw unexpected(cursor);
	if (cursor.looksAt("(") && !cursor.looksAt("(", "SELECT"))
		throw unsupported(`${name.parts.join(".")}(…) in FROM`, place(name.span));
	refuseAfterTable(cursor);
	const alias = parseAlias(cursor);
	refuseAfterTable(cursor);
	return { kind: "table", name: name.parts, alias, span: cursor.spanFrom(first) };
}

/** Constructs behind a table that the local account does not have. */
function refuseAfterTable(cursor: Cursor): void {
	const found = REFUSED_AFTER_TABLE.find(
		(word) =>
			cursor.looksAt(word, "(") ||
			cursor.looksAt(word, "BERNOULLI") ||
			cursor.looksAt(word, "SYSTEM"),
	);
	if (found) throw unsupported(`${found} in FROM`, place(cursor.here()));
}

function parseStage(cursor: Cursor): FromItem {
	const first = next(cursor);
	let options: StageOptions = { fileFormat: undefined, pattern: undefined };
	if (cursor.looksAt("(")) {
		expect(cursor, "(");
		list(cursor, (c) => {
			const at = place(c.here());
			const option = identifier(c, new Set());
			expect(c, "=>");
			const value = parseStageValue(c);
			if (option === "FILE_FORMAT") options = { ...options, fileFormat: value };
			else if (option === "PATTERN") options = { ...options, pattern: value };
			else throw unsupported(`stage option ${option}`, at);
		});
		expect(cursor, ")");
	}
	return {
		kind: "stage",
		reference: first.value,
		options,
		alias: parseAlias(cursor),
		span: cursor.spanFrom(first),
	};
}

/** A file format's name or a pattern: a string, or a name as written. */
function parseStageValue(cursor: Cursor): string {
	const token = cursor.peek();
	if (token?.type === "string") return next(cursor).value;
	const name = asSnowflakeError(() => cursor.expectName());
	return cursor.source.text.slice(name.span.start, name.span.end);
}

/** `[AS] alias [(columns)]`. */
export function parseAlias(cursor: Cursor): Alias {
	const name = cursor.take("AS")
		? identifier(cursor, new Set())
		: takeIdentifier(cursor, NOT_A_TABLE_ALIAS);
	return { name, columns: name === undefined ? [] : parseColumnNames(cursor) };
}
