import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runCli } from "../../src/cli/run-cli.ts";
import { connectClient } from "../support/account.ts";
import type { Ran } from "../support/project.ts";
import type { Answer, Order } from "./account-process.ts";
import type { Ask } from "./checks.ts";
import { scratchDirectory } from "./site.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = join(ROOT, "node_modules/.cache/snowline-chaos/dist/cli/main.js");

/** A command in a process of its own. */
export interface Deployer {
	readonly process: ChildProcess;
	/** How it ended; the code is -1 after a signal. */
	readonly ended: Promise<Ran>;
	kill(signal: NodeJS.Signals): void;
}

/** A project whose account is a process of its own, and so are its deployers. */
export interface ProcessSite {
	readonly dir: string;
	write(files: Readonly<Record<string, string>>): void;
	remove(file: string): void;
	/** Runs a command in this process, against the account's. */
	run(...args: readonly string[]): Promise<Ran>;
	spawn(...args: readonly string[]): Deployer;
	/** Gives the account an order; see `Order`. */
	tell(order: Order): Promise<Answer>;
	/** Resolves when the statement that was to be held is held. */
	reached(): Promise<string>;
	readonly ask: Ask;
	/** Whether the account has died, and starts it again. */
	revive(): Promise<boolean>;
	killAccount(): void;
	close(): Promise<void>;
}

interface AccountProcess {
	readonly process: ChildProcess;
	tell(order: Order): Promise<Answer>;
	reached(): Promise<string>;
	readonly exited: () => boolean;
	readonly port: number;
}

async function startAccountProcess(
	path: string,
	buckets: Readonly<Record<string, string>>,
	live: boolean,
	port = 0,
): Promise<AccountProcess> {
	const child = spawn(
		process.execPath,
		[
			...["--import", "tsx", join(ROOT, "test/chaos/account-process.ts")],
			...[path, JSON.stringify(buckets), live ? "live" : "", String(port)],
		],
		{ stdio: ["pipe", "pipe", "inherit"], cwd: ROOT },
	);
	const answers: ((answer: Answer) => void)[] = [];
	const holds: ((sql: string) => void)[] = [];
	const held: string[] = [];
	let exited = false;
	child.once("exit", () => {
		exited = true;
		for (const answer of answers.splice(0)) answer({});
	});
	createInterface({ input: child.stdout }).on("line", (line) => {
		const answer = JSON.parse(line) as Answer;
		if (answer.reached === undefined) return answers.shift()?.(answer);
		const waiting = holds.shift();
		if (waiting) waiting(answer.reached);
		else held.push(answer.reached);
	});
	const next = () => new Promise<Answer>((resolve) => answers.push(resolve));
	const ready = await next();
	return {
		process: child,
		port: ready.port ?? 0,
		exited: () => exited,
		tell(order) {
			if (exited) return Promise.resolve({});
			const answer = next();
			child.stdin?.write(`${JSON.stringify(order)}\n`);
			return answer;
		},
		reached() {
			const already = held.shift();
			return already === undefined
				? new Promise((resolve) => holds.push(resolve))
				: Promise.resolve(already);
		},
	};
}

/** Opens a project with an account process; the environment must have the emulator at `.snowline/local`. */
export async function openProcessSite(
	files: Readonly<Record<string, string>>,
	bucket: string,
	options: {
		/** Puts down what `files` add to. */
		readonly prepare?: (dir: string) => void;
		readonly env?: Readonly<Record<string, string>>;
		/** The account follows the wall clock. */
		readonly live?: boolean;
	} = {},
): Promise<ProcessSite> {
	const { prepare, env = {}, live = false } = options;
	const dir = scratchDirectory();
	const write = (more: Readonly<Record<string, string>>): void => {
		for (const [file, text] of Object.entries(more)) {
			mkdirSync(dirname(join(dir, file)), { recursive: true });
			writeFileSync(join(dir, file), text);
		}
	};
	prepare?.(dir);
	write(files);
	const path = join(dir, ".snowline/local");
	const buckets = { [bucket]: join(dir, ".snowline/s3", bucket) };
	for (const folder of [path, ...Object.values(buckets)]) mkdirSync(folder, { recursive: true });
	let account = await startAccountProcess(path, buckets, live);
	const children = new Set<ChildProcess>();
	return {
		dir,
		write,
		remove: (file) => rmSync(join(dir, file)),
		async run(...args) {
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
		},
		spawn(...args) {
			const child = spawn(process.execPath, [BUILT, ...args, "-C", dir], {
				stdio: ["ignore", "pipe", "pipe"],
				env: { ...process.env, ...env },
			});
			children.add(child);
			let out = "";
			let err = "";
			child.stdout.on("data", (chunk) => (out += String(chunk)));
			child.stderr.on("data", (chunk) => (err += String(chunk)));
			const ended = once(child, "close").then(([code]): Ran => {
				children.delete(child);
				return { code: typeof code === "number" ? code : -1, out, err };
			});
			return { process: child, ended, kill: (signal) => void child.kill(signal) };
		},
		tell: (order) => account.tell(order),
		reached: () => account.reached(),
		async ask(sql) {
			const client = await connectClient(account.port);
			try {
				const rows = await client.query(sql);
				return rows.map((row) =>
					Object.fromEntries(
						Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)]),
					),
				);
			} finally {
				await client.close();
			}
		},
		async revive() {
			if (account.process.exitCode === null && account.process.signalCode === null) return false;
			// Where its clients look for it.
			account = await startAccountProcess(path, buckets, live, account.port);
			return true;
		},
		killAccount: () => void account.process.kill("SIGKILL"),
		async close() {
			for (const child of children) child.kill("SIGKILL");
			account.process.stdin?.end();
			for (let waited = 0; !account.exited() && waited < 50; waited++) await sleep(100);
			if (!account.exited()) account.process.kill("SIGKILL");
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
