import { textSource } from "../../diagnostics/source.ts";
import { compareText } from "../../model/compare.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { effectiveParameter } from "../account/parameters.ts";
import { fullName } from "../ddl/shared.ts";
import { graphMembers, isRoot } from "../ddl/task/graph.ts";
import { taskOf, taskUuid } from "../ddl/task/properties.ts";
import type { CatalogObject, Context } from "../types.ts";
import { conditionHolds, conditionStreams, parseCondition } from "./condition.ts";
import { nextDue, parseSchedule } from "./schedule.ts";
import { findStream, qualifyIn } from "./stream-point.ts";
import { streamHasData } from "./stream-read.ts";
import { latestRun, readRuns, type TaskRun } from "./task-history.ts";
import { conditionFacts } from "./task-run.ts";

/** A root task and the time it runs next. */
export interface DueTask {
	readonly task: CatalogObject;
	readonly at: number;
	readonly from: "SCHEDULE" | "TRIGGER";
}

/** Root tasks that are started. */
function startedRoots(context: Context): readonly CatalogObject[] {
	return context.catalog
		.list("TASK")
		.filter((task) => isRoot(task) && taskOf(task).state === "started");
}

/**
 * When a triggered task runs: as soon as its condition holds, but not within its least interval after the last run.
 * A condition that fails (a stale stream) makes it run as well, so that the failure is in the history.
 * https://docs.snowflake.com/en/user-guide/tasks-triggered
 */
async function triggeredAt(context: Context, task: CatalogObject): Promise<number | undefined> {
	const { condition } = taskOf(task);
	if (condition === null) return undefined;
	const holds = await conditionHolds(
		parseCondition(condition),
		conditionFacts(context, task, undefined),
	).catch(() => true);
	if (!holds) return undefined;
	const seconds = effectiveParameter(
		context,
		task,
		"USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
	).value;
	const last = await latestRun(context, task.id);
	const earliest = last ? last.scheduledTime + Number(seconds) * 1000 : 0;
	return Math.max(context.clock.now(), earliest);
}

/** When a task with a schedule runs next: not before its last run is over, so that runs never overlap. */
async function scheduledAt(context: Context, task: CatalogObject): Promise<number | undefined> {
	const { schedule, resumedOn } = taskOf(task);
	const parsed = schedule === null ? undefined : parseSchedule(schedule);
	if (!parsed) return undefined;
	const last = await latestRun(context, task.id);
	const since = Math.max(resumedOn ?? 0, last?.scheduledTime ?? 0, last?.completedTime ?? 0);
	return nextDue(parsed, since, resumedOn ?? 0);
}

/** The started root tasks with the times they are due, first the earliest, then by name. */
export async function dueTasks(context: Context): Promise<readonly DueTask[]> {
	const due: DueTask[] = [];
	for (const task of startedRoots(context)) {
		const triggered = taskOf(task).schedule === null;
		const at = triggered ? await triggeredAt(context, task) : await scheduledAt(context, task);
		if (at !== undefined) due.push({ task, at, from: triggered ? "TRIGGER" : "SCHEDULE" });
	}
	return due.sort((a, b) => a.at - b.at || compareText(fullName(a.task), fullName(b.task)));
}

/** What TASK_HISTORY shows of the runs to come: the next one of each scheduled root, within eight days. */
export async function scheduledRuns(context: Context): Promise<readonly TaskRun[]> {
	const horizon = context.clock.now() + 8 * 24 * 3_600_000;
	const due = (await dueTasks(context)).filter(
		({ at, from }) => from === "SCHEDULE" && at <= horizon,
	);
	return due.map(({ task, at }) => ({
		taskId: task.id,
		rootId: task.id,
		groupId: "",
		name: task.name,
		database: task.database ?? "",
		schema: task.schema ?? "",
		queryId: null,
		queryText: taskOf(task).definition,
		conditionText: taskOf(task).condition,
		state: "SCHEDULED",
		errorCode: null,
		errorMessage: null,
		scheduledTime: at,
		startedTime: null,
		completedTime: null,
		nextScheduledTime: null,
		rootUuid: taskUuid(task.id),
		graphVersion: taskOf(task).graphVersion,
		returnValue: null,
		scheduledFrom: "SCHEDULE",
		attempt: 1,
		config: taskOf(task).config,
		counts: false,
	}));
}

/** The streams a task reads: those its WHEN asks about, and those its body names. */
function streamsOf(context: Context, task: CatalogObject): readonly CatalogObject[] {
	const { condition, definition } = taskOf(task);
	const found = new Map<number, CatalogObject>();
	for (const name of condition === null ? [] : conditionStreams(parseCondition(condition))) {
		try {
			const stream = findStream(context, name, task);
			found.set(stream.id, stream);
		} catch {
			// A condition may name a stream that is not there (any more): nothing to be read.
		}
	}
	const source = textSource("task", definition);
	const cursor = new Cursor(source, lex(source).tokens);
	while (!cursor.done) {
		const parts = cursor.takeName()?.parts;
		if (!parts) {
			cursor.next();
			continue;
		}
		if (parts.length > 3) continue;
		const stream = context.catalog.find("STREAM", qualifyIn(context, parts, task));
		if (stream) found.set(stream.id, stream);
	}
	return [...found.values()];
}

/** Why the account is not idle, in words; undefined when it is. Files that wait are not looked at here. */
export async function unfinished(context: Context): Promise<string | undefined> {
	for (const root of startedRoots(context)) {
		const members = graphMembers(context, root).filter((task) => taskOf(task).state === "started");
		const last = await latestRun(context, root.id);
		const version = taskOf(root).graphVersion;
		for (const task of members) {
			for (const stream of streamsOf(context, task))
				if (await streamHasData(context, stream).catch(() => false))
					return `stream ${fullName(stream)} is unread by ${fullName(task)}`;
			const triggered = taskOf(root).schedule === null;
			const tried = last?.graphVersion === version;
			if (triggered || tried) continue;
			if ((await readRuns(context, `task_id = ${task.id}`, 1)).length === 0)
				return `task ${fullName(task)} has never run`;
		}
	}
	return undefined;
}
