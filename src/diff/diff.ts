import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import {
	type Catalog,
	type ObjectKey,
	type ObjectModel,
	type ObjectRef,
	objectKey,
} from "../model/catalog.ts";
import type { HazardDraft } from "../model/hazard.ts";
import { formatName } from "../model/identifier.ts";
import { compareObject, type SecretMatch } from "../objects/define/compare.ts";
import type { EventName, PropertyChange } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";

/** What happens to one object. `relink` repeats a setting that binds by hidden id. */
export type Action = "create" | "alter" | "replace" | "drop" | "relink";

/** One object's difference between two catalogs. */
export interface Change extends ObjectRef {
	readonly action: Action;
	readonly from?: ObjectModel;
	readonly to?: ObjectModel;
	/** The name it had, where it is renamed on the way. */
	readonly renamedFrom?: ObjectRef;
	/** create: what has had its place; the new object takes over from it. */
	readonly succeeds?: ObjectModel;
	/** drop: what has its place now. */
	readonly succeededBy?: ObjectRef;
	readonly changes: readonly PropertyChange[];
	readonly hazards: readonly HazardDraft[];
	/** What the objects that depend on it hear. */
	readonly events: readonly EventName[];
	/** What has to be drained before, because it hands out this object's changes and stays as it is. */
	readonly drains?: readonly ObjectModel[];
	/** Whether a setting that binds by hidden id has to be repeated, because what it names was made anew. */
	readonly relinks?: boolean;
	/** Why, in a few words. */
	readonly reason: string;
}

/** The differences, and what makes a difference impossible. */
export interface Differences {
	readonly changes: readonly Change[];
	readonly diagnostics: readonly Diagnostic[];
}

/** The key under which the account has a change's object until the change runs. */
export function keyBefore(change: Pick<Change, "kind" | "name" | "renamedFrom">): ObjectKey {
	return objectKey(change.renamedFrom ?? change);
}

function created(to: ObjectModel): Change {
	return {
		kind: to.kind,
		name: to.name,
		action: "create",
		to,
		changes: [],
		hazards: [],
		events: [],
		reason: "it does not exist",
	};
}

/** The drop of an object. */
export function dropped(from: ObjectModel): Change {
	const hazards = objectType(from.kind).dropHazards(from);
	return {
		kind: from.kind,
		name: from.name,
		action: "drop",
		from,
		changes: [],
		hazards,
		events: ["dropped"],
		reason: "it is no longer declared",
	};
}

/**
 * An object made anew under its name; `event` is what happened to something it depends on, where that is the
 * cause. With another name before, it is renamed first, so that nothing is left behind under that.
 */
export function replaced(
	from: ObjectModel,
	to: ObjectModel,
	changes: readonly PropertyChange[],
	reason: string,
	event?: EventName,
	renamedFrom?: ObjectRef,
): Change {
	const type = objectType(to.kind);
	const events = new Set<EventName>(["identityLost", ...changes.flatMap((c) => c.emits)]);
	if (renamedFrom) events.add("renamed");
	const hazards = [...type.replaceHazards(from, to, event), ...changes.flatMap((c) => c.hazards)];
	return {
		kind: to.kind,
		name: to.name,
		action: "replace",
		from,
		to: type.replacement?.(from, to, event) ?? to,
		...(renamedFrom && { renamedFrom }),
		changes,
		hazards,
		events: [...events],
		reason,
	};
}

/**
 * An object that takes the place of an old one under another name; `event` is what happens to something both
 * depend on in the same plan.
 */
export function succeeding(
	old: ObjectModel,
	to: ObjectModel,
	changes: readonly PropertyChange[],
	event?: EventName,
): Change {
	const { rename } = objectType(to.kind);
	if (typeof rename === "string") throw new Error(`${to.kind} has no successors`);
	const made = rename.made === "clone" ? to : rename.made(old, to, event);
	return {
		kind: to.kind,
		name: to.name,
		action: "create",
		to: made,
		succeeds: old,
		changes,
		hazards: rename
			.hazards(old, made, changes, event)
			.map((hazard) => ({ object: objectKey(old), ...hazard })),
		events: [],
		reason: `it is renamed from ${formatName(old.name)}`,
	};
}

/** The old object and the one that takes its place. */
function succession(
	old: ObjectModel,
	to: ObjectModel,
	secretMatches: SecretMatch,
): readonly [Change, Change] {
	const changes = compareObject(objectType(to.kind), { ...old, name: to.name }, to, secretMatches);
	const gone: Change = {
		...dropped(old),
		hazards: [],
		succeededBy: { kind: to.kind, name: to.name },
		reason: `${formatName(to.name)} has taken its place`,
	};
	return [succeeding(old, to, changes), gone];
}

