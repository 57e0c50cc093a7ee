import { type Catalog, type ObjectModel, objectKey } from "../../model/catalog.ts";
import {
	formatIdentifier,
	formatName,
	formatString,
	type QualifiedName,
} from "../../model/identifier.ts";
import type { ChangeContext } from "../define/property.ts";
import type { Recipe, RecipeCreation, RecipeOperation } from "../define/recipe.ts";
import { comparedValue, rowsAndChecksum } from "./checksum.ts";
import { type Column, columnsOf } from "./column.ts";
import { planColumns } from "./column-changes.ts";
import { castChecks, compared, oldNames, unprotected } from "./compared.ts";
import { refuseRebuild } from "./impossible.ts";
import { aboutTable, captures, comparisons, grantsProof } from "./proofs.ts";
import { scratchName } from "./scratch.ts";

/** The columns in the order that the account has them, so that who goes by their places goes on; new ones last. */
function inPlace(context: ChangeContext): readonly Column[] {
	const old = oldNames(context);
	const live = columnsOf(context.from.properties).map((c) => c.name);
	const place = ({ name }: Column): number => {
		const at = live.indexOf(old.get(name) ?? name);
		return at < 0 ? live.length : at;
	};
	return [...columnsOf(context.to.properties)].sort((a, b) => place(a) - place(b));
}

function markOf(column: Column): string {
	return `{next ${column.name}}`;
}

function nextOf(column: Column, key: string): string {
	return `next ${column.name} of ${key}`;
}

/** Columns that count by themselves, and that have values already. */
function counting(context: ChangeContext): readonly Column[] {
	const old = oldNames(context);
	const live = new Set(columnsOf(context.from.properties).map((c) => c.name));
	return columnsOf(context.to.properties).filter(
		(c) => c.identity !== null && live.has(old.get(c.name) ?? c.name),
	);
}

/** Where a column goes on counting: in its steps, behind everything that is there. */
function nextValue(column: Column, name: string, table: string): string {
	const { start, increment } = column.identity ?? { start: 1, increment: 1 };
	const [extreme, furthest, one] =
		increment < 0 ? ["MIN", "LEAST", "- 1"] : ["MAX", "GREATEST", "+ 1"];
	const steps = `CEIL((${extreme}(${formatIdentifier(name)}) ${one} - (${start})) / (${increment}))`;
	return `SELECT CAST(COALESCE(${furthest}(${start}, ${start} + ${steps} * (${increment})), ${start}) AS NUMBER(38,0)) FROM ${table}`;
}

/** Every stored column that was there, read as what it becomes. */
function copyStatement(context: ChangeContext, from: string, to: string): string {
	const old = oldNames(context);
	const copied = planColumns(context).kept.filter(({ after }) => after.expression === null);
	const names = copied.map(({ after }) => formatIdentifier(after.name)).join(", ");
	const values = copied.map(({ before, after }) =>
		comparedValue({
			name: old.get(after.name) ?? after.name,
			...(before.type === after.type ? {} : { as: after.type }),
		}),
	);
	return `INSERT INTO ${to} (${names}) SELECT ${values.join(", ")} FROM ${from}`;
}

/**
 * What undoes a rebuild that was cut off. Of the two tables the older one is the original. As long as the new one
 * is the copy that it was, the names are swapped back and the copy goes; where rows were written to it meanwhile,
 * nothing goes, and a person decides.
 */
function restores(
	name: QualifiedName,
	scratch: QualifiedName,
	rows: { readonly sql: string; readonly captured: string },
	key: string,
): readonly RecipeOperation[] {
	const [table, copy] = [formatName(name), formatName(scratch)];
	const [own, other] = [name[2] ?? "", scratch[2] ?? ""];
	const state = `names of ${key}`;
	const after = `names of ${key} afterwards`;
	const written = `copy of ${key}`;
	const names = aboutTable(name, "COUNT(*) || ' ' || MIN_BY(TABLE_NAME, CREATED)", [other]);
	return [
		{ do: "capture", sql: names, saveAs: state },
		{
			do: "capture",
			sql: `SELECT IFF(ALL_ROWS = {rows}, 'same', 'written') FROM (${rows.sql})`,
			takes: { "{rows}": rows.captured },
			uses: { name: state, equals: `2 ${other}` },
			saveAs: written,
		},
		{
			do: "execute",
			sql: `ALTER TABLE ${table} SWAP WITH ${copy}`,
			uses: { name: written, equals: "same" },
		},
		// A swap back can be refused: only what is seen to be the copy goes.
		{ do: "capture", sql: names, saveAs: after },
		{ do: "execute", sql: `DROP TABLE ${copy}`, uses: { name: after, equals: `2 ${own}` } },
		{
			do: "check",
			sql: `SELECT ${formatString(`rows were written to ${table} after it was swapped with ${copy}, which has the old ones: put them together, and drop ${copy}`)}`,
			until: "",
			uses: { name: written, equals: "written" },
			proves: "who has all rows",
		},
	];
}

