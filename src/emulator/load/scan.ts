import { appendFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixedType, simpleType, textType, timeType } from "../account/data-type.ts";
import { engineString } from "../account/storage.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { RelationColumn } from "../sql/scope.ts";
import type { Account, Context, Session } from "../types.ts";
import { decompress } from "./compression.ts";
import { readCsv } from "./csv-reader.ts";
import { decodeText, InvalidCharacters } from "./encoding.ts";
import type { FileFormat } from "./file-format.ts";
import type { FormatType } from "./format-options.ts";
import { readJson } from "./json-reader.ts";
import { type Location, relativeName } from "./location.ts";
import type { ScannedRow } from "./scanned-row.ts";
import type { StoredFile } from "./storage.ts";

/** What reading files came to. */
export interface Scan {
	readonly files: readonly ScannedFile[];
	/**
	 * A query of the engine, in parentheses: `f` file, `n` row in the file, `l` line, `e` error and `p` its place,
	 * `c` fields as a list, `d` document, and the metadata columns of `METADATA_COLUMNS`.
	 */
	readonly from: string;
}

/** One file of a scan; its place in the list is `f`. */
interface ScannedFile {
	readonly file: StoredFile;
	readonly rows: number;
}

/** Picks what goes into `c` instead of the fields as they stand: MATCH_BY_COLUMN_NAME does. */
export type Arrange = (
	row: ScannedRow,
	header: readonly string[] | undefined,
) => readonly (string | null)[];

/**
 * What was read is handed to the engine in files of its own: the engine reads them fast, and can read them again
 * where a transaction has to be rebuilt. They are removed with the first scan after the session's transaction.
 */
function scratchDirectory(account: Account): string {
	return join(account.options.path, "scan");
}

const cleaned = new WeakSet<Account>();
const counters = new WeakMap<Session, number>();

/** A path for what is handed to the engine or comes from it. */
export async function scratchFile(context: Context, extension: string): Promise<string> {
	const { account, session } = context;
	const directory = scratchDirectory(account);
	if (!cleaned.has(account)) {
		await rm(directory, { recursive: true, force: true });
		await mkdir(directory, { recursive: true });
		cleaned.add(account);
	}
	const prefix = `${session.id}-${context.queryId}-`;
	if (!session.inTransaction)
		for (const name of await readdir(directory))
			if (name.startsWith(`${session.id}-`) && !name.startsWith(prefix))
				await rm(join(directory, name), { force: true });
	const counter = (counters.get(session) ?? 0) + 1;
	counters.set(session, counter);
	return join(directory, `${prefix}${counter}${extension}`);
}

/** Parquet is read by the engine: each row becomes a document with the columns as members. */
async function readParquet(context: Context, content: Buffer): Promise<readonly ScannedRow[]> {
	const path = await scratchFile(context, ".parquet");
	await writeFile(path, content);
	const rows = await context.engine(
		`SELECT CAST(to_json(p) AS VARCHAR) FROM read_parquet(${engineString(path)}) p`,
	);
	return rows.map(([json], i) => {
		const [row] = readJson(String(json), { type: "JSON", options: { ALLOW_DUPLICATE: true } });
		return { ...row, row: i + 1, line: i + 1, fields: [] };
	});
}

/** The types of files that can be read. */
export const READABLE_FORMATS: readonly FormatType[] = ["CSV", "JSON", "PARQUET"];

async function readFile(
	context: Context,
	content: Buffer,
	format: FileFormat,
): Promise<{
	readonly header?: readonly string[] | undefined;
	readonly rows: readonly ScannedRow[];
}> {
	if (!READABLE_FORMATS.includes(format.type))
		throw unsupported(`reading files of TYPE = ${format.type}`);
	if (format.type === "PARQUET") return { rows: await readParquet(context, content) };
	const compression = String(format.options.COMPRESSION ?? "AUTO");
	try {
		const text = decodeText(decompress(content, compression), format);
		return format.type === "CSV" ? readCsv(text, format) : { rows: readJson(text, format) };
	} catch (error) {
		const bad = error instanceof InvalidCharacters || isCompressionError(error);
		if (!bad) throw error;
		const message = error instanceof Error ? error.message : String(error);
		return { rows: [{ row: 1, line: 1, fields: [], error: message, character: 1 }] };
	}
}

/** zlib's errors carry codes such as Z_DATA_ERROR: the file is not what COMPRESSION says. */
function isCompressionError(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	return code.startsWith("Z_") || code.startsWith("ERR_BROTLI") || code.startsWith("ERR__ERROR");
}

