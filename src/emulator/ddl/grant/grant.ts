import type { Cursor } from "../../../parse/cursor.ts";
import { compilationError, doesNotExist, insufficientPrivileges } from "../../account/errors.ts";
import {
	addGrant,
	FUTURE_GRANT,
	type FutureGrant,
	futureGrantOf,
	GRANT,
	type Grant,
	grantOf,
	grantsOn,
} from "../../account/grants.ts";
import { activeRoles, managesGrants } from "../../account/privileges.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Context, Handler, Result } from "../../types.ts";
import { statusResult } from "../result.ts";
import { requireEnd, unexpectedAt } from "../shared.ts";
import { allPrivileges, requirePrivilege } from "./privileges.ts";
import { type Grantee, readGrantee, readTarget, type Target } from "./target.ts";

/** `SELECT, INSERT`, `ALL [PRIVILEGES]` as undefined, `CREATE TABLE`. */
function readPrivileges(cursor: Cursor): readonly string[] | undefined {
	if (cursor.take("ALL")) {
		cursor.take("PRIVILEGES");
		return undefined;
	}
	const found: string[] = [];
	do {
		const words: string[] = [];
		while (!cursor.done && !cursor.looksAt(",") && !cursor.looksAt("ON"))
			words.push(cursor.expectIdentifier("a privilege"));
		if (words.length === 0) throw unexpectedAt(cursor);
		found.push(words.join(" "));
	} while (cursor.take(","));
	return found;
}

function chosen(
	privileges: readonly string[] | undefined,
	kind: string,
	object: CatalogObject | undefined,
): readonly string[] {
	if (!privileges) return allPrivileges(kind, object);
	for (const privilege of privileges) requirePrivilege(kind, privilege);
	return privileges;
}

/**
 * The role on whose behalf a privilege is granted: the owner, or who holds it with grant option.
 * With MANAGE GRANTS it is the owner. In a managed access schema only its owner and MANAGE GRANTS may grant.
 */
function grantor(context: Context, object: CatalogObject, privilege: string): string {
	const roles = activeRoles(context);
	const schema =
		object.database !== undefined && object.schema !== undefined
			? context.catalog.find("SCHEMA", [object.database, object.schema])
			: undefined;
	if (schema?.properties.managedAccess) {
		if (roles.has(schema.owner) || managesGrants(context)) return schema.owner;
		throw insufficientPrivileges(object.kind, [object.name]);
	}
	if (roles.has(object.owner)) return object.owner;
	const held = grantsOn(context, object.id)
		.map(grantOf)
		.find(
			(grant) =>
				grant.privilege === privilege &&
				grant.option &&
				grant.granteeKind === "ROLE" &&
				roles.has(grant.grantee),
		);
	if (held) return held.grantee;
	if (managesGrants(context)) return object.owner;
	throw insufficientPrivileges(object.kind, [object.name]);
}

async function addFuture(context: Context, future: FutureGrant): Promise<void> {
	const same = (object: CatalogObject): boolean => {
		const { option: _, ...other } = futureGrantOf(object);
		const { option: __, ...mine } = future;
		return JSON.stringify(other) === JSON.stringify(mine);
	};
	const existing = context.catalog.list(FUTURE_GRANT).find(same);
	if (existing) {
		if (future.option) await context.catalog.update({ ...existing, properties: { ...future } });
		return;
	}
	await context.catalog.add({
		kind: FUTURE_GRANT,
		name: `${future.privilege} ${future.on} ${future.containerId} ${future.granteeKind} ${future.grantee}`,
		owner: "",
		comment: null,
		properties: { ...future },
	});
}

async function transferOwnership(
	context: Context,
	object: CatalogObject,
	{ grantee }: Grantee,
	current: "REVOKE" | "COPY" | undefined,
	all: boolean,
): Promise<void> {
	const roles = activeRoles(context);
	if (!roles.has(object.owner) && !managesGrants(context))
		throw insufficientPrivileges(object.kind, [object.name]);
	const outbound = grantsOn(context, object.id);
	if (outbound.length > 0 && current === undefined && object.kind !== "ROLE")
		throw compilationError(
			"003089",
			"0LP01",
			"Dependent grant of privilege exists. It must be revoked first or copied: more than one dependent grant may exist. Use 'SHOW GRANTS' command to view grants.",
		);
	await context.kinds.get(object.kind)?.transfer?.(context, object, all);
	for (const grant of outbound) {
		if (current === "REVOKE") await context.catalog.remove(grant.id);
		if (current === "COPY")
			await context.catalog.update({
				...grant,
				properties: { ...grant.properties, grantedBy: grantee },
			});
	}
	const now = context.catalog.byId(object.id) ?? object;
	await context.catalog.update({ ...now, owner: grantee });
}

async function grantOwnership(context: Context, cursor: Cursor): Promise<Result> {
	cursor.expect("ON");
	const target = readTarget(context, cursor);
	cursor.expect("TO");
	const grantee = readGrantee(context, cursor);
	const current = cursor.take("REVOKE", "CURRENT", "GRANTS")
		? "REVOKE"
		: cursor.take("COPY", "CURRENT", "GRANTS")
			? "COPY"
			: undefined;
	requireEnd(cursor);
	if ("future" in target)
		await addFuture(context, {
			privilege: "OWNERSHIP",
			on: target.kind,
			containerId: target.future.id,
			...grantee,
			option: false,
		});
	else
		for (const object of target.objects)
			await transferOwnership(context, object, grantee, current, target.bulk);
	return statusResult();
}

