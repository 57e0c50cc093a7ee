import type { OtherStatement } from "../../parse/statement.ts";
import type { Session } from "../types.ts";
import { compilationError } from "./errors.ts";

/** 090105: no database is current, and the name does not say one. */
function noDatabase(operation: string): Error {
	return compilationError(
		"090105",
		"22000",
		`Cannot perform ${operation}. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.`,
	);
}

/** 090106: as 090105, for the schema. */
function noSchema(operation: string): Error {
	return compilationError(
		"090106",
		"22000",
		`Cannot perform ${operation}. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.`,
	);
}

/** The full name of a name as written. https://docs.snowflake.com/en/sql-reference/name-resolution */
export function qualifyName(
	session: Session,
	operation: string,
	name: readonly string[],
	level: "account" | "database" | "schema",
): readonly string[] {
	const length = { account: 1, database: 2, schema: 3 }[level];
	if (name.length > length)
		throw compilationError(
			"001506",
			"42601",
			`too many parts in the name '${name.join(".")}' for ${operation}`,
		);
	if (name.length === length) return name;
	if (session.database === undefined) throw noDatabase(operation);
	if (level === "database" || name.length === 2) return [session.database, ...name];
	if (session.schema === undefined) throw noSchema(operation);
	return [session.database, session.schema, ...name];
}

/** The words of a statement that say what it does, for messages: `CREATE TABLE`, `SELECT`. */
export function operationName(statement: {
	readonly verb: string;
	readonly kind?: string | undefined;
	readonly tokens: OtherStatement["tokens"];
}): string {
	if (statement.verb === "OTHER") return statement.tokens[0]?.value ?? "";
	return `${statement.verb}${statement.kind ? ` ${statement.kind}` : ""}`;
}
