import type { Constraint } from "../../ddl/table/constraint.ts";
import { constraints, referencedName } from "../../ddl/table/constraint.ts";
import { unsupported } from "../../error.ts";
import type { Relation } from "../../sql/scope.ts";
import type { CatalogObject, Column, Context, SqlType } from "../../types.ts";
import { fixedType, textType, timeType } from "../data-type.ts";
import { compilationError } from "../errors.ts";
import { GRANT, grantOf } from "../grants.ts";
import { effectiveParameter } from "../parameters.ts";
import { activeRoles } from "../privileges.ts";
import { columns, physicalTable } from "../storage.ts";
import { type RowsColumn, relationOfRows } from "./relation-of-rows.ts";

const TEXT = textType();
const NUMBER = fixedType();
const MOMENT = timeType("TIMESTAMP_LTZ", 3);

function text<T>(name: string, value: (row: T) => string | null): RowsColumn<T> {
	return { name, type: TEXT, value };
}

function number<T>(name: string, value: (row: T) => number | null): RowsColumn<T> {
	return { name, type: NUMBER, value };
}

function moment<T>(name: string, value: (row: T) => number | null): RowsColumn<T> {
	return { name, type: MOMENT, value };
}

const yesNo = (value: unknown): string => (value ? "YES" : "NO");

const TABLE_TYPES: Readonly<Record<string, string>> = {
	TABLE: "BASE TABLE",
	VIEW: "VIEW",
	"MATERIALIZED VIEW": "MATERIALIZED VIEW",
	"EXTERNAL TABLE": "EXTERNAL TABLE",
	"DYNAMIC TABLE": "BASE TABLE",
};

type View = (context: Context, database: string) => Relation | Promise<Relation>;

/** What the engine knows of tables: how many rows they have, and when they were last altered. */
interface Measured {
	readonly rows: ReadonlyMap<number, number>;
	readonly altered: ReadonlyMap<number, number>;
}

/** LAST_ALTERED is "updated even when no rows are affected by the DML statement". */
async function measured(context: Context, tables: readonly CatalogObject[]): Promise<Measured> {
	const counts = tables.map(
		(table) => `SELECT ${table.id} AS id, count(*) AS n FROM ${physicalTable(table)}`,
	);
	const rows = counts.length === 0 ? [] : await context.engine(counts.join(" UNION ALL "));
	const altered = await context.engine(
		"SELECT table_id, max(altered_at) FROM _run.altered GROUP BY table_id",
	);
	const byId = (pairs: typeof rows) =>
		new Map(pairs.map(([id, value]) => [Number(id), Number(value)]));
	return { rows: byId(rows), altered: byId(altered) };
}

function relations(context: Context, database: string): readonly CatalogObject[] {
	return Object.keys(TABLE_TYPES)
		.flatMap((kind) => context.catalog.list(kind, { database }))
		.sort((a, b) => a.id - b.id);
}

/** https://docs.snowflake.com/en/sql-reference/info-schema/tables */
const tables: View = async (context, database) => {
	const all = relations(context, database);
	const { rows, altered } = await measured(
		context,
		all.filter((o) => o.kind === "TABLE"),
	);
	return relationOfRows(all, [
		text("TABLE_CATALOG", (o) => o.database ?? null),
		text("TABLE_SCHEMA", (o) => o.schema ?? null),
		text("TABLE_NAME", (o) => o.name),
		text("TABLE_OWNER", (o) => o.owner),
		text("TABLE_TYPE", (o) => TABLE_TYPES[o.kind] ?? o.kind),
		text("IS_TRANSIENT", (o) => (o.kind === "TABLE" ? yesNo(o.properties.transient) : null)),
		text("CLUSTERING_KEY", (o) => (o.properties.clusterBy as string | null | undefined) ?? null),
		number("RETENTION_TIME", (o) =>
			o.kind === "TABLE"
				? Number(effectiveParameter(context, o, "DATA_RETENTION_TIME_IN_DAYS").value)
				: null,
		),
		number("ROW_COUNT", (o) => rows.get(o.id) ?? null),
		moment("CREATED", (o) => o.createdOn),
		moment("LAST_ALTERED", (o) => altered.get(o.id) ?? o.createdOn),
		text("AUTO_CLUSTERING_ON", (o) =>
			o.kind === "TABLE" ? yesNo(o.properties.clusterBy && o.properties.reclustering) : null,
		),
		text("COMMENT", (o) => o.comment),
		text("IS_ICEBERG", () => "NO"),
		text("IS_DYNAMIC", (o) => yesNo(o.kind === "DYNAMIC TABLE")),
		text("IS_HYBRID", () => "NO"),
		text("IS_TEMPORARY", () => "NO"),
	]);
};

