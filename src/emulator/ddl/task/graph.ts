import type { Cursor } from "../../../parse/cursor.ts";
import { SnowflakeError } from "../../error.ts";
import type { CatalogObject, Context } from "../../types.ts";
import { findObject, fullName } from "../shared.ts";
import { invalidTask, suspendTask, taskOf, updateTask } from "./properties.ts";

/** Most predecessors and most children of one task. */
const MOST_LINKS = 100;
/** Most tasks of a graph, its root included. */
const MOST_TASKS = 1000;

/** Takes the names of tasks, as after AFTER. */
export function namedTasks(context: Context, rest: Cursor): readonly CatalogObject[] {
	const found: CatalogObject[] = [];
	do {
		const { parts } = rest.expectName("the name of a task");
		found.push(findObject(context, { kind: "TASK", level: "schema" }, parts));
	} while (rest.take(","));
	return found;
}

/** All tasks of a task's schema: a graph never leaves its schema. */
function neighbours(context: Context, task: CatalogObject): readonly CatalogObject[] {
	const { database, schema } = task;
	if (database === undefined || schema === undefined) return [];
	return context.catalog.list("TASK", { database, schema });
}

/** The tasks that run after a task, without its finalizer; by name. */
export function children(context: Context, task: CatalogObject): readonly CatalogObject[] {
	return neighbours(context, task).filter((other) => taskOf(other).predecessors.includes(task.id));
}

/** The finalizer of a root task. */
export function finalizer(context: Context, root: CatalogObject): CatalogObject | undefined {
	return neighbours(context, root).find((other) => taskOf(other).finalizes === root.id);
}

/** The tasks a task runs after. */
export function predecessors(context: Context, task: CatalogObject): readonly CatalogObject[] {
	return taskOf(task)
		.predecessors.map((id) => context.catalog.byId(id))
		.filter((other) => other !== undefined);
}

/** Whether a task starts a graph, or stands alone. */
export function isRoot(task: CatalogObject): boolean {
	return taskOf(task).predecessors.length === 0 && taskOf(task).finalizes === null;
}

/** The roots of every graph a task is in: itself, where it has no predecessor and finalizes nothing. */
function roots(context: Context, task: CatalogObject): readonly CatalogObject[] {
	const found = new Map<number, CatalogObject>();
	const seen = new Set<number>();
	const visit = (one: CatalogObject): void => {
		if (seen.has(one.id)) return;
		seen.add(one.id);
		if (isRoot(one)) found.set(one.id, one);
		for (const before of predecessors(context, one)) visit(before);
		const { finalizes } = taskOf(one);
		const finalized = finalizes === null ? undefined : context.catalog.byId(finalizes);
		if (finalized) visit(finalized);
	};
	visit(task);
	return [...found.values()];
}

/** Every task of the graph below a root, the root first, parents before children, then by name; the finalizer last. */
export function graphMembers(context: Context, root: CatalogObject): readonly CatalogObject[] {
	const order: CatalogObject[] = [];
	const placed = new Set<number>();
	let level: readonly CatalogObject[] = [root];
	while (level.length > 0) {
		for (const task of level) placed.add(task.id);
		order.push(...level);
		const next = new Map<number, CatalogObject>();
		for (const task of order)
			for (const child of children(context, task)) {
				const ready = taskOf(child).predecessors.every(
					(id) => placed.has(id) || !context.catalog.byId(id),
				);
				if (!placed.has(child.id) && ready) next.set(child.id, child);
			}
		level = [...next.values()];
	}
	const last = finalizer(context, root);
	return last ? [...order, last] : order;
}

/**
 * 091421 unless the roots of a task's graphs are suspended: "The root task in a task graph must be suspended
 * before any task in the task graph is modified". A task that stands alone is its own root.
 */
export function requireSuspendedRoots(context: Context, tasks: readonly CatalogObject[]): void {
	for (const task of tasks)
		for (const root of roots(context, task))
			if (taskOf(root).state === "started")
				throw new SnowflakeError(
					"091421",
					"22000",
					`Unable to update graph with root task ${fullName(root)} since that root task is not suspended.`,
				);
}

