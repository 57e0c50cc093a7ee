import {
	formatIdentifier,
	formatName,
	parseName,
	type QualifiedName,
} from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";

/** Name and owner of a SHOW row, whose parts stand in the same columns for nearly every kind. */
export function shown(row: Row): { readonly name: QualifiedName; readonly owner?: string } {
	const parts = [row.database_name, row.schema_name, row.name];
	const name = parts.filter(
		(part): part is string => part !== undefined && part !== null && part !== "",
	);
	const owner = row.owner;
	return { name, ...(owner ? { owner } : {}) };
}

/**
 * A yes-or-no cell: SHOW and DESC write it as true/false, Y/N, ON/OFF or YES/NO, depending on the column.
 * https://docs.snowflake.com/en/sql-reference/sql/show-tables and the pages of the other SHOW commands
 */
export function yes(cell: string | null | undefined): boolean {
	return /^(true|y|yes|on|1)$/i.test(cell ?? "");
}

/** A cell where the empty text and the word null mean that there is nothing. */
export function given(cell: string | null | undefined): string | null {
	return cell === undefined || cell === null || cell === "" || cell === "null" ? null : cell;
}

/** A cell that holds a number. */
export function numeric(cell: string | null | undefined): number | null {
	const text = given(cell);
	return text === null ? null : Number(text);
}

/** The rows of DESC as property → value. */
export function described(
	rows: readonly Row[],
	key = "property",
	value = "property_value",
): ReadonlyMap<string, string | null> {
	return new Map(rows.map((row) => [(row[key] ?? "").toUpperCase(), row[value] ?? null]));
}

/** Rows of SHOW PARAMETERS that were set on the object itself (`level` names it), by key. */
export function ownParameters(rows: readonly Row[], level: string): ReadonlyMap<string, string> {
	return new Map(
		rows.flatMap((row) =>
			row.level?.toUpperCase() === level
				? [[(row.key ?? "").toUpperCase(), row.value ?? ""] as const]
				: [],
		),
	);
}

/** The name of an account object that a cell prints bare, as SQL; null where there is none. */
export function accountName(cell: string | null | undefined): string | null {
	const name = given(cell);
	if (name === null) return null;
	return name.startsWith('"') ? name : formatIdentifier(name);
}

/** A fully qualified name that a cell prints, as canonical SQL; the cell itself where it is no name. */
export function qualifiedName(cell: string | null | undefined): string | null {
	const text = given(cell);
	const name = text === null ? undefined : parseName(text);
	return name ? formatName(name) : text;
}
