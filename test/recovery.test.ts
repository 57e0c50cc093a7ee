import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Plan } from "../src/plan/plan.ts";
import { openSite, type Site } from "./chaos/site.ts";

const LOCAL = `connection: { emulator: { path: .snowline/local, buckets: { lake: .snowline/s3/lake } } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
`;

const TASKS = (child: string) => `USE SCHEMA LAKE.RAW;
CREATE TASK NIGHTLY SCHEDULE = '720 MINUTES' WAREHOUSE = COMPUTE_WH AS SELECT 1;
CREATE TASK CHILD WAREHOUSE = COMPUTE_WH AFTER NIGHTLY AS ${child};
ALTER TASK CHILD RESUME;
`;

const FILES = {
	"environments/_defaults.yaml": "project: demo\n",
	"environments/local.yaml": LOCAL,
	"environments/other.yaml": LOCAL,
	"sql/lake.sql": "CREATE DATABASE LAKE;\nCREATE SCHEMA RAW;\nCREATE TABLE T (ID INT);\n",
	"sql/tasks.sql": TASKS("SELECT 2"),
};

const CHANGED = {
	...FILES,
	"sql/lake.sql": `${FILES["sql/lake.sql"]}CREATE TABLE U (ID INT) COMMENT = 'new';\n`,
	"sql/tasks.sql": TASKS("SELECT 3"),
};

const APPLY = ["apply", "--yes"] as const;
const HELD = (sql: string) => sql === "ALTER TASK LAKE.RAW.NIGHTLY SUSPEND";

let site: Site;

beforeEach(async () => {
	site = await openSite({ files: FILES, secrets: {} });
	expect(await site.run(APPLY)).toMatchObject({ code: 0, err: expect.any(String) });
	// Nobody declares whether the root runs: a person started it.
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY RESUME");
}, 60_000);

afterEach(() => site.close());

async function cell(sql: string): Promise<string | null | undefined> {
	return Object.values((await site.query(sql))[0] ?? {})[0];
}

const outcomes = async () =>
	(await site.query("SELECT OUTCOME FROM LAKE.SNOWLINE.DEPLOYMENTS ORDER BY STARTED_AT")).map(
		(row) => row.OUTCOME,
	);

const taskState = async (name: string) =>
	(await site.query(`DESCRIBE TASK LAKE.RAW.${name}`))[0]?.state;

const file = (name: string) => join(site.dir, name);

test("what a killed deployment held is let go first, as the plan shows", async () => {
	site.put({ files: CHANGED, secrets: {} });
	expect(await site.runUntil(APPLY, { statement: HELD, when: "after" })).toBe("gone");
	expect(await taskState("NIGHTLY")).toBe("suspended");
	site.wait(6);
	const plan = await site.run(["plan"]);
	expect(plan.out).toMatch(/↺ recover DEPLOYMENT .* cut off; still held: TASK LAKE\.RAW\.NIGHTLY/);
	const json = JSON.parse((await site.run(["plan", "--json"])).out) as Plan;
	expect(json.steps[0]?.operations.map((o) => o.sql)).toEqual([
		"ALTER TASK LAKE.RAW.NIGHTLY RESUME",
	]);
	const [recovery = { id: "" }, ...others] = json.steps;
	expect(others.every((step) => step.dependsOn.includes(recovery.id))).toBe(true);
	// It runs again once that is done, so the rest holds it anew.
	expect(others.map((step) => step.id)).toContain("hold TASK LAKE.RAW.NIGHTLY");
	const applied = await site.run(APPLY);
	expect(applied).toMatchObject({ code: 0 });
	expect(applied.out).toContain("verified: 0 differences");
	expect(applied.out).toContain("TASK LAKE.RAW.NIGHTLY  state: started");
	expect(await taskState("NIGHTLY")).toBe("started");
	expect(await outcomes()).toEqual(["done", "recovered", "done"]);
	expect((await site.run(["plan", "--detailed-exitcode"])).code).toBe(0);
}, 60_000);

test("the very plan that was cut off goes on where it was", async () => {
	site.put({ files: CHANGED, secrets: {} });
	const saved = file("plan.json");
	expect((await site.run(["plan", "--out", saved])).code).toBe(0);
	const run = ["apply", saved];
	const changed = (sql: string) => sql.startsWith("ALTER TASK LAKE.RAW.CHILD MODIFY AS");
	expect(await site.runUntil(run, { statement: changed, when: "after" })).toBe("gone");
	site.wait(6);
	const sent: string[] = [];
	const applied = await site.run(run, { beforeStatement: (_n, sql) => void sent.push(sql) });
	expect(applied).toMatchObject({ code: 0 });
	expect(applied.out).toContain("verified: 0 differences");
	// Neither what was done is done again nor what is held let go in between.
	expect(sent.filter((sql) => HELD(sql) || changed(sql))).toEqual([]);
	expect(sent.filter((sql) => sql === "ALTER TASK LAKE.RAW.NIGHTLY RESUME")).toHaveLength(1);
	expect(await taskState("NIGHTLY")).toBe("started");
	expect(await outcomes()).toEqual(["done", "done"]);
	expect((await site.run(["plan", "--detailed-exitcode"])).code).toBe(0);
}, 60_000);

