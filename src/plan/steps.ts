import { type Change, differing } from "../diff/diff.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { hazard } from "../model/hazard.ts";
import { formatName } from "../model/identifier.ts";
import { createdChanges } from "../objects/define/compare.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import { printAlter, printCreate } from "../objects/define/print.ts";
import type { PropertyChange } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { mergedModel } from "./merged.ts";
import { execute, executeText } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";
import { maskedValue, unifiedDiff } from "./shown.ts";

/** Which role runs a statement: the declared owner creates, the live owner alters and drops where the user has that role. */
export interface Roles {
	readonly available: ReadonlySet<string>;
}

function creator(to: ObjectModel): string | undefined {
	return to.owner;
}

/** The role that alters and drops an object: its owner, where the user has that role. */
export function keeper(from: ObjectModel, roles: Roles): string | undefined {
	return from.owner !== undefined && roles.available.has(from.owner) ? from.owner : undefined;
}

function isLate(type: ObjectType, change: PropertyChange): boolean {
	return type.properties.some((p) => p.name === change.property && p.late === true);
}

function alterOperations(
	type: ObjectType,
	change: Change,
	changes: readonly PropertyChange[],
	roles: Roles,
): readonly Operation[] {
	const { from, to } = change;
	if (!from || !to || changes.length === 0) return [];
	return printAlter(type, { from, to }, changes).map(({ fragments, as }) => ({
		...execute(fragments, to, keeper(from, roles)),
		...as,
	}));
}

/** The role for statements on an object right after this plan made it. */
function madeBy(change: Change, roles: Roles): Roles {
	return change.to?.owner === undefined
		? roles
		: { available: new Set([...roles.available, change.to.owner]) };
}

/** What must still be set by ALTER once the object is made. */
function afterCreate(
	type: ObjectType,
	change: Change,
	roles: Roles,
	late: boolean,
): readonly Operation[] {
	if (!change.to) return [];
	const changes = createdChanges(type, change.to).filter((c) => isLate(type, c) === late);
	const made = { ...change.to };
	return alterOperations(type, { ...change, from: made, to: made }, changes, madeBy(change, roles));
}

/** The name under which a position is captured. */
export function positionOf(object: ObjectModel): string {
	return `position of ${objectKey(object)}`;
}

/** A replacement that takes a position over, with the proof that it did: the same answer before and after. */
function proven(
	type: ObjectType,
	old: ObjectModel,
	replacement: ObjectModel,
	role: string | undefined,
	operations: readonly Operation[],
): readonly Operation[] {
	if (!type.drain?.keeps(replacement)) return operations;
	const name = positionOf(old);
	const { position } = type.drain;
	const ask = ({ name: of }: ObjectModel) => ({
		...(role === undefined ? {} : { role }),
		sql: position(formatName(of)),
	});
	return [
		{ do: "capture", ...ask(old), saveAs: name },
		...operations,
		{ do: "check", ...ask(replacement), sameAs: name, proves: type.drain.what },
	];
}

/** What is set only when the old object is gone: what no two objects can have at once. */
function soleChanges(type: ObjectType, model: ObjectModel): readonly PropertyChange[] {
	return type.properties.flatMap((property) => {
		const to = model.properties[property.name] ?? null;
		const change = { property: property.name, from: null, to, how: "alter" as const };
		return property.sole && to !== null ? [{ ...change, hazards: [], emits: [] }] : [];
	});
}

/** The new object in the place of an old one, without what it gets only when that one is gone. */
function successorOperations(
	type: ObjectType,
	change: Change,
	old: ObjectModel,
	roles: Roles,
): readonly Operation[] {
	const { to } = change;
	if (!to || typeof type.rename === "string") return [];
	const role = keeper(old, roles) ?? creator(to);
	if (type.rename.made !== "clone") {
		const merged = mergedModel(old, to);
		return proven(type, old, merged, role, [
			execute(printCreate(type, merged), merged, role),
			...afterCreate(type, { ...change, to: merged }, roles, false),
		]);
	}
	const clone = `CREATE ${type.kind} ${formatName(to.name)} CLONE ${formatName(old.name)}`;
	const sole = new Set(type.properties.filter((p) => p.sole).map((p) => p.name));
	const own = change.changes.filter((c) => !isLate(type, c) && !sole.has(c.property));
	const from = { ...old, name: to.name };
	return [
		executeText(clone, role),
		...alterOperations(type, { ...change, from }, own, madeBy(change, roles)),
	];
}

function renameOperations(
	type: ObjectType,
	{ renamedFrom, name }: Change,
	from: ObjectModel,
	roles: Roles,
): readonly Operation[] {
	if (!renamedFrom) return [];
	const sql = `ALTER ${type.kind} ${formatName(renamedFrom.name)} RENAME TO ${formatName(name)}`;
	return [executeText(sql, keeper(from, roles))];
}

