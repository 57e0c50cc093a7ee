import type { Records } from "../apply/records.ts";
import type { Change } from "../diff/diff.ts";
import { diffGrants, heldAfter, heldUnder } from "../diff/grants.ts";
import { type GrantScope, readGrants } from "../introspect/grants.ts";
import type { SeenGrants } from "../migrate/see-through.ts";
import {
	type Catalog,
	type ObjectKey,
	type ObjectModel,
	type ObjectRef,
	objectKey,
} from "../model/catalog.ts";
import type { EdgeKey } from "../model/edge.ts";
import {
	type Grant,
	type GrantEffect,
	type Grantee,
	grantOf,
	type HeldGrant,
} from "../model/grant.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Connection } from "../model/port.ts";
import { KINDS, objectType } from "../objects/index.ts";
import { choreograph } from "../plan/choreograph.ts";
import type { GrantInput } from "../plan/grants.ts";
import type { OwnerChange } from "../plan/ownership.ts";
import type { PlanNote } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";

/** What the grants of a plan are made from. */
export interface GrantRequest {
	readonly environment: Environment;
	readonly records: Records;
	/** Declared objects that this plan is about, and every declared grant. */
	readonly desired: Catalog;
	readonly declared: readonly Grant[];
	/** The account as it is. */
	readonly live: Catalog;
	/** What pending migrations do to grants. */
	readonly ahead: SeenGrants;
	/** What happens to the objects, and between which states. */
	readonly changes: readonly Change[];
	readonly states: { readonly live: Catalog; readonly desired: Catalog };
	/** The role that plans and deploys. */
	readonly role: string;
	readonly connection: Connection;
	/** Runs something with the sessions that see the objects of each kind. */
	readonly asOwners: <T>(
		run: (connectionFor: (kind: string) => Connection) => Promise<T>,
	) => Promise<T>;
}

/** A grant as the ledger keeps it. */
export function ledgerGrant(model: string): Grant {
	const { name, properties } = JSON.parse(model) as {
		readonly name: QualifiedName;
		readonly properties: {
			readonly PRIVILEGE: string;
			readonly ON: string;
			readonly TO: Grantee["kind"];
			readonly GRANTEE: QualifiedName;
			readonly "GRANT OPTION": boolean;
		};
	};
	return grantOf(
		{ kind: properties.ON, name },
		{
			privilege: properties.PRIVILEGE,
			to: { kind: properties.TO, name: properties.GRANTEE },
			value: properties["GRANT OPTION"],
		},
	);
}

/** Grants by the object they are on. */
export function byObject(grants: Iterable<Grant>): ReadonlyMap<ObjectKey, readonly Grant[]> {
	const found = new Map<ObjectKey, Grant[]>();
	for (const grant of grants) {
		const key = objectKey(grant.on);
		found.set(key, [...(found.get(key) ?? []), grant]);
	}
	return found;
}

/** An object as it is now, where it exists: under its old name, where it is renamed. */
function existing(object: ObjectModel, live: Catalog): ObjectModel | undefined {
	const { renamedFrom } = object.directives;
	const old = renamedFrom && live.objects.get(objectKey({ kind: object.kind, name: renamedFrom }));
	return live.objects.get(objectKey(object)) ?? old;
}

/** Whether the object's container, in one of the catalogs, decides on grants, which hides grant options. */
export function isCentral(on: ObjectRef, ...catalogs: readonly Catalog[]): boolean {
	const name = on.name.slice(0, -1);
	return KINDS.some((kind) => {
		const key = objectKey({ kind, name });
		const container = catalogs.map((c) => c.objects.get(key)).find((found) => found !== undefined);
		return container !== undefined && objectType(kind).grants.central?.(container) === true;
	});
}

/** Objects that belong to another role than files say, where ownership can be given away without stopping them. */
function ownerChanges({ desired, live }: GrantRequest): readonly OwnerChange[] {
	return [...desired.objects.values()].flatMap((object): OwnerChange[] => {
		const from = existing(object, live)?.owner;
		const to = object.owner;
		return from === undefined || to === undefined || from === to
			? []
			: [{ on: { kind: object.kind, name: object.name }, from, to }];
	});
}

/**
 * Whether giving it away stops it: "the pipe must be paused", "you must suspend the scheduled task".
 * https://docs.snowflake.com/en/sql-reference/sql/grant-ownership#usage-notes
 */
function stopsWithOwner({ on }: OwnerChange): boolean {
	return objectType(on.kind).hold !== undefined;
}

