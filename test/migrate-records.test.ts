import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { announceServing } from "../src/cli/connect.ts";
import { runCli } from "../src/cli/run-cli.ts";
import { type FaultPlan, serve } from "../src/emulator/index.ts";
import { openSite, type Site } from "./chaos/site.ts";

const FILES = {
	"environments/local.yaml": `project: demo
connection: { emulator: { path: .snowline/local } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
`,
	"sql/lake.sql": "CREATE DATABASE LAKE;\nCREATE SCHEMA RAW;\nCREATE TABLE T (ID INT);\n",
	"migrations/V1__one.sql": "-- phase: after\nINSERT INTO T VALUES (1);\n",
	"migrations/V2__two.sql": "-- phase: after\nINSERT INTO T VALUES (2);\n",
};
const EDITED = {
	...FILES,
	"migrations/V1__one.sql": "-- phase: after\nINSERT INTO T VALUES (11);\n",
	"migrations/V2__two.sql": "-- phase: after\nINSERT INTO T VALUES (22);\n",
};

let site: Site;

const put = (files: Readonly<Record<string, string>>) => site.put({ files, secrets: {} });

beforeEach(async () => {
	site = await openSite({ files: FILES, secrets: {} });
}, 30_000);

afterEach(() => site.close());

/** Runs a command that is interrupted when a statement has run. */
async function interrupted(signal: string, when: (sql: string) => boolean, ...args: string[]) {
	const interrupt = new AbortController();
	const faults: FaultPlan = {
		afterStatement: (_n, sql) => {
			if (when(sql)) interrupt.abort(signal);
		},
	};
	const server = await serve(site.account, faults);
	const over = announceServing(join(site.dir, ".snowline/local"), server.port);
	let out = "";
	const streams = {
		stdout: { write: (text: string) => (out += text) },
		stderr: { write: () => undefined },
		stdin: new PassThrough(),
		env: {},
	};
	try {
		return { code: await runCli([...args, "-C", site.dir], streams, interrupt.signal), out };
	} finally {
		over();
		await server.close();
	}
}

async function history() {
	return JSON.parse((await site.run(["history", "--json"])).out) as readonly {
		id: string;
		outcome: string;
	}[];
}

const holders = async () =>
	Object.values((await site.query("SELECT COUNT(HOLDER) FROM LAKE.SNOWLINE.LEASES"))[0] ?? {})[0];

async function states() {
	const { out } = await site.run(["migrate", "status", "--json"]);
	return (JSON.parse(out) as readonly Record<string, string | null>[]).map((row) =>
		[row.version, row.state, row.next].filter((cell) => cell !== null).join(" "),
	);
}

test("records are edited under the lease, as a deployment that the history shows", async () => {
	expect(await site.run(["migrate", "baseline", "1"])).toMatchObject({
		code: 78,
		err: expect.stringContaining("database LAKE does not exist"),
	});
	await site.query("CREATE DATABASE LAKE");
	expect(await site.run(["migrate", "baseline", "1"])).toMatchObject({
		code: 0,
		out: "recorded as baselined: V1__one.sql\n",
	});
	expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
	put(EDITED);
	expect(await site.run(["migrate", "repair", "--json"])).toMatchObject({
		code: 0,
		out: expect.stringContaining('"V2__two.sql is accepted as it is"'),
	});
	const [repair, apply, baseline] = await history();
	expect([repair?.outcome, apply?.outcome, baseline?.outcome]).toEqual(["done", "done", "done"]);
	expect(repair?.id).toMatch(/^repair-/);
	expect(baseline?.id).toMatch(/^baseline-/);
	const shown = (await site.run(["history", repair?.id ?? ""])).out;
	expect(shown).toContain("migrate repair\n");
	expect(shown).toContain("-- V1__one.sql is accepted as it is");
	expect(await holders()).toBe("0");
	// Nothing to do takes no lease and leaves no trace.
	expect((await site.run(["migrate", "repair"])).out).toBe("the records agree with the project\n");
	expect(await history()).toHaveLength(3);
	expect(await site.run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 });
}, 60_000);