interface ColumnRow {
	readonly relation: CatalogObject;
	readonly column: Column;
	readonly position: number;
}

/** DATA_TYPE names families: text is TEXT, whatever its length. */
function dataType(type: SqlType): string {
	if (type.base === "FIXED") return "NUMBER";
	if (type.base === "REAL") return "FLOAT";
	return type.base;
}

/** https://docs.snowflake.com/en/sql-reference/info-schema/columns */
const columnsView: View = (context, database) => {
	const rows = relations(context, database).flatMap((relation) =>
		columns(relation).map((column, i): ColumnRow => ({ relation, column, position: i + 1 })),
	);
	const timed = ({ column: { type } }: ColumnRow): boolean =>
		type.base === "TIME" || type.base.startsWith("TIMESTAMP");
	return relationOfRows(rows, [
		text("TABLE_CATALOG", (r) => r.relation.database ?? null),
		text("TABLE_SCHEMA", (r) => r.relation.schema ?? null),
		text("TABLE_NAME", (r) => r.relation.name),
		text("COLUMN_NAME", (r) => r.column.name),
		number("ORDINAL_POSITION", (r) => r.position),
		text("COLUMN_DEFAULT", (r) => r.column.default),
		text("IS_NULLABLE", (r) => yesNo(r.column.nullable)),
		text("DATA_TYPE", (r) => dataType(r.column.type)),
		number("CHARACTER_MAXIMUM_LENGTH", ({ column: { type } }) =>
			type.base === "TEXT" || type.base === "BINARY" ? (type.length ?? null) : null,
		),
		number("CHARACTER_OCTET_LENGTH", ({ column: { type } }) =>
			type.base === "TEXT"
				? Math.min((type.length ?? 0) * 4, Math.max(16777216, type.length ?? 0))
				: type.base === "BINARY"
					? (type.length ?? null)
					: null,
		),
		number("NUMERIC_PRECISION", ({ column: { type } }) =>
			type.base === "FIXED" ? (type.precision ?? null) : null,
		),
		number("NUMERIC_PRECISION_RADIX", ({ column: { type } }) =>
			type.base === "FIXED" ? 10 : null,
		),
		number("NUMERIC_SCALE", ({ column: { type } }) =>
			type.base === "FIXED" ? (type.scale ?? null) : null,
		),
		number("DATETIME_PRECISION", (r) => (timed(r) ? (r.column.type.scale ?? null) : null)),
		text("COLLATION_NAME", (r) => r.column.collation),
		text("IS_IDENTITY", (r) => yesNo(r.column.identity)),
		text("IDENTITY_GENERATION", () => null),
		text("IDENTITY_START", (r) => (r.column.identity ? String(r.column.identity.start) : null)),
		text("IDENTITY_INCREMENT", (r) =>
			r.column.identity ? String(r.column.identity.increment) : null,
		),
		text("IDENTITY_CYCLE", () => null),
		text("IDENTITY_ORDERED", (r) => (r.column.identity ? yesNo(r.column.identity.ordered) : null)),
		text("COMMENT", (r) => r.column.comment),
	]);
};

/** https://docs.snowflake.com/en/sql-reference/info-schema/schemata */
const schemata: View = (context, database) =>
	relationOfRows(context.catalog.list("SCHEMA", { database }), [
		text("CATALOG_NAME", (o) => o.database ?? null),
		text("SCHEMA_NAME", (o) => o.name),
		text("SCHEMA_OWNER", (o) => o.owner),
		text("IS_TRANSIENT", (o) => yesNo(o.properties.transient)),
		text("IS_MANAGED_ACCESS", (o) => yesNo(o.properties.managedAccess)),
		number("RETENTION_TIME", (o) =>
			Number(effectiveParameter(context, o, "DATA_RETENTION_TIME_IN_DAYS").value),
		),
		moment("CREATED", (o) => o.createdOn),
		text("COMMENT", (o) => o.comment),
	]);

/** https://docs.snowflake.com/en/sql-reference/info-schema/databases */
const databases: View = (context) =>
	relationOfRows(context.catalog.list("DATABASE"), [
		text("DATABASE_NAME", (o) => o.name),
		text("DATABASE_OWNER", (o) => o.owner),
		text("IS_TRANSIENT", (o) => yesNo(o.properties.transient)),
		text("COMMENT", (o) => o.comment),
		moment("CREATED", (o) => o.createdOn),
		number("RETENTION_TIME", (o) =>
			Number(effectiveParameter(context, o, "DATA_RETENTION_TIME_IN_DAYS").value),
		),
		text("TYPE", () => "STANDARD"),
	]);

