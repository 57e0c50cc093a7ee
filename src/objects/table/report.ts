import { canonicalType } from "../../model/data-type.ts";
import { formatName } from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";
import type { Detail, Read, Reported } from "../define/object-type.ts";
import { given, numeric, qualifiedName, shown, yes } from "../define/rows.ts";
import { reportedClustering } from "./clustering.ts";
import { type Column, plainColumn } from "./column.ts";
import { type ConstraintKind, constraintsOf, keyOf, type TableConstraint } from "./constraint.ts";
import { standsFor } from "./scratch.ts";

/** Columns of SHOW TABLES that say Y for tables of another kind. */
const OTHER_KINDS = ["is_external", "is_event", "is_hybrid", "is_iceberg", "is_dynamic"];

/** A row of SHOW TABLES; undefined for temporary tables and for those that are another kind of object. */
export function reportedTable(row: Row): Reported | undefined {
	if (row.kind === "TEMPORARY" || OTHER_KINDS.some((column) => yes(row[column]))) return undefined;
	return {
		...shown(row),
		properties: {
			TRANSIENT: row.kind === "TRANSIENT",
			"CLUSTER BY": reportedClustering(given(row.cluster_by)),
			ENABLE_SCHEMA_EVOLUTION: yes(row.enable_schema_evolution),
			CHANGE_TRACKING: yes(row.change_tracking),
			...(row.error_logging === undefined ? {} : { ERROR_LOGGING: yes(row.error_logging) }),
			COMMENT: given(row.comment),
		},
		runtime: { rows: numeric(row.rows), created: given(row.created_on) },
	};
}

const IDENTITY =
	/^(?:IDENTITY|AUTOINCREMENT) START (-?\d+) INCREMENT (-?\d+)(?: (ORDER|NOORDER))?$/i;

/** A row of DESC TABLE. The collation stands behind the type, an identity where the default would be. */
export function describedColumn(row: Row): Column {
	const [, type = "", collation] = /^(.*?)(?: COLLATE '(.*)')?$/s.exec(row.type ?? "") ?? [];
	const policy = qualifiedName(row["policy name"]);
	const [identity, start, increment, order] = IDENTITY.exec(row.default ?? "") ?? [];
	return {
		...plainColumn(row.name ?? "", canonicalType(type) ?? type),
		nullable: yes(row["null?"]),
		default: identity === undefined ? (row.default ?? null) : null,
		identity:
			identity === undefined
				? null
				: {
						start: Number(start),
						increment: Number(increment),
						order: order === undefined ? null : order.toUpperCase() === "ORDER",
					},
		collation: collation ?? null,
		expression: row.kind?.startsWith("VIRTUAL") ? (row.expression ?? "") : null,
		comment: row.comment || null,
		masking: policy === null ? null : { policy, using: [] },
	};
}

const columns: Detail = {
	per: "object",
	sql: (name) => `DESC TABLE ${name}`,
	read: (rows) => ({
		properties: { COLUMN: rows.map(describedColumn) },
	}),
};

/** The rows of one table, by constraint, each in the order of its columns. */
function byConstraint(
	rows: readonly Row[],
	table: Reported,
	at: { readonly prefix: string; readonly name: string },
): readonly (readonly Row[])[] {
	const found = new Map<string, Row[]>();
	for (const row of rows) {
		const owner = ["database_name", "schema_name", "table_name"].map((c) => row[at.prefix + c]);
		if (owner.some((part, i) => part !== table.name[i])) continue;
		const name = row[at.name] ?? "";
		found.set(name, [...(found.get(name) ?? []), row]);
	}
	return [...found.values()].map((group) =>
		group.sort((a, b) => Number(a.key_sequence) - Number(b.key_sequence)),
	);
}

/** Further constraints beside those another query told. */
function more(table: Reported, constraints: readonly TableConstraint[]) {
	return { properties: { CONSTRAINT: [...constraintsOf(table.properties), ...constraints] } };
}

function keys(kind: "PRIMARY KEY" | "UNIQUE"): Detail {
	return {
		per: "schema",
		sql: (schema) => `SHOW ${kind === "UNIQUE" ? "UNIQUE" : "PRIMARY"} KEYS IN SCHEMA ${schema}`,
		read: (rows, table) =>
			more(
				table,
				byConstraint(rows, table, { prefix: "", name: "constraint_name" }).map((group) =>
					reportedKey(kind, group, "column_name", "constraint_name"),
				),
			),
	};
}

function reportedKey(
	kind: ConstraintKind,
	rows: readonly Row[],
	column: string,
	name: string,
): TableConstraint {
	const [first] = rows;
	return {
		...keyOf(
			kind,
			rows.map((row) => row[column] ?? ""),
		),
		name: given(first?.[name]),
		rely: yes(first?.rely),
		comment: given(first?.comment),
	};
}

/** SHOW IMPORTED KEYS lists the foreign keys of the tables in a schema, with where they point. */
const foreignKeys: Detail = {
	per: "schema",
	sql: (schema) => `SHOW IMPORTED KEYS IN SCHEMA ${schema}`,
	read: (rows, table) =>
		more(
			table,
			byConstraint(rows, table, { prefix: "fk_", name: "fk_name" }).map((group) => {
				const parent = ["database_name", "schema_name", "table_name"];
				return {
					...reportedKey("FOREIGN KEY", group, "fk_column_name", "fk_name"),
					table: formatName(parent.map((part) => group[0]?.[`pk_${part}`] ?? "")),
					parentColumns: group.map((row) => row.pk_column_name ?? ""),
					onUpdate: given(group[0]?.update_rule) ?? "NO ACTION",
					onDelete: given(group[0]?.delete_rule) ?? "NO ACTION",
				};
			}),
		),
};

/**
 * CHECK constraints stand only in the Information Schema: no SHOW command tells them.
 * https://docs.snowflake.com/en/sql-reference/info-schema/check_constraints
 */
const checks: Detail = {
	per: "database",
	sql: (database) => `SELECT * FROM ${database}.INFORMATION_SCHEMA.CHECK_CONSTRAINTS`,
	read: (rows, table) =>
		more(
			table,
			rows.flatMap((row) => {
				const owner = [row.CONSTRAINT_CATALOG, row.CONSTRAINT_SCHEMA, row.CONSTRAINT_TABLE];
				if (owner.some((part, i) => part !== table.name[i])) return [];
				return [
					{
						...keyOf("CHECK", []),
						name: given(row.CONSTRAINT_NAME),
						expression: row.CHECK_CLAUSE ?? "",
					},
				];
			}),
		),
};

/** How tables are read: SHOW TABLES, then columns table by table and constraints schema by schema. */
export function readTables(parameters: Detail): Read {
	return {
		show: "TABLES",
		row: reportedTable,
		always: ({ name }) => standsFor(name.at(-1) ?? "") !== undefined,
		details: [columns, parameters, keys("PRIMARY KEY"), keys("UNIQUE"), foreignKeys, checks],
	};
}
