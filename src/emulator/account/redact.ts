import { textSource } from "../../diagnostics/source.ts";
import { lex } from "../../parse/lexer.ts";

/** Options whose value is a secret, wherever they are written. */
export const SECRET_OPTIONS: ReadonlySet<string> = new Set([
	"AWS_SECRET_KEY",
	"AWS_TOKEN",
	"AZURE_SAS_TOKEN",
	"MASTER_KEY",
	"PASSWORD",
	"SECRET_STRING",
]);

/**
 * A statement as the history keeps it: the values of secret options starred out. The account itself keeps no
 * secret at all: nothing here uses one, and what is on disk can be read by whoever has the disk.
 */
export function redacted(sql: string): string {
	if (![...SECRET_OPTIONS].some((option) => sql.toUpperCase().includes(option))) return sql;
	let result = "";
	let at = 0;
	try {
		const { tokens } = lex(textSource("", sql));
		tokens.forEach((token, i) => {
			const option = tokens[i - 2];
			const secret =
				token.type === "string" &&
				tokens[i - 1]?.text === "=" &&
				option &&
				SECRET_OPTIONS.has(option.value);
			if (!secret) return;
			result += `${sql.slice(at, token.start)}'****'`;
			at = token.end;
		});
	} catch {
		// Text that is not SQL throughout may have its secret anywhere.
		return "(a statement with a secret in it)";
	}
	return result + sql.slice(at);
}
