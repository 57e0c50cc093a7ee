import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Source } from "../diagnostics/source.ts";
import type { Directives, Level } from "../model/catalog.ts";
import { parseName, type QualifiedName } from "../model/identifier.ts";
import type { Comment } from "../parse/lexer.ts";
import type { Statement } from "../parse/statement.ts";
import { complete, type FileContext } from "./context.ts";

interface Found {
	readonly directives: Directives;
	readonly diagnostics: readonly Diagnostic[];
}

/** Comments that speak of the whole object: before its statement, or on the line its statement begins on. */
function objectComments(statement: Statement): readonly Comment[] {
	const { text } = statement.source;
	const lineEnd = text.indexOf("\n", statement.span.start);
	return statement.comments.filter((c) => c.start < (lineEnd < 0 ? text.length : lineEnd));
}

/** The lower-case name and the text of `-- name: text` (or `-- name`), when a comment looks like a directive. */
function directive(comment: Comment): { readonly name: string; readonly text: string } | undefined {
	const match = /^--\s*(renamed from|ignore|protect|depends on)\s*(?::\s*(.*?))?\s*$/i.exec(
		comment.text,
	);
	return match ? { name: (match[1] as string).toLowerCase(), text: match[2] ?? "" } : undefined;
}

function names(
	text: string,
	level: Level,
	context: FileContext,
): readonly (QualifiedName | undefined)[] {
	return text.split(",").map((part) => {
		const name = parseName(part.trim());
		return name && complete(name, level, context);
	});
}

/** Reads the directives of a declaration from the comments beside it. `known` are the kind's properties. */
export function readDirectives(
	statement: Statement,
	level: Level,
	context: FileContext,
	known: readonly string[],
): Found {
	const diagnostics: Diagnostic[] = [];
	let result: Directives = { ignore: [], protect: false, dependsOn: [] };
	const spanOf = (source: Source, comment: Comment) => ({
		source,
		start: comment.start,
		end: comment.end,
	});
	for (const comment of objectComments(statement)) {
		const found = directive(comment);
		if (!found) continue;
		const fail = (summary: string, hint?: { hint?: string }) =>
			diagnostics.push(errorAt(spanOf(statement.source, comment), "DIRECTIVE", summary, hint));
		if (found.name === "protect") result = { ...result, protect: true };
		else if (found.name === "ignore") {
			const ignore = found.text.split(",").map((word) => word.trim().toUpperCase());
			for (const word of ignore)
				if (!known.includes(word))
					fail(`-- ignore: ${word || "(nothing)"} is not a property here`, didYouMean(word, known));
			result = { ...result, ignore: [...result.ignore, ...ignore] };
		} else if (found.name === "renamed from") {
			const renamedFrom = names(found.text, level, context)[0];
			if (renamedFrom) result = { ...result, renamedFrom };
			else fail("-- renamed from: needs the old name", { hint: "-- renamed from: OLD_NAME" });
		} else {
			const wanted = names(found.text, "schema", context);
			if (wanted.some((n) => n === undefined))
				fail("-- depends on: needs a name", { hint: "-- depends on: DB.SCHEMA.NAME" });
			result = {
				...result,
				dependsOn: [
					...result.dependsOn,
					...wanted.filter((n): n is QualifiedName => n !== undefined),
				],
			};
		}
	}
	return { directives: result, diagnostics };
}
