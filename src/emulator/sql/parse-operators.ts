import type { Cursor } from "../../parse/cursor.ts";
import { parseDataType } from "../account/data-type.ts";
import { unsupported } from "../error.ts";
import type { Binary, Expression, PathStep } from "./ast.ts";
import { grammar, startsQuery } from "./grammar.ts";
import { parsePrimary } from "./parse-primary.ts";
import { asSnowflakeError, expect, list, next, place, unexpected } from "./syntax.ts";

/** Operators between two expressions, loosest first. Comparisons stand between NOT and these. */
const SUMS = ["+", "-", "||"] as const;
const PRODUCTS = ["*", "/", "%"] as const;
const COMPARISONS = ["=", "<>", "!=", "<=", ">=", "<=>", "<", ">"] as const;

/** Reads one expression. */
export function parseExpression(cursor: Cursor): Expression {
	let left = parseAnd(cursor);
	while (cursor.looksAt("OR")) left = binary(cursor, "OR", left, parseAnd);
	return left;
}

function parseAnd(cursor: Cursor): Expression {
	let left = parseNot(cursor);
	while (cursor.looksAt("AND")) left = binary(cursor, "AND", left, parseNot);
	return left;
}

/** Reads the operator the cursor stands at and what follows it. */
function binary(
	cursor: Cursor,
	operator: Binary["operator"],
	left: Expression,
	right: (cursor: Cursor) => Expression,
): Binary {
	cursor.next();
	return join(operator, left, right(cursor));
}

function join(operator: Binary["operator"], left: Expression, right: Expression): Binary {
	return {
		kind: "binary",
		operator,
		left,
		right,
		span: { ...left.span, end: right.span.end },
	};
}

function parseNot(cursor: Cursor): Expression {
	const first = cursor.peek();
	if (!first || !cursor.take("NOT")) return parsePredicate(cursor);
	const operand = parseNot(cursor);
	return { kind: "unary", operator: "NOT", operand, span: cursor.spanFrom(first) };
}

/** An expression, and the comparisons and predicates that follow it. */
function parsePredicate(cursor: Cursor): Expression {
	let left = parseOperand(cursor);
	for (;;) {
		const comparison = COMPARISONS.find((mark) => cursor.looksAt(mark));
		if (comparison) {
			left = binary(cursor, comparison === "!=" ? "<>" : comparison, left, parseOperand);
			if (cursor.looksAt("(") && isQuantified(left))
				throw unsupported("comparison with ANY or ALL of a query", place(left.span));
			continue;
		}
		const predicate = parseWordPredicate(cursor, left);
		if (!predicate) return left;
		left = predicate;
	}
}

function isQuantified(comparison: Expression): boolean {
	return (
		comparison.kind === "binary" &&
		comparison.right.kind === "column" &&
		["ANY", "ALL", "SOME"].includes(comparison.right.parts[0] ?? "")
	);
}

function parseWordPredicate(cursor: Cursor, operand: Expression): Expression | undefined {
	const first = cursor.peek();
	if (first?.type !== "word") return undefined;
	const until = () => ({ ...operand.span, end: cursor.spanFrom(first).end });
	if (cursor.take("IS")) {
		const not = cursor.take("NOT");
		if (cursor.take("DISTINCT", "FROM")) {
			const right = parseOperand(cursor);
			return { kind: "distinct", not, left: operand, right, span: until() };
		}
		for (const what of ["NULL", "TRUE", "FALSE"] as const)
			if (cursor.take(what)) return { kind: "is", not, what, operand, span: until() };
		throw unexpected(cursor);
	}
	const start = cursor.at;
	const not = cursor.take("NOT");
	if (cursor.take("BETWEEN")) {
		const low = parseOperand(cursor);
		expect(cursor, "AND");
		const high = parseOperand(cursor);
		return { kind: "between", not, operand, low, high, span: until() };
	}
	if (cursor.take("IN")) {
		expect(cursor, "(");
		const values = startsQuery(cursor) ? grammar.query(cursor) : list(cursor, parseExpression);
		expect(cursor, ")");
		return { kind: "in", not, operand, values, span: until() };
	}
	for (const word of ["LIKE", "ILIKE", "RLIKE", "REGEXP"] as const) {
		if (!cursor.take(word)) continue;
		const quantifier = cursor.take("ANY") ? "ANY" : cursor.take("ALL") ? "ALL" : undefined;
		let patterns: readonly Expression[];
		if (quantifier && cursor.take("(")) {
			patterns = list(cursor, parseExpression);
			expect(cursor, ")");
		} else patterns = [parseOperand(cursor)];
		const escapeWith = cursor.take("ESCAPE") ? parseOperand(cursor) : undefined;
		const operator = word === "REGEXP" ? "RLIKE" : word;
		return {
			kind: "like",
			operator,
			quantifier,
			not,
			operand,
			patterns,
			escape: escapeWith,
			span: until(),
		};
	}
	cursor.at = start;
	return undefined;
}

/** Reads an expression without comparisons and logic. */
export function parseOperand(cursor: Cursor): Expression {
	let left = parseProduct(cursor);
	for (;;) {
		const operator = SUMS.find((mark) => cursor.looksAt(mark));
		if (!operator) return left;
		left = binary(cursor, operator, left, parseProduct);
	}
}

function parseProduct(cursor: Cursor): Expression {
	let left = parseUnary(cursor);
	for (;;) {
		const operator = PRODUCTS.find((mark) => cursor.looksAt(mark));
		if (!operator) return left;
		left = binary(cursor, operator, left, parseUnary);
	}
}

function parseUnary(cursor: Cursor): Expression {
	const first = cursor.peek();
	if (first && (cursor.looksAt("-") || cursor.looksAt("+"))) {
		const operator = next(cursor).text === "-" ? "-" : "+";
		const operand = parseUnary(cursor);
		return { kind: "unary", operator, operand, span: cursor.spanFrom(first) };
	}
	return parsePostfix(cursor);
}

/** A value with its casts and VARIANT path. */
function parsePostfix(cursor: Cursor): Expression {
	let base = parsePrimary(cursor);
	for (;;) {
		const start = base.span.start;
		const span = () => ({
			source: cursor.source,
			start,
			end: cursor.tokens[cursor.at - 1]?.end ?? start,
		});
		if (cursor.take("::")) {
			const type = asSnowflakeError(() => parseDataType(cursor));
			base = { kind: "cast", operand: base, type, try: false, span: span() };
			continue;
		}
		const steps = parseSteps(cursor);
		if (steps.length === 0) return base;
		base = { kind: "path", base, steps, span: span() };
	}
}

function parseSteps(cursor: Cursor): readonly PathStep[] {
	const steps: PathStep[] = [];
	for (;;) {
		const after = cursor.peek(1);
		const named = after?.type === "word" || after?.type === "quoted" ? after : undefined;
		if (named && (cursor.looksAt(":") || (steps.length > 0 && cursor.looksAt(".")))) {
			cursor.at += 2;
			// Keys of a path keep their case even without quotes.
			steps.push({ kind: "key", key: named.type === "quoted" ? named.value : named.text });
		} else if (cursor.take("[")) {
			const index = parseExpression(cursor);
			expect(cursor, "]");
			steps.push({ kind: "index", index });
		} else return steps;
	}
}
