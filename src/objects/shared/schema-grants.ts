import { type Grants, privileges } from "../define/privilege.ts";

/** What CREATE … on a schema can be granted for. */
const CREATABLE = [
	"AGENT",
	"AGGREGATION POLICY",
	"ALERT",
	"APPLICATION SERVICE",
	"ARTIFACT REPOSITORY",
	"AUTHENTICATION POLICY",
	"CONTACT",
	"CORTEX SEARCH SERVICE",
	"DATA METRIC FUNCTION",
	"DATASET",
	"DBT PROJECT",
	"DYNAMIC TABLE",
	"EVENT TABLE",
	"EXPERIMENT",
	"EXTERNAL TABLE",
	"FILE FORMAT",
	"FUNCTION",
	"GATEWAY",
	"GIT REPOSITORY",
	"HYBRID TABLE",
	"ICEBERG TABLE",
	"IMAGE REPOSITORY",
	"INTERACTIVE TABLE",
	"MASKING POLICY",
	"MATERIALIZED VIEW",
	"MCP SERVER",
	"MODEL",
	"NETWORK RULE",
	"NOTEBOOK",
	"ONLINE FEATURE TABLE",
	"PACKAGES POLICY",
	"PASSWORD POLICY",
	"PIPE",
	"PRIVACY POLICY",
	"PROCEDURE",
	"PROJECTION POLICY",
	"ROW ACCESS POLICY",
	"SECRET",
	"SEMANTIC VIEW",
	"SEQUENCE",
	"SERVICE",
	"SESSION POLICY",
	"SNAPSHOT",
	"SNAPSHOT POLICY",
	"SNAPSHOT SET",
	"STAGE",
	"STORAGE LIFECYCLE POLICY",
	"STREAM",
	"STREAMLIT",
	"TABLE",
	"TAG",
	"TASK",
	"TYPE",
	"VIEW",
	"WORKSPACE",
];

/**
 * What can be granted on a schema. Instances of classes (`CREATE SNOWFLAKE.CORE.BUDGET`) are left out: they
 * are not among what ALL grants, and no kind of this project is one.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
 */
export const schemaGrants: Grants = {
	privileges: [
		...privileges("ADD SEARCH OPTIMIZATION", "APPLYBUDGET", "MODIFY", "MONITOR", "USAGE"),
		...privileges(...CREATABLE.map((what) => `CREATE ${what}`)),
	],
	noAll: "on a schema it means whatever Snowflake can create by then: name the privileges",
	central: (schema) => schema.properties["MANAGED ACCESS"] === true,
};
