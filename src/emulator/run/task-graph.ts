import { effectiveParameter } from "../account/parameters.ts";
import { finalizer, graphMembers, predecessors } from "../ddl/task/graph.ts";
import { suspendTask, taskOf } from "../ddl/task/properties.ts";
import type { Account, CatalogObject, Context, Json } from "../types.ts";
import { nextDue, parseSchedule } from "./schedule.ts";
import { stableUuid } from "./stable-uuid.ts";
import { readRuns, type ScheduledFrom, type TaskRun } from "./task-history.ts";
import { amendRun, asSystem, type GraphRun, runTask, type TaskOutcome } from "./task-run.ts";

/** How a graph is to be run. */
export interface GraphStart {
	readonly scheduledTime: number;
	readonly scheduledFrom: ScheduledFrom;
	/** Merged over the root's CONFIG. */
	readonly config?: { readonly [key: string]: Json };
	/** The graph run whose failed tasks are run again. */
	readonly retry?: {
		readonly groupId: string;
		readonly attempt: number;
		readonly runs: readonly TaskRun[];
	};
}

/** The graph as it is when a run begins: the version that the whole run keeps. */
interface Plan {
	readonly root: CatalogObject;
	readonly members: readonly CatalogObject[];
	readonly last: CatalogObject | undefined;
	readonly before: ReadonlyMap<number, readonly number[]>;
	readonly retries: number;
	readonly failuresAllowed: number;
	readonly number: bigint;
}

async function planRun(context: Context, root: CatalogObject): Promise<Plan> {
	const last = finalizer(context, root);
	const members = graphMembers(context, root).filter((task) => task.id !== last?.id);
	const [row] = await context.engine("SELECT nextval('_run.run_id')");
	return {
		root,
		members,
		last,
		before: new Map(members.map((task) => [task.id, predecessors(context, task).map((p) => p.id)])),
		retries: Number(effectiveParameter(context, root, "TASK_AUTO_RETRY_ATTEMPTS").value),
		failuresAllowed: Number(
			effectiveParameter(context, root, "SUSPEND_TASK_AFTER_NUM_FAILURES").value,
		),
		number: BigInt(String(row?.[0])),
	};
}

function mergeConfig(base: Json, over: Json): Json {
	const isMap = (value: Json): value is { readonly [key: string]: Json } =>
		typeof value === "object" && value !== null && !Array.isArray(value);
	if (!isMap(base) || !isMap(over)) return over;
	const merged: Record<string, Json> = { ...base };
	for (const [key, value] of Object.entries(over))
		merged[key] = key in base ? mergeConfig(base[key] ?? null, value) : value;
	return merged;
}

function configOf(
	root: CatalogObject,
	over: GraphStart["config"],
): { readonly [key: string]: Json } | null {
	const { config } = taskOf(root);
	const base = config === null ? undefined : (JSON.parse(config) as { [key: string]: Json });
	if (!base) return over ?? null;
	return over ? (mergeConfig(base, over) as { readonly [key: string]: Json }) : base;
}

/** What a member's run means for those after it. */
type Standing = "done" | "passed over" | "stopped" | "failed";

function standingOf(run: TaskRun): Standing {
	if (run.state === "SUCCEEDED") return "done";
	return run.state === "SKIPPED" ? "stopped" : "failed";
}

/**
 * Runs the members of a graph in order, each once its predecessors are through. A suspended child is passed over
 * "as though the child task had succeeded"; a child of several runs if at least one of them is resumed and all the
 * resumed ones succeeded. What was skipped or failed stops those after it.
 * https://docs.snowflake.com/en/user-guide/tasks-graphs#skip-or-suspend-a-child-task
 */
async function runMembers(
	account: Account,
	plan: Plan,
	graph: GraphRun,
	earlier: ReadonlyMap<number, TaskRun>,
): Promise<readonly TaskOutcome[]> {
	const standing = new Map<number, Standing>();
	const returned = new Map<number, string | null>();
	const outcomes: TaskOutcome[] = [];
	const nameOf = new Map(plan.members.map((task) => [task.id, task.name.toUpperCase()]));
	for (const task of plan.members) {
		const before = (plan.before.get(task.id) ?? []).map((id) => standing.get(id) ?? "stopped");
		const root = task.id === plan.root.id;
		if (before.some((one) => one === "stopped" || one === "failed")) {
			standing.set(task.id, "stopped");
			continue;
		}
		const idle = before.length > 1 && before.every((one) => one === "passed over");
		if (!root && (taskOf(task).state === "suspended" || idle)) {
			standing.set(task.id, "passed over");
			continue;
		}
		const done = earlier.get(task.id);
		if (done?.state === "SUCCEEDED") {
			standing.set(task.id, "done");
			returned.set(task.id, done.returnValue);
			continue;
		}
		const values = new Map(
			(plan.before.get(task.id) ?? []).map((id) => [
				nameOf.get(id) ?? "",
				returned.get(id) ?? null,
			]),
		);
		const outcome = await runTask(account, task, graph, values);
		outcomes.push(outcome);
		standing.set(task.id, standingOf(outcome.run));
		returned.set(task.id, outcome.run.returnValue);
	}
	return outcomes;
}

