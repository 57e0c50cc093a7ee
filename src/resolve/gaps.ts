import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Location, locate } from "../diagnostics/source.ts";
import type { Statement } from "../parse/statement.ts";

/** Mistakes that follow from others where something could not be read: a name may be the missing one. */
const FOLLOWING = new Set(["NOT_DECLARED", "DUPLICATE_OBJECT", "AMBIGUOUS_NAME", "NO_CONTEXT"]);

const place = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

/** Where placeholders stand in a statement, and the tokens behind them: what is wrong there is not the person's mistake. */
export function gapPlaces(statement: Statement): readonly string[] {
	const { source, tokens } = statement;
	return tokens.flatMap((token, i) => {
		if (!source.gaps?.some((at) => at >= token.start && at < token.end)) return [];
		return [token, tokens[i + 1] ?? token].map(({ start, end }) =>
			place(locate({ source, start, end })),
		);
	});
}

/** Without what only follows from placeholders and from statements that nobody could read. */
export function withoutFollowing(
	diagnostics: readonly Diagnostic[],
	places: ReadonlySet<string>,
): readonly Diagnostic[] {
	return diagnostics.filter(
		({ at, code }) => !FOLLOWING.has(code) && !(at && places.has(place(at))),
	);
}
