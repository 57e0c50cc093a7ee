import { objectName } from "../../account/catalog.ts";
import type { CatalogObject, Context, Result } from "../../types.ts";
import * as column from "../columns.ts";
import { textColumn } from "../result.ts";
import { findObject } from "../shared.ts";
import { readShowClauses } from "../show.ts";
import type { ShowCommand } from "../show-statement.ts";
import { shownColumn } from "../shown.ts";
import { type Constraint, constraints, referencedName } from "./constraint.ts";

/** One column of a key: a row of SHOW … KEYS. */
interface KeyColumn {
	readonly table: CatalogObject;
	readonly key: Constraint;
	readonly index: number;
}

const SCOPES = new Set(["ACCOUNT", "DATABASE", "SCHEMA", "TABLE"]);

/** The tables that `IN …` means; a name alone is a table, not a schema as elsewhere. */
function tablesIn(context: Context, cursor: Parameters<ShowCommand>[1]): readonly CatalogObject[] {
	const behind = cursor.peek(1);
	if (cursor.looksAt("IN") && behind && !SCOPES.has(behind.value)) {
		cursor.next();
		return [findObject(context, { kind: "TABLE", level: "schema" }, cursor.expectName().parts)];
	}
	const { scope } = readShowClauses(context, cursor, "schema");
	if (scope.table) return [scope.table];
	return context.catalog.list("TABLE", {
		...(scope.database !== undefined && { database: scope.database }),
		...(scope.schema !== undefined && { schema: scope.schema }),
	});
}

function keyColumns(
	tables: readonly CatalogObject[],
	type: Constraint["type"],
): readonly KeyColumn[] {
	return tables.flatMap((table) =>
		constraints(table)
			.filter((key) => key.type === type)
			.flatMap((key) => key.columns.map((_name, index) => ({ table, key, index }))),
	);
}

/** Text in every column but the first, `created_on`. */
function keysResult(names: readonly string[], rows: Result["rows"]): Result {
	const columns = [shownColumn(column.createdOn), ...names.map(textColumn)];
	return { columns, rows };
}

/** SHOW PRIMARY KEYS and SHOW UNIQUE KEYS: https://docs.snowflake.com/en/sql-reference/sql/show-primary-keys */
function showKeys(type: "PRIMARY KEY" | "UNIQUE"): ShowCommand {
	return async (context, cursor) =>
		keysResult(
			[
				"database_name",
				"schema_name",
				"table_name",
				"column_name",
				"key_sequence",
				"constraint_name",
				"rely",
				"comment",
			],
			keyColumns(tablesIn(context, cursor), type).map(({ table, key, index }) => [
				column.createdOn.value(table, context),
				...objectName(table),
				key.columns[index] ?? null,
				String(index + 1),
				key.name,
				String(key.rely),
				key.comment,
			]),
		);
}

/** SHOW IMPORTED KEYS: the foreign keys of these tables. */
const showImportedKeys: ShowCommand = async (context, cursor) =>
	keysResult(
		[
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
		],
		keyColumns(tablesIn(context, cursor), "FOREIGN KEY").map(({ table, key, index }) => {
			const { references } = key;
			const parent = references && context.catalog.byId(references.tableId);
			const wanted = references?.columns.join("\0");
			const referred =
				parent && constraints(parent).find((other) => other.columns.join("\0") === wanted);
			return [
				column.createdOn.value(table, context),
				...referencedName(context, key),
				references?.columns[index] ?? null,
				...objectName(table),
				key.columns[index] ?? null,
				String(index + 1),
				key.update,
				key.delete,
				key.name,
				referred?.name ?? null,
				key.deferrable ? "DEFERRABLE" : "NOT DEFERRABLE",
				String(key.rely),
				key.comment,
			];
		}),
	);

/** The SHOW commands about keys, by the words behind SHOW. */
export const SHOW_KEYS: Readonly<Record<string, ShowCommand>> = {
	"PRIMARY KEYS": showKeys("PRIMARY KEY"),
	"UNIQUE KEYS": showKeys("UNIQUE"),
	"IMPORTED KEYS": showImportedKeys,
};
