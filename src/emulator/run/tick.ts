import { fullName } from "../ddl/shared.ts";
import { fileEvents } from "../load/file-events.ts";
import type { Account, Context } from "../types.ts";
import { type DueTask, dueTasks, unfinished } from "./due.ts";
import { settle } from "./execute-task.ts";
import { runGraph } from "./task-graph.ts";
import { asSystem } from "./task-run.ts";

/** Files that a stage's events announced and a pipe has not loaded; the loading side knows them. */
export interface FileEvents {
	/** Finds what is new on the stages, and gives the event that comes first. */
	next(context: Context): Promise<FileEvent | undefined>;
}

/** One delivery: the files that one pipe gets at one time. */
export interface FileEvent {
	readonly at: number;
	/** The pipe's full name. */
	readonly name: string;
	/** Delivers and loads; gives what to report. */
	deliver(account: Account): Promise<Delivered>;
}

/** How a delivery went. */
export interface Delivered {
	readonly state: string;
	/** Files and rows, in words. */
	readonly detail: string | null;
	readonly error: string | null;
}

/** How far a tick goes; without either it is one event. */
export interface TickOptions {
	/** Until no file is undelivered, no stream with a started consumer unread, and every started task has run. */
	readonly untilIdle?: boolean;
	/** For so many milliseconds of the account's clock. */
	readonly forMillis?: number;
	/** Where files come from; the pipes of the account where not said. */
	readonly files?: FileEvents;
}

/** One thing that a tick made happen. */
export interface TickEvent {
	/** Milliseconds of the account's clock. */
	readonly at: number;
	readonly kind: "task" | "pipe";
	/** The full name of the task or pipe. */
	readonly name: string;
	/** SUCCEEDED, FAILED, SKIPPED, LOADED … */
	readonly state: string;
	/** All of it in one line. */
	readonly what: string;
	readonly failed: boolean;
}

/** What a tick did. */
export interface TickReport {
	readonly from: number;
	readonly to: number;
	readonly events: readonly TickEvent[];
	/** Why the account is not idle; null when it is, or when idleness was not asked for. */
	readonly unfinished: string | null;
}

/** Most events of a tick that runs until the account is idle. */
const MOST_ROUNDS = 200;

async function runDue(account: Account, due: DueTask): Promise<readonly TickEvent[]> {
	const at = account.clock.now();
	const runs = await runGraph(account, due.task.id, {
		scheduledTime: due.at,
		scheduledFrom: due.from,
	});
	return runs.map((run): TickEvent => {
		const name = fullName({ ...due.task, name: run.name });
		return {
			at,
			kind: "task",
			name,
			state: run.state,
			what: describe("task", name, run.state, null, run.errorMessage),
			failed: run.state.startsWith("FAILED"),
		};
	});
}

function describe(
	kind: string,
	name: string,
	state: string,
	detail: string | null,
	error: string | null,
): string {
	const more = [detail, error].filter((part) => part !== null);
	return `${kind} ${name} ${state}${more.length > 0 ? `: ${more.join("; ")}` : ""}`;
}

/**
 * Advances the clock to the next event that is not after `limit`, and makes it happen. Of events at the same time
 * files come first, because a task may be waiting for them; then the order is by name.
 * Undefined when there is none.
 */
async function step(
	account: Account,
	files: FileEvents,
	limit = Number.POSITIVE_INFINITY,
): Promise<readonly TickEvent[] | undefined> {
	const { file, task } = await asSystem(account, async (context) => {
		const event = await files.next(context);
		const [first] = await dueTasks(context);
		return { file: event, task: first };
	});
	if (file && file.at <= limit && (!task || file.at <= task.at)) {
		account.clock.advanceTo(file.at);
		const at = account.clock.now();
		const { state, detail, error } = await file.deliver(account);
		const what = describe("pipe", file.name, state, detail, error);
		return [{ at, kind: "pipe", name: file.name, state, what, failed: error !== null }];
	}
	if (!task || task.at > limit) return undefined;
	account.clock.advanceTo(task.at);
	return runDue(account, task);
}

/** Makes what is due on the account's clock happen, in an order that depends on nothing but the account's state. */
export async function tick(account: Account, options: TickOptions = {}): Promise<TickReport> {
	await settle(account);
	const files = options.files ?? fileEvents();
	const from = account.clock.now();
	const events: TickEvent[] = [];
	let reason: string | null = null;
	if (options.forMillis !== undefined) {
		const end = from + options.forMillis;
		for (;;) {
			const happened = await step(account, files, end);
			if (!happened) break;
			events.push(...happened);
		}
		account.clock.advanceTo(end);
	} else if (options.untilIdle) {
		for (let round = 0; ; round++) {
			reason = await busyReason(account, files);
			if (reason === null || round === MOST_ROUNDS) break;
			const happened = await step(account, files);
			if (!happened) break;
			events.push(...happened);
		}
	} else {
		events.push(...((await step(account, files)) ?? []));
	}
	return { from, to: account.clock.now(), events, unfinished: reason };
}

async function busyReason(account: Account, files: FileEvents): Promise<string | null> {
	return asSystem(account, async (context) => {
		const file = await files.next(context);
		if (file) return `files wait for pipe ${file.name}`;
		return (await unfinished(context)) ?? null;
	});
}

/** Makes everything happen that is due by now, each task once. */
export async function runOverdue(
	account: Account,
	files: FileEvents = fileEvents(),
): Promise<readonly TickEvent[]> {
	const events: TickEvent[] = [];
	for (;;) {
		const happened = await step(account, files, account.clock.now());
		if (!happened) return events;
		events.push(...happened);
	}
}
