import type { Records } from "../apply/records.ts";
import { diffGrants } from "../diff/grants.ts";
import { readGrants } from "../introspect/grants.ts";
import { type Catalog, type ObjectModel, objectKey } from "../model/catalog.ts";
import { type Grant, type HeldGrant, OWNERSHIP } from "../model/grant.ts";
import type { Connection } from "../model/port.ts";
import type { Environment } from "../project/environment.ts";
import type { Finding } from "./drift-findings.ts";
import { byObject, isCentral, ledgerGrant } from "./plan-grants.ts";

/** What grants are compared of. */
export interface GrantDriftRequest {
	readonly environment: Environment;
	readonly records: Records;
	readonly applied: Catalog;
	readonly live: Catalog;
	readonly connection: Connection;
	readonly connectionFor: (kind: string) => Connection;
}

/** Reads grants to the roles that the ledger or the environment name, on what is there of what was applied. */
async function heldGrants(
	{ environment, applied, live, connection, connectionFor }: GrantDriftRequest,
	granted: readonly Grant[],
): Promise<ReadonlyMap<string, readonly HeldGrant[]>> {
	const on = byObject(granted);
	const roles = new Set(environment.manage.roles);
	const objects: ObjectModel[] = [];
	const whole: ObjectModel[] = [];
	for (const key of applied.objects.keys()) {
		const now = live.objects.get(key);
		const own = on.get(key) ?? [];
		if (!now || (own.length === 0 && environment.manage.roles.length === 0)) continue;
		for (const { to } of own) if (to.kind === "ROLE") roles.add(to.name[0] ?? "");
		(own.some(({ to }) => to.kind !== "ROLE") ? whole : objects).push(now);
	}
	const scope = { objects, whole, roles: [...roles].sort(), concurrency: environment.concurrency };
	return readGrants(connection, connectionFor, scope);
}

/** `SELECT, with grant option` */
function optionText(grant: Grant): string {
	return `with${grant.value ? "" : "out"} grant option`;
}

/** Grants that were applied and are gone, and, where the project is in charge of a role, those that came. */
export async function grantFindings(request: GrantDriftRequest): Promise<{
	readonly findings: readonly Finding[];
	readonly compared: number;
}> {
	const { environment, records, applied, live } = request;
	const granted = [...records.grants.values()]
		.map(({ model }) => ledgerGrant(model))
		.filter(
			(grant) => live.objects.has(objectKey(grant.on)) && applied.objects.has(objectKey(grant.on)),
		);
	const held = await heldGrants(request, granted);
	const changes = diffGrants(held, granted, {
		ledger: records.grants,
		foreign: records.foreign,
		roles: environment.manage.roles,
		hidesOptions: (on) => isCentral(on, live),
	});
	const findings = changes.flatMap(({ from, to }): Finding[] => {
		const grant = to ?? from;
		if (!grant || grant.privilege === OWNERSHIP) return [];
		const entry = records.grants.get(grant.key) ?? records.ledger.get(objectKey(grant.on));
		const told = {
			kind: "GRANT",
			object: grant.key,
			diff: "",
			refs: { object: grant.on, grantee: grant.to.name },
			since: entry?.at ?? "",
		};
		if (from && to)
			return [
				{
					...told,
					what: "altered",
					reason: `it was applied ${optionText(to)}, and is ${optionText(from)}`,
					changes: [
						{ property: "GRANT OPTION", applied: to.value, live: from.value, inDiff: false },
					],
				},
			];
		return [
			to
				? {
						...told,
						what: "revoked",
						reason: "it was applied, and is not held any more",
						changes: [],
					}
				: {
						...told,
						what: "granted",
						reason: "this project is in charge of the role, and did not grant it",
						changes: [],
					},
		];
	});
	return { findings, compared: granted.length };
}
