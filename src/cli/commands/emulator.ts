import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import type { Environment } from "../../project/environment.ts";
import type { Command, CommandContext } from "../command.ts";
import { announceServing, openLocalAccount, servingPort } from "../connect.ts";
import { environmentOf } from "../load.ts";

type Settings = Extract<Environment["connection"], { kind: "emulator" }>;

function settingsOf(context: CommandContext): {
	readonly environment: Environment;
	readonly settings: Settings;
	readonly directory: string;
	readonly project: string;
} {
	const environment = environmentOf(context.globals);
	const settings = environment.connection;
	if (settings.kind !== "emulator")
		throw new DeployError(EXIT.environment, {
			severity: "error",
			code: "NOT_LOCAL",
			summary: `${environment.name} is not a local account`,
			hint: "give the environment connection: { emulator: { path: .snowline/local } }",
		});
	const project = resolve(context.globals.dir);
	return { environment, settings, directory: resolve(project, settings.path), project };
}

/** Serves the local account until it is interrupted; tasks and files follow the clock. */
export const emulatorStart: Command = {
	name: "emulator start",
	summary: "serve the local account; tasks and pipes follow the clock",
	options: [
		{ flags: "--port <port>", summary: "the port to listen on; a free one where not said" },
	],
	async run(context, _args, options) {
		const { settings, directory, project } = settingsOf(context);
		const running = servingPort(directory);
		if (running)
			throw new DeployError(EXIT.unavailable, {
				severity: "error",
				code: "ACCOUNT_BUSY",
				summary: `it is already served on port ${running.port} by process ${running.pid}`,
			});
		const { follow, serve } = await import("../../emulator/index.ts");
		const account = await openLocalAccount(project, settings, { live: true });
		const server = await serve(
			account,
			options.port === undefined ? {} : { port: Number(options.port) },
		);
		const stopFollowing = follow(account);
		context.leftovers.describe = () => [];
		const withdraw = announceServing(directory, server.port);
		context.terminal.out(
			context.globals.json
				? JSON.stringify({ port: server.port, pid: process.pid })
				: `the local account listens on http://127.0.0.1:${server.port} (account LOCAL, any user and password); Ctrl-C stops it`,
		);
		await new Promise<void>((stop) =>
			context.signal.addEventListener("abort", () => stop(), { once: true }),
		);
		withdraw();
		await stopFollowing();
		await server.close();
		await account.close();
		return EXIT.ok;
	},
};

const DURATION = /^(\d+)\s*(ms|s|m|h|d)$/;
const UNITS: Readonly<Record<string, number>> = {
	ms: 1,
	s: 1000,
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
};

function milliseconds(text: string): number {
	const match = DURATION.exec(text);
	if (!match)
		throw new DeployError(EXIT.usage, {
			severity: "error",
			code: "USAGE",
			summary: `${text} is not a duration`,
			hint: "write it like 90s, 15m, 2h or 1d",
		});
	return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1);
}

/** Moves the account's clock and runs what falls due. */
export const emulatorTick: Command = {
	name: "emulator tick",
	summary: "deliver new files and run due tasks now",
	options: [
		{
			flags: "--until-idle",
			summary: "until no file is undelivered, no stream unread and no started task has never run",
		},
		{ flags: "--for <duration>", summary: "move the clock by this much (90s, 15m, 2h, 1d)" },
	],
	async run(context, _args, options) {
		const { settings, directory, project } = settingsOf(context);
		if (servingPort(directory))
			throw new DeployError(EXIT.unavailable, {
				severity: "error",
				code: "ACCOUNT_BUSY",
				summary: "the account is being served and follows the clock by itself",
				hint: "stop `snowline emulator start` first",
			});
		const { tick } = await import("../../emulator/index.ts");
		const account = await openLocalAccount(project, settings);
		try {
			const report = await tick(account, {
				...(options.untilIdle === true ? { untilIdle: true } : {}),
				...(typeof options.for === "string" ? { forMillis: milliseconds(options.for) } : {}),
			});
			const { events } = report;
			if (context.globals.json) context.terminal.out(JSON.stringify(report, null, 2));
			else
				context.terminal.out(
					events.length === 0
						? "nothing was due"
						: events.map((e) => `${new Date(e.at).toISOString()}  ${e.what}`).join("\n"),
				);
			return events.some((e) => e.failed) ? EXIT.failed : EXIT.ok;
		} finally {
			await account.close();
		}
	},
};

/** Deletes the local account's state; files in its buckets stay. */
export const emulatorReset: Command = {
	name: "emulator reset",
	summary: "delete the local account's state (files in its buckets stay)",
	async run(context) {
		const { directory } = settingsOf(context);
		const running = servingPort(directory);
		if (running)
			throw new DeployError(EXIT.unavailable, {
				severity: "error",
				code: "ACCOUNT_BUSY",
				summary: `process ${running.pid} is serving it`,
				hint: "stop it first",
			});
		rmSync(directory, { recursive: true, force: true });
		context.terminal.note("the local account is empty");
		return EXIT.ok;
	},
};

/** Whether it is served, its clock, what is in it; with --coverage, what it answers. */
export const emulatorStatus: Command = {
	name: "emulator status",
	summary: "whether it is served, its clock, and what is in it",
	options: [{ flags: "--coverage", summary: "list what the local account answers" }],
	async run(context, _args, options) {
		const { settings, directory, project } = settingsOf(context);
		const { coverage, overview } = await import("../../emulator/index.ts");
		if (options.coverage === true) {
			const list = coverage();
			context.terminal.out(
				context.globals.json
					? JSON.stringify(list, null, 2)
					: list.map((c) => `${c.answered ? "yes" : "no "}  ${c.construct}`).join("\n"),
			);
			return EXIT.ok;
		}
		const running = servingPort(directory);
		if (running) {
			context.terminal.out(
				context.globals.json
					? JSON.stringify({ serving: running })
					: `served on port ${running.port} by process ${running.pid}`,
			);
			return EXIT.ok;
		}
		const account = await openLocalAccount(project, settings);
		try {
			const status = overview(account);
			context.terminal.out(
				context.globals.json
					? JSON.stringify(status, null, 2)
					: [
							`clock ${status.clock}`,
							...Object.entries(status.objects).map(
								([kind, n]) => `${String(n).padStart(5)}  ${kind}`,
							),
						].join("\n"),
			);
		} finally {
			await account.close();
		}
		return EXIT.ok;
	},
};
