import { type ObjectModel, type ObjectRef, objectKey } from "../model/catalog.ts";
import { sortBy } from "../model/compare.ts";
import { type Grant, granteeText } from "../model/grant.ts";
import { formatName } from "../model/identifier.ts";
import { KINDS, objectType } from "../objects/index.ts";
import type { States } from "./choreograph.ts";
import type { Operation } from "./plan.ts";
import type { Roles } from "./steps.ts";

/** The word for a kind in GRANT … ON and SHOW GRANTS ON, with the object's name. */
export function grantTarget(on: ObjectRef): string {
	return `${objectType(on.kind).grants.word ?? on.kind} ${formatName(on.name)}`;
}

/** Whether the object's container begins or ends to decide on grants: then who may pass them on is told otherwise. */
export function changesWhoDecides(on: ObjectRef, { live, desired }: States): boolean {
	const name = on.name.slice(0, -1);
	return KINDS.some((kind) => {
		const { central } = objectType(kind).grants;
		const [was, is] = [live, desired].map((c) => c.objects.get(objectKey({ kind, name })));
		return (
			central !== undefined && was !== undefined && is !== undefined && central(was) !== central(is)
		);
	});
}

/** Whether the object's container decides on grants in the place of its owner, and then who that is. */
function decidingContainer(on: ObjectRef, states: States): ObjectModel | undefined {
	const name = on.name.slice(0, -1);
	return KINDS.filter((kind) => objectType(kind).grants.central)
		.map((kind) => objectKey({ kind, name }))
		.flatMap((key) => states.live.objects.get(key) ?? states.desired.objects.get(key) ?? [])
		.find((container) => objectType(container.kind).grants.central?.(container));
}

/**
 * The role that grants and revokes: the owner, where we have that role, or of what this plan makes the one
 * that made it. Otherwise the deploying role, which may hold MANAGE GRANTS.
 */
export function grantingRole(
	on: ObjectRef,
	states: States,
	roles: Roles,
	made: boolean,
): string | undefined {
	const container = decidingContainer(on, states);
	const owner = container?.owner ?? states.live.objects.get(objectKey(on))?.owner;
	if (owner !== undefined && roles.available.has(owner)) return owner;
	return made && !container ? states.desired.objects.get(objectKey(on))?.owner : undefined;
}

/** Grants that one statement can give: to the same grantee, all with grant option or none. */
export function together(grants: readonly Grant[]): readonly (readonly Grant[])[] {
	const groups = new Map<string, Grant[]>();
	for (const grant of sortBy(grants, (g) => g.key)) {
		const key = `${granteeText(grant.to)} ${grant.value}`;
		groups.set(key, [...(groups.get(key) ?? []), grant]);
	}
	return sortBy(groups, ([key]) => key).map(([, group]) => group);
}

/** Their privileges, separated by commas. */
export function privilegeList(grants: readonly Grant[]): string {
	return grants.map((grant) => grant.privilege).join(", ");
}

/** One GRANT for grants that go together. */
export function grantStatement(on: ObjectRef, grants: readonly Grant[]): string {
	const [first] = grants;
	if (!first) return "";
	const option = first.value ? " WITH GRANT OPTION" : "";
	return `GRANT ${privilegeList(grants)} ON ${grantTarget(on)} TO ${granteeText(first.to)}${option}`;
}

/** One REVOKE for grants that go together; `what` stands before the privileges. */
export function revokeStatement(on: ObjectRef, grants: readonly Grant[], what: string): string {
	const [first] = grants;
	return first
		? `REVOKE ${what}${privilegeList(grants)} ON ${grantTarget(on)} FROM ${granteeText(first.to)}`
		: "";
}

/** A check of who holds what on an object. */
export function checkGrants(
	on: ObjectRef,
	role: string | undefined,
	rows: NonNullable<Operation["rows"]>,
): Operation {
	return {
		do: "check",
		...(role === undefined ? {} : { role }),
		sql: `SHOW GRANTS ON ${grantTarget(on)}`,
		rows,
	};
}