const BATCH = 5000;

async function writeRows(
	path: string,
	index: number,
	rows: readonly ScannedRow[],
	fields: (row: ScannedRow) => readonly (string | null)[],
): Promise<void> {
	for (let at = 0; at < rows.length; at += BATCH) {
		const lines = rows.slice(at, at + BATCH).map((row) =>
			JSON.stringify({
				f: index,
				n: row.row,
				l: row.line,
				e: row.error,
				p: row.character,
				c: row.error === undefined ? fields(row) : undefined,
				v: row.document,
			}),
		);
		await appendFile(path, `${lines.join("\n")}\n`);
	}
}

const SHAPE =
	"{f: 'INTEGER', n: 'BIGINT', l: 'BIGINT', e: 'VARCHAR', p: 'BIGINT', c: 'VARCHAR[]', v: 'VARCHAR'}";

/** METADATA$FILENAME: the path without the bucket; for internal stages the path in the stage. */
function metadataFilename(location: Location, file: StoredFile): string {
	return location.external ? file.key : relativeName(location, file);
}

/** Reads files and puts their records where the engine finds them. */
export async function scanFiles(
	context: Context,
	location: Location,
	files: readonly StoredFile[],
	format: FileFormat,
	arrange?: Arrange,
): Promise<Scan> {
	const path = await scratchFile(context, ".ndjson");
	await writeFile(path, "");
	const scanned: ScannedFile[] = [];
	const metadata: string[] = [];
	for (const [index, file] of files.entries()) {
		const { header, rows } = await readFile(context, await location.bucket.read(file.key), format);
		await writeRows(path, index, rows, (row) => (arrange ? arrange(row, header) : row.fields));
		scanned.push({ file, rows: rows.length });
		metadata.push(
			`(${index}, ${engineString(metadataFilename(location, file))}, ${engineString(file.etag)}, make_timestamp(${file.lastModified} * 1000))`,
		);
	}
	const values =
		metadata.length > 0
			? `(VALUES ${metadata.join(", ")})`
			: "(SELECT 0, '', '', TIMESTAMP '1970-01-01' WHERE false)";
	const now = context.clock.now();
	const from = `(SELECT s.f, s.n, s.l, s.e, s.p, s.c, CAST(s.v AS JSON) AS d,
			CAST(s.n AS DECIMAL(38,0)) AS m_row, m.m_name, m.m_key, m.m_modified, to_timestamp(${now} / 1000.0) AS m_scan
		FROM read_json(${engineString(path)}, format = 'newline_delimited', columns = ${SHAPE}, maximum_object_size = 1073741824) s
		JOIN ${values} m(m_file, m_name, m_key, m_modified) ON m.m_file = s.f)`;
	return { files: scanned, from };
}

/** The metadata columns of a scan. */
export const METADATA_COLUMNS: readonly RelationColumn[] = [
	{ name: "METADATA$FILENAME", type: textType(), sql: "m_name", hidden: true },
	{
		name: "METADATA$FILE_ROW_NUMBER",
		type: fixedType(),
		sql: "m_row",
		hidden: true,
	},
	{ name: "METADATA$FILE_CONTENT_KEY", type: textType(), sql: "m_key", hidden: true },
	{
		name: "METADATA$FILE_LAST_MODIFIED",
		type: timeType("TIMESTAMP_NTZ"),
		sql: "m_modified",
		hidden: true,
	},
	{
		name: "METADATA$START_SCAN_TIME",
		type: timeType("TIMESTAMP_LTZ"),
		sql: "m_scan",
		hidden: true,
	},
];

/** `$n` of a scan: a field of a delimited file, or the document as `$1`. */
export function scanPosition(format: FileFormat, index: number): RelationColumn | undefined {
	if (format.type === "CSV") return { name: `$${index}`, type: textType(), sql: `c[${index}]` };
	if (index !== 1) return undefined;
	return { name: "$1", type: simpleType("VARIANT"), sql: "d" };
}

/** Fails where a record of a scan could not be read; for queries, which have no ON_ERROR. */
export async function requireReadable(context: Context, scan: Scan): Promise<void> {
	const [row] = await context.engine(
		`SELECT e, m_name, l, p FROM ${scan.from} WHERE e IS NOT NULL ORDER BY f, n LIMIT 1`,
	);
	if (!row) return;
	const [error, name, line, character] = row;
	throw new SnowflakeError(
		"100069",
		"22P02",
		`${error}\n  File '${name}', line ${line}, character ${character}`,
	);
}
