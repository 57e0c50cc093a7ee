import { type Change, replaced } from "../diff/diff.ts";
import {
	type Catalog,
	type ObjectKey,
	type ObjectModel,
	type ObjectRef,
	objectKey,
	withObjects,
} from "../model/catalog.ts";
import type { Reaction } from "../objects/define/object-type.ts";
import type { EventName } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { dependenciesOf, nameIndex } from "../resolve/dependencies.ts";

/** The two states a plan leads from and to. */
export interface States {
	readonly live: Catalog;
	readonly desired: Catalog;
}

/** Who depends on whom, over both states: an object's dependents by its key. */
export interface Dependents {
	readonly of: (key: ObjectKey) => readonly ObjectModel[];
}

/** The objects that depend on each object of a catalog. */
export function dependents(catalog: Catalog): Dependents {
	const index = nameIndex(catalog);
	const found = new Map<ObjectKey, ObjectModel[]>();
	for (const object of catalog.objects.values())
		for (const needed of dependenciesOf(object, catalog, index)) {
			const key = objectKey(needed);
			found.set(key, [...(found.get(key) ?? []), object]);
		}
	return { of: (key) => found.get(key) ?? [] };
}

function react(
	change: Change | undefined,
	reaction: Reaction,
	from: ObjectModel,
	to: ObjectModel,
	cause: ObjectRef,
	event: EventName,
): Change | undefined {
	if (change?.action === "replace" || change?.action === "drop" || change?.action === "create")
		return undefined;
	const reason = `${objectKey(cause)} ${EVENT_WORDS[event]}`;
	if (reaction === "replace") return replaced(from, to, change?.changes ?? [], reason, event);
	const emits = objectType(to.kind).relinkEmits[cause.kind] ?? [];
	if (change) {
		const events = [...new Set<EventName>([...change.events, ...emits])];
		const known = change.relinks === true && events.length === change.events.length;
		return known ? undefined : { ...change, relinks: true, events };
	}
	return {
		kind: to.kind,
		name: to.name,
		action: "relink",
		from,
		to,
		changes: [],
		hazards: [],
		events: emits,
		reason,
		relinks: true,
	};
}

const EVENT_WORDS: Readonly<Record<EventName, string>> = {
	identityLost: "is made anew",
	relocated: "points elsewhere",
	shapeChanged: "changes its shape",
	renamed: "is renamed",
	dropped: "is dropped",
};

/**
 * Lets every change's events reach the objects that depend on the changed one, and adds what they answer:
 * a replaced stage makes its pipes be replaced, a replaced integration makes its stages link again. An
 * answer can have events of its own; this goes on until nothing new happens. No kind is named here: who
 * reacts to what is declared by the kinds.
 */
export function choreograph(changes: readonly Change[], states: States): readonly Change[] {
	const byKey = new Map(changes.map((change) => [objectKey(change), change]));
	const waiting = dependents(withObjects(states.live, states.desired.objects.values()));
	const queue = [...changes];
	for (let change = queue.shift(); change; change = queue.shift()) {
		for (const event of change.events) {
			for (const dependent of waiting.of(objectKey(change))) {
				const reaction = objectType(dependent.kind).on[change.kind]?.[event];
				const key = objectKey(dependent);
				const from = states.live.objects.get(key);
				const to = states.desired.objects.get(key);
				if (!reaction || !from || !to) continue;
				const answer = react(byKey.get(key), reaction, from, to, change, event);
				if (!answer) continue;
				byKey.set(key, answer);
				queue.push(answer);
			}
		}
	}
	return [...byKey.values()];
}