function ownerNote({ on, from, to }: OwnerChange): PlanNote {
	return {
		code: "OWNER_DIFFERS",
		object: objectKey(on),
		message: `${objectKey(on)} belongs to ${from}, and files give it to ${to}: it would stop, so give it away in a migration`,
	};
}

/** What to read: grants to roles that files, the ledger or the environment name, and all on what is made anew. */
function scopeOf(
	request: GrantRequest,
	ledger: ReadonlyMap<ObjectKey, readonly Grant[]>,
): GrantScope {
	const { environment, live } = request;
	const declared = byObject(request.declared);
	const replaced = new Set(
		choreograph(request.changes, request.states)
			.filter((change) => change.action === "replace" || change.succeeds)
			.map(objectKey),
	);
	const objects: ObjectModel[] = [];
	const whole: ObjectModel[] = [];
	const roles = new Set(environment.manage.roles);
	for (const object of request.desired.objects.values()) {
		const now = existing(object, live);
		if (!now) continue;
		const named = [
			...(declared.get(objectKey(object)) ?? []),
			...(ledger.get(objectKey(object)) ?? []),
			...(ledger.get(objectKey(now)) ?? []),
		];
		for (const { to } of named) if (to.kind === "ROLE") roles.add(to.name[0] ?? "");
		const isWhole = replaced.has(objectKey(object)) || named.some(({ to }) => to.kind !== "ROLE");
		if (isWhole) whole.push(now);
		else if (named.length > 0 || environment.manage.roles.length > 0) objects.push(now);
	}
	return { objects, whole, roles: [...roles].sort(), concurrency: environment.concurrency };
}

/** What was read, by the objects' declared names. */
function renamed(
	request: GrantRequest,
	read: ReadonlyMap<ObjectKey, readonly HeldGrant[]>,
): ReadonlyMap<ObjectKey, readonly HeldGrant[]> {
	return new Map(
		[...request.desired.objects.values()].flatMap((object) => {
			const now = existing(object, request.live);
			const held = now && read.get(objectKey(now));
			return held ? [[objectKey(object), heldUnder(object, held)] as const] : [];
		}),
	);
}

/** Keys that grants of an object have under its declared name. */
function ledgerKeys(
	request: GrantRequest,
	ledger: ReadonlyMap<ObjectKey, readonly Grant[]>,
): ReadonlySet<EdgeKey> {
	const moved = [...request.desired.objects.values()].flatMap((object) => {
		const now = existing(object, request.live);
		const held = (now && ledger.get(objectKey(now))) ?? [];
		return heldUnder(
			object,
			held.map((grant) => ({ cells: NO_CELLS, grant })),
		).flatMap(({ grant }) => grant?.key ?? []);
	});
	return new Set([...request.records.grants.keys(), ...moved]);
}

const NO_CELLS = { privilege: "", granted_to: "", grantee_name: "", grant_option: "" };

/** Reads who holds what, and compares it with what is declared. Also gives what is declared, there already, and not in the ledger yet. */
export async function planGrants(request: GrantRequest): Promise<{
	readonly input: GrantInput;
	readonly adopts: readonly EdgeKey[];
	readonly notes: readonly PlanNote[];
}> {
	const { records, states, environment } = request;
	const ledger = byObject([...records.grants.values()].map(({ model }) => ledgerGrant(model)));
	const scope = scopeOf(request, ledger);
	const read = await request.asOwners((connectionFor) =>
		readGrants(request.connection, connectionFor, scope),
	);
	const isDeclared = (effect: GrantEffect) =>
		request.desired.objects.has(objectKey(effect.does === "clear" ? effect.on : effect.grant.on));
	const held = heldAfter(renamed(request, read), request.ahead.before.filter(isDeclared));
	const atEnd = heldAfter(held, request.ahead.after.filter(isDeclared));
	const ours = request.declared.filter((grant) => request.desired.objects.has(objectKey(grant.on)));
	const changes = diffGrants(atEnd, ours, {
		ledger: ledgerKeys(request, ledger),
		foreign: records.foreign,
		roles: environment.manage.roles,
		hidesOptions: (on) => isCentral(on, states.live, states.desired),
	});
	const owners = ownerChanges(request);
	const changed = new Set(changes.map(({ from, to }) => (to ?? from)?.key));
	return {
		input: {
			changes,
			held,
			declared: ours,
			ledger: new Map([...ledger].map(([key, grants]) => [key, grants.map((g) => g.key)])),
			owners: owners.filter((change) => !stopsWithOwner(change)),
			role: request.role,
		},
		notes: owners.filter(stopsWithOwner).map(ownerNote),
		adopts: ours.flatMap(({ key }) => (changed.has(key) || records.grants.has(key) ? [] : [key])),
	};
}
