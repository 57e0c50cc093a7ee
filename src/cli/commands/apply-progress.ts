import type { Waiting } from "../../apply/ask.ts";
import { guarded, isOpen } from "../../apply/restore.ts";
import type { ApplyEvent } from "../../apply/run.ts";
import type { Step } from "../../plan/plan.ts";
import type { CommandContext } from "../command.ts";
import { tellings } from "../progress.ts";
import type { Terminal } from "../terminal.ts";

/** A step that is under way. */
interface Running {
	readonly begun: number;
	readonly due: (seconds: number) => boolean;
	waiting?: Waiting;
}

/** Steps that were begun, by id, and the ids of those that are finished. */
interface Progress {
	readonly begun: ReadonlyMap<string, Step>;
	readonly finished: ReadonlySet<string>;
}

/** The objects whose state a run that ended now would not have given back; what runs may have changed it already. */
function heldBy({ begun, finished }: Progress): ReadonlySet<string> {
	const open = [...begun.values()].filter((step) =>
		isOpen(step.id, guarded(step), Number.POSITIVE_INFINITY, begun, finished),
	);
	return new Set(open.map((step) => `${step.kind} ${step.object}`));
}

/** What a run would leave behind if it ended now. */
function leftovers(running: Iterable<string>, progress: Progress): readonly string[] {
	return [
		...[...running].map((id) => `may still run: ${id}`),
		...[...heldBy(progress)].map((key) => `still held: ${key}`),
		"the next apply brings this in order, once the lease of this run has expired (or after `snowline unlock`)",
	];
}

/** `until SELECT COUNT(*) FROM S answers 0, now 3 (12 of at most 300 s)`, or how long it has been running. */
function standing({ begun, waiting }: Running): string {
	if (!waiting) return `${Math.floor((Date.now() - begun) / 1000)} s`;
	const { sql, until, answer, seconds, deadlineSeconds } = waiting;
	const now = answer === "" ? "nothing" : answer;
	return `waits until ${until}, now ${now}, for ${Math.floor(seconds)} of at most ${deadlineSeconds} s: ${sql}`;
}

/** Tells of steps that take more than a second: in one line that changes, or in a few that stay. */
function pulse(terminal: Terminal, running: ReadonlyMap<string, Running>): void {
	const slow = [...running].filter(([, { begun }]) => Date.now() - begun >= 1000);
	if (terminal.live) {
		const [first, ...more] = slow;
		const others = more.length === 0 ? "" : `${slow.length} running; `;
		terminal.status(first && `… ${others}${first[0]}: ${standing(first[1])}`);
		return;
	}
	for (const [id, one] of slow)
		if (one.due((Date.now() - one.begun) / 1000)) terminal.note(`… ${id}: ${standing(one)}`);
}

/** The line of a step that has ended, or of what was given back its state. */
function ended(
	{ errChalk: chalk, marks }: Terminal,
	type: "done" | "failed" | "restored",
	id: string,
	milliseconds: number,
): string {
	const mark = {
		done: chalk.green(marks.err ? "✓" : "done    "),
		failed: chalk.red(marks.err ? "✗" : "failed  "),
		restored: chalk.yellow(marks.err ? "↺" : "restored"),
	}[type];
	const time = milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
	return `  ${mark} ${id}${type === "restored" ? ": state restored" : ` ${chalk.dim(time)}`}`;
}

/** Shows a run on the terminal as it goes on, and keeps what to say should it be cut off. */
export function watchRun(context: CommandContext): (event: ApplyEvent) => void {
	const { terminal } = context;
	const running = new Map<string, Running>();
	const begun = new Map<string, Step>();
	const finished = new Set<string>();
	let timer: NodeJS.Timeout | undefined;
	context.leftovers.describe = () => leftovers(running.keys(), { begun, finished });
	const watch = (on: boolean) => {
		if (on) timer ??= setInterval(() => pulse(terminal, running), 1000).unref();
		else {
			clearInterval(timer);
			timer = undefined;
			terminal.status(undefined);
		}
	};
	return (event) => {
		if (event.type === "interrupted") {
			terminal.note("interrupted: starting nothing new");
			return;
		}
		const { step, type } = event;
		if (type === "waiting") {
			const one = running.get(step.id);
			if (one) one.waiting = event;
			return;
		}
		if (type === "start") {
			running.set(step.id, { begun: Date.now(), due: tellings() });
			watch(true);
			begun.set(step.id, step);
			return;
		}
		running.delete(step.id);
		if (running.size === 0) watch(false);
		if (type === "restored") begun.delete(step.id);
		if (type === "done") finished.add(step.id);
		terminal.note(ended(terminal, type, step.id, event.milliseconds ?? 0));
	};
}