/** How often a task failed in a row, in graph runs of the version it has now. */
async function failuresInARow(context: Context, run: TaskRun): Promise<number> {
	const runs = await readRuns(context, `task_id = ${run.taskId}`);
	const counted = runs
		.map((entry) => entry.run)
		.filter(
			(one) => one.counts && one.state !== "SKIPPED" && one.graphVersion === run.graphVersion,
		);
	const success = counted.findIndex((one) => one.state === "SUCCEEDED");
	return success < 0 ? counted.length : success;
}

/** Suspends the root when one of its tasks failed as often in a row as its parameter allows. */
async function suspendAfterFailures(
	account: Account,
	plan: Plan,
	failed: readonly TaskOutcome[],
): Promise<void> {
	if (plan.failuresAllowed === 0) return;
	for (const outcome of failed) {
		const suspended = await asSystem(account, async (context) => {
			const root = context.catalog.byId(plan.root.id);
			if (!root || taskOf(root).state === "suspended") return false;
			if ((await failuresInARow(context, outcome.run)) < plan.failuresAllowed) return false;
			await suspendTask(context, root, "SUSPENDED_DUE_TO_ERRORS");
			return true;
		});
		if (suspended) await amendRun(account, outcome, { state: "FAILED_AND_AUTO_SUSPENDED" });
	}
}

function latestByTask(runs: readonly TaskRun[]): ReadonlyMap<number, TaskRun> {
	return new Map(runs.map((run) => [run.taskId, run]));
}

/**
 * Runs a standalone task, or a graph from its root to its finalizer, with the retries its root asks for.
 * Gives every run of a task there was, in order.
 */
export async function runGraph(
	account: Account,
	rootId: number,
	start: GraphStart,
): Promise<readonly TaskRun[]> {
	const plan = await asSystem(account, async (context) => {
		const root = context.catalog.byId(rootId);
		return root && planRun(context, root);
	});
	if (!plan) return [];
	const { root } = plan;
	const schedule =
		taskOf(root).schedule === null ? undefined : parseSchedule(taskOf(root).schedule ?? "");
	const graph: GraphRun = {
		root,
		groupId: start.retry?.groupId ?? stableUuid(`graph run ${root.id} ${plan.number}`),
		scheduledTime: start.scheduledTime,
		nextScheduledTime:
			schedule && taskOf(root).state === "started"
				? (nextDue(schedule, start.scheduledTime, taskOf(root).resumedOn ?? 0) ?? null)
				: null,
		scheduledFrom: start.scheduledFrom,
		attempt: start.retry ? start.retry.attempt + 1 : 1,
		config: configOf(root, start.config),
	};
	const all: TaskRun[] = [...(start.retry?.runs ?? [])];
	const ran: TaskRun[] = [];
	for (let again = 0; ; again++) {
		const attempt: GraphRun =
			again === 0
				? graph
				: { ...graph, attempt: graph.attempt + again, scheduledFrom: "AUTOMATIC RETRY" };
		const outcomes = await runMembers(account, plan, attempt, latestByTask(all));
		const failed = outcomes.filter(({ run }) => run.state === "FAILED");
		const retried = failed.length > 0 && again < plan.retries;
		if (retried) for (const outcome of failed) await amendRun(account, outcome, { counts: false });
		for (const { run } of outcomes) {
			all.push(run);
			ran.push(run);
		}
		if (retried) continue;
		const skipped = outcomes.some(({ run }) => run.taskId === root.id && run.state === "SKIPPED");
		if (plan.last && taskOf(plan.last).state === "started" && !skipped)
			ran.push((await runTask(account, plan.last, attempt, new Map())).run);
		await suspendAfterFailures(account, plan, failed);
		return ran;
	}
}
