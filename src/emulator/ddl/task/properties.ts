import { compilationError } from "../../account/errors.ts";
import type { SnowflakeError } from "../../error.ts";
import { stableUuid } from "../../run/stable-uuid.ts";
import type { CatalogObject, Context, Json } from "../../types.ts";

/** What a CREATE or ALTER TASK sets. */
export interface TaskOptions {
	readonly warehouse: string | null;
	readonly schedule: string | null;
	readonly config: string | null;
	readonly overlapPolicy: "NO_OVERLAP" | "ALLOW_CHILD_OVERLAP" | "ALLOW_ALL_OVERLAP" | null;
	readonly errorIntegration: string | null;
	readonly successIntegration: string | null;
	readonly targetCompletionInterval: string | null;
	/** Parameters set on the task: those of tasks and session parameters. */
	readonly parameters: { readonly [name: string]: string };
}

/** All that the catalog keeps of a task. */
export interface TaskProperties extends TaskOptions {
	readonly state: "started" | "suspended";
	/** What stands behind AS, as written. */
	readonly definition: string;
	/** What stands behind WHEN, as written. */
	readonly condition: string | null;
	/** Ids of the tasks this one runs after, in the order they were named. */
	readonly predecessors: readonly number[];
	/** Id of the root task this one finalizes. */
	readonly finalizes: number | null;
	/** When the graph's version was set last: by resuming or executing its root. */
	readonly lastCommittedOn: number | null;
	readonly lastSuspendedOn: number | null;
	readonly lastSuspendedReason: string | null;
	/** When the task was resumed last: where an interval counts from. */
	readonly resumedOn: number | null;
	/** How often a version was set; the GRAPH_VERSION of a root. */
	readonly graphVersion: number;
}

/** A task as it is when nothing was said about it. */
export const NEW_TASK: Omit<TaskProperties, "definition"> = {
	warehouse: null,
	schedule: null,
	config: null,
	overlapPolicy: null,
	errorIntegration: null,
	successIntegration: null,
	targetCompletionInterval: null,
	parameters: {},
	state: "suspended",
	condition: null,
	predecessors: [],
	finalizes: null,
	lastCommittedOn: null,
	lastSuspendedOn: null,
	lastSuspendedReason: null,
	resumedOn: null,
	graphVersion: 0,
};

/** The properties of a task. */
export function taskOf(object: CatalogObject): TaskProperties {
	return object.properties as unknown as TaskProperties;
}

/** Writes some of a task's properties. */
export async function updateTask(
	context: Context,
	object: CatalogObject,
	changes: Partial<TaskProperties>,
): Promise<CatalogObject> {
	const current = context.catalog.byId(object.id) ?? object;
	const updated = {
		...current,
		properties: { ...current.properties, ...(changes as Json as object) },
	};
	await context.catalog.update(updated);
	return updated;
}

/** Suspends a task for a reason that SHOW TASKS gives. A suspended one keeps the reason it has. */
export async function suspendTask(
	context: Context,
	object: CatalogObject,
	reason: string,
): Promise<void> {
	await updateTask(context, object, {
		state: "suspended",
		lastSuspendedOn: context.clock.now(),
		lastSuspendedReason: reason,
	});
}

/** The id SHOW TASKS prints, which TASK_HISTORY has as ROOT_TASK_ID. */
export function taskUuid(id: number): string {
	return stableUuid(`task ${id}`);
}

/** A task that may not be as the statement wants it. The documentation tells the rules, not their codes. */
export function invalidTask(what: string): SnowflakeError {
	return compilationError("001506", "22023", what);
}
