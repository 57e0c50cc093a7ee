import { createHash } from "node:crypto";
import { createTwoFilesPatch } from "diff";
import { locate } from "../diagnostics/source.ts";
import type { Change } from "../diff/diff.ts";
import type { EdgeChange } from "../diff/edges.ts";
import { type ObjectKey, type ObjectRef, objectKey } from "../model/catalog.ts";
import { compareText, sortBy } from "../model/compare.ts";
import type { EdgeKey } from "../model/edge.ts";
import { type Grant, granteeText, type HeldGrant } from "../model/grant.ts";
import { type Hazard, hazard } from "../model/hazard.ts";
import { formatName } from "../model/identifier.ts";
import { canonicalJson } from "../model/value.ts";
import type { States } from "./choreograph.ts";
import {
	checkGrants,
	grantingRole,
	grantStatement,
	privilegeList,
	revokeStatement,
	together,
} from "./grant-statements.ts";
import { type Edge, mustRun } from "./graph.ts";
import { keepingGrants } from "./keep-grants.ts";
import { executeText } from "./operations.ts";
import {
	type OwnerChange,
	ownershipHazard,
	ownershipOperations,
	ownersToChange,
	shownOwner,
} from "./ownership.ts";
import type { Operation, Plan, Step } from "./plan.ts";
import { type Roles, stepId } from "./steps.ts";

/** What a plan does about grants, and what it has to know of them. */
export interface GrantInput {
	readonly changes: readonly EdgeChange<Grant>[];
	/** Every grant there is on objects that are made anew; on others at least those that are compared. */
	readonly held: ReadonlyMap<ObjectKey, readonly HeldGrant[]>;
	/** Declared grants, for the ledger. */
	readonly declared: readonly Grant[];
	/** What the ledger has of each object. */
	readonly ledger: ReadonlyMap<ObjectKey, readonly EdgeKey[]>;
	/** Objects that belong to another role than the declared one. */
	readonly owners: readonly OwnerChange[];
	/** The role that the plan is made and run with. */
	readonly role: string;
}

/** What a plan changes on one object, in the three ways there are. */
interface Parts {
	readonly given: readonly Grant[];
	/** Kept, but no longer with grant option. */
	readonly narrowed: readonly Grant[];
	readonly taken: readonly Grant[];
}

function partsOf(changes: readonly EdgeChange<Grant>[]): Parts {
	const parts = { given: [] as Grant[], narrowed: [] as Grant[], taken: [] as Grant[] };
	for (const { from, to } of changes) {
		if (to && (!from || to.value)) parts.given.push(to);
		else if (to) parts.narrowed.push(to);
		else if (from) parts.taken.push(from);
	}
	return parts;
}

/** A GRANT with the way back to the file that declares its first privilege. */
function grantOperation(
	on: ObjectRef,
	grants: readonly Grant[],
	role: string | undefined,
): Operation {
	const operation = executeText(grantStatement(on, grants), role);
	const span = grants[0]?.declared;
	if (!span) return operation;
	const { file, line, column } = locate(span);
	return { ...operation, origin: [{ start: 0, end: operation.sql.length, file, line, column }] };
}

/** The cells by which SHOW GRANTS ON the object shows a grant, whatever its option. */
function cellsOf(grant: Grant, held: readonly HeldGrant[]): Record<string, string> {
	const shown = held.find((h) => h.grant?.key === grant.key)?.cells;
	return {
		privilege: grant.privilege,
		granted_to: shown?.granted_to ?? grant.to.kind.replaceAll(" ", "_"),
		grantee_name: shown?.grantee_name ?? grant.to.name.at(-1) ?? "",
	};
}

function revoked(
	grants: readonly Grant[],
	object: string,
	loses: (what: string) => string,
): readonly Hazard[] {
	return together(grants).map((group) => {
		const who = group.slice(0, 1).map((grant) => granteeText(grant.to));
		return hazard(
			{ code: "ACCESS_REVOKED", message: `${who} ${loses(privilegeList(group))}` },
			object,
		);
	});
}

