import type { Terminal } from "./terminal.ts";

/** Something that is going on. */
export interface Progress {
	end(): void;
}

/** Says what is going on, once it has taken a second: quick commands stay quiet. */
export function progress(terminal: Terminal, what: string): Progress {
	const started = Date.now();
	let shown = false;
	const timer = setInterval(() => {
		shown = true;
		terminal.note(
			terminal.errChalk.dim(`… ${what} (${Math.round((Date.now() - started) / 1000)} s)`),
		);
	}, 1000);
	timer.unref();
	return {
		end() {
			clearInterval(timer);
			if (shown)
				terminal.note(
					terminal.errChalk.dim(`  ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`),
				);
			shown = false;
		},
	};
}
