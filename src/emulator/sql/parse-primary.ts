import type { Cursor } from "../../parse/cursor.ts";
import { parseDataType } from "../account/data-type.ts";
import { unsupported } from "../error.ts";
import type { Expression } from "./ast.ts";
import { grammar, startsQuery } from "./grammar.ts";
import { call, parseName, parsePosition } from "./parse-call.ts";
import { asSnowflakeError, expect, identifier, list, next, place, unexpected } from "./syntax.ts";
import { NOT_A_COLUMN } from "./words.ts";

/** Reserved words that are functions as well. */
const CALLABLE = new Set(["INSERT", "LIKE", "ILIKE", "RLIKE", "ANY", "ALL", "SOME"]);

/** A value without operators: a literal, a name, a call, a construct in parentheses. */
export function parsePrimary(cursor: Cursor): Expression {
	const token = cursor.peek();
	if (!token) throw unexpected(cursor);
	const span = () => cursor.spanFrom(token);
	switch (token.type) {
		case "number":
			cursor.next();
			return { kind: "literal", value: { type: "number", text: token.value }, span: span() };
		case "string":
			cursor.next();
			return { kind: "literal", value: { type: "string", text: token.value }, span: span() };
		case "variable":
			cursor.next();
			return { kind: "position", qualifier: undefined, name: token.value, span: span() };
		case "op":
			return parseMark(cursor);
		case "quoted":
			return parseName(cursor);
		case "word":
			return parseWord(cursor);
		default:
			throw unexpected(cursor);
	}
}

/** An expression that starts with a mark: `( … )`, `[ … ]`, `{ … }`, `?`, `:1`. */
function parseMark(cursor: Cursor): Expression {
	const first = next(cursor);
	const span = () => cursor.spanFrom(first);
	switch (first.text) {
		case "(": {
			if (startsQuery(cursor)) {
				const query = grammar.query(cursor);
				expect(cursor, ")");
				return { kind: "scalar-query", query, span: span() };
			}
			const items = list(cursor, grammar.expression);
			expect(cursor, ")");
			const [only] = items;
			if (only && items.length === 1) return { ...only, span: span() };
			return { kind: "row", items, span: span() };
		}
		case "[": {
			const items = cursor.looksAt("]") ? [] : list(cursor, grammar.expression);
			expect(cursor, "]");
			return { kind: "array", items, span: span() };
		}
		case "{": {
			const entries = cursor.looksAt("}") ? [] : list(cursor, parseEntry);
			expect(cursor, "}");
			return { kind: "object", entries, span: span() };
		}
		case "?": {
			const before = cursor.tokens.slice(0, cursor.at);
			const name = before.filter((token) => token.type === "op" && token.text === "?").length;
			return { kind: "bind", name, span: span() };
		}
		case ":": {
			const token = next(cursor);
			if (token.type === "number") return { kind: "bind", name: Number(token.value), span: span() };
			if (token.type === "word") return { kind: "bind", name: token.value, span: span() };
			cursor.at--;
			throw unexpected(cursor);
		}
		default:
			cursor.at--;
			throw unexpected(cursor);
	}
}

function parseEntry(cursor: Cursor): { readonly key: string; readonly value: Expression } {
	const token = next(cursor);
	if (token.type !== "string") {
		cursor.at--;
		if (token.text === "*") throw unsupported("{*} in an object", place(cursor.here()));
		throw unexpected(cursor);
	}
	expect(cursor, ":");
	return { key: token.value, value: grammar.expression(cursor) };
}

/** An expression that starts with a word: a keyword's construct, a call or a name. */
function parseWord(cursor: Cursor): Expression {
	const first = next(cursor);
	const span = () => cursor.spanFrom(first);
	switch (first.value) {
		case "NULL":
			return { kind: "literal", value: { type: "null" }, span: span() };
		case "TRUE":
		case "FALSE":
			return {
				kind: "literal",
				value: { type: "boolean", value: first.value === "TRUE" },
				span: span(),
			};
		case "CASE":
			return parseCase(cursor, span);
		case "EXISTS": {
			expect(cursor, "(");
			const query = grammar.query(cursor);
			expect(cursor, ")");
			return { kind: "exists", query, span: span() };
		}
		case "CAST":
		case "TRY_CAST": {
			if (!cursor.take("(")) break;
			const operand = grammar.expression(cursor);
			expect(cursor, "AS");
			const type = asSnowflakeError(() => parseDataType(cursor));
			expect(cursor, ")");
			return { kind: "cast", operand, type, try: first.value === "TRY_CAST", span: span() };
		}
		case "INTERVAL": {
			const text = cursor.peek();
			if (text?.type !== "string") break;
			cursor.next();
			return { kind: "interval", text: text.value, span: span() };
		}
		case "DATE":
		case "TIME":
		case "TIMESTAMP": {
			// `DATE '2024-01-01'`
			const text = cursor.peek();
			if (text?.type !== "string") break;
			cursor.at--;
			const type = asSnowflakeError(() => parseDataType(cursor));
			cursor.next();
			const operand: Expression = {
				kind: "literal",
				value: { type: "string", text: text.value },
				span: cursor.span(text, text),
			};
			return { kind: "cast", operand, type, try: false, span: span() };
		}
		case "EXTRACT":
		case "DATE_PART":
			if (cursor.looksAt("(")) return parseDatePart(cursor, span);
			break;
		case "POSITION":
			if (cursor.looksAt("(")) return parsePosition(cursor, span);
			break;
		case "TRIM":
			break;
		case "CURRENT_DATE":
		case "CURRENT_TIME":
		case "CURRENT_TIMESTAMP":
		case "CURRENT_USER":
		case "LOCALTIME":
		case "LOCALTIMESTAMP":
			if (!cursor.looksAt("(")) return call([first.value], [], span());
			break;
		case "PRIOR":
		case "CONNECT_BY_ROOT":
			throw unsupported(first.value, place(span()));
	}
	cursor.at--;
	if (NOT_A_COLUMN.has(first.value) && !CALLABLE.has(first.value)) throw unexpected(cursor);
	return parseName(cursor);
}

/** `EXTRACT(part FROM x)`, and the same with a comma; the part is a word or a string. */
function parseDatePart(cursor: Cursor, span: () => Expression["span"]): Expression {
	expect(cursor, "(");
	const at = cursor.here();
	const text =
		cursor.peek()?.type === "string" ? next(cursor).value : identifier(cursor, NOT_A_COLUMN);
	if (!cursor.take("FROM")) expect(cursor, ",");
	const value = grammar.expression(cursor);
	expect(cursor, ")");
	const part: Expression = { kind: "literal", value: { type: "string", text }, span: at };
	return call(["DATE_PART"], [part, value], span());
}

function parseCase(cursor: Cursor, span: () => Expression["span"]): Expression {
	const operand = cursor.looksAt("WHEN") ? undefined : grammar.expression(cursor);
	const branches = [];
	while (cursor.take("WHEN")) {
		const when = grammar.expression(cursor);
		expect(cursor, "THEN");
		branches.push({ when, value: grammar.expression(cursor) });
	}
	if (branches.length === 0) throw unexpected(cursor);
	const otherwise = cursor.take("ELSE") ? grammar.expression(cursor) : undefined;
	expect(cursor, "END");
	return { kind: "case", operand, branches, otherwise, span: span() };
}
