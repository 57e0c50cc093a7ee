import { textSource } from "../../diagnostics/source.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { SnowflakeError, unsupported } from "../error.ts";

/**
 * The WHEN clause of a task. It is evaluated without a warehouse, and so may hold only two functions, Boolean
 * operators, comparisons and casts between numbers, strings and Booleans.
 * https://docs.snowflake.com/en/sql-reference/sql/create-task
 */
export type Condition =
	| { readonly node: "literal"; readonly value: Value }
	| { readonly node: "stream"; readonly name: string }
	| { readonly node: "return value"; readonly task: string | undefined }
	| { readonly node: "and" | "or"; readonly left: Condition; readonly right: Condition }
	| { readonly node: "not"; readonly of: Condition }
	| { readonly node: "null"; readonly of: Condition; readonly negated: boolean }
	| { readonly node: "cast"; readonly of: Condition; readonly to: "number" | "text" | "boolean" }
	| {
			readonly node: "compare";
			readonly operator: string;
			readonly left: Condition;
			readonly right: Condition;
	  };

type Value = string | number | boolean | null;

/** What a condition asks of the account. */
export interface ConditionFacts {
	streamHasData(name: string): Promise<boolean>;
	returnValue(task: string | undefined): Promise<string | null>;
}

const COMPARISONS = ["=", "<>", "!=", "<=", ">=", "<", ">"];
const CASTS: Readonly<Record<string, "number" | "text" | "boolean">> = {
	BOOLEAN: "boolean",
	DECIMAL: "number",
	DOUBLE: "number",
	FLOAT: "number",
	INT: "number",
	INTEGER: "number",
	NUMBER: "number",
	NUMERIC: "number",
	STRING: "text",
	TEXT: "text",
	VARCHAR: "text",
};

function takeCastType(cursor: Cursor): "number" | "text" | "boolean" {
	const token = cursor.next();
	const to = CASTS[token.value];
	if (!to) throw unsupported(`a cast to ${token.text} in WHEN`);
	cursor.takeGroup();
	return to;
}

function parseCall(cursor: Cursor, name: string): Condition {
	const call = cursor.expectGroup();
	if (name === "SYSTEM$STREAM_HAS_DATA") {
		const stream = call.expectString();
		if (!call.done) throw call.error(")");
		return { node: "stream", name: stream };
	}
	if (name === "SYSTEM$GET_PREDECESSOR_RETURN_VALUE") {
		const task = call.done ? undefined : call.expectString();
		if (!call.done) throw call.error(")");
		return { node: "return value", task };
	}
	if (name === "CAST") {
		const of = parseOr(call);
		call.expect("AS");
		return { node: "cast", of, to: takeCastType(call) };
	}
	throw new SnowflakeError(
		"002141",
		"42601",
		`SQL compilation error:\nUnsupported function '${name}' in the WHEN condition of a task.`,
	);
}

function parsePrimary(cursor: Cursor): Condition {
	const group = cursor.takeGroup();
	if (group) {
		const inner = parseOr(group);
		if (!group.done) throw group.error(")");
		return inner;
	}
	const sign = cursor.take("-") ? -1 : 1;
	const token = cursor.next();
	if (token.type === "number") return { node: "literal", value: sign * Number(token.value) };
	if (token.type === "string") return { node: "literal", value: token.value };
	if (token.type === "word" && cursor.looksAt("(")) return parseCall(cursor, token.value);
	if (token.value === "TRUE") return { node: "literal", value: true };
	if (token.value === "FALSE") return { node: "literal", value: false };
	if (token.value === "NULL") return { node: "literal", value: null };
	cursor.at--;
	throw cursor.error("a condition");
}

function parseComparison(cursor: Cursor): Condition {
	let left = parsePrimary(cursor);
	while (cursor.take("::")) left = { node: "cast", of: left, to: takeCastType(cursor) };
	if (cursor.take("IS")) {
		const negated = cursor.take("NOT");
		cursor.expect("NULL");
		return { node: "null", of: left, negated };
	}
	const operator = COMPARISONS.find((mark) => cursor.take(mark));
	if (!operator) return left;
	let right = parsePrimary(cursor);
	while (cursor.take("::")) right = { node: "cast", of: right, to: takeCastType(cursor) };
	return { node: "compare", operator, left, right };
}

