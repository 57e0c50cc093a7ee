import { unsupported } from "../error.ts";
import type { Call, Expression } from "./ast.ts";
import { compileOrderBy, compileWindow } from "./compile-window.ts";
import type { Compiler } from "./compiler.ts";
import { convert } from "./convert.ts";
import type { FunctionCall, FunctionEntry } from "./functions/entry.ts";
import { FUNCTIONS } from "./functions/index.ts";
import { REFUSED_FUNCTIONS } from "./functions/refused.ts";
import { starSources } from "./names.ts";
import { compilationError, place } from "./syntax.ts";
import { type Typed, textLiteral, typed } from "./typed.ts";

/** Compiles a call: a function of the table, or one the scope answers. */
export async function compileCall(node: Call, compiler: Compiler): Promise<Typed> {
	const { scope } = compiler.shared;
	const [only] = node.name;
	const entry = node.name.length === 1 && only ? FUNCTIONS.get(only) : undefined;
	if (!entry) {
		const values: Typed[] = [];
		for (const argument of node.arguments)
			values.push(await compiler.expression(argument.value, compiler));
		const answer = await scope.call?.(
			node.name,
			values.map(({ sql, type, constant }) => ({ sql, type, constant })),
			node.span,
		);
		if (answer) return answer;
		const name = node.name.join(".");
		if (REFUSED_FUNCTIONS.has(name)) throw unsupported(`function ${name}`, place(node.span));
		throw compilationError("002140", "42601", `Unknown function ${name}`, node.span);
	}
	return compileKnown(node, only ?? "", entry, compiler);
}

async function compileKnown(
	node: Call,
	name: string,
	entry: FunctionEntry,
	compiler: Compiler,
): Promise<Typed> {
	const count = node.arguments.length;
	const { scope } = compiler.shared;
	if (!node.star && count < entry.least)
		throw compilationError(
			"000938",
			"22023",
			`not enough arguments for function [${text(node)}], expected ${entry.least}, got ${count}`,
			node.span,
		);
	if (count > entry.most)
		throw compilationError(
			"000939",
			"22023",
			`too many arguments for function [${text(node)}] expected ${entry.most}, got ${count}`,
			node.span,
		);
	if (node.over && entry.kind === "scalar")
		throw unsupported(`${name} with OVER`, place(node.span));
	if (!node.over && entry.kind === "window")
		throw compilationError(
			"002303",
			"42601",
			`Window function type [${name}] requires ORDER BY in window specification`,
			node.span,
		);
	if ((node.distinct || node.withinGroup) && entry.kind === "scalar")
		throw unsupported(`${name} with DISTINCT or WITHIN GROUP`, place(node.span));
	const all = node.star && OF_ALL_COLUMNS.has(name);
	if (node.star && !all && name !== "COUNT") throw unsupported(`${name}(*)`, place(node.span));
	const named = node.arguments.find((argument) => argument.name !== undefined);
	if (named) throw unsupported(`named argument ${named.name} of ${name}`, place(node.span));
	const values: Typed[] = all ? [...allColumns(node, compiler)] : [];
	for (const [i, argument] of node.arguments.entries())
		values.push(
			entry.words?.includes(i)
				? await compileWord(argument.value, compiler)
				: await compiler.expression(argument.value, compiler),
		);
	const orderBy: { readonly value: Typed; readonly descending: boolean }[] = [];
	for (const { expression, descending } of node.withinGroup ?? [])
		orderBy.push({ value: await compiler.expression(expression, compiler), descending });
	const call: FunctionCall = {
		orderBy,
		name,
		values,
		star: node.star && !all,
		distinct: node.distinct,
		order: node.withinGroup ? await compileOrderBy(node.withinGroup, compiler) : "",
		nulls: node.nulls,
		over: node.over ? await compileWindow(node.over, name, compiler) : "",
		session: scope.session,
		span: node.span,
		convert: (value, type, mode) => convert(value, type, scope.session, node.span, mode),
	};
	return entry.translate(call);
}

const OF_ALL_COLUMNS: ReadonlySet<string> = new Set([
	"OBJECT_CONSTRUCT",
	"OBJECT_CONSTRUCT_KEEP_NULL",
]);

/** `OBJECT_CONSTRUCT(*)`: every column's name and value. */
function allColumns(node: Call, compiler: Compiler): readonly Typed[] {
	return starSources(compiler.names, [], node.span)
		.flatMap((source) => source.columns)
		.filter((column) => !column.hidden && !column.merged)
		.flatMap((column) => [textLiteral(column.name), typed(column.sql, column.type)]);
}

function text(node: Call): string {
	return node.span.source.text.slice(node.span.start, node.span.end).toUpperCase();
}

/** An argument that may be a bare word, such as the `day` of DATEADD(day, …). */
async function compileWord(expression: Expression, compiler: Compiler): Promise<Typed> {
	if (expression.kind === "column" && expression.parts.length === 1)
		return textLiteral(expression.parts[0] ?? "");
	return compiler.expression(expression, compiler);
}
