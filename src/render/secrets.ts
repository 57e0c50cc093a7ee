import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import type { Rendered } from "./render.ts";

/** As much of a lexed text as is needed here. */
interface LexedText {
	readonly source: Source;
	readonly tokens: readonly {
		readonly type: string;
		readonly value: string;
		readonly start: number;
		readonly end: number;
	}[];
}

/**
 * Checks that each secret of a rendered file stands where a string literal can, and that there is no other.
 *
 * A secret is put into a statement as a token when it is sent. Inside quotes or a comment there is no such token,
 * and the server would be sent the mark instead of the value.
 */
export function checkSecrets(
	{ source, secrets }: Pick<Rendered, "source" | "secrets">,
	{ tokens }: LexedText,
): readonly Diagnostic[] {
	const marks = new Map(secrets.map((mark) => [mark.offset, mark.name]));
	const diagnostics: Diagnostic[] = [];
	for (const token of tokens) {
		if (token.type !== "secret" || marks.delete(token.start)) continue;
		const hint = `write {{secret "${token.value}"}}`;
		diagnostics.push(
			errorAt(
				{ source, start: token.start, end: token.end },
				"SECRET_IN_TEXT",
				"only the helper secret can put a secret here",
				{ hint },
			),
		);
	}
	for (const [offset, name] of marks) {
		const end = offset + `<secret ${name}>`.length;
		diagnostics.push(
			errorAt(
				{ source, start: offset, end },
				"SECRET_IN_QUOTES",
				`secret ${name} stands inside quotes, a name or a comment, where it is never filled in`,
				{ hint: `write {{secret "${name}"}} in place of the whole literal, without quotes` },
			),
		);
	}
	return diagnostics;
}
