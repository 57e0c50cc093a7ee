import type { ResultColumn } from "../types.ts";
import type { Expression, Query } from "./ast.ts";
import type { Names, Source } from "./names.ts";
import type { Scope } from "./scope.ts";
import type { Typed } from "./typed.ts";

/** A query for the engine: its n-th column is called `c<n>`, whatever its Snowflake name. */
export interface CompiledQuery {
	readonly sql: string;
	readonly columns: readonly ResultColumn[];
}

/** What compiling one statement shares. */
export interface Shared {
	readonly scope: Scope;
	/** Catalog ids of everything that is read. */
	readonly reads: Set<number>;
	/** A name for a FROM item that no other has. */
	readonly alias: () => string;
}

/** A common table expression: a name for a query that the engine knows under another. */
export interface KnownTable {
	readonly source: Omit<Source, "name" | "path">;
	readonly sql: string;
}

/**
 * Where the compiler stands: what is shared, what names mean here, and the rules that other files define
 * (queries hold expressions and expressions hold queries; this keeps their files from importing each other).
 */
export interface Compiler {
	readonly shared: Shared;
	readonly names: Names;
	readonly tables: ReadonlyMap<string, KnownTable>;
	readonly query: (query: Query, compiler: Compiler) => Promise<CompiledQuery>;
	readonly expression: (expression: Expression, compiler: Compiler) => Promise<Typed>;
}

/** The same compiler with other names in scope. */
export function withNames(compiler: Compiler, names: Names): Compiler {
	return { ...compiler, names };
}

/** The name of the n-th column of a compiled query (from 0), quoted. */
export function outputColumn(index: number): string {
	return `"c${index + 1}"`;
}
