import type { Cursor } from "../../parse/cursor.ts";
import { statusResult } from "../ddl/result.ts";
import { requireEnd, unexpectedAt } from "../ddl/shared.ts";
import { compileExpression } from "../sql/compile.ts";
import { readExpression } from "../sql/parse.ts";
import type { Context, Handler, Json } from "../types.ts";
import { compilationError } from "./errors.ts";
import { statementScope } from "./scope/scope.ts";
import { wireCell } from "./wire.ts";

/** "The size of string or binary variables is limited to 256 bytes." */
const LONGEST = 256;

async function evaluate(context: Context, cursor: Cursor): Promise<Json> {
	const compiled = await compileExpression(readExpression(cursor), statementScope(context));
	const [row] = await context.engine(`SELECT ${compiled.sql}`);
	const text = wireCell(row?.[0], compiled.type);
	if (text === null) return null;
	if (compiled.type.base === "BOOLEAN") return text === "1";
	if (compiled.type.base === "FIXED" && Number.isSafeInteger(Number(text))) return Number(text);
	if (Buffer.byteLength(text) > LONGEST)
		throw compilationError(
			"000805",
			"54000",
			`Assignment to session variable not done because value exceeds size limit ${LONGEST}.`,
		);
	return text;
}

/** `SET name = value` and `SET (a, b) = (x, y)`. https://docs.snowflake.com/en/sql-reference/sql/set */
export const set: Handler = async (context, statement) => {
	const rest = statement.rest();
	const { variables } = context.session;
	if (!rest.looksAt("(")) {
		const name = rest.expectIdentifier();
		rest.expect("=");
		variables.set(name, await evaluate(context, rest));
		return statusResult();
	}
	const names = rest.expectGroup().splitAt();
	rest.expect("=");
	const values = rest.expectGroup().splitAt();
	requireEnd(rest);
	if (names.length !== values.length) throw unexpectedAt(rest);
	for (const [i, name] of names.entries()) {
		const value = values[i];
		if (value) variables.set(name.expectIdentifier(), await evaluate(context, value));
	}
	return statusResult();
};
