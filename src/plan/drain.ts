import { type Change, keyBefore } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { Hold } from "../objects/define/object-type.ts";
import { objectType } from "../objects/index.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";
import { type Dependents, dependents, type States } from "./choreograph.ts";
import { type Edge, mustRun } from "./graph.ts";
import { type Held, holdIds } from "./holds.ts";
import { executeText } from "./operations.ts";
import type { Step } from "./plan.ts";
import { stepId } from "./steps.ts";

/** How long consumers get to read what is left. */
const DEADLINE_SECONDS = 300;

/** Something that can be held, and how. */
interface Target {
	readonly object: ObjectModel;
	readonly hold: Hold;
}

/** An object that is emptied before it is made anew: who reads it, and who would fill it meanwhile. */
export interface Draining {
	readonly change: Change;
	/** The object as it is: what is replaced, or what gives its place to another. */
	readonly object: ObjectModel;
	readonly consumers: readonly Target[];
	readonly writers: readonly Target[];
}

/** The id of the step that drains an object. */
function drainId({ object }: Draining): string {
	return `drain ${objectKey(object)}`;
}

/** The running targets that are held for some objects: a task's root, a pipe itself. */
export function runningTargets(objects: readonly ObjectModel[], states: States): readonly Target[] {
	const found = new Map<ObjectKey, Target>();
	for (const object of objects) {
		const { hold } = objectType(object.kind);
		for (const ref of hold?.targets(object, states.live) ?? []) {
			const target = states.live.objects.get(objectKey(ref));
			if (hold && target && hold.running(target))
				found.set(objectKey(target), { object: target, hold });
		}
	}
	return [...found.values()];
}

/** Everything that depends on what an object reads from, the object itself left out. */
function besides(object: ObjectModel, states: States, waiting: Dependents): readonly ObjectModel[] {
	const sources = dependenciesOf(object, states.live).filter(
		(o) => objectType(o.kind).opens === undefined,
	);
	return sources
		.flatMap((source) => waiting.of(objectKey(source)))
		.filter((o) => objectKey(o) !== objectKey(object));
}

/** Who is made to read an object, and who is held for that; undefined where nothing that runs reads it. */
function drainedFor(
	change: Change,
	object: ObjectModel,
	states: States,
	waiting: Dependents,
): Draining | undefined {
	const consumers = runningTargets(waiting.of(objectKey(object)), states).filter(
		(t) => t.hold.run !== undefined,
	);
	if (consumers.length === 0) return undefined;
	const reading = new Set(consumers.map((t) => objectKey(t.object)));
	const writers = runningTargets(besides(object, states, waiting), states).filter(
		(t) => !reading.has(objectKey(t.object)),
	);
	return { change, object, consumers, writers };
}

/** How an object that is made anew, or gives its place to another, is drained before; undefined where that need not be, or cannot. */
function drainingOf(change: Change, states: States, waiting: Dependents): Draining | undefined {
	const { drain } = objectType(change.kind);
	const anew = change.action === "replace" ? states.live.objects.get(objectKey(change)) : undefined;
	const live = change.succeeds ?? anew;
	if (!drain || !live || !drain.readable(live)) return undefined;
	if (!change.hazards.some((h) => drain.prevents.includes(h.code))) return undefined;
	return drainedFor(change, live, states, waiting);
}

/**
 * How something that hands out the changes of a rewritten object is drained before: it stays as it is, but what
 * is unread comes out in the new shape, with the rewriting itself among it. Undefined where nothing can.
 */
function drainingBeneath(
	change: Change,
	object: ObjectModel,
	states: States,
	waiting: Dependents,
): Draining | undefined {
	return objectType(object.kind).drain?.readable(object)
		? drainedFor(change, object, states, waiting)
		: undefined;
}

/** A change of something rewritten, with what is drained before it, and a hazard for each thing that is not. */
function drainedBeneath(
	change: Change,
	states: States,
	waiting: Dependents,
): { readonly change: Change; readonly draining: readonly Draining[] } {
	const draining: Draining[] = [];
	const hazards = (change.drains ?? []).flatMap((object) => {
		const found = drainingBeneath(change, object, states, waiting);
		if (found) draining.push(found);
		const unread = objectType(object.kind).drain?.unread;
		return found || !unread ? [] : [{ ...unread, object: objectKey(object) }];
	});
	const safe = { ...change, hazards: [...change.hazards, ...hazards] };
	return { change: safe, draining: draining.map((d) => ({ ...d, change: safe })) };
}

