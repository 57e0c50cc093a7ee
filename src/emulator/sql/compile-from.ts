import { duckdbType } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type { Alias, Argument, FromItem } from "./ast.ts";
import { type Compiler, outputColumn, withNames } from "./compiler.ts";
import { commonType, convert } from "./convert.ts";
import { raise } from "./engine-error.ts";
import { argumentsByName, constant, ROWS, rowsOf } from "./flatten.ts";
import { invalidIdentifier, type Source, type SourceColumn } from "./names.ts";
import type { Relation } from "./scope.ts";
import { INTEGER, TEXT } from "./sql-type.ts";
import { place } from "./syntax.ts";
import { typed } from "./typed.ts";

/** What FROM comes to: an item of the engine's FROM and the sources it brings. */
export interface CompiledFrom {
	readonly sql: string;
	readonly sources: readonly Source[];
}

type Item<K extends FromItem["kind"]> = Extract<FromItem, { kind: K }>;

/** Compiles an item of FROM. `compiler.names` is what a lateral item may refer to. */
export async function compileFrom(item: FromItem, compiler: Compiler): Promise<CompiledFrom> {
	switch (item.kind) {
		case "join":
			return compileJoin(item, compiler);
		case "table":
			return compileTable(item, compiler);
		case "stage": {
			const { scope } = compiler.shared;
			if (!scope.stage) throw unsupported("a stage in FROM here", place(item.span));
			const relation = await scope.stage(item.reference, item.options, item.span);
			return fromRelation(relation, item.alias, [], compiler);
		}
		case "subquery":
			return compileSubquery(item, compiler);
		case "function":
			return compileFunction(item, compiler);
	}
}

/** A relation under an alias of its own. */
export function fromRelation(
	relation: Relation,
	alias: Alias,
	name: readonly string[],
	compiler: Compiler,
): CompiledFrom {
	for (const id of relation.reads ?? []) compiler.shared.reads.add(id);
	const engineName = compiler.shared.alias();
	const qualify = (column: SourceColumn): SourceColumn => ({
		...column,
		sql: `${engineName}.${column.sql}`,
	});
	const columns = relation.columns.map(qualify);
	const { position } = relation;
	const source = named(alias, name, columns);
	return {
		sql: `${relation.from} AS ${engineName}`,
		sources: [
			{
				...source,
				...(position && {
					position: (index: number) => {
						const column = position(index);
						return column && qualify(column);
					},
				}),
			},
		],
	};
}

/** A source under its alias, with its columns renamed where the alias names them. */
function named(alias: Alias, name: readonly string[], columns: readonly SourceColumn[]): Source {
	const path = alias.name === undefined ? name : [alias.name];
	return {
		name: path.at(-1),
		path,
		columns: columns.map((column, i) => ({ ...column, name: alias.columns[i] ?? column.name })),
	};
}

async function compileTable(item: Item<"table">, compiler: Compiler): Promise<CompiledFrom> {
	const [only] = item.name;
	const known = item.name.length === 1 && only ? compiler.tables.get(only) : undefined;
	if (known) {
		const relation = { columns: known.source.columns, from: known.sql };
		return fromRelation(relation, item.alias, item.name, compiler);
	}
	const relation = await compiler.shared.scope.relation(item.name, item.span);
	return fromRelation(relation, item.alias, item.name, compiler);
}

async function compileSubquery(item: Item<"subquery">, compiler: Compiler): Promise<CompiledFrom> {
	const inner = item.lateral
		? compiler
		: withNames(compiler, { sources: [], parent: compiler.names.parent });
	const query = await compiler.query(item.query, inner);
	const columns = query.columns.map(({ name, type }, i) => ({ name, type, sql: outputColumn(i) }));
	const from = `${item.lateral ? "LATERAL " : ""}(${query.sql})`;
	return fromRelation({ columns, from }, item.alias, [], compiler);
}

