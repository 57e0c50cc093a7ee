import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { fileEvents, tick } from "../../src/emulator/index.ts";
import { type Death, openSite, type Site } from "../chaos/site.ts";
import { LAKE, LOCAL } from "../support/project.ts";

/** Whether every order of announcements is tried, and every statement to be cut off at. */
const LONG = process.env["SNOWLINE_CHAOS"] === "long";
const SEEDS = Number(process.env["PIPE_SEEDS"] ?? (LONG ? 200 : 5));

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER, FILE VARCHAR);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS
COPY INTO RAW FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/);
`;
const CHANGED = PIPELINE.replace("SELECT $1,", "SELECT $1::NUMBER,");

function version(pipeline: string) {
	return {
		files: {
			"environments/_defaults.yaml": "project: demo\n",
			"environments/local.yaml": LOCAL,
			"sql/lake.sql": LAKE,
			"sql/pipeline.sql": pipeline,
		},
		secrets: {},
	};
}

function drop(site: Site, name: string, folder = "landing"): string {
	const orders = join(site.dir, ".snowline/s3/lake", folder, "orders");
	mkdirSync(orders, { recursive: true });
	writeFileSync(join(orders, name), "1\n");
	return `${folder}/orders/${name}`;
}

async function loaded(site: Site): Promise<readonly string[]> {
	const rows = await site.query("SELECT FILE FROM LAKE.BRONZE.RAW ORDER BY FILE");
	return rows.map((row) => row.FILE ?? "");
}

/** Lets the account's clock and its events go on while something runs. */
async function meanwhile<T>(
	site: Site,
	delivery: { readonly seed: string; readonly delay: number },
	work: Promise<T>,
): Promise<T> {
	let over = false;
	const files = fileEvents(delivery);
	const going = (async () => {
		while (!over) {
			await tick(site.account, { forMillis: 1_000, files });
			await sleep(20);
		}
	})();
	try {
		return await work;
	} finally {
		over = true;
		await going;
	}
}

test(
	`files that come before, between and after a change of the COPY are loaded once, whatever the order of ${SEEDS} announcements`,
	async () => {
		const site = await openSite(version(PIPELINE));
		const dropped: string[] = [];
		try {
			expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
			for (let seed = 0; seed < SEEDS; seed++) {
				const delivery = { seed: String(seed), delay: 5_000 };
				const name = (what: string) => `${what}-${(seed * 7) % 10}-${seed}.csv`;
				dropped.push(drop(site, name("loaded")));
				await tick(site.account, { untilIdle: true, files: fileEvents(delivery) });
				dropped.push(drop(site, name("announced")), drop(site, name("other")));
				await tick(site.account, { forMillis: 1, files: fileEvents(delivery) });
				dropped.push(drop(site, name("unannounced")));
				site.put(version(seed % 2 === 0 ? CHANGED : PIPELINE));
				const run = site.run(["apply", "--yes"]);
				const between = (async () => {
					for (let i = 0; i < 6; i++) {
						await sleep(40 + ((seed * 37) % 120));
						dropped.push(drop(site, name(`between${i}`)));
					}
				})();
				const { code, out, err } = await meanwhile(site, delivery, run);
				await between;
				expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
				expect(out).toMatch(/window: (\d+) files?, \1 loaded once\n/);
				dropped.push(drop(site, name("after")));
				await tick(site.account, { untilIdle: true, files: fileEvents(delivery) });
				expect(await loaded(site), `seed ${seed}`).toEqual([...dropped].sort());
			}
		} finally {
			await site.close();
		}
	},
	30_000 + SEEDS * 30_000,
);

/** Lets a deployment die at a statement, files come meanwhile, and the next one load each of them once. */
async function survives(death: Death, saved: boolean): Promise<void> {
	const site = await openSite(version(PIPELINE));
	const delivery = { seed: "1", delay: 1_000 };
	try {
		expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
		const dropped = [drop(site, "a1.csv"), drop(site, "a2.csv")];
		await tick(site.account, { untilIdle: true });
		dropped.push(drop(site, "a3.csv"), drop(site, "b.csv"));
		site.put(version(CHANGED));
		const file = join(site.dir, "plan.json");
		if (saved) expect(await site.run(["plan", "--out", file])).toMatchObject({ code: 0 });
		const apply = saved ? ["apply", file] : ["apply", "--yes"];
		expect(await site.runUntil(apply, death)).toBe("gone");
		dropped.push(drop(site, "late.csv"));
		site.wait(6);
		const { code, err } = await meanwhile(site, delivery, site.run(apply));
		expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
		await tick(site.account, { untilIdle: true });
		expect(await loaded(site)).toEqual([...dropped].sort());
	} finally {
		await site.close();
	}
}

test.each([
	["behind CREATE", /^CREATE OR REPLACE PIPE/, "after"],
	["before REFRESH", /^ALTER PIPE .* REFRESH/, "before"],
] as const)(
	"killed %s, nothing is lost or loaded twice by the next apply, with the same plan or another",
	async (_what, statement, when) => {
		for (const saved of [false, true])
			await survives({ statement: (sql) => statement.test(sql), when }, saved);
	},
	180_000,
);

/** Every statement of the change, up to where it says what is only known when it runs. */
async function statements(): Promise<readonly string[]> {
	const site = await openSite(version(PIPELINE));
	try {
		expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
		site.put(version(CHANGED));
		const { out } = await site.run(["plan", "--format", "json"]);
		const { steps } = JSON.parse(out) as { steps: { operations: { sql: string }[] }[] };
		const sent = steps.flatMap((step) => step.operations.map(({ sql }) => sql.split("{")[0] ?? ""));
		return [...new Set(sent)];
	} finally {
		await site.close();
	}
}

test.runIf(LONG)(
	"killed before or behind any statement, nothing is lost or loaded twice by the next apply",
	async () => {
		for (const [i, sql] of (await statements()).entries())
			for (const when of ["before", "after"] as const)
				await survives({ statement: (sent) => sent.startsWith(sql), when }, i % 2 === 0);
	},
	40 * 60_000,
);

const INTEGRATION = (name: string) => `CREATE STORAGE INTEGRATION ${name}
TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/${name}' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
`;
const LINKED = (url: string, integration: string) =>
	INTEGRATION("FIRST") +
	INTEGRATION("SECOND") +
	PIPELINE.replace(
		"URL = 's3://lake/landing/'",
		`URL = '${url}' STORAGE_INTEGRATION = ${integration}`,
	);

test("a stage that moves takes its pipe along: one ALTER, and what is at the new place waits for a request", async () => {
	const site = await openSite(version(LINKED("s3://lake/landing/", "FIRST")));
	try {
		expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
		const first = drop(site, "a.csv");
		await tick(site.account, { untilIdle: true });
		drop(site, "a.csv", "arrival");
		drop(site, "b.csv", "arrival");
		site.put(version(LINKED("s3://lake/arrival/", "SECOND")));
		const left = drop(site, "left.csv");
		const early = await site.run(["apply", "--yes"]);
		expect(early.code).toBe(1);
		expect(early.out).toContain("what is at the new place by then is loaded only on request");
		expect(early.err).toContain(`s3://lake/${left}`);
		expect(early.err).toContain(
			"let them load first, or load them with COPY INTO, and apply again",
		);
		await tick(site.account, { untilIdle: true });
		const plan = await site.run(["plan", "--format", "json"]);
		const { steps } = JSON.parse(plan.out) as {
			steps: { id: string; operations: { sql: string }[]; hazards: { level: string }[] }[];
		};
		expect(steps.map((step) => step.id)).toEqual([
			"hold PIPE LAKE.BRONZE.RAW_PIPE",
			"capture PIPE LAKE.BRONZE.RAW_PIPE",
			"alter STAGE LAKE.BRONZE.LANDING",
			"replace PIPE LAKE.BRONZE.RAW_PIPE",
			"release PIPE LAKE.BRONZE.RAW_PIPE",
			"prove PIPE LAKE.BRONZE.RAW_PIPE",
		]);
		expect(steps[2]?.operations).toHaveLength(1);
		expect(steps.flatMap((step) => step.hazards).every((h) => h.level === "notice")).toBe(true);
		const { code, out, err } = await site.run(["apply", "--yes"]);
		expect([code, err]).toEqual([0, expect.any(String)]);
		expect(out).toContain(
			"window: 2 files, 2 loaded once, 2 at the new place are loaded only on request",
		);
		const third = drop(site, "c.csv", "arrival");
		await tick(site.account, { untilIdle: true });
		expect(await loaded(site)).toEqual([third, first, left].sort());
	} finally {
		await site.close();
	}
}, 60_000);

