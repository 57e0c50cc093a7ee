import { SnowflakeError, unsupported } from "../error.ts";
import { compileFrom } from "./compile-from.ts";
import { type Compiler, withNames } from "./compiler.ts";
import { convert } from "./convert.ts";
import {
	type Answer,
	BOOLEAN_TYPE,
	SCRATCH,
	type Step,
	storeColumns,
	type WrittenColumn,
} from "./dml.ts";
import type { Merge, MergeClause } from "./dml-ast.ts";
import { compileStored, findColumn, joinTarget, storedForm, writtenColumns } from "./dml-values.ts";
import { raise } from "./engine-error.ts";
import type { Source } from "./names.ts";
import type { TargetTable } from "./scope.ts";
import { place } from "./syntax.ts";
import { typed } from "./typed.ts";

/**
 * MERGE: the source is joined with the target once, and each joined row keeps the number of the clause it falls
 * under and that clause's values. Then each clause takes its rows.
 *
 * A row of the target that is to be updated more than once, or updated and deleted, is an error; being deleted
 * several times is not.
 * https://docs.snowflake.com/en/sql-reference/sql/merge#duplicate-join-behavior
 */
export async function compileMerge(
	statement: Merge,
	target: TargetTable,
	compiler: Compiler,
): Promise<{ readonly steps: readonly Step[]; readonly answers: readonly Answer[] }> {
	const { session } = compiler.shared.scope;
	if (session.parameter("ERROR_ON_NONDETERMINISTIC_MERGE")?.toUpperCase() === "FALSE")
		throw unsupported("MERGE with ERROR_ON_NONDETERMINISTIC_MERGE = FALSE", place(statement.span));
	const own = await joinTarget(target, statement.target, undefined, compiler);
	const source = await compileFrom(statement.source, compiler);
	const both = withNames(compiler, { sources: [...own.sources, ...source.sources] });
	const sourceOnly = withNames(compiler, { sources: source.sources });
	const condition = async (clause: MergeClause, inside: Compiler): Promise<string> => {
		const matched = `${own.rowId} IS ${clause.kind === "insert" ? "" : "NOT "}NULL`;
		if (!clause.condition) return matched;
		const value = await compiler.expression(clause.condition, inside);
		return `${matched} AND ${convert(value, BOOLEAN_TYPE, session, clause.span).sql}`;
	};
	const on = convert(
		await compiler.expression(statement.on, both),
		BOOLEAN_TYPE,
		session,
		statement.on.span,
	).sql;
	const branches: string[] = [];
	const items: string[] = [];
	const clauses: { readonly clause: MergeClause; readonly written: readonly WrittenColumn[] }[] =
		[];
	for (const [i, clause] of statement.clauses.entries()) {
		const inside = clause.kind === "insert" ? sourceOnly : both;
		branches.push(`WHEN ${await condition(clause, inside)} THEN ${i}`);
		const written: WrittenColumn[] = [];
		for (const { column, value, span } of values(clause, target, source.sources)) {
			const name = `v${items.length}`;
			const stored =
				value === "by name"
					? byName(column.name, source.sources, statement)
					: await compileStored(value, column, inside);
			const sql = storedForm(stored, column, compiler, span);
			items.push(`CASE WHEN _clause = ${i} THEN ${sql} END AS ${name}`);
			written.push({ column, value: typed(`s.${name}`, column.type) });
		}
		clauses.push({ clause, written });
	}
	const list = [`${own.rowId} AS r`, `CASE ${branches.join(" ")} END AS _clause`, ...items];
	const steps: Step[] = [
		{
			sql: `CREATE OR REPLACE TEMP TABLE ${SCRATCH} AS SELECT ${list.join(", ")} FROM ${source.sql} LEFT JOIN ${own.sql} ON ${on}`,
		},
		duplicates(statement),
		...clauses.map(({ clause, written }, i) => clauseStep(clause, i, written, target)),
		{ sql: `DROP TABLE ${SCRATCH}` },
	];
	return { steps, answers: answers(statement) };
}

