import type { Relation } from "../../sql/scope.ts";
import type { Account, Context } from "../../types.ts";
import { fixedType, textType, timeType } from "../data-type.ts";
import { compilationError } from "../errors.ts";
import type { History, HistoryEntry } from "../history.ts";
import { holdsAny } from "../privileges.ts";
import { type RowsColumn, relationOfRows } from "./relation-of-rows.ts";
import type { Arguments } from "./table-functions.ts";

const TEXT = textType();
const NUMBER = fixedType();
const MOMENT = timeType("TIMESTAMP_LTZ", 3);

const text = (
	name: string,
	value: (entry: HistoryEntry) => string | null,
): RowsColumn<HistoryEntry> => ({ name, type: TEXT, value });

const number = (
	name: string,
	value: (entry: HistoryEntry) => number | null,
): RowsColumn<HistoryEntry> => ({ name, type: NUMBER, value });

/** The columns that the local account can fill. https://docs.snowflake.com/en/sql-reference/functions/query_history */
const COLUMNS: readonly RowsColumn<HistoryEntry>[] = [
	text("QUERY_ID", (entry) => entry.id),
	text("QUERY_TEXT", (entry) => entry.text),
	text("DATABASE_NAME", (entry) => entry.database),
	text("SCHEMA_NAME", (entry) => entry.schema),
	text("QUERY_TYPE", (entry) => entry.type),
	number("SESSION_ID", (entry) => entry.session),
	text("USER_NAME", (entry) => entry.user),
	text("ROLE_NAME", (entry) => entry.role),
	text("WAREHOUSE_NAME", (entry) => entry.warehouse),
	text("WAREHOUSE_SIZE", () => null),
	text("WAREHOUSE_TYPE", () => null),
	text("QUERY_TAG", (entry) => entry.tag),
	text("EXECUTION_STATUS", (entry) => entry.status),
	text("ERROR_CODE", (entry) => entry.errorCode),
	text("ERROR_MESSAGE", (entry) => entry.errorMessage),
	{ name: "START_TIME", type: MOMENT, value: (entry) => entry.startedOn },
	// "If the query is still running, the END_TIME is the UNIX epoch."
	{ name: "END_TIME", type: MOMENT, value: (entry) => entry.endedOn ?? 0 },
	number("TOTAL_ELAPSED_TIME", (entry) =>
		entry.endedOn === null ? null : entry.endedOn - entry.startedOn,
	),
	number("ROWS_PRODUCED", (entry) => entry.rows),
];

/** The history is the account's own, beside what the contract promises. */
function historyOf(account: Account): History {
	return (account as Account & { readonly history: History }).history;
}

function moment(value: string | null | undefined): number | undefined {
	if (value === null || value === undefined) return undefined;
	const time = /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
	if (Number.isNaN(time))
		throw compilationError("100040", "22007", `Timestamp '${value}' is not recognized`);
	return time;
}

const DAYS = 7;

/** A bound of the time range: "if the time range does not fall within the last 7 days, an error is returned". */
function bound(context: Context, given: Arguments, name: string): number | undefined {
	const at = moment(given.get(name));
	if (at !== undefined && at < context.clock.now() - DAYS * 86_400_000)
		throw compilationError(
			"100351",
			"22023",
			`Cannot retrieve data from more than ${DAYS} days ago.`,
		);
	return at;
}

/**
 * Whose statements the session may see: its user's own, and those on warehouses that its role may MONITOR or OPERATE.
 * https://docs.snowflake.com/en/sql-reference/functions/query_history#usage-notes
 */
function visible(context: Context): (entry: HistoryEntry) => boolean {
	const monitored = new Set(
		context.catalog
			.list("WAREHOUSE")
			.filter((warehouse) => holdsAny(context, warehouse, ["MONITOR", "OPERATE"]))
			.map(({ name }) => name),
	);
	return ({ user, warehouse }) =>
		user === context.session.user || (warehouse !== null && monitored.has(warehouse));
}

/**
 * TABLE(INFORMATION_SCHEMA.QUERY_HISTORY…): the latest RESULT_LIMIT statements of the range (100 unless given,
 * 10,000 at the most), latest first. The limit counts before any WHERE.
 */
export async function queryHistory(
	context: Context,
	given: Arguments,
	matches: (entry: HistoryEntry) => boolean,
): Promise<Relation> {
	const limit = Number(given.get("RESULT_LIMIT") ?? 100);
	if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
		throw compilationError("001044", "42P13", "RESULT_LIMIT must be between 1 and 10000.");
	const start = bound(context, given, "END_TIME_RANGE_START");
	const end = bound(context, given, "END_TIME_RANGE_END");
	const isVisible = visible(context);
	const rows = historyOf(context.account)
		.list()
		.filter((entry) => {
			// What still runs ends after any time, so a range with an end leaves it out.
			const at = entry.endedOn ?? Number.POSITIVE_INFINITY;
			return (
				isVisible(entry) &&
				matches(entry) &&
				(start === undefined || at >= start) &&
				(end === undefined || at <= end)
			);
		})
		.slice(-limit)
		.reverse();
	return relationOfRows(rows, COLUMNS);
}
