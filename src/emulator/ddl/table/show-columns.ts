import { compareText } from "../../../model/compare.ts";
import type { Cursor } from "../../../parse/cursor.ts";
import { timeType } from "../../account/data-type.ts";
import { columns } from "../../account/storage.ts";
import { momentCell } from "../../account/wire.ts";
import type { CatalogObject, Column, Context, Result } from "../../types.ts";
import { textColumn, textResult } from "../result.ts";
import { pageRows, readShowClauses, type Scope } from "../show.ts";
import { identityText } from "./column.ts";
import { type Constraint, constraints } from "./constraint.ts";
import { dataTypeJson } from "./describe.ts";

const RELATIONS = ["TABLE", "VIEW", "MATERIALIZED VIEW", "DYNAMIC TABLE", "EXTERNAL TABLE"];

function within(
	context: Context,
	scope: Scope,
	kinds: readonly string[],
): readonly CatalogObject[] {
	if (scope.table) return [scope.table];
	const place = {
		...(scope.database !== undefined && { database: scope.database }),
		...(scope.schema !== undefined && { schema: scope.schema }),
	};
	return kinds
		.flatMap((kind) => context.catalog.list(kind, place))
		.sort(
			(a, b) =>
				compareText(a.database ?? "", b.database ?? "") ||
				compareText(a.schema ?? "", b.schema ?? "") ||
				compareText(a.name, b.name),
		);
}

/** SHOW COLUMNS: at most 10,000 rows, without a word about the rest. LIKE is about the column's name. */
export async function showColumns(context: Context, cursor: Cursor): Promise<Result> {
	const clauses = readShowClauses(context, cursor, "schema");
	const all = within(context, clauses.scope, RELATIONS).flatMap((relation) =>
		columns(relation).map((column): { relation: CatalogObject; column: Column } => ({
			relation,
			column,
		})),
	);
	const rows = pageRows(
		all,
		({ column }) => column.name,
		{ ...clauses, scope: { implicit: false } },
		true,
	);
	return textResult(
		[
			"table_name",
			"schema_name",
			"column_name",
			"data_type",
			"null?",
			"default",
			"kind",
			"expression",
			"comment",
			"database_name",
			"autoincrement",
			"schema_evolution_record",
		],
		rows.map(({ relation, column }) => [
			relation.name,
			relation.schema ?? null,
			column.name,
			dataTypeJson(column.type, column.nullable),
			String(column.nullable),
			column.default ?? "",
			column.expression === null ? "COLUMN" : "VIRTUAL_COLUMN",
			column.expression ?? "",
			column.comment ?? "",
			relation.database ?? null,
			column.identity ? identityText(column.identity) : "",
			null,
		]),
	);
}

const CREATED = { name: "created_on", type: timeType("TIMESTAMP_LTZ", 3), nullable: true };

/** SHOW PRIMARY KEYS and SHOW UNIQUE KEYS: a row for every column of a key. */
export function showKeys(type: "PRIMARY KEY" | "UNIQUE") {
	return async (context: Context, cursor: Cursor): Promise<Result> => {
		const { scope } = readShowClauses(context, cursor, "schema");
		const rows = within(context, scope, ["TABLE"]).flatMap((table) =>
			constraints(table)
				.filter((key) => key.type === type)
				.flatMap((key) =>
					key.columns.map((column, i) => [
						momentCell(table.createdOn),
						table.database ?? null,
						table.schema ?? null,
						table.name,
						column,
						String(i + 1),
						key.name,
						String(key.rely),
						key.comment,
					]),
				),
		);
		return {
			columns: [
				CREATED,
				...[
					"database_name",
					"schema_name",
					"table_name",
					"column_name",
					"key_sequence",
					"constraint_name",
					"rely",
					"comment",
				].map(textColumn),
			],
			rows,
		};
	};
}

function parentKey(
	context: Context,
	key: Constraint,
): { table: CatalogObject; name: string } | undefined {
	const table = key.references && context.catalog.byId(key.references.tableId);
	if (!table || !key.references) return undefined;
	const wanted = key.references.columns.join("\0");
	const found = constraints(table).find(
		(other) => other.type !== "FOREIGN KEY" && other.columns.join("\0") === wanted,
	);
	return { table, name: found?.name ?? "" };
}

const FOREIGN_COLUMNS = [
	"pk_database_name",
	"pk_schema_name",
	"pk_table_name",
	"pk_column_name",
	"fk_database_name",
	"fk_schema_name",
	"fk_table_name",
	"fk_column_name",
	"key_sequence",
	"update_rule",
	"delete_rule",
	"fk_name",
	"pk_name",
	"deferrability",
	"rely",
	"comment",
];

/** SHOW IMPORTED KEYS (foreign keys of the tables in scope) and SHOW EXPORTED KEYS (those that refer to them). */
export function showForeignKeys(direction: "imported" | "exported") {
	return async (context: Context, cursor: Cursor): Promise<Result> => {
		const { scope } = readShowClauses(context, cursor, "schema");
		const inScope = new Set(within(context, scope, ["TABLE"]).map((table) => table.id));
		const rows = context.catalog.list("TABLE").flatMap((table) =>
			constraints(table).flatMap((key) => {
				const parent = parentKey(context, key);
				if (!parent) return [];
				if (!inScope.has(direction === "imported" ? table.id : parent.table.id)) return [];
				return key.columns.map((column, i) => [
					momentCell(table.createdOn),
					parent.table.database ?? null,
					parent.table.schema ?? null,
					parent.table.name,
					key.references?.columns[i] ?? null,
					table.database ?? null,
					table.schema ?? null,
					table.name,
					column,
					String(i + 1),
					key.update,
					key.delete,
					key.name,
					parent.name,
					key.deferrable ? `INITIALLY ${key.initially}` : "NOT DEFERRABLE",
					String(key.rely),
					key.comment,
				]);
			}),
		);
		return {
			columns: [CREATED, ...FOREIGN_COLUMNS.map(textColumn)],
			rows,
		};
	};
}
