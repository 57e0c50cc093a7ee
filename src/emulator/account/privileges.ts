import type { Statement } from "../../parse/statement.ts";
import type { CatalogObject, Context } from "../types.ts";
import { objectName } from "./catalog.ts";
import { insufficientPrivileges } from "./errors.ts";
import { GRANT, grantOf } from "./grants.ts";

/** Roles that every account has, and the system roles granted to each. */
export const SYSTEM_ROLES: Readonly<Record<string, readonly string[]>> = {
	ACCOUNTADMIN: ["SYSADMIN", "SECURITYADMIN"],
	PUBLIC: [],
	SECURITYADMIN: ["USERADMIN"],
	SYSADMIN: [],
	USERADMIN: [],
};

/** A role with every role it inherits: those granted to it, directly or through others, and PUBLIC. */
export function activeRoles(context: Context, role = context.session.role): ReadonlySet<string> {
	const found = new Set<string>(["PUBLIC"]);
	const grants = context.catalog.list(GRANT).map(grantOf);
	const visit = (name: string): void => {
		if (found.has(name) && name !== "PUBLIC") return;
		found.add(name);
		for (const inner of SYSTEM_ROLES[name] ?? []) visit(inner);
		for (const grant of grants) {
			if (grant.on !== "ROLE" || grant.privilege !== "USAGE") continue;
			if (grant.granteeKind !== "ROLE" || grant.grantee !== name) continue;
			const inner = context.catalog.byId(grant.objectId);
			if (inner) visit(inner.name);
		}
	};
	visit(role);
	return found;
}

/** Whether the role, itself or by inheritance, holds MANAGE GRANTS: ACCOUNTADMIN and SECURITYADMIN do. */
export function managesGrants(context: Context): boolean {
	const roles = activeRoles(context);
	if (roles.has("SECURITYADMIN")) return true;
	return context.catalog
		.list(GRANT)
		.map(grantOf)
		.some(
			(grant) =>
				grant.on === "ACCOUNT" &&
				grant.privilege === "MANAGE GRANTS" &&
				grant.granteeKind === "ROLE" &&
				roles.has(grant.grantee),
		);
}

/**
 * Which objects the session may see in SHOW: those that one of its roles owns or holds any privilege on.
 * A role with MANAGE GRANTS sees all. What the system owns, everybody sees.
 */
export function visibility(context: Context): (object: CatalogObject) => boolean {
	if (managesGrants(context)) return () => true;
	const roles = activeRoles(context);
	const granted = new Set(
		context.catalog
			.list(GRANT)
			.map(grantOf)
			.filter((grant) => grant.granteeKind === "ROLE" && roles.has(grant.grantee))
			.map((grant) => grant.objectId),
	);
	return (object) => object.owner === "" || roles.has(object.owner) || granted.has(object.id);
}

/** Whether the session's role, itself or by inheritance, owns an object or holds one of these privileges on it. */
export function holdsAny(
	context: Context,
	object: CatalogObject,
	privileges: readonly string[],
): boolean {
	const roles = activeRoles(context);
	if (roles.has(object.owner) || roles.has("ACCOUNTADMIN")) return true;
	return context.catalog.list(GRANT).some((found) => {
		const grant = grantOf(found);
		return (
			grant.objectId === object.id &&
			grant.granteeKind === "ROLE" &&
			roles.has(grant.grantee) &&
			privileges.includes(grant.privilege)
		);
	});
}

/** Actions of ALTER that a privilege other than ownership allows: its name by the action's first word. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
	SUSPEND: ["OPERATE", "MONITOR EXECUTION"],
	RESUME: ["OPERATE"],
	ABORT: ["OPERATE"],
	REFRESH: ["OPERATE"],
	SET: ["MODIFY", "OPERATE"],
	UNSET: ["MODIFY", "OPERATE"],
};

/**
 * 003001 unless the role owns the object, by itself or by inheritance. ACCOUNTADMIN passes: it can take any
 * ownership by MANAGE GRANTS, and a project on the local account should not have to.
 */
export function requireOwnership(
	context: Context,
	object: CatalogObject,
	statement?: Statement & { verb: "ALTER" },
): void {
	const action = statement?.rest().peek()?.value ?? "";
	if (!holdsAny(context, object, OPERATIONS[action] ?? []))
		throw insufficientPrivileges(object.kind, objectName(object).slice(-1));
}
