import type { Span } from "../../diagnostics/source.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { ResultColumn, SqlType } from "../types.ts";
import type {
	Expression,
	OrderItem,
	Query,
	QueryBody,
	Select,
	SetOperation,
	Values,
} from "./ast.ts";
import { compileSelect, orderClause } from "./compile-select.ts";
import {
	type CompiledQuery,
	type Compiler,
	type KnownTable,
	outputColumn,
	withNames,
} from "./compiler.ts";
import { commonType, convert } from "./convert.ts";
import type { Names } from "./names.ts";
import { TEXT } from "./sql-type.ts";
import { place } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

/** Compiles a query with everything around its body. */
export async function compileQueryNode(query: Query, outer: Compiler): Promise<CompiledQuery> {
	const { compiler, definitions } = await compileWith(query, outer);
	const tail = await compileLimit(query, compiler);
	const body =
		query.body.kind === "select"
			? await compileSelect(query.body, query.orderBy, compiler)
			: await compileOrdered(query.body, query.orderBy, compiler);
	return { ...body, sql: `${definitions}${body.sql}${tail}` };
}

async function compileWith(
	query: Query,
	outer: Compiler,
): Promise<{ compiler: Compiler; definitions: string }> {
	if (query.with.length === 0) return { compiler: outer, definitions: "" };
	const tables = new Map<string, KnownTable>(outer.tables);
	const compiler = { ...outer, tables };
	const definitions: string[] = [];
	for (const table of query.with) {
		const sql = outer.shared.alias();
		const recursive = query.recursive || refersTo(table.query.body, table.name);
		const compiled = recursive
			? await compileRecursive(table.query, table.name, table.columns, sql, compiler)
			: await outer.query(table.query, compiler);
		const columns = compiled.columns.map(({ name, type }, i) => ({
			name: table.columns[i] ?? name,
			type,
			sql: outputColumn(i),
		}));
		tables.set(table.name, { source: { columns }, sql });
		definitions.push(`${sql} AS (${compiled.sql})`);
	}
	return { compiler, definitions: `WITH RECURSIVE ${definitions.join(", ")} ` };
}

/** Whether the second half of a UNION reads the table itself: Snowflake needs no RECURSIVE for that. */
function refersTo(body: QueryBody, name: string): boolean {
	if (body.kind !== "set") return false;
	const reads = (item: Select["from"]): boolean => {
		if (!item) return false;
		if (item.kind === "join") return reads(item.left) || reads(item.right);
		return item.kind === "table" && item.name.length === 1 && item.name[0] === name;
	};
	return body.right.kind === "select" && reads(body.right.from);
}

/** The first half of a recursive table decides its columns; the second half is converted to them. */
async function compileRecursive(
	query: Query,
	name: string,
	names: readonly string[],
	sql: string,
	compiler: Compiler,
): Promise<CompiledQuery> {
	const { body } = query;
	if (body.kind !== "set" || body.operator !== "UNION ALL") return compiler.query(query, compiler);
	const anchor = await compileBody(body.left, compiler);
	const types = anchor.columns.map(({ name: own, type }) => ({ name: own, type: unbounded(type) }));
	const columns = types.map(({ name: own, type }, i) => ({
		name: names[i] ?? own,
		type,
		sql: outputColumn(i),
	}));
	const tables = new Map(compiler.tables).set(name, { source: { columns }, sql });
	const step = await compileBody(body.right, { ...compiler, tables });
	const converted = convertColumns(step, types, compiler, body.span);
	return {
		sql: `${convertColumns(anchor, types, compiler, body.span)} UNION ALL ${converted}`,
		columns: types,
	};
}

/** The text of a row that is found later may be longer than that of the rows it begins with. */
function unbounded(type: SqlType): SqlType {
	return type.base === "TEXT" ? TEXT : type;
}

async function compileLimit(query: Query, compiler: Compiler): Promise<string> {
	const one = async (word: string, expression: Expression | undefined): Promise<string> => {
		if (!expression) return "";
		const { constant } = await compiler.expression(expression, compiler);
		if (constant === undefined)
			throw unsupported(`${word} that is not a constant`, place(expression.span));
		// LIMIT NULL and LIMIT '' are no limit at all.
		return constant === null || constant === "" ? "" : ` ${word} ${Math.trunc(Number(constant))}`;
	};
	return (await one("LIMIT", query.limit)) + (await one("OFFSET", query.offset));
}

