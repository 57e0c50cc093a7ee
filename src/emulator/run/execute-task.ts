import type { OtherStatement } from "../../parse/statement.ts";
import { engineString } from "../account/storage.ts";
import { statusResult } from "../ddl/result.ts";
import { findObject, fullName, requireEnd } from "../ddl/shared.ts";
import { graphMembers, isRoot } from "../ddl/task/graph.ts";
import { invalidTask, taskOf, updateTask } from "../ddl/task/properties.ts";
import { stringValue, takeProperty } from "../load/property-list.ts";
import type { Account, CatalogObject, Context, Json, Result } from "../types.ts";
import { runGraph } from "./task-graph.ts";
import { readRuns, type TaskRun } from "./task-history.ts";
import { asSystem } from "./task-run.ts";

/** A run that EXECUTE TASK asked for. */
interface Request {
	readonly config: { readonly [key: string]: Json } | null;
	/** The graph run group to run again, from its failed tasks. */
	readonly retry: string | null;
}

/** Work that accounts do on their own, after the statement that asked for it. */
const working = new WeakMap<Account, Promise<void>>();

/** Resolves when no run that EXECUTE TASK asked for is left. */
export async function settle(account: Account): Promise<void> {
	await working.get(account);
}

function readRequest(rest: OtherStatement["rest"] extends () => infer C ? C : never): {
	config: Request["config"];
	retryLast: boolean;
	retry: string | null;
} {
	let config: Request["config"] = null;
	let retryLast = false;
	let retry: string | null = null;
	if (rest.take("USING")) {
		const property = takeProperty(rest);
		if (property?.name !== "CONFIG") throw rest.error("CONFIG = …");
		config = JSON.parse(stringValue(property)) as Request["config"];
	} else if (rest.take("RETRY", "LAST")) retryLast = true;
	else if (rest.take("RETRY", "GRAPH", "RUN", "GROUP")) retry = rest.expectString();
	requireEnd(rest);
	return { config, retryLast, retry };
}

/** The group to run again, checked as the page of EXECUTE TASK says. */
async function retryGroup(
	context: Context,
	root: CatalogObject,
	group: string | undefined,
): Promise<string> {
	const [latest] = await readRuns(
		context,
		group === undefined
			? `root_id = ${root.id}`
			: `root_id = ${root.id} AND group_id = ${engineString(group)}`,
		1,
	);
	if (!latest) throw invalidTask(`Task ${fullName(root)} has no graph run that could be retried.`);
	const runs = await groupRuns(context, latest.run.groupId);
	const last = Math.max(...runs.map((run) => run.attempt));
	if (!runs.some((run) => run.attempt === last && run.state.startsWith("FAILED")))
		throw invalidTask(`The last graph run of task ${fullName(root)} did not fail.`);
	if (latest.run.graphVersion !== taskOf(root).graphVersion)
		throw invalidTask(`The graph of task ${fullName(root)} was modified since it ran.`);
	return latest.run.groupId;
}

async function groupRuns(context: Context, group: string): Promise<readonly TaskRun[]> {
	const found = await readRuns(context, `group_id = ${engineString(group)}`);
	return found.map(({ run }) => run).reverse();
}

/**
 * EXECUTE TASK: asks for a run, which begins as soon as the statement is committed. A request that has not begun
 * is replaced. https://docs.snowflake.com/en/sql-reference/sql/execute-task
 */
export async function executeTask(context: Context, statement: OtherStatement): Promise<Result> {
	const rest = statement.rest();
	rest.expect("TASK");
	const root = findObject(context, { kind: "TASK", level: "schema" }, rest.expectName().parts);
	const { config, retryLast, retry } = readRequest(rest);
	if (!isRoot(root))
		throw invalidTask(
			`Task ${fullName(root)} is not a root task: only standalone and root tasks can be executed.`,
		);
	const again =
		retryLast || retry !== null ? await retryGroup(context, root, retry ?? undefined) : null;
	const now = context.clock.now();
	for (const member of graphMembers(context, root))
		await updateTask(context, member, { lastCommittedOn: now });
	if (taskOf(root).graphVersion === 0) await updateTask(context, root, { graphVersion: 1 });
	await context.engine(`DELETE FROM _run.requests WHERE task_id = ${root.id}`);
	const request: Request = { config, retry: again };
	await context.engine(
		`INSERT INTO _run.requests SELECT nextval('_run.run_id'), ${root.id}, ${engineString(JSON.stringify(request))}`,
	);
	runRequestsSoon(context.account);
	return statusResult(`Task ${root.name} is scheduled to run immediately.`);
}

/** Runs what was asked for once the statement that is under way is over. */
function runRequestsSoon(account: Account): void {
	const before = working.get(account) ?? Promise.resolve();
	working.set(
		account,
		before.then(() => runRequests(account)),
	);
}

async function takeRequest(
	context: Context,
): Promise<{ readonly taskId: number; readonly request: Request } | undefined> {
	const [row] = await context.engine(
		"SELECT id, task_id, body FROM _run.requests ORDER BY id LIMIT 1",
	);
	if (!row) return undefined;
	await context.engine(`DELETE FROM _run.requests WHERE id = ${row[0]}`);
	return { taskId: Number(row[1]), request: JSON.parse(String(row[2])) as Request };
}

/** Runs the graphs that EXECUTE TASK asked for, in the order they were asked for. */
async function runRequests(account: Account): Promise<void> {
	for (;;) {
		const taken = await asSystem(account, takeRequest);
		if (!taken) return;
		const { config, retry } = taken.request;
		const runs =
			retry === null ? [] : await asSystem(account, (context) => groupRuns(context, retry));
		await runGraph(account, taken.taskId, {
			scheduledTime: account.clock.now(),
			scheduledFrom: retry === null ? "EXECUTE_TASK" : "MANUAL RETRY",
			...(config && { config }),
			...(retry !== null && {
				retry: { groupId: retry, attempt: Math.max(...runs.map((run) => run.attempt)), runs },
			}),
		});
	}
}
