import type { Cursor } from "../../../parse/cursor.ts";
import type { Statement } from "../../../parse/statement.ts";
import { doesNotExist } from "../../account/errors.ts";
import { unsupported } from "../../error.ts";
import { conditionStreams, parseCondition } from "../../run/condition.ts";
import type { CatalogObject, Context, Result } from "../../types.ts";
import { statusResult } from "../result.ts";
import { findObject, requireEnd, unexpectedAt } from "../shared.ts";
import {
	checkFinalizer,
	checkPredecessors,
	graphMembers,
	isRoot,
	namedTasks,
	requireSuspendedRoots,
} from "./graph.ts";
import { checkTask, takeOptions, unsetOptions } from "./options.ts";
import { invalidTask, suspendTask, type TaskProperties, taskOf, updateTask } from "./properties.ts";

const TASK = { kind: "TASK", level: "schema" } as const;

/** Sets the version of a whole graph, which resuming or executing its root does. */
async function commitGraph(context: Context, root: CatalogObject): Promise<void> {
	for (const member of graphMembers(context, root))
		await updateTask(context, member, { lastCommittedOn: context.clock.now() });
	await updateTask(context, root, { graphVersion: taskOf(root).graphVersion + 1 });
}

/**
 * RESUME. A root needs something that makes it run, and its warehouse; a child only a suspended root.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task#usage-notes
 */
export async function resumeTask(context: Context, object: CatalogObject): Promise<void> {
	const task = taskOf(object);
	if (!isRoot(object)) requireSuspendedRoots(context, [object]);
	if (task.warehouse !== null && !context.catalog.find("WAREHOUSE", [task.warehouse]))
		throw doesNotExist("WAREHOUSE", [task.warehouse]);
	if (isRoot(object)) {
		const streams = task.condition === null ? [] : conditionStreams(parseCondition(task.condition));
		if (task.schedule === null && streams.length === 0)
			throw invalidTask(
				`Task '${object.name}' cannot be resumed: it has no schedule, and no stream in its WHEN condition triggers it.`,
			);
		if (task.schedule === null && task.warehouse === null && task.targetCompletionInterval === null)
			throw invalidTask(
				`Serverless triggered task '${object.name}' needs TARGET_COMPLETION_INTERVAL.`,
			);
	}
	if (task.state === "started") return;
	const resumed = await updateTask(context, object, {
		state: "started",
		resumedOn: context.clock.now(),
	});
	if (isRoot(object)) await commitGraph(context, resumed);
}

async function change(
	context: Context,
	object: CatalogObject,
	changes: Partial<TaskProperties>,
): Promise<void> {
	checkTask(object.name, { ...taskOf(object), ...changes });
	await updateTask(context, object, changes);
}

async function set(context: Context, object: CatalogObject, rest: Cursor): Promise<void> {
	if (rest.looksAt("TAG")) throw unsupported("tags on TASK");
	if (rest.looksAt("CONTACT")) throw unsupported("contacts on TASK");
	const { options, comment, finalize } = takeOptions(context, rest);
	if (rest.looksAt("EXECUTE", "AS")) throw unsupported("EXECUTE AS USER on TASK");
	requireEnd(rest);
	const task = taskOf(object);
	let changes: Partial<TaskProperties> = options;
	if (options.parameters)
		changes = { ...changes, parameters: { ...task.parameters, ...options.parameters } };
	if (finalize) {
		const root = findObject(context, TASK, finalize);
		requireSuspendedRoots(context, [root]);
		if (task.finalizes !== null && task.finalizes !== root.id)
			throw invalidTask(
				`Task '${object.name}' finalizes another root task; use UNSET FINALIZE first.`,
			);
		checkFinalizer(context, object, root);
		changes = { ...changes, finalizes: root.id };
	}
	await change(context, object, changes);
	if (comment !== undefined) await setComment(context, object, comment || null);
}

async function setComment(
	context: Context,
	object: CatalogObject,
	comment: string | null,
): Promise<void> {
	await context.catalog.update({ ...(context.catalog.byId(object.id) ?? object), comment });
}

async function unset(context: Context, object: CatalogObject, rest: Cursor): Promise<void> {
	if (rest.looksAt("TAG")) throw unsupported("tags on TASK");
	if (rest.take("FINALIZE")) {
		requireEnd(rest);
		if (taskOf(object).finalizes === null) return;
		await updateTask(context, object, { finalizes: null });
		await suspendTask(context, object, "FINALIZER_BECAME_ROOT");
		return;
	}
	const { changes, comment } = unsetOptions(taskOf(object), rest);
	requireEnd(rest);
	await change(context, object, changes);
	if (comment) await setComment(context, object, null);
}

async function addAfter(context: Context, object: CatalogObject, rest: Cursor): Promise<void> {
	const before = namedTasks(context, rest);
	requireEnd(rest);
	requireSuspendedRoots(context, before);
	const ids = [...new Set([...taskOf(object).predecessors, ...before.map((other) => other.id)])];
	checkPredecessors(
		context,
		object,
		ids.map((id) => context.catalog.byId(id)).filter((other) => other !== undefined),
	);
	await change(context, object, { predecessors: ids });
}

async function removeAfter(context: Context, object: CatalogObject, rest: Cursor): Promise<void> {
	const removed = namedTasks(context, rest).map((other) => other.id);
	requireEnd(rest);
	const had = taskOf(object).predecessors;
	const stranger = removed.find((id) => !had.includes(id));
	if (stranger !== undefined)
		throw invalidTask(
			`Task '${context.catalog.byId(stranger)?.name}' is not a predecessor of '${object.name}'.`,
		);
	const left = had.filter((id) => !removed.includes(id));
	await updateTask(context, object, { predecessors: left });
	if (left.length === 0) await suspendTask(context, object, "CHILD_BECAME_ROOT");
}

/** ALTER TASK. https://docs.snowflake.com/en/sql-reference/sql/alter-task */
export async function alterTask(
	context: Context,
	statement: Statement & { verb: "ALTER" },
	object: CatalogObject,
): Promise<Result> {
	const rest = statement.rest();
	if (rest.take("SUSPEND")) {
		requireEnd(rest);
		if (!isRoot(object)) requireSuspendedRoots(context, [object]);
		if (taskOf(object).state === "started") await suspendTask(context, object, "USER_SUSPENDED");
		return statusResult();
	}
	if (rest.take("RESUME")) {
		requireEnd(rest);
		await resumeTask(context, object);
		return statusResult();
	}
	if (rest.looksAt("RENAME")) throw unexpectedAt(rest);
	requireSuspendedRoots(context, [object]);
	if (rest.take("SET")) await set(context, object, rest);
	else if (rest.take("UNSET")) await unset(context, object, rest);
	else if (rest.take("ADD", "AFTER")) await addAfter(context, object, rest);
	else if (rest.take("REMOVE", "AFTER")) await removeAfter(context, object, rest);
	else if (rest.take("MODIFY", "AS"))
		await updateTask(context, object, { definition: rest.takeRest().text });
	else if (rest.take("MODIFY", "WHEN")) {
		const condition = rest.takeRest().text;
		parseCondition(condition);
		await updateTask(context, object, { condition });
	} else if (rest.take("REMOVE", "WHEN")) {
		requireEnd(rest);
		await updateTask(context, object, { condition: null });
	} else throw unexpectedAt(rest);
	return statusResult();
}
