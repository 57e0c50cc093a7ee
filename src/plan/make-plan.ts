import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Change } from "../diff/diff.ts";
import { type ObjectKey, objectKey } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import { arrange, settleId } from "./arrange.ts";
import { choreograph, type States } from "./choreograph.ts";
import { refuseFilledContainers } from "./containers.ts";
import { drainEdges, drainSteps, drainsFor, withDrainHolds } from "./drain.ts";
import { objectHash } from "./fingerprint.ts";
import {
	type GrantInput,
	grantEdges,
	grantedObjects,
	grantFingerprint,
	grantModels,
	grantSteps,
	withGrants,
} from "./grants.ts";
import { CycleError } from "./graph.ts";
import { type Held, holdStep, holdsFor, releaseStep } from "./holds.ts";
import { mergedModel } from "./merged.ts";
import { withOrphans } from "./orphans.ts";
import type { Plan, PlanNote, Step } from "./plan.ts";
import { recipeEdges, recipeSteps, recipesFor, withRecipe } from "./recipes.ts";
import { keeper, lateOperations, type Roles, stepOf } from "./steps.ts";
import {
	successionEdges,
	successionSteps,
	successionsIn,
	withSuccessionHolds,
} from "./successors.ts";
import { withUndo } from "./undo.ts";

/** Everything a plan is made from. */
export interface PlanInput {
	readonly tool: string;
	readonly project: string;
	readonly environment: string;
	readonly account: string;
	/** ISO 8601; injected, so that two plans of the same state can be the same bytes. */
	readonly createdAt: string;
	readonly changes: readonly Change[];
	readonly states: States;
	/** The account as it is now, where `states.live` is how pending migrations will leave it. */
	readonly now?: States["live"];
	readonly roles: Roles;
	/** Who may do what with the objects, now and as declared. */
	readonly grants?: GrantInput;
	/** Steps of pending migrations, in their order. */
	readonly migrations: readonly Step[];
	/** The migration records' state, for the fingerprint. */
	readonly migrationHead: string;
	/** Declared objects that exist and are not in the ledger yet. */
	readonly adopts: readonly ObjectKey[];
	readonly unmanaged: readonly ObjectKey[];
	readonly notes: readonly PlanNote[];
}

/**
 * The steps of a change: its own, and one for what is set late. Where a change is nothing but late, the
 * late step tells it.
 */
function stepsOf(change: Change, roles: Roles): readonly Step[] {
	const own = stepOf(change, roles);
	const late = lateOperations(change, roles);
	if (late.length === 0) return own.operations.length > 0 ? [own] : [];
	const alone = own.operations.length === 0;
	const settle: Step = {
		...own,
		id: settleId(change),
		action: "alter",
		reason: alone ? own.reason : "set when everything it needs is in place",
		...(alone ? {} : { changes: [], diff: "", hazards: [] }),
		operations: [...late],
	};
	return alone ? [settle] : [own, settle];
}

/** A held object is released to its captured state, unless a late step sets what files declare. */
function holdSteps(
	held: Held,
	settled: ReadonlySet<string>,
	changes: readonly Change[],
	roles: Roles,
): readonly Step[] {
	const role = keeper(held.target, roles);
	const ownDrop = changes.some(
		(c) => c.action === "drop" && objectKey(c) === objectKey(held.target),
	);
	const release = settled.has(settleId(held.target)) || ownDrop ? [] : [releaseStep(held, role)];
	return [holdStep(held, role), ...release];
}

function fingerprint(
	changes: readonly Change[],
	held: readonly Held[],
	now: States["live"],
): Record<string, string | null> {
	const keys = new Set<ObjectKey>();
	for (const change of changes) {
		keys.add(objectKey(change));
		if (change.renamedFrom) keys.add(objectKey(change.renamedFrom));
	}
	for (const h of held) keys.add(objectKey(h.target));
	return Object.fromEntries([...keys].sort().map((key) => [key, objectHash(now.objects.get(key))]));
}

function summary(input: PlanInput, changes: readonly Change[]): Plan["summary"] {
	// What takes the place of an old object is that object under another name.
	const actionOf = (c: Change) => (c.succeeds ? "alter" : c.succeededBy ? "none" : c.action);
	const count = (...actions: readonly string[]) =>
		changes.filter((c) => actions.includes(actionOf(c))).length;
	const touched = new Set(changes.map(objectKey));
	const granted = grantedObjects(input.grants).filter((key) => !touched.has(key));
	return {
		create: count("create"),
		alter: count("alter", "relink") + granted.length,
		replace: count("replace"),
		drop: count("drop"),
		migrate: input.migrations.length,
		adopt: input.adopts.length,
		unchanged:
			[...input.states.desired.objects.keys()].filter((key) => !touched.has(key)).length -
			granted.length,
		unmanaged: input.unmanaged.length,
	};
}

