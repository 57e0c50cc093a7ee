import { parseName } from "../../model/identifier.ts";
import { fixedType, textType, timeType } from "../account/data-type.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { type RowsColumn, relationOfRows } from "../account/scope/relation-of-rows.ts";
import type { Relation } from "../sql/scope.ts";
import type { CatalogObject, Context } from "../types.ts";
import { findPipe } from "./pipe-status.ts";

const TEXT = textType();
const NUMBER = fixedType();
const MOMENT = timeType("TIMESTAMP_LTZ", 3);
const DAY = 86_400_000;

type Row = Readonly<Record<string, unknown>>;

function text(name: string, value: (row: Row) => unknown): RowsColumn<Row> {
	return {
		name,
		type: TEXT,
		value: (row) => {
			const found = value(row);
			return found === null || found === undefined ? null : String(found);
		},
	};
}

function number(name: string, key: string, type = NUMBER): RowsColumn<Row> {
	return {
		name,
		type,
		value: (row) => {
			const found = row[key];
			return found === null || found === undefined ? null : Number(found);
		},
	};
}

const part = (object: unknown, key: keyof CatalogObject): unknown =>
	(object as CatalogObject | undefined)?.[key];

/** The columns of COPY_HISTORY. https://docs.snowflake.com/en/sql-reference/functions/copy_history */
const COLUMNS: readonly RowsColumn<Row>[] = [
	text("FILE_NAME", (row) => row.file),
	text("STAGE_LOCATION", (row) => {
		const [location, file] = [String(row.location), String(row.file)];
		return location.endsWith(file) ? location.slice(0, location.length - file.length) : location;
	}),
	number("LAST_LOAD_TIME", "loaded_at", MOMENT),
	number("ROW_COUNT", "row_count"),
	number("ROW_PARSED", "row_parsed"),
	number("FILE_SIZE", "size"),
	text("FIRST_ERROR_MESSAGE", (row) => row.first_error),
	number("FIRST_ERROR_LINE_NUMBER", "first_error_line"),
	number("FIRST_ERROR_CHARACTER_POS", "first_error_character"),
	text("FIRST_ERROR_COLUMN_NAME", (row) => row.first_error_column),
	number("ERROR_COUNT", "error_count"),
	number("ERROR_LIMIT", "error_limit"),
	text("STATUS", (row) => row.status),
	text("TABLE_CATALOG_NAME", (row) => part(row.table, "database")),
	text("TABLE_SCHEMA_NAME", (row) => part(row.table, "schema")),
	text("TABLE_NAME", (row) => part(row.table, "name")),
	text("PIPE_CATALOG_NAME", (row) => part(row.pipe, "database")),
	text("PIPE_SCHEMA_NAME", (row) => part(row.pipe, "schema")),
	text("PIPE_NAME", (row) => part(row.pipe, "name")),
	number("PIPE_RECEIVED_TIME", "received_at", MOMENT),
	number("BYTES_BILLED", "billed"),
];

const READ = [
	"table_id",
	"pipe_id",
	"loaded_at",
	"received_at",
	"location",
	"file",
	"size",
	"status",
	"row_count",
	"row_parsed",
	"error_limit",
	"error_count",
	"first_error",
	"first_error_line",
	"first_error_character",
	"first_error_column",
] as const;

function moment(value: string | null | undefined): number | undefined {
	if (value === null || value === undefined) return undefined;
	const time = Date.parse(value);
	if (!Number.isNaN(time)) return time;
	throw compilationError("001008", "22023", `invalid value [${value}] for a time of COPY_HISTORY`);
}

/**
 * COPY_HISTORY of a table: what COPY and pipes loaded into it in the last 14 days. Both are gone with their table or
 * pipe: "recreating a table or pipe object removes the historical data".
 */
export async function copyHistory(
	context: Context,
	given: ReadonlyMap<string, string | null>,
): Promise<Relation> {
	for (const name of given.keys())
		if (!["TABLE_NAME", "START_TIME", "END_TIME", "PIPE_NAME"].includes(name))
			throw compilationError("001015", "22023", `invalid argument ${name} of COPY_HISTORY`);
	const written = given.get("TABLE_NAME");
	const start = moment(given.get("START_TIME"));
	if (!written || start === undefined)
		throw compilationError("000938", "22023", "not enough arguments for function [COPY_HISTORY]");
	const name = context.qualify(parseName(written) ?? [written], "schema");
	const table = context.catalog.find("TABLE", name);
	if (!table) throw doesNotExist("TABLE", name);
	const now = context.clock.now();
	const end = moment(given.get("END_TIME")) ?? now;
	const pipeName = given.get("PIPE_NAME");
	const pipe = pipeName ? findPipe(context, pipeName) : undefined;
	const rows = await context.engine(
		`SELECT ${READ.join(", ")} FROM _load.history
		 WHERE table_id = ? AND loaded_at >= ? AND loaded_at <= ?${pipe ? ` AND pipe_id = ${pipe.id}` : ""}
		 ORDER BY loaded_at, location`,
		[BigInt(table.id), BigInt(Math.max(start, now - 14 * DAY)), BigInt(end)],
	);
	const records = rows.map((row): Row => {
		const record: Record<string, unknown> = { table };
		for (const [i, key] of READ.entries()) record[key] = row[i];
		if (record.pipe_id !== null) {
			record.pipe = context.catalog.byId(Number(record.pipe_id));
			record.billed = record.size;
		}
		return record;
	});
	return relationOfRows(records, COLUMNS);
}
