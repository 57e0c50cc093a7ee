import {
	type Catalog,
	findObject,
	type ObjectKey,
	type ObjectModel,
	type ObjectRef,
	objectKey,
} from "../../model/catalog.ts";
import { parseName } from "../../model/identifier.ts";
import type { Properties, Value } from "../../model/value.ts";

function namesOf(value: Value | undefined): readonly string[] {
	if (typeof value === "string") return [value];
	return Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : [];
}

/** The tasks a task runs after, and the root it finalizes. */
export function taskLinks(properties: Properties): readonly ObjectRef[] {
	return [...namesOf(properties.AFTER), ...namesOf(properties.FINALIZE)].flatMap((text) => {
		const name = parseName(text);
		return name ? [{ kind: "TASK", name }] : [];
	});
}

/** Whether a task is a member of a graph that another task starts. */
export function isLinked(properties: Properties): boolean {
	return taskLinks(properties).length > 0;
}

/**
 * What must be suspended before a task may change: the roots of its graph, itself when it stands alone.
 * One graph has one root; while graphs are being merged or split there can be several.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task#usage-notes
 */
export function rootsOf(task: ObjectModel, catalog: Catalog): readonly ObjectRef[] {
	const seen = new Set<ObjectKey>();
	const roots = new Map<ObjectKey, ObjectRef>();
	const visit = (ref: ObjectRef): void => {
		const key = objectKey(ref);
		if (seen.has(key)) return;
		seen.add(key);
		const links = taskLinks(
			(key === objectKey(task) ? task : findObject(catalog, ref))?.properties ?? {},
		);
		if (links.length === 0) roots.set(key, { kind: ref.kind, name: ref.name });
		for (const link of links) visit(link);
	};
	visit(task);
	return [...roots.values()];
}

/**
 * What SYSTEM$TASK_DEPENDENTS_ENABLE declares: the task and everything that runs after it are started,
 * except a dependent whose state is declared before (the function would start it, and nobody who suspends
 * one task of a graph in the same files means that).
 * https://docs.snowflake.com/en/sql-reference/functions/system_task_dependents_enable
 */
export function dependentsEnabled(task: ObjectModel, catalog: Catalog): readonly ObjectModel[] {
	const started = (model: ObjectModel): ObjectModel => ({
		...model,
		properties: { ...model.properties, STATE: "STARTED" },
	});
	const reached = new Map<ObjectKey, ObjectModel>([[objectKey(task), task]]);
	for (const key of reached.keys())
		for (const other of catalog.objects.values()) {
			if (other.kind !== "TASK" || reached.has(objectKey(other))) continue;
			if (taskLinks(other.properties).some((link) => objectKey(link) === key))
				reached.set(objectKey(other), other);
		}
	return [...reached.values()]
		.filter((model) => model === task || model.properties.STATE === undefined)
		.map(started);
}
