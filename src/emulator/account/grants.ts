import type { CatalogObject, Context } from "../types.ts";

/**
 * A privilege that a role holds. Grants are objects of the catalog of kind GRANT, so they are written and
 * undone with everything else; they hold the granted object by id, and so end with it.
 */
export interface Grant {
	readonly privilege: string;
	/** The object's kind, or ACCOUNT. */
	readonly on: string;
	/** The object's id; 0 for the account. */
	readonly objectId: number;
	readonly granteeKind: "ROLE" | "DATABASE ROLE" | "USER" | "SHARE";
	readonly grantee: string;
	readonly option: boolean;
	readonly grantedBy: string;
}

/** A privilege that objects to come will be granted: `FUTURE TABLES IN SCHEMA s`. */
export interface FutureGrant {
	readonly privilege: string;
	readonly on: string;
	readonly containerId: number;
	readonly granteeKind: Grant["granteeKind"];
	readonly grantee: string;
	readonly option: boolean;
}

export const GRANT = "GRANT";
export const FUTURE_GRANT = "FUTURE GRANT";

/** Reads the grant out of its catalog object. */
export function grantOf(object: CatalogObject): Grant {
	return object.properties as unknown as Grant;
}

/** Reads the future grant out of its catalog object. */
export function futureGrantOf(object: CatalogObject): FutureGrant {
	return object.properties as unknown as FutureGrant;
}

/** The grants on one object, ownership not included. */
export function grantsOn(context: Context, id: number): readonly CatalogObject[] {
	return context.catalog.list(GRANT).filter((object) => grantOf(object).objectId === id);
}

/** Adds a grant unless it is there; a grant option is added to one that is. */
export async function addGrant(context: Context, grant: Grant): Promise<void> {
	const same = context.catalog.list(GRANT).find((object) => {
		const other = grantOf(object);
		return (
			other.privilege === grant.privilege &&
			other.on === grant.on &&
			other.objectId === grant.objectId &&
			other.granteeKind === grant.granteeKind &&
			other.grantee === grant.grantee
		);
	});
	if (same) {
		if (grant.option && !grantOf(same).option)
			await context.catalog.update({ ...same, properties: { ...same.properties, option: true } });
		return;
	}
	await context.catalog.add({
		kind: GRANT,
		name: `${grant.privilege} ${grant.on} ${grant.objectId} ${grant.granteeKind} ${grant.grantee}`,
		owner: "",
		comment: null,
		properties: { ...grant },
	});
}

/** Removes the grants on an object. */
export async function removeGrants(context: Context, object: CatalogObject): Promise<void> {
	for (const grant of grantsOn(context, object.id)) await context.catalog.remove(grant.id);
	for (const future of context.catalog.list(FUTURE_GRANT))
		if (futureGrantOf(future).containerId === object.id) await context.catalog.remove(future.id);
}

/** The grants of an object that is about to be replaced, for COPY GRANTS. */
export function keepGrants(context: Context, object: CatalogObject): readonly Grant[] {
	return grantsOn(context, object.id).map(grantOf);
}

/** Gives kept grants to the object that took the place of theirs. */
export async function moveGrants(
	context: Context,
	grants: readonly Grant[],
	object: CatalogObject,
): Promise<void> {
	for (const grant of grants) await addGrant(context, { ...grant, objectId: object.id });
}

/**
 * Grants a new object what future grants say. Those of the schema hide those of the database for the same kind.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations
 */
export async function inheritFutureGrants(context: Context, object: CatalogObject): Promise<void> {
	if (object.database === undefined) return;
	const futures = context.catalog.list(FUTURE_GRANT).map(futureGrantOf);
	if (futures.length === 0) return;
	const of = (container: CatalogObject | undefined) =>
		futures.filter((f) => f.on === object.kind && f.containerId === container?.id);
	const inSchema = object.schema
		? of(context.catalog.find("SCHEMA", [object.database, object.schema]))
		: [];
	const chosen =
		inSchema.length > 0 ? inSchema : of(context.catalog.find("DATABASE", [object.database]));
	for (const future of chosen) {
		const { privilege, on, granteeKind, grantee, option } = future;
		if (privilege === "OWNERSHIP")
			await context.catalog.update({
				...(context.catalog.byId(object.id) ?? object),
				owner: grantee,
			});
		else
			await addGrant(context, {
				privilege,
				on,
				objectId: object.id,
				granteeKind,
				grantee,
				option,
				grantedBy: context.session.role,
			});
	}
}
