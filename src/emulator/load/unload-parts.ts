import { readFile } from "node:fs/promises";
import { formatName } from "../../model/identifier.ts";
import { compilationError } from "../account/errors.ts";
import { cursorOver, statementScope } from "../account/scope/scope.ts";
import { engineString, quote } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import { compileExpression, compileQuery, type ReadyQuery } from "../sql/compile.ts";
import { convert, formatMoment } from "../sql/convert.ts";
import { readExpression, readQuery } from "../sql/parse.ts";
import type { Scope } from "../sql/scope.ts";
import { isSemiStructured, TEXT } from "../sql/sql-type.ts";
import { typed } from "../sql/typed.ts";
import type { Context, ResultColumn } from "../types.ts";
import type { CopyIntoLocation } from "./copy-statement.ts";
import type { FileFormat } from "./file-format.ts";
import { scratchFile } from "./scan.ts";
import { csvRecord } from "./unload-text.ts";

/** What is unloaded: the query, and the partition of each of its rows as an engine expression. */
export interface Source {
	readonly query: ReadyQuery;
	readonly scope: Scope;
	readonly partition: string;
	readonly span: CopyIntoLocation["span"];
}

/** Reads what a COPY unloads. */
export async function readSource(context: Context, copy: CopyIntoLocation): Promise<Source> {
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
export async function textParts(
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
export interface Part {
	readonly partition: string;
	readonly rows: number;
	readonly content: Buffer;
	readonly size: number;
}

const NULL_PARTITION = "__NULL__";

/** Parquet is written by the engine, one file for each partition. */
export async function parquetParts(
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