/** Whether a task has links to others; dropping one that has none needs no suspended root. */
export function isLinked(context: Context, task: CatalogObject): boolean {
	return (
		!isRoot(task) || children(context, task).length > 0 || finalizer(context, task) !== undefined
	);
}

/** Checks that a task may run after others: same schema, same owner, no finalizer, no circle, not too many. */
export function checkPredecessors(
	context: Context,
	task: Pick<CatalogObject, "database" | "schema" | "name" | "owner"> & { readonly id?: number },
	before: readonly CatalogObject[],
): void {
	if (before.length > MOST_LINKS)
		throw invalidTask(`Task '${task.name}' cannot have more than ${MOST_LINKS} predecessors.`);
	for (const other of before) {
		if (other.database !== task.database || other.schema !== task.schema)
			throw invalidTask(
				`Task '${task.name}' and its predecessor ${fullName(other)} must be in the same schema.`,
			);
		if (other.owner !== task.owner)
			throw invalidTask(
				`Task '${task.name}' and its predecessor ${fullName(other)} must have the same owner.`,
			);
		if (taskOf(other).finalizes !== null)
			throw invalidTask(`Finalizer task ${fullName(other)} cannot have child tasks.`);
		const others = children(context, other).filter((child) => child.id !== task.id);
		if (others.length >= MOST_LINKS)
			throw invalidTask(`Task ${fullName(other)} cannot have more than ${MOST_LINKS} child tasks.`);
		if (task.id !== undefined && reaches(context, other, task.id))
			throw invalidTask(
				`Task '${task.name}' cannot run after ${fullName(other)}: the tasks would form a cycle.`,
			);
		for (const root of roots(context, other))
			if (graphMembers(context, root).length >= MOST_TASKS && task.id === undefined)
				throw invalidTask(
					`The graph of root task ${fullName(root)} cannot have more than ${MOST_TASKS} tasks.`,
				);
	}
}

/** Whether a task is, or runs after, the task with an id. */
function reaches(
	context: Context,
	task: CatalogObject,
	id: number,
	seen = new Set<number>(),
): boolean {
	if (task.id === id) return true;
	if (seen.has(task.id)) return false;
	seen.add(task.id);
	return predecessors(context, task).some((before) => reaches(context, before, id, seen));
}

/** Checks that a task may finalize a root: which is one, and has no other finalizer. */
export function checkFinalizer(
	context: Context,
	task: Pick<CatalogObject, "database" | "schema" | "name" | "owner"> & { readonly id?: number },
	root: CatalogObject,
): void {
	if (root.database !== task.database || root.schema !== task.schema)
		throw invalidTask(
			`Finalizer task '${task.name}' and its root task ${fullName(root)} must be in the same schema.`,
		);
	if (root.owner !== task.owner)
		throw invalidTask(
			`Finalizer task '${task.name}' and its root task ${fullName(root)} must have the same owner.`,
		);
	if (!isRoot(root) || root.id === task.id)
		throw invalidTask(
			`Task ${fullName(root)} is not a root task and cannot have a finalizer task.`,
		);
	const other = finalizer(context, root);
	if (other && other.id !== task.id)
		throw invalidTask(
			`Root task ${fullName(root)} already has the finalizer task ${fullName(other)}.`,
		);
}

/**
 * Cuts the links of a task that is gone: its children run after the others they have, or become roots, which are
 * suspended. https://docs.snowflake.com/en/user-guide/tasks-graphs#unlink-parent-and-child-tasks
 */
export async function severLinks(context: Context, task: CatalogObject): Promise<void> {
	for (const child of children(context, task)) {
		const left = taskOf(child).predecessors.filter((id) => id !== task.id);
		await updateTask(context, child, { predecessors: left });
		if (left.length === 0) await suspendTask(context, child, "CHILD_BECAME_ROOT");
	}
	const last = finalizer(context, task);
	if (!last) return;
	await updateTask(context, last, { finalizes: null });
	await suspendTask(context, last, "FINALIZER_BECAME_ROOT");
}
