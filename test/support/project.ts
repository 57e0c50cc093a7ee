import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { runCli } from "../../src/cli/run-cli.ts";

/** What a command printed, and how it ended. */
export interface Ran {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

/** A project in a temporary directory, worked on as a person would: files and commands. */
export interface TestProject {
	readonly dir: string;
	write(files: Readonly<Record<string, string>>): void;
	remove(file: string): void;
	/** Runs one command; `-C` is added. Nothing is a terminal, so there are no colours and no questions. */
	run(...args: readonly string[]): Promise<Ran>;
	/** The environment variables that commands see. */
	readonly env: Record<string, string>;
	close(): void;
}

/** A local environment with one database. */
export const LOCAL = `connection:
  emulator: { path: .snowline/local, buckets: { lake: .snowline/s3/lake } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
variables: { lake: LAKE, feeds: [ORDERS, REFUNDS] }
context: { database: LAKE, schema: BRONZE }
manage: { databases: [LAKE] }
`;

/** The least every project of the tests declares. */
export const LAKE = "CREATE DATABASE {{lake}};\nCREATE SCHEMA BRONZE;\n";

/** Makes a project; without environment files it gets `LOCAL`. */
export function makeProject(files: Readonly<Record<string, string>>): TestProject {
	const dir = mkdtempSync(join(tmpdir(), "snowline-project-"));
	const env: Record<string, string> = {};
	const write = (more: Readonly<Record<string, string>>) => {
		for (const [file, text] of Object.entries(more)) {
			mkdirSync(dirname(join(dir, file)), { recursive: true });
			writeFileSync(join(dir, file), text);
		}
	};
	write({
		"environments/_defaults.yaml": "project: test\n",
		"environments/local.yaml": LOCAL,
		...files,
	});
	return {
		dir,
		env,
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
		close: () => rmSync(dir, { recursive: true, force: true }),
	};
}
