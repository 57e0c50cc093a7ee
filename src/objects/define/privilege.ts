import type { ObjectModel } from "../../model/catalog.ts";

/** Something that can be granted on objects of a kind. */
export interface Privilege {
	readonly name: string;
	/** Where only some objects of the kind have it: READ is for internal stages. */
	readonly applies?: (object: ObjectModel) => boolean;
	/** Why it does not go with an object it does not apply to. */
	readonly rule?: string;
}

/**
 * What can be granted on objects of a kind. OWNERSHIP is no privilege here: it is the object's owner.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
 */
export interface Grants {
	/** What GRANT … ON calls the kind, where it is not its own name: INTEGRATION. */
	readonly word?: string;
	readonly privileges: readonly Privilege[];
	/** Why ALL cannot be written out, where that is so. */
	readonly noAll?: string;
	/**
	 * Whether a container takes the decisions on grants away from the owners of what it holds. SHOW GRANTS
	 * then says of nobody that he may pass a privilege on.
	 * https://docs.snowflake.com/en/user-guide/security-access-control-configure#label-managed-access-schemas
	 */
	readonly central?: (container: ObjectModel) => boolean;
}

/** Privileges that every object of a kind has. */
export function privileges(...names: readonly string[]): readonly Privilege[] {
	return names.map((name) => ({ name }));
}

/** The privileges of a kind that an object can have: what ALL means on it. */
export function privilegesOn(grants: Grants, object: ObjectModel): readonly string[] {
	return grants.privileges.filter((p) => p.applies?.(object) ?? true).map((p) => p.name);
}
