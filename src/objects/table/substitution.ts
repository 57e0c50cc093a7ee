import { type Catalog, type ObjectModel, objectKey } from "../../model/catalog.ts";
import { isText } from "../../model/data-type.ts";
import { formatIdentifier, formatName, formatString } from "../../model/identifier.ts";
import type { ArrangedStatement } from "../define/object-type.ts";
import type { ChangeContext } from "../define/property.ts";
import type { Recipe, RecipeOperation } from "../define/recipe.ts";
import { columnPart } from "../shared/column-part.ts";
import { printMasking } from "../shared/masking.ts";
import { comparedValue, rowsAndChecksum } from "./checksum.ts";
import { type Column, columnsOf } from "./column.ts";
import { type KeptColumn, planColumns, substituted } from "./column-changes.ts";
import { printColumn } from "./column-syntax.ts";
import { castChecks, compared, unprotected } from "./compared.ts";
import { refuseSubstitution } from "./impossible.ts";
import { captures, comparisons, sameTable } from "./proofs.ts";
import { scratchName } from "./scratch.ts";

/** A column and the one that takes its place. */
interface Substitute {
	readonly kept: KeptColumn;
	/** The name that the new one has until then. */
	readonly scratch: string;
	/** All of what the new one is to be. */
	readonly column: Column;
}

/** What nobody wrote stays: a collation, and what schema evolution made of NOT NULL. */
function columnOf({ before, after, aspects }: KeptColumn): Column {
	return {
		...after,
		collation: isText(after.type) ? (after.collation ?? before.collation) : null,
		nullable: aspects.some(({ name }) => name === "NULLABLE") ? after.nullable : before.nullable,
	};
}

/** The columns that are substituted by a change, in the order in which the account has them. */
export function substitutes(context: ChangeContext): readonly Substitute[] {
	const live = columnsOf(context.from.properties).map((c) => c.name);
	const plan = planColumns(context);
	const oldName = new Map(plan.renamed.map(({ from, to }) => [to, from]));
	const place = ({ kept }: Substitute) =>
		live.indexOf(oldName.get(kept.after.name) ?? kept.after.name);
	return substituted(plan)
		.map((kept): Substitute => {
			const column = columnOf(kept);
			const change = [formatName(context.to.name), printColumn(kept.before), printColumn(column)];
			return { kept, column, scratch: scratchName(kept.after.name, change) };
		})
		.sort((a, b) => place(a) - place(b));
}

function rowsCapture(key: string): string {
	return `rows of ${key}`;
}

/** The name that holds how far a substitution came. */
function stateOf(name: string, key: string): string {
	return `state of ${columnPart(name)} of ${key}`;
}

/**
 * The statements before the old columns go: the new ones are added and filled, get what the old ones have, and
 * are compared with them. NOT NULL and a policy come last, since a table with rows takes no column that is NOT
 * NULL without a default, and nobody sees through a policy.
 */
export function fillSubstitutes(
	object: string,
	context: ChangeContext,
): readonly ArrangedStatement[] {
	const all = substitutes(context);
	const [first] = all;
	if (!first) return [];
	const table = formatName(context.to.name);
	const key = objectKey(context.to);
	const property = columnPart(first.kept.after.name);
	const added = all.map(({ column, scratch }) =>
		printColumn({ ...column, name: scratch, nullable: true, masking: null }),
	);
	const values = all.map(
		({ kept, column, scratch }) =>
			`${formatIdentifier(scratch)} = ${comparedValue({ name: kept.after.name, as: column.type })}`,
	);
	return [
		{ text: `ALTER ${object} ADD COLUMN ${added.join(", ")}`, property },
		{ text: `UPDATE ${table} SET ${values.join(", ")}`, property },
		...all
			.filter(({ column }) => !column.nullable)
			.map(({ kept, scratch }) => ({
				text: `ALTER ${object} ALTER COLUMN ${formatIdentifier(scratch)} SET NOT NULL`,
				property: columnPart(kept.after.name),
			})),
		...all.map(({ kept, column, scratch }): ArrangedStatement => {
			const old = comparedValue({ name: kept.after.name, as: column.type });
			return {
				text: `SELECT COUNT_IF(HASH(${formatIdentifier(scratch)}) <> HASH(${old})) FROM ${table}`,
				as: { do: "check", until: "0", proves: `values of ${kept.after.name} that differ` },
			};
		}),
		...all.flatMap(({ kept, column, scratch }): readonly ArrangedStatement[] =>
			column.masking === null
				? []
				: [
						{
							text: `ALTER ${object} MODIFY COLUMN ${formatIdentifier(scratch)} SET ${printMasking(column.masking, scratch)}`,
							property: columnPart(kept.after.name),
						},
					],
		),
		{
			text: rowsAndChecksum(table, compared(context, "renamed")),
			as: { do: "check", sameAs: rowsCapture(key), proves: "rows that nobody changed meanwhile" },
		},
	];
}

