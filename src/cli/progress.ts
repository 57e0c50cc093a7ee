import type { Terminal } from "./terminal.ts";

/** Something that is going on. */
export interface Progress {
	end(): void;
}

/** When something that takes long is told of again, in seconds: often at first, then every half minute. */
const TOLD = [1, 2, 5, 10, 20, 30];

/** Says whether it is time to tell how long something has taken by now; every call that says yes is a telling. */
export function tellings(): (seconds: number) => boolean {
	let next = TOLD[0] ?? 1;
	return (seconds) => {
		if (seconds < next) return false;
		next = TOLD.find((at) => at > seconds) ?? 30 * (Math.floor(seconds / 30) + 1);
		return true;
	};
}

/** Says what is going on, once it has taken a second: quick commands stay quiet. */
export function progress(terminal: Terminal, what: string): Progress {
	const started = Date.now();
	const due = tellings();
	let shown = false;
	const timer = setInterval(() => {
		const seconds = (Date.now() - started) / 1000;
		const line = `… ${what} (${Math.floor(seconds)} s)`;
		if (terminal.live) terminal.status(line);
		else if (due(seconds)) terminal.note(line);
		else return;
		shown = true;
	}, 1000);
	timer.unref();
	return {
		end() {
			clearInterval(timer);
			terminal.status(undefined);
			if (shown)
				terminal.note(
					terminal.errChalk.dim(`  ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`),
				);
			shown = false;
		},
	};
}