test("a statement of a migration runs once, whichever side of it the process dies on", async () => {
	for (const when of ["before", "after"] as const) {
		const version = when === "before" ? 1 : 2;
		site.put({
			files: {
				...FILES,
				"migrations/V1__rows.sql": "-- new environment: run\nINSERT INTO T VALUES (1);\n",
				...(version === 2 ? { "migrations/V2__rows.sql": "INSERT INTO T VALUES (2);\n" } : {}),
			},
			secrets: {},
		});
		const insert = (sql: string) => sql === `INSERT INTO T VALUES (${version})`;
		expect(await site.runUntil(APPLY, { statement: insert, when })).toBe("gone");
		site.wait(6);
		expect(await site.run(APPLY)).toMatchObject({ code: 0 });
		expect(await cell("SELECT COUNT(*) FROM LAKE.RAW.T")).toBe(String(version));
	}
}, 90_000);

test("what a killed deployment dropped is forgotten, and can be declared again", async () => {
	const dropping = ["apply", "--yes", "--allow-hazards", "OBJECT_DROPPED,DATA_LOSS"];
	const dropped = (sql: string) => sql === "DROP TABLE LAKE.RAW.T";
	const without = { ...FILES, "sql/lake.sql": "CREATE DATABASE LAKE;\nCREATE SCHEMA RAW;\n" };
	site.put({ files: without, secrets: {} });
	expect(await site.runUntil(dropping, { statement: dropped, when: "after" })).toBe("gone");
	site.wait(6);
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
	expect(await site.query("SELECT * FROM LAKE.SNOWLINE.OBJECTS WHERE NAME = 'LAKE.RAW.T'")).toEqual(
		[],
	);
	site.put({ files: FILES, secrets: {} });
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
}, 60_000);

test("a migration that ended runs once, although its end could not be recorded", async () => {
	const files = {
		...FILES,
		"migrations/R__rows.sql": "-- phase: after\nINSERT INTO T VALUES (1);\n",
		"sql/tasks.sql": TASKS("SELECT 3"),
	};
	site.put({ files, secrets: {} });
	let inserted = false;
	const ran = await site.run(APPLY, {
		beforeStatement(_n, sql) {
			if (inserted && sql.startsWith("UPDATE LAKE.SNOWLINE.MIGRATIONS")) throw new Error("full");
			inserted ||= sql === "INSERT INTO T VALUES (1)";
		},
	});
	expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("could not be written") });
	expect(await taskState("NIGHTLY")).toBe("started");
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
	expect(await cell("SELECT COUNT(*) FROM LAKE.RAW.T")).toBe("1");
}, 60_000);

test("a plan made while another deployment ended is stale", async () => {
	site.put({
		files: { ...CHANGED, "migrations/R__rows.sql": "-- phase: after\nINSERT INTO T VALUES (1);\n" },
		secrets: {},
	});
	let other: Promise<unknown> | undefined;
	const ran = await site.run(APPLY, {
		// The migrations' records have been read by now, and nothing else has.
		async beforeStatement(_n, sql) {
			if (!sql.startsWith("SHOW ")) return;
			other ??= site.run(APPLY);
			expect(await other).toMatchObject({ code: 0 });
		},
	});
	expect(ran).toMatchObject({ code: 4 });
	expect(await cell("SELECT COUNT(*) FROM LAKE.RAW.T")).toBe("1");
}, 60_000);

test("a deployment that runs is not taken for a dead one, and keeps others out", async () => {
	site.put({ files: CHANGED, secrets: {} });
	expect(await site.runUntil(APPLY, { statement: HELD, when: "after" })).toBe("gone");
	const plan = await site.run(["plan"]);
	expect(plan.out).toContain("DEPLOYMENT_RUNNING");
	expect(plan.out).not.toContain("recover");
	const refused = await site.run(APPLY);
	expect(refused).toMatchObject({ code: 5 });
	expect(refused.err).toContain("LEASE_HELD");
}, 60_000);

test("a migration that another deployment is running is not taken for one that was cut off", async () => {
	const migration = { "migrations/R__rows.sql": "-- phase: after\nINSERT INTO T VALUES (1);\n" };
	site.put({ files: { ...FILES, ...migration }, secrets: {} });
	const inserts = (sql: string) => sql === "INSERT INTO T VALUES (1)";
	expect(await site.runUntil(APPLY, { statement: inserts, when: "after" })).toBe("gone");
	const plan = await site.run(["plan"]);
	expect(plan).toMatchObject({ code: 0, out: expect.stringContaining("DEPLOYMENT_RUNNING") });
	expect(await site.run(APPLY)).toMatchObject({ code: 5 });
	site.wait(6);
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
	expect(await cell("SELECT COUNT(*) FROM LAKE.RAW.T")).toBe("1");
}, 60_000);