async function compileJoin(item: Item<"join">, compiler: Compiler): Promise<CompiledFrom> {
	const left = await compileFrom(item.left, compiler);
	if (item.right.kind === "function" && isFlattened(item, left))
		return spread(left, item.right, compiler);
	const outer = compiler.names;
	const right = await compileFrom(
		item.right,
		withNames(compiler, { sources: [...outer.sources, ...left.sources], parent: outer.parent }),
	);
	const using = item.natural ? sharedNames(left.sources, right.sources) : item.using;
	if (using.length > 0) return joinUsing(item, using, left, right, compiler);
	const sources = [...left.sources, ...right.sources];
	if (item.join === "CROSS" || (!item.on && item.join === "INNER"))
		return { sql: `${left.sql} CROSS JOIN ${right.sql}`, sources };
	const on = item.on
		? (await compiler.expression(item.on, withNames(compiler, { sources, parent: { ...outer } })))
				.sql
		: "TRUE";
	return { sql: `${left.sql} ${item.join} JOIN ${right.sql} ON ${on}`, sources };
}

function sharedNames(left: readonly Source[], right: readonly Source[]): readonly string[] {
	// Hidden columns, such as the row ids of tables, are nobody's to join by.
	const visible = (sources: readonly Source[]): readonly string[] =>
		sources
			.flatMap((source) => source.columns)
			.filter((column) => !column.hidden)
			.map((column) => column.name);
	const names = new Set(visible(left));
	return visible(right).filter((name) => names.has(name));
}

/** USING: the columns of the right side step back behind those of the left. */
function joinUsing(
	item: Item<"join">,
	using: readonly string[],
	left: CompiledFrom,
	right: CompiledFrom,
	compiler: Compiler,
): CompiledFrom {
	const { session } = compiler.shared.scope;
	const find = (sources: readonly Source[], name: string): SourceColumn => {
		const column = sources
			.flatMap((source) => source.columns)
			.find((candidate) => candidate.name === name && !candidate.merged);
		if (!column) throw invalidIdentifier([name], item.span);
		return column;
	};
	const pairs = using.map((name) => ({
		left: find(left.sources, name),
		right: find(right.sources, name),
	}));
	const on = pairs.map((pair) => {
		const type = commonType([
			typed(pair.left.sql, pair.left.type),
			typed(pair.right.sql, pair.right.type),
		]);
		const side = (column: SourceColumn) =>
			convert(typed(column.sql, column.type), type, session, item.span).sql;
		return `${side(pair.left)} = ${side(pair.right)}`;
	});
	const alone = (column: SourceColumn): SourceColumn => {
		const pair = pairs.find((candidate) => candidate.left === column);
		if (!pair || item.join === "INNER" || item.join === "LEFT") return column;
		return { ...column, alone: `coalesce(${pair.left.sql}, ${pair.right.sql})` };
	};
	const merge = (column: SourceColumn): SourceColumn =>
		pairs.some((pair) => pair.right === column) ? { ...column, merged: true } : column;
	return {
		sql: `${left.sql} ${item.join} JOIN ${right.sql} ON ${on.join(" AND ")}`,
		sources: [
			...left.sources.map((source) => ({ ...source, columns: source.columns.map(alone) })),
			...right.sources.map((source) => ({ ...source, columns: source.columns.map(merge) })),
		],
	};
}

/** The value of a constant expression: it sees no columns, so it is worked out before the query runs. */
async function argumentValue(argument: Argument, compiler: Compiler): Promise<string | null> {
	const { scope } = compiler.shared;
	const value = await compiler.expression(argument.value, withNames(compiler, { sources: [] }));
	if (value.constant !== undefined || !scope.evaluate) return constant(argument, compiler);
	return scope.evaluate(convert(value, TEXT, scope.session, argument.value.span).sql);
}

