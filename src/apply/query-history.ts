import { formatIdentifier, formatString, type QualifiedName } from "../model/identifier.ts";
import type { Connection } from "../model/port.ts";

/** What became of a statement whose answer was lost. */
export type Fate =
	| { readonly state: "running" | "succeeded"; readonly queryId: string }
	| {
			readonly state: "failed";
			readonly queryId: string;
			readonly code: string;
			readonly message: string;
	  }
	/** The account knows nothing of it. `proven` when it shows what the same deployment sent just before, so that it would show this too. */
	| { readonly state: "absent"; readonly proven: boolean };

/** The most rows QUERY_HISTORY gives. */
const MOST = 10_000;
/** How far QUERY_HISTORY goes back: seven days, short of an hour, since a time at the border is refused. */
const HOURS = 167;
const MINUTE = 60_000;
/** How far the clocks of the account and of the machine that wrote the journal may be apart. */
const SKEW = 60 * MINUTE;

function fateOf(row: Readonly<Record<string, string | null>>): Fate {
	const queryId = row.QUERY_ID ?? "";
	const status = (row.EXECUTION_STATUS ?? "").toUpperCase();
	if (status === "SUCCESS") return { state: "succeeded", queryId };
	if (status.startsWith("FAILED"))
		return {
			state: "failed",
			queryId,
			code: (row.ERROR_CODE ?? "").padStart(6, "0"),
			message: row.ERROR_MESSAGE ?? "",
		};
	return { state: "running", queryId };
}

/**
 * The call of QUERY_HISTORY for what ended since a time. A range that begins more than seven days ago is an error, so it
 * begins later then; RESULT_LIMIT and the range apply before any filter.
 * https://docs.snowflake.com/en/sql-reference/functions/query_history
 */
export function historySince(
	database: string,
	since: string,
	{ until, limit = MOST }: { readonly until?: string; readonly limit?: number } = {},
): string {
	const weekAgo = `DATEADD(HOUR, -${HOURS}, CURRENT_TIMESTAMP())`;
	const from = `GREATEST(${formatString(since)}::TIMESTAMP_LTZ, ${weekAgo})`;
	const to =
		until === undefined ? "" : `, END_TIME_RANGE_END => ${formatString(until)}::TIMESTAMP_LTZ`;
	return `TABLE(${formatIdentifier(database)}.INFORMATION_SCHEMA.QUERY_HISTORY(END_TIME_RANGE_START => ${from}${to}, RESULT_LIMIT => ${limit}))`;
}

/**
 * Looks a statement up by its tag, which no other statement of the deployment has. The range begins shortly before
 * the statement was sent.
 */
export async function fateByTag(
	connection: Connection,
	records: QualifiedName,
	tag: string,
	sentAfter: Date,
): Promise<Fate> {
	const from = new Date(sentAfter.getTime() - SKEW).toISOString().replace("T", " ");
	const deployment = tag.split("/").slice(0, 2).join("/");
	const { rows } = await connection.execute(
		`SELECT QUERY_ID, QUERY_TAG, EXECUTION_STATUS, ERROR_CODE, ERROR_MESSAGE FROM ${historySince(records[0] ?? "", from)} WHERE STARTSWITH(QUERY_TAG, ${formatString(`${deployment}/`)}) ORDER BY START_TIME DESC`,
	);
	const found = rows.find((row) => row.QUERY_TAG === tag);
	if (found) return fateOf(found);
	return {
		state: "absent",
		proven: rows.some((row) => (row.QUERY_TAG ?? "").startsWith(`${deployment}/journal/`)),
	};
}
