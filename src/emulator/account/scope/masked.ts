import { textSource } from "../../../diagnostics/source.ts";
import { Cursor } from "../../../parse/cursor.ts";
import { lex } from "../../../parse/lexer.ts";
import { policyOf, policyOn } from "../../ddl/masking.ts";
import type { Expression } from "../../sql/ast.ts";
import { compileExpression } from "../../sql/compile.ts";
import { readExpression } from "../../sql/parse.ts";
import type { Relation, RelationColumn, Scope } from "../../sql/scope.ts";
import type { CatalogObject, Column, Context } from "../../types.ts";
import { compilationError } from "../errors.ts";
import { columns } from "../storage.ts";

/** What a body's names mean: objects by the policy's schema, CURRENT_SCHEMA by the one of what it protects. */
export type BodyScope = (policy: CatalogObject, object: CatalogObject) => Scope;

function expressionOf(body: string): Expression {
	const source = textSource("", body);
	return readExpression(new Cursor(source, lex(source).tokens));
}

/** The engine's name for a masked column; names of Snowflake's columns never begin like it. */
function maskedName(index: number): string {
	return `"__masked${index}"`;
}

/**
 * A relation seen through the masking policies on the columns of its table or view: wherever a masked column is
 * referenced, in any clause and by any statement that reads it, the policy's value stands in its place.
 * https://docs.snowflake.com/en/user-guide/security-column-intro#masking-policies-at-query-runtime
 */
export async function masked(
	context: Context,
	object: CatalogObject,
	relation: Relation,
	scopeOf: BodyScope,
): Promise<Relation> {
	const items: string[] = [];
	const reads = new Set(relation.reads);
	const seen = new Map<string, RelationColumn>();
	for (const column of columns(object)) {
		const policy = policyOn(context, column);
		const raw = relation.columns.find((one) => one.name === column.name && !one.hidden);
		if (!policy || !raw) continue;
		const { signature, returns, body } = policyOf(policy);
		const known = signature.map(({ name }, i) => ({
			...argument(object, column, i, relation),
			name,
		}));
		const scope = scopeOf(policy, object);
		// A hash may be longer than the column; a number keeps the column's digits.
		const type = returns.base === "TEXT" ? returns : column.type;
		const value = await compileExpression(expressionOf(body), scope, known, type);
		for (const id of value.reads) reads.add(id);
		const sql = maskedName(items.length);
		items.push(`${value.sql} AS ${sql}`);
		seen.set(column.name, { ...raw, type, sql });
	}
	if (items.length === 0) return relation;
	return {
		...relation,
		columns: relation.columns.map((one) => (one.hidden ? one : (seen.get(one.name) ?? one))),
		from: `(SELECT *, ${items.join(", ")} FROM ${relation.from})`,
		reads: [...reads],
	};
}

/** The column that stands for an argument of the policy on a column. */
function argument(
	object: CatalogObject,
	column: Column,
	index: number,
	relation: Relation,
): RelationColumn {
	const name = index === 0 ? column.name : column.maskingArguments[index - 1];
	const found = relation.columns.find((one) => one.name === name && !one.hidden);
	if (found) return found;
	throw compilationError(
		"003536",
		"42601",
		`The masking policy on column '${column.name}' of '${object.name}' depends on column '${name}', which is not there.`,
	);
}
