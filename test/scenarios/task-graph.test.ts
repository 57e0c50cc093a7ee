import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tick } from "../../src/emulator/index.ts";
import { openSite, type Site } from "../chaos/site.ts";
import { each, LONG, sample } from "../chaos/tally.ts";
import { LAKE, LOCAL } from "../support/project.ts";

/*
 * "The root task in a task graph must be suspended before any task in the task graph is modified"; renaming is not
 * supported: "you can clone the task, and then drop the old task"; new and cloned tasks are suspended.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task
 */

/** A task as a test says it: what it runs after or finalizes, its body, and its state where files declare one. */
interface Said {
	readonly after?: readonly string[];
	readonly finalizes?: string;
	readonly body?: number;
	readonly declared?: "RESUME" | "SUSPEND";
	readonly was?: string;
}

type Graph = Readonly<Record<string, Said>>;

/** Twelve tasks in four levels; LONE has a schedule of its own. */
const BEFORE: Graph = {
	ROOT: {},
	EXTRACT_A: { after: ["ROOT"] },
	EXTRACT_B: { after: ["ROOT"] },
	EXTRACT_C: { after: ["ROOT"] },
	CLEAN_A: { after: ["EXTRACT_A"] },
	CLEAN_B: { after: ["EXTRACT_A", "EXTRACT_B"] },
	CLEAN_C: { after: ["EXTRACT_C"] },
	VERIFY: { after: ["EXTRACT_B"] },
	LOAD: { after: ["CLEAN_A", "CLEAN_B"] },
	REPORT: { after: ["CLEAN_B"] },
	AUDIT: { after: ["CLEAN_C"] },
	LONE: {},
};

/** Suspended by somebody, on purpose; files say nothing of it. */
const STOPPED = ["EXTRACT_C", "VERIFY", "AUDIT"];

/** Bodies changed, an edge added and one removed, a task renamed, a finalizer added, a root that becomes a child. */
const AFTER: Graph = {
	...BEFORE,
	ROOT: { body: 2 },
	EXTRACT_A: { after: ["ROOT"], body: 2 },
	EXTRACT_C: { after: ["ROOT"], declared: "RESUME" },
	CLEAN_B: { after: ["EXTRACT_A", "PULL_B"], body: 2 },
	CLEAN_A: { after: ["EXTRACT_A"], declared: "SUSPEND" },
	VERIFY: { after: ["PULL_B"] },
	LOAD: { after: ["CLEAN_B"] },
	REPORT: { after: ["CLEAN_B", "CLEAN_A"] },
	LONE: { after: ["EXTRACT_A"] },
	PULL_B: { after: ["ROOT"], was: "EXTRACT_B" },
	CLEAN_UP: { finalizes: "ROOT", declared: "RESUME" },
};

const namesAfter = Object.keys(AFTER).filter((name) => name !== "EXTRACT_B");

function sqlOf(graph: Graph): string {
	const gone = new Set(Object.values(graph).map((said) => said.was));
	return Object.entries(graph)
		.filter(([name]) => !gone.has(name))
		.map(([name, { after, finalizes, body = 1, declared, was }]) => {
			const link = after
				? `AFTER ${after.join(", ")}`
				: finalizes
					? `FINALIZE = ${finalizes}`
					: "SCHEDULE = '60 MINUTES'";
			return [
				...(was ? [`-- renamed from: ${was}`] : []),
				`CREATE TASK ${name} WAREHOUSE = COMPUTE_WH ${link}`,
				`AS INSERT INTO RAN VALUES ('${was ?? name}', ${body});`,
				...(declared ? [`ALTER TASK ${name} ${declared};`] : []),
			].join("\n");
		})
		.join("\n");
}

function version(graph: Graph) {
	return {
		files: {
			"environments/_defaults.yaml": "project: demo\n",
			"environments/local.yaml": LOCAL,
			"sql/lake.sql": LAKE,
			"sql/tasks.sql": `USE SCHEMA LAKE.BRONZE;\nCREATE TABLE RAN (NAME VARCHAR, BODY NUMBER);\n${sqlOf(graph)}\n`,
		},
		secrets: {},
	};
}

