import { textSource } from "../../diagnostics/source.ts";
import type { ObjectModel } from "../../model/catalog.ts";
import type { QualifiedName } from "../../model/identifier.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";

/** What can stand before a `*` that means all columns; behind an operand it multiplies, in COUNT(*) it counts. */
const BEFORE_STAR = new Set(["SELECT", "DISTINCT", "ALL", ",", "."]);

/** Whether a list of columns comes next, and not a query in parentheses. */
function listsColumns(cursor: Cursor): boolean {
	const group = cursor.clone().takeGroup();
	return group !== undefined && !["SELECT", "WITH", "VALUES"].some((word) => group.looksAt(word));
}

/**
 * The tables, views and streams that statements fill or read by the places of columns: INSERT and COPY INTO
 * without a list of columns, and whatever `SELECT *` reads.
 */
export function namesByPosition(sql: string, object: ObjectModel): readonly QualifiedName[] {
	const source = textSource("statement", sql);
	const cursor = new Cursor(source, lex(source).tokens);
	const found: QualifiedName[] = [];
	const read: QualifiedName[] = [];
	let star = false;
	let target: QualifiedName | undefined;
	const byName = /\bMATCH_BY_COLUMN_NAME\s*=\s*'?CASE_/i.test(sql);
	while (!cursor.done) {
		const before = cursor.peek(-1);
		const token = cursor.next();
		if (token.text === "*" && before && BEFORE_STAR.has(before.value.toUpperCase())) star = true;
		if (token.type !== "word") continue;
		if (token.value === "FROM" || token.value === "JOIN" || token.value === "USING") {
			const name = cursor.clone().takeName();
			if (name) read.push(name.parts);
		}
		if (token.value === "INSERT" && target && cursor.looksAt("VALUES")) found.push(target);
		if (token.value !== "INTO") continue;
		const name = cursor.takeName();
		if (!name) continue;
		if (before?.value === "MERGE") target = name.parts;
		else if (!listsColumns(cursor) && !(before?.value === "COPY" && byName)) found.push(name.parts);
	}
	return [...found, ...(star ? read : [])].map((parts) => [
		...object.name.slice(0, Math.max(0, object.name.length - parts.length)),
		...parts,
	]);
}
