import { duckdbType, engineString } from "../account/storage.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { Alias, Argument, FromItem } from "./ast.ts";
import { type Compiler, outputColumn, withNames } from "./compiler.ts";
import { commonType, convert } from "./convert.ts";
import { raise } from "./engine-error.ts";
import { invalidIdentifier, type Source, type SourceColumn } from "./names.ts";
import type { Relation } from "./scope.ts";
import { INTEGER, TEXT, VARIANT } from "./sql-type.ts";
import { place } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

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
	let left = await compileFrom(item.left, compiler);
	const lateral = isFlatten(item.right);
	if (lateral) left = numbered(left, compiler);
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
	const names = new Set(left.flatMap((source) => source.columns.map((column) => column.name)));
	return right
		.flatMap((source) => source.columns)
		.map((column) => column.name)
		.filter((name) => names.has(name));
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

function isFlatten(item: FromItem): boolean {
	return item.kind === "function" && FLATTENERS.has(item.name.join("."));
}

const FLATTENERS = new Set(["FLATTEN", "SPLIT_TO_TABLE", "STRTOK_SPLIT_TO_TABLE"]);
const SEQUENCE_NUMBER = "SEQ";

/**
 * The left side of a FLATTEN with a number on every row, which is what FLATTEN's SEQ gives.
 * A stage's fields are made when they are asked for, so a stage stays as it is and SEQ is refused.
 */
function numbered(left: CompiledFrom, compiler: Compiler): CompiledFrom {
	if (left.sources.some((source) => source.position)) return left;
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
	const row = { name: ROW_NUMBER, type: INTEGER, sql: keep("row_number() OVER ()"), hidden: true };
	return {
		sql: `(SELECT ${items.join(", ")} FROM ${left.sql}) AS ${name}`,
		sources: [...sources, { name: undefined, path: [], columns: [row] }],
	};
}

/** The hidden column that `numbered` adds; no identifier of a user can be empty. */
const ROW_NUMBER = "";

function rowNumber(compiler: Compiler): string {
	const columns = compiler.names.sources.flatMap((source) => source.columns);
	const last = columns.filter((column) => column.name === ROW_NUMBER).at(-1);
	if (last) return last.sql;
	return compiler.names.sources.length === 0
		? "CAST(1 AS DECIMAL(38,0))"
		: raise("000002", "0A000", "Unsupported by the local account: SEQ of FLATTEN over a stage");
}

async function compileFunction(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const name = item.name.join(".");
	if (name === "FLATTEN") return compileFlatten(item, compiler);
	if (name === "SPLIT_TO_TABLE") return compileSplit(item, compiler);
	if (name === "GENERATOR") return compileGenerator(item, compiler);
	const { scope } = compiler.shared;
	const values = await Promise.all(
		item.arguments.map(async (argument) => ({
			name: argument.name,
			value: await constant(argument, compiler),
		})),
	);
	const relation = await scope.tableFunction?.(item.name, values, item.span);
	if (!relation) throw unsupported(`table function ${name}`, place(item.span));
	return fromRelation(relation, item.alias, [], compiler);
}

/** The value of an argument that must be a constant. */
async function constant(argument: Argument, compiler: Compiler): Promise<string | null> {
	const value = await compiler.expression(argument.value, compiler);
	if (value.constant === undefined)
		throw unsupported(
			"an argument of a table function that is not a constant",
			place(argument.value.span),
		);
	return value.constant;
}

/** Arguments by name, those without one by their place in `order`. */
function byName(item: Item<"function">, order: readonly string[]): ReadonlyMap<string, Argument> {
	return new Map(item.arguments.map((argument, i) => [argument.name ?? order[i] ?? "", argument]));
}

/** A lateral relation of unnested rows, each a struct `r`. */
function unnested(
	list: string,
	columns: readonly SourceColumn[],
	item: Item<"function">,
	compiler: Compiler,
): CompiledFrom {
	const body = columns.map((column, i) => `${column.sql} AS ${outputColumn(i)}`).join(", ");
	const from = `LATERAL (SELECT ${body} FROM (SELECT unnest(${list}) AS r))`;
	const outer = columns.map((column, i) => ({ ...column, sql: outputColumn(i) }));
	return fromRelation({ columns: outer, from }, item.alias, [], compiler);
}

