import type { Span } from "../../diagnostics/source.ts";
import type { Bind, SqlType } from "../types.ts";
import type { StageOptions } from "./ast.ts";

/** A column of a relation. `sql` is its quoted name (or another expression) inside the relation's FROM item. */
export interface RelationColumn {
	readonly name: string;
	readonly type: SqlType;
	readonly sql: string;
	/** Reachable by name but not part of `*`, such as METADATA$FILENAME of a stage. */
	readonly hidden?: boolean;
}

/** Something that can be read: a table, view, stream, stage or the answer of a table function. */
export interface Relation {
	readonly columns: readonly RelationColumn[];
	/** An item for the engine's FROM without its alias: a table's name or a query in parentheses. */
	readonly from: string;
	/** What `$n` means, where it is not the n-th column: the fields of a file on a stage. */
	readonly position?: (index: number) => RelationColumn | undefined;
	/** Catalog ids that a query of this relation reads, streams and what is behind views included. */
	readonly reads?: readonly number[];
}

/** A column that DML can write. */
export interface TargetColumn extends RelationColumn {
	readonly nullable: boolean;
	/** The default as an engine expression of the column's type, identity included; undefined is NULL. */
	readonly default: string | undefined;
}

/** A table that DML writes to. Virtual columns are in the relation but not among `columns`. */
export interface TargetTable {
	readonly id: number;
	/** The engine's table. */
	readonly table: string;
	/** The quoted hidden column that stays with a row for its life. */
	readonly rowId: string;
	readonly columns: readonly TargetColumn[];
	/** The table as it is read in conditions and right sides, policies applied. */
	readonly relation: Relation;
}

/** What functions such as CURRENT_ROLE answer. */
export interface ScopeSession {
	/** Milliseconds since the epoch by the account's clock, the same for all of a statement. */
	readonly now: number;
	/** The session parameter TIMEZONE. */
	readonly timezone: string;
	readonly id: number;
	readonly user: string;
	readonly role: string;
	/** Account-level roles the user may take. */
	readonly roles: readonly string[];
	readonly database: string | undefined;
	readonly schema: string | undefined;
	readonly warehouse: string | undefined;
	readonly account: string;
	readonly organization: string;
	readonly region: string;
	readonly version: string;
	/** Upper-case session parameters that change what a statement means, such as DATE_OUTPUT_FORMAT. */
	readonly parameter: (name: string) => string | undefined;
}

/** A constant, or an engine expression with its Snowflake type, that a scope puts in place of a name or call. */
export interface ScopeValue {
	readonly sql: string;
	readonly type: SqlType;
	/** The value as text, null for NULL, where it is a constant. */
	readonly constant?: string | null;
}

type Later<T> = T | Promise<T>;

/** Everything a statement's names mean. Lookups throw SnowflakeError when there is no such thing. */
export interface Scope {
	readonly session: ScopeSession;
	/** A table, view, stream or INFORMATION_SCHEMA view, by its parts as stored. */
	relation(name: readonly string[], span: Span): Later<Relation>;
	/** A table for DML. */
	target?(name: readonly string[], span: Span): Later<TargetTable>;
	/** `@stage/path (options)` in FROM. */
	stage?(reference: string, options: StageOptions, span: Span): Later<Relation>;
	/** The value, as text, of an expression that needs no rows. */
	evaluate?(sql: string): Promise<string | null>;
	/** A table function other than FLATTEN, SPLIT_TO_TABLE and GENERATOR; arguments are constants by name or place. */
	tableFunction?(
		name: readonly string[],
		values: readonly { readonly name: string | undefined; readonly value: string | null }[],
		span: Span,
	): Later<Relation | undefined>;
	/** The engine's expression for `sequence.NEXTVAL`; undefined when there is no such sequence. */
	sequence?(name: readonly string[], span: Span): Later<ScopeValue | undefined>;
	/** SYSTEM$… and user-defined functions; arguments are compiled. Undefined when there is none of that name. */
	call?(
		name: readonly string[],
		values: readonly ScopeCallArgument[],
		span: Span,
	): Later<ScopeValue | undefined>;
	/** `$NAME`: a session variable or a variable of a block. */
	variable?(name: string, span: Span): Later<ScopeValue | undefined>;
	/** `?`, `:1` and `:name`; `row` where the binds are those of several rows. */
	bind?(name: number | string, span: Span, row?: number): Later<Bind | ScopeValue | undefined>;
	/** For how many rows an INSERT is bound; undefined unless it is for several. */
	readonly boundRows?: number | undefined;
}

/** An argument of a call the scope answers: the engine's expression, and its value where it is a constant. */
export interface ScopeCallArgument extends Omit<ScopeValue, "constant"> {
	readonly constant: string | null | undefined;
}