/** The state each task ends in, worked out by hand from the two graphs: declared, or as it was. */
const STATES = Object.fromEntries(
	namesAfter.map((name) => {
		const { declared, was } = AFTER[name] ?? {};
		const captured = STOPPED.includes(was ?? name) ? "suspended" : "started";
		return [name, { RESUME: "started", SUSPEND: "suspended", none: captured }[declared ?? "none"]];
	}),
);

const APPLY = ["apply", "--yes"];

/** Name, state, predecessors and finalized root of every task, by name. */
async function tasks(site: Site) {
	const rows = await site.query("SHOW TASKS IN SCHEMA LAKE.BRONZE");
	const short = (name: string) => name.replace("LAKE.BRONZE.", "");
	return Object.fromEntries(
		rows.map((row) => {
			const { Predecessors, FinalizedRootTask } = JSON.parse(row.task_relations ?? "{}") as {
				Predecessors: readonly string[];
				FinalizedRootTask?: string;
			};
			const after = [...Predecessors].map(short).sort();
			const finalizes = FinalizedRootTask && short(FinalizedRootTask);
			return [row.name ?? "", { state: row.state, after, ...(finalizes && { finalizes }) }];
		}),
	);
}

const EXPECTED = Object.fromEntries(
	namesAfter.map((name) => {
		const { after = [], finalizes } = AFTER[name] ?? {};
		const state = STATES[name];
		return [name, { state, after: [...after].sort(), ...(finalizes && { finalizes }) }];
	}),
);

/** What ran since a moment, by the account's own record. */
async function ranSince(site: Site, since: number): Promise<readonly string[]> {
	const rows = await site.query(
		`SELECT NAME FROM TABLE(LAKE.INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000))
		WHERE STATE = 'SUCCEEDED' AND QUERY_START_TIME >= TO_TIMESTAMP_LTZ(${since}, 3)`,
	);
	return rows.map((row) => row.NAME ?? "").sort();
}

/** The graph is as declared, and one run of it runs what is started, once. */
async function expectWhole(site: Site): Promise<void> {
	expect(await tasks(site)).toEqual(EXPECTED);
	expect(await site.run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 });
	const since = site.account.clock.now();
	await tick(site.account, { forMillis: 61 * 60_000 });
	const started = namesAfter.filter((name) => STATES[name] === "started").sort();
	expect(await ranSince(site, since)).toEqual(started);
}

let template = "";

