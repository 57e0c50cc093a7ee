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
