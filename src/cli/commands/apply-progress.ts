import type { ApplyEvent } from "../../apply/run.ts";
import type { CommandContext } from "../command.ts";

/** What a run would leave behind if it ended now. */
function leftovers(running: ReadonlySet<string>, held: ReadonlySet<string>): readonly string[] {
	return [
		...[...running].map((id) => `may still run: ${id}`),
		...[...held].map((key) => `still held: ${key}`),
		"the next apply brings this in order, once the lease of this run has expired (or after `snowline unlock`)",
	];
}

/** Shows a run on the terminal as it goes on, and keeps what to say should it be cut off. */
export function watchRun(context: CommandContext): (event: ApplyEvent) => void {
	const { terminal } = context;
	const running = new Set<string>();
	const held = new Set<string>();
	context.leftovers.describe = () => leftovers(running, held);
	return (event) => {
		if (event.type === "interrupted") {
			terminal.note("interrupted: starting nothing new");
			return;
		}
		const { step, type } = event;
		const key = `${step.kind} ${step.object}`;
		if (type === "start") {
			running.add(step.id);
			if (step.restore.length > 0) held.add(key);
			return;
		}
		running.delete(step.id);
		if (type === "restored" || (type === "done" && step.restore.length === 0)) held.delete(key);
		if (type === "done")
			terminal.note(
				`  ${terminal.errChalk.green("✓")} ${step.id} ${terminal.errChalk.dim(`${event.milliseconds} ms`)}`,
			);
		else if (type === "failed") terminal.note(`  ${terminal.errChalk.red("✗")} ${step.id}`);
		else terminal.note(`  ${terminal.errChalk.yellow("↺")} ${step.id}: state restored`);
	};
}
