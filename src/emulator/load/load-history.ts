import type { CatalogObject, Context } from "../types.ts";
import { removeInternal, tableDirectory } from "./storage.ts";

const DAY = 86_400_000;
/** How long a table remembers which files COPY loaded into it. */
const TABLE_HISTORY_DAYS = 64;
/** How long a pipe does, and how far COPY_HISTORY goes back. */
const PIPE_HISTORY_DAYS = 14;

/** What became of a file. */
export type LoadStatus = "Loaded" | "Load failed" | "Partially loaded";

/** One file that was loaded, or that could not be. */
export interface LoadEntry {
	readonly tableId: number;
	readonly stageId: number | null;
	readonly pipeId: number | null;
	readonly at: number;
	/** When the pipe heard of the file. */
	readonly receivedAt: number | null;
	/** The file's whole name: `s3://bucket/path/file`. */
	readonly location: string;
	/** Its name relative to the stage. */
	readonly file: string;
	readonly etag: string;
	readonly size: number;
	readonly lastModified: number;
	readonly status: LoadStatus;
	readonly rowCount: number;
	readonly rowParsed: number;
	readonly errorLimit: number | null;
	readonly errorCount: number;
	readonly firstError: string | null;
	readonly firstErrorLine: number | null;
	readonly firstErrorCharacter: number | null;
	readonly firstErrorColumn: string | null;
}

const COLUMNS: readonly (readonly [keyof LoadEntry, string])[] = [
	["tableId", "table_id"],
	["stageId", "stage_id"],
	["pipeId", "pipe_id"],
	["at", "loaded_at"],
	["receivedAt", "received_at"],
	["location", "location"],
	["file", "file"],
	["etag", "etag"],
	["size", "size"],
	["lastModified", "last_modified"],
	["status", "status"],
	["rowCount", "row_count"],
	["rowParsed", "row_parsed"],
	["errorLimit", "error_limit"],
	["errorCount", "error_count"],
	["firstError", "first_error"],
	["firstErrorLine", "first_error_line"],
	["firstErrorCharacter", "first_error_character"],
	["firstErrorColumn", "first_error_column"],
];

/** Remembers what became of a file; in the statement's transaction, so that a rollback forgets it. */
export async function recordLoad(context: Context, entry: LoadEntry): Promise<void> {
	const values = COLUMNS.map(([key]) => {
		const value = entry[key];
		return typeof value === "number" ? BigInt(value) : value;
	});
	await context.engine(
		`INSERT INTO _load.history (${COLUMNS.map(([, name]) => name).join(", ")})
		 VALUES (${COLUMNS.map(() => "?").join(", ")})`,
		values,
	);
}

/** Names and checksums of the files that COPY loaded into a table: "unmodified files are not loaded again". */
export async function loadedByCopy(
	context: Context,
	tableId: number,
): Promise<ReadonlySet<string>> {
	const rows = await context.engine(
		`SELECT location, etag FROM _load.history
		 WHERE table_id = ? AND pipe_id IS NULL AND status <> 'Load failed' AND loaded_at > ?`,
		[BigInt(tableId), BigInt(context.clock.now() - TABLE_HISTORY_DAYS * DAY)],
	);
	return new Set(rows.map(([location, etag]) => loadKey(String(location), String(etag))));
}

/** A file's version, as the history of a table knows it. */
export function loadKey(location: string, etag: string): string {
	return `${location}\n${etag}`;
}

/** Names of the files a pipe loaded: by path and name alone, whatever they held. */
export async function loadedByPipe(context: Context, pipeId: number): Promise<ReadonlySet<string>> {
	const rows = await context.engine(
		"SELECT location FROM _load.history WHERE pipe_id = ? AND status <> 'Load failed' AND loaded_at > ?",
		[BigInt(pipeId), BigInt(context.clock.now() - PIPE_HISTORY_DAYS * DAY)],
	);
	return new Set(rows.map(([location]) => String(location)));
}

/**
 * Whether it cannot be known that a file was loaded: it and the table's first load are older than the history.
 * https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata
 */
export async function isUncertain(
	context: Context,
	tableId: number,
	lastModified: number,
): Promise<boolean> {
	const limit = context.clock.now() - TABLE_HISTORY_DAYS * DAY;
	if (lastModified >= limit) return false;
	const [row] = await context.engine(
		"SELECT min(loaded_at) FROM _load.history WHERE table_id = ? AND status <> 'Load failed'",
		[BigInt(tableId)],
	);
	const first = row?.[0];
	return first !== null && first !== undefined && Number(first) < limit;
}

/**
 * Forgets what was loaded into a table: TRUNCATE "also deletes the load metadata", and so does dropping it.
 * What a pipe has loaded the pipe remembers; only the table's history no longer tells of it.
 */
export async function forgetTableLoads(context: Context, tableId: number): Promise<void> {
	const table = [BigInt(tableId)];
	await context.engine("DELETE FROM _load.history WHERE table_id = ? AND pipe_id IS NULL", table);
	await context.engine("UPDATE _load.history SET table_id = NULL WHERE table_id = ?", table);
}

/** Forgets the loads and deletes the staged files of a table that is gone. */
export async function dropTableLoads(
	context: Context,
	table: Pick<CatalogObject, "id">,
): Promise<void> {
	await forgetTableLoads(context, table.id);
	await removeInternal(context.account.options, tableDirectory(table));
}