function hazardsOf({ narrowed, taken }: Parts, object: string, deployer: string): Hazard[] {
	const own = taken.filter((g) => g.to.kind === "ROLE" && g.to.name[0] === deployer);
	const message = `the deploying role itself loses ${privilegeList(own)}, and may not be able to deploy again`;
	return [
		...revoked(taken, object, (what) => `loses ${what}`),
		...revoked(narrowed, object, (what) => `can no longer grant ${what} to others`),
		...(own.length > 0 ? [hazard({ code: "LOCKOUT", message }, object)] : []),
	];
}

/** The grants of an object before and after, as statements. */
function grantDiff(on: ObjectRef, changes: readonly EdgeChange<Grant>[]): string {
	const text = (grants: readonly (Grant | undefined)[]) =>
		grants.flatMap((g) => (g ? [`${grantStatement(on, [g])};\n`] : [])).join("");
	const before = text(changes.map((change) => change.from));
	const after = text(changes.map((change) => change.to));
	const patch = createTwoFilesPatch("live", "desired", before, after, undefined, undefined, {
		context: 3,
	});
	return patch.slice(patch.indexOf("---"));
}

function shownValue(grant: Grant | undefined): string | null {
	if (!grant) return null;
	return grant.value ? "granted with grant option" : "granted";
}

function shownChange({ from, to }: EdgeChange<Grant>): Step["changes"] {
	const grant = to ?? from;
	if (!grant) return [];
	const property = `${grant.privilege} TO ${granteeText(grant.to)}`;
	return [{ property, from: shownValue(from), to: shownValue(to) }];
}

/** The id of the step that grants and revokes on an object. */
function grantStepId(on: ObjectRef): string {
	return `grant ${objectKey(on)}`;
}

/**
 * The step that grants and revokes on one object. What is revoked is read again: REVOKE succeeds without
 * effect where another role is the grantor.
 * https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege#usage-notes
 */
function grantStep(
	on: ObjectRef,
	changes: readonly EdgeChange<Grant>[],
	owner: OwnerChange | undefined,
	role: string | undefined,
	input: GrantInput,
): Step {
	const parts = partsOf(changes);
	const { given, narrowed, taken } = parts;
	const held = input.held.get(objectKey(on)) ?? [];
	const absent = [
		...taken.map((grant) => cellsOf(grant, held)),
		...narrowed.map((grant) => ({ ...cellsOf(grant, held), grant_option: "true" })),
	];
	const keys = (grants: readonly Grant[]) => grants.map((grant) => grant.key);
	return {
		id: grantStepId(on),
		action: "grant",
		kind: on.kind,
		object: formatName(on.name),
		reason: changes.length > 0 ? "who may do what differs" : "it belongs to another role",
		dependsOn: [],
		changes: [...changes.flatMap(shownChange), ...(owner ? [shownOwner(owner)] : [])],
		diff: changes.length > 0 ? grantDiff(on, changes) : "",
		hazards: [
			...hazardsOf(parts, objectKey(on), input.role),
			...(owner ? [ownershipHazard(owner)] : []),
		],
		operations: [
			...together(given).map((group) => grantOperation(on, group, role)),
			...together(narrowed).map((group) =>
				executeText(revokeStatement(on, group, "GRANT OPTION FOR "), role),
			),
			...together(taken).map((group) => executeText(revokeStatement(on, group, ""), role)),
			...(absent.length > 0 ? [checkGrants(on, role, { absent })] : []),
			...(owner ? ownershipOperations(owner) : []),
		],
		restore: [],
		edges: {
			remember: [...(owner ? [objectKey(on)] : []), ...keys([...given, ...narrowed])],
			forget: keys(taken),
		},
	};
}

/** Changes by the object they are on. */
function byObject(
	changes: readonly EdgeChange<Grant>[],
): ReadonlyMap<ObjectKey, readonly EdgeChange<Grant>[]> {
	const found = new Map<ObjectKey, EdgeChange<Grant>[]>();
	for (const change of changes) {
		const on = (change.to ?? change.from)?.on;
		if (on) found.set(objectKey(on), [...(found.get(objectKey(on)) ?? []), change]);
	}
	return found;
}

/** The objects on which something is granted or revoked, or that are given away. */
export function grantedObjects(input: GrantInput | undefined): readonly ObjectKey[] {
	const owners = input?.owners.map(({ on }) => objectKey(on)) ?? [];
	return [...new Set([...byObject(input?.changes ?? []).keys(), ...owners])].sort(compareText);
}