test("a deployment that runs keeps others from editing, and hears of none", async () => {
	const inserts = (sql: string) => sql === "INSERT INTO T VALUES (2)";
	expect(await site.runUntil(["apply", "--yes"], { statement: inserts, when: "after" })).toBe(
		"gone",
	);
	expect(await states()).toEqual(["1 done", "2 running"]);
	put(EDITED);
	for (const edit of [
		["repair", "1"],
		["repair", "2", "--statement", "1", "--done"],
	]) {
		const refused = await site.run(["migrate", ...edit]);
		expect(refused).toMatchObject({ code: 5 });
		expect(refused.err).toMatch(
			/LEASE_HELD.*\(deployment [\w-]{36}\) holds the lease until [\d:]+ UTC/,
		);
	}
	put(FILES);
	site.wait(6);
	// The account's history has the statement, so that nobody has to decide.
	expect(await states()).toEqual([
		"1 done",
		"2 failed all statements ran; the next apply records that",
	]);
	expect(await site.run(["migrate", "repair", "2", "--statement", "1", "--done"])).toMatchObject({
		code: 0,
	});
	expect(await states()).toEqual(["1 done", "2 done"]);
	expect(await holders()).toBe("0");
}, 60_000);

test("an edit that fails or is interrupted gives the lease back and is closed", async () => {
	expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
	put(EDITED);
	const isEdit = (sql: string) => sql.startsWith("UPDATE LAKE.SNOWLINE.MIGRATIONS");
	let edits = 0;
	const failed = await site.run(["migrate", "repair"], {
		beforeStatement: (_n, sql) => {
			if (isEdit(sql) && ++edits === 2) throw new Error("full");
		},
	});
	expect(failed).toMatchObject({ code: 1 });
	expect(await holders()).toBe("0");
	put({ ...EDITED, "migrations/V1__one.sql": "-- phase: after\nINSERT INTO T VALUES (111);\n" });
	expect(await interrupted("SIGTERM", isEdit, "migrate", "repair")).toEqual({
		code: 143,
		out: "V1__one.sql is accepted as it is\n",
	});
	const taken = (sql: string) => sql === "COMMIT";
	expect(await interrupted("SIGINT", taken, "migrate", "repair")).toEqual({
		code: 130,
		out: "nothing was changed\n",
	});
	expect(await holders()).toBe("0");
	expect((await history()).map(({ outcome }) => outcome)).toEqual([
		"interrupted",
		"failed",
		"done",
	]);
	// What was done stays done, and the rest can still be done.
	expect((await site.run(["migrate", "repair"])).out).toBe("V2__two.sql is accepted as it is\n");
}, 60_000);

test("a statement of which nobody knows anything is left to a person", async () => {
	expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
	await site.query(
		"UPDATE LAKE.SNOWLINE.MIGRATIONS SET STATUS = 'running', DONE = 0, DEPLOYMENT = 'elsewhere' WHERE FILE = 'V2__two.sql'",
	);
	await site.query(
		"INSERT INTO LAKE.SNOWLINE.JOURNAL (PROJECT, DEPLOYMENT, SEQ, AT, STEP, OPERATION, EVENT) SELECT 'demo', 'elsewhere', 1, AT, 'migrate V2__two.sql', 1, 'start' FROM LAKE.SNOWLINE.MIGRATIONS WHERE FILE = 'V2__two.sql'",
	);
	const undecided =
		"look it up in the query history, then run `snowline migrate repair 2 --statement 1 --done` or `… --retry`";
	expect(await states()).toEqual(["1 done", `2 undecided ${undecided}`]);
	const { out } = await site.run(["migrate", "status"]);
	expect(out.trimEnd().split("\n").at(-1)).toBe(`2 two: ${undecided}`);
	expect((await site.run(["plan"])).err).toContain(undecided);
	expect(await site.run(["migrate", "repair", "2", "--statement", "1", "--retry"])).toMatchObject({
		code: 0,
	});
	expect(await states()).toEqual(["1 done", "2 failed goes on at statement 1"]);
}, 60_000);
