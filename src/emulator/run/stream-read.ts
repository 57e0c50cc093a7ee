import { simpleType, textType } from "../account/data-type.ts";
import { effectiveParameter } from "../account/parameters.ts";
import { physicalColumn, physicalTable, ROW_ID, storedColumns } from "../account/storage.ts";
import { SnowflakeError } from "../error.ts";
import { directoryTable, fileUrl } from "../load/directory-table.ts";
import type { Relation } from "../sql/scope.ts";
import type { CatalogObject, Context, SqlType } from "../types.ts";
import { horizon, loggedColumns, logRelation, rowValue } from "./change-log.ts";

/** The columns a stream adds to those of its source, in order. */
export const METADATA_COLUMNS: readonly (readonly [name: string, type: SqlType])[] = [
	["METADATA$ACTION", textType(10)],
	["METADATA$ISUPDATE", simpleType("BOOLEAN")],
	["METADATA$ROW_ID", textType(40)],
];

/** Where a stream stands; kept in the engine, so that it moves with the transaction that read the stream. */
export interface Offset {
	readonly version: bigint;
	/** When the stream was last consumed or found empty; milliseconds of the account's clock. */
	readonly readAt: number;
	/** True until a stream with SHOW_INITIAL_ROWS is consumed for the first time. */
	readonly initial: boolean;
}

/** The offset of a stream. */
export async function readOffset(context: Context, stream: CatalogObject): Promise<Offset> {
	const [row] = await context.engine(
		`SELECT version, read_at, initial FROM _run.offsets WHERE stream_id = ${stream.id}`,
	);
	if (!row) throw new Error(`stream ${stream.name} has no offset`);
	return { version: BigInt(String(row[0])), readAt: Number(row[1]), initial: row[2] === true };
}

/** Gives a stream its offset; replaces one it has. */
export async function writeOffset(
	context: Context,
	stream: CatalogObject,
	source: CatalogObject,
	offset: Offset,
): Promise<void> {
	// No table is the source of a stream on a view: its offset is a version of all of them.
	const table = source.kind === "VIEW" ? 0 : source.id;
	await removeOffset(context, stream);
	await context.engine(
		`INSERT INTO _run.offsets VALUES (${stream.id}, ${table}, ${offset.version}, ${offset.readAt}, ${offset.initial})`,
	);
}

/**
 * Makes the streams on a table stale, those on views over it too: "swapping a table drops its change data".
 * https://docs.snowflake.com/en/sql-reference/sql/create-table#usage-notes
 */
export async function loseChanges(context: Context, tableId: number): Promise<void> {
	for (const stream of context.catalog.list("STREAM"))
		if (baseTables(context, stream)?.some((base) => base.id === tableId))
			await context.engine(`UPDATE _run.offsets SET read_at = 0 WHERE stream_id = ${stream.id}`);
}

/** Forgets the offset of a stream that was dropped. */
export async function removeOffset(context: Context, stream: CatalogObject): Promise<void> {
	await context.engine(`DELETE FROM _run.offsets WHERE stream_id = ${stream.id}`);
}

/** The latest version of a table, or the latest for which an engine condition on `_run.versions` holds. */
export async function latestVersion(
	context: Context,
	table: CatalogObject,
	condition = "true",
): Promise<bigint | undefined> {
	const [row] = await context.engine(
		`SELECT max(version) FROM _run.versions WHERE table_id = ${table.id} AND (${condition})`,
	);
	return row?.[0] === null || row?.[0] === undefined ? undefined : BigInt(String(row[0]));
}

/**
 * The table whose changes a stream tells, by id: a new object of the same name is not it. Of a stage it is the
 * directory, which stands for the stage here.
 */
export function streamSource(context: Context, stream: CatalogObject): CatalogObject | undefined {
	const source = context.catalog.byId(Number(stream.properties.sourceId));
	return source?.kind === "STAGE" ? directoryTable(source) : source;
}

/** The tables whose versions count for a stream: its source, or those beneath a view; undefined where one is gone. */
export function baseTables(
	context: Context,
	stream: CatalogObject,
): readonly CatalogObject[] | undefined {
	if (stream.properties.on !== "VIEW") {
		const source = streamSource(context, stream);
		return source && [source];
	}
	const bases = (stream.properties.baseIds as readonly number[]).map((id) =>
		context.catalog.byId(id),
	);
	return bases.every((base) => base !== undefined) ? bases : undefined;
}

