import { SnowflakeError, unsupported } from "../error.ts";
import type { Case, Cast, Expression, In, Like, Literal, Path, Unary } from "./ast.ts";
import { bindValue } from "./bind.ts";
import { compileCall } from "./compile-call.ts";
import { onlyColumn } from "./compile-query.ts";
import { type Compiler, outputColumn } from "./compiler.ts";
import { commonType, convert, toJson, toNumber } from "./convert.ts";
import { addInterval } from "./interval.ts";
import { invalidIdentifier, resolve, resolvePosition } from "./names.ts";
import { arithmetic, comparable, compare, concatenate } from "./operators.ts";
import { ARRAY, BOOLEAN, isSemiStructured, OBJECT, TEXT, VARIANT } from "./sql-type.ts";
import { place } from "./syntax.ts";
import { booleanLiteral, NULL, numberLiteral, type Typed, textLiteral, typed } from "./typed.ts";

/** Compiles an expression to the engine's SQL and gives it its Snowflake type. */
export async function compileExpressionNode(node: Expression, compiler: Compiler): Promise<Typed> {
	const { scope } = compiler.shared;
	const { session } = scope;
	const at = { session, span: node.span };
	const value = (expression: Expression): Promise<Typed> =>
		compiler.expression(expression, compiler);
	const truth = async (expression: Expression): Promise<string> =>
		convert(await value(expression), BOOLEAN, session, expression.span).sql;
	switch (node.kind) {
		case "literal":
			return compileLiteral(node);
		case "column": {
			const found = await resolve(compiler.names, node.parts, node.span);
			if (found) return found;
			if (node.parts.length > 1 && node.parts.at(-1) === "NEXTVAL") {
				const next = await scope.sequence?.(node.parts.slice(0, -1), node.span);
				if (next) return next;
			}
			throw invalidIdentifier(node.parts, node.span);
		}
		case "position": {
			if (/^\d+$/.test(node.name))
				return resolvePosition(compiler.names, node.qualifier, Number(node.name), node.span);
			const variable = await scope.variable?.(node.name, node.span);
			if (variable) return variable;
			throw new SnowflakeError(
				"002211",
				"02000",
				`SQL compilation error: error line ${place(node.span).line} at position ${place(node.span).pos}\nSession variable '$${node.name}' does not exist`,
				place(node.span),
			);
		}
		case "bind": {
			const bound = await scope.bind?.(node.name, node.span);
			if (bound) return "sql" in bound ? bound : bindValue(bound, node.span);
			throw new SnowflakeError(
				"002049",
				"42601",
				`SQL compilation error: error line ${place(node.span).line} at position ${place(node.span).pos}\nBind variable ${typeof node.name === "number" ? "?" : `:${node.name}`} not set.`,
				place(node.span),
			);
		}
		case "path":
			return compilePath(node, compiler);
		case "call":
			return compileCall(node, compiler);
		case "cast":
			return compileCast(node, compiler);
		case "unary":
			return compileUnary(node, compiler);
		case "binary": {
			switch (node.operator) {
				case "AND":
				case "OR":
					return typed(
						`(${await truth(node.left)} ${node.operator} ${await truth(node.right)})`,
						BOOLEAN,
					);
				case "+":
				case "-":
					if (node.right.kind === "interval")
						return addInterval(await value(node.left), node.right.text, node.operator, at);
					if (node.left.kind === "interval" && node.operator === "+")
						return addInterval(await value(node.right), node.left.text, "+", at);
					return arithmetic(node.operator, await value(node.left), await value(node.right), at);
				case "*":
				case "/":
				case "%":
					return arithmetic(node.operator, await value(node.left), await value(node.right), at);
				case "||":
					return concatenate(await value(node.left), await value(node.right), at);
				default:
					return compare(node.operator, await value(node.left), await value(node.right), at);
			}
		}
		case "like":
			return compileLike(node, compiler);
		case "in":
			return compileIn(node, compiler);
		case "between": {
			const operand = await value(node.operand);
			const low = compare(">=", operand, await value(node.low), at);
			const high = compare("<=", operand, await value(node.high), at);
			return typed(`${node.not ? "NOT " : ""}(${low.sql} AND ${high.sql})`, BOOLEAN);
		}
		case "is": {
			const operand =
				node.what === "NULL" ? (await value(node.operand)).sql : await truth(node.operand);
			return typed(`(${operand} IS ${node.not ? "NOT " : ""}${node.what})`, BOOLEAN);
		}
		case "distinct": {
			const [left, right] = comparable(await value(node.left), await value(node.right), at);
			return typed(`(${left} IS ${node.not ? "NOT " : ""}DISTINCT FROM ${right})`, BOOLEAN);
		}
		case "case":
			return compileCase(node, compiler);
		case "exists":
			return typed(`EXISTS (${(await compiler.query(node.query, compiler)).sql})`, BOOLEAN);
		case "scalar-query": {
			const query = await compiler.query(node.query, compiler);
			return typed(`(${query.sql})`, onlyColumn(query, node.span).type);
		}
		case "array": {
			const items: string[] = [];
			for (const item of node.items) items.push(toJson(await value(item), session, item.span));
			const list = items.map((item) => `, CAST(${item} AS VARCHAR)`).join("");
			return typed(`CAST(sf_array(FALSE${list}) AS JSON)`, ARRAY);
		}
		case "object": {
			const pairs: string[] = [];
			for (const entry of node.entries) {
				const json = toJson(await value(entry.value), session, entry.value.span);
				pairs.push(`, ${textLiteral(entry.key).sql}, CAST(${json} AS VARCHAR)`);
			}
			return typed(`CAST(sf_object(FALSE${pairs.join("")}) AS JSON)`, OBJECT);
		}
		case "interval":
			throw unsupported("INTERVAL that is not added to or taken from a date", place(node.span));
		case "row":
			throw unsupported("a row of several values here", place(node.span));
	}
}

