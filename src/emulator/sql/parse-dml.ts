import type { Cursor } from "../../parse/cursor.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { FromItem } from "./ast.ts";
import type {
	Assignment,
	Delete,
	Dml,
	Insert,
	Merge,
	MergeClause,
	StoredValue,
	Target,
	Truncate,
	Update,
} from "./dml-ast.ts";
import { grammar, startsQuery } from "./grammar.ts";
import { parseFrom } from "./parse-from.ts";
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

/** Reads INSERT, UPDATE, DELETE, MERGE or TRUNCATE. */
export function parseDml(cursor: Cursor): Dml {
	const first = cursor.peek();
	switch (first?.value) {
		case "INSERT":
			return parseInsert(cursor);
		case "UPDATE":
			return parseUpdate(cursor);
		case "DELETE":
			return parseDelete(cursor);
		case "MERGE":
			return parseMerge(cursor);
		case "TRUNCATE":
			return parseTruncate(cursor);
		default:
			throw unexpected(cursor);
	}
}

function parseTarget(cursor: Cursor, aliased: boolean): Target {
	const first = cursor.peek() ?? next(cursor);
	const name = asSnowflakeError(() => cursor.takeName());
	if (!name) throw unexpected(cursor);
	const alias = !aliased
		? undefined
		: cursor.take("AS")
			? identifier(cursor, new Set())
			: takeIdentifier(cursor, NOT_A_TABLE_ALIAS);
	return { name: name.parts, alias, span: cursor.spanFrom(first) };
}

function parseColumn(cursor: Cursor): { readonly name: string; readonly span: Target["span"] } {
	const span = cursor.here();
	let name = identifier(cursor, NOT_A_COLUMN);
	while (cursor.take(".")) name = identifier(cursor, new Set());
	return { name, span };
}

function parseColumns(
	cursor: Cursor,
): readonly { readonly name: string; readonly span: Target["span"] }[] {
	expect(cursor, "(");
	const columns = list(cursor, parseColumn);
	expect(cursor, ")");
	return columns;
}

function parseStored(cursor: Cursor): StoredValue {
	const span = cursor.here();
	return cursor.take("DEFAULT") ? { kind: "default", span } : grammar.expression(cursor);
}

function parseStoredRow(cursor: Cursor): readonly StoredValue[] {
	expect(cursor, "(");
	const row = list(cursor, parseStored);
	expect(cursor, ")");
	return row;
}

function parseInsert(cursor: Cursor): Insert {
	const first = next(cursor);
	const overwrite = cursor.take("OVERWRITE");
	if (cursor.looksAt("ALL") || cursor.looksAt("FIRST"))
		throw unsupported(
			`INSERT ${cursor.peek()?.value ?? ""} (into several tables)`,
			place(cursor.here()),
		);
	expect(cursor, "INTO");
	const target = parseTarget(cursor, false);
	const columns = cursor.looksAt("(") && !startsQuery(cursor) ? parseColumns(cursor) : undefined;
	const span = () => cursor.spanFrom(first);
	if (cursor.take("VALUES")) {
		const rows = list(cursor, parseStoredRow);
		return {
			kind: "insert",
			overwrite,
			target,
			columns,
			source: { kind: "rows", rows },
			span: span(),
		};
	}
	const query = grammar.query(cursor);
	return {
		kind: "insert",
		overwrite,
		target,
		columns,
		source: { kind: "query", query },
		span: span(),
	};
}

function parseAssignment(cursor: Cursor): Assignment {
	const { name: column, span } = parseColumn(cursor);
	expect(cursor, "=");
	return { column, value: parseStored(cursor), span };
}

function parseUpdate(cursor: Cursor): Update {
	const first = next(cursor);
	const target = parseTarget(cursor, true);
	expect(cursor, "SET");
	const set = list(cursor, parseAssignment);
	const from = cursor.take("FROM") ? parseFrom(cursor) : undefined;
	const where = cursor.take("WHERE") ? grammar.expression(cursor) : undefined;
	return { kind: "update", target, set, from, where, span: cursor.spanFrom(first) };
}

function parseDelete(cursor: Cursor): Delete {
	const first = next(cursor);
	expect(cursor, "FROM");
	const target = parseTarget(cursor, true);
	const using = cursor.take("USING") ? parseFrom(cursor) : undefined;
	const where = cursor.take("WHERE") ? grammar.expression(cursor) : undefined;
	return { kind: "delete", target, using, where, span: cursor.spanFrom(first) };
}

function parseMerge(cursor: Cursor): Merge {
	const first = next(cursor);
	expect(cursor, "INTO");
	const target = parseTarget(cursor, true);
	expect(cursor, "USING");
	const source: FromItem = parseFrom(cursor);
	expect(cursor, "ON");
	const on = grammar.expression(cursor);
	const clauses: MergeClause[] = [];
	while (cursor.looksAt("WHEN")) clauses.push(parseClause(cursor));
	if (clauses.length === 0) throw unexpected(cursor);
	refuseUnreachable(clauses);
	return { kind: "merge", target, source, on, clauses, span: cursor.spanFrom(first) };
}

/**
 * A clause without AND must be the last of its kind.
 * https://docs.snowflake.com/en/sql-reference/sql/merge#usage-notes
 */
function refuseUnreachable(clauses: readonly MergeClause[]): void {
	for (const matched of [true, false]) {
		const ofKind = clauses.filter((clause) => (clause.kind !== "insert") === matched);
		const last = ofKind.findIndex((clause) => clause.condition === undefined);
		const after = last < 0 ? undefined : ofKind[last + 1];
		if (after)
			throw new SnowflakeError(
				"001044",
				"42601",
				"SQL compilation error:\nUnreachable case in MERGE: a clause without AND must be the last of its type.",
				place(after.span),
			);
	}
}

function parseClause(cursor: Cursor): MergeClause {
	const first = next(cursor);
	const not = cursor.take("NOT");
	expect(cursor, "MATCHED");
	const condition = cursor.take("AND") ? grammar.expression(cursor) : undefined;
	expect(cursor, "THEN");
	const span = () => cursor.spanFrom(first);
	if (not) {
		expect(cursor, "INSERT");
		if (cursor.take("ALL", "BY", "NAME"))
			return { kind: "insert", condition, columns: undefined, values: "by name", span: span() };
		const columns = cursor.looksAt("(") ? parseColumns(cursor) : undefined;
		expect(cursor, "VALUES");
		return { kind: "insert", condition, columns, values: parseStoredRow(cursor), span: span() };
	}
	if (cursor.take("DELETE")) return { kind: "delete", condition, span: span() };
	expect(cursor, "UPDATE");
	if (cursor.take("ALL", "BY", "NAME"))
		return { kind: "update", condition, set: "by name", span: span() };
	expect(cursor, "SET");
	const set = list(cursor, parseAssignment);
	return { kind: "update", condition, set, span: span() };
}

function parseTruncate(cursor: Cursor): Truncate {
	const first = next(cursor);
	cursor.take("TABLE");
	const ifExists = cursor.take("IF", "EXISTS");
	return {
		kind: "truncate",
		target: parseTarget(cursor, false),
		ifExists,
		span: cursor.spanFrom(first),
	};
}