/** The columns a clause writes and what it writes into them. */
function values(
	clause: MergeClause,
	target: TargetTable,
	sources: readonly Source[],
): readonly {
	readonly column: TargetTable["columns"][number];
	readonly value: Parameters<typeof compileStored>[0] | "by name";
	readonly span: MergeClause["span"];
}[] {
	if (clause.kind === "delete") return [];
	const all = clause.kind === "update" ? clause.set : clause.values;
	if (all === "by name") {
		requireSameNames(target, sources, clause);
		return target.columns.map((column) => ({ column, value: "by name", span: clause.span }));
	}
	if (clause.kind === "update")
		return clause.set === "by name"
			? []
			: clause.set.map(({ column, value, span }) => ({
					column: findColumn(column, target, span),
					value,
					span,
				}));
	const columns = writtenColumns(clause.columns, target);
	if (clause.values === "by name") return [];
	if (columns.length !== clause.values.length)
		throw new SnowflakeError(
			"002020",
			"21S01",
			`SQL compilation error:\nInsert value list does not match column list expecting ${columns.length} but got ${clause.values.length}`,
			place(clause.span),
		);
	return clause.values.flatMap((value, i) => {
		const column = columns[i];
		return column ? [{ column, value, span: value.span }] : [];
	});
}

function requireSameNames(
	target: TargetTable,
	sources: readonly Source[],
	clause: MergeClause,
): void {
	const names = sources.flatMap((source) => source.columns).filter((column) => !column.hidden);
	const same =
		names.length === target.columns.length &&
		target.columns.every((column) => names.some((other) => other.name === column.name));
	if (!same) throw unsupported("ALL BY NAME with columns of different names", place(clause.span));
}

function byName(name: string, sources: readonly Source[], statement: Merge) {
	const column = sources.flatMap((source) => source.columns).find((other) => other.name === name);
	if (!column) throw unsupported(`ALL BY NAME without ${name}`, place(statement.span));
	return typed(column.sql, column.type);
}

/** Fails when a row of the target would be written more than once. */
function duplicates(statement: Merge): Step {
	const deletes = statement.clauses.flatMap((clause, i) => (clause.kind === "delete" ? [i] : []));
	const harmless =
		deletes.length > 0 ? ` AND NOT bool_and(_clause IN (${deletes.join(", ")}))` : "";
	const error = raise("100090", "42P18", "Duplicate row detected during DML action");
	return {
		sql: `SELECT CASE WHEN count(*) > 0 THEN ${error} END FROM (SELECT r FROM ${SCRATCH} WHERE r IS NOT NULL AND _clause IS NOT NULL GROUP BY r HAVING count(*) > 1${harmless})`,
	};
}

function clauseStep(
	clause: MergeClause,
	index: number,
	written: readonly WrittenColumn[],
	target: TargetTable,
): Step {
	const rows = `(SELECT * FROM ${SCRATCH} WHERE _clause = ${index})`;
	if (clause.kind === "delete")
		return {
			sql: `DELETE FROM ${target.table} WHERE ${target.rowId} IN (SELECT r FROM ${rows})`,
			counts: "deleted",
		};
	const store = storeColumns(target, written);
	if (clause.kind === "update")
		return {
			sql: `UPDATE ${target.table} SET ${store.assignments} FROM ${rows} AS s WHERE ${target.table}.${target.rowId} = s.r`,
			counts: "updated",
		};
	return {
		sql: `INSERT INTO ${target.table} (${store.names}) SELECT ${store.values} FROM ${rows} AS s`,
		counts: "inserted",
	};
}

/** MERGE answers a number for each kind of clause it has. */
function answers(statement: Merge): readonly Answer[] {
	const has = (kind: MergeClause["kind"]): boolean =>
		statement.clauses.some((clause) => clause.kind === kind);
	return [
		...(has("insert") ? (["inserted"] as const) : []),
		...(has("update") ? (["updated"] as const) : []),
		...(has("delete") ? (["deleted"] as const) : []),
	];
}
