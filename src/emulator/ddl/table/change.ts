import { compilationError } from "../../account/errors.ts";
import {
	columns,
	columnsJson,
	duckdbType,
	physicalColumn,
	physicalTable,
} from "../../account/storage.ts";
import { alterLog, dropLog, enableLog } from "../../run/change-log.ts";
import type { CatalogObject, Column, Context, Json, SqlType } from "../../types.ts";
import { type Constraint, constraints, constraintsJson, noColumn } from "./constraint.ts";
import { addPhysicalColumn, rowCount } from "./physical.ts";

/** The table as the statement has left it so far. */
export function current(context: Context, table: CatalogObject): CatalogObject {
	return context.catalog.byId(table.id) ?? table;
}

/** Writes properties of a table. */
export async function setProperties(
	context: Context,
	table: CatalogObject,
	properties: { readonly [key: string]: Json },
): Promise<void> {
	const now = current(context, table);
	await context.catalog.update({ ...now, properties: { ...now.properties, ...properties } });
}

/** A column by name. */
export function requireColumn(table: CatalogObject, name: string): Column {
	const found = columns(table).find((column) => column.name === name);
	if (!found) throw noColumn(name);
	return found;
}

async function setColumns(
	context: Context,
	table: CatalogObject,
	list: readonly Column[],
): Promise<void> {
	await setProperties(context, table, { columns: columnsJson(list) });
}

async function replaceColumn(
	context: Context,
	table: CatalogObject,
	name: string,
	change: Partial<Column>,
): Promise<void> {
	const list = columns(current(context, table)).map((column) =>
		column.name === name ? { ...column, ...change } : column,
	);
	await setColumns(context, table, list);
}

/** Runs a clause of ALTER TABLE on the engine's table and on its change log. */
async function alterBoth(
	context: Context,
	table: CatalogObject,
	clause: string,
	logged: string | undefined = clause,
): Promise<void> {
	await context.engine(`ALTER TABLE ${physicalTable(table)} ${clause}`);
	if (logged !== undefined) await alterLog(context, table, logged);
}

/** ADD COLUMN. `fill` is the engine's expression of the default, for the rows that are there. */
export async function addColumn(
	context: Context,
	table: CatalogObject,
	column: Column,
	fill: string | undefined,
): Promise<void> {
	const list = columns(current(context, table));
	if (list.some((other) => other.name === column.name))
		throw compilationError("001430", "42601", `column '${column.name}' already exists`);
	if (column.expression === null) {
		const filled = column.identity !== null || fill !== undefined;
		if ((column.identity || (!column.nullable && !filled)) && (await rowCount(context, table)) > 0)
			throw column.identity
				? compilationError(
						"002264",
						"22000",
						`Cannot add column '${column.name}' with non-constant default to non-empty table '${table.name}'.`,
					)
				: compilationError(
						"002028",
						"22000",
						`Non-nullable column '${column.name}' cannot be added to non-empty table '${table.name}' unless it has a non-null default value.`,
					);
		await addPhysicalColumn(context, table, column, fill);
		const name = physicalColumn(column.name);
		await alterLog(
			context,
			table,
			`ADD COLUMN ${name} ${duckdbType(column.type)}${fill === undefined ? "" : ` DEFAULT ${fill}`}`,
		);
	}
	await setColumns(context, table, [...list, { ...column, defaultAdded: column.default !== null }]);
}

function usesColumn(text: string, name: string): boolean {
	return text
		.replaceAll(
			/"((?:[^"]|"")*)"/g,
			(_match, quoted: string) => ` ${quoted.replaceAll('""', '"')} `,
		)
		.split(/[^A-Za-z0-9_$]+/)
		.includes(name);
}

