import type { Relation } from "../../sql/scope.ts";
import type { SqlType } from "../../types.ts";
import { duckdbType, engineString, quote } from "../storage.ts";

/** A column of rows that the account makes up: its name, type, and the engine's literal of a cell. */
export interface RowsColumn<T> {
	readonly name: string;
	readonly type: SqlType;
	/** Text, a number, a boolean, a moment in milliseconds (for timestamps), or null. */
	readonly value: (row: T) => string | number | boolean | null;
}

function literal(value: string | number | boolean | null, type: SqlType): string {
	if (value === null) return `NULL::${duckdbType(type)}`;
	if (type.base.startsWith("TIMESTAMP"))
		return `make_timestamp${type.base === "TIMESTAMP_LTZ" ? "tz" : ""}(${Math.round(Number(value) * 1000)})`;
	if (typeof value === "string") return `${engineString(value)}::${duckdbType(type)}`;
	return `${value}::${duckdbType(type)}`;
}

/** A relation for the engine out of rows in memory, such as those of INFORMATION_SCHEMA. */
export function relationOfRows<T>(rows: readonly T[], columns: readonly RowsColumn<T>[]): Relation {
	const names = columns.map((column) => quote(column.name)).join(", ");
	const values = rows.map(
		(row) => `(${columns.map(({ value, type }) => literal(value(row), type)).join(", ")})`,
	);
	const nothing = `(${columns.map(({ type }) => literal(null, type)).join(", ")})`;
	return {
		columns: columns.map(({ name, type }) => ({ name, type, sql: quote(name) })),
		from: `(SELECT * FROM (VALUES ${rows.length > 0 ? values.join(", ") : nothing}) AS r(${names})${rows.length > 0 ? "" : " WHERE false"})`,
	};
}
