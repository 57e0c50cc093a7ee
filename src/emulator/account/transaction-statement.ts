import type { Statement } from "../../parse/statement.ts";
import { statusResult } from "../ddl/result.ts";
import { requireEnd } from "../ddl/shared.ts";
import type { Result, Session } from "../types.ts";

/** The statements that begin and end transactions. */
export const TRANSACTION_STATEMENTS = ["BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION"] as const;

/** Whether a statement is BEGIN, COMMIT or ROLLBACK of a transaction; a scripting block begins with BEGIN too. */
export function endsTransaction(statement: Statement): statement is Statement & { verb: "OTHER" } {
	if (statement.verb !== "OTHER") return false;
	const second = statement.tokens[1]?.value;
	switch (statement.first) {
		case "COMMIT":
		case "ROLLBACK":
			return true;
		case "START":
			return second === "TRANSACTION";
		case "BEGIN":
			return second === undefined || ["TRANSACTION", "WORK", "NAME"].includes(second);
		default:
			return false;
	}
}

/**
 * Runs BEGIN, COMMIT or ROLLBACK. BEGIN inside a transaction is ignored, and so are COMMIT and ROLLBACK outside.
 * https://docs.snowflake.com/en/sql-reference/transactions#explicit-transactions
 */
export async function transactionStatement(
	statement: Statement & { verb: "OTHER" },
	session: Session,
	actions: { begin(): Promise<void>; commit(): Promise<void>; rollback(): Promise<void> },
): Promise<Result> {
	const rest = statement.rest();
	if (!rest.take("TRANSACTION")) rest.take("WORK");
	if (rest.take("NAME")) rest.expectIdentifier();
	requireEnd(rest);
	if (statement.first === "COMMIT") await actions.commit();
	else if (statement.first === "ROLLBACK") await actions.rollback();
	else if (!session.inTransaction) {
		session.inTransaction = true;
		await actions.begin();
	}
	return statusResult();
}
