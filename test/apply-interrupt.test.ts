import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { announceServing } from "../src/cli/connect.ts";
import { type FaultPlan, type Server, serve } from "../src/emulator/index.ts";
import { openSite, type Site } from "./chaos/site.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const LOCAL = `connection: { emulator: { path: .snowline/local, buckets: { lake: .snowline/s3/lake } } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
`;

const files = (child: string) => ({
	"environments/_defaults.yaml": "project: demo\n",
	"environments/local.yaml": LOCAL,
	"sql/lake.sql": "CREATE DATABASE LAKE;\nCREATE SCHEMA RAW;\nCREATE TABLE T (ID INT);\n",
	"sql/tasks.sql": `USE SCHEMA LAKE.RAW;
CREATE TASK NIGHTLY SCHEDULE = '720 MINUTES' WAREHOUSE = COMPUTE_WH AS SELECT 1;
CREATE TASK CHILD WAREHOUSE = COMPUTE_WH AFTER NIGHTLY AS ${child};
`,
});

const isHold = (sql: string) => sql === "ALTER TASK LAKE.RAW.NIGHTLY SUSPEND";

let site: Site;
let servers: Server[];

beforeEach(async () => {
	servers = [];
	site = await openSite({ files: files("SELECT 2"), secrets: {} });
	expect((await site.run(["apply", "--yes"])).code).toBe(0);
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY RESUME");
	site.put({ files: files("SELECT 3"), secrets: {} });
}, 60_000);

afterEach(async () => {
	for (const server of servers) await server.close();
	await site.close();
});

/** Starts the program on the account, as a process of its own. */
async function start(
	faults: FaultPlan,
	...args: readonly string[]
): Promise<{
	readonly child: ChildProcess;
	readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}> {
	const server = await serve(site.account, faults);
	servers.push(server);
	announceServing(join(site.dir, ".snowline/local"), server.port);
	const program = ["--import", "tsx", join(ROOT, "src/cli/main.ts")];
	const child = spawn(process.execPath, [...program, ...args, "-C", site.dir], {
		cwd: ROOT,
		stdio: ["ignore", "ignore", "pipe"],
	});
	let err = "";
	child.stderr?.on("data", (text: Buffer) => {
		err += text.toString();
	});
	const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
		child.once("close", (code) => resolve({ code, err })),
	);
	return { child, ended };
}

async function cell(sql: string): Promise<string | null | undefined> {
	return Object.values((await site.query(sql))[0] ?? {})[0];
}

const rootState = async () => (await site.query("DESCRIBE TASK LAKE.RAW.NIGHTLY"))[0]?.state;

test.each([
	["SIGINT", 130],
	["SIGTERM", 143],
] as const)(
	"%s lets go what is held, closes the deployment, gives the lease back",
	async (signal, code) => {
		let pid: number | undefined;
		const { child, ended } = await start(
			{
				async afterStatement(_n, sql) {
					if (!isHold(sql)) return;
					process.kill(pid ?? 0, signal);
					await sleep(300);
				},
			},
			"apply",
			"--yes",
		);
		pid = child.pid;
		const { code: exit, err } = await ended;
		expect(exit).toBe(code);
		expect(err).toContain("interrupted: starting nothing new");
		expect(err).toContain("hold TASK LAKE.RAW.NIGHTLY: state restored");
		expect(err).toContain("not started  alter TASK LAKE.RAW.CHILD");
		expect(await rootState()).toBe("started");
		expect(
			await cell("SELECT OUTCOME FROM LAKE.SNOWLINE.DEPLOYMENTS ORDER BY STARTED_AT DESC LIMIT 1"),
		).toBe("interrupted");
		expect(await cell("SELECT COUNT(HOLDER) FROM LAKE.SNOWLINE.LEASES")).toBe("0");
		expect((await site.run(["apply", "--yes"])).code).toBe(0);
	},
	60_000,
);

test("goes on when nobody reads what it tells any more", async () => {
	const { child, ended } = await start({}, "apply", "--yes");
	child.stderr?.destroy();
	expect((await ended).code).toBe(0);
	expect(await rootState()).toBe("started");
	expect(await cell("SELECT COUNT(HOLDER) FROM LAKE.SNOWLINE.LEASES")).toBe("0");
}, 60_000);

test("a query that runs is cancelled, and its migration goes on later", async () => {
	const query =
		"INSERT INTO T SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000)) A, TABLE(GENERATOR(ROWCOUNT => 10000000)) B";
	site.put({
		files: {
			...files("SELECT 2"),
			"migrations/V1__long.sql": `-- new environment: run\n${query};\n`,
		},
		secrets: {},
	});
	let pid: number | undefined;
	const { child, ended } = await start(
		{
			beforeStatement(_n, sql) {
				if (sql === query) setTimeout(() => process.kill(pid ?? 0, "SIGINT"), 500);
			},
		},
		"apply",
		"--yes",
	);
	pid = child.pid;
	const { code, err } = await ended;
	expect(code).toBe(130);
	expect(err).toContain("SQL execution canceled");
	expect(await cell("SELECT COUNT(*) FROM LAKE.RAW.T")).toBe("0");
	const plan = await site.run(["plan"]);
	expect(plan.out).toContain("failed, goes on at statement 1");
}, 60_000);

test("a second Ctrl-C ends at once and says what is left", async () => {
	let pid: number | undefined;
	const { child, ended } = await start(
		{
			async afterStatement(_n, sql) {
				if (!isHold(sql)) return;
				process.kill(pid ?? 0, "SIGINT");
				await sleep(200);
				process.kill(pid ?? 0, "SIGINT");
				await sleep(1000);
			},
		},
		"apply",
		"--yes",
	);
	pid = child.pid;
	const { code, err } = await ended;
	expect(code).toBe(130);
	expect(err).toContain("stopped at once");
	expect(err).toContain("may still run: hold TASK LAKE.RAW.NIGHTLY");
	expect(err).toContain("still held: TASK LAKE.RAW.NIGHTLY");
	expect(await rootState()).toBe("suspended");
	expect((await site.run(["unlock", "--yes"])).code).toBe(0);
	expect((await site.run(["apply", "--yes"])).code).toBe(0);
	expect(await rootState()).toBe("started");
}, 60_000);