/** The steps that grant and revoke. */
export function grantSteps(
	input: GrantInput | undefined,
	changes: readonly Change[],
	states: States,
	roles: Roles,
): readonly Step[] {
	if (!input) return [];
	const made = new Set(
		changes.filter((c) => c.action === "create" || c.action === "replace").map(objectKey),
	);
	const groups = byObject(input.changes);
	const owners = new Map(
		ownersToChange(input.owners, changes, roles).map((owner) => [objectKey(owner.on), owner]),
	);
	return grantedObjects(input).flatMap((key) => {
		const group = groups.get(key) ?? [];
		const owner = owners.get(key);
		const on = (group[0]?.to ?? group[0]?.from)?.on ?? owner?.on;
		if (!on) return [];
		const before = changes.find((c) => objectKey(c) === key)?.succeeds;
		const role = before && grantingRole(before, states, roles, true);
		return [
			grantStep(on, group, owner, role ?? grantingRole(on, states, roles, made.has(key)), input),
		];
	});
}

/** Granting comes after whatever else happens to the object itself. */
export function grantEdges(input: GrantInput | undefined, changes: readonly Change[]): Edge[] {
	const granted = new Set(grantedObjects(input));
	return changes
		.filter((change) => granted.has(objectKey(change)))
		.map((change) => mustRun(stepId(change)).before(grantStepId(change)));
}

/** A step that also writes down, or strikes out, these ledger entries. */
function withEdges(step: Step, remember: readonly string[], forget: readonly string[]): Step {
	const { edges } = step;
	return {
		...step,
		edges: {
			remember: [...(edges?.remember ?? []), ...remember],
			forget: [...(edges?.forget ?? []), ...forget],
		},
	};
}

/** What a step of a change means for the object's grants: kept through a replacement, gone with a drop, along with a rename. */
export function withGrants(
	step: Step,
	change: Change,
	input: GrantInput | undefined,
	states: States,
	roles: Roles,
): Step {
	if (!input || step.id !== stepId(change)) return step;
	const { renamedFrom } = change;
	const kept =
		change.action === "replace" || change.succeeds
			? keepingGrants(step, change, input, states, roles)
			: step;
	if (change.action === "drop") {
		const forget = input.ledger.get(objectKey(change)) ?? [];
		const heir = change.succeededBy && objectKey(change.succeededBy);
		if (heir !== undefined) {
			const now = input.declared.filter((g) => objectKey(g.on) === heir).map((g) => g.key);
			return withEdges(step, now, forget);
		}
		return forget.length > 0 ? withEdges(step, [], forget) : step;
	}
	if (!renamedFrom) return kept;
	const before = input.ledger.get(objectKey(renamedFrom)) ?? [];
	const now = input.declared.filter((g) => objectKey(g.on) === objectKey(change));
	return before.length > 0
		? withEdges(
				kept,
				now.map((grant) => grant.key),
				before,
			)
		: kept;
}

/** What the plan rests on: the grants it changes as they are now, and all those on what it makes anew. */
export function grantFingerprint(
	input: GrantInput | undefined,
	changes: readonly Change[],
): Readonly<Record<string, string>> {
	const edges = (input?.changes ?? []).flatMap(({ from, to }): [string, string][] => {
		const key = (to ?? from)?.key;
		return key === undefined ? [] : [[key, shownValue(from) ?? "not granted"]];
	});
	const replaced = changes
		.filter((change) => change.action === "replace" || change.succeeds)
		.map((change): [string, string] => {
			const cells = (input?.held.get(objectKey(change)) ?? []).map((held) => held.cells);
			const hash = createHash("sha256").update(canonicalJson(cells));
			return [`grants on ${objectKey(change)}`, hash.digest("hex")];
		});
	return Object.fromEntries(sortBy([...edges, ...(input ? replaced : [])], ([key]) => key));
}

/** What the ledger will hold of each declared grant. */
export function grantModels(input: GrantInput | undefined): Plan["models"] {
	return Object.fromEntries(
		(input?.declared ?? []).map((grant) => [
			grant.key,
			{
				kind: "GRANT",
				name: [...grant.on.name],
				owner: null,
				properties: {
					PRIVILEGE: grant.privilege,
					ON: grant.on.kind,
					TO: grant.to.kind,
					GRANTEE: [...grant.to.name],
					"GRANT OPTION": grant.value,
				},
			},
		]),
	);
}
