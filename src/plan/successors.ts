import type { Change } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import { objectType } from "../objects/index.ts";
import { settleId } from "./arrange.ts";
import { type Dependents, dependents, type States } from "./choreograph.ts";
import { runningTargets } from "./drain.ts";
import { type Edge, mustRun } from "./graph.ts";
import { type Held, holdIds } from "./holds.ts";
import type { Operation, Step } from "./plan.ts";
import { keeper, positionOf, type Roles, stepId } from "./steps.ts";

/** An object that takes the place of another: what makes it, what drops the old one, and what follows the name. */
export interface Succession {
	readonly made: Change;
	readonly old: ObjectModel;
	readonly gone: Change;
	/** Changes of objects that named the old one, or name the new one. */
	readonly followers: readonly Change[];
}

/** The objects of these changes that take the place of others. */
export function successionsIn(changes: readonly Change[], states: States): readonly Succession[] {
	const made = changes.filter((change) => change.succeeds);
	if (made.length === 0) return [];
	const desired = dependents(states.desired);
	const live = dependents(states.live);
	const byKey = new Map(changes.map((change) => [objectKey(change), change]));
	return made.flatMap((change): Succession[] => {
		const old = change.succeeds;
		const gone = old && byKey.get(objectKey(old));
		if (!old || !gone) return [];
		const keys = new Set(
			[...desired.of(objectKey(change)), ...live.of(objectKey(old))].map(objectKey),
		);
		const followers = changes.filter((c) => keys.has(objectKey(c)) && c.action !== "drop");
		return [{ made: change, old, gone, followers }];
	});
}

/** What works with an object, directly or through what only passes it on, and can be held. */
function workers(object: ObjectModel, waiting: Dependents): readonly ObjectModel[] {
	const seen = new Map<ObjectKey, ObjectModel>();
	const queue: ObjectModel[] = [object];
	for (let at = queue.pop(); at; at = queue.pop())
		for (const next of waiting.of(objectKey(at))) {
			if (seen.has(objectKey(next))) continue;
			seen.set(objectKey(next), next);
			if (!objectType(next.kind).hold) queue.push(next);
		}
	return [...seen.values()];
}

/**
 * Holds that a succession asks for, added to those that changes ask for: nothing works with the old object from
 * before the new one takes over until the old one is gone, whether this project manages it or not.
 */
export function withSuccessionHolds(
	held: readonly Held[],
	successions: readonly Succession[],
	states: States,
): readonly Held[] {
	if (successions.length === 0) return held;
	const byKey = new Map(held.map((h) => [objectKey(h.target), h]));
	const waiting = dependents(states.live);
	for (const { made, old, gone, followers } of successions)
		for (const { object, hold } of runningTargets(workers(old, waiting), states)) {
			const key = objectKey(object);
			const group = [
				...(byKey.get(key)?.group ?? []),
				...[made, gone, ...followers].map(objectKey),
			];
			byKey.set(key, { target: object, hold, group: new Set(group) });
		}
	return [...byKey.values()];
}

function proofId(change: Change): string {
	return `prove ${objectKey(change)}`;
}

/** The proof that the new object stands where the old one does, once everything follows the new name. */
export function successionSteps(successions: readonly Succession[], roles: Roles): readonly Step[] {
	return successions.flatMap(({ made, old }): Step[] => {
		const { drain } = objectType(made.kind);
		if (!made.to || !drain?.keeps(made.to)) return [];
		const role = keeper(old, roles);
		const name = positionOf(old);
		const stands = ({ name: of }: Pick<Change, "name">): Operation => ({
			do: "check",
			...(role === undefined ? {} : { role }),
			sql: drain.position(formatName(of)),
			sameAs: name,
		});
		return [
			{
				id: proofId(made),
				action: "prove",
				kind: made.kind,
				object: formatName(made.name),
				reason: "that it stands where the old one does, and neither was read meanwhile",
				dependsOn: [],
				changes: [],
				diff: "",
				hazards: [],
				operations: [stands(old), { ...stands(made), proves: "offset when all read it" }],
				restore: [],
			},
		];
	});
}

/**
 * Everything follows the new names and is proven before the first old object is dropped, which makes all of them
 * final; what starts with a new one is let go after that.
 */
export function successionEdges(
	successions: readonly Succession[],
	held: readonly Held[],
): readonly Edge[] {
	const before = successions.flatMap(({ made, followers }) => [
		stepId(made),
		proofId(made),
		...followers.map(stepId),
	]);
	return successions.flatMap(({ made, gone, followers }): Edge[] => [
		...[stepId(made), ...followers.map(stepId)].map((id) => mustRun(id).before(proofId(made))),
		...before.map((id) => mustRun(id).before(stepId(gone))),
		...[made, ...followers].map((change) => mustRun(stepId(gone)).before(settleId(change))),
		...held
			.filter((h) => [made, ...followers].some((change) => h.group.has(objectKey(change))))
			.map((h) => mustRun(stepId(gone)).before(holdIds(h).release)),
	]);
}
