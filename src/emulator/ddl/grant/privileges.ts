import { compilationError } from "../../account/errors.ts";
import type { CatalogObject } from "../../types.ts";

const OPERATED = ["MONITOR", "OPERATE"];

/**
 * Privileges by kind, ownership not included: what ALL expands to, and what may be granted.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
 */
const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
	DATABASE: ["APPLYBUDGET", "CREATE DATABASE ROLE", "CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"],
	WAREHOUSE: ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"],
	"STORAGE INTEGRATION": ["USAGE", "USE_ANY_ROLE"],
	"NOTIFICATION INTEGRATION": ["USAGE", "USE_ANY_ROLE"],
	"RESOURCE MONITOR": ["MODIFY", "MONITOR"],
	TABLE: [
		"APPLYBUDGET",
		"DELETE",
		"EVOLVE SCHEMA",
		"INSERT",
		"REFERENCES",
		"SELECT",
		"SELECT ERROR TABLE",
		"TRUNCATE",
		"UPDATE",
	],
	VIEW: ["REFERENCES", "SELECT"],
	"DYNAMIC TABLE": [...OPERATED, "SELECT"],
	"EXTERNAL TABLE": ["REFERENCES", "SELECT"],
	"MATERIALIZED VIEW": ["APPLYBUDGET", "REFERENCES", "SELECT"],
	STREAM: ["SELECT"],
	TASK: ["APPLYBUDGET", ...OPERATED],
	PIPE: ["APPLYBUDGET", ...OPERATED],
	ALERT: OPERATED,
	"FILE FORMAT": ["USAGE"],
	SEQUENCE: ["USAGE"],
	FUNCTION: ["USAGE"],
	PROCEDURE: ["USAGE"],
	SECRET: ["READ", "USAGE"],
	TAG: ["APPLY", "READ"],
	"MASKING POLICY": ["APPLY"],
	"ROW ACCESS POLICY": ["APPLY"],
	ROLE: [],
};

const SCHEMA = ["ADD SEARCH OPTIMIZATION", "APPLYBUDGET", "MODIFY", "MONITOR", "USAGE"];

/** What can be created in a schema. */
const CREATABLE = [
	"ALERT",
	"DYNAMIC TABLE",
	"EVENT TABLE",
	"EXTERNAL TABLE",
	"FILE FORMAT",
	"FUNCTION",
	"MASKING POLICY",
	"MATERIALIZED VIEW",
	"NETWORK RULE",
	"PIPE",
	"PROCEDURE",
	"ROW ACCESS POLICY",
	"SECRET",
	"SEQUENCE",
	"STAGE",
	"STREAM",
	"TABLE",
	"TAG",
	"TASK",
	"VIEW",
];

const ACCOUNT = [
	"APPLY MASKING POLICY",
	"APPLY ROW ACCESS POLICY",
	"APPLY TAG",
	"ATTACH POLICY",
	"AUDIT",
	"CREATE DATABASE",
	"CREATE INTEGRATION",
	"CREATE NETWORK POLICY",
	"CREATE ROLE",
	"CREATE SHARE",
	"CREATE USER",
	"CREATE WAREHOUSE",
	"EXECUTE ALERT",
	"EXECUTE MANAGED ALERT",
	"EXECUTE MANAGED TASK",
	"EXECUTE TASK",
	"IMPORT SHARE",
	"MANAGE GRANTS",
	"MANAGE WAREHOUSES",
	"MONITOR EXECUTION",
	"MONITOR SECURITY",
	"MONITOR USAGE",
];

/** The privileges that exist on a kind; a stage's depend on where it is, so there both sorts are there. */
export function privilegesOn(kind: string): readonly string[] {
	if (kind === "ACCOUNT") return ACCOUNT;
	if (kind === "SCHEMA") return [...SCHEMA, ...CREATABLE.map((what) => `CREATE ${what}`)];
	if (kind === "STAGE") return ["READ", "USAGE", "WRITE"];
	return PRIVILEGES[kind] ?? [];
}

/** What ALL means on an object: READ and WRITE are for internal stages, USAGE is for external ones. */
export function allPrivileges(kind: string, object: CatalogObject | undefined): readonly string[] {
	if (kind !== "STAGE" || !object) return privilegesOn(kind);
	const settings = object.properties.settings as { readonly url?: unknown } | undefined;
	return settings?.url ? ["USAGE"] : ["READ", "WRITE"];
}

/** 003008 where a kind has no such privilege. */
export function requirePrivilege(kind: string, privilege: string): void {
	if (privilege === "OWNERSHIP" || privilegesOn(kind).includes(privilege)) return;
	throw compilationError(
		"003008",
		"0LP01",
		`Invalid privilege type '${privilege}' for object of type '${kind}'.`,
	);
}