/**
 * The text of a secure view is for the role that owns it.
 * https://docs.snowflake.com/en/sql-reference/info-schema/views
 */
const views: View = (context, database) => {
	const roles = activeRoles(context);
	return relationOfRows(context.catalog.list("VIEW", { database }), [
		text("TABLE_CATALOG", (o) => o.database ?? null),
		text("TABLE_SCHEMA", (o) => o.schema ?? null),
		text("TABLE_NAME", (o) => o.name),
		text("TABLE_OWNER", (o) => o.owner),
		text("VIEW_DEFINITION", (o) =>
			o.properties.secure && !roles.has(o.owner) ? null : String(o.properties.text),
		),
		text("CHECK_OPTION", () => "NONE"),
		text("IS_UPDATABLE", () => "NO"),
		text("INSERTABLE_INTO", () => "NO"),
		text("IS_SECURE", (o) => yesNo(o.properties.secure)),
		moment("CREATED", (o) => o.createdOn),
		text("COMMENT", (o) => o.comment),
	]);
};

interface KeyRow {
	readonly table: CatalogObject;
	readonly key: Constraint;
}

function keys(context: Context, database: string): readonly KeyRow[] {
	return context.catalog
		.list("TABLE", { database })
		.flatMap((table) => constraints(table).map((key) => ({ table, key })));
}

/** https://docs.snowflake.com/en/sql-reference/info-schema/table_constraints */
const tableConstraints: View = (context, database) =>
	relationOfRows(keys(context, database), [
		text("CONSTRAINT_CATALOG", (r) => r.table.database ?? null),
		text("CONSTRAINT_SCHEMA", (r) => r.table.schema ?? null),
		text("CONSTRAINT_NAME", (r) => r.key.name),
		text("TABLE_CATALOG", (r) => r.table.database ?? null),
		text("TABLE_SCHEMA", (r) => r.table.schema ?? null),
		text("TABLE_NAME", (r) => r.table.name),
		text("CONSTRAINT_TYPE", (r) => r.key.type),
		text("IS_DEFERRABLE", (r) => yesNo(r.key.deferrable)),
		text("INITIALLY_DEFERRED", (r) => yesNo(r.key.initially === "DEFERRED")),
		text("ENFORCED", (r) => yesNo(r.key.enforced)),
		text("COMMENT", (r) => r.key.comment),
		moment("CREATED", (r) => r.table.createdOn),
		text("RELY", (r) => yesNo(r.key.rely)),
	]);

/** https://docs.snowflake.com/en/sql-reference/info-schema/referential_constraints */
const referentialConstraints: View = (context, database) => {
	const foreign = keys(context, database).filter(({ key }) => key.references);
	const parent = ({ key }: KeyRow): readonly string[] => referencedName(context, key);
	return relationOfRows(foreign, [
		text("CONSTRAINT_CATALOG", (r) => r.table.database ?? null),
		text("CONSTRAINT_SCHEMA", (r) => r.table.schema ?? null),
		text("CONSTRAINT_NAME", (r) => r.key.name),
		text("UNIQUE_CONSTRAINT_CATALOG", (r) => parent(r)[0] ?? null),
		text("UNIQUE_CONSTRAINT_SCHEMA", (r) => parent(r)[1] ?? null),
		text("UNIQUE_CONSTRAINT_NAME", (r) => {
			const table = r.key.references && context.catalog.byId(r.key.references.tableId);
			const wanted = r.key.references?.columns.join("\0");
			const found = table && constraints(table).find((key) => key.columns.join("\0") === wanted);
			return found?.name ?? null;
		}),
		text("MATCH_OPTION", (r) => r.key.match),
		text("UPDATE_RULE", (r) => r.key.update),
		text("DELETE_RULE", (r) => r.key.delete),
		text("COMMENT", (r) => r.key.comment),
		moment("CREATED", (r) => r.table.createdOn),
	]);
};

/**
 * The only place that tells a sequence's first value; SHOW has the next one.
 * https://docs.snowflake.com/en/sql-reference/info-schema/sequences
 */
