import { type Change, keyBefore } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, type ObjectRef, objectKey } from "../model/catalog.ts";
import { hazard } from "../model/hazard.ts";
import { formatName } from "../model/identifier.ts";
import type { Hold } from "../objects/define/object-type.ts";
import type { EventName } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { type Dependents, dependents, type States } from "./choreograph.ts";
import { executeText, withRole } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";

/** Something held while the steps of its group run. */
export interface Held {
	readonly target: ObjectModel;
	readonly hold: Hold;
	/** The changed objects it is held for. */
	readonly group: ReadonlySet<ObjectKey>;
}

/** Events of something that running readers and writers must not see half done. */
const DISTURBING: ReadonlySet<EventName> = new Set([
	"identityLost",
	"shapeChanged",
	"rewritten",
	"relocated",
]);

/** Collects targets, each once, with everything they are held for. */
function collector(states: States) {
	const held = new Map<ObjectKey, { target: ObjectModel; hold: Hold; group: Set<ObjectKey> }>();
	const add = (hold: Hold, refs: readonly ObjectRef[], group: Iterable<ObjectKey>): void => {
		for (const ref of refs) {
			const key = objectKey(ref);
			const target = states.live.objects.get(key);
			if (!target || !hold.running(target)) continue;
			const entry = held.get(key) ?? { target, hold, group: new Set<ObjectKey>() };
			for (const member of group) entry.group.add(member);
			held.set(key, entry);
		}
	};
	return { held, add };
}

/**
 * What works with an object; and what reads its columns through something that hands them on (a task that reads
 * a stream on a table) and changes along with it, so that it never runs with one of the two changed.
 */
function usersOf(
	key: ObjectKey,
	waiting: Dependents,
	changing: { has(key: ObjectKey): boolean },
): readonly ObjectModel[] {
	const direct = waiting.of(key);
	const passing = direct.filter((o) => objectType(o.kind).columns?.passes?.(o));
	const through = passing.flatMap((o) => waiting.of(objectKey(o)));
	return [...direct, ...through.filter((o) => changing.has(objectKey(o)))];
}

/**
 * What has to be held for these changes: each running target once, however many changes ask for it.
 *
 * A target is held for its own change, and for a change of something beneath it that it must not run into:
 * a table that is altered or made anew while a pipe or task of this project works with it (Snowflake warns
 * of DDL and DML on one table at once, https://docs.snowflake.com/en/sql-reference/transactions). What
 * such a change sets off belongs to the same time: a pipe goes on only when the streams on its table are
 * there again.
 */
export function holdsFor(changes: readonly Change[], states: States): readonly Held[] {
	const { held, add } = collector(states);
	const waiting = dependents(states.live);
	const byKey = new Map(changes.map((change) => [objectKey(change), change]));
	for (const change of changes) {
		const key = objectKey(change);
		const { hold } = objectType(change.kind);
		if (hold?.needs(change)) {
			if (change.from) add(hold, hold.targets(change.from, states.live), [key]);
			if (change.to) add(hold, hold.targets(change.to, states.desired), [key]);
			if (change.action === "alter" && hold.stops?.(change.changes)) add(hold, [change], [key]);
		}
		if (!change.from || !change.events.some((event) => DISTURBING.has(event))) continue;
		const users = usersOf(keyBefore(change), waiting, byKey).filter((o) =>
			states.desired.objects.has(objectKey(o)),
		);
		const together = [key, ...users.map(objectKey).filter((user) => byKey.has(user))];
		for (const user of users) {
			const its = objectType(user.kind).hold;
			if (its) add(its, its.targets(user, states.live), together);
		}
	}
	return [...held.values()];
}

/** How long a target that is let go gets to be as it was. */
const SETTLING_SECONDS = 60;

/** The names under which a held object's steps and its captured state go. */
export function holdIds(held: Held): {
	readonly hold: string;
	readonly release: string;
	readonly state: string;
} {
	const key = objectKey(held.target);
	return { hold: `hold ${key}`, release: `release ${key}`, state: `state of ${key}` };
}

function step(
	held: Held,
	id: string,
	action: Step["action"],
	reason: string,
	operations: readonly Operation[],
	restore: readonly Operation[],
): Step {
	const key = objectKey(held.target);
	return {
		id,
		action,
		kind: held.target.kind,
		object: formatName(held.target.name),
		reason,
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: action === "hold" ? [hazard(held.hold.hazard, key)] : [],
		operations: [...operations],
		restore: [...restore],
	};
}

/** How the target's state is asked for. */
function stateOf({ target, hold }: Held, role: string | undefined): Omit<Operation, "do"> {
	return {
		...(role === undefined ? {} : { role }),
		sql: hold.capture(formatName(target.name)),
		...(hold.captureColumn === undefined ? {} : { column: hold.captureColumn }),
	};
}

/** Captures the target's state and stops it; whatever fails before the release brings the state back. */
export function holdStep(held: Held, role: string | undefined): Step {
	const name = formatName(held.target.name);
	const { hold, state } = holdIds(held);
	const waits = held.hold.waits;
	const stop = [
		...(waits?.before(name) ?? []).map((operation) => withRole(operation, role)),
		...held.hold.hold(name).map((sql) => executeText(sql, role)),
		...(waits?.after(name) ?? []).map((operation) => withRole(operation, role)),
	];
	const back = held.hold
		.release(name)
		.map((sql) => executeText(sql, role, { name: state, equals: held.hold.captured }));
	return step(
		held,
		hold,
		"hold",
		`kept still while ${[...held.group].sort().join(", ")} change${held.group.size === 1 ? "s" : ""}`,
		[{ do: "capture", ...stateOf(held, role), saveAs: state }, ...stop],
		back,
	);
}

/** Gives the target back the state it had. */
export function releaseStep(held: Held, role: string | undefined): Step {
	const name = formatName(held.target.name);
	const { release, state } = holdIds(held);
	const back = held.hold
		.release(name)
		.map((sql) => executeText(sql, role, { name: state, equals: held.hold.captured }));
	const same: Operation = {
		do: "check",
		...stateOf(held, role),
		sameAs: state,
		proves: "state",
		timeoutSeconds: SETTLING_SECONDS,
	};
	return step(held, release, "release", "as it was before", [...back, same], []);
}
