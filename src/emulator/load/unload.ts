import { fixedType, textType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { requireWarehouse } from "../account/query.ts";
import { consumeStreams } from "../account/reads.ts";
import { wireCell } from "../account/wire.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { ReadyQuery } from "../sql/compile.ts";
import type { Context, Result } from "../types.ts";
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
import { type Part, parquetParts, readSource, textParts } from "./unload-parts.ts";

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
