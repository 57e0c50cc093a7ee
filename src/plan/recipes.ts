import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { type Change, keyBefore } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import { printCreate } from "../objects/define/print.ts";
import type { Recipe, RecipeCreation, RecipeOperation } from "../objects/define/recipe.ts";
import { objectType } from "../objects/index.ts";
import { settleId } from "./arrange.ts";
import type { States } from "./choreograph.ts";
import { type Edge, mustRun } from "./graph.ts";
import { type Held, holdIds } from "./holds.ts";
import { mergedModel } from "./merged.ts";
import { needs, transitive } from "./needs.ts";
import { execute, withRole } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";
import { positionConflicts } from "./positions.ts";
import { keeper, type Roles, stepId } from "./steps.ts";

/** The recipes of what is made anew or altered, by object. */
export type Recipes = ReadonlyMap<ObjectKey, Recipe>;

/** The recipe of a change, where its kind has one; the object as it is may still have its old name. */
function recipeOf(change: Change, states: States): Recipe | undefined {
	const { action, to } = change;
	const from = states.live.objects.get(objectKey(change.renamedFrom ?? change));
	if ((action !== "replace" && action !== "alter") || !from || !to) return undefined;
	const whole = action === "replace" ? mergedModel(from, to) : to;
	return objectType(change.kind).recipe?.(from, whole, states, change);
}

/** The hazards of a change without those of its replacement that a recipe prevents: what a property loses stays lost. */
function withoutPrevented(change: Change, prevents: Recipe["prevents"]): Change["hazards"] {
	const { from, to, changes, hazards } = change;
	const own = new Set(changes.flatMap((c) => c.hazards.map((h) => h.message)));
	if (!from || !to) return hazards;
	return hazards.filter(
		(h) => h.object !== undefined || own.has(h.message) || !prevents.includes(h.code),
	);
}

/**
 * How the objects that are changed keep what only they know, where their kind says how. What a recipe prevents,
 * the change no longer has as a hazard; what is lost by others stays. Throws a DeployError (exit 65) with
 * everything that is in the way of a recipe.
 */
export function recipesFor(
	changes: readonly Change[],
	states: States,
): { readonly changes: readonly Change[]; readonly recipes: Recipes } {
	const recipes = new Map<ObjectKey, Recipe>();
	const problems: Diagnostic[] = [];
	const safer = changes.map((change) => {
		let recipe: Recipe | undefined;
		try {
			recipe = recipeOf(change, states);
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			problems.push(...error.diagnostics);
		}
		if (!recipe) return change;
		const { prevents, adds, moves } = recipe;
		if (moves) problems.push(...positionConflicts(change, states));
		recipes.set(objectKey(change), recipe);
		const left = withoutPrevented(change, prevents);
		return { ...change, hazards: [...left, ...adds] };
	});
	if (problems.length > 0) throw new DeployError(EXIT.input, problems);
	return { changes: safer, recipes };
}

function checkId(key: ObjectKey): string {
	return `check ${key}`;
}

function captureId(key: ObjectKey): string {
	return `capture ${key}`;
}

function proveId(key: ObjectKey): string {
	return `prove ${key}`;
}

function operationsOf(
	operations: readonly RecipeOperation[],
	role: string | undefined,
): readonly Operation[] {
	return operations.map((operation) => withRole(operation, role));
}

/** What a recipe does in the place of CREATE OR REPLACE, with what it makes printed as any other object. */
function insteadOf(
	operations: readonly (RecipeOperation | RecipeCreation)[],
	role: string | undefined,
): readonly Operation[] {
	return operations.map((operation) => {
		if (operation.do !== "create") return withRole(operation, role);
		const { model, takes } = operation;
		const sql = printCreate(objectType(model.kind), model, { replace: true });
		return { ...execute(sql, model, role), ...(takes && { takes: { ...takes } }) };
	});
}

/** Where something stands that hands out the changes of a rewritten object: before, and the same after. */
function positions(change: Change, roles: Roles, when: "before" | "after"): readonly Operation[] {
	return (change.drains ?? []).flatMap((object: ObjectModel) => {
		const { drain } = objectType(object.kind);
		if (!drain?.readable(object)) return [];
		const name = `position of ${objectKey(object)}`;
		const operation: RecipeOperation = {
			sql: drain.position(formatName(object.name)),
			...(when === "before"
				? { do: "capture", saveAs: name }
				: { do: "check", sameAs: name, proves: name }),
		};
		return operationsOf([operation], keeper(object, roles));
	});
}