/**
 * How a table is made anew with its rows, where nothing else brings a change about: a new one beside it, with its
 * grants, is filled, compared and swapped with it, and the old one goes when it is known that nobody wrote to it
 * meanwhile. Swapping makes streams stale, so they are drained before and made anew, as are pipes.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 * https://docs.snowflake.com/en/sql-reference/sql/create-table#usage-notes
 */
export function rebuildRecipe(
	from: ObjectModel,
	to: ObjectModel,
	catalogs: { readonly live: Catalog; readonly desired: Catalog },
): Recipe {
	const context: ChangeContext = { from, to };
	refuseRebuild(context, catalogs);
	const key = objectKey(to);
	const table = formatName(to.name);
	const columns = inPlace(context);
	const counts = counting(context);
	const marked = columns.map((column) =>
		column.identity && counts.some(({ name }) => name === column.name)
			? { ...column, identity: { ...column.identity, mark: markOf(column) } }
			: column,
	);
	const other = scratchName(to.name[2] ?? "", {
		from: from.properties,
		to: to.properties,
	});
	const scratch = [...to.name.slice(0, 2), other];
	const copy = formatName(scratch);
	const old = oldNames(context);
	const rowsOf = (name: string, names: "old" | "new") =>
		rowsAndChecksum(name, compared(context, names));
	const rows = `rows of ${key}`;
	const unchanged = `last change of ${key}`;
	const lastChange = aboutTable(to.name, "ROW_COUNT || ' rows, altered ' || LAST_ALTERED");
	const same = (sql: string, sameAs: string, proves: string): RecipeOperation => ({
		do: "check",
		sql,
		sameAs,
		proves,
	});
	const made: RecipeCreation = {
		do: "create",
		model: { ...to, name: scratch, properties: { ...to.properties, COLUMN: marked } },
		takes: Object.fromEntries(counts.map((column) => [markOf(column), nextOf(column, key)])),
	};
	const casts = castChecks(context, table);
	const grants = grantsProof(to.name);
	return {
		first: [unprotected(table), ...casts],
		before: [
			...casts,
			...captures([grants], key),
			{ do: "capture", sql: lastChange, saveAs: unchanged },
			{ do: "capture", sql: rowsOf(table, "old"), saveAs: rows },
		],
		instead: [
			...counts.map(
				(column): RecipeOperation => ({
					do: "capture",
					sql: nextValue(column, old.get(column.name) ?? column.name, table),
					saveAs: nextOf(column, key),
				}),
			),
			{ do: "execute", sql: `CREATE TABLE ${copy} LIKE ${table} COPY GRANTS` },
			made,
			{ do: "execute", sql: copyStatement(context, table, copy) },
			same(rowsOf(copy, "new"), rows, "rows copied"),
			same(rowsOf(table, "old"), rows, "rows that nobody changed meanwhile"),
			same(lastChange, unchanged, "last change before the copy"),
			{ do: "execute", sql: `ALTER TABLE ${table} SWAP WITH ${copy}` },
			same(rowsOf(copy, "old"), rows, "rows that nobody wrote to the old table"),
			...comparisons([grants], key),
			same(rowsOf(table, "new"), rows, "rows"),
			{ do: "execute", sql: `DROP TABLE ${copy}` },
		],
		after: [],
		restore: restores(to.name, scratch, { sql: rowsOf(table, "new"), captured: rows }, key),
		proof: [],
		prevents: ["DATA_LOSS", "STREAM_STALE", "FUTURE_GRANTS_SKIPPED"],
		adds: [
			{
				code: "DATA_REWRITE",
				message:
					"every row is copied to a new table, which then takes the old one's name; the old one goes when all rows are known to be there",
			},
		],
	};
}
