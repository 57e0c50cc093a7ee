import { fixedType, textType } from "../account/data-type.ts";
import { statusResult } from "../ddl/result.ts";
import { SnowflakeError } from "../error.ts";
import { captureBefore, recordChanges } from "../run/change-log.ts";
import type { Scope, TargetTable } from "../sql/scope.ts";
import type { CatalogObject, Context, Result } from "../types.ts";
import { type BadRow, checkRows, type LoadedRows } from "./check-rows.ts";
import { chooseFiles, copyFileFormat, copyLocation, withinSize } from "./copy-files.ts";
import type { CopyIntoTable, OnError } from "./copy-statement.ts";
import { type LoadEntry, type LoadStatus, recordLoad } from "./load-history.ts";
import { arrangement, type LoadPlan, loadedRows } from "./loaded-rows.ts";
import { displayName, type Location, relativeName } from "./location.ts";
import { scanFiles } from "./scan.ts";
import type { StoredFile } from "./storage.ts";

/** Who loads, and what for. */
export interface LoadRequest {
	readonly copy: CopyIntoTable;
	readonly scope: Scope;
	readonly target: TargetTable;
	readonly table: CatalogObject;
	readonly span: LoadPlan["span"];
	readonly onError: OnError;
	readonly pipe?: { readonly id: number; readonly receivedAt: number };
}

/** What became of one file. */
export interface FileOutcome {
	readonly file: StoredFile;
	readonly status: LoadStatus;
	readonly parsed: number;
	readonly loaded: number;
	readonly errorLimit: number;
	readonly errors: number;
	readonly first: BadRow | undefined;
	readonly firstColumn: string | null;
}

/** A column as errors of COPY name it: `"T"["C":1]`. */
export function columnLabel(table: CatalogObject, rows: LoadedRows, bad: BadRow): string | null {
	if (bad.column === undefined) return null;
	const name = rows.columns[bad.column]?.name ?? "";
	return `"${table.name}"["${name}":${bad.column + 1}]`;
}

/** The error of ABORT_STATEMENT, which says where to look and what to do instead. */
function abortError(name: string, bad: BadRow, column: string | null): SnowflakeError {
	const where = [
		bad.error.message,
		`  File '${name}', line ${bad.line}, character ${bad.character}`,
		`  Row ${bad.row}${column === null ? "" : `, column ${column}`}`,
		"  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.",
	];
	return new SnowflakeError(bad.error.code, bad.error.sqlState, where.join("\n"));
}

function errorLimit(onError: OnError, parsed: number): number {
	if (onError.do === "abort") return 1;
	if (onError.do === "continue") return parsed;
	return onError.rows ?? Math.ceil((parsed * (onError.percent ?? 0)) / 100);
}

function isSkipped(onError: OnError, errors: number, parsed: number): boolean {
	if (onError.do !== "skip" || errors === 0) return false;
	if (onError.percent !== undefined) return (errors * 100) / parsed > onError.percent;
	return errors >= (onError.rows ?? 1);
}

/** Inserts the rows of files, without the bad ones; columns that are not loaded get their defaults. */
async function insertRows(
	context: Context,
	target: TargetTable,
	rows: LoadedRows,
	files: readonly number[],
	bad: readonly { readonly file: number; readonly row: number }[],
): Promise<void> {
	if (files.length === 0) return;
	const values = new Map<string, string>();
	for (const column of rows.columns) values.set(column.name, column.sql);
	const columns = target.columns.map((column) => {
		const value = values.get(column.name) ?? column.default ?? "NULL";
		return { into: column.sql, value, missing: value === "NULL" && !column.nullable };
	});
	if (columns.some((column) => column.missing))
		throw new SnowflakeError("100072", "22000", "NULL result in a non-nullable column");
	const { alias } = rows;
	const without =
		bad.length > 0
			? ` AND (${alias}.f, ${alias}.n) NOT IN (VALUES ${bad.map((b) => `(${b.file}, ${b.row})`).join(", ")})`
			: "";
	await context.engine(
		`INSERT INTO ${target.table} (${columns.map((column) => column.into).join(", ")})
		 SELECT ${columns.map((column) => column.value).join(", ")} FROM ${rows.from}
		 WHERE ${alias}.f IN (${files.join(", ")})${without} ORDER BY ${alias}.f, ${alias}.n`,
	);
}

/** Reads files, and compiles what their records become in the target. */
export async function prepareLoad(
	context: Context,
	{ copy, scope, target, span }: LoadRequest,
	location: Location,
	files: readonly StoredFile[],
): Promise<LoadedRows> {
	const format = copyFileFormat(context, copy, location.stage);
	const plan: LoadPlan = { copy, target, format, scope, span };
	const scan = await scanFiles(context, location, files, format, arrangement(plan));
	return loadedRows(plan, scan);
}

