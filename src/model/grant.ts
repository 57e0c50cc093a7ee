import type { ObjectRef } from "./catalog.ts";
import { objectKey } from "./catalog.ts";
import type { Edge } from "./edge.ts";
import { formatName, type QualifiedName } from "./identifier.ts";

/** Who can be granted a privilege by a statement that Snowline writes. */
export const GRANTEE_KINDS = ["ROLE", "DATABASE ROLE", "USER", "SHARE"] as const;

/** Who holds a privilege. */
export interface Grantee {
	readonly kind: (typeof GRANTEE_KINDS)[number];
	readonly name: QualifiedName;
}

/** A privilege on an object that somebody holds; its value says whether they may pass it on. */
export interface Grant extends Edge {
	readonly privilege: string;
	readonly to: Grantee;
	/** With grant option. */
	readonly value: boolean;
}

/** What a statement does to who holds what: on an object that is dropped or made anew nobody holds anything. */
export type GrantEffect =
	| { readonly does: "grant" | "revoke" | "revoke option"; readonly grant: Grant }
	| { readonly does: "clear"; readonly on: ObjectRef };

/** `ROLE ANALYST`: a grantee as it stands in statements. */
export function granteeText({ kind, name }: Grantee): string {
	return `${kind} ${formatName(name)}`;
}

/** A grant with its key. */
export function grantOf(
	on: ObjectRef,
	facts: Pick<Grant, "privilege" | "to" | "value"> & Partial<Pick<Grant, "declared">>,
): Grant {
	const key = `GRANT ${facts.privilege} ON ${objectKey(on)} TO ${granteeText(facts.to)}`;
	return { key, on: { kind: on.kind, name: on.name }, ...facts };
}

/** A line of SHOW GRANTS ON an object. */
export interface HeldGrant {
	/** The cells that tell it from another: what checks look for. */
	readonly cells: {
		readonly privilege: string;
		readonly granted_to: string;
		readonly grantee_name: string;
		readonly grant_option: string;
	};
	/** The grant, where a statement can give it again: not ownership, not what Snowflake itself granted. */
	readonly grant?: Grant;
}

/** The privilege that is no grant: it is there once, and moves instead of being taken away. */
export const OWNERSHIP = "OWNERSHIP";
