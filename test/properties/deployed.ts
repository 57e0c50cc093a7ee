import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { announceServing } from "../../src/cli/connect.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { tick } from "../../src/emulator/index.ts";
import { startAccount, type TestAccount } from "../support/account.ts";
import type { Ran } from "../support/project.ts";
import { ROLES } from "./pipeline.ts";

/** One account for projects one after another, each in a database of its own. */
export interface Ground {
	readonly account: TestAccount;
	/** Statements that came since this was last asked. */
	statements(): readonly string[];
	/** Opens a project in a new database. */
	open(): Plot;
	close(): Promise<void>;
}

/** A project's directory, its database and its part of the bucket. */
export interface Plot {
	readonly database: string;
	/** Lays down what is declared, and what is accepted in the environment. */
	put(sql: string, permits?: readonly { readonly hazard: string; readonly object: string }[]): void;
	run(...args: readonly string[]): Promise<Ran>;
	/** Puts a file beneath the bucket's folder of this project. */
	drop(file: string, text: string): void;
	/** Lets the account's time go on: files are delivered, tasks run. */
	wait(seconds: number): Promise<void>;
	/** Drops the database, so that the account stays small. */
	close(): Promise<void>;
}

/** What the account has that is not the projects'. */
const OUTSIDE = [
	...ROLES.map((role) => `CREATE ROLE ${role}`),
	"CREATE WAREHOUSE OTHER_WH",
	"CREATE DATABASE LAKE",
	"CREATE SCHEMA LAKE.BRONZE",
	"CREATE TABLE LAKE.BRONZE.ORDERS (ID NUMBER, NOTE VARCHAR)",
	"CREATE TABLE LAKE.BRONZE.RETURNS (ID NUMBER, NOTE VARCHAR)",
	"CREATE DATABASE RECORDS",
];

function write(dir: string, file: string, text: string): void {
	const path = join(dir, file);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** Opens an account. */
export async function openGround(): Promise<Ground> {
	const root = mkdtempSync(join(tmpdir(), "snowline-properties-"));
	const buckets = { lake: join(root, "lake"), "acme-lake": join(root, "acme-lake") };
	for (const path of Object.values(buckets)) mkdirSync(path, { recursive: true });
	const path = join(root, "local");
	mkdirSync(path);
	let log: string[] = [];
	const account = await startAccount({
		path,
		buckets,
		faults: { beforeStatement: (_n, sql) => void log.push(sql) },
	});
	await account.run(...OUTSIDE);
	const withdraw = announceServing(path, account.port);
	let count = 0;
	return {
		account,
		statements() {
			const given = log;
			log = [];
			return given;
		},
		open() {
			const database = `P${++count}`;
			const dir = join(root, database);
			const put: Plot["put"] = (sql, permits = []) => {
				write(dir, "environments/_defaults.yaml", `project: ${database.toLowerCase()}\n`);
				write(
					dir,
					"environments/local.yaml",
					`connection:
  emulator: { path: ../local, buckets: { lake: ../lake, acme-lake: ../acme-lake } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
context: { database: ${database}, schema: BRONZE }
manage: { databases: [${database}] }
records: RECORDS.${database}
${permits.length > 0 ? "permit:\n" : ""}${permits.map((p) => `  - { hazard: ${p.hazard}, object: '${p.object.replaceAll("'", "''")}', until: 2999-12-31, reason: test }\n`).join("")}`,
				);
				write(dir, "sql/project.sql", sql);
			};
			return {
				database,
				put,
				async run(...args) {
					let out = "";
					let err = "";
					const streams = {
						stdout: { write: (text: string) => (out += text) },
						stderr: { write: (text: string) => (err += text) },
						stdin: new PassThrough(),
						env: {},
					};
					const code = await runCli([...args, "-C", dir], streams, new AbortController().signal);
					return { code, out, err };
				},
				drop: (file, text) => write(join(buckets.lake, database), file, text),
				wait: async (seconds) => void (await tick(account.account, { forMillis: seconds * 1000 })),
				async close() {
					await account.run(
						`DROP DATABASE IF EXISTS ${database}`,
						`DROP SCHEMA IF EXISTS RECORDS.${database}`,
						`DROP STORAGE INTEGRATION IF EXISTS S3_${database}`,
					);
					rmSync(dir, { recursive: true, force: true });
				},
			};
		},
		async close() {
			withdraw();
			await account.close();
			rmSync(root, { recursive: true, force: true });
		},
	};
}
