import { type ObjectKey, type ObjectModel, type ObjectRef, objectKey } from "../model/catalog.ts";
import { sortBy } from "../model/compare.ts";
import {
	GRANTEE_KINDS,
	type Grantee,
	granteeText,
	grantOf,
	type HeldGrant,
	OWNERSHIP,
} from "../model/grant.ts";
import { formatName, parseName } from "../model/identifier.ts";
import { type Connection, type Row, StatementError } from "../model/port.ts";
import { objectType } from "../objects/index.ts";
import { ABSENT, SHOW_LIMIT } from "./introspect.ts";
import { eachLimited } from "./limit.ts";

/** Whose grants to read. */
export interface GrantScope {
	/** Objects that exist and whose grants to the roles below matter. */
	readonly objects: readonly ObjectModel[];
	/** Roles whose grants are compared. */
	readonly roles: readonly string[];
	/** Objects, among the above or not, of which every grant is needed, whoever holds it. */
	readonly whole: readonly ObjectModel[];
	readonly concurrency: number;
}

/** The word for a kind in GRANT … ON and SHOW GRANTS ON. */
export function grantWord(kind: string): string {
	return objectType(kind).grants.word ?? kind;
}

/** The rows of SHOW GRANTS; of what does not exist, or is not ours to see, there are none. */
async function rowsOf(connection: Connection, sql: string): Promise<readonly Row[]> {
	try {
		return (await connection.execute(sql)).rows;
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return [];
		throw error;
	}
}

/**
 * Who holds it. A database role stands without its database, a share behind its account; other names are
 * as they are stored.
 */
function granteeOf(on: ObjectRef, row: Row): Grantee | undefined {
	const kind = GRANTEE_KINDS.find((k) => k.replaceAll(" ", "_") === row.granted_to);
	const text = row.grantee_name ?? "";
	const quoted = text.startsWith('"') ? parseName(text) : undefined;
	switch (kind) {
		case undefined:
			return undefined;
		case "DATABASE ROLE": {
			const database = on.name[0] ?? "";
			const inside = text.startsWith(`${database}.`) ? text.slice(database.length + 1) : text;
			return { kind, name: [database, inside] };
		}
		case "SHARE":
			return { kind, name: [text.slice(text.lastIndexOf(".") + 1)] };
		default:
			return { kind, name: quoted ?? [text] };
	}
}

function heldOf(on: ObjectRef, row: Row): HeldGrant {
	const cells = {
		privilege: row.privilege ?? "",
		granted_to: row.granted_to ?? "",
		grantee_name: row.grantee_name ?? "",
		grant_option: row.grant_option ?? "",
	};
	const to = granteeOf(on, row);
	// Nobody granted it: Snowflake's own grants cannot be changed.
	if (!to || cells.privilege === OWNERSHIP || !row.granted_by) return { cells };
	const value = cells.grant_option.toLowerCase() === "true";
	return { cells, grant: grantOf(on, { privilege: cells.privilege, to, value }) };
}

/** Lines in an order of their own; a privilege that several granted to the same one is one line. */
function tidied(held: readonly HeldGrant[]): readonly HeldGrant[] {
	const text = (h: HeldGrant) => Object.values(h.cells).join(" ");
	const distinct = new Map(held.map((h) => [text(h), h]));
	return sortBy(distinct.values(), text);
}

/** All grants on each object: one statement for each. */
async function readByObject(
	connectionFor: (kind: string) => Connection,
	objects: readonly ObjectModel[],
	concurrency: number,
): Promise<ReadonlyMap<ObjectKey, readonly HeldGrant[]>> {
	const found = new Map<ObjectKey, readonly HeldGrant[]>();
	await eachLimited(concurrency, objects, async (object) => {
		const sql = `SHOW GRANTS ON ${grantWord(object.kind)} ${formatName(object.name)}`;
		const rows = await rowsOf(connectionFor(object.kind), sql);
		found.set(objectKey(object), tidied(rows.map((row) => heldOf(object, row))));
	});
	return found;
}

/** The grants of each role on these objects: one statement for each role; undefined where an answer is cut off. */
async function readByRole(
	connection: Connection,
	roles: readonly string[],
	objects: readonly ObjectModel[],
	concurrency: number,
): Promise<ReadonlyMap<ObjectKey, readonly HeldGrant[]> | undefined> {
	const wanted = new Map(
		objects.map((o) => [`${grantWord(o.kind).replaceAll(" ", "_")} ${formatName(o.name)}`, o]),
	);
	const found = new Map<ObjectKey, HeldGrant[]>(objects.map((o) => [objectKey(o), []]));
	let cutOff = false;
	await eachLimited(concurrency, roles, async (role) => {
		const to = granteeText({ kind: "ROLE", name: [role] });
		const rows = await rowsOf(connection, `SHOW GRANTS TO ${to}`);
		cutOff ||= rows.length >= SHOW_LIMIT;
		for (const row of rows) {
			const name = parseName(row.name ?? "");
			const object = name && wanted.get(`${row.granted_on} ${formatName(name)}`);
			if (object) found.get(objectKey(object))?.push(heldOf(object, row));
		}
	});
	if (cutOff) return undefined;
	return new Map([...found].map(([key, held]) => [key, tidied(held)]));
}

/**
 * Reads who holds what: by role where that takes fewer statements, else by object. Of `objects` at least
 * the grants to `roles` come back, of `whole` all.
 * https://docs.snowflake.com/en/sql-reference/sql/show-grants
 */
export async function readGrants(
	connection: Connection,
	connectionFor: (kind: string) => Connection,
	scope: GrantScope,
): Promise<ReadonlyMap<ObjectKey, readonly HeldGrant[]>> {
	const { concurrency, roles, whole } = scope;
	const keys = new Set(whole.map(objectKey));
	const others = scope.objects.filter((o) => !keys.has(objectKey(o)));
	const byRole =
		roles.length < others.length
			? await readByRole(connection, roles, others, concurrency)
			: undefined;
	const byObject = await readByObject(
		connectionFor,
		byRole ? whole : [...whole, ...others],
		concurrency,
	);
	return new Map([...(byRole ?? []), ...byObject]);
}
