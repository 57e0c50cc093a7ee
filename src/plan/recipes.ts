import type { Change } from "../diff/diff.ts";
import { type ObjectKey, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { Recipe, RecipeOperation } from "../objects/define/recipe.ts";
import { objectType } from "../objects/index.ts";
import { dependenciesOf, nameIndex } from "../resolve/dependencies.ts";
import { settleId } from "./arrange.ts";
import type { States } from "./choreograph.ts";
import { type Edge, mustRun } from "./graph.ts";
import { type Held, holdIds } from "./holds.ts";
import { mergedModel } from "./merged.ts";
import { withRole } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";
import { keeper, type Roles, stepId } from "./steps.ts";

/** The recipes of what is made anew, by object. */
export type Recipes = ReadonlyMap<ObjectKey, Recipe>;

/**
 * How the objects that are made anew keep what only they know, where their kind says how. What a recipe
 * prevents, the change no longer has as a hazard.
 */
export function recipesFor(
	changes: readonly Change[],
	states: States,
): { readonly changes: readonly Change[]; readonly recipes: Recipes } {
	const recipes = new Map<ObjectKey, Recipe>();
	const safer = changes.map((change) => {
		const key = objectKey(change);
		const from = states.live.objects.get(key);
		if (change.action !== "replace" || !from || !change.to) return change;
		const to = mergedModel(from, change.to);
		const recipe = objectType(change.kind).recipe?.(from, to, states);
		if (!recipe) return change;
		recipes.set(key, recipe);
		const left = change.hazards.filter((h) => !recipe.prevents.includes(h.code));
		return { ...change, hazards: [...left, ...recipe.adds] };
	});
	return { changes: safer, recipes };
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

/** The step of a replacement with what its recipe adds to it. */
export function withRecipe(step: Step, change: Change, recipes: Recipes, roles: Roles): Step {
	const recipe = recipes.get(objectKey(change));
	if (!recipe || step.id !== stepId(change)) return step;
	const role = change.from && keeper(change.from, roles);
	return {
		...step,
		operations: [...step.operations, ...operationsOf(recipe.after, role)],
		restore: [...step.restore, ...operationsOf(recipe.restore, role)],
	};
}

/** The steps around a replacement: what is captured before, and the proof. */
export function recipeSteps(
	changes: readonly Change[],
	recipes: Recipes,
	roles: Roles,
): readonly Step[] {
	return changes.flatMap((change) => {
		const key = objectKey(change);
		const recipe = recipes.get(key);
		if (!recipe) return [];
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
		return [
			{
				...common,
				id: captureId(key),
				action: "capture" as const,
				reason: "what is lost when it is made anew",
				operations: [...operationsOf(recipe.before, role)],
			},
			{
				...common,
				id: proveId(key),
				action: "prove" as const,
				reason: "that nothing was lost",
				operations: [...operationsOf(recipe.proof, role)],
			},
		];
	});
}

/** Everything an object needs, directly or not. Containers do not count: they never change what is in them. */
function needsOf(key: ObjectKey, { live }: States): Set<ObjectKey> {
	const index = nameIndex(live);
	const found = new Set<ObjectKey>();
	const queue = [key];
	for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
		const object = live.objects.get(at);
		for (const needed of object ? dependenciesOf(object, live, index) : []) {
			const next = objectKey(needed);
			if (found.has(next) || objectType(needed.kind).opens !== undefined) continue;
			found.add(next);
			queue.push(next);
		}
	}
	return found;
}

/**
 * Held, then captured, then whatever it needs changes, and it itself; proven when it is let go. What cannot be read
 * as it is now changes before it is captured.
 */
export function recipeEdges(
	changes: readonly Change[],
	recipes: Recipes,
	held: readonly Held[],
	states: States,
): readonly Edge[] {
	return changes.flatMap((change): Edge[] => {
		const key = objectKey(change);
		const recipe = recipes.get(key);
		if (!recipe) return [];
		const capture = captureId(key);
		const prove = proveId(key);
		const needs = needsOf(key, states);
		const { behind } = recipe;
		const first = behind === undefined ? new Set() : needsOf(behind, states).add(behind);
		return [
			mustRun(capture).before(stepId(change)),
			mustRun(stepId(change)).before(prove),
			mustRun(settleId(change)).before(prove),
			...changes
				.filter((other) => needs.has(objectKey(other)))
				.map((other) =>
					first.has(objectKey(other))
						? mustRun(stepId(other)).before(capture)
						: mustRun(capture).before(stepId(other)),
				),
			...held
				.filter((h) => h.group.has(key))
				.flatMap((h) => [
					mustRun(holdIds(h).hold).before(capture),
					mustRun(holdIds(h).release).before(prove),
				]),
		];
	});
}
