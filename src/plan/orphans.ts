import type { Change } from "../diff/diff.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";
import { dependents, type States } from "./choreograph.ts";

/** Whether a change leaves an object that no longer needs another one. */
function leaves(change: Change | undefined, needed: ObjectModel, states: States): boolean {
	if (change?.action === "drop") return true;
	if (!change?.to || change.action === "relink") return false;
	const still = dependenciesOf(change.to, states.live);
	return !still.some((o) => objectKey(o) === objectKey(needed));
}

/**
 * Drops with what they take from objects that files declare and that go on needing what is dropped, since nothing in
 * this plan gives them something else: their files still name it, or they are no target. What nobody declares has
 * been told by then.
 */
export function withOrphans(changes: readonly Change[], states: States): readonly Change[] {
	if (!changes.some((change) => change.action === "drop")) return changes;
	const waiting = dependents(states.live);
	const byKey = new Map(changes.map((change) => [objectKey(change), change]));
	return changes.map((change) => {
		const { from } = change;
		if (change.action !== "drop" || !from) return change;
		const orphans = waiting.of(objectKey(from)).filter((object) => {
			const key = objectKey(object);
			return states.desired.objects.has(key) && !leaves(byKey.get(key), from, states);
		});
		const lost = orphans.flatMap((object) =>
			(objectType(object.kind).lost?.(object, from, "dropped") ?? []).map((hazard) => ({
				...hazard,
				object: objectKey(object),
			})),
		);
		return lost.length === 0 ? change : { ...change, hazards: [...change.hazards, ...lost] };
	});
}