function operations(type: ObjectType, change: Change, roles: Roles): readonly Operation[] {
	const { from, to } = change;
	if (change.succeeds) return successorOperations(type, change, change.succeeds, roles);
	switch (change.action) {
		case "create":
			return to
				? [
						execute(printCreate(type, to), to, creator(to)),
						...afterCreate(type, change, roles, false),
					]
				: [];
		case "replace": {
			if (!from || !to) return [];
			const merged = mergedModel(from, to);
			const role = keeper(from, roles) ?? creator(to);
			const again = { ...change, to: merged };
			return proven(type, from, merged, role, [
				...renameOperations(type, change, from, roles),
				execute(printCreate(type, merged, { replace: true }), merged, role),
				...afterCreate(type, again, roles, false),
			]);
		}
		case "drop":
			return from
				? [executeText(`DROP ${type.kind} ${formatName(from.name)}`, keeper(from, roles))]
				: [];
		case "alter":
		case "relink": {
			if (!from || !to) return [];
			const early = change.changes.filter((c) => !isLate(type, c));
			const links = change.relinks ? (type.relink?.(mergedModel(from, to)) ?? []) : [];
			return [
				...renameOperations(type, change, from, roles),
				...alterOperations(type, change, early, roles),
				...links.map((sql) => executeText(sql, keeper(from, roles))),
			];
		}
	}
}

/** What a change's late properties need: run after the rest of its group. */
export function lateOperations(change: Change, roles: Roles): readonly Operation[] {
	const type = objectType(change.kind);
	if (change.succeeds && change.to) {
		const to = mergedModel(change.succeeds, change.to);
		const made = madeBy(change, roles);
		const again = { ...change, from: { ...change.succeeds, name: to.name }, to };
		return [
			...alterOperations(type, again, soleChanges(type, to), made),
			...afterCreate(type, again, roles, true),
		];
	}
	if (change.action === "create" || change.action === "replace") {
		const to = change.from && change.to ? mergedModel(change.from, change.to) : change.to;
		return to ? afterCreate(type, { ...change, to }, roles, true) : [];
	}
	return alterOperations(
		type,
		change,
		change.changes.filter((c) => isLate(type, c)),
		roles,
	);
}

/** Of a secret property the names of its secrets are shown, and never what it held before. */
function shownChange(type: ObjectType, change: PropertyChange): Step["changes"][number] {
	const { property } = change;
	const to = change.to ?? null;
	const hashed = type.properties.some((p) => p.name === property && p.compare === "hashed");
	const [before, after] = hashed ? ["<hidden>", maskedValue(to)] : [change.from ?? null, to];
	return { property, from: before, to: after } as Step["changes"][number];
}

/** Why, without what a later step does: a task's state is set when everything it needs is in place. */
function reasonOf(type: ObjectType, change: Change): string {
	const { action, changes, reason, renamedFrom } = change;
	const own = changes.filter((c) => !isLate(type, c));
	const isPart = own.length > 0 && own.length < changes.length;
	return action === "alter" && isPart && !renamedFrom ? differing(own) : reason;
}

/** The id of a change's step. */
export function stepId(change: Pick<Change, "action" | "kind" | "name">): string {
	return `${change.action} ${objectKey(change)}`;
}

/** For a person, an object in the place of an old one is that one changed. */
function inPlace(change: Change): Change {
	const { succeeds, name, to } = change;
	if (!succeeds || !to) return change;
	const renamedFrom = { kind: succeeds.kind, name: succeeds.name };
	return { ...change, action: "alter", from: { ...succeeds, name }, renamedFrom };
}

/** The step of a change, without its late part and its place in the order. */
export function stepOf(change: Change, roles: Roles): Step {
	const type = objectType(change.kind);
	const key = objectKey(change);
	return {
		id: stepId(change),
		action: change.action,
		kind: change.kind,
		object: formatName(change.name),
		reason: reasonOf(type, change),
		dependsOn: [],
		changes: change.changes.map((c) => shownChange(type, c)),
		diff: unifiedDiff(inPlace(change)),
		hazards: change.hazards.map((draft) => hazard(draft, key)),
		operations: [...operations(type, change, roles)],
		restore: [],
		// Until the old one is gone the new one can still be taken back, so it is not ours before.
		...(change.succeededBy
			? { edges: { remember: [objectKey(change.succeededBy)], forget: [] } }
			: {}),
		// What had the old name is remembered under the new one.
		...(change.renamedFrom
			? { edges: { remember: [], forget: [objectKey(change.renamedFrom)] } }
			: {}),
	};
}