async function compileFunction(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const name = item.name.join(".");
	if (name in ROWS) return lateral(item, compiler);
	if (name === "GENERATOR") return compileGenerator(item, compiler);
	const { scope } = compiler.shared;
	const values = await Promise.all(
		item.arguments.map(async (argument) => ({
			name: argument.name,
			value: await argumentValue(argument, compiler),
		})),
	);
	const relation = await scope.tableFunction?.(item.name, values, item.span);
	if (!relation) throw unsupported(`table function ${name}`, place(item.span));
	return fromRelation(relation, item.alias, [], compiler);
}

async function compileGenerator(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const values = argumentsByName(item, ["ROWCOUNT", "TIMELIMIT"]);
	const count = values.get("ROWCOUNT");
	if (!count || values.size !== 1)
		throw unsupported("GENERATOR other than GENERATOR(ROWCOUNT => n)", place(item.span));
	const rows = Number(await constant(count, compiler));
	return fromRelation({ columns: [], from: `range(${rows})` }, item.alias, [], compiler);
}

/** A join whose right side only takes values of its left side apart. */
function isFlattened(item: Item<"join">, left: CompiledFrom): boolean {
	return (
		item.right.kind === "function" &&
		item.right.name.join(".") in ROWS &&
		!item.on &&
		!item.natural &&
		item.using.length === 0 &&
		(item.join === "CROSS" || item.join === "INNER") &&
		// The fields of a stage's files are made when they are asked for, so a stage stays what it is.
		!left.sources.some((source) => source.position)
	);
}

/**
 * `left, LATERAL FLATTEN(…)`: each row of the left side with its rows beside it, in their order. The engine's own
 * lateral join would give them in any order, and could not number the rows of the left side for SEQ.
 */
async function spread(
	left: CompiledFrom,
	item: Item<"function">,
	compiler: Compiler,
): Promise<CompiledFrom> {
	const inside = withNames(compiler, {
		sources: [...compiler.names.sources, ...left.sources],
		parent: compiler.names.parent,
	});
	const { list, columns } = await rowsOf(item, inside);
	const name = compiler.shared.alias();
	const items: string[] = [];
	const keep = (sql: string): string => {
		items.push(`${sql} AS k${items.length}`);
		return `${name}.k${items.length - 1}`;
	};
	const sources = left.sources.map((source) => ({
		...source,
		columns: source.columns.map((column) => ({
			...column,
			sql: keep(column.sql),
			...(column.alone !== undefined && { alone: keep(column.alone) }),
		})),
	}));
	const sequence = { name: "SEQ", type: INTEGER, sql: keep("row_number() OVER ()") };
	const rows = columns.map((column) => ({ ...column, sql: column.sql(`${name}.r`) }));
	const inner = `SELECT ${items.join(", ")}, ${list} AS list FROM ${left.sql}`;
	return {
		sql: `(SELECT *, unnest(list) AS r FROM (${inner})) AS ${name}`,
		sources: [...sources, named(item.alias, [], [sequence, ...rows])],
	};
}

/** FLATTEN anywhere else: a lateral relation, where SEQ is known only when nothing stands to its left. */
async function lateral(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const { list, columns } = await rowsOf(item, compiler);
	const sequence =
		compiler.names.sources.length === 0
			? `CAST(1 AS ${duckdbType(INTEGER)})`
			: raise("000002", "0A000", "Unsupported by the local account: SEQ of this FLATTEN");
	const rows = columns.map((column) => column.sql("r"));
	const body = rows.map((sql, i) => `${sql} AS ${outputColumn(i)}`).join(", ");
	const from = `LATERAL (SELECT ${body} FROM (SELECT unnest(${list}) AS r))`;
	const outer = columns.map((column, i) => ({ ...column, sql: outputColumn(i) }));
	const compiled = fromRelation({ columns: outer, from }, item.alias, [], compiler);
	return {
		...compiled,
		sources: compiled.sources.map((source) => ({
			...source,
			columns: [{ name: "SEQ", type: INTEGER, sql: sequence }, ...source.columns],
		})),
	};
}
