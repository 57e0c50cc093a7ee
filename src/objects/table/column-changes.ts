import { sortBy } from "../../model/compare.ts";
import { formatIdentifier } from "../../model/identifier.ts";
import type { ChangeContext, How, PropertyChange } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { type Column, columnsOf } from "./column.ts";
import { type Aspect, aspectsOf, COLUMN_LOST, narrowing } from "./column-aspects.ts";
import { renamedColumns, renames } from "./column-renames.ts";
import { printDefinition } from "./column-syntax.ts";
import { canonicalDefault, canonicalExpression, isLiteralFor } from "./expression.ts";

/** A column on both sides; `before` has already the name it is renamed to. */
export interface KeptColumn {
	readonly before: Column;
	readonly after: Column;
	readonly aspects: readonly Aspect[];
}

/** Columns that another one takes the place of, because ALTER COLUMN cannot make them what they are to be. */
export function substituted(plan: ColumnPlan): readonly KeptColumn[] {
	return plan.kept.filter(({ aspects }) => aspects.some(({ how }) => how === "substitute"));
}

/** What becomes of a table's columns. */
export interface ColumnPlan {
	/** Old name and new name. */
	readonly renamed: readonly { readonly from: string; readonly to: string }[];
	readonly kept: readonly KeptColumn[];
	readonly added: readonly Column[];
	readonly dropped: readonly Column[];
}

/** Whether files loaded into the table may add columns to it and drop NOT NULLs: then these are nobody's difference. */
export function evolves({ from, to }: ChangeContext): boolean {
	return (
		from.properties.ENABLE_SCHEMA_EVOLUTION === true &&
		to.properties.ENABLE_SCHEMA_EVOLUTION === true
	);
}

/** Compares the columns of both sides by name; their order does not matter. */
export function planColumns(context: ChangeContext): ColumnPlan {
	const evolving = evolves(context);
	const renamed = [...renames(context)].map(([from, to]) => ({ from, to }));
	const live = renamedColumns(context);
	const declared = columnsOf(context.to.properties);
	const byName = new Map(live.map((c) => [c.name, c]));
	const wanted = new Set(declared.map((c) => c.name));
	return {
		renamed,
		kept: declared.flatMap((after) => {
			const before = byName.get(after.name);
			return before ? [{ before, after, aspects: aspectsOf(before, after, live, evolving) }] : [];
		}),
		added: declared.filter((c) => !byName.has(c.name)),
		dropped: evolving ? [] : live.filter((c) => !wanted.has(c.name)),
	};
}

/**
 * How a column comes to a table that may have rows: only with a literal as its default, and counting up by
 * itself only while the table is empty.
 */
function howToAdd(column: Column, context: ChangeContext): How {
	const { default: value, identity, type } = column;
	if (identity) return context.from.runtime?.rows === 0 ? "alter" : "rebuild";
	return value === null || isLiteralFor(value, type) ? "alter" : "rebuild";
}

function addition(column: Column, context: ChangeContext): PropertyChange {
	const bare = !column.nullable && column.default === null && column.identity === null;
	return {
		property: columnPart(column.name),
		from: undefined,
		to: printDefinition(column),
		how: howToAdd(column, context),
		hazards: bare
			? narrowing(
					`${formatIdentifier(column.name)} is NOT NULL without a default: a table with rows does not take it`,
				)
			: [],
		emits: ["shapeChanged"],
	};
}

/** The differences of two lists of columns, one for each aspect of each column. */
export function columnChanges(context: ChangeContext): readonly PropertyChange[] {
	const { renamed, kept, added, dropped } = planColumns(context);
	return [
		...renamed.map(
			({ from, to }): PropertyChange => ({
				property: `${columnPart(to)}: NAME`,
				from,
				to,
				how: "alter",
				hazards: [],
				emits: ["shapeChanged"],
			}),
		),
		...kept.flatMap(({ after, aspects }) =>
			aspects.map(
				({ name, from, to, how, hazards = [], reshapes, refused }): PropertyChange => ({
					property: `${columnPart(after.name)}: ${name}`,
					from,
					to,
					how,
					hazards,
					emits:
						how === "substitute" ? ["shapeChanged", "rewritten"] : reshapes ? ["shapeChanged"] : [],
					...(refused === undefined ? {} : { refused }),
				}),
			),
		),
		...added.map((column) => addition(column, context)),
		...dropped.map(
			(column): PropertyChange => ({
				property: columnPart(column.name),
				from: printDefinition(column),
				to: undefined,
				how: "alter",
				hazards: column.expression === null ? [COLUMN_LOST(column.name)] : [],
				emits: ["shapeChanged"],
			}),
		),
	];
}

/** Columns as they are compared: in the order of their names, without directives. */
export function canonicalColumns(columns: readonly Column[]): readonly Column[] {
	const comparable = columns.map((c) => ({
		...c,
		default: canonicalDefault(c.default, c.type),
		expression: c.expression === null ? null : canonicalExpression(c.expression),
		masking: c.masking === null ? null : { policy: c.masking.policy, using: [] },
		renamedFrom: null,
	}));
	return sortBy(comparable, (c) => c.name);
}