test("a stale plan shows what differs; an unrelated change does not matter", async () => {
	site.put({ files: CHANGED, secrets: {} });
	const saved = file("plan.json");
	await site.run(["plan", "--out", saved]);
	await site.query("CREATE TABLE LAKE.RAW.UNRELATED (ID INT)");
	await site.query("ALTER TABLE LAKE.RAW.T SET COMMENT = 'not touched by the plan'");
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY SUSPEND");
	await site.query("ALTER TASK LAKE.RAW.CHILD SUSPEND");
	await site.query("ALTER TASK LAKE.RAW.CHILD SET COMMENT = 'by hand'");
	await site.query("ALTER TASK LAKE.RAW.CHILD RESUME");
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY RESUME");
	const stale = await site.run(["apply", saved]);
	expect(stale).toMatchObject({ code: 4 });
	expect(stale.err).toContain("TASK LAKE.RAW.CHILD is not as it was when the plan was made");
	expect(stale.err).toContain('COMMENT: was (none), is "by hand" now');
	expect(stale.err).not.toContain("UNRELATED");
	expect(await outcomes()).toEqual(["done"]);
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY SUSPEND");
	await site.query("ALTER TASK LAKE.RAW.CHILD UNSET COMMENT");
	await site.query("ALTER TASK LAKE.RAW.NIGHTLY RESUME");
	expect(await site.run(["apply", saved])).toMatchObject({ code: 0 });
	// Applied once, it does not fit any more.
	expect(await site.run(["apply", saved])).toMatchObject({ code: 4 });
}, 60_000);

test("a plan that was edited, or is for another environment or version, runs nothing", async () => {
	site.put({ files: CHANGED, secrets: {} });
	const saved = file("plan.json");
	await site.run(["plan", "--out", saved]);
	const text = readFileSync(saved, "utf8");
	const codes = async (edited: string, ...more: readonly string[]) => {
		writeFileSync(saved, edited);
		return (await site.run(["apply", saved, ...more])).code;
	};
	expect(await codes(text.replace("'new'", "'newer'"))).toBe(65);
	expect(await codes(text.replace(/,\s*"checksum": "\w+"/, ""))).toBe(65);
	expect(await codes(text.replace('"version": 1', '"version": 2'))).toBe(65);
	expect(await codes(text.slice(0, -10))).toBe(65);
	expect(await codes(text, "-e", "other")).toBe(78);
	expect(await codes(text, "--target", "LAKE.RAW.T")).toBe(64);
	expect(await outcomes()).toEqual(["done"]);
	expect(await codes(text)).toBe(0);
}, 60_000);

test("a failure lets go what was held, closes the deployment and gives the lease back", async () => {
	site.put({ files: CHANGED, secrets: {} });
	const failed = await site.run(APPLY, {
		beforeStatement(_n, sql) {
			if (sql.startsWith("ALTER TASK LAKE.RAW.CHILD MODIFY AS")) throw new Error("refused");
		},
	});
	expect(failed).toMatchObject({ code: 1 });
	expect(await taskState("NIGHTLY")).toBe("started");
	expect(await outcomes()).toEqual(["done", "failed"]);
	expect(await cell("SELECT COUNT(HOLDER) FROM LAKE.SNOWLINE.LEASES")).toBe("0");
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
}, 60_000);

test("what could not be let go is let go by the next apply, whatever was refused", async () => {
	site.put({ files: CHANGED, secrets: {} });
	const failed = await site.run(APPLY, {
		beforeStatement: (_n, sql) => {
			if (/^ALTER TASK .* (MODIFY|RESUME)/.test(sql)) throw new Error("refused by the test");
		},
	});
	expect(failed.code).toBe(1);
	expect(failed.err).toContain("the next apply begins with that");
	expect(await taskState("NIGHTLY")).toBe("suspended");
	const plan = await site.run(["plan"]);
	expect(plan.out).toMatch(/↺ recover DEPLOYMENT .* cut off; still held: TASK LAKE\.RAW\.NIGHTLY/);
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
	expect(await taskState("NIGHTLY")).toBe("started");
	expect(await outcomes()).toEqual(["done", "recovered", "done"]);
}, 60_000);

test("records in a cloned database are refused, with the way out", async () => {
	await site.query("CREATE DATABASE COPY");
	await site.query("CREATE SCHEMA COPY.SNOWLINE");
	for (const table of ["DEPLOYMENTS", "JOURNAL", "MIGRATIONS", "OBJECTS", "LEASES"])
		await site.query(`CREATE TABLE COPY.SNOWLINE.${table} AS SELECT * FROM LAKE.SNOWLINE.${table}`);
	const files = { ...FILES, "environments/local.yaml": `${LOCAL}records: COPY.SNOWLINE\n` };
	site.put({ files, secrets: {} });
	const refused = await site.run(["plan"]);
	expect(refused).toMatchObject({ code: 78 });
	expect(refused.err).toContain("the records in COPY were made in database LAKE");
	const hint = refused.err.slice(refused.err.indexOf("DELETE FROM"));
	for (const line of hint.split(";").slice(0, 3)) await site.query(line.replace(/^[\s=]+/, ""));
	expect(await site.run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 });
}, 60_000);
