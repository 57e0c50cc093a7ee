import type { ObjectModel } from "../../src/model/catalog.ts";
import { formatIdentifier, formatName } from "../../src/model/identifier.ts";
import { columnsOf } from "../../src/objects/table/column.ts";

/** A value of each type, which is 1 wherever it can be. */
const ONES: readonly (readonly [RegExp, string])[] = [
	[/^(?:NUMBER|FLOAT|DECFLOAT)/, "1"],
	[/^VARCHAR/, "'1'"],
	[/^VARIANT/, "PARSE_JSON('1')"],
	[/^BOOLEAN/, "TRUE"],
	[/^DATE/, "'2024-02-29'::DATE"],
	[/^TIMESTAMP/, "'2024-02-29 10:11:12'::TIMESTAMP_NTZ"],
];

/** Types of which a value can be told to be 1. */
const COUNTS = /^(?:NUMBER|FLOAT|DECFLOAT|VARCHAR|VARIANT)/;

function oneOf(type: string): string | undefined {
	return ONES.find(([pattern]) => pattern.test(type))?.[1];
}

/** The statement that puts a row into a table. */
export function insertRow(table: ObjectModel): string {
	const filled = columnsOf(table.properties).flatMap(({ name, type, expression }) => {
		const value = expression === null ? oneOf(type) : undefined;
		return value === undefined ? [] : [[formatIdentifier(name), value] as const];
	});
	const [names, values] = [filled.map(([name]) => name), filled.map(([, value]) => value)];
	return `INSERT INTO ${formatName(table.name)} (${names.join(", ")}) SELECT ${values.join(", ")}`;
}

/** What is wrong with the row of a table that was changed: its columns that both have are 1, as before. */
export function rowProblems(
	from: ObjectModel,
	to: ObjectModel,
	rows: readonly Readonly<Record<string, unknown>>[],
): readonly string[] {
	const name = formatName(to.name);
	const [row] = rows;
	if (!row || rows.length !== 1) return [`${name} has ${rows.length} rows`];
	const before = new Map(columnsOf(from.properties).map((c) => [c.name, c]));
	return columnsOf(to.properties).flatMap((column) => {
		const old = before.get(column.name);
		const counts =
			old &&
			[old, column].every(
				(c) => c.expression === null && c.masking === null && COUNTS.test(c.type),
			);
		const value = row[column.name];
		return !counts || Number(value) === 1 ? [] : [`${name}.${column.name} is ${String(value)}`];
	});
}
