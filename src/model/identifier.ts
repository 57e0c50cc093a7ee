import { RESERVED_WORDS } from "./reserved-words.ts";

/**
 * A name as Snowflake stores it: unquoted input is upper-cased, quoted input keeps its case.
 * https://docs.snowflake.com/en/sql-reference/identifiers-syntax
 */
export type Identifier = string;

/** A qualified name, outermost part first: database, schema, object (or fewer). */
export type QualifiedName = readonly Identifier[];

/** The stored form of an identifier written without quotes. */
export function unquotedIdentifier(text: string): Identifier {
	return text.toUpperCase();
}

/** The stored form of an identifier as a person wrote it, quotes included. */
export function parseIdentifier(text: string): Identifier {
	return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : unquotedIdentifier(text);
}

/** Whether a stored name can be written without quotes and mean the same. */
export function isPlainIdentifier(name: Identifier): boolean {
	return /^[A-Z_][A-Z0-9_$]*$/.test(name) && !RESERVED_WORDS.has(name);
}

/** A stored name as SQL: quoted only where it must be. */
export function formatIdentifier(name: Identifier): string {
	return isPlainIdentifier(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A qualified name as SQL. */
export function formatName(name: QualifiedName): string {
	return name.map(formatIdentifier).join(".");
}

/**
 * Reads a qualified name from text such as `DB.S."my table"`, the form Snowflake prints in SHOW output.
 * Returns undefined when the text is not such a name.
 */
export function parseName(text: string): QualifiedName | undefined {
	const parts: string[] = [];
	const pattern = /(?:"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_$]*)/y;
	let at = 0;
	for (;;) {
		pattern.lastIndex = at;
		const match = pattern.exec(text);
		if (!match) return undefined;
		parts.push(parseIdentifier(match[0]));
		at = pattern.lastIndex;
		if (at === text.length) return parts;
		if (text[at] !== ".") return undefined;
		at++;
	}
}

/** A value as a SQL string literal. Backslashes are escapes in Snowflake, so they are doubled. */
export function formatString(value: string): string {
	const escaped = value
		.replaceAll("\\", "\\\\")
		.replaceAll("'", "''")
		.replaceAll("\n", "\\n")
		.replaceAll("\r", "\\r")
		.replaceAll("\t", "\\t")
		.replaceAll("\0", "\\0");
	return `'${escaped}'`;
}
