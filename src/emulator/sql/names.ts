import type { Span } from "../../diagnostics/source.ts";
import { formatName } from "../../model/identifier.ts";
import { SnowflakeError } from "../error.ts";
import type { SqlType } from "../types.ts";
import { compilationError, place } from "./syntax.ts";
import type { Typed } from "./typed.ts";

/** A column of a source. `sql` reaches it from anywhere in the select. */
export interface SourceColumn {
	readonly name: string;
	readonly type: SqlType;
	readonly sql: string;
	/** Not part of `*`. */
	readonly hidden?: boolean;
	/** Joined by USING with a column to its left, which stands for both. */
	readonly merged?: boolean;
	/** What the name alone means where it differs from `t.name`: the two sides of a full join. */
	readonly alone?: string;
}

/** One item of FROM, by the names it can be called. */
export interface Source {
	/** The alias, or the last part of the table's name. */
	readonly name: string | undefined;
	/** All parts of the name as written, outermost first; only the alias where there is one. */
	readonly path: readonly string[];
	readonly columns: readonly SourceColumn[];
	readonly position?: ((index: number) => SourceColumn | undefined) | undefined;
}

/** What names mean at a place: the sources of a select, its aliases, and the selects around it. */
export interface Names {
	readonly sources: readonly Source[];
	/** Aliases of the select list by name; compiled when they are first used. */
	readonly aliases?: ReadonlyMap<string, () => Promise<Typed>>;
	/** ORDER BY looks at aliases before columns. */
	readonly aliasesFirst?: boolean;
	readonly parent?: Names | undefined;
}

/** `invalid identifier 'X'`. */
export function invalidIdentifier(parts: readonly string[], span: Span): SnowflakeError {
	return compilationError("000904", "42000", `invalid identifier '${formatName(parts)}'`, span);
}

function ambiguous(parts: readonly string[], span: Span): SnowflakeError {
	return new SnowflakeError(
		"002028",
		"42601",
		`SQL compilation error:\nambiguous column name '${formatName(parts)}'`,
		place(span),
	);
}

function matches(source: Source, qualifier: readonly string[]): boolean {
	if (qualifier.length === 0) return true;
	if (qualifier.length === 1) return source.name === qualifier[0];
	const tail = source.path.slice(-qualifier.length);
	return tail.length === qualifier.length && tail.every((part, i) => part === qualifier[i]);
}

/** The columns of one level that a reference can mean. */
function candidates(names: Names, parts: readonly string[]): readonly SourceColumn[] {
	const qualifier = parts.slice(0, -1);
	const name = parts.at(-1);
	return names.sources
		.filter((source) => matches(source, qualifier))
		.flatMap((source) => source.columns)
		.filter((column) => column.name === name && (qualifier.length > 0 || !column.merged));
}

/**
 * The value a name stands for; undefined when nothing has it.
 *
 * Aliases of the select list can be used in every clause of the same select, but a column of the same name wins;
 * only ORDER BY takes the alias first.
 */
export async function resolve(
	names: Names,
	parts: readonly string[],
	span: Span,
): Promise<Typed | undefined> {
	for (let level: Names | undefined = names; level; level = level.parent) {
		const alias = parts.length === 1 ? level.aliases?.get(parts[0] ?? "") : undefined;
		if (alias && level.aliasesFirst) return await alias();
		const found = candidates(level, parts);
		if (found.length > 1) throw ambiguous(parts, span);
		const [column] = found;
		if (column)
			return { sql: (parts.length === 1 && column.alone) || column.sql, type: column.type };
		if (alias) return await alias();
	}
	return undefined;
}

/** `$n` or `t.$n`. */
export function resolvePosition(
	names: Names,
	qualifier: string | undefined,
	index: number,
	span: Span,
): Typed {
	const written = [...(qualifier === undefined ? [] : [qualifier]), `$${index}`];
	for (let level: Names | undefined = names; level; level = level.parent) {
		const sources = level.sources.filter((source) =>
			matches(source, qualifier === undefined ? [] : [qualifier]),
		);
		if (sources.length === 0) continue;
		const [source] = sources;
		if (sources.length > 1) throw ambiguous(written, span);
		const column = source?.position
			? source.position(index)
			: source?.columns.filter((candidate) => !candidate.hidden)[index - 1];
		if (column) return { sql: column.sql, type: column.type };
		break;
	}
	throw invalidIdentifier(written, span);
}

/** The sources that `*` or `t.*` means. */
export function starSources(
	names: Names,
	qualifier: readonly string[],
	span: Span,
): readonly Source[] {
	const sources = names.sources.filter((source) => matches(source, qualifier));
	if (sources.length === 0 && qualifier.length > 0) throw invalidIdentifier(qualifier, span);
	return sources;
}
