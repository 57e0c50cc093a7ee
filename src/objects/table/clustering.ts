import { textSource } from "../../diagnostics/source.ts";
import { parseIdentifier } from "../../model/identifier.ts";
import type { Properties } from "../../model/value.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { samples } from "../define/domain.ts";
import { phraseClause } from "../define/properties.ts";
import { type Property, property } from "../define/property.ts";
import type { ValueSyntax } from "../define/value-syntax.ts";
import { columnsOf } from "./column.ts";
import { canonicalExpression, takeExpression } from "./expression.ts";

/** `( expressions )`, also as SHOW TABLES prints them: `LINEAR(A, B)`. */
const keys: ValueSyntax = {
	read(cursor) {
		cursor.take("LINEAR");
		return cursor.expectGroup("( with expressions )").splitAt(",").map(takeExpression);
	},
	print: (value) => `(${(value as readonly string[]).join(", ")})`,
	domain: samples(),
	shape: "( <expression> [, …] )",
};

/** The clustering key of a table's properties; none gives an empty list. */
export function clusteringOf(properties: Properties): readonly string[] {
	return (properties["CLUSTER BY"] ?? []) as readonly string[];
}

/** The clustering key in a cell of SHOW TABLES: `LINEAR(A, B)` or `(A,B)`. */
export function reportedClustering(cell: string | null | undefined): readonly string[] | null {
	if (!cell) return null;
	const source = textSource("cluster_by", cell.includes("(") ? cell : `(${cell})`);
	return keys.read(new Cursor(source, lex(source).tokens), {
		qualify: (name) => name.parts,
	}) as readonly string[];
}

/** Types that cannot be a clustering key as they are. */
const UNSORTED = /^(?:VARIANT|OBJECT|ARRAY|MAP|GEOGRAPHY|GEOMETRY|VECTOR|DECFLOAT|FILE)/;

/**
 * `CLUSTER BY ( … )`. ALTER TABLE has statements of its own for it.
 * https://docs.snowflake.com/en/user-guide/tables-clustering-keys
 */
export const clusterBy: Property = property("CLUSTER BY", phraseClause("CLUSTER BY", keys), {
	change: "alter",
	default: null,
	canonical: (value) => (value as readonly string[]).map(canonicalExpression),
	hazards: (_from, to) =>
		to === null || to === undefined
			? []
			: [
					{
						code: "COST",
						message: "Automatic Clustering sorts the table anew, which costs credits",
					},
				],
	variants(value, properties) {
		const names = columnsOf(properties)
			.filter((c) => c.expression === null && !UNSORTED.test(c.type))
			.map((c) => c.name)
			.filter((name) => parseIdentifier(name) === name && /^[A-Z_]+$/.test(name));
		const candidates = [names.slice(0, 1), names.slice(0, 2), names.slice(0, 2).reverse()];
		return [
			...candidates
				.filter((key) => key.length > 0 && String(key) !== String(value ?? ""))
				.map((key) => ({ part: "CLUSTER BY", value: key })),
			...(value ? [{ part: "CLUSTER BY", value: undefined }] : []),
		];
	},
});