const sequences: View = (context, database) =>
	relationOfRows(context.catalog.list("SEQUENCE", { database }), [
		text("SEQUENCE_CATALOG", (o) => o.database ?? null),
		text("SEQUENCE_SCHEMA", (o) => o.schema ?? null),
		text("SEQUENCE_NAME", (o) => o.name),
		text("SEQUENCE_OWNER", (o) => o.owner),
		text("DATA_TYPE", () => "NUMBER"),
		number("NUMERIC_PRECISION", () => 38),
		number("NUMERIC_PRECISION_RADIX", () => 10),
		number("NUMERIC_SCALE", () => 0),
		text("START_VALUE", (o) => String(o.properties.start)),
		text("MINIMUM_VALUE", () => null),
		text("MAXIMUM_VALUE", () => null),
		text("INCREMENT", (o) => String(o.properties.increment)),
		text("CYCLE_OPTION", () => null),
		moment("CREATED", (o) => o.createdOn),
		text("ORDERED", (o) => yesNo(o.properties.ordered)),
		text("COMMENT", (o) => o.comment),
	]);

interface PrivilegeRow {
	readonly table: CatalogObject;
	readonly privilege: string;
	readonly grantee: string;
	readonly granteeKind: string;
	readonly grantor: string;
	readonly option: boolean;
	readonly createdOn: number;
}

/**
 * "The owner of a table has the OWNERSHIP privilege, rather than each of the separate privileges".
 * https://docs.snowflake.com/en/sql-reference/info-schema/table_privileges
 */
const tablePrivileges: View = (context, database) => {
	const tables = new Map(relations(context, database).map((table) => [table.id, table]));
	const owned = [...tables.values()].map(
		(table): PrivilegeRow => ({
			table,
			privilege: "OWNERSHIP",
			grantee: table.owner,
			granteeKind: "ROLE",
			grantor: table.owner,
			option: true,
			createdOn: table.createdOn,
		}),
	);
	const granted = context.catalog.list(GRANT).flatMap((object): readonly PrivilegeRow[] => {
		const { objectId, grantedBy: grantor, ...grant } = grantOf(object);
		const table = tables.get(objectId);
		return table ? [{ ...grant, table, grantor, createdOn: object.createdOn }] : [];
	});
	return relationOfRows(
		[...owned, ...granted],
		[
			text("GRANTOR", (r) => r.grantor),
			text("GRANTEE", (r) => r.grantee),
			text("GRANTED_TO", (r) => r.granteeKind.replaceAll(" ", "_")),
			text("TABLE_CATALOG", (r) => r.table.database ?? null),
			text("TABLE_SCHEMA", (r) => r.table.schema ?? null),
			text("TABLE_NAME", (r) => r.table.name),
			text("PRIVILEGE_TYPE", (r) => r.privilege),
			text("IS_GRANTABLE", (r) => yesNo(r.option)),
			text("WITH_HIERARCHY", () => null),
			moment("CREATED", (r) => r.createdOn),
		],
	);
};

/** No table here has a CHECK constraint, since writing one is refused, so there are no rows. */
const checkConstraints: View = () =>
	relationOfRows<string>(
		[],
		[
			"CONSTRAINT_CATALOG",
			"CONSTRAINT_SCHEMA",
			"CONSTRAINT_TABLE",
			"CONSTRAINT_NAME",
			"CHECK_CLAUSE",
		].map((name) => text(name, () => null)),
	);

const VIEWS: Readonly<Record<string, View>> = {
	CHECK_CONSTRAINTS: checkConstraints,
	COLUMNS: columnsView,
	DATABASES: databases,
	REFERENTIAL_CONSTRAINTS: referentialConstraints,
	SCHEMATA: schemata,
	SEQUENCES: sequences,
	TABLES: tables,
	TABLE_CONSTRAINTS: tableConstraints,
	TABLE_PRIVILEGES: tablePrivileges,
	VIEWS: views,
};

/** Names of the INFORMATION_SCHEMA views that are answered. */
export const INFORMATION_SCHEMA_VIEWS: readonly string[] = Object.keys(VIEWS);

/** A view of INFORMATION_SCHEMA, of the database named or the current one. */
export function informationSchema(
	context: Context,
	name: readonly string[],
	missing: () => Error,
): Relation | Promise<Relation> {
	const database = name.length === 3 ? name[0] : context.session.database;
	if (database === undefined)
		throw compilationError(
			"090105",
			"22000",
			"Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
		);
	if (!context.catalog.find("DATABASE", [database])) throw missing();
	const view = VIEWS[name.at(-1) ?? ""];
	if (!view) throw unsupported(`INFORMATION_SCHEMA.${name.at(-1)}`);
	return view(context, database);
}