/** DROP COLUMN; refused where the clustering key or a virtual column uses it. Keys that hold it go with it. */
export async function dropColumn(
	context: Context,
	table: CatalogObject,
	name: string,
): Promise<void> {
	const now = current(context, table);
	const column = requireColumn(now, name);
	const list = columns(now);
	if (list.length === 1)
		throw compilationError(
			"002267",
			"0A000",
			`cannot drop the only column of table '${table.name}'`,
		);
	const virtual = list.find(
		(other) =>
			other.expression !== null && other.name !== name && usesColumn(other.expression, name),
	);
	if (virtual)
		throw compilationError(
			"002262",
			"22000",
			`Cannot drop column '${name}': virtual column '${virtual.name}' depends on it.`,
		);
	if (typeof now.properties.clusterBy === "string" && usesColumn(now.properties.clusterBy, name))
		throw compilationError(
			"002262",
			"22000",
			`Cannot drop column '${name}' which is used by clustering key.`,
		);
	if (column.expression === null)
		await alterBoth(context, table, `DROP COLUMN ${physicalColumn(name)}`);
	const keys = constraints(now).filter((key) => !key.columns.includes(name));
	await setProperties(context, table, {
		columns: columnsJson(list.filter((other) => other.name !== name)),
		constraints: constraintsJson(keys),
	});
}

/** RENAME COLUMN; refused for a column of the clustering key. */
export async function renameColumn(
	context: Context,
	table: CatalogObject,
	from: string,
	to: string,
): Promise<void> {
	const now = current(context, table);
	const column = requireColumn(now, from);
	if (columns(now).some((other) => other.name === to))
		throw compilationError("001430", "42601", `column '${to}' already exists`);
	if (typeof now.properties.clusterBy === "string" && usesColumn(now.properties.clusterBy, from))
		throw compilationError(
			"002262",
			"22000",
			`Cannot rename column '${from}' which is part of a clustering key.`,
		);
	if (column.expression === null)
		await alterBoth(
			context,
			table,
			`RENAME COLUMN ${physicalColumn(from)} TO ${physicalColumn(to)}`,
		);
	const renamed = (name: string): string => (name === from ? to : name);
	await setProperties(context, table, {
		columns: columnsJson(
			columns(now).map((other) => ({
				...other,
				name: renamed(other.name),
				maskingArguments: other.maskingArguments.map(renamed),
			})),
		),
		constraints: constraintsJson(
			constraints(now).map((key) => ({
				...key,
				columns: key.columns.map(renamed),
				...(key.references?.tableId === table.id && {
					references: { ...key.references, columns: key.references.columns.map(renamed) },
				}),
			})),
		),
	});
	for (const other of context.catalog.list("TABLE")) {
		if (other.id === table.id) continue;
		if (!constraints(other).some((key) => key.references?.tableId === table.id)) continue;
		const keys: readonly Constraint[] = constraints(other).map((key) =>
			key.references?.tableId === table.id
				? {
						...key,
						references: { ...key.references, columns: key.references.columns.map(renamed) },
					}
				: key,
		);
		await setProperties(context, other, { constraints: constraintsJson(keys) });
	}
}

function cannotChange(column: Column, type: SqlType, why = ""): Error {
	return compilationError(
		"040052",
		"22000",
		`cannot change column ${column.name} from type ${column.type.text} to ${type.text}${why}`,
	);
}

/**
 * SET DATA TYPE: only text may become longer, and the precision of a NUMBER change while all values fit.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
 */
export async function changeType(
	context: Context,
	table: CatalogObject,
	name: string,
	type: SqlType,
): Promise<void> {
	const column = requireColumn(current(context, table), name);
	const from = column.type;
	if (from.text === type.text) return;
	if (from.base === "TEXT" && type.base === "TEXT") {
		if ((type.length ?? 0) < (from.length ?? 0))
			throw cannotChange(
				column,
				type,
				" because reducing the byte-length of a varchar is not supported.",
			);
		return replaceColumn(context, table, name, { type });
	}
	if (from.base !== "FIXED" || type.base !== "FIXED") throw cannotChange(column, type);
	if (from.scale !== type.scale)
		throw cannotChange(column, type, " because changing the scale of a number is not supported.");
	const digits = (type.precision ?? 38) - (type.scale ?? 0);
	if ((type.precision ?? 38) < (from.precision ?? 38)) {
		const [row] = await context.engine(
			`SELECT count(*) FROM ${physicalTable(table)} WHERE abs(${physicalColumn(name)}::DECIMAL(38,${from.scale ?? 0})) >= 10::DOUBLE ** ${digits}`,
		);
		if (Number(row?.[0]) > 0)
			throw cannotChange(
				column,
				type,
				" because some values in the column do not fit the new precision.",
			);
	}
	await alterBoth(context, table, `ALTER COLUMN ${physicalColumn(name)} TYPE ${duckdbType(type)}`);
	return replaceColumn(context, table, name, { type });
}

