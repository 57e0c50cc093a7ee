import { defineObjectType } from "./define/object-type.ts";
import { comment, presenceClause } from "./define/properties.ts";
import { property } from "./define/property.ts";
import { given, shown } from "./define/rows.ts";
import {
	containerParameters,
	hasOption,
	REFUSED_BY_CONTAINERS,
	transient,
	transientRetention,
} from "./shared/container-parameters.ts";
import { parameterDetail } from "./shared/parameters.ts";
import { schemaGrants } from "./shared/schema-grants.ts";

const parameters = containerParameters({ withoutUnset: [] });

/** In a managed access schema its owner, not the owners of the objects in it, decides who may use them. */
const managedAccess = property("MANAGED ACCESS", presenceClause("WITH MANAGED ACCESS"), {
	change: "alter",
	default: false,
	alter: ({ to }, object) => [
		`ALTER ${object} ${to === true ? "ENABLE" : "DISABLE"} MANAGED ACCESS`,
	],
});

/**
 * A schema holds everything but account objects. Its parameters are compared by what is set on the schema
 * itself, not by what it inherits.
 * https://docs.snowflake.com/en/sql-reference/sql/create-schema
 */
export const schema = defineObjectType({
	kind: "SCHEMA",
	level: "database",
	opens: "schema",
	page: "sql-reference/sql/create-schema",
	properties: [transient, managedAccess, ...parameters, comment()],
	constraints: [transientRetention],
	noise: ["WITH"],
	refused: {
		...REFUSED_BY_CONTAINERS,
		PIPE_EXECUTION_PAUSED: "pause the pipes themselves",
	},
	alterations: [
		{
			keywords: ["ENABLE", "MANAGED", "ACCESS"],
			apply: (properties) => ({ ...properties, "MANAGED ACCESS": true }),
		},
		{
			keywords: ["DISABLE", "MANAGED", "ACCESS"],
			apply: (properties) => ({ ...properties, "MANAGED ACCESS": false }),
		},
	],
	grants: schemaGrants,
	read: {
		show: "SCHEMAS",
		row(row) {
			// INFORMATION_SCHEMA, and the schemas of shared and catalog-linked databases, have no owner.
			if (row.name === "INFORMATION_SCHEMA" || row.database_name === "SNOWFLAKE") return undefined;
			if (given(row.owner) === null) return undefined;
			return {
				...shown(row),
				properties: {
					TRANSIENT: hasOption(row.options, "TRANSIENT"),
					"MANAGED ACCESS": hasOption(row.options, "MANAGED ACCESS"),
					COMMENT: given(row.comment),
				},
			};
		},
		details: [parameterDetail("SCHEMA", parameters)],
	},
	replaceHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the schema is dropped with everything in it, and an empty one takes its name",
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
				"the schema is dropped with everything in it; UNDROP SCHEMA works within its retention time",
		},
		{ code: "DATA_LOSS", message: "the data of all its tables and internal stages goes with it" },
	],
});
