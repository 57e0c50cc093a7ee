import type { Records } from "../apply/records.ts";
import { type Change, differing } from "../diff/diff.ts";
import { type Catalog, type ObjectModel, type ObjectRef, objectKey } from "../model/catalog.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Value } from "../model/value.ts";
import { compareObject } from "../objects/define/compare.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import type { PropertyChange } from "../objects/define/property.ts";
import { KINDS, objectType } from "../objects/index.ts";
import { driftDiff } from "../plan/shown.ts";
import { madeAnew } from "./recorded.ts";

/** A property that is not as it was applied. */
export interface DriftedProperty {
	readonly property: string;
	readonly applied: Value;
	readonly live: Value;
	/** Whether the diff shows it: an owner and a task's state are not in a CREATE statement. */
	readonly inDiff: boolean;
}

/** Something that is not as it was applied. */
export interface Finding {
	/** `made anew`: another object of the same name; `granted` and `revoked` are of grants. */
	readonly what: "altered" | "made anew" | "missing" | "renamed" | "granted" | "revoked";
	readonly kind: string;
	/** `KIND name`, or the grant. */
	readonly object: string;
	readonly reason: string;
	readonly changes: readonly DriftedProperty[];
	/** Unified diff of canonical DDL, as applied → live. */
	readonly diff: string;
	/** What statements that did it name. */
	readonly refs: { readonly object: ObjectRef; readonly grantee?: QualifiedName };
	/** When it was applied. */
	readonly since: string;
}

/** The owner's name among properties: it is none of a kind's own. */
export const OWNER = "OWNER";

function inDiff(type: ObjectType, { property }: PropertyChange): boolean {
	return type.properties.some(
		(p) => (p.name === property || property.startsWith(`${p.name} `)) && p.clause.place !== "alter",
	);
}

/** The container of an object that is missing as well. */
function missingContainer(
	{ name }: ObjectRef,
	applied: Catalog,
	live: Catalog,
): string | undefined {
	return [1, 2]
		.filter((length) => length < name.length)
		.flatMap((length) => KINDS.map((kind) => objectKey({ kind, name: name.slice(0, length) })))
		.find((key) => applied.objects.has(key) && !live.objects.has(key));
}

function missing(
	object: ObjectModel,
	applied: Catalog,
	live: Catalog,
	role: string,
): Pick<Finding, "what" | "reason" | "changes" | "diff"> {
	const container = missingContainer(object, applied, live);
	const back: Change = {
		kind: object.kind,
		name: object.name,
		action: "create",
		to: object,
		changes: [],
		hazards: [],
		events: [],
		reason: "",
	};
	return {
		what: "missing",
		reason: container
			? `it is not shown any more, as ${container} is not`
			: `it is not shown any more: it was dropped, or role ${role} cannot see it`,
		changes: [],
		diff: driftDiff(back),
	};
}

/** An owner is compared where one was declared. */
function ownerChange(applied: ObjectModel, live: ObjectModel): readonly PropertyChange[] {
	const { owner: to } = applied;
	const { owner: from } = live;
	return to === undefined || from === undefined || from === to
		? []
		: [{ property: OWNER, from, to, how: "alter", hazards: [], emits: [] }];
}

/** What is different of an object that is there. The account shows no secret, so they are not compared. */
function different(
	applied: ObjectModel,
	live: ObjectModel,
	isAnew: boolean,
): Pick<Finding, "what" | "reason" | "changes" | "diff"> | undefined {
	const type = objectType(applied.kind);
	const changes = compareObject(type, live, applied, () => undefined);
	const all = [...changes, ...ownerChange(applied, live)];
	if (all.length === 0 && !isAnew) return undefined;
	const told = all.map((change) => ({
		property: change.property,
		applied: change.to ?? null,
		live: change.from ?? null,
		inDiff: inDiff(type, change),
	}));
	const differ = differing(all);
	const anew = `it was made anew on ${live.createdOn}: another object of the same name`;
	return {
		what: isAnew ? "made anew" : "altered",
		reason: isAnew ? (told.length > 0 ? `${anew}; ${differ}` : anew) : differ,
		changes: told,
		diff: driftDiff({
			kind: applied.kind,
			name: applied.name,
			action: "alter",
			from: live,
			to: applied,
			changes,
			hazards: [],
			events: [],
			reason: "",
		}),
	};
}

/** Objects that are not as they were applied. */
export function findingsOf(
	applied: Catalog,
	live: Catalog,
	records: Records,
	role: string,
): readonly Finding[] {
	return [...applied.objects].flatMap(([key, object]): Finding[] => {
		const entry = records.ledger.get(key);
		if (!entry) return [];
		const now = live.objects.get(key);
		const found = now
			? different(object, now, madeAnew(entry, now))
			: missing(object, applied, live, role);
		if (!found) return [];
		return [{ ...found, kind: object.kind, object: key, refs: { object }, since: entry.at }];
	});
}
