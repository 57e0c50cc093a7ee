import { type Connection, StatementError } from "../model/port.ts";

/** Snowflake's codes for "does not exist or not authorized". */
export const ABSENT: ReadonlySet<string> = new Set(["002003", "002043"]);

/** Snowflake's code for "already exists". */
export const EXISTS = "002002";

/** Whether a statement fails because what it names does not exist. */
export async function isMissing(connection: Connection, sql: string): Promise<boolean> {
	try {
		await connection.execute(sql);
		return false;
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return true;
		throw error;
	}
}
