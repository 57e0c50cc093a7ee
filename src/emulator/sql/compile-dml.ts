import type { Span } from "../../diagnostics/source.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import { newCompiler } from "./compile.ts";
import { compileMerge } from "./compile-merge.ts";
import { type CompiledQuery, type Compiler, outputColumn, withNames } from "./compiler.ts";
import { convert } from "./convert.ts";
import {
	type Answer,
	BOOLEAN_TYPE,
	SCRATCH,
	type Step,
	storeColumns,
	type WrittenColumn,
} from "./dml.ts";
import type { Delete, Dml, Insert, StoredValue, Truncate, Update } from "./dml-ast.ts";
import { compileStored, findColumn, joinTarget, storedForm, writtenColumns } from "./dml-values.ts";
import { raise } from "./engine-error.ts";
import type { Scope, TargetColumn, TargetTable } from "./scope.ts";
import { place } from "./syntax.ts";
import { typed } from "./typed.ts";

/** A statement that changes rows, as steps for the engine in one transaction. */
export interface ReadyDml {
	readonly kind: Dml["kind"];
	readonly target: TargetTable;
	readonly steps: readonly Step[];
	/** The columns of Snowflake's answer, in order. */
	readonly answers: readonly Answer[];
	/** Catalog ids of everything it reads; the target only where it reads that as well. */
	readonly reads: ReadonlySet<number>;
}

/** Compiles INSERT, UPDATE, DELETE, MERGE or TRUNCATE. */
export async function compileDml(statement: Dml, scope: Scope): Promise<ReadyDml> {
	if (!scope.target)
		throw unsupported(`${statement.kind.toUpperCase()} here`, place(statement.span));
	const compiler = newCompiler(scope);
	const target = await scope.target(statement.target.name, statement.target.span);
	const { steps, answers } = await compileStatement(statement, target, compiler);
	return { kind: statement.kind, target, steps, answers, reads: compiler.shared.reads };
}

interface Compiled {
	readonly steps: readonly Step[];
	readonly answers: readonly Answer[];
}

async function compileStatement(
	statement: Dml,
	target: TargetTable,
	compiler: Compiler,
): Promise<Compiled> {
	switch (statement.kind) {
		case "insert":
			return compileInsert(statement, target, compiler);
		case "update":
			return compileUpdate(statement, target, compiler);
		case "delete":
			return compileDelete(statement, target, compiler);
		case "merge":
			return compileMerge(statement, target, compiler);
		case "truncate":
			return compileTruncate(statement, target);
	}
}

function compileTruncate(_: Truncate, target: TargetTable): Compiled {
	return { steps: [{ sql: `DELETE FROM ${target.table}` }], answers: [] };
}

async function compileInsert(
	statement: Insert,
	target: TargetTable,
	compiler: Compiler,
): Promise<Compiled> {
	const columns = writtenColumns(statement.columns, target);
	const { source } = statement;
	const written: WrittenColumn[] = columns.map((column, i) => ({
		column,
		value: typed(outputColumn(i), column.type),
	}));
	let from: string;
	if (source.kind === "rows")
		from = await compileRows(source.rows, columns, statement.span, compiler);
	else {
		const queries: string[] = [];
		for (const each of boundCompilers(compiler)) {
			const query = await each.query(source.query, each);
			requireWidth(query.columns.length, columns.length, statement.span);
			queries.push(convertedQuery(query, written, each, statement.span));
		}
		from = `(${queries.join(" UNION ALL ")})`;
	}
	const insert = storeColumns(target, written);
	const into = `INSERT INTO ${target.table} (${insert.names})`;
	const answers = ["inserted"] as const;
	if (!statement.overwrite)
		return {
			answers,
			steps: [
				{ sql: `${into} SELECT ${insert.values} FROM ${from} AS source`, counts: "inserted" },
			],
		};
	// The source may read the very table that is emptied, so it is kept aside first.
	return {
		answers,
		steps: [
			{ sql: `CREATE OR REPLACE TEMP TABLE ${SCRATCH} AS SELECT * FROM ${from} AS source` },
			{ sql: `DELETE FROM ${target.table}` },
			{ sql: `${into} SELECT ${insert.values} FROM ${SCRATCH}`, counts: "inserted" },
			{ sql: `DROP TABLE ${SCRATCH}` },
		],
	};
}

function requireWidth(found: number, expected: number, span: Span): void {
	if (found === expected) return;
	throw new SnowflakeError(
		"002020",
		"21S01",
		`SQL compilation error:\nInsert value list does not match column list expecting ${expected} but got ${found}`,
		place(span),
	);
}

/** The query's columns in the types of the columns they go to. */
function convertedQuery(
	query: CompiledQuery,
	written: readonly WrittenColumn[],
	compiler: Compiler,
	span: Span,
): string {
	const list = written.map(({ column }, i) => {
		const value = typed(outputColumn(i), query.columns[i]?.type ?? column.type);
		return `${storedForm(value, column, compiler, span)} AS ${outputColumn(i)}`;
	});
	return `SELECT ${list.join(", ")} FROM (${query.sql}) AS ${compiler.shared.alias()}`;
}

/** The compiler, or one for each row that an INSERT is bound for: its placeholders mean that row's values. */
function boundCompilers(compiler: Compiler): readonly Compiler[] {
	const { shared } = compiler;
	const { scope } = shared;
	if (scope.boundRows === undefined) return [compiler];
	return Array.from({ length: scope.boundRows }, (_, row) => ({
		...compiler,
		shared: {
			...shared,
			scope: { ...scope, bind: (name, span) => scope.bind?.(name, span, row) },
		},
	}));
}

