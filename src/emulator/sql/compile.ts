import type { ResultColumn, SqlType } from "../types.ts";
import type { Expression, Query } from "./ast.ts";
import { compileExpressionNode } from "./compile-expression.ts";
import { compileQueryNode } from "./compile-query.ts";
import type { Compiler } from "./compiler.ts";
import { convert } from "./convert.ts";
import type { RelationColumn, Scope } from "./scope.ts";

/** A query ready for the engine: its n-th column is named `c<n>`, whatever its Snowflake name. */
export interface ReadyQuery {
	readonly sql: string;
	readonly columns: readonly ResultColumn[];
	/** Catalog ids of everything it reads, streams included. */
	readonly reads: ReadonlySet<number>;
}

/** An expression ready for the engine. */
export interface ReadyExpression {
	readonly sql: string;
	readonly type: SqlType;
	readonly reads: ReadonlySet<number>;
	/** The value when it is a literal: null for NULL. */
	readonly constant: string | null | undefined;
}

/** Where compiling a statement begins. */
export function newCompiler(scope: Scope): Compiler {
	let next = 0;
	return {
		shared: {
			scope,
			reads: new Set(),
			alias: () => {
				next++;
				return `q${next}`;
			},
		},
		names: { sources: [] },
		tables: new Map(),
		query: compileQueryNode,
		expression: compileExpressionNode,
	};
}

/** Compiles a query. */
export async function compileQuery(query: Query, scope: Scope): Promise<ReadyQuery> {
	const compiler = newCompiler(scope);
	const { sql, columns } = await compiler.query(query, compiler);
	return { sql, columns, reads: compiler.shared.reads };
}

/**
 * Compiles an expression that stands alone (a DEFAULT, a WHEN condition), or over the columns given,
 * whose `sql` is used as it is (virtual columns, policies). With `type` the value is converted to it.
 */
export async function compileExpression(
	expression: Expression,
	scope: Scope,
	columns: readonly RelationColumn[] = [],
	type?: SqlType,
): Promise<ReadyExpression> {
	const compiler: Compiler = {
		...newCompiler(scope),
		names: { sources: columns.length > 0 ? [{ name: undefined, path: [], columns }] : [] },
	};
	const value = await compiler.expression(expression, compiler);
	const result = type ? convert(value, type, scope.session, expression.span) : value;
	return {
		sql: result.sql,
		type: result.type,
		reads: compiler.shared.reads,
		constant: value.constant,
	};
}
