import { SnowflakeError } from "../error.ts";
import type { Expression, OrderItem, Select, SelectItem } from "./ast.ts";
import { compileFrom } from "./compile-from.ts";
import { compileOrder } from "./compile-window.ts";
import { type CompiledQuery, type Compiler, outputColumn, withNames } from "./compiler.ts";
import { convert } from "./convert.ts";
import { invalidIdentifier, type Names, starSources } from "./names.ts";
import { place } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

interface Output {
	readonly name: string;
	readonly value: Typed;
}

/** Compiles a SELECT, ordered by what its query says. */
export async function compileSelect(
	select: Select,
	orderBy: readonly OrderItem[],
	outer: Compiler,
): Promise<CompiledQuery> {
	// A lateral select sees what stands left of it as the names around its own.
	const around = outer.names.sources.length > 0 || outer.names.parent ? outer.names : undefined;
	const from = select.from
		? await compileFrom(select.from, withNames(outer, { sources: [], parent: around }))
		: undefined;
	const aliases = new Map<string, () => Promise<Typed>>();
	const names: Names = { sources: from?.sources ?? [], aliases, parent: around };
	const compiler = withNames(outer, names);
	defineAliases(select.items, aliases, compiler);
	const outputs: Output[] = [];
	for (const item of select.items) outputs.push(...(await compileItem(item, compiler)));
	const values = outputs.map((output) => output.value);
	const clause = async (word: string, expression: Expression | undefined): Promise<string> =>
		expression ? ` ${word} ${(await compileCondition(expression, compiler)).sql}` : "";
	const list = values.map((value, i) => `${value.sql} AS ${outputColumn(i)}`);
	const group = await compileGroupBy(select, values, compiler);
	const sql = [
		`SELECT ${select.distinct ? "DISTINCT " : ""}${list.join(", ")}`,
		from ? ` FROM ${from.sql}` : "",
		await clause("WHERE", select.where),
		group,
		await clause("HAVING", select.having),
		await clause("QUALIFY", select.qualify),
		await orderClause(orderBy, values, withNames(compiler, { ...names, aliasesFirst: true })),
		select.top ? ` LIMIT ${(await compiler.expression(select.top, compiler)).constant}` : "",
	];
	return {
		sql: sql.join(""),
		columns: outputs.map(({ name, value }) => ({ name, type: value.type })),
	};
}

/** A condition as the engine wants it: a BOOLEAN. */
async function compileCondition(expression: Expression, compiler: Compiler): Promise<Typed> {
	const value = await compiler.expression(expression, compiler);
	return convert(
		value,
		{ base: "BOOLEAN", text: "BOOLEAN" },
		compiler.shared.scope.session,
		expression.span,
	);
}

/** Puts the select list's aliases in scope. An alias that means itself is no alias. */
function defineAliases(
	items: readonly SelectItem[],
	aliases: Map<string, () => Promise<Typed>>,
	compiler: Compiler,
): void {
	for (const item of items) {
		if (item.kind !== "expression" || item.alias === undefined || aliases.has(item.alias)) continue;
		const { alias, expression } = item;
		let busy = false;
		aliases.set(alias, async () => {
			if (busy) throw invalidIdentifier([alias], expression.span);
			busy = true;
			try {
				return await compiler.expression(expression, compiler);
			} finally {
				busy = false;
			}
		});
	}
}

async function compileItem(item: SelectItem, compiler: Compiler): Promise<readonly Output[]> {
	if (item.kind === "expression") {
		const value = await compiler.expression(item.expression, compiler);
		return [{ name: item.alias ?? outputName(item.expression), value }];
	}
	const columns = starSources(compiler.names, item.qualifier, item.span)
		.flatMap((source) => source.columns)
		.filter((column) => !column.hidden && (item.qualifier.length > 0 || !column.merged));
	const unknown = [...item.exclude, ...item.rename.map(({ from }) => from)].find(
		(name) => !columns.some((column) => column.name === name),
	);
	if (unknown !== undefined) throw invalidIdentifier([unknown], item.span);
	if (columns.length === 0 && item.exclude.length === 0)
		throw new SnowflakeError(
			"002001",
			"42601",
			"SQL compilation error:\nSELECT with no columns",
			place(item.span),
		);
	return columns
		.filter((column) => !item.exclude.includes(column.name))
		.map((column) => ({
			name: item.rename.find(({ from }) => from === column.name)?.to ?? column.name,
			value: typed((item.qualifier.length === 0 && column.alone) || column.sql, column.type),
		}));
}

/** Snowflake names a column without an alias after the text of its expression, in upper case. */
function outputName(expression: Expression): string {
	if (expression.kind === "column") return expression.parts.at(-1) ?? "";
	const { source, start, end } = expression.span;
	return source.text.slice(start, end).replaceAll(/\s+/g, " ").toUpperCase();
}

/** Numbers in GROUP BY and ORDER BY are places in the select list. */
function atPlace(expression: Expression, values: readonly Typed[]): Typed | undefined {
	if (expression.kind !== "literal" || expression.value.type !== "number") return undefined;
	const index = Number(expression.value.text);
	const value = values[index - 1];
	if (value) return value;
	throw new SnowflakeError(
		"001036",
		"42601",
		`SQL compilation error:\nposition ${index} is not in select list`,
		place(expression.span),
	);
}

async function compileGroupBy(
	select: Select,
	values: readonly Typed[],
	compiler: Compiler,
): Promise<string> {
	const { groupBy } = select;
	if (!groupBy) return "";
	if (groupBy.kind === "all") return " GROUP BY ALL";
	const key = async (expression: Expression): Promise<string> =>
		(atPlace(expression, values) ?? (await compiler.expression(expression, compiler))).sql;
	const keys = async (expressions: readonly Expression[]): Promise<string> => {
		const list: string[] = [];
		// A constant in the engine's GROUP BY would be a place; between parentheses it is none.
		for (const expression of expressions) list.push(`(${await key(expression)})`);
		return list.join(", ");
	};
	if (groupBy.kind === "list") return ` GROUP BY ${await keys(groupBy.items)}`;
	const sets: string[] = [];
	for (const set of groupBy.sets) sets.push(`(${await keys(set)})`);
	return ` GROUP BY ${groupBy.operator} (${sets.join(", ")})`;
}

/** ORDER BY over a select list. */
export async function orderClause(
	orderBy: readonly OrderItem[],
	values: readonly Typed[],
	compiler: Compiler,
): Promise<string> {
	if (orderBy.length === 0) return "";
	const keys: string[] = [];
	for (const item of orderBy) {
		const value =
			atPlace(item.expression, values) ?? (await compiler.expression(item.expression, compiler));
		keys.push(compileOrder(value, item));
	}
	return ` ORDER BY ${keys.join(", ")}`;
}