const DAY = 86_400_000;

/**
 * When a stream goes stale: the larger of the source's two retention parameters after it was last read.
 * https://docs.snowflake.com/en/sql-reference/sql/show-streams#output
 */
export function staleAfter(
	context: Context,
	bases: readonly CatalogObject[],
	offset: Offset,
): number {
	const days = bases.map((base) =>
		Math.max(
			...["DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS"].map((name) =>
				Number(effectiveParameter(context, base, name).value),
			),
		),
	);
	return offset.readAt + Math.min(...days) * DAY;
}

/** The source of a stream that can be read; throws Snowflake's error for one that cannot. */
export async function readableSource(
	context: Context,
	stream: CatalogObject,
): Promise<{
	readonly source: CatalogObject;
	readonly bases: readonly CatalogObject[];
	readonly offset: Offset;
}> {
	const source = streamSource(context, stream);
	const bases = baseTables(context, stream);
	if (!source || !bases)
		throw new SnowflakeError(
			"091901",
			"01000",
			`Base table '${String(stream.properties.sourceName)}' dropped, cannot read from stream '${stream.name}'`,
		);
	const offset = await readOffset(context, stream);
	if (context.clock.now() > staleAfter(context, bases, offset))
		throw new SnowflakeError(
			"091904",
			"01000",
			`Stream '${stream.name}' is stale: its offset is outside the data retention period of '${source.name}'. Recreate the stream`,
		);
	return { source, bases, offset };
}

/** A stretch of a table's history: after `from`, up to and with `to`. */
export interface Stretch {
	readonly from: bigint;
	readonly to: bigint;
}

/** What happened to a table in a stretch, as common table expressions: `c` all, `d` first removals, `i` last writes. */
function changesIn(source: CatalogObject, { from, to }: Stretch): string {
	const ranked = (order: string): string =>
		`SELECT * FROM c QUALIFY row_number() OVER (PARTITION BY ${ROW_ID} ORDER BY __version ${order}, __seq ${order}) = 1`;
	return `c AS (SELECT l.*, v.version AS __version FROM ${logRelation(source)} l
		JOIN _run.versions v ON v.batch = l.__batch AND v.table_id = ${source.id}
		WHERE v.version > ${from} AND v.version <= ${to}),
		d AS (SELECT * FROM (${ranked("ASC")}) WHERE __action = 'D'),
		i AS (SELECT * FROM (${ranked("DESC")}) WHERE __action = 'I')`;
}

function columnList(source: CatalogObject, alias: string): string {
	return loggedColumns(source)
		.map((column) => `${alias}.${column}, `)
		.join("");
}

function metadata(source: CatalogObject, action: string, isUpdate: string, alias: string): string {
	const [actionColumn, updateColumn, rowColumn] = METADATA_COLUMNS.map(([name]) =>
		physicalColumn(name),
	);
	return `'${action}' AS ${actionColumn}, ${isUpdate} AS ${updateColumn},
		sha1('${source.id}:' || ${alias}.${ROW_ID}) AS ${rowColumn}`;
}

/**
 * The net change of each row: what it was at the offset against what it is now. A row that came and went is
 * not there; a row that was changed is a DELETE and an INSERT, both marked as update.
 */
function netChanges(source: CatalogObject, stretch: Stretch): string {
	const side = (one: "i" | "d", other: "i" | "d", action: string): string =>
		`SELECT ${columnList(source, one)}${metadata(source, action, `${other}.${ROW_ID} IS NOT NULL`, one)}
		 FROM ${one} LEFT JOIN ${other} ON ${one}.${ROW_ID} = ${other}.${ROW_ID}
		 WHERE ${other}.${ROW_ID} IS NULL OR ${rowValue(source, "i")} IS DISTINCT FROM ${rowValue(source, "d")}`;
	return `WITH ${changesIn(source, stretch)} ${side("i", "d", "INSERT")} UNION ALL ${side("d", "i", "DELETE")}`;
}

