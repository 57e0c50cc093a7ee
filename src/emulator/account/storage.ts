import type { CatalogObject, Column, Json, SqlType } from "../types.ts";

/** The engine's schema that holds the tables of the account. */
export const DATA_SCHEMA = "data";

/**
 * The hidden column of every table: a number that stays with its row for the row's whole life.
 * (DuckDB's own rowid changes at a checkpoint.) Filled by default from one sequence of the account.
 */
export const ROW_ID = "__rowid";

/** An engine identifier in quotes. */
export function quote(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal of the engine, where backslashes are plain. */
export function engineString(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

/** The engine's table of a catalog object, qualified and quoted. It is named by id, so a rename does not touch it. */
export function physicalTable(object: Pick<CatalogObject, "id">): string {
	return `${DATA_SCHEMA}.t${object.id}`;
}

/**
 * The engine's column of a Snowflake column, quoted.
 * DuckDB ignores the case of names, so `"a"` and `"A"` would collide: lower-case letters are marked.
 * Names that would hide the engine's `rowid` or our hidden columns are marked as well.
 */
export function physicalColumn(name: string): string {
	return quote(name.replaceAll(/[a-z~]/g, "~$&").replace(/^(?=__|ROWID$)/, "~"));
}

/** The sequence behind an AUTOINCREMENT column: named by table id and the column's place of birth. */
export function identitySequence(object: Pick<CatalogObject, "id">, column: string): string {
	return `${DATA_SCHEMA}.${quote(`i${object.id}_${column.replaceAll(/[a-z~]/g, "~$&")}`)}`;
}

/**
 * The engine's type for a Snowflake type.
 * TIMESTAMP_TZ keeps its offset beside the moment, in an order that compares by moment first.
 * Times and timestamps carry microseconds; Snowflake carries nanoseconds.
 */
export function duckdbType(type: SqlType): string {
	switch (type.base) {
		case "FIXED":
			return `DECIMAL(${type.precision ?? 38},${type.scale ?? 0})`;
		case "REAL":
			return "DOUBLE";
		case "BOOLEAN":
		case "DATE":
		case "TIME":
		case "UUID":
			return type.base;
		case "BINARY":
			return "BLOB";
		case "TIMESTAMP_NTZ":
			return "TIMESTAMP";
		case "TIMESTAMP_LTZ":
			return "TIMESTAMPTZ";
		case "TIMESTAMP_TZ":
			return "STRUCT(utc TIMESTAMP, minutes INTEGER)";
		case "VARIANT":
		case "OBJECT":
		case "ARRAY":
		case "MAP":
			return "JSON";
		default:
			return "VARCHAR";
	}
}

/** The columns of a table or view, in order. */
export function columns(object: CatalogObject): readonly Column[] {
	return (object.properties.columns ?? []) as unknown as readonly Column[];
}

/** Columns that have a place in the engine's table: all but the virtual ones. */
export function storedColumns(object: CatalogObject): readonly Column[] {
	return columns(object).filter((column) => column.expression === null);
}

/** Columns as the catalog keeps them. */
export function columnsJson(list: readonly Column[]): Json {
	return list as unknown as Json;
}

/** A column with nothing but a name and a type. */
export function plainColumn(name: string, type: SqlType): Column {
	return {
		name,
		type,
		nullable: true,
		default: null,
		identity: null,
		expression: null,
		collation: null,
		comment: null,
		maskingPolicy: null,
		maskingArguments: [],
		defaultAdded: false,
	};
}
