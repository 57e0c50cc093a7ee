import { DeployError } from "../../diagnostics/diagnostic.ts";
import { locate, type Span } from "../../diagnostics/source.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Token } from "../../parse/lexer.ts";
import { SnowflakeError } from "../error.ts";

/** A span's place as Snowflake counts it: lines from 1, positions in the line from 0. */
export function place(span: Span): { line: number; pos: number } {
	const { line, column } = locate(span);
	return { line, pos: column - 1 };
}

/** An error of the compiler, as Snowflake words those that name a place. */
export function compilationError(
	code: string,
	sqlState: string,
	message: string,
	span: Span,
): SnowflakeError {
	const at = place(span);
	return new SnowflakeError(
		code,
		sqlState,
		`SQL compilation error: error line ${at.line} at position ${at.pos}\n${message}`,
		at,
	);
}

/** The syntax error Snowflake gives at the next token. */
export function unexpected(cursor: Cursor): SnowflakeError {
	const at = place(cursor.here());
	const token = cursor.peek();
	const found = token ? `'${token.text}'` : "'<EOF>'";
	return new SnowflakeError(
		"001003",
		"42000",
		`SQL compilation error:\nsyntax error line ${at.line} at position ${at.pos} unexpected ${found}.`,
		at,
	);
}

/** Takes these words, or fails as Snowflake does. */
export function expect(cursor: Cursor, ...words: readonly string[]): void {
	if (!cursor.take(...words)) throw unexpected(cursor);
}

/** The next token, which must be there. */
export function next(cursor: Cursor): Token {
	if (cursor.done) throw unexpected(cursor);
	return cursor.next();
}

/** Takes an identifier that is not one of the words which cannot be one here. */
export function identifier(cursor: Cursor, stop: ReadonlySet<string>): string {
	const name = takeIdentifier(cursor, stop);
	if (name === undefined) throw unexpected(cursor);
	return name;
}

/** Takes an identifier unless the next word is one of `stop`. */
export function takeIdentifier(cursor: Cursor, stop: ReadonlySet<string>): string | undefined {
	const token = cursor.peek();
	if (token?.type === "word" && stop.has(token.value)) return undefined;
	return cursor.takeIdentifier();
}

/** Reads one or more of something, separated by commas. */
export function list<T>(cursor: Cursor, item: (cursor: Cursor) => T): T[] {
	const items = [item(cursor)];
	while (cursor.take(",")) items.push(item(cursor));
	return items;
}

/** Runs a parser over all of a cursor: whatever is left over is a syntax error. */
export function parseAll<T>(cursor: Cursor, parse: (cursor: Cursor) => T): T {
	return asSnowflakeError(() => {
		const result = parse(cursor);
		cursor.take(";");
		if (!cursor.done) throw unexpected(cursor);
		return result;
	});
}

/** The shared lexer and cursor report DeployErrors; here they are syntax errors of the account. */
export function asSnowflakeError<T>(run: () => T): T {
	try {
		return run();
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		const at = error.diagnostics[0]?.at;
		const line = at?.line ?? 1;
		const pos = at ? at.column - 1 : 0;
		throw new SnowflakeError(
			"001003",
			"42000",
			`SQL compilation error:\nsyntax error line ${line} at position ${pos}: ${error.message}.`,
			{ line, pos },
		);
	}
}