beforeAll(async () => {
	const site = await openSite(version(BEFORE));
	expect(await site.run(APPLY)).toMatchObject({ code: 0 });
	await site.query("CREATE ROLE WATCHER");
	await site.query("GRANT MONITOR ON TASK LAKE.BRONZE.EXTRACT_B TO ROLE WATCHER");
	const children = Object.keys(BEFORE).filter((name) => !["ROOT", "LONE"].includes(name));
	for (const name of [...children.filter((n) => !STOPPED.includes(n)), "ROOT", "LONE"])
		await site.query(`ALTER TASK LAKE.BRONZE.${name} RESUME`);
	await site.freeze();
	template = site.dir;
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

async function withSite(work: (site: Site) => Promise<void>): Promise<void> {
	const site = await openSite(version(AFTER), { template });
	try {
		await work(site);
	} finally {
		await site.close();
	}
}

/** The deployment's own statements, in the order in which the account had them. */
async function history(site: Site): Promise<readonly string[]> {
	const rows = await site.query(
		`SELECT QUERY_TEXT FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))
		WHERE QUERY_TAG LIKE 'snowline/%' AND QUERY_TEXT NOT LIKE '%SNOWLINE%'`,
	);
	return rows
		.map((row) => (row.QUERY_TEXT ?? "").replaceAll("LAKE.BRONZE.", "").replaceAll(/\s+/g, " "))
		.reverse();
}

const CHANGES = /^(?:ALTER|CREATE|DROP) TASK |^GRANT /;

/** What the deployer sends for the change, its own record-keeping left out. */
const sent: string[] = [];

test("a graph of twelve tasks changes in every way at once, its root suspended once and resumed last", async () => {
	await withSite(async (site) => {
		const before = (await history(site)).length;
		const { code, err } = await site.run(APPLY, {
			beforeStatement: (_n, sql) => {
				if (CHANGES.test(sql)) sent.push(sql);
			},
		});
		expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
		const statements = (await history(site))
			.slice(before)
			.filter((sql) => CHANGES.test(sql) && !sql.startsWith("GRANT"));
		expect(statements).toHaveLength(sent.filter((sql) => !sql.startsWith("GRANT")).length);
		expect(statements.filter((sql) => /^ALTER TASK ROOT (SUSPEND|RESUME)$/.test(sql))).toEqual([
			"ALTER TASK ROOT SUSPEND",
			"ALTER TASK ROOT RESUME",
		]);
		expect(statements.at(-1)).toBe("ALTER TASK ROOT RESUME");
		expect(statements[0]).toBe("ALTER TASK ROOT SUSPEND");
		expect(statements.filter((sql) => sql.startsWith("ALTER TASK LONE "))).toEqual([
			"ALTER TASK LONE SUSPEND",
			"ALTER TASK LONE UNSET SCHEDULE",
			"ALTER TASK LONE ADD AFTER EXTRACT_A",
			"ALTER TASK LONE RESUME",
		]);
		expect(statements).toContain("CREATE TASK PULL_B CLONE EXTRACT_B");
		const grants = await site.query("SHOW GRANTS ON TASK LAKE.BRONZE.PULL_B");
		expect(grants.map((row) => `${row.privilege} ${row.grantee_name}`)).toContain(
			"MONITOR WATCHER",
		);
		await expectWhole(site);
	});
});

test(
	"killed or refused at any statement, and applied again, every task ends in its state",
	async () => {
		const ends = sent.flatMap((sql) =>
			(["before", "after", "refused"] as const).map((when) => ({ sql, when })),
		);
		expect(ends.length).toBeGreaterThan(60);
		await each(sample(ends, 2), 2, async ({ sql, when }) => {
			await withSite(async (site) => {
				try {
					const isIt = (other: string) => other === sql;
					if (when !== "refused") {
						expect(await site.runUntil(APPLY, { statement: isIt, when })).toBe("gone");
					} else {
						let refused = false;
						const ended = await site.run(APPLY, {
							beforeStatement(_n, other) {
								if (refused || !isIt(other)) return;
								refused = true;
								throw new Error("refused by the test");
							},
						});
						expect(ended.code).toBe(1);
						// Whatever was refused, the graph goes on.
						expect((await tasks(site)).ROOT).toMatchObject({ state: "started" });
					}
					site.wait(30);
					const again = await site.run(APPLY);
					if (again.code !== 0) throw new Error(`apply again: ${again.code}\n${again.err}`);
					await expectWhole(site);
				} catch (error) {
					throw new Error(`${when} ${sql}: ${error instanceof Error ? error.message : error}`);
				}
			});
		});
	},
	LONG ? 900_000 : 60_000,
);

test("a task of somebody else that runs after a renamed one is told before it loses that", async () => {
	await withSite(async (site) => {
		await site.query("ALTER TASK LAKE.BRONZE.ROOT SUSPEND");
		await site.query(
			"CREATE TASK LAKE.BRONZE.THEIRS WAREHOUSE = COMPUTE_WH AFTER LAKE.BRONZE.EXTRACT_B AS SELECT 1",
		);
		const { code, err } = await site.run(APPLY);
		expect([code, err]).toEqual([3, err]);
		expect(err).toContain(
			"error[TASK_LINKS_LOST]: drop TASK LAKE.BRONZE.EXTRACT_B (TASK LAKE.BRONZE.THEIRS)",
		);
	});
});
