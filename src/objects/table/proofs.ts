import {
	formatIdentifier,
	formatName,
	formatString,
	type QualifiedName,
} from "../../model/identifier.ts";
import type { RecipeOperation } from "../define/recipe.ts";

/** What a table is asked before and after, and must answer the same. */
export interface Proof {
	/** As it is told: `load history`. */
	readonly what: string;
	readonly before: string;
	readonly after: string;
	/** The column that counts, where it is not the first. */
	readonly column?: string;
}

/** What INFORMATION_SCHEMA.TABLES tells of one table, or of it and others of its schema. */
export function aboutTable(
	name: QualifiedName,
	what: string,
	others: readonly string[] = [],
): string {
	const [database = "", schema = "", table = ""] = name;
	const names = [table, ...others].map(formatString).join(", ");
	return `SELECT ${what} FROM ${formatIdentifier(database)}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ${formatString(schema)} AND TABLE_NAME IN (${names})`;
}

/** The row of SHOW TABLES for one table: names are sorted, so that it is the first that begins with its own. */
function showTable(name: QualifiedName): string {
	return `SHOW TABLES IN SCHEMA ${formatName(name.slice(0, 2))} STARTS WITH ${formatString(name[2] ?? "")} LIMIT 1`;
}

/** Who may do what: owners with OWNERSHIP alone. */
function grants(name: QualifiedName): string {
	const [database = "", schema = "", table = ""] = name;
	return `SELECT LISTAGG(PRIVILEGE_TYPE || IFF(IS_GRANTABLE = 'YES', ' with grant option', '') || ' to ' || GRANTEE, ', ') WITHIN GROUP (ORDER BY PRIVILEGE_TYPE, GRANTEE) FROM ${formatIdentifier(database)}.INFORMATION_SCHEMA.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = ${formatString(schema)} AND TABLE_NAME = ${formatString(table)}`;
}

/** COPY_HISTORY has 14 days; whole days, so that nothing gets too old between two looks. */
function loads(name: QualifiedName): string {
	const database = formatIdentifier(name[0] ?? "");
	return `SELECT COUNT(*) || ' loads' FROM TABLE(${database}.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => ${formatString(formatName(name))}, START_TIME => DATEADD(DAY, -12, DATE_TRUNC('DAY', CURRENT_TIMESTAMP()))))`;
}

/**
 * That a table is still the same one. No command tells its hidden id; a table made anew has another time of
 * creation, no load history, and its own grants.
 */
export function sameTable(from: QualifiedName, to: QualifiedName): readonly Proof[] {
	const twice = (what: string, sql: (name: QualifiedName) => string): Proof => ({
		what,
		before: sql(from),
		after: sql(to),
	});
	return [
		{ ...twice("creation", showTable), column: "created_on" },
		twice("load history", loads),
		twice("grants", grants),
	];
}

/** That everybody may do with it what they could. */
export function grantsProof(name: QualifiedName): Proof {
	return { what: "grants", before: grants(name), after: grants(name) };
}

/** What is asked before, and kept under a name of this object. */
export function captures(proofs: readonly Proof[], key: string): readonly RecipeOperation[] {
	return proofs.map(({ what, before, column }) => ({
		do: "capture",
		sql: before,
		...(column === undefined ? {} : { column }),
		saveAs: `${what} of ${key}`,
	}));
}

/** That the answers are still the same. */
export function comparisons(proofs: readonly Proof[], key: string): readonly RecipeOperation[] {
	return proofs.map(({ what, after, column }) => ({
		do: "check",
		sql: after,
		...(column === undefined ? {} : { column }),
		sameAs: `${what} of ${key}`,
		proves: what,
	}));
}
