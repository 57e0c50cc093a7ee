import type { Change } from "../diff/diff.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { Properties, Value } from "../model/value.ts";
import { compareObject } from "../objects/define/compare.ts";
import { printAlter, printCreate, sqlOf } from "../objects/define/print.ts";
import type { PropertyChange } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";
import { settleId } from "./arrange.ts";
import type { States } from "./choreograph.ts";
import type { Held } from "./holds.ts";
import { execute, executeText } from "./operations.ts";
import type { Operation, Step, Undo } from "./plan.ts";
import { keeper, lateOperations, type Roles, stepId } from "./steps.ts";
import type { Succession } from "./successors.ts";

/** The index of the operation that is this statement. */
function indexOf(step: Step, sql: string): number {
	return Math.max(
		0,
		step.operations.findIndex((operation) => operation.sql === sql),
	);
}

/** What a change in place set that is not late, as it was before. */
function earlier({ changes, from, kind }: Change & { readonly from: ObjectModel }): Properties {
	const { properties } = objectType(kind);
	const early = changes.filter((c) => !properties.some((p) => p.name === c.property && p.late));
	return Object.fromEntries(early.map((c) => [c.property, from.properties[c.property] ?? null]));
}

/** What turns an object back into how it was; what no statement takes back is left as it is. */
function backwards(now: ObjectModel, before: Properties): readonly PropertyChange[] {
	const then = { ...now, properties: { ...now.properties, ...before } };
	const changes = compareObject(objectType(now.kind), now, then, () => undefined);
	return changes.filter((change) => change.refused === undefined);
}

/**
 * The statements that take a change in place back, each with the operation that it is for: of one property the last
 * statement is taken back first.
 */
function alteredBack(
	step: Step,
	change: Change & { readonly from: ObjectModel; readonly to: ObjectModel },
	role: string | undefined,
): Pick<Undo, "operations" | "before"> {
	const type = objectType(change.kind);
	const { from, to } = change;
	const before = earlier(change);
	const after = Object.keys(before).map((name) => [name, to.properties[name] ?? null] as const);
	const now = { ...from, properties: { ...from.properties, ...Object.fromEntries(after) } };
	const back = printAlter(type, { from: now, to: from }, backwards(now, before));
	const left = new Map<string | undefined, number[]>();
	for (const { fragments } of printAlter(type, { from, to }, change.changes)) {
		const property = fragments[0]?.property;
		left.set(property, [...(left.get(property) ?? []), indexOf(step, sqlOf(fragments))]);
	}
	return {
		before: before as Undo["before"],
		operations: back.map(({ fragments }) => ({
			...executeText(sqlOf(fragments), role),
			undoes: left.get(fragments[0]?.property)?.pop() ?? 0,
		})),
	};
}

/** How a step that changes an object which is there is taken back. */
function changedBack(
	step: Step,
	change: Change,
	roles: Roles,
): Pick<Undo, "operations" | "before"> | undefined {
	const { from, to, action } = change;
	if (!from || !to) return undefined;
	const role = keeper(from, roles);
	if (action === "alter") return alteredBack(step, { ...change, from, to }, role);
	if (action !== "replace") return undefined;
	const again = printCreate(objectType(from.kind), from, { replace: true });
	const made = step.operations.findLastIndex((o) => /^CREATE\b/.test(o.sql));
	const { origin: _origin, ...operation } = execute(again, from, role);
	return {
		operations: [{ ...operation, undoes: made }],
		before: from.properties as Undo["before"],
	};
}

/** Whether a change follows one of these new names. */
function follows(change: Change, successions: readonly Succession[], states: States): boolean {
	const { to } = change;
	if (!to || !successions.some(({ followers }) => followers.includes(change))) return false;
	const now = new Set(successions.map(({ made }) => objectKey(made)));
	const needs = dependenciesOf(to, states.desired);
	return needs.some((needed) => now.has(objectKey(needed)));
}

/** Properties as the late operations of a change leave them. */
function lateProperties({ made, old }: Succession): Undo["before"] {
	const type = objectType(made.kind);
	const named = type.properties.filter((p) => p.late || p.sole).map((p) => p.name);
	const value = (name: string): Value => made.to?.properties[name] ?? old.properties[name] ?? null;
	return Object.fromEntries(named.map((name) => [name, value(name)])) as Undo["before"];
}

/** The new object is dropped again; once the old one goes, that and what comes after it is finished. */
function madeUndo(
	step: Step,
	succession: Succession,
	roles: Roles,
): { readonly undo: Omit<Undo, "until">; readonly restore: readonly Operation[] } {
	const { made, old, gone } = succession;
	const role = step.operations.find((o) => /^CREATE\b/.test(o.sql))?.role;
	const at = step.operations.findIndex((o) => /^CREATE\b/.test(o.sql));
	const drop = `DROP ${made.kind} IF EXISTS ${formatName(made.name)}`;
	const late = lateOperations(made, roles);
	return {
		undo: {
			over: late.length > 0 ? settleId(made) : stepId(gone),
			operations: [{ ...executeText(drop, role), undoes: at }],
			before: null,
			final: { gone: objectKey(old), properties: lateProperties(succession) },
		},
		restore: [
			executeText(`DROP ${old.kind} IF EXISTS ${formatName(old.name)}`, keeper(old, roles)),
			...late,
		],
	};
}

/**
 * A step with how it is taken back when the run ends in between.
 *
 * Where a plan gives objects other names there are two of each for a while, and neither knows what the other has
 * given to its readers: until the first of the old ones is dropped everything goes back to the old names, and from
 * then on it is finished. What is held and altered by several statements may be unable to run after the first of
 * them (a root task that is to be a child and has lost its schedule): it is taken back until all are done.
 */
export function withUndo(
	step: Step,
	change: Change,
	successions: readonly Succession[],
	held: readonly Held[],
	states: States,
	roles: Roles,
): Step {
	if (step.id !== stepId(change)) return step;
	const until = successions.map(({ gone }) => stepId(gone)).sort();
	const own = successions.find(({ made }) => made === change);
	if (own) {
		const { undo, restore } = madeUndo(step, own, roles);
		return { ...step, undo: { until, ...undo }, restore: [...restore] };
	}
	const isFollower = follows(change, successions, states);
	const isHeld = held.some((h) => objectKey(h.target) === objectKey(change));
	if (!isFollower && !(isHeld && change.action === "alter" && step.operations.length > 1))
		return step;
	const undo = changedBack(step, change, roles);
	return undo ? { ...step, undo: { until: isFollower ? until : [], ...undo } } : step;
}

/** The statements that take an object back from how it is to how it was, and it afterwards. */
export function takenBack(
	live: ObjectModel,
	before: Properties,
	role: string | undefined,
): { readonly operations: readonly Operation[]; readonly after: ObjectModel } {
	const type = objectType(live.kind);
	const changes = backwards(live, before);
	const names = changes.map((c) => c.property);
	const taken = Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)));
	const after = { ...live, properties: { ...live.properties, ...taken } };
	if (changes.some((c) => c.how !== "alter"))
		return {
			operations: [execute(printCreate(type, after, { replace: true }), after, role)],
			after,
		};
	const operations = printAlter(type, { from: live, to: after }, changes).map(({ fragments }) =>
		execute(fragments, after, role),
	);
	return { operations, after };
}
