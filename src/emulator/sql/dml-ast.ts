import type { Span } from "../../diagnostics/source.ts";
import type { Expression, FromItem, Node, Query } from "./ast.ts";

/** A table that DML writes to. */
export interface Target extends Node {
	readonly name: readonly string[];
	readonly alias: string | undefined;
}

/** A value to store: an expression, or DEFAULT. */
export type StoredValue = Expression | { readonly kind: "default"; readonly span: Span };

/** `column = value`. */
export interface Assignment extends Node {
	readonly column: string;
	readonly value: StoredValue;
}

/** INSERT [OVERWRITE] INTO t [(columns)] VALUES … | query. */
export interface Insert extends Node {
	readonly kind: "insert";
	readonly overwrite: boolean;
	readonly target: Target;
	readonly columns: readonly { readonly name: string; readonly span: Span }[] | undefined;
	readonly source:
		| { readonly kind: "rows"; readonly rows: readonly (readonly StoredValue[])[] }
		| { readonly kind: "query"; readonly query: Query };
}

/** UPDATE t SET … [FROM …] [WHERE …]. */
export interface Update extends Node {
	readonly kind: "update";
	readonly target: Target;
	readonly set: readonly Assignment[];
	readonly from: FromItem | undefined;
	readonly where: Expression | undefined;
}

/** DELETE FROM t [USING …] [WHERE …]. */
export interface Delete extends Node {
	readonly kind: "delete";
	readonly target: Target;
	readonly using: FromItem | undefined;
	readonly where: Expression | undefined;
}

/** One WHEN of a MERGE. */
export type MergeClause = Node & { readonly condition: Expression | undefined } & (
		| { readonly kind: "update"; readonly set: readonly Assignment[] | "by name" }
		| { readonly kind: "delete" }
		| {
				readonly kind: "insert";
				readonly columns: readonly { readonly name: string; readonly span: Span }[] | undefined;
				readonly values: readonly StoredValue[] | "by name";
		  }
	);

/** MERGE INTO t USING source ON … WHEN …. */
export interface Merge extends Node {
	readonly kind: "merge";
	readonly target: Target;
	readonly source: FromItem;
	readonly on: Expression;
	readonly clauses: readonly MergeClause[];
}

/** TRUNCATE [TABLE] [IF EXISTS] t. */
export interface Truncate extends Node {
	readonly kind: "truncate";
	readonly target: Target;
	readonly ifExists: boolean;
}

/** A statement that changes rows. */
export type Dml = Insert | Update | Delete | Merge | Truncate;