/** Every inserted row, as it was inserted, whatever became of it. */
export function insertedRows(source: CatalogObject, stretch: Stretch): string {
	return `WITH ${changesIn(source, stretch)}
		SELECT ${columnList(source, "c")}${metadata(source, "INSERT", "false", "c")}
		FROM c WHERE __action = 'I' AND NOT __update`;
}

/** The rows of a table as they were at a version: the table now, with everything since taken back. */
export function rowsAt(source: CatalogObject, version: bigint): string {
	return `WITH s AS (SELECT l.* FROM ${logRelation(source)} l
			LEFT JOIN _run.versions v ON v.batch = l.__batch AND v.table_id = ${source.id}
			WHERE v.version IS NULL OR v.version > ${version}),
		f AS (SELECT * FROM s QUALIFY row_number() OVER (PARTITION BY ${ROW_ID} ORDER BY __seq) = 1)
		SELECT ${columnList(source, "t")}${metadata(source, "INSERT", "false", "t")}
		FROM ${physicalTable(source)} t WHERE t.${ROW_ID} NOT IN (SELECT ${ROW_ID} FROM s)
		UNION ALL SELECT ${columnList(source, "f")}${metadata(source, "INSERT", "false", "f")}
		FROM f WHERE f.__action = 'D'`;
}

/** What a stream returns now: the changes since its offset, in the columns of its source and three more. */
export async function streamRelation(context: Context, stream: CatalogObject): Promise<Relation> {
	const { source, offset } = await readableSource(context, stream);
	const stretch = { from: offset.version, to: await horizon(context) };
	const query = offset.initial
		? rowsAt(source, offset.version)
		: stream.properties.mode === "APPEND_ONLY"
			? insertedRows(source, stretch)
			: netChanges(source, stretch);
	const url = source.kind === "STAGE" ? fileUrl(source) : undefined;
	const columns = [
		...[...storedColumns(source), ...(url ? [url.column] : [])].map(({ name, type }) => ({
			name,
			type,
		})),
		...METADATA_COLUMNS.map(([name, type]) => ({ name, type })),
	];
	const computed = url && `SELECT *, ${url.sql} AS ${physicalColumn(url.column.name)}`;
	return {
		columns: columns.map((column) => ({ ...column, sql: physicalColumn(column.name) })),
		from: computed ? `(${computed} FROM (${query}))` : `(${query})`,
		reads: [stream.id, source.id],
	};
}

/**
 * SYSTEM$STREAM_HAS_DATA: whether anything was changed since the offset. Like Snowflake's it compares versions,
 * so rows that came and went count. Asking about an empty stream keeps it from going stale.
 * https://docs.snowflake.com/en/sql-reference/functions/system_stream_has_data
 */
export async function streamHasData(context: Context, stream: CatalogObject): Promise<boolean> {
	const { bases, offset } = await readableSource(context, stream);
	const inserts =
		stream.properties.mode === "APPEND_ONLY" ? "AND __action = 'I' AND NOT __update" : "";
	const to = await horizon(context);
	for (const base of bases) {
		const query = offset.initial
			? rowsAt(base, offset.version)
			: `WITH ${changesIn(base, { from: offset.version, to })} SELECT 1 FROM c WHERE true ${inserts}`;
		const rows = await context.engine(`SELECT 1 FROM (${query}) LIMIT 1`);
		if (rows.length > 0) return true;
	}
	const now = context.clock.now();
	if (offset.readAt < now && !context.session.inTransaction)
		await context.engine(`UPDATE _run.offsets SET read_at = ${now} WHERE stream_id = ${stream.id}`);
	return false;
}

/**
 * SYSTEM$STREAM_GET_TABLE_TIMESTAMP: the moment of the source's version at the offset, in nanoseconds.
 * https://docs.snowflake.com/en/sql-reference/functions/system_stream_get_table_timestamp
 */
export async function streamTableTimestamp(
	context: Context,
	stream: CatalogObject,
): Promise<string> {
	const { bases, offset } = await readableSource(context, stream);
	const ids = bases.map((base) => base.id).join(", ");
	const [row] = await context.engine(
		`SELECT max(ended_at) FROM _run.versions WHERE table_id IN (${ids}) AND version <= ${offset.version}`,
	);
	return String(row?.[0]);
}
