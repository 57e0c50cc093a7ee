import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import type { Ran } from "../support/project.ts";
import { leftOpen, succeeded } from "./checks.ts";
import { openProcessSite } from "./process-site.ts";
import { openSite, type Site } from "./site.ts";
import { LONG, openTally, randomOf } from "./tally.ts";
import type { Version } from "./worked-change.ts";

const tally = openTally("two deployments at once");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

/** Long enough for an apply on a busy machine to keep it, short enough to wait for its end. */
const LEASE_SECONDS = 3;

const FAILED = 1;
const LOCKED = 5;
const STALE = 4;

const ENVIRONMENT = `connection:
  emulator: { path: .snowline/local, buckets: { lake: .snowline/s3/lake } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
records: LAKE.SNOWLINE
`;

/** A small project with something to do in each round. */
function versionOf(round: number): Version {
	const migrations = Array.from({ length: round + 1 }, (_, i) => [
		`migrations/V${String(i + 1).padStart(4, "0")}__round.sql`,
		`-- phase: after\nINSERT INTO AUDIT VALUES ('${i}.1');\nINSERT INTO AUDIT VALUES ('${i}.2');\n`,
	]);
	return {
		secrets: {},
		files: {
			"environments/_defaults.yaml": "project: two\n",
			"environments/local.yaml": ENVIRONMENT,
			"sql/lake.sql": `CREATE DATABASE LAKE;
CREATE SCHEMA RAW;
CREATE TABLE AUDIT (STEP VARCHAR) COMMENT = 'round ${round}';
CREATE TABLE ORDERS (ID NUMBER(38,0)) COMMENT = 'round ${round}';
`,
			...Object.fromEntries(migrations),
		},
	};
}

function auditOf(rounds: number): readonly string[] {
	return Array.from({ length: rounds }, (_, i) => [`${i}.1`, `${i}.2`])
		.flat()
		.sort();
}

async function audit(ask: Site["query"]): Promise<readonly string[]> {
	return (await ask("SELECT STEP FROM LAKE.RAW.AUDIT")).map((row) => String(row.STEP)).sort();
}

/** The steps a deployment did, as it says. */
function stepsOf({ out }: Ran): number {
	return (JSON.parse(out) as { done?: readonly string[] }).done?.length ?? 0;
}

test("of two deployments one runs: never both, never neither", async () => {
	const site = await openSite(versionOf(0));
	const random = randomOf(7);
	try {
		succeeded("the first apply", await site.run(["apply", "--yes"]));
		for (let round = 1; round <= (LONG ? 50 : 2); round++) {
			site.put(versionOf(round));
			tally.injected("two at once");
			const apply = ["apply", "--yes", "--json"];
			// Apart by so much that the second one meets the first before, within and after its deployment.
			const [one, other] = await site.together([apply, apply], random() * 400);
			const ran = [one, other].filter((r): r is Ran => r !== undefined);
			const done = ran.filter((r) => r.code === 0 && stepsOf(r) > 0);
			const said = ran.map((r) => `${r.code} ${r.out}\n${r.err}`).join("\n――\n");
			expect(done, said).toHaveLength(1);
			// The other one found everything done, the lease taken, or the account changed since it planned.
			for (const r of ran) expect([0, LOCKED, STALE], said).toContain(r.code);
			expect(await audit(site.query)).toEqual(auditOf(round + 1));
			expect(await leftOpen(site.query)).toEqual([]);
			tally.survived("two at once");
		}
	} finally {
		await site.close();
	}
}, 600_000);

test("of two first deployments one runs, and the account is whole", async () => {
	for (let round = 0; round < (LONG ? 6 : 1); round++) {
		const site = await openSite(versionOf(0));
		try {
			tally.injected("two first deployments");
			const apply = ["apply", "--yes", "--json"];
			const ran = await site.together([apply, apply], round * 60);
			const said = ran.map((r) => `${r.code} ${r.out}\n${r.err}`).join("\n――\n");
			expect(
				ran.filter((r) => r.code === 0 && stepsOf(r) > 0),
				said,
			).toHaveLength(1);
			// Before there is a place for a lease, the account's CREATE DATABASE is what only one can have.
			for (const r of ran) expect([0, FAILED, LOCKED, STALE], said).toContain(r.code);
			expect(await audit(site.query)).toEqual(auditOf(1));
			expect(await leftOpen(site.query)).toEqual([]);
			tally.survived("two first deployments");
		} finally {
			await site.close();
		}
	}
}, 600_000);

test("the lease of a killed deployment is taken over when it has expired", async () => {
	const site = await openSite(versionOf(0));
	try {
		succeeded("the first apply", await site.run(["apply", "--yes"]));
		site.put(versionOf(1));
		tally.injected("lease taken over");
		const statements: string[] = [];
		const held = await site.runUntil(["apply", "--yes"], {
			statement: (sql) => statements.push(sql) > 0 && /COMMENT = 'round 1'/.test(sql),
			when: "after",
		});
		expect(held).toBe("gone");
		const refused = await site.run(["apply", "--yes"]);
		expect(refused.code, refused.err).toBe(LOCKED);
		expect(refused.err).toContain("LEASE_HELD");
		site.wait(30);
		succeeded("the next apply", await site.run(["apply", "--yes"]));
		expect(await audit(site.query)).toEqual(auditOf(2));
		expect(await leftOpen(site.query)).toEqual([]);
		tally.survived("lease taken over");
	} finally {
		await site.close();
	}
}, 120_000);

test("a paused deployment whose lease was taken stops before its next statement", async () => {
	const site = await openProcessSite(versionOf(0).files, "lake", {
		live: true,
		env: { SNOWLINE_LEASE_SECONDS: String(LEASE_SECONDS) },
	});
	try {
		succeeded("the first apply", await site.run("apply", "--yes"));
		site.write(versionOf(1).files);
		tally.injected("paused and overtaken");
		await site.tell({ hold: { in: 0, from: "COMMENT = 'round 1'", when: "after" } });
		const paused = site.spawn("apply", "--yes");
		await site.reached();
		paused.kill("SIGSTOP");
		await site.tell({ release: "run" });
		await sleep((LEASE_SECONDS + 1) * 1000);
		succeeded("the apply that takes over", await site.run("apply", "--yes"));
		await site.tell({ log: true });

		paused.kill("SIGCONT");
		const { code, err } = await paused.ended;
		expect(code, err).toBe(LOCKED);
		expect(err).toContain("LEASE_LOST");
		const { log = [] } = await site.tell({ log: true });
		// What it may still do is ask for its lease, and read.
		const ran = log.filter(
			(sql) => !/SNOWLINE\.|^\s*(?:SELECT|SHOW|DESC|USE|ALTER SESSION)/i.test(sql),
		);
		expect(ran).toEqual([]);
		expect(await audit(site.ask)).toEqual(auditOf(2));
		expect(await leftOpen(site.ask)).toEqual([]);
		tally.survived("paused and overtaken");
	} finally {
		await site.close();
	}
}, 120_000);
