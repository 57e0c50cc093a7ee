import { driverParameters } from "../account/parameters.ts";
import { STATEMENT_TYPE } from "../account/statement-type.ts";
import { wireType } from "../account/wire.ts";
import type { SnowflakeError } from "../error.ts";
import type { Account, Json, Result, ResultColumn, Session } from "../types.ts";

/** A reply in the driver's envelope. Statements that fail answer HTTP 200 as well: drivers retry anything else. */
export interface Reply {
	readonly success: boolean;
	readonly code: string | null;
	readonly message: string | null;
	readonly data: { readonly [key: string]: Json } | null;
}

/** A reply that is right. */
export function okReply(data: Reply["data"], code: string | null = null): Reply {
	return { success: true, code, message: null, data };
}

/** A reply about the connection rather than a statement, such as 390112 (session expired). */
export function connectionError(code: string, message: string): Reply {
	return { success: false, code, message, data: null };
}

/** A statement's error in Snowflake's form. */
export function errorReply(error: SnowflakeError): Reply {
	const { code, sqlState, line, pos, queryId, message } = error;
	return {
		success: false,
		code,
		message,
		data: {
			internalError: false,
			errorCode: code,
			sqlState,
			queryId: queryId ?? null,
			line: line ?? -1,
			pos: pos ?? -1,
			type:
				code === "001003" || message.startsWith("SQL compilation error")
					? "COMPILATION"
					: "EXECUTION",
		},
	};
}

function rowType(column: ResultColumn): Json {
	return {
		name: column.name,
		database: "",
		schema: "",
		table: "",
		nullable: column.nullable ?? true,
		collation: null,
		...wireType(column.type),
	};
}

/** What tells a driver where its session stands after a statement. */
function finalContext(session: Session): { readonly [key: string]: Json } {
	return {
		finalDatabaseName: session.database ?? null,
		finalSchemaName: session.schema ?? null,
		finalWarehouseName: session.warehouse ?? null,
		finalRoleName: session.role,
	};
}

/** A statement's result. Rows are always inline JSON: every driver reads that, and nothing is fetched elsewhere. */
export function resultReply(result: Result, session: Session, account: Account): Reply {
	if (result.transfer)
		return okReply({
			...result.transfer,
			queryId: result.queryId ?? null,
			...finalContext(session),
		});
	return okReply({
		parameters: driverParameters({ session, catalog: account.catalog }),
		rowtype: result.columns.map(rowType),
		rowset: result.rows,
		total: result.rows.length,
		returned: result.rows.length,
		queryId: result.queryId ?? "",
		databaseProvider: null,
		...finalContext(session),
		numberOfBinds: result.binds ?? 0,
		arrayBindSupported: result.statementTypeId === STATEMENT_TYPE.insert,
		statementTypeId: result.statementTypeId ?? STATEMENT_TYPE.select,
		version: 1,
		queryResultFormat: "json",
		sendResultTime: 0,
	});
}
