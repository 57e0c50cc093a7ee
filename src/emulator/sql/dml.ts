import { simpleType } from "../account/data-type.ts";
import { engineString } from "../account/storage.ts";
import { SnowflakeError } from "../error.ts";
import { encodeError, raise } from "./engine-error.ts";
import type { TargetColumn, TargetTable } from "./scope.ts";
import type { Typed } from "./typed.ts";

/** One number of the answer. */
export type Answer = "inserted" | "updated" | "multi-joined" | "deleted";

/** How Snowflake names the numbers of an answer. */
export const ANSWER_NAMES: Readonly<Record<Answer, string>> = {
	inserted: "number of rows inserted",
	updated: "number of rows updated",
	"multi-joined": "number of multi-joined rows updated",
	deleted: "number of rows deleted",
};

/** One statement of the engine. What it counts is the number in its first row. */
export interface Step {
	readonly sql: string;
	readonly counts?: Answer;
}

/** The session's table for what a statement works out before it writes. */
export const SCRATCH = "temp._dml";

export const BOOLEAN_TYPE = simpleType("BOOLEAN");

/** A column and the engine's expression for what goes into it, already in the column's type. */
export interface WrittenColumn {
	readonly column: TargetColumn;
	readonly value: Typed;
}

/** A value that fails when it may not be stored: NULL where the column has none, text that is too long. */
function guarded({ column, value }: WrittenColumn): string {
	let { sql } = value;
	if (column.type.base === "TEXT" && (column.type.length ?? Infinity) < 16777216) {
		const prefix = engineString(encodeError(new SnowflakeError("100078", "22000", "String '")));
		const tooLong = `error(${prefix} || left(${value.sql}, 100) || ''' is too long and would be truncated')`;
		sql = `CASE WHEN length(${value.sql}) > ${column.type.length} THEN ${tooLong} ELSE ${sql} END`;
	}
	if (column.nullable) return sql;
	const missing = raise("100072", "22000", "NULL result in a non-nullable column");
	return `CASE WHEN ${value.sql} IS NULL THEN ${missing} ELSE ${sql} END`;
}

/** How written values, and the defaults of columns that are not written, go into the engine's table. */
export function storeColumns(
	target: TargetTable,
	written: readonly WrittenColumn[],
): { readonly names: string; readonly values: string; readonly assignments: string } {
	const names = new Set(written.map(({ column }) => column.name));
	const defaults = target.columns
		.filter(
			(column) => !names.has(column.name) && (column.default !== undefined || !column.nullable),
		)
		.map((column) => ({
			column,
			value: { sql: column.default ?? "NULL", type: column.type },
		}));
	const all = [...written, ...defaults];
	return {
		names: all.map(({ column }) => column.sql).join(", "),
		values: all.map(guarded).join(", "),
		assignments: written.map((item) => `${item.column.sql} = ${guarded(item)}`).join(", "),
	};
}