/** The statements by which the new columns take the places of the old ones. */
export function takePlaces(object: string, context: ChangeContext): readonly ArrangedStatement[] {
	const all = substitutes(context);
	if (all.length === 0) return [];
	const names = all.map(({ kept }) => formatIdentifier(kept.after.name));
	return [
		{ text: `ALTER ${object} DROP COLUMN ${names.join(", ")}` },
		...all.map(({ kept, scratch }) => ({
			text: `ALTER ${object} RENAME COLUMN ${formatIdentifier(scratch)} TO ${formatIdentifier(kept.after.name)}`,
			property: columnPart(kept.after.name),
		})),
	];
}

/** What undoes a substitution that was cut off, or finishes it: while the old column is there, it has the values. */
function restores(context: ChangeContext): readonly RecipeOperation[] {
	const [database = "", schema = "", name = ""] = context.to.name;
	const table = formatName(context.to.name);
	const key = objectKey(context.to);
	return substitutes(context).flatMap(({ kept, scratch }): readonly RecipeOperation[] => {
		const column = kept.after.name;
		const state = stateOf(column, key);
		return [
			{
				do: "capture",
				sql: `SELECT COUNT_IF(COLUMN_NAME = ${formatString(column)}) || COUNT_IF(COLUMN_NAME = ${formatString(scratch)}) FROM ${formatIdentifier(database)}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ${formatString(schema)} AND TABLE_NAME = ${formatString(name)}`,
				saveAs: state,
			},
			{
				do: "execute",
				sql: `ALTER TABLE ${table} DROP COLUMN ${formatIdentifier(scratch)}`,
				uses: { name: state, equals: "11" },
			},
			{
				do: "execute",
				sql: `ALTER TABLE ${table} RENAME COLUMN ${formatIdentifier(scratch)} TO ${formatIdentifier(column)}`,
				uses: { name: state, equals: "01" },
			},
		];
	});
}

/** Whether the columns that are substituted are the last ones, so that all stay where they are. */
function moves(context: ChangeContext): boolean {
	const plan = planColumns(context);
	const oldName = new Map(plan.renamed.map(({ from, to }) => [to, from]));
	const gone = new Set(plan.dropped.map(({ name }) => name));
	const live = columnsOf(context.from.properties)
		.map((c) => c.name)
		.filter((name) => !gone.has(name));
	const names = substitutes(context).map(
		({ kept }) => oldName.get(kept.after.name) ?? kept.after.name,
	);
	return live.slice(-names.length).join("\0") !== names.join("\0");
}

/** Only a table whose changes are tracked can have a stream, since the first stream turns tracking on. */
function isTracked(table: ObjectModel): boolean {
	return table.properties.CHANGE_TRACKING !== false;
}

/**
 * How columns that ALTER cannot change are substituted: the table stays the same, and with it its streams,
 * grants and load history. What does not cast is found before anything is touched, and once more when writers
 * are held; until the old columns are dropped everything can be undone, and from then on only be finished.
 */
export function substitutionRecipe(
	from: ObjectModel,
	to: ObjectModel,
	catalogs: { readonly live: Catalog; readonly desired: Catalog },
): Recipe | undefined {
	const context: ChangeContext = { from, to };
	const all = substitutes(context);
	if (all.length === 0) return undefined;
	refuseSubstitution(
		context,
		all.map(({ kept }) => kept),
		catalogs,
	);
	const table = formatName(from.name);
	const key = objectKey(to);
	const casts = castChecks(context, table);
	const proofs = sameTable(from.name, to.name);
	const rows = {
		what: "rows",
		before: rowsAndChecksum(table, compared(context, "old")),
		after: rowsAndChecksum(formatName(to.name), compared(context, "new")),
	};
	const names = all.map(({ kept }) => formatIdentifier(kept.after.name)).join(", ");
	return {
		first: [unprotected(table), ...casts],
		before: [...casts, ...captures([rows, ...proofs], key)],
		after: comparisons([rows, ...proofs], key),
		restore: restores(context),
		proof: [],
		prevents: [],
		adds: isTracked(from)
			? [
					{
						code: "STREAM_FLOOD",
						message: `${names}: every row is written anew, which streams on the table tell as a change of it`,
					},
				]
			: [],
		...(moves(context) && { moves: true }),
	};
}
