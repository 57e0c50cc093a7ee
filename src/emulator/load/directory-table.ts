import { fixedType, textType, timeType } from "../account/data-type.ts";
import {
	columnsJson,
	engineString,
	physicalColumn,
	physicalTable,
	plainColumn,
	ROW_ID,
} from "../account/storage.ts";
import { textResult } from "../ddl/result.ts";
import { fullName } from "../ddl/shared.ts";
import { createPhysicalTable, dropPhysicalTable } from "../ddl/table/physical.ts";
import { captureBefore, dropLog, recordChanges } from "../run/change-log.ts";
import type { CatalogObject, Column, Context, Result } from "../types.ts";
import { listFiles, relativeName, stageLocation } from "./location.ts";
import { stageProperties, stageSettings } from "./stage-settings.ts";
import type { StoredFile } from "./storage.ts";

const TEXT = textType();

/** The columns that the engine keeps: all but FILE_URL, which names the stage, and a stage may be renamed. */
const COLUMNS: readonly Column[] = [
	plainColumn("RELATIVE_PATH", TEXT),
	plainColumn("SIZE", fixedType()),
	plainColumn("LAST_MODIFIED", timeType("TIMESTAMP_TZ", 3)),
	plainColumn("MD5", TEXT),
	plainColumn("ETAG", TEXT),
];

const [PATH = "", SIZE = "", MODIFIED = "", MD5 = "", ETAG = ""] = COLUMNS.map(({ name }) =>
	physicalColumn(name),
);

/**
 * The directory of a stage as a table: of the same id and place, with the columns that are kept. It has row ids
 * and a change log as other tables have, so streams on it need nothing of their own. Undefined where the stage
 * has no directory.
 */
export function directoryTable(stage: CatalogObject): CatalogObject | undefined {
	if (!stageSettings(stage).directory.enable) return undefined;
	return { ...stage, properties: { ...stage.properties, columns: columnsJson(COLUMNS) } };
}

/** Makes the engine's table of a directory where it is not there yet. */
export async function prepareDirectory(
	context: Context,
	stage: Pick<CatalogObject, "id">,
): Promise<void> {
	const rows = await context.engine(
		`SELECT 1 FROM duckdb_tables() WHERE schema_name = 'data' AND table_name = 't${stage.id}'`,
	);
	if (rows.length === 0) await createPhysicalTable(context, stage, COLUMNS);
}

/** The one column that is computed, and its expression over the others. */
export function fileUrl(stage: CatalogObject): { readonly column: Column; readonly sql: string } {
	const root = `https://local.snowflakecomputing.com/api/files/${fullName(stage)}/`;
	return { column: plainColumn("FILE_URL", TEXT), sql: `${engineString(root)} || ${PATH}` };
}

/** A moment as the engine keeps TIMESTAMP_TZ, in UTC. */
const momentOf = (milliseconds: number): string =>
	`{'utc': make_timestamp(${BigInt(Math.trunc(milliseconds)) * 1000n}), 'minutes': 0}`;

function valuesOf(path: string, file: StoredFile): string {
	const { size, lastModified, etag } = file;
	const [name, md5] = [engineString(path), engineString(etag)];
	return `${name}, ${BigInt(size)}, ${momentOf(lastModified)}, ${md5}, ${md5}`;
}

/**
 * Brings a stage's directory table up to the files that are there, as ALTER STAGE … REFRESH does, and answers
 * what it did with each. https://docs.snowflake.com/en/user-guide/data-load-dirtables-manage
 */
export async function refreshDirectory(
	context: Context,
	stage: CatalogObject,
	subpath = "",
): Promise<Result> {
	const table = directoryTable(stage);
	if (!table) throw new Error(`stage ${stage.name} has no directory table`);
	const location = stageLocation(context, stage, subpath);
	await prepareDirectory(context, table);
	const capture = await captureBefore(context, table, "change");
	const directory = physicalTable(table);
	const known = new Map(
		(
			await context.engine(
				`SELECT ${PATH}, ${MD5}, epoch_ms(${MODIFIED}.utc), ${ROW_ID} FROM ${directory}`,
			)
		).map(([path, md5, modified, id]) => [
			String(path),
			{ md5: String(md5), modified: Number(modified), id: BigInt(String(id)) },
		]),
	);
	const rows: [string, string, string][] = [];
	const seen = new Set<string>();
	for (const file of await listFiles(location)) {
		const path = relativeName(location, file);
		const before = known.get(path);
		seen.add(path);
		if (before?.md5 === file.etag && before.modified === Math.trunc(file.lastModified)) continue;
		const values = valuesOf(path, file);
		const list = [PATH, SIZE, MODIFIED, MD5, ETAG].join(", ");
		if (before) {
			await context.engine(
				`UPDATE ${directory} SET (${list}) = (${values}) WHERE ${ROW_ID} = ${before.id}`,
			);
			rows.push([path, "REGISTERED_UPDATE", "File registered (updated) successfully."]);
		} else {
			await context.engine(`INSERT INTO ${directory} (${list}) VALUES (${values})`);
			rows.push([path, "REGISTERED_NEW", "File registered successfully."]);
		}
	}
	for (const [path, { id }] of known) {
		if (seen.has(path) || !path.startsWith(subpath)) continue;
		await context.engine(`DELETE FROM ${directory} WHERE ${ROW_ID} = ${id}`);
		rows.push([path, "UNREGISTERED", "File unregistered successfully."]);
	}
	await recordChanges(context, capture);
	const settings = stageSettings(stage);
	await context.catalog.update({
		...stage,
		properties: stageProperties({
			...settings,
			directory: { ...settings.directory, lastRefreshedOn: context.clock.now() },
		}),
	});
	return textResult(["file", "status", "description"], rows);
}

/** Drops a stage's directory table with its history; a stream on it stays stale, also when there is a new one. */
export async function dropDirectory(context: Context, stage: CatalogObject): Promise<void> {
	await dropPhysicalTable(context, stage);
	await dropLog(context, stage);
	await context.engine(`UPDATE _run.offsets SET read_at = 0 WHERE table_id = ${stage.id}`);
}