function parseNot(cursor: Cursor): Condition {
	return cursor.take("NOT") ? { node: "not", of: parseNot(cursor) } : parseComparison(cursor);
}

function parseAnd(cursor: Cursor): Condition {
	let left = parseNot(cursor);
	while (cursor.take("AND")) left = { node: "and", left, right: parseNot(cursor) };
	return left;
}

function parseOr(cursor: Cursor): Condition {
	let left = parseAnd(cursor);
	while (cursor.take("OR")) left = { node: "or", left, right: parseAnd(cursor) };
	return left;
}

/** Reads the text of a WHEN clause; what may not stand in one is an error. */
export function parseCondition(text: string): Condition {
	const source = textSource("WHEN", text);
	const cursor = new Cursor(source, lex(source).tokens);
	const condition = parseOr(cursor);
	if (!cursor.done) throw cursor.error("AND, OR or AS");
	return condition;
}

/** The names of the streams a condition asks about, as written. */
export function conditionStreams(condition: Condition): readonly string[] {
	switch (condition.node) {
		case "stream":
			return [condition.name];
		case "and":
		case "or":
		case "compare":
			return [...conditionStreams(condition.left), ...conditionStreams(condition.right)];
		case "not":
		case "null":
		case "cast":
			return conditionStreams(condition.of);
		default:
			return [];
	}
}

function cast(value: Value, to: "number" | "text" | "boolean"): Value {
	if (value === null) return null;
	if (to === "text") return String(value);
	if (to === "number") {
		const number = typeof value === "boolean" ? Number(value) : Number(String(value).trim());
		if (Number.isNaN(number) || value === "")
			throw new SnowflakeError("100038", "22018", `Numeric value '${value}' is not recognized`);
		return number;
	}
	if (typeof value !== "string") return Boolean(value);
	const word = value.trim().toLowerCase();
	if (["true", "t", "yes", "y", "on", "1"].includes(word)) return true;
	if (["false", "f", "no", "n", "off", "0"].includes(word)) return false;
	throw new SnowflakeError("100037", "22018", `Boolean value '${value}' is not recognized`);
}

function compare(operator: string, left: Value, right: Value): boolean | null {
	if (left === null || right === null) return null;
	const kinds = [typeof left, typeof right];
	const to = kinds.includes("number") ? "number" : kinds.includes("boolean") ? "boolean" : "text";
	const a = cast(left, to) as string | number | boolean;
	const b = cast(right, to) as string | number | boolean;
	switch (operator) {
		case "=":
			return a === b;
		case "<":
			return a < b;
		case ">":
			return a > b;
		case "<=":
			return a <= b;
		case ">=":
			return a >= b;
		default:
			return a !== b;
	}
}

async function evaluate(condition: Condition, facts: ConditionFacts): Promise<Value> {
	switch (condition.node) {
		case "literal":
			return condition.value;
		case "stream":
			return facts.streamHasData(condition.name);
		case "return value":
			return facts.returnValue(condition.task);
		case "cast":
			return cast(await evaluate(condition.of, facts), condition.to);
		case "null":
			return ((await evaluate(condition.of, facts)) === null) !== condition.negated;
		case "not": {
			const value = cast(await evaluate(condition.of, facts), "boolean");
			return value === null ? null : !value;
		}
		case "compare":
			return compare(
				condition.operator,
				await evaluate(condition.left, facts),
				await evaluate(condition.right, facts),
			);
		default: {
			const decisive = condition.node === "or";
			const left = cast(await evaluate(condition.left, facts), "boolean");
			if (left === decisive) return decisive;
			const right = cast(await evaluate(condition.right, facts), "boolean");
			return right === decisive ? decisive : left === null || right === null ? null : !decisive;
		}
	}
}

/** Whether a condition holds now; NULL does not. */
export async function conditionHolds(
	condition: Condition,
	facts: ConditionFacts,
): Promise<boolean> {
	return cast(await evaluate(condition, facts), "boolean") === true;
}