/** `WAREHOUSE, SCHEDULE differ` */
export function differing(changes: readonly PropertyChange[]): string {
	return `${changes.map((c) => c.property).join(", ")} differ${changes.length === 1 ? "s" : ""}`;
}

function changed(
	from: ObjectModel,
	to: ObjectModel,
	secretMatches: SecretMatch,
	renamedFrom?: ObjectRef,
): Change | undefined {
	const changes = compareObject(objectType(to.kind), from, to, secretMatches);
	if (changes.length === 0 && !renamedFrom) return undefined;
	const anew = changes.filter((c) => c.how !== "alter" && c.how !== "substitute");
	if (anew.length > 0) {
		const reason = `${anew.map((c) => c.property).join(", ")} cannot be altered`;
		return replaced(from, to, changes, reason, undefined, renamedFrom);
	}
	return {
		kind: to.kind,
		name: to.name,
		action: "alter",
		from,
		to,
		...(renamedFrom && { renamedFrom }),
		changes,
		hazards: changes.flatMap((c) => c.hazards),
		events: [
			...new Set<EventName>([
				...changes.flatMap((c) => c.emits),
				...(renamedFrom ? (["renamed"] as const) : []),
			]),
		],
		reason: renamedFrom ? `it is renamed from ${formatName(renamedFrom.name)}` : differing(changes),
	};
}

/** A change that makes an object anew where what it was made from has changed, whatever else differs. */
function renewed(
	from: ObjectModel,
	to: ObjectModel,
	change: Change | undefined,
): Change | undefined {
	const outdated = objectType(to.kind).outdated?.(from);
	if (outdated === undefined || change?.action === "replace") return change;
	return replaced(from, to, change?.changes ?? [], outdated, undefined, change?.renamedFrom);
}

/** What no statement can bring about. */
function refusals(object: ObjectModel, change: Change | undefined): readonly Diagnostic[] {
	return (change?.changes ?? []).flatMap(({ property, refused }) =>
		refused === undefined
			? []
			: [
					errorAt(
						object.declared?.properties.get(property) ?? object.declared?.name,
						"CANNOT_CHANGE",
						`${objectKey(object)}: ${refused}`,
					),
				],
	);
}

/**
 * What turns one catalog into another: objects that only `to` has are created, those that only `from` has
 * are dropped, others are compared property by property. Neither side is special: it cannot tell which
 * one came from files.
 */
export function diff(from: Catalog, to: Catalog, secretMatches: SecretMatch): Differences {
	const changes: Change[] = [];
	const diagnostics: Diagnostic[] = [];
	const moved = new Set<ObjectKey>();
	const compare = (before: ObjectModel, object: ObjectModel, old?: ObjectRef): void => {
		const change = renewed(before, object, changed(before, object, secretMatches, old));
		if (change) changes.push(change);
		diagnostics.push(...refusals(object, change));
	};
	for (const object of to.objects.values()) {
		const old = object.directives.renamedFrom && {
			kind: object.kind,
			name: object.directives.renamedFrom,
		};
		const before = from.objects.get(objectKey(object));
		const renamed = old && from.objects.get(objectKey(old));
		if (before && renamed) {
			diagnostics.push(
				errorAt(
					object.declared?.name,
					"RENAME",
					`${objectKey(object)} and its old name ${formatName(renamed.name)} both exist`,
					{ hint: "drop one of them, or take the -- renamed from line away" },
				),
			);
		} else if (renamed && old) {
			moved.add(objectKey(old));
			const { rename } = objectType(object.kind);
			if (typeof rename === "object") {
				const [made, gone] = succession(renamed, object, secretMatches);
				changes.push(made, gone);
				if (rename.made === "clone") diagnostics.push(...refusals(object, made));
			} else if (rename === "refused")
				diagnostics.push(
					errorAt(
						object.declared?.name,
						"RENAME",
						`a ${object.kind.toLowerCase()} cannot be renamed`,
						{
							hint: "take the -- renamed from line away: the plan then drops the old one and creates the new one, with the hazards of that",
						},
					),
				);
			else compare({ ...renamed, name: object.name }, object, old);
		} else if (before) compare(before, object);
		else changes.push(created(object));
	}
	for (const object of from.objects.values()) {
		const key = objectKey(object);
		if (!to.objects.has(key) && !moved.has(key)) changes.push(dropped(object));
	}
	return { changes, diagnostics };
}