/** The step of a change with what its recipe adds to it. */
export function withRecipe(step: Step, change: Change, recipes: Recipes, roles: Roles): Step {
	const recipe = recipes.get(objectKey(change));
	if (!recipe || step.id !== stepId(change)) return step;
	const role = change.from && keeper(change.from, roles);
	return {
		...step,
		operations: [
			...(recipe.instead ? insteadOf(recipe.instead, role) : step.operations),
			...operationsOf(recipe.after, role),
			...positions(change, roles, "after"),
		],
		restore: [...step.restore, ...operationsOf(recipe.restore, role)],
	};
}

/** The steps around a change: what must hold for it, what is captured before, and the proof. */
export function recipeSteps(
	changes: readonly Change[],
	recipes: Recipes,
	held: readonly Held[],
	states: States,
	roles: Roles,
): readonly Step[] {
	const holding = heldFor(held, states);
	return changes.flatMap((change) => {
		const key = objectKey(change);
		const recipe = recipes.get(key);
		if (!recipe) return [];
		const still = holding(key).flatMap(({ hold, target }) =>
			operationsOf(hold.still?.(formatName(target.name)) ?? [], keeper(target, roles)),
		);
		const role = change.from && keeper(change.from, roles);
		const common = {
			kind: change.kind,
			object: formatName(change.name),
			dependsOn: [],
			changes: [],
			diff: "",
			hazards: [],
			restore: [],
		};
		const anew = change.action === "replace";
		const steps: readonly Step[] = [
			{
				...common,
				id: checkId(key),
				action: "check",
				reason: "whether it is possible, before anything is touched",
				operations: [...operationsOf(recipe.first ?? [], role)],
			},
			{
				...common,
				id: captureId(key),
				action: "capture",
				reason: anew ? "what is lost when it is made anew" : "what must be the same afterwards",
				operations: [
					...still,
					...operationsOf(recipe.before, role),
					...positions(change, roles, "before"),
				],
			},
			{
				...common,
				id: proveId(key),
				action: "prove",
				reason: "that nothing was lost",
				operations: [...operationsOf(recipe.proof, role)],
			},
		];
		return steps.filter((step) => step.operations.length > 0);
	});
}

/** Everything an object of the account needs, directly or not. Containers do not count: they never change what is in them. */
function needsOf(key: ObjectKey, { live }: States): ReadonlySet<ObjectKey> {
	const next = needs(live);
	const isContainer = (needed: ObjectKey): boolean => {
		const object = live.objects.get(needed);
		return object !== undefined && objectType(object.kind).opens !== undefined;
	};
	return transitive(key, (at) => next(at).filter((needed) => !isContainer(needed)));
}

/** What each target is held for, and what that reads from and changes in the same plan. */
function heldFor(held: readonly Held[], states: States): (key: ObjectKey) => readonly Held[] {
	const reaches = new Map<ObjectKey, ReadonlySet<ObjectKey>>();
	const by = new Map<ObjectKey, Held[]>();
	for (const one of held) {
		const all = new Set(one.group);
		for (const member of one.group) {
			const needed = reaches.get(member) ?? needsOf(member, states);
			reaches.set(member, needed);
			for (const key of needed) all.add(key);
		}
		for (const key of all) {
			const those = by.get(key) ?? [];
			those.push(one);
			by.set(key, those);
		}
	}
	return (key) => by.get(key) ?? [];
}

/** Held, then captured, then whatever it needs changes, and it itself; proven when it is let go. */
export function recipeEdges(
	changes: readonly Change[],
	recipes: Recipes,
	held: readonly Held[],
	states: States,
): readonly Edge[] {
	const holding = heldFor(held, states);
	return changes.flatMap((change): Edge[] => {
		const key = objectKey(change);
		const recipe = recipes.get(key);
		if (!recipe) return [];
		const capture = captureId(key);
		const prove = proveId(key);
		const needed = needsOf(key, states);
		const { behind } = recipe;
		const first = new Set(behind === undefined ? [] : [behind, ...needsOf(behind, states)]);
		return [
			mustRun(capture).before(stepId(change)),
			mustRun(stepId(change)).before(prove),
			mustRun(settleId(change)).before(prove),
			...changes
				.filter((other) => needed.has(keyBefore(other)))
				.map((other) =>
					first.has(keyBefore(other))
						? mustRun(stepId(other)).before(capture)
						: mustRun(capture).before(stepId(other)),
				),
			...held.filter((h) => h.group.has(key)).map((h) => mustRun(holdIds(h).release).before(prove)),
			...holding(key).map((h) => mustRun(holdIds(h).hold).before(capture)),
		];
	});
}