/** SEQ is a column of the left side, so it is put in front of what the lateral relation has. */
function withSequence(from: CompiledFrom, compiler: Compiler): CompiledFrom {
	const sequence = { name: SEQUENCE_NUMBER, type: INTEGER, sql: rowNumber(compiler) };
	return {
		...from,
		sources: from.sources.map((source) => ({
			...source,
			columns: [{ ...sequence, name: SEQUENCE_NUMBER }, ...source.columns],
		})),
	};
}

async function compileFlatten(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const values = byName(item, ["INPUT"]);
	const option = async (name: string, otherwise: string): Promise<string> => {
		const argument = values.get(name);
		return argument ? ((await constant(argument, compiler)) ?? otherwise) : otherwise;
	};
	const unknown = [...values.keys()].find(
		(name) => !["INPUT", "PATH", "OUTER", "RECURSIVE", "MODE"].includes(name),
	);
	const argument = values.get("INPUT");
	if (unknown !== undefined || !argument)
		throw new SnowflakeError(
			"001015",
			"22023",
			`SQL compilation error:\ninvalid argument ${unknown ?? "INPUT"} of FLATTEN`,
			place(item.span),
		);
	const input = convert(
		await compiler.expression(argument.value, compiler),
		VARIANT,
		compiler.shared.scope.session,
		item.span,
	);
	const path = engineString(await option("PATH", ""));
	const outer = (await option("OUTER", "false")).toUpperCase();
	const recursive = (await option("RECURSIVE", "false")).toUpperCase();
	const mode = engineString(await option("MODE", "BOTH"));
	const rows = `sf_flatten(CAST(${input.sql} AS VARCHAR), ${path}, ${outer}, ${recursive}, ${mode})`;
	const shape =
		'[{"key":"VARCHAR","path":"VARCHAR","index":"DECIMAL(38,0)","value":"VARCHAR","this":"VARCHAR"}]';
	const columns = [
		{ name: "KEY", type: TEXT, sql: "r.key" },
		{ name: "PATH", type: TEXT, sql: "r.path" },
		{ name: "INDEX", type: INTEGER, sql: "r.index" },
		{ name: "VALUE", type: VARIANT, sql: "CAST(r.value AS JSON)" },
		{ name: "THIS", type: VARIANT, sql: "CAST(r.this AS JSON)" },
	];
	const from = unnested(`from_json(${rows}, '${shape}')`, columns, item, compiler);
	return withSequence(from, compiler);
}

async function compileSplit(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const text = async (argument: Argument | undefined): Promise<Typed> => {
		if (!argument) throw unsupported("SPLIT_TO_TABLE without two arguments", place(item.span));
		const value = await compiler.expression(argument.value, compiler);
		return convert(value, TEXT, compiler.shared.scope.session, item.span);
	};
	const [string, delimiter] = [await text(item.arguments[0]), await text(item.arguments[1])];
	const parts = `string_split(${string.sql}, ${delimiter.sql})`;
	const list = `list_transform(${parts}, lambda x, i: struct_pack(i := i, x := x))`;
	const columns = [
		{ name: "INDEX", type: INTEGER, sql: `CAST(r.i AS ${duckdbType(INTEGER)})` },
		{ name: "VALUE", type: TEXT, sql: "r.x" },
	];
	return withSequence(unnested(list, columns, item, compiler), compiler);
}

async function compileGenerator(item: Item<"function">, compiler: Compiler): Promise<CompiledFrom> {
	const values = byName(item, ["ROWCOUNT", "TIMELIMIT"]);
	const count = values.get("ROWCOUNT");
	if (!count || values.size !== 1)
		throw unsupported("GENERATOR other than GENERATOR(ROWCOUNT => n)", place(item.span));
	const rows = Number(await constant(count, compiler));
	return fromRelation({ columns: [], from: `range(${rows})` }, item.alias, [], compiler);
}
