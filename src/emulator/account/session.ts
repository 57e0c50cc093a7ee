import type { DuckDBConnection } from "@duckdb/node-api";
import type { Session } from "../types.ts";
import type { Transaction } from "./transaction.ts";

/** A session with what only the account itself touches. */
export interface OpenSession extends Session {
	readonly transaction: Transaction;
	/** Statements of the session that run or wait. */
	running: number;
	/** When the last of its statements ended, by the account's clock. */
	idleSince: number;
}

/** A session as it is after login. */
export function createSession(
	id: number,
	user: string,
	connection: DuckDBConnection,
	transaction: Transaction,
	now: number,
): OpenSession {
	return {
		id,
		user,
		role: "ACCOUNTADMIN",
		database: undefined,
		schema: undefined,
		warehouse: undefined,
		parameters: new Map(),
		variables: new Map(),
		queryIds: [],
		connection,
		inTransaction: false,
		transaction,
		running: 0,
		idleSince: now,
	};
}