function compileLiteral({ value }: Literal): Typed {
	switch (value.type) {
		case "null":
			return NULL;
		case "boolean":
			return booleanLiteral(value.value);
		case "number":
			return numberLiteral(value.text);
		case "string":
			return textLiteral(value.text);
	}
}

/** Keys of a path fetch exactly as they are written; an index that is an expression is looked up by its type. */
async function compilePath(node: Path, compiler: Compiler): Promise<Typed> {
	const base = await compiler.expression(node.base, compiler);
	if (!isSemiStructured(base.type) && !base.untyped)
		throw new SnowflakeError(
			"001007",
			"22023",
			`SQL compilation error: error line ${place(node.span).line} at position ${place(node.span).pos}\nInvalid argument types for function 'GET': (${base.type.text}, VARCHAR)`,
			place(node.span),
		);
	let { sql } = base;
	let fixedPath = "";
	const flush = (): void => {
		if (fixedPath !== "") sql = `json_extract(${sql}, '$${fixedPath.replaceAll("'", "''")}')`;
		fixedPath = "";
	};
	for (const step of node.steps) {
		const index =
			step.kind === "index" ? await compiler.expression(step.index, compiler) : undefined;
		const key =
			step.kind === "key" ? step.key : index?.type.base === "TEXT" ? index.constant : undefined;
		if (typeof key === "string" && !/["\\]/.test(key)) fixedPath += `."${key}"`;
		else if (typeof key === "string") {
			flush();
			sql = `CAST(sf_get(CAST(${sql} AS VARCHAR), ${textLiteral(key).sql}) AS JSON)`;
		} else if (index) {
			if (
				index.type.base === "FIXED" &&
				index.constant !== undefined &&
				/^\d+$/.test(index.constant ?? "")
			)
				fixedPath += `[${index.constant}]`;
			else {
				flush();
				sql = compileElement(sql, index);
			}
		}
	}
	flush();
	return typed(sql, VARIANT);
}

/** `v[expression]`: an index when the expression is a number, a key when it is text. */
function compileElement(sql: string, index: Typed): string {
	return index.type.base === "FIXED"
		? `CAST(sf_get_index(CAST(${sql} AS VARCHAR), CAST(${index.sql} AS INTEGER)) AS JSON)`
		: `CAST(sf_get(CAST(${sql} AS VARCHAR), CAST(${index.sql} AS VARCHAR)) AS JSON)`;
}

async function compileCast(node: Cast, compiler: Compiler): Promise<Typed> {
	const { session } = compiler.shared.scope;
	const operand = await compiler.expression(node.operand, compiler);
	if (node.try && operand.type.base !== "TEXT")
		throw new SnowflakeError(
			"001065",
			"22023",
			`SQL compilation error: error line ${place(node.span).line} at position ${place(node.span).pos}\nFunction TRY_CAST cannot be used with arguments of types ${operand.type.text} and ${node.type.text}`,
			place(node.span),
		);
	return convert(operand, node.type, session, node.span, node.try ? "try" : "cast");
}

async function compileUnary(node: Unary, compiler: Compiler): Promise<Typed> {
	const { session } = compiler.shared.scope;
	const operand = await compiler.expression(node.operand, compiler);
	if (node.operator === "NOT")
		return typed(`(NOT ${convert(operand, BOOLEAN, session, node.span).sql})`, BOOLEAN);
	const number = toNumber(operand, session, node.span);
	if (node.operator === "+") return number;
	const constant = typeof number.constant === "string" ? { constant: `-${number.constant}` } : {};
	return { ...typed(`(-${number.sql})`, number.type), ...constant };
}

async function compileLike(node: Like, compiler: Compiler): Promise<Typed> {
	const { session } = compiler.shared.scope;
	const text = async (expression: Expression): Promise<string> =>
		convert(await compiler.expression(expression, compiler), TEXT, session, expression.span).sql;
	const operand = await text(node.operand);
	const escaped = node.escape ? ` ESCAPE ${await text(node.escape)}` : "";
	const tests: string[] = [];
	for (const pattern of node.patterns)
		tests.push(
			node.operator === "RLIKE"
				? `sf_regexp_like(${operand}, ${await text(pattern)}, 'c')`
				: `(${operand} ${node.operator} ${await text(pattern)}${escaped})`,
		);
	const all = tests.join(node.quantifier === "ANY" ? " OR " : " AND ");
	return typed(`${node.not ? "NOT " : ""}(${all})`, BOOLEAN);
}

async function compileIn(node: In, compiler: Compiler): Promise<Typed> {
	const { session } = compiler.shared.scope;
	const at = { session, span: node.span };
	const not = node.not ? "NOT " : "";
	if (node.operand.kind === "row") return compileRowIn(node, node.operand.items, compiler);
	const operand = await compiler.expression(node.operand, compiler);
	if (!("kind" in node.values)) {
		const tests: string[] = [];
		for (const item of node.values)
			tests.push(compare("=", operand, await compiler.expression(item, compiler), at).sql);
		return typed(`${not}(${tests.join(" OR ")})`, BOOLEAN);
	}
	const query = await compiler.query(node.values, compiler);
	const column = onlyColumn(query, node.span);
	const [left, right] = comparable(operand, typed(outputColumn(0), column.type), at);
	const alias = compiler.shared.alias();
	return typed(`(${left} ${not}IN (SELECT ${right} FROM (${query.sql}) AS ${alias}))`, BOOLEAN);
}

/** `(a, b) IN ((1, 2), …)`: every part must be equal. */
async function compileRowIn(
	node: In,
	operands: readonly Expression[],
	compiler: Compiler,
): Promise<Typed> {
	const at = { session: compiler.shared.scope.session, span: node.span };
	if ("kind" in node.values) throw unsupported("a row IN a query", place(node.span));
	const tests: string[] = [];
	for (const item of node.values) {
		const parts: string[] = [];
		const values = item.kind === "row" ? item.items : [item];
		for (const [i, operand] of operands.entries()) {
			const other = values[i];
			if (!other || values.length !== operands.length)
				throw unsupported("rows of different lengths with IN", place(item.span));
			const left = await compiler.expression(operand, compiler);
			parts.push(compare("=", left, await compiler.expression(other, compiler), at).sql);
		}
		tests.push(`(${parts.join(" AND ")})`);
	}
	return typed(`${node.not ? "NOT " : ""}(${tests.join(" OR ")})`, BOOLEAN);
}

async function compileCase(node: Case, compiler: Compiler): Promise<Typed> {
	const { session } = compiler.shared.scope;
	const at = { session, span: node.span };
	const operand = node.operand && (await compiler.expression(node.operand, compiler));
	const branches: { readonly when: string; readonly value: Typed }[] = [];
	for (const branch of node.branches) {
		const when = await compiler.expression(branch.when, compiler);
		const test = operand
			? compare("=", operand, when, at)
			: convert(when, BOOLEAN, session, node.span);
		branches.push({ when: test.sql, value: await compiler.expression(branch.value, compiler) });
	}
	const otherwise = node.otherwise ? await compiler.expression(node.otherwise, compiler) : NULL;
	const type = commonType([...branches.map((branch) => branch.value), otherwise]);
	const result = (value: Typed): string => convert(value, type, session, node.span).sql;
	const list = branches.map(({ when, value }) => ` WHEN ${when} THEN ${result(value)}`).join("");
	return typed(`CASE${list} ELSE ${result(otherwise)} END`, type);
}
