import type { Change } from "../diff/diff.ts";
import { type Catalog, type ObjectKey, type ObjectRef, objectKey } from "../model/catalog.ts";
import { sameValue } from "../model/value.ts";
import { objectType } from "../objects/index.ts";
import type { States } from "./choreograph.ts";
import { type Edge, mustRun, order } from "./graph.ts";
import { type Held, holdIds } from "./holds.ts";
import { needs, transitive } from "./needs.ts";
import type { Step } from "./plan.ts";
import { stepId } from "./steps.ts";

/** The nearest changed objects that an object needs: through others that stay, as a stream its view's table. */
function neededChanges(
	key: ObjectKey,
	next: (key: ObjectKey) => readonly ObjectKey[],
	steps: ReadonlyMap<ObjectKey, Change>,
): ReadonlySet<ObjectKey> {
	const found = new Set<ObjectKey>();
	const seen = new Set<ObjectKey>([key]);
	const queue = [...next(key)];
	for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
		if (seen.has(at)) continue;
		seen.add(at);
		if (steps.has(at)) found.add(at);
		else queue.push(...next(at));
	}
	return found;
}

/** A name that two kinds share is free before it is taken. */
function nameEdges(changes: readonly Change[]): readonly Edge[] {
	const drops = new Map(
		changes.filter((c) => c.action === "drop").map((drop) => [objectKey(drop), drop]),
	);
	return changes
		.filter((change) => change.action === "create")
		.flatMap((change) =>
			objectType(change.kind).sharesNames.flatMap((kind) => {
				const drop = drops.get(objectKey({ kind, name: change.name }));
				return drop ? [mustRun(stepId(drop)).before(stepId(change))] : [];
			}),
		);
}

/** What only one object can have is given up before another one takes it, which in a successor's case is late. */
function soleEdges(changes: readonly Change[]): readonly Edge[] {
	return changes.flatMap((taking) => {
		const sole = objectType(taking.kind).properties.filter((p) => p.sole);
		return sole.flatMap(({ name }) => {
			const value = taking.to?.properties[name] ?? null;
			if (value === null || sameValue(taking.from?.properties[name] ?? null, value)) return [];
			const step = taking.succeeds ? settleId(taking) : stepId(taking);
			return changes
				.filter(
					(giving) =>
						giving.kind === taking.kind &&
						sameValue(giving.from?.properties[name] ?? null, value) &&
						!sameValue(giving.to?.properties[name] ?? null, value),
				)
				.map((giving) => mustRun(stepId(giving)).before(step));
		});
	});
}

/** What is needed is made before what needs it, and goes after it. */
function changeEdges(changes: readonly Change[], states: States): readonly Edge[] {
	const steps = new Map(changes.map((change) => [objectKey(change), change]));
	const desired = needs(states.desired);
	const live = needs(states.live);
	const edges: Edge[] = [...nameEdges(changes), ...soleEdges(changes)];
	for (const change of changes) {
		const key = objectKey(change);
		for (const needed of neededChanges(key, desired, steps)) {
			const other = steps.get(needed);
			if (other && other.action !== "drop" && change.action !== "drop")
				edges.push(mustRun(stepId(other)).before(stepId(change)));
		}
		for (const needed of live(change.renamedFrom ? objectKey(change.renamedFrom) : key)) {
			const other = steps.get(needed);
			if (other?.action === "drop") edges.push(mustRun(stepId(change)).before(stepId(other)));
		}
	}
	return edges;
}

/** The id of the step that sets a change's late properties. */
export function settleId(change: Pick<Change, "kind" | "name">): string {
	return `settle ${objectKey(change)}`;
}

/**
 * Late steps come after the change itself and after everything the object needs; between late steps the
 * dependent one comes first, so that a task graph's root is let go last.
 */
function settleEdges(changes: readonly Change[], states: States): readonly Edge[] {
	const desired = needs(states.desired);
	return changes.flatMap((change) => {
		const all = transitive(objectKey(change), desired);
		const needed = changes.filter((other) => all.has(objectKey(other)));
		return [
			mustRun(stepId(change)).before(settleId(change)),
			...needed.flatMap((other) => [
				mustRun(stepId(other)).before(settleId(change)),
				mustRun(settleId(change)).before(settleId(other)),
			]),
		];
	});
}