/** SET NOT NULL: 001471 where there are NULLs; semi-structured columns only while the table is empty. */
export async function setNotNull(
	context: Context,
	table: CatalogObject,
	name: string,
): Promise<void> {
	const column = requireColumn(current(context, table), name);
	if (!column.nullable) return;
	const semi = ["VARIANT", "OBJECT", "ARRAY", "MAP"].includes(column.type.base);
	if (semi && (await rowCount(context, table)) > 0)
		throw compilationError(
			"001472",
			"0A000",
			`Column '${name}' of type ${column.type.text} cannot be set to NOT NULL while the table contains rows.`,
		);
	const [row] = await context.engine(
		`SELECT count(*) FROM ${physicalTable(table)} WHERE ${physicalColumn(name)} IS NULL`,
	);
	if (Number(row?.[0]) > 0)
		throw compilationError(
			"001471",
			"42601",
			`column '${name}' contains null values. Not null constraint cannot be added.`,
		);
	await alterBoth(context, table, `ALTER COLUMN ${physicalColumn(name)} SET NOT NULL`, undefined);
	await replaceColumn(context, table, name, { nullable: false });
}

/** DROP NOT NULL; not while the column is in the primary key. */
export async function dropNotNull(
	context: Context,
	table: CatalogObject,
	name: string,
): Promise<void> {
	const now = current(context, table);
	const column = requireColumn(now, name);
	if (column.nullable) return;
	if (constraints(now).some((key) => key.type === "PRIMARY KEY" && key.columns.includes(name)))
		throw compilationError(
			"002071",
			"0A000",
			`Column '${name}' is part of the primary key and cannot be made nullable.`,
		);
	await alterBoth(context, table, `ALTER COLUMN ${physicalColumn(name)} DROP NOT NULL`, undefined);
	await replaceColumn(context, table, name, { nullable: true });
}

/** DROP DEFAULT; not where ADD COLUMN gave the default, because older rows got their value from it. */
export async function dropDefault(
	context: Context,
	table: CatalogObject,
	name: string,
): Promise<void> {
	const column = requireColumn(current(context, table), name);
	if (column.defaultAdded)
		throw compilationError(
			"002266",
			"0A000",
			`Cannot drop the default of column '${name}', which was added with its default by ALTER TABLE.`,
		);
	if (column.identity) {
		await alterBoth(context, table, `ALTER COLUMN ${physicalColumn(name)} DROP DEFAULT`, undefined);
	}
	await replaceColumn(context, table, name, { default: null, identity: null });
}

/** SET DEFAULT: only from one sequence to another. */
export async function setDefault(
	context: Context,
	table: CatalogObject,
	name: string,
	text: string,
): Promise<void> {
	const column = requireColumn(current(context, table), name);
	if (!column.default?.endsWith(".NEXTVAL") || !text.endsWith(".NEXTVAL"))
		throw compilationError(
			"001438",
			"0A000",
			`Default of column '${name}' cannot be changed: only the sequence of a column that has one can be replaced.`,
		);
	await replaceColumn(context, table, name, { default: text });
}

/** COMMENT and UNSET COMMENT of a column. */
export async function setColumnComment(
	context: Context,
	table: CatalogObject,
	name: string,
	comment: string | null,
): Promise<void> {
	requireColumn(current(context, table), name);
	await replaceColumn(context, table, name, { comment });
}

/** Turns change tracking on or off; streams on the table lose what they had when it is turned off. */
export async function setChangeTracking(
	context: Context,
	table: CatalogObject,
	on: boolean,
): Promise<void> {
	if (current(context, table).properties.changeTracking === on) return;
	await setProperties(context, table, { changeTracking: on });
	if (on) await enableLog(context, current(context, table));
	else await dropLog(context, table);
}
