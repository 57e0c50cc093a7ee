import { textSource } from "../../diagnostics/source.ts";
import { canonicalType, isText } from "../../model/data-type.ts";
import {
	formatName,
	formatString,
	parseIdentifier,
	type QualifiedName,
} from "../../model/identifier.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex, type Token } from "../../parse/lexer.ts";

/** Functions that are called with and without parentheses, and print with them. */
const CONTEXT_FUNCTIONS = new Set([
	"CURRENT_DATE",
	"CURRENT_TIME",
	"CURRENT_TIMESTAMP",
	"CURRENT_USER",
	"LOCALTIME",
	"LOCALTIMESTAMP",
]);

function open(sql: string): Cursor {
	const source = textSource("expression", sql);
	return new Cursor(source, lex(source).tokens);
}

/** The tokens as SQL on one line: comments gone, line breaks in literals escaped, all else as written. */
export function inlineSql(tokens: readonly Token[]): string {
	return tokens
		.map((token, i) => {
			const before = tokens[i - 1];
			const gap = before && before.end < token.start ? " " : "";
			const text =
				token.type === "string" && token.text.includes("\n")
					? formatString(token.value)
					: token.text;
			return gap + text;
		})
		.join("");
}

/** The rest of a cursor as SQL on one line; moves to its end. */
export function takeExpression(cursor: Cursor): string {
	const tokens: Token[] = [cursor.next()];
	while (!cursor.done) tokens.push(cursor.next());
	return inlineSql(tokens);
}

/** A cursor within the parentheses that enclose everything, however many there are. */
function unwrapped(cursor: Cursor): Cursor {
	const inside = cursor.clone().takeGroup();
	const whole = cursor.clone();
	whole.takeGroup();
	return inside && !inside.done && whole.done ? unwrapped(inside) : cursor;
}

function textOf(cursor: Cursor): string {
	return cursor.done ? "" : cursor.clone().takeRest().text;
}

/** An expression as it is compared: canonical tokens, without parentheses around it. */
export function canonicalExpression(sql: string): string {
	return canonicalSql(textOf(unwrapped(open(sql))));
}

/** Whether `::` behind these tokens casts all of them: a literal, a name, a call, something in parentheses. */
function isOperand(cursor: Cursor): boolean {
	const rest = cursor.clone();
	if (!rest.takeName() && !rest.looksAt("(")) {
		if (!rest.take("-")) rest.take("+");
		if (!rest.done) rest.next();
	}
	rest.takeGroup();
	return rest.done;
}

/** `CAST(x AS t)` or `x::t` as a whole: what is cast, and to what type. */
function castOf(sql: string): { readonly value: string; readonly type: string } | undefined {
	const cursor = open(sql);
	if (cursor.take("CAST")) {
		const group = cursor.takeGroup();
		if (!group || !cursor.done) return undefined;
		let depth = 0;
		const start = group.at;
		for (; !group.done; group.at++) {
			const token = group.peek();
			if (token?.text === "(") depth++;
			if (token?.text === ")") depth--;
			if (depth > 0 || token?.value !== "AS") continue;
			const value = inlineSql(group.tokens.slice(start, group.at));
			group.next();
			return { value, type: textOf(group) };
		}
		return undefined;
	}
	const [first, ...types] = cursor.splitAt("::");
	const last = types.at(-1);
	const whole = types.every((part) => canonicalType(textOf(part)) !== undefined);
	if (!first || !last || !whole || !isOperand(first)) return undefined;
	return { value: inlineSql(cursor.tokens.slice(0, last.at - 1)), type: textOf(last) };
}

/** Length does not matter where a text is cast: an unbounded cast prints different lengths in different accounts. */
function castType(type: string): string {
	const canonical = canonicalType(type) ?? canonicalSql(type);
	return isText(canonical) ? "VARCHAR" : canonical;
}

/**
 * A default as it is compared. Snowflake prints literals as they were written, functions with their
 * parentheses, and `x::t` as `CAST(x AS t)`; a cast to the column's own type says nothing. DEFAULT NULL is
 * no default.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 */
export function canonicalDefault(sql: string | null, columnType: string): string | null {
	if (sql === null) return null;
	const cursor = unwrapped(open(sql));
	if (cursor.done) return null;
	const inner = textOf(cursor);
	const cast = castOf(inner);
	if (cast) {
		const value = canonicalDefault(cast.value, columnType);
		const type = castType(cast.type);
		return value === null || type === castType(columnType) ? value : `CAST ( ${value} AS ${type} )`;
	}
	const { tokens } = lex(textSource("default", inner));
	const text = tokens
		.map((token, i) => {
			const call = token.type === "word" && CONTEXT_FUNCTIONS.has(token.value);
			return canonicalSql(token.text) + (call && tokens[i + 1]?.text !== "(" ? " ( )" : "");
		})
		.join(" ");
	return text === "NULL" ? null : text;
}

/** The sequence of a default `db.schema.seq.NEXTVAL`; undefined for any other default. */
export function sequenceOf(sql: string | null): QualifiedName | undefined {
	if (sql === null) return undefined;
	const cursor = unwrapped(open(sql));
	const name = cursor.takeName();
	const last = name?.parts.at(-1)?.toUpperCase();
	return name && cursor.done && name.parts.length > 1 && last === "NEXTVAL"
		? name.parts.slice(0, -1)
		: undefined;
}

/** The default that takes the next value of a sequence. */
export function nextValueOf(sequence: QualifiedName): string {
	return `${formatName(sequence)}.NEXTVAL`;
}

/**
 * Whether a default is a literal of the column's own type: the only default ALTER TABLE … ADD COLUMN takes.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 */
export function isLiteralFor(sql: string, columnType: string): boolean {
	const text = canonicalExpression(sql);
	if (/^'(?:[^'\\]|''|\\.)*'$/s.test(text)) return isText(columnType);
	if (/^(?:[+-] )?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text))
		return /^(?:NUMBER|FLOAT|DECFLOAT)/.test(columnType);
	return (text === "TRUE" || text === "FALSE") && columnType === "BOOLEAN";
}

/** The identifiers that occur in an expression, in their stored form. */
export function identifiersIn(sql: string): ReadonlySet<string> {
	return new Set(
		lex(textSource("expression", sql)).tokens.flatMap((token) =>
			token.type === "word" || token.type === "quoted" ? [parseIdentifier(token.text)] : [],
		),
	);
}
