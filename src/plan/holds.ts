import type { Change } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { hazard } from "../model/hazard.ts";
import { formatName } from "../model/identifier.ts";
import type { Hold } from "../objects/define/object-type.ts";
import { objectType } from "../objects/index.ts";
import type { States } from "./choreograph.ts";
import { executeText } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";

/** Something held while the steps of its group run. */
export interface Held {
	readonly target: ObjectModel;
	readonly hold: Hold;
	/** The changed objects it is held for. */
	readonly group: ReadonlySet<ObjectKey>;
}

/** What has to be held for these changes: each running target once, however many changes ask for it. */
export function holdsFor(changes: readonly Change[], states: States): readonly Held[] {
	const held = new Map<ObjectKey, { target: ObjectModel; hold: Hold; group: Set<ObjectKey> }>();
	for (const change of changes) {
		const { hold } = objectType(change.kind);
		if (!hold?.needs(change)) continue;
		const targets = [
			...(change.from ? hold.targets(change.from, states.live) : []),
			...(change.to ? hold.targets(change.to, states.desired) : []),
		];
		for (const ref of targets) {
			const key = objectKey(ref);
			const target = states.live.objects.get(key);
			if (!target || !hold.running(target)) continue;
			const entry = held.get(key) ?? { target, hold, group: new Set<ObjectKey>() };
			entry.group.add(objectKey(change));
			held.set(key, entry);
		}
	}
	return [...held.values()];
}

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

/** Captures the target's state and stops it; whatever fails before the release brings the state back. */
export function holdStep(held: Held, role: string | undefined): Step {
	const name = formatName(held.target.name);
	const { hold, state } = holdIds(held);
	const capture: Operation = {
		do: "capture",
		...(role === undefined ? {} : { role }),
		sql: held.hold.capture(name),
		...(held.hold.captureColumn === undefined ? {} : { column: held.hold.captureColumn }),
		saveAs: state,
	};
	const stop = held.hold.hold(name).map((sql) => executeText(sql, role));
	const back = held.hold
		.release(name)
		.map((sql) => executeText(sql, role, { name: state, equals: held.hold.captured }));
	return step(
		held,
		hold,
		"hold",
		`kept still while ${[...held.group].sort().join(", ")} change${held.group.size === 1 ? "s" : ""}`,
		[capture, ...stop],
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
	return step(held, release, "release", "as it was before", back, []);
}