/** Whether a deployment that was cut off has drained it, and nobody could read or fill it since. */
function isDrained(change: Change, states: States): boolean {
	return states.live.objects.get(objectKey(change))?.runtime?.drained === true;
}

/**
 * What can be drained before it is made anew: objects whose kind says how, which something that runs can
 * be made to read. A drained object has nothing to lose, so it keeps none of the hazards that draining
 * prevents. What nobody reads keeps them: Snowline never runs what somebody suspended.
 */
export function drainsFor(
	changes: readonly Change[],
	states: States,
): { readonly changes: readonly Change[]; readonly draining: readonly Draining[] } {
	const waiting = dependents(states.live);
	const draining: Draining[] = [];
	const safer = changes.map((change) => {
		if (change.drains) {
			const beneath = drainedBeneath(change, states, waiting);
			draining.push(...beneath.draining);
			return beneath.change;
		}
		const prevents = objectType(change.kind).drain?.prevents ?? [];
		if (isDrained(change, states))
			return { ...change, hazards: change.hazards.filter((h) => !prevents.includes(h.code)) };
		const found = drainingOf(change, states, waiting);
		if (!found) return change;
		const left = change.hazards.filter((h) => h.remains || !prevents.includes(h.code));
		const safe = { ...change, hazards: left };
		draining.push({ ...found, change: safe });
		return safe;
	});
	return { changes: safer, draining };
}

/** Holds that draining asks for, added to those that changes ask for: each target stays held once. */
export function withDrainHolds(
	held: readonly Held[],
	draining: readonly Draining[],
): readonly Held[] {
	const byKey = new Map(held.map((h) => [objectKey(h.target), h]));
	for (const { change, consumers, writers } of draining)
		for (const { object, hold } of [...consumers, ...writers]) {
			const key = objectKey(object);
			const group = new Set([...(byKey.get(key)?.group ?? []), objectKey(change)]);
			byKey.set(key, { target: object, hold, group });
		}
	return [...byKey.values()];
}

/** One step for each object that is drained, however many changes ask for it. */
export function drainSteps(
	draining: readonly Draining[],
	roleOf: (object: ObjectModel) => string | undefined,
): readonly Step[] {
	const byObject = new Map(draining.map((one) => [objectKey(one.object), one]));
	return [...byObject.values()].map((one) => drainStep(one, roleOf));
}

/** The step that makes the consumers read what is left, and waits until nothing is. */
function drainStep(draining: Draining, roleOf: (object: ObjectModel) => string | undefined): Step {
	const { change, consumers } = draining;
	const { kind } = draining.object;
	const name = formatName(draining.object.name);
	const drain = objectType(kind).drain;
	const runs = consumers.flatMap(({ object, hold }) =>
		(hold.run?.(formatName(object.name)) ?? []).map((sql) => executeText(sql, roleOf(object))),
	);
	return {
		id: drainId(draining),
		action: "drain",
		kind,
		object: name,
		reason: `so that nothing is left unread when ${change.drains ? `${objectKey(change)} is rewritten` : change.reason}`,
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: [],
		operations: [
			...runs,
			{ do: "wait", sql: drain?.pending(name) ?? "", until: "0", timeoutSeconds: DEADLINE_SECONDS },
		],
		restore: [],
	};
}

/** Writers are held before the drain, consumers after it; what the drained object reads from changes after it. */
export function drainEdges(
	draining: readonly Draining[],
	changes: readonly Change[],
	states: States,
): readonly Edge[] {
	return draining.flatMap((one) => {
		const { change, object, consumers, writers } = one;
		const id = drainId(one);
		const hold = (target: Target) =>
			holdIds({ target: target.object, hold: target.hold, group: new Set() }).hold;
		const sources = new Set(dependenciesOf(object, states.live).map(objectKey));
		return [
			mustRun(id).before(stepId(change)),
			...writers.map((target) => mustRun(hold(target)).before(id)),
			...consumers.map((target) => mustRun(id).before(hold(target))),
			...changes
				.filter((other) => sources.has(keyBefore(other)))
				.map((other) => mustRun(id).before(stepId(other))),
		];
	});
}
