import { textSource } from "../diagnostics/source.ts";
import { isPlainIdentifier } from "../model/identifier.ts";
import { lex, type Token } from "./lexer.ts";

/** One token in the form in which all ways of writing it are the same. */
export function canonicalToken(token: Token): string {
	switch (token.type) {
		case "word":
			return token.value;
		case "quoted":
			return isPlainIdentifier(token.value) ? token.value : token.text;
		case "string":
			return `'${token.value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
		default:
			return token.text;
	}
}

/**
 * SQL as a canonical token stream: white space, comments, keyword case and the way a literal is quoted
 * make no difference; literals and quoted identifiers do. A closing semicolon is dropped.
 */
export function canonicalSql(sql: string): string {
	const { tokens } = lex(textSource("", sql));
	const end = tokens.at(-1)?.text === ";" ? tokens.length - 1 : tokens.length;
	return tokens.slice(0, end).map(canonicalToken).join(" ");
}