async function compileRows(
	rows: readonly (readonly StoredValue[])[],
	columns: readonly TargetColumn[],
	span: Span,
	compiler: Compiler,
): Promise<string> {
	for (const row of rows) {
		requireWidth(row.length, columns.length, span);
		for (const value of row) refuseQuery(value);
	}
	const list: string[] = [];
	for (const each of boundCompilers(compiler))
		for (const row of rows) {
			const values: string[] = [];
			for (const [i, column] of columns.entries()) {
				const value = row[i] as StoredValue;
				values.push(storedForm(await compileStored(value, column, each), column, each, value.span));
			}
			list.push(`(${values.join(", ")})`);
		}
	const names = columns.map((_, i) => outputColumn(i)).join(", ");
	return `(SELECT * FROM (VALUES ${list.join(", ")}) AS v(${names}))`;
}

/**
 * VALUES of an INSERT take constants and simple expressions: PARSE_JSON and its like need INSERT … SELECT.
 * https://docs.snowflake.com/en/sql-reference/sql/insert#usage-notes
 */
function refuseQuery(value: StoredValue): void {
	const refused =
		value.kind === "scalar-query"
			? "a query"
			: value.kind === "array" || value.kind === "object"
				? `${value.kind} literal`
				: value.kind === "call" && SEMI_STRUCTURED.has(value.name.join("."))
					? value.name.join(".")
					: undefined;
	if (refused === undefined) return;
	throw new SnowflakeError(
		"002014",
		"22000",
		`SQL compilation error:\nInvalid expression [${value.span.source.text.slice(value.span.start, value.span.end)}] in VALUES clause`,
		place(value.span),
	);
}

const SEMI_STRUCTURED = new Set([
	"PARSE_JSON",
	"TRY_PARSE_JSON",
	"OBJECT_CONSTRUCT",
	"OBJECT_CONSTRUCT_KEEP_NULL",
	"ARRAY_CONSTRUCT",
	"TO_VARIANT",
	"TO_ARRAY",
	"TO_OBJECT",
]);

async function compileDelete(
	statement: Delete,
	target: TargetTable,
	compiler: Compiler,
): Promise<Compiled> {
	const from = await joinTarget(target, statement.target, statement.using, compiler);
	const inside = withNames(compiler, { sources: from.sources });
	const where = await compileWhere(statement.where, inside);
	const rows = `SELECT ${from.rowId} FROM ${from.sql}${where}`;
	return {
		answers: ["deleted"],
		steps: [
			{ sql: `DELETE FROM ${target.table} WHERE ${target.rowId} IN (${rows})`, counts: "deleted" },
		],
	};
}

/** ` WHERE …`, or nothing. */
export async function compileWhere(
	expression: Update["where"],
	compiler: Compiler,
): Promise<string> {
	if (!expression) return "";
	const condition = await compiler.expression(expression, compiler);
	const { session } = compiler.shared.scope;
	return ` WHERE ${convert(condition, BOOLEAN_TYPE, session, expression.span).sql}`;
}

/**
 * The new values are worked out first and kept aside, one per row: a row that the join finds several times takes
 * one of them, and the answer says how many such rows there were.
 */
async function compileUpdate(
	statement: Update,
	target: TargetTable,
	compiler: Compiler,
): Promise<Compiled> {
	const from = await joinTarget(target, statement.target, statement.from, compiler);
	const inside = withNames(compiler, { sources: from.sources });
	const items: string[] = [];
	const written: WrittenColumn[] = [];
	for (const [i, { column: name, value, span }] of statement.set.entries()) {
		const column = findColumn(name, target, span);
		const stored = storedForm(await compileStored(value, column, inside), column, compiler, span);
		items.push(`${stored} AS ${outputColumn(i)}`);
		written.push({ column, value: typed(`s.${outputColumn(i)}`, column.type) });
	}
	const where = await compileWhere(statement.where, inside);
	const { assignments } = storeColumns(target, written);
	const once = `row_number() OVER (PARTITION BY ${from.rowId}) AS one, count(*) OVER (PARTITION BY ${from.rowId}) AS many`;
	return {
		answers: ["updated", "multi-joined"],
		steps: [
			{
				sql: `CREATE OR REPLACE TEMP TABLE ${SCRATCH} AS SELECT ${from.rowId} AS r, ${once}, ${items.join(", ")} FROM ${from.sql}${where}`,
			},
			...refuseMultiJoined(compiler),
			{ sql: `SELECT count(*) FROM ${SCRATCH} WHERE one = 1 AND many > 1`, counts: "multi-joined" },
			{
				sql: `UPDATE ${target.table} SET ${assignments} FROM (SELECT * FROM ${SCRATCH} WHERE one = 1) AS s WHERE ${target.table}.${target.rowId} = s.r`,
				counts: "updated",
			},
			{ sql: `DROP TABLE ${SCRATCH}` },
		],
	};
}

/** With ERROR_ON_NONDETERMINISTIC_UPDATE a row that is found several times is an error. */
function refuseMultiJoined(compiler: Compiler): readonly Step[] {
	const { parameter } = compiler.shared.scope.session;
	if (parameter("ERROR_ON_NONDETERMINISTIC_UPDATE")?.toUpperCase() !== "TRUE") return [];
	const error = raise("100090", "42P18", "Duplicate row detected during DML action");
	return [{ sql: `SELECT CASE WHEN max(many) > 1 THEN ${error} END FROM ${SCRATCH}` }];
}
