import { CommanderError, Option, Command as Program } from "commander";
import { missingGrant } from "../connection/failure.ts";
import { DeployError, EXIT, type ExitCode } from "../diagnostics/diagnostic.ts";
import { printDiagnostics } from "../diagnostics/print.ts";
import { StatementError } from "../model/port.ts";
import type { Command, CommandContext, GlobalOptions, Leftovers, OptionSpec } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { openTerminal, type Streams } from "./terminal.ts";
import { TOOL } from "./version.ts";

const GLOBALS: readonly OptionSpec[] = [
	{ flags: "-e, --env <name>", summary: "the environment to work on", default: "local" },
	{ flags: "-C, --dir <dir>", summary: "the project's directory", default: "." },
	{ flags: "--var <key=value>", summary: "override a variable of the environment", many: true },
	{ flags: "--json", summary: "machine-readable output on stdout" },
	{ flags: "--no-color", summary: "no colours (also NO_COLOR)" },
	{ flags: "-v, --verbose", summary: "say more" },
	{ flags: "-q, --quiet", summary: "say less" },
];

function optionOf(spec: OptionSpec): Option {
	const option = new Option(spec.flags, spec.summary);
	if (spec.choices) option.choices(spec.choices);
	if (spec.default !== undefined) option.default(spec.default);
	if (spec.many) option.argParser((value: string, before: string[] = []) => [...before, value]);
	return option;
}

function globalsOf(options: Readonly<Record<string, unknown>>): GlobalOptions {
	return {
		env: String(options.env),
		dir: String(options.dir),
		json: options.json === true,
		verbose: options.verbose === true,
		quiet: options.quiet === true,
		var: (options.var as string[] | undefined) ?? [],
	};
}

/** Prints an expected failure, in words or as JSON. */
function report(error: DeployError, context: CommandContext): void {
	if (context.globals.json)
		context.terminal.out(
			JSON.stringify(
				{ error: { exitCode: error.exitCode, diagnostics: error.diagnostics } },
				null,
				2,
			),
		);
	else
		context.terminal.error(
			printDiagnostics(error.diagnostics, { color: context.terminal.errChalk.level > 0 }),
		);
}

async function runCommand(
	command: Command,
	context: CommandContext,
	args: readonly string[],
	options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
	try {
		return await command.run(context, args, options);
	} catch (error) {
		if (error instanceof DeployError) {
			report(error, context);
			return error.exitCode;
		}
		const denied = error instanceof StatementError ? missingGrant(error) : undefined;
		if (denied) {
			report(denied, context);
			return denied.exitCode;
		}
		if (error instanceof StatementError) {
			const failure = new DeployError(
				EXIT.failed,
				{
					severity: "error",
					code: `SNOWFLAKE_${error.code}`,
					summary: error.message.replace(/\s*\n\s*/g, " "),
					detail: error.sql,
				},
				{ cause: error },
			);
			report(failure, context);
			return EXIT.failed;
		}
		const stack = error instanceof Error ? error.stack : String(error);
		context.terminal.error(
			`${stack}\n\nThis is a bug in Snowline (${TOOL}). Please report it with the text above.`,
		);
		return EXIT.bug;
	}
}

/** Finds or makes the command that `migrate new` hangs under. */
function parentOf(program: Program, words: readonly string[]): Program {
	return words.reduce(
		(parent, word) =>
			parent.commands.find((c) => c.name() === word) ?? parent.command(word).exitOverride(),
		program,
	);
}

/**
 * The command line as a function: arguments in, exit code out. Text goes to the streams given, so that a
 * test runs it in its own process.
 */
export async function runCli(
	args: readonly string[],
	streams: Streams,
	signal: AbortSignal,
	now: () => Date = () => new Date(),
	leftovers: Leftovers = {},
): Promise<ExitCode> {
	let code: ExitCode = EXIT.ok;
	const program = new Program("snowline")
		.description(
			"Deploys Snowflake from SQL files: plan, review, apply; never loses state silently.",
		)
		.version(TOOL);
	program.exitOverride().configureOutput({
		writeOut: (text) => void streams.stdout.write(text),
		writeErr: (text) => void streams.stderr.write(text),
	});
	// Before the command's name as well as behind it; defaults are the command's.
	for (const { default: _default, ...spec } of GLOBALS) program.addOption(optionOf(spec));
	for (const command of COMMANDS) {
		const words = command.name.split(" ");
		const sub = parentOf(program, words.slice(0, -1))
			.command(`${words.at(-1)} ${command.args ?? ""}`.trim())
			.description(command.summary);
		sub.exitOverride().configureOutput({
			writeOut: (text) => void streams.stdout.write(text),
			writeErr: (text) => void streams.stderr.write(text),
		});
		for (const spec of [...(command.options ?? []), ...GLOBALS]) sub.addOption(optionOf(spec));
		sub.action(async (...received: unknown[]) => {
			const options = sub.optsWithGlobals() as Record<string, unknown>;
			const positional = received
				.slice(0, -2)
				.flat()
				.filter((a): a is string => typeof a === "string");
			const globals = globalsOf(options);
			const terminal = openTerminal(streams, {
				color: options.color !== false,
				quiet: globals.quiet,
			});
			code = await runCommand(
				command,
				{ globals, terminal, streams, signal, now, leftovers },
				positional,
				options,
			);
		});
	}
	try {
		await program.parseAsync([...args], { from: "user" });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
	}
	return code;
}