async function compileBody(body: QueryBody, compiler: Compiler): Promise<CompiledQuery> {
	switch (body.kind) {
		case "select":
			return compileSelect(body, [], compiler);
		case "set":
			return compileSet(body, compiler);
		case "values":
			return compileValues(body, compiler);
		case "query": {
			const query = await compiler.query(body, compiler);
			return { ...query, sql: `(${query.sql})` };
		}
	}
}

/** A set operation, VALUES or a query in parentheses, ordered by its own columns. */
async function compileOrdered(
	body: QueryBody,
	orderBy: readonly OrderItem[],
	compiler: Compiler,
): Promise<CompiledQuery> {
	const compiled = await compileBody(body, compiler);
	if (orderBy.length === 0) return compiled;
	const name = compiler.shared.alias();
	const columns = compiled.columns.map((column, i) => ({
		...column,
		sql: `${name}.${outputColumn(i)}`,
	}));
	const names: Names = {
		sources: [{ name: undefined, path: [], columns }],
		parent: compiler.names,
	};
	const outputs = columns.map((column) => typed(column.sql, column.type));
	const order = await orderClause(orderBy, outputs, withNames(compiler, names));
	const list = columns.map((column, i) => `${column.sql} AS ${outputColumn(i)}`).join(", ");
	return { ...compiled, sql: `SELECT ${list} FROM (${compiled.sql}) AS ${name}${order}` };
}

async function compileSet(body: SetOperation, compiler: Compiler): Promise<CompiledQuery> {
	const left = await compileBody(body.left, compiler);
	const right = await compileBody(body.right, compiler);
	if (left.columns.length !== right.columns.length)
		throw new SnowflakeError(
			"001789",
			"42601",
			`SQL compilation error:\ninvalid number of result columns for set operator input branches, expected ${left.columns.length}, got ${right.columns.length} in branch {2}`,
			place(body.right.span),
		);
	const columns = left.columns.map((column, i) => ({
		name: column.name,
		type: commonType([typed("", column.type), typed("", right.columns[i]?.type ?? column.type)]),
	}));
	const [a, b] = [left, right].map((side) => convertColumns(side, columns, compiler, body.span));
	return { sql: `(${a} ${body.operator} ${b})`, columns };
}

/** A query with its columns converted to these types. */
function convertColumns(
	query: CompiledQuery,
	columns: readonly ResultColumn[],
	compiler: Compiler,
	span: Span,
): string {
	const items = query.columns.map((column, i) => {
		const value = typed(outputColumn(i), column.type);
		const target = columns[i]?.type ?? column.type;
		return `${convert(value, target, compiler.shared.scope.session, span).sql} AS ${outputColumn(i)}`;
	});
	return `SELECT ${items.join(", ")} FROM (${query.sql}) AS ${compiler.shared.alias()}`;
}

async function compileValues(body: Values, compiler: Compiler): Promise<CompiledQuery> {
	const { session } = compiler.shared.scope;
	const rows: Typed[][] = [];
	for (const row of body.rows) {
		const values: Typed[] = [];
		for (const item of row) values.push(await compiler.expression(item, compiler));
		rows.push(values);
	}
	const width = rows[0]?.length ?? 0;
	if (rows.some((row) => row.length !== width))
		throw new SnowflakeError(
			"001009",
			"42601",
			"SQL compilation error:\nAll the row value constructors in VALUES must have the same number of columns",
			place(body.span),
		);
	const columns = Array.from({ length: width }, (_, i) => ({
		name: `COLUMN${i + 1}`,
		type: commonType(rows.flatMap((row) => row[i] ?? [])),
	}));
	const list = rows.map(
		(row) =>
			`(${row.map((value, i) => convert(value, columns[i]?.type ?? value.type, session, body.span).sql).join(", ")})`,
	);
	const names = columns.map((_, i) => outputColumn(i)).join(", ");
	return {
		sql: `SELECT * FROM (VALUES ${list.join(", ")}) AS ${compiler.shared.alias()}(${names})`,
		columns,
	};
}

/** A query's columns when it must have exactly one. */
export function onlyColumn(query: CompiledQuery, span: Span): ResultColumn {
	const [column] = query.columns;
	if (column && query.columns.length === 1) return column;
	throw new SnowflakeError(
		"002001",
		"42601",
		`SQL compilation error:\nExpected 1 column in subquery, found ${query.columns.length}`,
		place(span),
	);
}