/**
 * Makes the plan: changes and what they set off, held and released where a kind asks for it, in an order
 * that respects every dependency. Plain data; the same input gives the same bytes.
 * Throws a DeployError (exit 65) when objects need each other in a circle, and when something can only be changed by
 * losing what files declare.
 */
export function makePlan(input: PlanInput): Plan {
	refuseFilledContainers(input.changes, input.states);
	const set = recipesFor(choreograph(input.changes, input.states), input.states);
	const { recipes } = set;
	const drained = drainsFor(set.changes, input.states);
	const { draining } = drained;
	const changes = withOrphans(drained.changes, input.states);
	const successions = successionsIn(changes, input.states);
	const held = withSuccessionHolds(
		withDrainHolds(holdsFor(changes, input.states), draining),
		successions,
		input.states,
	);
	const own = changes.flatMap((change) =>
		stepsOf(change, input.roles)
			.map((step) => withRecipe(step, change, recipes, input.roles))
			.map((step) => withGrants(step, change, input.grants, input.states, input.roles))
			.map((step) => withUndo(step, change, successions, held, input.states, input.roles)),
	);
	const settled = new Set(own.map((step) => step.id));
	const steps = [
		...input.migrations,
		...own,
		...grantSteps(input.grants, changes, input.states, input.roles),
		...recipeSteps(changes, recipes, held, input.states, input.roles),
		...successionSteps(successions, input.roles),
		...drainSteps(draining, (object) => keeper(object, input.roles)),
		...held.flatMap((h) => holdSteps(h, settled, changes, input.roles)),
	];
	try {
		return {
			version: 1,
			tool: input.tool,
			project: input.project,
			environment: input.environment,
			account: input.account,
			createdAt: input.createdAt,
			fingerprint: {
				objects: fingerprint(changes, held, input.now ?? input.states.live),
				...(input.grants && { grants: grantFingerprint(input.grants, changes) }),
				migrations: input.migrationHead,
			},
			summary: summary(input, changes),
			steps: [
				...arrange(steps, changes, held, input.states, [
					...drainEdges(draining, changes, input.states),
					...recipeEdges(changes, recipes, held, input.states),
					...successionEdges(successions, held),
					...grantEdges(input.grants, changes),
				]),
			],
			adopts: [...input.adopts].sort(),
			models: models(input),
			unmanaged: [...input.unmanaged].sort(),
			handoffs: handoffs(changes),
			notes: [...input.notes],
		};
	} catch (error) {
		if (!(error instanceof CycleError)) throw error;
		throw new DeployError(
			EXIT.input,
			{
				severity: "error",
				code: "CYCLE",
				summary: error.message,
				hint: "break the circle: one of these must not need the next",
			},
			{ cause: error },
		);
	}
}

/** What has to be seen to outside Snowflake for what is made, made anew, or differs in it afterwards. */
function handoffs(changes: readonly Change[]): Plan["handoffs"] {
	return changes.flatMap((change) => {
		const { action, from, to } = change;
		const { handoff } = objectType(change.kind);
		if (!handoff || !to) return [];
		const after = from
			? { ...mergedModel(from, to), ...(from.runtime && { runtime: from.runtime }) }
			: to;
		const lines = [...handoff(after)];
		const isSame = from !== undefined && handoff(from).join("\n") === lines.join("\n");
		return isSame && action !== "replace" ? [] : [{ object: objectKey(change), lines }];
	});
}

/** What the ledger will hold of each declared object. */
function models(input: PlanInput): Plan["models"] {
	const objects = [...input.states.desired.objects].map(([key, m]) => [
		key,
		{
			kind: m.kind,
			name: [...m.name],
			owner: m.owner ?? null,
			properties: m.properties,
			...(m.directives.protect ? { protect: true } : {}),
			...(m.directives.ignore.length > 0 ? { ignore: [...m.directives.ignore].sort() } : {}),
		},
	]);
	return { ...Object.fromEntries(objects), ...grantModels(input.grants) } as Plan["models"];
}
