import { type ObjectKey, type ObjectRef, objectKey } from "../model/catalog.ts";
import type { EdgeKey } from "../model/edge.ts";
import type { Grant, GrantEffect, HeldGrant } from "../model/grant.ts";
import { diffEdges, type EdgeChange } from "./edges.ts";

/** Whose grants are ours to take away. */
export interface GrantCharge {
	/** What this project granted. */
	readonly ledger: { has(key: EdgeKey): boolean };
	/** What other projects granted. */
	readonly foreign: { has(key: EdgeKey): boolean };
	/** Roles whose grants this project is in charge of. */
	readonly roles: readonly string[];
	/** Whether SHOW GRANTS says nothing of grant options on an object. */
	readonly hidesOptions: (on: ObjectRef) => boolean;
}

/**
 * What to grant and to revoke: declared and missing is granted; what the ledger has and files no longer
 * declare is revoked; what is in neither is left alone, unless its role is one the project is in charge of.
 */
export function diffGrants(
	held: ReadonlyMap<ObjectKey, readonly HeldGrant[]>,
	declared: readonly Grant[],
	charge: GrantCharge,
): readonly EdgeChange<Grant>[] {
	const wanted = new Map(declared.map((grant) => [grant.key, grant]));
	const live = [...held.values()].flat().flatMap(({ grant }): Grant[] => {
		if (!grant) return [];
		const same = charge.hidesOptions(grant.on) ? wanted.get(grant.key) : undefined;
		return [same ? { ...grant, value: same.value } : grant];
	});
	const inCharge = ({ key, to }: Grant) =>
		to.kind === "ROLE" && charge.roles.includes(to.name[0] ?? "") && !charge.foreign.has(key);
	return diffEdges(live, declared, (grant) => charge.ledger.has(grant.key) || inCharge(grant));
}

/** Held grants of an object under another name: after a rename they are the new one's. */
export function heldUnder(name: ObjectRef, held: readonly HeldGrant[]): readonly HeldGrant[] {
	return held.map(({ cells, grant }) => {
		if (!grant) return { cells };
		const key = grant.key.replace(` ON ${objectKey(grant.on)} TO `, ` ON ${objectKey(name)} TO `);
		return { cells, grant: { ...grant, key, on: { kind: name.kind, name: name.name } } };
	});
}

/** Who holds what on an object once statements have run. */
function after(held: readonly HeldGrant[], effect: GrantEffect): readonly HeldGrant[] {
	if (effect.does === "clear") return held.filter((one) => !one.grant);
	const { does, grant } = effect;
	const isIt = (one: HeldGrant) => one.grant?.key === grant.key;
	if (does === "revoke") return held.filter((one) => !isIt(one));
	const before = held.find(isIt);
	if (does === "revoke option" && !before) return held;
	const value = does === "grant" && (grant.value || before?.grant?.value === true);
	const cells = before?.cells ?? {
		privilege: grant.privilege,
		granted_to: grant.to.kind.replaceAll(" ", "_"),
		grantee_name: grant.to.name.at(-1) ?? "",
	};
	const now = { cells: { ...cells, grant_option: String(value) }, grant: { ...grant, value } };
	return [...held.filter((one) => !isIt(one)), now];
}

/** Who holds what once these effects have come about, in their order. */
export function heldAfter(
	held: ReadonlyMap<ObjectKey, readonly HeldGrant[]>,
	effects: readonly GrantEffect[],
): ReadonlyMap<ObjectKey, readonly HeldGrant[]> {
	const result = new Map(held);
	for (const effect of effects) {
		const key = objectKey(effect.does === "clear" ? effect.on : effect.grant.on);
		result.set(key, after(result.get(key) ?? [], effect));
	}
	return result;
}
