import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import type { Level } from "../model/catalog.ts";
import { formatName, type QualifiedName } from "../model/identifier.ts";
import type { WrittenName } from "../parse/cursor.ts";

/** What unqualified names mean at a place in a file, and who owns what is declared there. */
export interface FileContext {
	readonly database?: string | undefined;
	readonly schema?: string | undefined;
	readonly role?: string | undefined;
	/** Where USE ROLE names it. */
	readonly roleSpan?: Span | undefined;
}

const PARTS: Readonly<Record<Level, number>> = { account: 1, database: 2, schema: 3 };

/** A name completed from a context; undefined when the context does not say enough. */
export function complete(
	parts: QualifiedName,
	level: Level,
	context: FileContext,
): QualifiedName | undefined {
	const missing = PARTS[level] - parts.length;
	const outer = [context.database, context.schema]
		.slice(0, PARTS[level] - 1)
		.slice(0, Math.max(missing, 0));
	if (missing < 0) return undefined;
	return outer.every((part): part is string => part !== undefined)
		? [...outer, ...parts]
		: undefined;
}

/** The full stored name of a written name. Throws a DeployError (exit 65) where the context lacks the database or schema. */
export function qualify(name: WrittenName, level: Level, context: FileContext): QualifiedName {
	const full = complete(name.parts, level, context);
	if (full) return full;
	const written = formatName(name.parts);
	if (name.parts.length > PARTS[level])
		throw new DeployError(
			EXIT.input,
			errorAt(name.span, "NAME", `${written} has too many parts`, {
				hint: `write at most ${PARTS[level]}`,
			}),
		);
	throw new DeployError(
		EXIT.input,
		errorAt(
			name.span,
			"NO_CONTEXT",
			`${written} does not say its ${context.database ? "schema" : "database"}`,
			{
				hint: "qualify the name, put USE SCHEMA before it, or set context in the environment",
			},
		),
	);
}
