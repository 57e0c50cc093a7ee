import type { ObjectModel } from "../../model/catalog.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { parseName } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import { rule } from "../define/constraint.ts";
import { defineObjectType } from "../define/object-type.ts";
import { privileges } from "../define/privilege.ts";
import { assignment, comment, flag, integer, presenceClause } from "../define/properties.ts";
import { type Property, property, type Reference } from "../define/property.ts";
import { oneOfStrings } from "../define/value-syntax.ts";
import { maskingLost, maskingReferences } from "../shared/masking.ts";
import { INHERITED, parameterDetail } from "../shared/parameters.ts";
import { CLONED, TAGGED, TEMPORARY } from "../shared/refused.ts";
import { alterations } from "./alterations.ts";
import { arrangeTable } from "./arrange.ts";
import { clusterBy } from "./clustering.ts";
import { type Column, columnsOf } from "./column.ts";
import { canonicalColumns, columnChanges, planColumns } from "./column-changes.ts";
import { columnList, constraintList } from "./column-list.ts";
import { renamedColumns } from "./column-renames.ts";
import { columnUser } from "./column-users.ts";
import type { TableConstraint } from "./constraint.ts";
import { canonicalConstraints, constraintChanges } from "./constraint-changes.ts";
import { sequenceOf } from "./expression.ts";
import { tableNotes } from "./notes.ts";
import { rebuildRecipe } from "./rebuild.ts";
import { readTables } from "./report.ts";
import { withoutScratches } from "./scratch.ts";
import { substitutionRecipe } from "./substitution.ts";
import { validateTable } from "./validate.ts";
import { columnVariants, constraintVariants } from "./variants.ts";

function days(value: Value | undefined, otherwise: number): number {
	return typeof value === "number" ? value : otherwise;
}

/** Only a table whose changes are tracked can have a stream, since the first stream turns tracking on. */
function mayHaveStreams(table: ObjectModel): boolean {
	return table.properties.CHANGE_TRACKING !== false;
}

function staleStreams(table: ObjectModel, message: string): readonly HazardDraft[] {
	return mayHaveStreams(table) ? [{ code: "STREAM_STALE", message }] : [];
}

const retention = integer(
	"DATA_RETENTION_TIME_IN_DAYS",
	{ min: 0, max: 90 },
	{
		...INHERITED,
		hazards: (from, to) =>
			days(from, 1) > days(to, 1)
				? [
						{
							code: "TIME_TRAVEL_LOST",
							message: `history older than ${days(to, 1)} days can no longer be queried or restored`,
						},
					]
				: [],
	},
);

const extension = integer(
	"MAX_DATA_EXTENSION_TIME_IN_DAYS",
	{ min: 0, max: 90 },
	{
		...INHERITED,
		hazards: (from, to, context) =>
			days(from, 14) > days(to, 14)
				? staleStreams(
						context.from,
						`streams on it go stale after ${days(to, 14)} instead of ${days(from, 14)} days without being read`,
					)
				: [],
	},
);

const collation = assignment("DEFAULT_DDL_COLLATION", oneOfStrings("en-ci", "de"), {
	...INHERITED,
	note: "Holds for columns added from then on; those that exist keep their collation.",
});

/** Streams turn it on without being asked, so that only a table that declares it is compared. */
const changeTracking: Property = flag("CHANGE_TRACKING", {
	change: "alter",
	default: false,
	compare: "declared",
	hazards: (_from, to) =>
		to === true
			? [{ code: "LOCKS_TABLE", message: "the table is locked while change tracking is turned on" }]
			: [
					{
						code: "STREAM_STALE",
						message: "without change tracking, streams on it can no longer be read",
					},
				],
});

const columns: Property = property("COLUMN", columnList, {
	change: "alter",
	required: true,
	canonical: (value) => canonicalColumns(value as readonly Column[]),
	differences: (_from, _to, context) => columnChanges(context),
	references: (value) => [
		...maskingReferences(value as readonly Column[], "COLUMN"),
		...(value as readonly Column[]).flatMap((column): readonly Reference[] => {
			const name = sequenceOf(column.default);
			return name
				? [{ kinds: ["SEQUENCE"], name, level: "schema", structural: false, property: "COLUMN" }]
				: [];
		}),
	],
	variants: columnVariants,
	note: "The order of columns is not compared. `-- renamed from: OLD` beside a column renames it.",
});

const constraints: Property = property("CONSTRAINT", constraintList, {
	change: "alter",
	default: [],
	canonical: (value) => canonicalConstraints(value as readonly TableConstraint[]),
	differences: (_from, _to, context) => constraintChanges(context),
	references: (value, table) =>
		(value as readonly TableConstraint[]).flatMap((constraint): readonly Reference[] => {
			const name = constraint.table === null ? undefined : parseName(constraint.table);
			const own = name?.join("\0") === table.name.join("\0");
			return name && !own
				? [
						{
							kinds: ["TABLE"],
							name,
							level: "schema",
							structural: true,
							property: "CONSTRAINT",
							columns: constraint.parentColumns,
						},
					]
				: [];
		}),
	variants: constraintVariants,
	note: "Inline and out-of-line constraints are one. MATCH and VALIDATE cannot be read back, so they hold at creation only.",
});

const ONCE =
	"it makes a table once from something else; put it in a migration and declare the columns";
const GOVERNED = "policies are not managed yet; attach it with ALTER TABLE in a migration";
const OTHER_KIND = "this kind of table is not managed yet";

