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
	readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
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
	return {
		out: (text) => void streams.stdout.write(`${text}\n`),
		note: (text) => {
			if (!options.quiet) streams.stderr.write(`${text}\n`);
		},
		error: (text) => void streams.stderr.write(`${text}\n`),
		chalk: colours(streams, streams.stdout, options.color),
		errChalk: colours(streams, streams.stderr, options.color),
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
