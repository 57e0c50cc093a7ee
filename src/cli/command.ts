import type { ExitCode } from "../diagnostics/diagnostic.ts";
import type { Streams, Terminal } from "./terminal.ts";

/** Options every command has. */
export interface GlobalOptions {
	readonly env: string;
	readonly dir: string;
	readonly json: boolean;
	readonly verbose: boolean;
	readonly quiet: boolean;
	readonly var: readonly string[];
}

/**
 * What would be left behind if the process ended now. A command that has something to bring in order sets it: the
 * first Ctrl-C then lets it do so, and a second one ends at once and says this. Others end at the first.
 */
export interface Leftovers {
	describe?: () => readonly string[];
}

/** What a command is run with. */
export interface CommandContext {
	readonly globals: GlobalOptions;
	readonly terminal: Terminal;
	readonly streams: Streams;
	readonly signal: AbortSignal;
	readonly leftovers: Leftovers;
	readonly now: () => Date;
}

/** One option, as commander reads it. */
export interface OptionSpec {
	readonly flags: string;
	readonly summary: string;
	readonly choices?: readonly string[];
	readonly default?: string | number;
	/** May be given several times, or with several values. */
	readonly many?: true;
}

/** A command as data: its words, arguments and options, and what it does. Gives the exit code. */
export interface Command {
	/** `migrate new` */
	readonly name: string;
	/** `[PLANFILE]` */
	readonly args?: string;
	readonly summary: string;
	readonly options?: readonly OptionSpec[];
	run(
		context: CommandContext,
		args: readonly string[],
		options: Readonly<Record<string, unknown>>,
	): Promise<ExitCode>;
}
