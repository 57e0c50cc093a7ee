import type { Records } from "../apply/records.ts";
import type { SecretSource } from "../apply/secrets.ts";
import type { Change } from "../diff/diff.ts";
import { decidedBy, type Seen } from "../migrate/see-through.ts";
import { type Catalog, objectKey } from "../model/catalog.ts";
import { sortBy } from "../model/compare.ts";
import { objectType } from "../objects/index.ts";
import type { PlanNote } from "../plan/plan.ts";
import { uncompared } from "./secret-values.ts";

/** What the ledger has, files no longer declare, and the account does not show: nothing to drop, worth saying. */
export function lostNotes(records: Records, live: Catalog, desired: Catalog): readonly PlanNote[] {
	const gone = [...records.ledger.keys()].filter(
		(key) => !live.objects.has(key) && !desired.objects.has(key),
	);
	return sortBy(gone, (key) => key).map((key) => ({
		code: "ALREADY_GONE",
		object: key,
		message: `${key} is in the ledger and not in the account: it was dropped, or this role cannot see it`,
	}));
}

/** What a pending migration decides is left out of this plan. */
export function undecidedNotes(
	desired: Catalog,
	records: Records,
	seen: Seen,
): readonly PlanNote[] {
	const ours = [...seen.catalog.objects].filter(([key]) => records.ledger.has(key));
	const all = new Map([...desired.objects, ...ours]);
	return [...all].flatMap(([key, { name }]) => {
		const file = decidedBy(seen, name);
		return file === undefined
			? []
			: [
					{
						code: "DECIDED_LATER",
						object: key,
						message: `${key} is decided after ${file}: plan again`,
					},
				];
	});
}

/** What the account does not show, and cannot be compared by hash either. */
export function secretNotes(
	desired: Catalog,
	live: Catalog,
	source: SecretSource,
): readonly PlanNote[] {
	return uncompared(desired, live, source).map(({ object, properties }) => ({
		code: "SECRET_UNCOMPARED",
		object,
		message: `${object}: ${properties.join(", ")} cannot be compared: the value is not in this environment, or was never applied by this project`,
	}));
}

/** What kinds say of objects that stay under their names and are not made anew. */
export function differenceNotes(
	live: Catalog,
	desired: Catalog,
	changes: readonly Change[],
): readonly PlanNote[] {
	const anew = new Set(changes.filter(({ action }) => action !== "alter").map(objectKey));
	const before = new Map(changes.map((change) => [objectKey(change), change.from]));
	return [...desired.objects].flatMap(([key, to]) => {
		const from = before.get(key) ?? live.objects.get(key);
		if (!from || anew.has(key)) return [];
		const notes = objectType(to.kind).notes?.({ from, to }) ?? [];
		return notes.map(({ code, message }) => ({ code, object: key, message: `${key}: ${message}` }));
	});
}
