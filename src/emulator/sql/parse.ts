import type { Cursor } from "../../parse/cursor.ts";
import type { Expression, Query } from "./ast.ts";
import type { Dml } from "./dml-ast.ts";
import { grammar } from "./grammar.ts";
import { parseDml } from "./parse-dml.ts";
import { parseExpression, parseOperand } from "./parse-operators.ts";
import { parseQuery } from "./parse-query.ts";
import { asSnowflakeError, parseAll } from "./syntax.ts";

grammar.expression = parseExpression;
grammar.operand = parseOperand;
grammar.query = parseQuery;

/** Reads all of a cursor as one query. */
export function readQuery(cursor: Cursor): Query {
	return parseAll(cursor, parseQuery);
}

/** Reads all of a cursor, from its verb on, as INSERT, UPDATE, DELETE, MERGE or TRUNCATE. */
export function readDml(cursor: Cursor): Dml {
	return parseAll(cursor, parseDml);
}

/** Reads all of a cursor as one expression. */
export function readExpression(cursor: Cursor): Expression {
	return parseAll(cursor, parseExpression);
}

/** Reads one expression and leaves the cursor behind it, for statements that go on afterwards. */
export function takeExpression(cursor: Cursor): Expression {
	return asSnowflakeError(() => parseExpression(cursor));
}

/** Reads one query and leaves the cursor behind it. */
export function takeQuery(cursor: Cursor): Query {
	return asSnowflakeError(() => parseQuery(cursor));
}