/**
 * A standard table, permanent or transient.
 *
 * SHOW TABLES, DESC TABLE, SHOW … KEYS and SHOW PARAMETERS tell what it is. What ALTER TABLE cannot change
 * needs a new table; CREATE OR REPLACE keeps grants and tags (COPY GRANTS, COPY TAGS) but no rows.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
 */
export const table = defineObjectType({
	kind: "TABLE",
	level: "schema",
	page: "sql-reference/sql/create-table",
	sharesNames: ["VIEW"],
	properties: [
		property("TRANSIENT", presenceClause("TRANSIENT", "modifier"), {
			change: "rebuild",
			unset: "default",
			default: false,
		}),
		columns,
		constraints,
		clusterBy,
		flag("ENABLE_SCHEMA_EVOLUTION", { change: "alter", default: false }),
		retention,
		extension,
		changeTracking,
		collation,
		flag("ERROR_LOGGING", {
			change: "alter",
			default: false,
			compare: "reported",
			note: "Compared where SHOW TABLES has a column error_logging.",
		}),
		flag("ROW_TIMESTAMP", {
			change: "alter",
			compare: "reported",
			note: "No command tells it, so it is set when the table is created and not compared.",
			hazards: (_from, to) =>
				to === true
					? []
					: [{ code: "DATA_LOSS", message: "the commit times of its rows are deleted for good" }],
		}),
		comment(),
	],
	constraints: [
		rule(
			"TRANSIENT allows DATA_RETENTION_TIME_IN_DAYS 0 or 1",
			["DATA_RETENTION_TIME_IN_DAYS", "TRANSIENT"],
			(p) => p.TRANSIENT !== true || days(p.DATA_RETENTION_TIME_IN_DAYS, 1) <= 1,
		),
	],
	noise: ["WITH"],
	replaceWith: ["COPY GRANTS", "COPY TAGS"],
	refused: {
		...TEMPORARY,
		...CLONED,
		...TAGGED,
		LOCAL: TEMPORARY.TEMPORARY ?? "",
		GLOBAL: TEMPORARY.TEMPORARY ?? "",
		AS: "CREATE TABLE … AS SELECT runs a query once: put it in a migration and declare the columns",
		LIKE: ONCE,
		"USING TEMPLATE": ONCE,
		"FROM BACKUP SET": ONCE,
		"FROM SNAPSHOT SET": ONCE,
		"FROM ARCHIVE OF": ONCE,
		"ROW ACCESS POLICY": GOVERNED,
		"AGGREGATION POLICY": GOVERNED,
		"JOIN POLICY": GOVERNED,
		"STORAGE LIFECYCLE POLICY": GOVERNED,
		CONTACT: "contacts are not managed; set them with ALTER TABLE … SET CONTACT in a migration",
		ICEBERG_DEFAULT_DDL_COLLATION:
			"it says nothing for a standard table; set it on the schema or the database",
		STAGE_FILE_FORMAT: "it is deprecated; name the format in COPY INTO or in the pipe",
		STAGE_COPY_OPTIONS: "it is deprecated; write the options in COPY INTO or in the pipe",
		EXTERNAL: OTHER_KIND,
		HYBRID: OTHER_KIND,
		ICEBERG: OTHER_KIND,
		EVENT: OTHER_KIND,
		DYNAMIC: OTHER_KIND,
		INTERACTIVE: OTHER_KIND,
	},
	alterations,
	arrange: { properties: ["COLUMN", "CONSTRAINT", "CLUSTER BY"], statements: arrangeTable },
	grants: {
		privileges: privileges(
			"APPLYBUDGET",
			"DELETE",
			"EVOLVE SCHEMA",
			"INSERT",
			"REFERENCES",
			"SELECT",
			"SELECT ERROR TABLE",
			"TRUNCATE",
			"UPDATE",
		),
	},
	recipe: (from, to, catalogs, change) =>
		change.action === "alter"
			? substitutionRecipe(from, to, catalogs)
			: rebuildRecipe(from, to, catalogs),
	recovered: withoutScratches,
	read: readTables(parameterDetail("TABLE", [retention, extension, collation])),
	validate: validateTable,
	notes: tableNotes,
	columns: {
		uses: columnUser,
		names: ({ properties }) => columnsOf(properties).map(({ name }) => name),
		gone(context) {
			const { renamed, dropped } = planColumns(context);
			return [
				...renamed.map(({ from, to }) => ({ name: from, renamed: to })),
				...dropped.map(({ name }) => ({ name })),
			];
		},
	},
	replaceHazards: (from, to) => [
		{ code: "DATA_LOSS", message: "the new table is empty: every row of the old one goes with it" },
		...staleStreams(from, "streams on it go stale: what they have not delivered is lost"),
		{
			code: "LOAD_HISTORY_LOST",
			message:
				"the new table does not know which files were loaded: files loaded again appear twice",
		},
		{
			code: "TIME_TRAVEL_LOST",
			message: "its history stays with the old table, which only UNDROP brings back",
		},
		...maskingLost(renamedColumns({ from, to }), columnsOf(to.properties)),
		{
			code: "FUTURE_GRANTS_SKIPPED",
			message: "grants are copied; future grants of the schema do not reach the new table",
		},
	],
	dropHazards: (object) => [
		{ code: "OBJECT_DROPPED", message: "the table is dropped" },
		{
			code: "DATA_LOSS",
			message: "its rows go with it; UNDROP brings them back while they are kept",
		},
		...staleStreams(object, "streams on it can no longer be read"),
	],
});
