import type { Span } from "../../diagnostics/source.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { compilationError } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import type { FromItem, Query, Select } from "../sql/ast.ts";
import { takeQuery } from "../sql/parse.ts";
import { takeLocationText } from "./list.ts";
import {
	booleanValue,
	groupValue,
	integerValue,
	invalidProperty,
	invalidValue,
	type Property,
	refuseDuplicates,
	stringsValue,
	stringValue,
	takeProperty,
	wordValue,
} from "./property-list.ts";

/** What happens to a file with rows that cannot be loaded. */
export type OnError =
	| { readonly do: "abort" }
	| { readonly do: "continue" }
	/** Skips a file from this many error rows on, or above this share of them. */
	| { readonly do: "skip"; readonly rows?: number; readonly percent?: number };

/** A SELECT over one stage: what COPY calls a transformation. */
export interface Transformation {
	readonly select: Select;
	readonly stage: Extract<FromItem, { kind: "stage" }>;
}

/** `COPY INTO table FROM …`. */
export interface CopyIntoTable {
	readonly kind: "table";
	readonly table: readonly string[];
	readonly columns: readonly { readonly name: string; readonly span: Span }[] | undefined;
	/** `@stage/path` or a URL; undefined is the table's own stage. */
	readonly location: string | undefined;
	readonly transformation: Transformation | undefined;
	readonly fileFormat: Property | undefined;
	readonly files: readonly string[] | undefined;
	readonly pattern: string | undefined;
	readonly onError: OnError | undefined;
	readonly sizeLimit: number | undefined;
	readonly purge: boolean;
	readonly force: boolean;
	readonly returnFailedOnly: boolean;
	readonly loadUncertain: boolean;
	readonly truncate: boolean;
	readonly match: "CASE_SENSITIVE" | "CASE_INSENSITIVE" | undefined;
	/** Column → METADATA$ field. */
	readonly includeMetadata: ReadonlyMap<string, string>;
	readonly validation: { readonly rows?: number; readonly all?: boolean } | undefined;
	/** The options as written, for whoever forbids some of them. */
	readonly properties: readonly Property[];
}

/** `COPY INTO @stage FROM …`. */
export interface CopyIntoLocation {
	readonly kind: "location";
	readonly location: string;
	readonly source: { readonly table: readonly string[] } | { readonly query: Query };
	readonly partitionBy: Cursor | undefined;
	readonly header: boolean;
	readonly properties: readonly Property[];
	readonly span: Span;
}

/** The METADATA$ fields of staged files. https://docs.snowflake.com/en/user-guide/querying-metadata */
const METADATA_FIELDS = [
	"METADATA$FILENAME",
	"METADATA$FILE_ROW_NUMBER",
	"METADATA$FILE_CONTENT_KEY",
	"METADATA$FILE_LAST_MODIFIED",
	"METADATA$START_SCAN_TIME",
] as const;

function readOnError(property: Property): OnError {
	const word = wordValue(property);
	if (word === "ABORT_STATEMENT") return { do: "abort" };
	if (word === "CONTINUE") return { do: "continue" };
	const match = /^SKIP_FILE(?:_(\d+)(%?))?$/.exec(word);
	if (!match) throw invalidValue(property);
	if (match[1] === undefined) return { do: "skip", rows: 1 };
	const number = Number(match[1]);
	return match[2] === "%" ? { do: "skip", percent: number } : { do: "skip", rows: number };
}

function readValidation(property: Property): CopyIntoTable["validation"] {
	const word = wordValue(property);
	if (word === "RETURN_ERRORS") return { all: false };
	if (word === "RETURN_ALL_ERRORS") return { all: true };
	const match = /^RETURN_(\d+)_ROWS$/.exec(word);
	if (!match) throw invalidValue(property);
	return { rows: Number(match[1]) };
}

function readIncludeMetadata(property: Property): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	for (const option of groupValue(property)) {
		const { value } = option;
		const field = value.type === "name" ? value.text.toUpperCase() : "";
		if (!METADATA_FIELDS.some((known) => known === field)) throw invalidValue(option);
		fields.set(option.name, field);
	}
	return fields;
}

/** Takes the options behind FROM, up to the end. */
function takeOptions(cursor: Cursor): Property[] {
	const properties: Property[] = [];
	while (!cursor.done) {
		cursor.take(",");
		const property = takeProperty(cursor);
		if (!property) throw cursor.error("a copy option");
		properties.push(property);
	}
	refuseDuplicates(properties, "COPY");
	return properties;
}

/**
 * Only a plain SELECT from one stage may transform a load.
 * https://docs.snowflake.com/en/user-guide/data-load-transform
 */
function transformation(query: Query): Transformation {
	const { body } = query;
	const refuse = (what: string): Error =>
		compilationError(
			"002079",
			"0A000",
			`COPY statement only supports simple SELECT from stage statements for import: ${what}`,
		);
	if (body.kind !== "select") throw refuse("a set operation or VALUES");
	if (body.from?.kind !== "stage") throw refuse("FROM must be one stage");
	if (body.where) throw refuse("WHERE");
	if (body.groupBy || body.having || body.qualify) throw refuse("GROUP BY, HAVING or QUALIFY");
	if (query.orderBy.length > 0 || query.limit || body.top) throw refuse("ORDER BY or LIMIT");
	if (query.with.length > 0) throw refuse("WITH");
	if (body.distinct) throw unsupported("SELECT DISTINCT in a COPY transformation");
	return { select: body, stage: body.from };
}