/** GRANT ROLE a TO ROLE b | USER u. */
async function grantRole(context: Context, cursor: Cursor): Promise<Result> {
	const name = cursor.expectIdentifier();
	cursor.expect("TO");
	const grantee = readGrantee(context, cursor);
	requireEnd(cursor);
	const role = context.catalog.find("ROLE", [name]);
	if (!role) throw doesNotExist("ROLE", [name]);
	if (grantee.granteeKind === "ROLE" && activeRoles(context, name).has(grantee.grantee))
		throw compilationError(
			"003015",
			"42501",
			`Role '${name}' cannot be granted to '${grantee.grantee}': it would be a circle.`,
		);
	await addGrant(context, {
		privilege: "USAGE",
		on: "ROLE",
		objectId: role.id,
		...grantee,
		option: false,
		grantedBy: context.session.role,
	});
	return statusResult();
}

async function grantPrivileges(
	context: Context,
	privileges: readonly string[] | undefined,
	target: Target,
	grantee: Grantee,
	option: boolean,
): Promise<void> {
	if ("future" in target) {
		for (const privilege of chosen(privileges, target.kind, undefined))
			await addFuture(context, {
				privilege,
				on: target.kind,
				containerId: target.future.id,
				...grantee,
				option,
			});
		return;
	}
	for (const object of target.objects)
		for (const privilege of chosen(privileges, target.kind, object))
			await addGrant(context, {
				privilege,
				on: target.kind,
				objectId: object.id,
				...grantee,
				option,
				grantedBy:
					target.kind === "ACCOUNT" ? context.session.role : grantor(context, object, privilege),
			});
}

/** GRANT. */
const grant: Handler = async (context, statement) => {
	const cursor = statement.rest();
	if (cursor.looksAt("INHERITED")) throw unsupported("GRANT INHERITED");
	if (cursor.looksAt("DATABASE", "ROLE")) throw unsupported("DATABASE ROLE");
	if (cursor.take("ROLE")) return grantRole(context, cursor);
	if (cursor.take("OWNERSHIP")) return grantOwnership(context, cursor);
	const privileges = readPrivileges(cursor);
	cursor.expect("ON");
	const target = readTarget(context, cursor);
	cursor.expect("TO");
	const grantee = readGrantee(context, cursor);
	const option = cursor.take("WITH", "GRANT", "OPTION");
	requireEnd(cursor);
	await grantPrivileges(context, privileges, target, grantee, option);
	return statusResult();
};

async function revokeRole(context: Context, cursor: Cursor): Promise<Result> {
	const name = cursor.expectIdentifier();
	cursor.expect("FROM");
	const grantee = readGrantee(context, cursor);
	requireEnd(cursor);
	const role = context.catalog.find("ROLE", [name]);
	if (!role) throw doesNotExist("ROLE", [name]);
	for (const found of grantsOn(context, role.id)) {
		const { granteeKind, grantee: holder } = grantOf(found);
		if (granteeKind === grantee.granteeKind && holder === grantee.grantee)
			await context.catalog.remove(found.id);
	}
	return statusResult();
}

function matches(
	held: Grant | FutureGrant,
	privileges: readonly string[] | undefined,
	grantee: Grantee,
): boolean {
	return (
		held.granteeKind === grantee.granteeKind &&
		held.grantee === grantee.grantee &&
		(privileges === undefined || privileges.includes(held.privilege))
	);
}

/**
 * REVOKE. What was not granted is no error, nor what another role granted: without MANAGE GRANTS the statement
 * succeeds without effect on that.
 * https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege#usage-notes
 */
const revoke: Handler = async (context, statement) => {
	const cursor = statement.rest();
	if (cursor.looksAt("INHERITED")) throw unsupported("REVOKE INHERITED");
	if (cursor.take("ROLE")) return revokeRole(context, cursor);
	const onlyOption = cursor.take("GRANT", "OPTION", "FOR");
	const privileges = readPrivileges(cursor);
	cursor.expect("ON");
	const target = readTarget(context, cursor);
	cursor.expect("FROM");
	const grantee = readGrantee(context, cursor);
	// Grants here do not depend on each other, so RESTRICT and CASCADE mean the same.
	if (!cursor.take("RESTRICT")) cursor.take("CASCADE");
	requireEnd(cursor);
	for (const privilege of privileges ?? []) {
		requirePrivilege(target.kind, privilege);
		if (privilege === "OWNERSHIP" && !("future" in target))
			throw compilationError(
				"003007",
				"42501",
				"Ownership cannot be revoked, only granted to another role.",
			);
	}
	const change = async (object: CatalogObject): Promise<void> => {
		if (!onlyOption) await context.catalog.remove(object.id);
		else
			await context.catalog.update({
				...object,
				properties: { ...object.properties, option: false },
			});
	};
	if ("future" in target) {
		for (const object of context.catalog.list(FUTURE_GRANT)) {
			const held = futureGrantOf(object);
			const here = held.containerId === target.future.id && held.on === target.kind;
			if (here && matches(held, privileges, grantee)) await change(object);
		}
		return statusResult();
	}
	const everybodys = managesGrants(context);
	const roles = activeRoles(context);
	for (const object of target.objects) {
		if (target.kind !== "ACCOUNT") grantor(context, object, "");
		for (const found of context.catalog.list(GRANT)) {
			const held = grantOf(found);
			const here = held.objectId === object.id && matches(held, privileges, grantee);
			if (here && (everybodys || roles.has(held.grantedBy))) await change(found);
		}
	}
	return statusResult();
};

/** GRANT and REVOKE. */
export const GRANT_HANDLERS: Readonly<Record<string, Handler>> = { GRANT: grant, REVOKE: revoke };
