import { formatIdentifier } from "../../model/identifier.ts";
import type { Column } from "./column.ts";

/** What HASH_AGG cannot take. https://docs.snowflake.com/en/sql-reference/functions/hash_agg */
const UNHASHED = /^(?:GEOGRAPHY|GEOMETRY)/;

/** A column's values as they are compared: under the name it has there, and cast to what it becomes. */
export interface Compared {
	readonly name: string;
	readonly as?: string;
}

/** Whether a column's values are stored, seen as they are, and can be hashed. */
export function isComparable(column: Column): boolean {
	return column.expression === null && column.masking === null && !UNHASHED.test(column.type);
}

/** A value of a column, as it is or as it will be. */
export function comparedValue({ name, as }: Compared): string {
	const column = formatIdentifier(name);
	return as === undefined ? column : `CAST(${column} AS ${as})`;
}

/**
 * A query that tells how many rows a table has, and a checksum over these columns: equal before and after, in
 * whatever order the rows are. Numbers that are equal have equal hashes whatever their types, and texts
 * whatever their collations.
 * https://docs.snowflake.com/en/sql-reference/functions/hash
 */
export function rowsAndChecksum(table: string, columns: readonly Compared[]): string {
	const hash =
		columns.length === 0
			? ""
			: ` || ', checksum ' || HASH_AGG(${columns.map(comparedValue).join(", ")})`;
	return `SELECT COUNT(*) || ' rows'${hash} AS ALL_ROWS FROM ${table}`;
}
