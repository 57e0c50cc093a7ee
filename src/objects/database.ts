import { requires } from "./define/constraint.ts";
import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { assignment, comment, word } from "./define/properties.ts";
import { given, shown } from "./define/rows.ts";
import { oneOfStrings } from "./define/value-syntax.ts";
import {
	containerParameters,
	hasOption,
	metricLevel,
	REFUSED_BY_CONTAINERS,
	transient,
	transientRetention,
} from "./shared/container-parameters.ts";
import { parameterDetail } from "./shared/parameters.ts";

const parameters = [
	...containerParameters({
		withoutUnset: ["LOG_LEVEL", "TRACE_LEVEL", "REPLACE_INVALID_CHARACTERS"],
	}),
	metricLevel,
];

const NOT_LOCAL = "such a database is filled from elsewhere; list its objects under external";

/**
 * A database holds schemas. CREATE makes PUBLIC and INFORMATION_SCHEMA along with it, and moves the
 * session into it.
 * https://docs.snowflake.com/en/sql-reference/sql/create-database
 */
export const database = defineObjectType({
	kind: "DATABASE",
	level: "account",
	opens: "database",
	page: "sql-reference/sql/create-database",
	properties: [
		transient,
		...parameters,
		comment(),
		word("CATALOG_SYNC_NAMESPACE_MODE", ["NEST", "FLATTEN"], {
			change: "replace",
			compare: "never",
		}),
		assignment("CATALOG_SYNC_NAMESPACE_FLATTEN_DELIMITER", oneOfStrings("-", "_"), {
			change: "replace",
			compare: "never",
		}),
	],
	constraints: [
		transientRetention,
		requires("CATALOG_SYNC_NAMESPACE_FLATTEN_DELIMITER", {
			CATALOG_SYNC_NAMESPACE_MODE: "FLATTEN",
		}),
	],
	noise: ["WITH"],
	refused: {
		...REFUSED_BY_CONTAINERS,
		"FROM SHARE": NOT_LOCAL,
		"FROM LISTING": NOT_LOCAL,
		"AS REPLICA OF": NOT_LOCAL,
		EVENT_TABLE: "it is set by ALTER only; put that into a migration",
		DATA_QUALITY_MONITORING_SETTINGS: "it is set by ALTER only; put that into a migration",
	},
	grants: {
		privileges: privileges(
			"APPLYBUDGET",
			"CREATE DATABASE ROLE",
			"CREATE SCHEMA",
			"MODIFY",
			"MONITOR",
			"USAGE",
		),
	},
	read: {
		show: "DATABASES",
		row(row) {
			// Shares, applications, personal and catalog-linked databases belong to someone else.
			if ((given(row.kind) ?? "STANDARD") !== "STANDARD" || given(row.origin) !== null)
				return undefined;
			if (row.name === "SNOWFLAKE") return undefined;
			return {
				...shown(row),
				properties: {
					TRANSIENT: hasOption(row.options, "TRANSIENT"),
					COMMENT: given(row.comment),
				},
			};
		},
		details: [parameterDetail("DATABASE", parameters)],
	},
	replaceHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the database is dropped with everything in it, and an empty one takes its name",
		},
		{ code: "DATA_LOSS", message: "the data of all its tables and internal stages goes with it" },
		{
			code: "GRANTS_LOST",
			message: "grants on everything in it go with it, and its future grants",
		},
	],
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message:
				"the database is dropped with everything in it; UNDROP DATABASE works within its retention time",
		},
		{ code: "DATA_LOSS", message: "the data of all its tables and internal stages goes with it" },
	],
	implied: ({ name }) => [{ kind: "SCHEMA", name: [...name, "PUBLIC"] }],
});
