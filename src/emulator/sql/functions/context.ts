import { fixedType } from "../../account/data-type.ts";
import { duckdbType, engineString } from "../../account/storage.ts";
import type { ScopeSession } from "../scope.ts";
import { DATE, INTEGER, TEXT, TIME, TIMESTAMP_LTZ, TIMESTAMP_NTZ } from "../sql-type.ts";
import { NULL, type Typed, textLiteral, typed } from "../typed.ts";
import { type FunctionEntry, type FunctionTable, scalar } from "./entry.ts";

function told(value: (session: ScopeSession) => string | undefined): FunctionEntry {
	return scalar(0, 0, ({ session }) => {
		const text = value(session);
		return text === undefined
			? { ...NULL, untyped: false, sql: "CAST(NULL AS VARCHAR)" }
			: textLiteral(text);
	});
}

/** The account's clock as a literal in UTC. */
function utc(session: ScopeSession): string {
	return `CAST('${new Date(session.now).toISOString().replace("T", " ").replace("Z", "")}' AS TIMESTAMP)`;
}

/** The account's clock on the wall of the session. */
function local(session: ScopeSession): string {
	return `timezone(${engineString(session.timezone)}, ${now(session)})`;
}

function now(session: ScopeSession): string {
	return `timezone('UTC', ${utc(session)})`;
}

const timestamp = scalar(0, 1, ({ session }) => typed(now(session), TIMESTAMP_LTZ));
const localTime = scalar(0, 1, ({ session }) => typed(`CAST(${local(session)} AS TIME)`, TIME));

/** One row's number; the engine counts rows from 0 as SEQ does. */
const sequence: FunctionEntry = scalar(0, 1, () =>
	typed(`CAST(row_number() OVER () - 1 AS ${duckdbType(INTEGER)})`, fixedType(38, 0)),
);

/** What the session and the clock say. */
export const CONTEXT_FUNCTIONS: FunctionTable = {
	CURRENT_TIMESTAMP: timestamp,
	LOCALTIMESTAMP: timestamp,
	GETDATE: timestamp,
	SYSTIMESTAMP: timestamp,
	SYSDATE: scalar(0, 0, ({ session }): Typed => typed(utc(session), TIMESTAMP_NTZ)),
	CURRENT_DATE: scalar(0, 0, ({ session }) => typed(`CAST(${local(session)} AS DATE)`, DATE)),
	CURRENT_TIME: localTime,
	LOCALTIME: localTime,
	CURRENT_USER: told((session) => session.user),
	CURRENT_ROLE: told((session) => session.role),
	CURRENT_AVAILABLE_ROLES: told((session) => JSON.stringify(session.roles)),
	CURRENT_DATABASE: told((session) => session.database),
	CURRENT_SCHEMA: told((session) => session.schema),
	CURRENT_WAREHOUSE: told((session) => session.warehouse),
	CURRENT_ACCOUNT: told((session) => session.account),
	CURRENT_ACCOUNT_NAME: told((session) => session.account),
	CURRENT_ORGANIZATION_NAME: told((session) => session.organization),
	CURRENT_REGION: told((session) => session.region),
	CURRENT_SESSION: told((session) => String(session.id)),
	CURRENT_VERSION: told((session) => session.version),
	UUID_STRING: scalar(0, 0, () => typed("CAST(uuid() AS VARCHAR)", TEXT)),
	SEQ4: sequence,
	SEQ8: sequence,
};
