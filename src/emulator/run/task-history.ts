import { compareText } from "../../model/compare.ts";
import { fixedType, simpleType, textType, timeType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { type RowsColumn, relationOfRows } from "../account/scope/relation-of-rows.ts";
import { engineString, quote } from "../account/storage.ts";
import type { Relation } from "../sql/scope.ts";
import type { Context } from "../types.ts";

/** One run of a task, as TASK_HISTORY tells it. Times are milliseconds of the account's clock. */
export interface TaskRun {
	readonly taskId: number;
	readonly rootId: number;
	/** The graph run, all its attempts included. */
	readonly groupId: string;
	readonly name: string;
	readonly database: string;
	readonly schema: string;
	readonly queryId: string | null;
	readonly queryText: string;
	readonly conditionText: string | null;
	readonly state: "SUCCEEDED" | "FAILED" | "FAILED_AND_AUTO_SUSPENDED" | "SKIPPED" | "SCHEDULED";
	readonly errorCode: string | null;
	readonly errorMessage: string | null;
	readonly scheduledTime: number;
	readonly startedTime: number | null;
	readonly completedTime: number | null;
	readonly nextScheduledTime: number | null;
	readonly rootUuid: string;
	readonly graphVersion: number;
	readonly returnValue: string | null;
	readonly scheduledFrom: ScheduledFrom;
	readonly attempt: number;
	readonly config: string | null;
	/** False for a failure that is retried: it does not count towards SUSPEND_TASK_AFTER_NUM_FAILURES. */
	readonly counts: boolean;
}

/** What made a task run. */
export type ScheduledFrom =
	| "SCHEDULE"
	| "EXECUTE_TASK"
	| "MANUAL RETRY"
	| "AUTOMATIC RETRY"
	| "TRIGGER";

/** Adds a run to the history, and gives its number. */
export async function addRun(context: Context, run: TaskRun): Promise<bigint> {
	const [row] = await context.engine("SELECT nextval('_run.run_id')");
	const id = BigInt(String(row?.[0]));
	await context.engine(
		`INSERT INTO _run.task_runs VALUES (${id}, ${run.taskId}, ${run.rootId}, ${engineString(run.groupId)}, ${engineString(JSON.stringify(run))})`,
	);
	return id;
}

/** Changes a run that is in the history. */
export async function updateRun(context: Context, id: bigint, run: TaskRun): Promise<void> {
	await context.engine(
		`UPDATE _run.task_runs SET body = ${engineString(JSON.stringify(run))} WHERE id = ${id}`,
	);
}

/** Runs for which an engine condition holds, latest first. */
export async function readRuns(
	context: Context,
	condition: string,
	limit = 10_000,
): Promise<readonly { readonly id: bigint; readonly run: TaskRun }[]> {
	const rows = await context.engine(
		`SELECT id, body FROM _run.task_runs WHERE ${condition} ORDER BY id DESC LIMIT ${limit}`,
	);
	return rows.map(([id, body]) => ({
		id: BigInt(String(id)),
		run: JSON.parse(String(body)) as TaskRun,
	}));
}

/** The latest run of a task. */
export async function latestRun(context: Context, taskId: number): Promise<TaskRun | undefined> {
	const [found] = await readRuns(context, `task_id = ${taskId}`, 1);
	return found?.run;
}

const TEXT = textType();
const NUMBER = fixedType();
const MOMENT = timeType("TIMESTAMP_LTZ", 3);

type Cell = string | number | null;

function text(name: string, value: (run: TaskRun) => Cell): RowsColumn<TaskRun> {
	return { name, type: TEXT, value };
}

function number(name: string, value: (run: TaskRun) => Cell): RowsColumn<TaskRun> {
	return { name, type: NUMBER, value };
}

function moment(name: string, value: (run: TaskRun) => Cell): RowsColumn<TaskRun> {
	return { name, type: MOMENT, value };
}

/** https://docs.snowflake.com/en/sql-reference/functions/task_history#output */
const COLUMNS: readonly RowsColumn<TaskRun>[] = [
	text("QUERY_ID", (run) => run.queryId),
	text("NAME", (run) => run.name),
	text("DATABASE_NAME", (run) => run.database),
	text("SCHEMA_NAME", (run) => run.schema),
	text("QUERY_TEXT", (run) => run.queryText),
	text("CONDITION_TEXT", (run) => run.conditionText),
	text("STATE", (run) => run.state),
	number("ERROR_CODE", (run) => (run.errorCode === null ? null : Number(run.errorCode))),
	text("ERROR_MESSAGE", (run) => run.errorMessage),
	moment("SCHEDULED_TIME", (run) => run.scheduledTime),
	moment("QUERY_START_TIME", (run) => run.startedTime),
	moment("NEXT_SCHEDULED_TIME", (run) => run.nextScheduledTime),
	moment("COMPLETED_TIME", (run) => run.completedTime),
	text("ROOT_TASK_ID", (run) => run.rootUuid),
	number("GRAPH_VERSION", (run) => run.graphVersion),
	number("RUN_ID", (run) => run.scheduledTime),
	text("RETURN_VALUE", (run) => run.returnValue),
	text("SCHEDULED_FROM", (run) => run.scheduledFrom),
	number("ATTEMPT_NUMBER", (run) => run.attempt),
	text("CONFIG", (run) => run.config),
	text("QUERY_HASH", () => null),
	number("QUERY_HASH_VERSION", () => null),
	text("QUERY_PARAMETERIZED_HASH", () => null),
	number("QUERY_PARAMETERIZED_HASH_VERSION", () => null),
	text("GRAPH_RUN_GROUP_ID", (run) => run.groupId),
	{ name: "BACKFILL_INFO", type: simpleType("OBJECT"), value: () => null },
	number("SPCS_JOB_ID", () => null),
];

/** The arguments of TASK_HISTORY, by upper-case name. */
export type HistoryArguments = ReadonlyMap<string, string | null>;

function matches(run: TaskRun, given: HistoryArguments): boolean {
	const same = (argument: string, value: string): boolean => {
		const wanted = given.get(argument);
		if (wanted === undefined || wanted === null) return true;
		return wanted.startsWith('"')
			? wanted === quote(value)
			: wanted.toUpperCase() === value.toUpperCase();
	};
	const start = given.get("SCHEDULED_TIME_RANGE_START");
	const end = given.get("SCHEDULED_TIME_RANGE_END");
	const failed = run.state.startsWith("FAILED");
	return (
		same("TASK_NAME", run.name) &&
		same("DATABASE_NAME", run.database) &&
		same("SCHEMA_NAME", run.schema) &&
		same("ROOT_TASK_ID", run.rootUuid) &&
		(given.get("ERROR_ONLY")?.toLowerCase() !== "true" || failed) &&
		(!start || run.scheduledTime >= momentArgument(start)) &&
		(!end || run.scheduledTime <= momentArgument(end))
	);
}

function momentArgument(value: string): number {
	const time = /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
	if (Number.isNaN(time))
		throw compilationError("100040", "22007", `Timestamp '${value}' is not recognized`);
	return time;
}

/** TABLE(INFORMATION_SCHEMA.TASK_HISTORY(…)): what ran, and what is scheduled next, latest first. */
export async function taskHistory(
	context: Context,
	given: HistoryArguments,
	scheduled: readonly TaskRun[],
): Promise<Relation> {
	const limit = Number(given.get("RESULT_LIMIT") ?? 100);
	if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
		throw compilationError("001044", "42P13", "RESULT_LIMIT must be between 1 and 10000.");
	if (given.has("SCHEMA_NAME") && !given.has("DATABASE_NAME"))
		throw compilationError("001044", "42P13", "SCHEMA_NAME needs DATABASE_NAME.");
	const ran = (await readRuns(context, "true")).map(({ run }) => run);
	const rows = [...scheduled, ...ran]
		.filter((run) => matches(run, given))
		.sort((a, b) => b.scheduledTime - a.scheduledTime || compareText(a.name, b.name))
		.slice(0, limit);
	return relationOfRows(rows, COLUMNS);
}