const MAKES_PIPE = /^CREATE OR REPLACE PIPE/;

/** How a deployment ends between a stage and its pipe. */
const ENDS = [
	[
		"was refused",
		async (site: Site) => {
			const beforeStatement = (_n: number, sql: string) => {
				if (MAKES_PIPE.test(sql)) throw new Error("refused by the test");
			};
			expect((await site.run(["apply", "--yes"], { beforeStatement })).code).toBe(1);
		},
	],
	[
		"died",
		async (site: Site) => {
			const death = { statement: (sql: string) => MAKES_PIPE.test(sql), when: "before" } as const;
			expect(await site.runUntil(["apply", "--yes"], death)).toBe("gone");
			site.wait(6);
		},
	],
] as const;

test.each(ENDS)(
	"a pipe that stopped because a deployment %s behind its stage is made anew with all its files",
	async (_how, end) => {
		const site = await openSite(version(LINKED("s3://lake/landing/", "FIRST")));
		try {
			expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
			const first = drop(site, "a.csv");
			await tick(site.account, { untilIdle: true });
			const waiting = drop(site, "b.csv");
			site.put(version(LINKED("s3://lake/landing/", "SECOND")));
			await end(site);
			const [status] = await site.query("SELECT SYSTEM$PIPE_STATUS('LAKE.BRONZE.RAW_PIPE') AS S");
			expect(status?.S).toContain("STOPPED_STAGE_ALTERED");
			const delivery = { seed: "1", delay: 1_000 };
			const again = site.run(["apply", "--yes"]);
			const { code, out, err } = await meanwhile(site, delivery, again);
			expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
			expect(out).toMatch(/window: 2 files, 2 loaded once/);
			const third = drop(site, "c.csv");
			await tick(site.account, { untilIdle: true });
			expect(await loaded(site)).toEqual([first, waiting, third].sort());
		} finally {
			await site.close();
		}
	},
	60_000,
);

test("what waits in a pipe and is too old to be asked for again is not lost silently", async () => {
	const site = await openSite(version(PIPELINE));
	try {
		expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
		await site.query("ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE");
		const file = drop(site, "old.csv");
		await tick(site.account, { forMillis: 1 });
		site.wait(8 * 24 * 60);
		site.put(version(CHANGED));
		const { code, err } = await site.run(["apply", "--yes"]);
		expect(code).toBe(1);
		expect(err).toContain("PIPE_HISTORY_LOST");
		expect(err).toContain(`s3://lake/${file}`);
		// Nothing was touched: the old pipe loads it, and then the change goes through.
		await site.query("ALTER PIPE LAKE.BRONZE.RAW_PIPE SET PIPE_EXECUTION_PAUSED = FALSE");
		await tick(site.account, { untilIdle: true });
		expect(await loaded(site)).toEqual([file]);
		expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
		await tick(site.account, { untilIdle: true });
		expect(await loaded(site)).toEqual([file]);
	} finally {
		await site.close();
	}
}, 60_000);