/** Loads files into a table by a COPY, in the statement's transaction, and says what became of each. */
export async function loadFiles(
	context: Context,
	request: LoadRequest,
	location: Location,
	files: readonly StoredFile[],
): Promise<readonly FileOutcome[]> {
	const { target, table, onError } = request;
	const rows = await prepareLoad(context, request, location, files);
	const { scan } = rows;
	const { bad, told } = await checkRows(context.account, rows, (found) =>
		found.filter((one, i) => found.findIndex((other) => other.file === one.file) === i),
	);
	const [worst] = told;
	if (worst && onError.do === "abort") {
		const file = scan.files[worst.file]?.file;
		throw abortError(
			file ? relativeName(location, file) : "",
			worst,
			columnLabel(table, rows, worst),
		);
	}
	const outcomes = scan.files.map(({ file, rows: parsed }, index): FileOutcome => {
		const errors = bad.filter((one) => one.file === index).length;
		const skipped = isSkipped(onError, errors, parsed) || (errors > 0 && errors === parsed);
		const first = told.find((one) => one.file === index);
		return {
			file,
			status: skipped ? "Load failed" : errors > 0 ? "Partially loaded" : "Loaded",
			parsed,
			loaded: skipped ? 0 : parsed - errors,
			errorLimit: errorLimit(onError, parsed),
			errors,
			first,
			firstColumn: first ? columnLabel(table, rows, first) : null,
		};
	});
	const kept = outcomes.flatMap(({ status }, i) => (status === "Load failed" ? [] : [i]));
	const capture = await captureBefore(context, table, "insert");
	await insertRows(context, target, rows, kept, bad);
	await recordChanges(context, capture);
	for (const outcome of outcomes)
		await recordLoad(context, entryOf(context, request, location, outcome));
	return outcomes;
}

function entryOf(
	context: Context,
	{ table, pipe }: LoadRequest,
	location: Location,
	outcome: FileOutcome,
): LoadEntry {
	const { file, first } = outcome;
	return {
		tableId: table.id,
		stageId: location.stage?.id ?? null,
		pipeId: pipe?.id ?? null,
		at: context.clock.now(),
		receivedAt: pipe?.receivedAt ?? null,
		location: displayName(location, file),
		file: relativeName(location, file),
		etag: file.etag,
		size: file.size,
		lastModified: file.lastModified,
		status: outcome.status,
		rowCount: outcome.loaded,
		rowParsed: outcome.parsed,
		errorLimit: outcome.errorLimit,
		errorCount: outcome.errors,
		firstError: first?.error.message ?? null,
		firstErrorLine: first?.line ?? null,
		firstErrorCharacter: first?.character ?? null,
		firstErrorColumn: outcome.firstColumn,
	};
}

const STATUS_WORDS: Readonly<Record<LoadStatus, string>> = {
	Loaded: "LOADED",
	"Load failed": "LOAD_FAILED",
	"Partially loaded": "PARTIALLY_LOADED",
};

/** The rows that COPY answers. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table#output */
function copyResult(location: Location, outcomes: readonly FileOutcome[]): Result {
	const number = fixedType();
	const text = textType();
	const cell = (value: number | null | undefined): string | null =>
		value === null || value === undefined ? null : String(value);
	return {
		columns: [
			{ name: "file", type: text },
			{ name: "status", type: text },
			{ name: "rows_parsed", type: number },
			{ name: "rows_loaded", type: number },
			{ name: "error_limit", type: number },
			{ name: "errors_seen", type: number },
			{ name: "first_error", type: text },
			{ name: "first_error_line", type: number },
			{ name: "first_error_character", type: number },
			{ name: "first_error_column_name", type: text },
		],
		rows: outcomes.map((outcome) => [
			displayName(location, outcome.file),
			STATUS_WORDS[outcome.status],
			cell(outcome.parsed),
			cell(outcome.loaded),
			cell(outcome.errorLimit),
			cell(outcome.errors),
			outcome.first?.error.message ?? null,
			cell(outcome.first?.line),
			cell(outcome.first?.character),
			outcome.firstColumn,
		]),
	};
}

/** COPY INTO table. */
export async function copyIntoTable(
	context: Context,
	copy: CopyIntoTable,
	request: Omit<LoadRequest, "copy" | "onError">,
): Promise<Result> {
	const onError = copy.onError ?? { do: "abort" };
	const full: LoadRequest = { ...request, copy, onError };
	const location = copyLocation(context, copy);
	await context.lock(full.table.id, "insert");
	const files = withinSize(await chooseFiles(context, full, location), copy.sizeLimit);
	if (files.length === 0) return statusResult("Copy executed with 0 files processed.");
	const outcomes = await loadFiles(context, full, location, files);
	if (copy.purge)
		for (const { file, status } of outcomes)
			if (status === "Loaded") await location.bucket.remove(file.key);
	const shown = copy.returnFailedOnly
		? outcomes.filter((outcome) => outcome.status !== "Loaded")
		: outcomes;
	return copyResult(location, shown);
}