function readTableOptions(
	properties: readonly Property[],
): Omit<CopyIntoTable, "kind" | "table" | "columns" | "location" | "transformation"> {
	const find = (name: string): Property | undefined => properties.find((p) => p.name === name);
	const flag = (name: string, initial = false): boolean => {
		const property = find(name);
		return property ? booleanValue(property) : initial;
	};
	for (const property of properties) {
		if (["CLUSTER_AT_INGEST_TIME", "LOAD_MODE", "FILE_PROCESSOR"].includes(property.name))
			throw unsupported(`COPY INTO … ${property.name}`, property.at);
		if (!TABLE_OPTIONS.has(property.name)) throw invalidProperty(property, "COPY");
	}
	const match = find("MATCH_BY_COLUMN_NAME");
	const matchWord = match && wordValue(match);
	if (match && !["CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE"].includes(matchWord ?? ""))
		throw invalidValue(match);
	const include = find("INCLUDE_METADATA");
	if (include && (matchWord === undefined || matchWord === "NONE"))
		throw compilationError(
			"001008",
			"22023",
			"INCLUDE_METADATA can only be used with the MATCH_BY_COLUMN_NAME copy option.",
		);
	const get = <T>(name: string, read: (property: Property) => T): T | undefined => {
		const property = find(name);
		return property && read(property);
	};
	const sizeLimit = get("SIZE_LIMIT", integerValue);
	return {
		fileFormat: find("FILE_FORMAT"),
		files: get("FILES", stringsValue),
		pattern: get("PATTERN", stringValue),
		onError: get("ON_ERROR", readOnError),
		sizeLimit,
		purge: flag("PURGE"),
		force: flag("FORCE"),
		returnFailedOnly: flag("RETURN_FAILED_ONLY"),
		loadUncertain: flag("LOAD_UNCERTAIN_FILES"),
		truncate: flag("TRUNCATECOLUMNS", !flag("ENFORCE_LENGTH", true)),
		match: matchWord === "NONE" ? undefined : (matchWord as CopyIntoTable["match"]),
		includeMetadata: get("INCLUDE_METADATA", readIncludeMetadata) ?? new Map(),
		validation: get("VALIDATION_MODE", readValidation),
		properties,
	};
}

const TABLE_OPTIONS: ReadonlySet<string> = new Set([
	"FILE_FORMAT",
	"FILES",
	"PATTERN",
	"ON_ERROR",
	"SIZE_LIMIT",
	"PURGE",
	"FORCE",
	"RETURN_FAILED_ONLY",
	"LOAD_UNCERTAIN_FILES",
	"TRUNCATECOLUMNS",
	"ENFORCE_LENGTH",
	"MATCH_BY_COLUMN_NAME",
	"INCLUDE_METADATA",
	"VALIDATION_MODE",
	"STORAGE_INTEGRATION",
	"CREDENTIALS",
	"ENCRYPTION",
]);

function readIntoTable(cursor: Cursor): CopyIntoTable {
	const table = cursor.expectName("a table or a stage").parts;
	const columns = cursor
		.takeGroup()
		?.splitAt()
		.map((item) => {
			const span = item.here();
			return { name: item.expectIdentifier("a column"), span };
		});
	let location: string | undefined;
	let transform: Transformation | undefined;
	if (cursor.take("FROM")) {
		const group = cursor.takeGroup();
		if (group) {
			transform = transformation(takeQuery(group));
			if (!group.done) throw group.error(")");
		} else {
			location = takeLocationText(cursor);
			if (location === undefined) throw cursor.error("@stage, a URL in quotes, or ( SELECT … )");
		}
	}
	const options = readTableOptions(takeOptions(cursor));
	if (transform && options.match)
		throw compilationError(
			"001008",
			"22023",
			"match_by_column_name is not supported with copy transform.",
		);
	if (options.match && options.validation)
		throw compilationError(
			"001008",
			"22023",
			"MATCH_BY_COLUMN_NAME cannot be used with the VALIDATION_MODE parameter.",
		);
	if (transform && options.validation)
		throw compilationError(
			"001008",
			"22023",
			"VALIDATION_MODE does not support COPY statements that transform data during a load.",
		);
	return { kind: "table", table, columns, location, transformation: transform, ...options };
}

function readIntoLocation(cursor: Cursor, location: string): CopyIntoLocation {
	const span = cursor.here();
	cursor.expect("FROM");
	const group = cursor.takeGroup();
	let source: CopyIntoLocation["source"];
	if (group) {
		source = { query: takeQuery(group) };
		if (!group.done) throw group.error(")");
	} else source = { table: cursor.expectName("a table or ( SELECT … )").parts };
	let partitionBy: Cursor | undefined;
	if (cursor.take("PARTITION", "BY")) partitionBy = cursor.expectGroup("( expression )");
	const properties: Property[] = [];
	let header = false;
	while (!cursor.done) {
		cursor.take(",");
		const property = takeProperty(cursor);
		if (property?.name === "HEADER") header = booleanValue(property);
		else if (property) properties.push(property);
		else if (cursor.take("HEADER")) header = true;
		else throw cursor.error("a copy option");
	}
	refuseDuplicates(properties, "COPY");
	return { kind: "location", location, source, partitionBy, header, properties, span };
}

/** Reads what follows the word COPY, to the end. */
export function readCopy(cursor: Cursor): CopyIntoTable | CopyIntoLocation {
	if (cursor.looksAt("FILES")) throw unsupported("COPY FILES");
	cursor.expect("INTO");
	const location = takeLocationText(cursor);
	return location === undefined ? readIntoTable(cursor) : readIntoLocation(cursor, location);
}