/** Hold before every step of the group, release after the last one. */
function holdEdges(held: readonly Held[], changes: readonly Change[]): readonly Edge[] {
	return held.flatMap((h) => {
		const { hold, release } = holdIds(h);
		const own = { kind: h.target.kind, name: h.target.name };
		const group = changes.filter((change) => h.group.has(objectKey(change)));
		return group.flatMap((change) => [
			mustRun(hold).before(stepId(change)),
			mustRun(stepId(change)).before(release),
			mustRun(stepId(change)).before(settleId(own)),
			mustRun(hold).before(settleId(change)),
			...(objectKey(change) === objectKey(own)
				? []
				: [
						mustRun(settleId(change)).before(release),
						mustRun(settleId(change)).before(settleId(own)),
					]),
		]);
	});
}

/** Whether one held target stands under another in a catalog: a child task under its root. */
function isUnder(inner: Held, outer: ObjectRef, catalog: Catalog): boolean {
	const key = objectKey(outer);
	const object = catalog.objects.get(objectKey(inner.target));
	if (!object || key === objectKey(inner.target)) return false;
	return inner.hold.targets(object, catalog).some((ref) => objectKey(ref) === key);
}

/**
 * What stands under something held is held after it and let go before it: nothing in a task graph can be
 * suspended or resumed while its root is started. A child that becomes a root is under the old one on the
 * way in only, a root that becomes a child under the new one, which may be made by this plan, on the way out only.
 * That one is held after its new root, or made after it, nevertheless: what is let go because a run ends is let
 * go in the opposite order.
 */
function nestedHoldEdges(
	held: readonly Held[],
	changes: readonly Change[],
	states: States,
): readonly Edge[] {
	const ends = (h: Held) => [holdIds(h).release, settleId(h.target)];
	const made = changes.filter((change) => change.action === "create");
	return held.flatMap((inner) => [
		...held.flatMap((outer) => {
			const before = isUnder(inner, outer.target, states.live);
			const after = isUnder(inner, outer.target, states.desired);
			const turned = isUnder(outer, inner.target, states.live);
			return [
				...(before || (after && !turned)
					? [mustRun(holdIds(outer).hold).before(holdIds(inner).hold)]
					: []),
				...(after ? ends(inner).flatMap((a) => ends(outer).map((b) => mustRun(a).before(b))) : []),
			];
		}),
		...made
			.filter((outer) => isUnder(inner, outer, states.desired))
			.flatMap((outer) => [
				...(inner.group.has(objectKey(outer))
					? []
					: [mustRun(stepId(outer)).before(holdIds(inner).hold)]),
				...ends(inner).map((end) => mustRun(end).before(settleId(outer))),
			]),
	]);
}

/** Drops come last among steps that could run at the same time; held windows are closed as soon as they can. */
function rank(steps: ReadonlyMap<string, Step>): (id: string) => number {
	return (id) => {
		const action = steps.get(id)?.action;
		return action === "release" ? 0 : action === "drop" ? 2 : 1;
	};
}

/** Puts steps in an order that respects every dependency, and writes down what each waits for. */
export function arrange(
	steps: readonly Step[],
	changes: readonly Change[],
	held: readonly Held[],
	states: States,
	more: readonly Edge[] = [],
): readonly Step[] {
	const byId = new Map(steps.map((step) => [step.id, step]));
	const migrations = steps.filter((step) => step.action === "migrate");
	const others = steps.filter((step) => step.action !== "migrate").map((step) => step.id);
	const migrationEdges = migrations.flatMap((step, i): Edge[] => [
		...migrations.slice(i + 1, i + 2).map((next) => mustRun(step.id).before(next.id)),
		...others.map((id) =>
			step.migration?.phase === "after" ? mustRun(id).before(step.id) : mustRun(step.id).before(id),
		),
	]);
	// What must hold for the plan to be possible is looked at before any of it.
	const checks = new Set(steps.filter((s) => s.action === "check").map((s) => s.id));
	const checkEdges = [...checks].flatMap((check) =>
		others.filter((id) => !checks.has(id)).map((id) => mustRun(check).before(id)),
	);
	const edges = [
		...more,
		...checkEdges,
		...changeEdges(changes, states),
		...settleEdges(changes, states),
		...holdEdges(held, changes),
		...nestedHoldEdges(held, changes, states),
		...migrationEdges,
	];
	const known = edges.filter(([a, b]) => a !== b && byId.has(a) && byId.has(b));
	const ids = order(byId.keys(), known, rank(byId));
	const waits = new Map(ids.map((id) => [id, new Set<string>()]));
	for (const [before, after] of known) waits.get(after)?.add(before);
	return ids.map((id) => ({
		...(byId.get(id) as Step),
		dependsOn: [...(waits.get(id) ?? [])].sort(),
	}));
}
