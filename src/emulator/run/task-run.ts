import { asSnowflakeError } from "../account/errors.ts";
import { taskOf, taskUuid } from "../ddl/task/properties.ts";
import type { SnowflakeError } from "../error.ts";
import type { Account, CatalogObject, Context, Json, Session } from "../types.ts";
import { type ConditionFacts, conditionHolds, parseCondition } from "./condition.ts";
import { type CurrentRun, enterRun } from "./current-run.ts";
import { findStream } from "./stream-point.ts";
import { streamHasData } from "./stream-read.ts";
import { bodyStatements } from "./task-body.ts";
import { addRun, type ScheduledFrom, type TaskRun, updateRun } from "./task-history.ts";

/** One run of a graph, of which a task's run is a part. */
export interface GraphRun {
	readonly root: CatalogObject;
	readonly groupId: string;
	readonly scheduledTime: number;
	readonly nextScheduledTime: number | null;
	readonly scheduledFrom: ScheduledFrom;
	readonly attempt: number;
	readonly config: { readonly [key: string]: Json } | null;
}

/** How a run of one task ended. */
export interface TaskOutcome {
	readonly id: bigint;
	readonly run: TaskRun;
}

/** A session as a task's run has it: the owner's role, the task's schema, warehouse and session parameters. */
async function openTaskSession(account: Account, task: CatalogObject): Promise<Session> {
	const session = await account.openSession("SYSTEM");
	session.role = task.owner;
	session.database = task.database;
	session.schema = task.schema;
	session.warehouse = taskOf(task).warehouse ?? undefined;
	for (const [name, value] of Object.entries(taskOf(task).parameters))
		session.parameters.set(name, value);
	return session;
}

/** What a condition can ask, in the schema of the task whose condition it is. */
export function conditionFacts(
	context: Context,
	task: CatalogObject,
	run: CurrentRun | undefined,
): ConditionFacts {
	return {
		streamHasData: async (name) => streamHasData(context, findStream(context, name, task)),
		returnValue: async (task) => returnedValue(run, task),
	};
}

/** The return value of a predecessor; without a name that of the only one. */
export function returnedValue(
	run: CurrentRun | undefined,
	task: string | undefined,
): string | null {
	const values = run?.returned ?? new Map<string, string | null>();
	if (task === undefined) return values.size === 1 ? ([...values.values()][0] ?? null) : null;
	const local = task.split(".").at(-1) ?? task;
	return values.get(local.toUpperCase()) ?? null;
}

interface Ending {
	readonly state: "SUCCEEDED" | "FAILED" | "SKIPPED";
	readonly queryId: string | null;
	readonly error: SnowflakeError | undefined;
}

async function execute(
	account: Account,
	session: Session,
	task: CatalogObject,
	current: CurrentRun,
): Promise<Ending> {
	const { condition, definition } = taskOf(task);
	let queryId: string | null = null;
	try {
		if (condition !== null) {
			const holds = await account.run(session, (context) =>
				conditionHolds(parseCondition(condition), conditionFacts(context, task, current)),
			);
			if (!holds) return { state: "SKIPPED", queryId, error: undefined };
		}
		for (const statement of bodyStatements(account, definition)) {
			const result = await account.execute(session, statement);
			queryId = result.queryId ?? queryId;
		}
		return { state: "SUCCEEDED", queryId, error: undefined };
	} catch (error) {
		const failure = asSnowflakeError(error, definition);
		return { state: "FAILED", queryId: failure.queryId ?? queryId, error: failure };
	}
}

/**
 * Runs one task: evaluates its WHEN, then its body, in a fresh session of its owner. A failure is an outcome, not
 * an exception. The run is in the history when this returns.
 */
export async function runTask(
	account: Account,
	task: CatalogObject,
	graph: GraphRun,
	returned: ReadonlyMap<string, string | null>,
): Promise<TaskOutcome> {
	const session = await openTaskSession(account, task);
	const current: CurrentRun = {
		name: task.name,
		rootName: graph.root.name,
		rootUuid: taskUuid(graph.root.id),
		groupId: graph.groupId,
		scheduledTime: graph.scheduledTime,
		serverless: taskOf(task).warehouse === null,
		config: graph.config,
		returned,
		returnValue: null,
	};
	enterRun(session, current);
	const startedTime = account.clock.now();
	try {
		const ending = await execute(account, session, task, current);
		const run: TaskRun = {
			taskId: task.id,
			rootId: graph.root.id,
			groupId: graph.groupId,
			name: task.name,
			database: task.database ?? "",
			schema: task.schema ?? "",
			queryId: ending.queryId,
			queryText: taskOf(task).definition,
			conditionText: taskOf(task).condition,
			state: ending.state,
			errorCode: ending.error?.code ?? null,
			errorMessage: ending.error?.message ?? null,
			scheduledTime: graph.scheduledTime,
			startedTime: ending.state === "SKIPPED" ? null : startedTime,
			completedTime: account.clock.now(),
			nextScheduledTime: graph.nextScheduledTime,
			rootUuid: current.rootUuid,
			graphVersion: taskOf(graph.root).graphVersion,
			returnValue: current.returnValue,
			scheduledFrom: graph.scheduledFrom,
			attempt: graph.attempt,
			config: graph.config === null ? null : JSON.stringify(graph.config),
			counts: true,
		};
		const id = await account.run(session, (context) => addRun(context, run));
		return { id, run };
	} finally {
		await account.closeSession(session);
	}
}

/** Changes an outcome that is already in the history. */
export async function amendRun(
	account: Account,
	outcome: TaskOutcome,
	changes: Partial<TaskRun>,
): Promise<TaskOutcome> {
	const run = { ...outcome.run, ...changes };
	await asSystem(account, (context) => updateRun(context, outcome.id, run));
	return { id: outcome.id, run };
}

/** Runs work of the account itself: in a session that sees everything, committed when it returns. */
export async function asSystem<T>(
	account: Account,
	work: (context: Context) => Promise<T>,
): Promise<T> {
	const session = await account.openSession("SYSTEM");
	try {
		return await account.run(session, work);
	} finally {
		await account.closeSession(session);
	}
}
