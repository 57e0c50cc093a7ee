import {
	DATA_SCHEMA,
	duckdbType,
	engineString,
	identitySequence,
	physicalColumn,
	physicalTable,
	ROW_ID,
} from "../../account/storage.ts";
import type { CatalogObject, Column, Context } from "../../types.ts";

/** A column in the engine's CREATE TABLE. Other defaults than identity are filled in by whoever inserts. */
function columnDefinition(table: Pick<CatalogObject, "id">, column: Column): string {
	const parts = [physicalColumn(column.name), duckdbType(column.type)];
	if (column.identity)
		parts.push(`DEFAULT nextval(${engineString(identitySequence(table, column.name))})`);
	if (!column.nullable) parts.push("NOT NULL");
	return parts.join(" ");
}

async function createSequence(
	context: Context,
	table: Pick<CatalogObject, "id">,
	column: Column,
): Promise<void> {
	if (!column.identity) return;
	const { start, increment } = column.identity;
	const bounds =
		increment < 0
			? `MINVALUE -9223372036854775807 MAXVALUE ${Math.max(start, 1)}`
			: start < 1
				? `MINVALUE ${start}`
				: "";
	await context.engine(
		`CREATE SEQUENCE ${identitySequence(table, column.name)} START ${start} INCREMENT ${increment} ${bounds}`,
	);
}

/** Makes the engine's table, empty or from a query that gives the stored columns in order. */
export async function createPhysicalTable(
	context: Context,
	table: Pick<CatalogObject, "id">,
	list: readonly Column[],
): Promise<void> {
	const stored = list.filter((column) => column.expression === null);
	for (const column of stored) await createSequence(context, table, column);
	const definitions = stored.map((column) => columnDefinition(table, column));
	await context.engine(
		`CREATE TABLE ${physicalTable(table)} (${ROW_ID} BIGINT DEFAULT nextval('${DATA_SCHEMA}.row_id'), ${definitions.join(", ")})`,
	);
}

/** Drops the engine's table, its identity sequences after it. */
export async function dropPhysicalTable(
	context: Context,
	table: Pick<CatalogObject, "id">,
): Promise<void> {
	await context.engine(`DROP TABLE IF EXISTS ${physicalTable(table)}`);
	const sequences = await context.engine(
		`SELECT sequence_name FROM duckdb_sequences() WHERE schema_name = '${DATA_SCHEMA}' AND starts_with(sequence_name, 'i${table.id}_')`,
	);
	for (const [name] of sequences)
		await context.engine(`DROP SEQUENCE ${DATA_SCHEMA}."${String(name).replaceAll('"', '""')}"`);
}

/**
 * Adds a column to the engine's table; `fill` is its value in the rows that are there.
 * The engine fills it as a default that is dropped again: it refuses NOT NULL after an UPDATE in the same transaction.
 */
export async function addPhysicalColumn(
	context: Context,
	table: CatalogObject,
	column: Column,
	fill: string | undefined,
): Promise<void> {
	await createSequence(context, table, column);
	const target = physicalTable(table);
	const name = physicalColumn(column.name);
	const value = column.identity
		? `nextval(${engineString(identitySequence(table, column.name))})`
		: fill;
	const filled = value === undefined ? "" : ` DEFAULT ${value}`;
	await context.engine(
		`ALTER TABLE ${target} ADD COLUMN ${name} ${duckdbType(column.type)}${filled}`,
	);
	if (value !== undefined && !column.identity)
		await context.engine(`ALTER TABLE ${target} ALTER COLUMN ${name} DROP DEFAULT`);
	if (!column.nullable)
		await context.engine(`ALTER TABLE ${target} ALTER COLUMN ${name} SET NOT NULL`);
}

/** How many rows a table has. */
export async function rowCount(
	context: Context,
	table: Pick<CatalogObject, "id">,
): Promise<number> {
	const [row] = await context.engine(`SELECT count(*) FROM ${physicalTable(table)}`);
	return Number(row?.[0]);
}
