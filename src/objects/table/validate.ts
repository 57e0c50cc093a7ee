import { type Diagnostic, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { type ObjectModel, objectKey } from "../../model/catalog.ts";
import { isNumeric, isText } from "../../model/data-type.ts";
import { formatIdentifier } from "../../model/identifier.ts";
import { columnPart } from "../shared/column-part.ts";
import { type Column, columnsOf } from "./column.ts";
import { constraintPart, constraintsOf, givenName } from "./constraint.ts";

/** What a column may not be, in the words of an error; the first mistake counts. */
function mistake(column: Column): string | undefined {
	const { type, identity } = column;
	if (column.expression !== null) {
		if (!column.nullable) return "is virtual, so it cannot be NOT NULL";
		if (column.default !== null || identity) return "is virtual, so it cannot have a default";
	}
	if (identity && column.default !== null) return "has both DEFAULT and AUTOINCREMENT";
	if (identity && !isNumeric(type)) return `is ${type}: AUTOINCREMENT needs a number`;
	if (identity?.increment === 0) return "counts up by 0";
	if (column.collation !== null && !isText(type)) return `is ${type}: COLLATE needs text`;
	return undefined;
}

function duplicates(names: readonly string[]): readonly string[] {
	return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

/** Mistakes in a table that need more than one of its clauses to see. */
export function validateTable(table: ObjectModel): readonly Diagnostic[] {
	const key = objectKey(table);
	const columns = columnsOf(table.properties);
	const names = columns.map((c) => c.name);
	const constraints = constraintsOf(table.properties);
	const at = (part: string) => table.declared?.properties.get(part) ?? table.declared?.name;
	const fail = (part: string, summary: string, hint?: { hint?: string }) =>
		errorAt(at(part), "CONSTRAINT", `${key}: ${summary}`, hint);
	const keys = constraints.filter((c) => c.kind === "PRIMARY KEY");
	return [
		...(columns.length === 0 ? [fail("COLUMN", "a table needs a column")] : []),
		...duplicates(names).map((name) =>
			fail(columnPart(name), `column ${formatIdentifier(name)} is declared twice`),
		),
		...columns.flatMap((column) => {
			const wrong = mistake(column);
			const part = columnPart(column.name);
			return wrong === undefined
				? []
				: [fail(part, `column ${formatIdentifier(column.name)} ${wrong}`)];
		}),
		...columns
			.filter((c) => c.nullable && keys.some((k) => k.columns.includes(c.name)))
			.map((c) =>
				fail(
					columnPart(c.name),
					`column ${formatIdentifier(c.name)} is in the primary key, so it must be NOT NULL`,
				),
			),
		...columns.flatMap(({ name, masking }) =>
			(masking?.using ?? [])
				.filter((other) => !names.includes(other))
				.map((other) =>
					fail(
						columnPart(name),
						`the masking policy of ${formatIdentifier(name)} uses ${formatIdentifier(other)}, which is not a column`,
						didYouMean(other, names),
					),
				),
		),
		...(keys.length > 1 ? [fail("CONSTRAINT", "a table has one primary key at most")] : []),
		...duplicates(constraints.flatMap((c) => givenName(c) ?? [])).map((name) =>
			fail("CONSTRAINT", `constraint ${formatIdentifier(name)} is declared twice`),
		),
		...constraints.flatMap((constraint) =>
			constraint.columns
				.filter((name) => !names.includes(name))
				.map((name) =>
					fail(
						"CONSTRAINT",
						`${constraintPart(constraint)} names ${formatIdentifier(name)}, which is not a column`,
						didYouMean(name, names),
					),
				),
		),
	];
}
