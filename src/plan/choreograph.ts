import { type Change, keyBefore, replaced, succeeding } from "../diff/diff.ts";
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
import { dependenciesOf } from "../resolve/dependencies.ts";

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
	const found = new Map<ObjectKey, ObjectModel[]>();
	for (const object of catalog.objects.values())
		for (const needed of dependenciesOf(object, catalog)) {
			const key = objectKey(needed);
			const those = found.get(key) ?? [];
			those.push(object);
			found.set(key, those);
		}
	return { of: (key) => found.get(key) ?? [] };
}

function react(
	change: Change | undefined,
	reaction: Exclude<Reaction, "relay" | "drain">,
	from: ObjectModel,
	to: ObjectModel,
	cause: ObjectRef,
	event: EventName,
): Change | undefined {
	if (change?.action === "replace" || change?.action === "drop" || change?.action === "create")
		return undefined;
	const reason = `${objectKey(cause)} ${EVENT_WORDS[event]}`;
	if (reaction === "replace")
		return replaced(from, to, change?.changes ?? [], reason, event, change?.renamedFrom);
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
	rewritten: "is rewritten",
	renamed: "is renamed",
	dropped: "is dropped",
};

/** An event on its way: whose dependents hear it, and the change it began with. */
interface Signal {
	readonly of: ObjectRef & Pick<Change, "renamedFrom">;
	readonly event: EventName;
	readonly cause: ObjectRef;
}

function signals(change: Change): readonly Signal[] {
	return change.events.map((event) => ({ of: change, event, cause: change }));
}

/** What an object does about an event of something it depends on. */
function reactionOf(dependent: ObjectModel, { of, event, cause }: Signal): Reaction | undefined {
	const declared = objectType(dependent.kind).on[of.kind]?.[event];
	return typeof declared === "object" ? declared.react(dependent, cause) : declared;
}

/** What an object that nobody declares loses by a change: the change answers for it. */
function lostBy(change: Change, victim: ObjectModel, { of, event }: Signal): Change {
	const object = objectKey(victim);
	const known = (code: string) =>
		change.hazards.some((hazard) => hazard.code === code && hazard.object === object);
	const lost = (objectType(victim.kind).lost?.(victim, of, event) ?? [])
		.filter(({ code }) => !known(code))
		.map((hazard) => ({ ...hazard, object }));
	return lost.length === 0 ? change : { ...change, hazards: [...change.hazards, ...lost] };
}

/** An object that takes another's place hears what happens to what the old one is bound to. */
function heardBySuccessor(
	gone: Change | undefined,
	event: EventName,
	byKey: ReadonlyMap<ObjectKey, Change>,
	states: States,
): Change | undefined {
	const made = gone?.succeededBy && byKey.get(objectKey(gone.succeededBy));
	const to = made && states.desired.objects.get(objectKey(made));
	return made?.succeeds && to && succeeding(made.succeeds, to, made.changes, event);
}

/**
 * Lets every change's events reach the objects that depend on the changed one, and adds what they answer:
 * a replaced stage makes its pipes be replaced, a replaced integration makes its stages link again. An
 * answer can have events of its own; this goes on until nothing new happens. No kind is named here: who
 * reacts to what is declared by the kinds. Of what is not declared nothing is made anew; the change that
 * breaks it has its hazards.
 */
export function choreograph(changes: readonly Change[], states: States): readonly Change[] {
	const byKey = new Map(changes.map((change) => [objectKey(change), change]));
	const waiting = dependents(withObjects(states.live, states.desired.objects.values()));
	const hearing = (of: ObjectRef & Pick<Change, "renamedFrom">) => [
		...new Set([...waiting.of(objectKey(of)), ...waiting.of(keyBefore(of))]),
	];
	const moved = new Set(changes.flatMap((c) => (c.renamedFrom ? [objectKey(c.renamedFrom)] : [])));
	const relayed = new Set<string>();
	const drains = new Map<ObjectKey, Set<ObjectModel>>();
	const queue = changes.flatMap(signals);
	for (let signal = queue.shift(); signal; signal = queue.shift()) {
		const { of, event, cause } = signal;
		for (const dependent of hearing(of)) {
			const key = objectKey(dependent);
			const reaction = reactionOf(dependent, signal);
			const { renamedFrom } = byKey.get(key) ?? {};
			const now = states.live.objects.get(renamedFrom ? objectKey(renamedFrom) : key);
			const to = states.desired.objects.get(key);
			// Under its old name it is not another object.
			if (!now || moved.has(key)) continue;
			const from = renamedFrom ? { ...now, name: dependent.name } : now;
			const successor =
				reaction === "replace" && heardBySuccessor(byKey.get(key), event, byKey, states);
			if (successor) {
				byKey.set(objectKey(successor), successor);
				continue;
			}
			const causing = byKey.get(objectKey(cause));
			if (!to && causing && !byKey.has(key))
				byKey.set(objectKey(cause), lostBy(causing, from, signal));
			if (reaction === undefined) continue;
			if (reaction === "drain") {
				const source = objectKey(cause);
				drains.set(source, (drains.get(source) ?? new Set()).add(from));
				continue;
			}
			if (reaction === "relay") {
				const heard = `${key} ${event} ${objectKey(cause)}`;
				if (!relayed.has(heard)) queue.push({ of: dependent, event, cause });
				relayed.add(heard);
				continue;
			}
			const answer = to && react(byKey.get(key), reaction, from, to, cause, event);
			if (!answer) continue;
			byKey.set(key, answer);
			queue.push(...signals(answer));
		}
	}
	return [...byKey].map(([key, change]) => {
		// What is made anew, or goes, is drained for its own sake.
		const drained = [...(drains.get(key) ?? [])].filter((object) => {
			const own = byKey.get(objectKey(object))?.action;
			return own !== "replace" && own !== "drop";
		});
		return drained.length > 0 ? { ...change, drains: drained } : change;
	});
}
