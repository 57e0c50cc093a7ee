import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { announceServing } from "../../src/cli/connect.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { type FaultPlan, openAccount, type Server, serve, tick } from "../../src/emulator/index.ts";
import type { Account } from "../../src/emulator/types.ts";
import type { Ran } from "../support/project.ts";
import type { Version } from "./worked-change.ts";

/** How an apply was left: it ended by itself, or nobody knows what became of it. */
export type Outcome = Ran | "gone";

/** Where a deployer loses its memory: at this statement, before or after the account ran it. */
export interface Death {
	/** Its number, or what tells it. */
	readonly statement: number | ((sql: string) => boolean);
	readonly when: "before" | "after";
}

/** A project and its account, in a directory of their own, with the account in this process. */
export interface Site {
	readonly dir: string;
	readonly account: Account;
	/** Lays a version's files down, in place of what was there. */
	put(version: Version): void;
	/** Runs a command against the account, which misbehaves as told. */
	run(args: readonly string[], faults?: FaultPlan): Promise<Ran>;
	/** Runs a command up to a statement; from then on the deployer hears and says nothing any more, as after SIGKILL. */
	runUntil(args: readonly string[], death: Death): Promise<Outcome>;
	/** Runs commands side by side, each some milliseconds after the one before it. */
	together(commands: readonly (readonly string[])[], apart: number): Promise<readonly Ran[]>;
	/** The answer to a query, by column name, asked without a deployer. */
	query(sql: string): Promise<readonly Readonly<Record<string, string | null>>[]>;
	/** Puts a file into the bucket. */
	deliver(file: string, text: string): void;
	/** Lets so many minutes pass on the account, in which files are loaded and tasks run. */
	tick(minutes: number): Promise<void>;
	/** Moves the account's clock, so that leases and abandoned transactions end. */
	wait(minutes: number): void;
	/** Closes the account and keeps the directory, to be copied. */
	freeze(): Promise<void>;
	close(): Promise<void>;
}

const SHARED_MEMORY = "/dev/shm";

/** A directory for accounts that live for seconds: in memory where the system has a place for that. */
export function scratchDirectory(): string {
	return mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), "snowline-chaos-"));
}

class Gone extends Error {
	override readonly name = "Gone";
}

/** A statement that is never answered, until everybody is let go. */
function silence(): { readonly fall: () => Promise<never>; readonly end: () => void } {
	const fallen: ((error: Error) => void)[] = [];
	let over = false;
	return {
		fall: () =>
			new Promise((_, reject) => {
				if (over) reject(new Gone("nobody is there any more"));
				else fallen.push(reject);
			}),
		end() {
			over = true;
			for (const reject of fallen.splice(0)) reject(new Gone("nobody is there any more"));
		},
	};
}

/** What is asked until the account has gone on by itself. */
const WAITS = /^SELECT (?:COUNT|IFF\(PARSE_JSON|PARSE_JSON|STAGE_LOCATION)/;

/**
 * Opens a site: a copy of a frozen one, or an empty account. A `lively` account goes on, by some seconds, when
 * it is asked the same thing again: so it does what deployers wait for, and the same in every run.
 */
export async function openSite(
	version: Version,
	{ template, lively = false }: { readonly template?: string; readonly lively?: boolean } = {},
): Promise<Site> {
	const dir = scratchDirectory();
	if (template !== undefined) cpSync(template, dir, { recursive: true });
	const path = join(dir, ".snowline/local");
	const bucket = join(dir, ".snowline/s3/lake");
	mkdirSync(bucket, { recursive: true });
	const account = await openAccount({ path, buckets: { lake: bucket } });
	const env: Record<string, string> = {};
	const lost: { readonly server: Server; readonly command: Promise<unknown>; end(): void }[] = [];

	const put = ({ files, secrets }: Version): void => {
		for (const folder of ["sql", "migrations", "environments"])
			rmSync(join(dir, folder), { recursive: true, force: true });
		for (const [file, text] of Object.entries(files)) {
			mkdirSync(dirname(join(dir, file)), { recursive: true });
			writeFileSync(join(dir, file), text);
		}
		Object.assign(env, secrets);
	};

	const command = async (args: readonly string[]): Promise<Ran> => {
		let out = "";
		let err = "";
		const streams = {
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text) },
			stdin: new PassThrough(),
			env,
		};
		const code = await runCli([...args, "-C", dir], streams, new AbortController().signal);
		return { code, out, err };
	};

	const goOn = (): ((sql: string) => Promise<void>) => {
		const asked = new Set<string>();
		return async (sql) => {
			if (!lively || !WAITS.test(sql)) return;
			if (asked.has(sql)) await tick(account, { forMillis: 5000 });
			asked.add(sql);
		};
	};

	/** The command reads where the account is served when it begins, so a server of its own is announced first. */
	const begin = async (args: readonly string[], faults: FaultPlan) => {
		const going = goOn();
		const server = await serve(account, {
			...faults,
			async beforeStatement(n, sql) {
				await faults.beforeStatement?.(n, sql);
				await going(sql);
			},
		});
		announceServing(path, server.port);
		return { server, ran: command(args) };
	};

	put(version);
	return {
		dir,
		account,
		put,
		async run(args, faults = {}) {
			const { server, ran } = await begin(args, faults);
			try {
				return await ran;
			} finally {
				await server.close();
			}
		},
		async runUntil(args, { statement, when }) {
			const quiet = silence();
			let dead: () => void = () => undefined;
			const died = new Promise<"gone">((resolve) => {
				dead = () => resolve("gone");
			});
			let over = false;
			const isIt = (n: number, sql: string): boolean =>
				typeof statement === "number" ? n === statement : statement(sql);
			const { server, ran } = await begin(args, {
				beforeStatement(n, sql) {
					if (when === "before" && isIt(n, sql)) over = true;
					if (!over) return undefined;
					dead();
					return quiet.fall();
				},
				afterStatement(n, sql) {
					if (when === "after" && isIt(n, sql)) over = true;
					if (!over) return undefined;
					dead();
					return quiet.fall();
				},
			});
			const outcome = await Promise.race([ran, died]);
			if (outcome === "gone")
				lost.push({ server, command: ran.catch(() => undefined), end: quiet.end });
			else await server.close();
			return outcome;
		},
		async together(commands, apart) {
			const server = await serve(account);
			announceServing(path, server.port);
			try {
				return await Promise.all(
					commands.map(async (args, i) => {
						await sleep(i * apart);
						return command(args);
					}),
				);
			} finally {
				await server.close();
			}
		},
		async query(sql) {
			const session = await account.openSession("TESTER");
			session.warehouse = "COMPUTE_WH";
			try {
				const { columns, rows } = await account.execute(session, sql);
				return rows.map((row) =>
					Object.fromEntries(columns.map((c, i) => [c.name, row[i] ?? null])),
				);
			} finally {
				await account.closeSession(session);
			}
		},
		deliver(file, text) {
			mkdirSync(dirname(join(bucket, file)), { recursive: true });
			writeFileSync(join(bucket, file), text);
		},
		tick: async (minutes) => void (await tick(account, { forMillis: minutes * 60_000 })),
		wait: (minutes) => account.clock.advanceTo(account.clock.now() + minutes * 60_000),
		freeze: () => account.close(),
		async close() {
			await account.close();
			// What is left of the dead finds an account that refuses everything, and ends.
			for (const { server, command: ended, end } of lost) {
				end();
				await ended;
				await server.close();
			}
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
