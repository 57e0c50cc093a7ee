import { objectName } from "../../account/catalog.ts";
import { compilationError } from "../../account/errors.ts";
import { columns, columnsJson } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Column, Context, Result } from "../../types.ts";
import { statusResult } from "../result.ts";
import {
	addColumn,
	changeType,
	current,
	dropColumn,
	dropDefault,
	dropNotNull,
	setChangeTracking,
	setColumnComment,
	setDefault,
	setNotNull,
	setProperties,
} from "./change.ts";
import type { Constraint } from "./constraint.ts";
import {
	constraints,
	constraintsJson,
	resolveConstraint,
	type WrittenConstraint,
} from "./constraint.ts";
import { literalDefault } from "./literal.ts";
import type { TableOptions } from "./options.ts";

/** The part of a CREATE TABLE that CREATE OR ALTER brings an existing table to. */
export interface Target {
	readonly columns: readonly Column[];
	readonly constraints: readonly WrittenConstraint[];
	readonly options: TableOptions;
	readonly transient: boolean;
}

async function alterColumn(
	context: Context,
	table: CatalogObject,
	from: Column,
	to: Column,
): Promise<void> {
	const { name } = to;
	if (to.expression !== null || from.expression !== null)
		throw unsupported("virtual columns in CREATE OR ALTER TABLE");
	if (from.collation !== to.collation)
		throw compilationError("002210", "0A000", `Collation of column '${name}' cannot be changed.`);
	if (JSON.stringify(from.identity) !== JSON.stringify(to.identity))
		throw compilationError(
			"002211",
			"0A000",
			`AUTOINCREMENT of column '${name}' cannot be changed.`,
		);
	if (to.maskingPolicy !== null && to.maskingPolicy !== from.maskingPolicy)
		throw unsupported("setting masking policies by CREATE OR ALTER TABLE");
	await changeType(context, table, name, to.type);
	if (from.default !== to.default) {
		if (to.default === null) await dropDefault(context, table, name);
		else await setDefault(context, table, name, to.default);
	}
	if (from.nullable && !to.nullable) await setNotNull(context, table, name);
	if (!from.nullable && to.nullable) await dropNotNull(context, table, name);
	if (from.comment !== to.comment) await setColumnComment(context, table, name, to.comment);
}

/** Named constraints are compared by name, unnamed ones by what they say. */
function isWritten(key: Constraint, written: readonly WrittenConstraint[]): boolean {
	return written.some(
		(other) =>
			other.type === key.type &&
			other.columns.join("\0") === key.columns.join("\0") &&
			(other.name === undefined || other.name === key.name),
	);
}

/**
 * CREATE OR ALTER TABLE on a table that exists: what is written is what will be; what is absent is unset, except
 * for CHANGE_TRACKING and ROW_TIMESTAMP. New columns come last; columns keep their order.
 * https://docs.snowflake.com/en/sql-reference/sql/create-table#create-or-alter-table-usage-notes
 */
export async function alterToDefinition(
	context: Context,
	table: CatalogObject,
	target: Target,
): Promise<Result> {
	await context.lock(table.id, "define");
	if (target.transient !== table.properties.transient)
		throw compilationError(
			"002212",
			"0A000",
			`Table '${table.name}' cannot be changed to or from TRANSIENT.`,
		);
	const before = columns(table);
	const wanted = target.columns.map((column) => column.name);
	const kept = before.filter((column) => wanted.includes(column.name));
	const order = wanted.filter((name) => kept.some((column) => column.name === name));
	if (
		order.join("\0") !== kept.map((column) => column.name).join("\0") ||
		order.join("\0") !== wanted.slice(0, order.length).join("\0")
	)
		throw compilationError(
			"002213",
			"0A000",
			`Columns of table '${table.name}' cannot be reordered; new columns must be at the end.`,
		);
	const keysKept = constraints(table).filter((key) => isWritten(key, target.constraints));
	await setProperties(context, table, { constraints: constraintsJson(keysKept) });
	for (const column of target.columns) {
		const from = before.find((other) => other.name === column.name);
		if (from) await alterColumn(context, table, from, column);
		else await addColumn(context, table, column, literalDefault(column));
	}
	for (const column of before)
		if (!wanted.includes(column.name)) await dropColumn(context, table, column.name);
	let keys = keysKept;
	const self = { name: objectName(table), id: table.id, columns: wanted };
	for (const written of target.constraints)
		if (written.kept && !keysKept.some((key) => isWritten(key, [written])))
			keys = [...keys, resolveConstraint(context, written, self, keys)];
	const { options } = target;
	if (options.changeTracking !== undefined)
		await setChangeTracking(context, table, options.changeTracking);
	const now = current(context, table);
	await context.catalog.update({
		...now,
		comment: options.comment ?? null,
		properties: {
			...now.properties,
			columns: columnsJson(columns(now)),
			constraints: constraintsJson(keys),
			clusterBy: options.clusterBy ?? null,
			schemaEvolution: options.schemaEvolution ?? false,
			errorLogging: options.errorLogging ?? false,
			rowTimestamp: options.rowTimestamp ?? now.properties.rowTimestamp ?? false,
			parameters: options.parameters,
		},
	});
	return statusResult(`Table ${table.name} successfully altered.`);
}
