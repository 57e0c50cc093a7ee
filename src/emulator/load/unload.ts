import { readFile } from "node:fs/promises";
import { formatName } from "../../model/identifier.ts";
import { fixedType, textType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { requireWarehouse } from "../account/query.ts";
import { consumeStreams } from "../account/reads.ts";
import { cursorOver, statementScope } from "../account/scope/scope.ts";
import { engineString, quote } from "../account/storage.ts";
import { wireCell } from "../account/wire.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import { compileExpression, compileQuery, type ReadyQuery } from "../sql/compile.ts";
import { convert, formatMoment } from "../sql/convert.ts";
import { readExpression, readQuery } from "../sql/parse.ts";
import type { Scope } from "../sql/scope.ts";
import { isSemiStructured, TEXT } from "../sql/sql-type.ts";
import { typed } from "../sql/typed.ts";
import type { Context, Result, ResultColumn } from "../types.ts";
import { COMPRESSION_EXTENSIONS, type Compression, compress } from "./compression.ts";
import type { CopyIntoLocation } from "./copy-statement.ts";
import type { FileFormat } from "./file-format.ts";
import { copyFormat } from "./formats.ts";
import { displayName, type Location, resolveLocation } from "./location.ts";
import {
	booleanValue,
	integerValue,
	invalidProperty,
	type Property,
	wordValue,
} from "./property-list.ts";
import { scratchFile } from "./scan.ts";
import { csvRecord } from "./unload-text.ts";

interface Options {
	readonly fileFormat: Property | undefined;
	readonly overwrite: boolean;
	readonly single: boolean;
	readonly maxFileSize: number;
	readonly includeQueryId: boolean;
	readonly detailed: boolean;
	readonly validate: boolean;
}

function readOptions(copy: CopyIntoLocation): Options {
	const partitioned = copy.partitionBy !== undefined;
	let options: Options = {
		fileFormat: undefined,
		overwrite: false,
		single: false,
		maxFileSize: 16777216,
		includeQueryId: partitioned,
		detailed: false,
		validate: false,
	};
	for (const property of copy.properties) {
		if (property.name === "FILE_FORMAT") options = { ...options, fileFormat: property };
		else if (property.name === "OVERWRITE")
			options = { ...options, overwrite: booleanValue(property) };
		else if (property.name === "SINGLE") options = { ...options, single: booleanValue(property) };
		else if (property.name === "MAX_FILE_SIZE")
			options = { ...options, maxFileSize: integerValue(property) };
		else if (property.name === "INCLUDE_QUERY_ID")
			options = { ...options, includeQueryId: booleanValue(property) };
		else if (property.name === "DETAILED_OUTPUT")
			options = { ...options, detailed: booleanValue(property) };
		else if (property.name === "VALIDATION_MODE") {
			if (wordValue(property) !== "RETURN_ROWS") throw unsupported("this VALIDATION_MODE");
			options = { ...options, validate: true };
		} else if (!["STORAGE_INTEGRATION", "CREDENTIALS", "ENCRYPTION"].includes(property.name))
			throw invalidProperty(property, "COPY");
	}
	const { overwrite, single, includeQueryId } = options;
	const conflict = (what: string): Error => compilationError("001008", "22023", what);
	if (partitioned && (overwrite || single || !includeQueryId))
		throw conflict(
			"OVERWRITE = TRUE, SINGLE = TRUE and INCLUDE_QUERY_ID = FALSE are not supported in combination with PARTITION BY.",
		);
	if (includeQueryId && (overwrite || single))
		throw conflict(
			"INCLUDE_QUERY_ID = TRUE is not supported with SINGLE = TRUE or OVERWRITE = TRUE.",
		);
	return options;
}

/** What is unloaded: the query, and the partition of each of its rows as an engine expression. */
interface Source {
	readonly query: ReadyQuery;
	readonly scope: Scope;
	readonly partition: string;
	readonly span: CopyIntoLocation["span"];
}

async function readSource(context: Context, copy: CopyIntoLocation): Promise<Source> {
	const scope = statementScope(context);
	const { source } = copy;
	const tree =
		"query" in source
			? source.query
			: readQuery(cursorOver(`SELECT * FROM ${formatName(source.table)}`));
	const query = await compileQuery(tree, scope);
	const columns = query.columns.map(({ name, type }, i) => ({
		name,
		type,
		sql: quote(`c${i + 1}`),
	}));
	const partition = copy.partitionBy
		? (await compileExpression(readExpression(copy.partitionBy.clone()), scope, columns, TEXT)).sql
		: "NULL";
	return { query, scope, partition, span: copy.span };
}

/** A column's value as text for a file, by the format's formats. */
function textSql(source: Source, column: ResultColumn, index: number, format: FileFormat): string {
	const sql = quote(`c${index + 1}`);
	const { type } = column;
	const { session } = source.scope;
	const value = typed(sql, type);
	if (isSemiStructured(type)) return `CAST(${sql} AS VARCHAR)`;
	if (type.base === "BINARY" && format.options.BINARY_FORMAT === "BASE64")
		return `to_base64(${sql})`;
	if (type.base === "BINARY" && format.options.BINARY_FORMAT === "UTF8") return `decode(${sql})`;
	const option = type.base.startsWith("TIMESTAMP") ? "TIMESTAMP_FORMAT" : `${type.base}_FORMAT`;
	const written = format.options[option];
	if (typeof written === "string" && written !== "AUTO")
		return formatMoment(value, engineString(written), session);
	return convert(value, TEXT, session, source.span).sql;
}

/** The text files of a query's rows, split where they exceed the size, by partition. */
async function textParts(
	context: Context,
	source: Source,
	format: FileFormat,
	header: boolean,
	limit: number,
): Promise<readonly Part[]> {
	const { columns, sql } = source.query;
	const isJson = format.type === "JSON";
	const [only] = columns;
	if (isJson && (!only || columns.length > 1 || !isSemiStructured(only.type)))
		throw compilationError(
			"001008",
			"22023",
			"JSON file format can only be used to unload data from one column of type variant, object, or array.",
		);
	const texts = columns.map((column, i) => textSql(source, column, i, format));
	const rows = await context.engine(
		`SELECT ${source.partition}, ${texts.join(", ")} FROM (${sql})`,
	);
	const strings = columns.map(({ type }) => type.base === "TEXT" || isSemiStructured(type));
	const cells = (values: readonly unknown[]) =>
		values.map((value, i) => ({
			text: value === null || value === undefined ? null : String(value),
			isString: strings[i] ?? true,
		}));
	const heading =
		header && !isJson ? columns.map(({ name }) => ({ text: name, isString: true })) : [];
	const open = new Map<string, { lines: string[]; size: number }>();
	const parts: Part[] = [];
	const close = (partition: string, { lines }: { lines: string[] }): void => {
		const body = heading.length > 0 ? [csvRecord(heading, format), ...lines] : lines;
		const content = Buffer.from(body.join(""), "utf8");
		parts.push({ partition, rows: lines.length, content, size: content.length });
		open.delete(partition);
	};
	for (const [partition, ...values] of rows) {
		const name = partition === null ? NULL_PARTITION : String(partition);
		const line = isJson ? `${values[0] ?? "null"}\n` : csvRecord(cells(values), format);
		const part = open.get(name) ?? { lines: [], size: 0 };
		open.set(name, part);
		part.lines.push(line);
		part.size += line.length;
		if (part.size >= limit) close(name, part);
	}
	for (const [name, part] of [...open]) close(name, part);
	return parts;
}

/** One file to write, before compression. */
interface Part {
	readonly partition: string;
	readonly rows: number;
	readonly content: Buffer;
	readonly size: number;
}

const NULL_PARTITION = "__NULL__";

/** Parquet is written by the engine, one file for each partition. */
async function parquetParts(
	context: Context,
	source: Source,
	format: FileFormat,
	header: boolean,
): Promise<readonly Part[]> {
	const { columns, sql } = source.query;
	const list = columns.map(({ name, type }, i) => {
		if (type.base === "TIMESTAMP_TZ" || type.base === "TIMESTAMP_LTZ")
			throw compilationError(
				"001008",
				"22023",
				`unloading ${type.base} to PARQUET is not supported.`,
			);
		const column = quote(`c${i + 1}`);
		const value = isSemiStructured(type) ? `CAST(${column} AS VARCHAR)` : column;
		return `${value} AS ${quote(header ? name : `col${i + 1}`)}`;
	});
	const compression = format.options.COMPRESSION === "NONE" ? "uncompressed" : "snappy";
	if (format.options.COMPRESSION === "LZO") throw unsupported("unloading with COMPRESSION = LZO");
	const rows = await context.engine(
		`SELECT ${source.partition} AS p, count(*) FROM (${sql}) GROUP BY 1 ORDER BY 1`,
	);
	const parts: Part[] = [];
	for (const [partition, count] of rows) {
		const path = await scratchFile(context, ".parquet");
		const which =
			partition === null
				? `${source.partition} IS NULL`
				: `${source.partition} = ${engineString(String(partition))}`;
		await context.engine(
			`COPY (SELECT ${list.join(", ")} FROM (${sql}) WHERE ${which}) TO ${engineString(path)} (FORMAT parquet, COMPRESSION ${compression})`,
		);
		const content = await readFile(path);
		parts.push({
			partition: partition === null ? NULL_PARTITION : String(partition),
			rows: Number(count),
			content,
			size: content.length,
		});
	}
	return parts;
}

function extension(format: FileFormat, single: boolean): string {
	if (single) return "";
	const written = format.options.FILE_EXTENSION;
	const compression = String(format.options.COMPRESSION ?? "AUTO");
	if (format.type === "PARQUET") return compression === "NONE" ? ".parquet" : ".snappy.parquet";
	const packed =
		COMPRESSION_EXTENSIONS[(compression === "AUTO" ? "GZIP" : compression) as Compression];
	const base = typeof written === "string" ? written : format.type.toLowerCase();
	return `${base.startsWith(".") ? base : `.${base}`}${packed}`;
}

/** The keys of the files: `<path>data_<query id>_<thread>_<file>_<part>.<extension>`. */
function fileKeys(
	context: Context,
	location: Location,
	parts: readonly Part[],
	options: Options,
	ending: string,
	partitioned: boolean,
): readonly string[] {
	const { prefix } = location;
	const folder = prefix === "" || prefix.endsWith("/");
	if (options.single) return [folder ? `${prefix}data` : prefix];
	return parts.map(({ partition }, i) => {
		const directory = partitioned ? `${prefix}${folder ? "" : "/"}${partition}/` : prefix;
		const start =
			partitioned || folder
				? `${directory}data_`
				: directory.endsWith("_")
					? directory
					: `${directory}_`;
		const id = options.includeQueryId ? `${context.queryId}_` : "";
		return `${start}${id}0_${i}_0${ending}`;
	});
}

function unloadResult(
	location: Location,
	parts: readonly Part[],
	written: readonly { readonly key: string; readonly size: number }[],
	detailed: boolean,
): Result {
	const number = fixedType();
	const sum = (values: readonly number[]): string => String(values.reduce((a, b) => a + b, 0));
	if (detailed)
		return {
			columns: [
				{ name: "FILE_NAME", type: textType() },
				{ name: "FILE_SIZE", type: number },
				{ name: "ROW_COUNT", type: number },
			],
			rows: written.map(({ key, size }, i) => [
				displayName(location, { key }),
				String(size),
				String(parts[i]?.rows ?? 0),
			]),
		};
	return {
		columns: [
			{ name: "rows_unloaded", type: number },
			{ name: "input_bytes", type: number },
			{ name: "output_bytes", type: number },
		],
		rows: [
			[
				sum(parts.map(({ rows }) => rows)),
				sum(parts.map(({ size }) => size)),
				sum(written.map(({ size }) => size)),
			],
		],
	};
}

async function queryRows(context: Context, query: ReadyQuery): Promise<Result> {
	const rows = await context.engine(query.sql);
	return {
		columns: query.columns,
		rows: rows.map((row) => query.columns.map(({ type }, i) => wireCell(row[i], type))),
	};
}

/** COPY INTO location. https://docs.snowflake.com/en/sql-reference/sql/copy-into-location */
export async function copyIntoLocation(context: Context, copy: CopyIntoLocation): Promise<Result> {
	const options = readOptions(copy);
	const location = resolveLocation(context, copy.location);
	const format = copyFormat(context, options.fileFormat, location.stage);
	const source = await readSource(context, copy);
	requireWarehouse(context, source.query.reads);
	if (options.validate) return queryRows(context, source.query);
	if (!["CSV", "JSON", "PARQUET"].includes(format.type))
		throw compilationError("001008", "22023", `TYPE = ${format.type} cannot be unloaded to.`);
	await consumeStreams(context, source.query.reads);
	const limit = options.single ? Number.POSITIVE_INFINITY : options.maxFileSize;
	const parts =
		format.type === "PARQUET"
			? await parquetParts(context, source, format, copy.header)
			: await textParts(context, source, format, copy.header, limit);
	const ending = extension(format, options.single);
	const keys = fileKeys(context, location, parts, options, ending, copy.partitionBy !== undefined);
	const existing = new Set((await location.bucket.list(location.prefix)).map(({ key }) => key));
	const clash = parts.length > 0 && keys.find((key) => existing.has(key));
	if (clash && !options.overwrite)
		throw new SnowflakeError(
			"001030",
			"22000",
			`Files already existing at the unload destination: ${displayName(location, { key: clash })}. Use overwrite option to force unloading.`,
		);
	const compression = format.type === "PARQUET" ? "NONE" : String(format.options.COMPRESSION);
	const written: { key: string; size: number }[] = [];
	for (const [i, part] of parts.entries()) {
		const content = compress(part.content, compression);
		const key = keys[i] as string;
		await location.bucket.write(key, content);
		written.push({ key, size: content.length });
	}
	return unloadResult(location, parts, written, options.detailed);
}
