import { Chalk, type ChalkInstance } from "chalk";

/** The only place that knows a terminal: where text goes, and whether it may have colour. */
export interface Terminal {
	/** Results: stdout. */
	out(text: string): void;
	/** Progress and messages: stderr; silent with --quiet. */
	note(text: string): void;
	/** Errors: stderr, always. */
	error(text: string): void;
	/** Colours for stdout. */
	readonly chalk: ChalkInstance;
	/** Colours for stderr. */
	readonly errChalk: ChalkInstance;
	/**
	 * Keeps a line below everything else on stderr, about what is going on; undefined takes it away. Only where `live`.
	 */
	status(text: string | undefined): void;
	/** Whether stderr is a terminal that is to show what is going on: elsewhere lines stay, so there are few. */
	readonly live: boolean;
	/** Whether marks such as ✓ have their place: in the lines of a terminal, not in those of a log. */
	readonly marks: { readonly out: boolean; readonly err: boolean };
	/** How many columns stdout has; undefined where it is no terminal. */
	readonly width: number | undefined;
	/** Whether a person can be asked. */
	readonly interactive: boolean;
	/** Asks a question and gives the line typed. */
	ask(question: string): Promise<string>;
}

/** Where a process's text goes; given, so that tests have their own. */
export interface Streams {
	readonly stdout: {
		write(text: string): unknown;
		readonly isTTY?: boolean;
		readonly columns?: number;
	};
	readonly stderr: {
		write(text: string): unknown;
		readonly isTTY?: boolean;
		readonly columns?: number;
	};
	readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
	readonly env: Readonly<Record<string, string | undefined>>;
}

/** https://no-color.org: any value that is not empty turns colours off. */
function colours(streams: Streams, stream: Streams["stdout"], wanted: boolean): ChalkInstance {
	const on = wanted && stream.isTTY === true && !streams.env.NO_COLOR;
	return new Chalk({ level: on ? 1 : 0 });
}

/** A terminal over streams. */
export function openTerminal(
	streams: Streams,
	options: { readonly color: boolean; readonly quiet: boolean },
): Terminal {
	const errChalk = colours(streams, streams.stderr, options.color);
	const live = streams.stderr.isTTY === true && !options.quiet;
	let shown: string | undefined;
	const clear = () => {
		if (shown !== undefined) streams.stderr.write("\r\x1b[2K");
	};
	const draw = (text: string | undefined) => {
		shown = text;
		if (text !== undefined)
			streams.stderr.write(errChalk.dim(text.slice(0, (streams.stderr.columns ?? 80) - 1)));
	};
	/** Writes lines above the status. */
	const above = (write: () => unknown) => {
		clear();
		write();
		draw(shown);
	};
	return {
		out: (text) => above(() => streams.stdout.write(`${text}\n`)),
		note: (text) => {
			if (!options.quiet) above(() => streams.stderr.write(`${text}\n`));
		},
		error: (text) => above(() => streams.stderr.write(`${text}\n`)),
		status(text) {
			if (!live) return;
			clear();
			draw(text);
		},
		live,
		marks: { out: streams.stdout.isTTY === true, err: streams.stderr.isTTY === true },
		chalk: colours(streams, streams.stdout, options.color),
		errChalk,
		width: streams.stdout.isTTY === true ? streams.stdout.columns : undefined,
		interactive: streams.stdin.isTTY === true && streams.stderr.isTTY === true,
		async ask(question) {
			const { createInterface } = await import("node:readline/promises");
			const reader = createInterface({
				input: streams.stdin,
				output: streams.stderr as NodeJS.WritableStream,
			});
			try {
				return await reader.question(question);
			} finally {
				reader.close();
			}
		},
	};
}
