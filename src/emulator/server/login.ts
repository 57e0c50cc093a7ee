import { parameterFor, setSessionParameter } from "../account/parameters.ts";
import { SnowflakeError } from "../error.ts";
import type { Context } from "../types.ts";

/**
 * Database, schema, warehouse and role of a login. One that does not exist is left out in silence, as Snowflake does,
 * except for a role: that refuses the login with 390189.
 */
export function useAtLogin(context: Context, query: URLSearchParams): void {
	const { catalog, session } = context;
	const named = (name: string): string | undefined => {
		const value = query.get(name);
		if (!value) return undefined;
		return value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value.toUpperCase();
	};
	const role = named("roleName");
	if (role !== undefined) {
		if (!catalog.find("ROLE", [role]))
			throw new SnowflakeError(
				"390189",
				"08001",
				`Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
			);
		session.role = role;
	}
	const database = named("databaseName");
	const schema = named("schemaName");
	if (database !== undefined && catalog.find("DATABASE", [database])) {
		session.database = database;
		session.schema = catalog.find("SCHEMA", [database, "PUBLIC"]) ? "PUBLIC" : undefined;
		if (schema !== undefined && catalog.find("SCHEMA", [database, schema])) session.schema = schema;
	}
	const warehouse = named("warehouse");
	if (warehouse !== undefined && catalog.find("WAREHOUSE", [warehouse]))
		session.warehouse = warehouse;
}

/** A session parameter sent with the login. Drivers send some of their own (CLIENT_…), which mean nothing to a server. */
export function takeParameter(context: Context, name: string, value: unknown): void {
	const upper = name.toUpperCase();
	if (parameterFor("SESSION", upper)) setSessionParameter(context, upper, String(value));
}
