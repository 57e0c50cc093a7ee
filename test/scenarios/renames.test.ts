import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tick } from "../../src/emulator/index.ts";
import { openSite, type Site } from "../chaos/site.ts";
import { each, LONG, sample } from "../chaos/tally.ts";
import { LAKE, LOCAL } from "../support/project.ts";

/*
 * A stream has no RENAME: ALTER STREAM sets comments and tags only, and "the CREATE STREAM statement creates the
 * new stream at the same offset as the specified stream".
 * https://docs.snowflake.com/en/sql-reference/sql/alter-stream
 * https://docs.snowflake.com/en/sql-reference/sql/create-stream
 */

/** A stream that two tasks of a graph name: the root asks it, the child reads it. */
const pipeline = (stream: string, name: string) => `USE SCHEMA LAKE.BRONZE;
CREATE TABLE RAW (ID NUMBER);
CREATE TABLE OTHER (ID NUMBER);
CREATE TABLE SILVER (ID NUMBER);
${stream}
CREATE TASK EVERY_HOUR WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
WHEN SYSTEM$STREAM_HAS_DATA('${name}') AS SELECT 1;
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH AFTER EVERY_HOUR
AS INSERT INTO SILVER SELECT ID FROM ${name} WHERE METADATA$ACTION = 'INSERT';
SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('EVERY_HOUR');
`;

const BEFORE = pipeline("CREATE STREAM RAW_NEW ON TABLE RAW;", "RAW_NEW");
const RENAMED = pipeline(
	"-- renamed from: RAW_NEW\nCREATE STREAM RAW_CHANGES ON TABLE RAW;",
	"RAW_CHANGES",
);

function version(text: string) {
	return {
		files: {
			"environments/_defaults.yaml": "project: demo\n",
			"environments/local.yaml": LOCAL,
			"sql/lake.sql": LAKE,
			"sql/pipeline.sql": text,
		},
		secrets: {},
	};
}

const APPLY = ["apply", "--yes"];

async function applied(site: Site, ...args: readonly string[]): Promise<string> {
	const { code, out, err } = await site.run([...APPLY, ...args]);
	if (code !== 0) throw new Error(`apply ended with ${code}\n${err}\n${out}`);
	return out;
}

let inserted = 0;

/** Rows with numbers that no other row has. */
async function insert(site: Site, count: number): Promise<void> {
	for (let i = 0; i < count; i++)
		await site.query(`INSERT INTO LAKE.BRONZE.RAW VALUES (${++inserted})`);
}

/** Everything that is started runs, as often as it takes. */
async function run(site: Site): Promise<void> {
	await tick(site.account, { forMillis: 2 * 3_600_000 });
	await tick(site.account, { untilIdle: true });
}

async function ids(site: Site, table: string): Promise<readonly number[]> {
	const rows = await site.query(`SELECT ID FROM LAKE.BRONZE.${table} ORDER BY ID`);
	return rows.map((row) => Number(row.ID));
}

/** Every row of the source is in silver, once; the graph runs, and there is nothing left to do. */
async function expectWhole(site: Site): Promise<void> {
	await insert(site, 1);
	await run(site);
	expect(await ids(site, "SILVER")).toEqual(await ids(site, "RAW"));
	const streams = await site.query("SHOW STREAMS IN SCHEMA LAKE.BRONZE");
	expect(streams.map((row) => row.name)).toEqual(["RAW_CHANGES"]);
	const tasks = await site.query("SHOW TASKS IN SCHEMA LAKE.BRONZE");
	expect(tasks.map((row) => `${row.name} ${row.state}`)).toEqual([
		"EVERY_HOUR started",
		"TO_SILVER started",
	]);
	const grants = await site.query("SHOW GRANTS ON STREAM LAKE.BRONZE.RAW_CHANGES");
	expect(grants.map((row) => `${row.privilege} ${row.grantee_name}`)).toContain("SELECT READER");
	expect(await site.run(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 });
}

let template = "";

beforeAll(async () => {
	const site = await openSite(version(BEFORE));
	await applied(site);
	await site.query("CREATE ROLE READER");
	await site.query("GRANT SELECT ON STREAM LAKE.BRONZE.RAW_NEW TO ROLE READER");
	await insert(site, 2);
	await run(site);
	await insert(site, 3);
	await site.freeze();
	template = site.dir;
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

async function withSite(text: string, work: (site: Site) => Promise<void>): Promise<void> {
	const site = await openSite(version(text), { template });
	try {
		await work(site);
	} finally {
		await site.close();
	}
}

const CHANGES = /^(?:ALTER|CREATE|DROP) (?:STREAM|TASK) |^GRANT /;

/** What the deployer sends for a change: its own record-keeping left out. */
const sent: string[] = [];

test("a renamed stream gives every unread row once, to the same readers, from the same position", async () => {
	await withSite(RENAMED, async (site) => {
		expect(await ids(site, "SILVER")).toHaveLength(2);
		const plan = await site.run(["plan", "--format", "json"]);
		const { steps } = JSON.parse(plan.out) as {
			steps: { id: string; hazards: { level: string }[] }[];
		};
		expect(steps.map((step) => step.id)).toEqual([
			"hold TASK LAKE.BRONZE.EVERY_HOUR",
			"create STREAM LAKE.BRONZE.RAW_CHANGES",
			"alter TASK LAKE.BRONZE.EVERY_HOUR",
			"alter TASK LAKE.BRONZE.TO_SILVER",
			"prove STREAM LAKE.BRONZE.RAW_CHANGES",
			"drop STREAM LAKE.BRONZE.RAW_NEW",
			"release TASK LAKE.BRONZE.EVERY_HOUR",
		]);
		expect(steps.flatMap((s) => s.hazards).every((h) => h.level === "notice")).toBe(true);
		const { code, err, out } = await site.run(APPLY, {
			beforeStatement: (_n, sql) => {
				if (CHANGES.test(sql)) sent.push(sql);
			},
		});
		expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
		expect(out).toMatch(/RAW_CHANGES +offset when all read it: (\d+) before = after/);
		await expectWhole(site);
	});
});

test(
	"killed or refused at any statement, the next apply gives every row once",
	async () => {
		const ends = sent.flatMap((sql) =>
			(["before", "after", "refused"] as const).map((when) => ({ sql, when })),
		);
		expect(ends.length).toBeGreaterThan(15);
		await each(sample(ends, 2), 2, async ({ sql, when }) => {
			await withSite(RENAMED, async (site) => {
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
					}
					// What is left of the readers goes on for a while.
					site.wait(30);
					await insert(site, 1);
					await run(site);
					await insert(site, 1);
					await applied(site);
					await expectWhole(site);
				} catch (error) {
					throw new Error(`${when} ${sql}: ${error instanceof Error ? error.message : error}`);
				}
			});
		});
	},
	LONG ? 600_000 : 60_000,
);

test("killed in the middle, the same saved plan goes on where it was", async () => {
	await withSite(RENAMED, async (site) => {
		const file = join(site.dir, "plan.json");
		expect(await site.run(["plan", "--out", file])).toMatchObject({ code: 0 });
		const death = { statement: (sql: string) => / MODIFY WHEN /.test(sql), when: "after" } as const;
		expect(await site.runUntil(["apply", file], death)).toBe("gone");
		site.wait(30);
		const { code, err } = await site.run(["apply", file]);
		expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
		await expectWhole(site);
	});
});

test("a new name together with a new mode: what is unread is read first", async () => {
	const changed = RENAMED.replace("ON TABLE RAW;", "ON TABLE RAW APPEND_ONLY = TRUE;");
	await withSite(changed, async (site) => {
		// A reader of a graph is run by its root, whether or not its hour has come.
		const { code, err } = await site.run(APPLY);
		expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
		const sql = await site.query(
			"SELECT QUERY_TEXT FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TEXT LIKE 'EXECUTE TASK%' OR QUERY_TEXT LIKE 'CREATE STREAM LAKE.BRONZE.RAW_CHANGES%'",
		);
		expect(sql.map((row) => row.QUERY_TEXT?.split(/\s+/).slice(0, 2).join(" "))).toEqual([
			"CREATE STREAM",
			"EXECUTE TASK",
		]);
		await expectWhole(site);
	});
});

/** What apply says when it refuses. */
async function refusal(site: Site, exit: number): Promise<string> {
	const { code, err } = await site.run(APPLY);
	expect([code, err]).toEqual([exit, err]);
	return err;
}

const LOST =
	"error[STREAM_OFFSET_LOST]: create STREAM LAKE.BRONZE.RAW_CHANGES (STREAM LAKE.BRONZE.RAW_NEW): changes that nobody has read yet are lost: ";

test("a renamed stream on another source is refused", async () => {
	await withSite(RENAMED.replace("ON TABLE RAW;", "ON TABLE OTHER;"), async (site) => {
		const err = await refusal(site, 3);
		expect(err).toContain(`${LOST}the new stream is on another source`);
		expect(err).toContain("--allow-hazards STREAM_OFFSET_LOST");
	});
});

test("a renamed stream that is stale is refused", async () => {
	await withSite(RENAMED, async (site) => {
		await site.query("ALTER TASK LAKE.BRONZE.EVERY_HOUR SUSPEND");
		site.wait(30 * 24 * 60);
		const err = await refusal(site, 3);
		expect(err).toContain(`${LOST}the stream is stale`);
	});
});

test("a renamed stream on a stage is refused", async () => {
	const onStage = (text: string) =>
		`${text.replace("ON TABLE RAW;", "ON STAGE FILES;").replaceAll("SELECT ID FROM", "SELECT SIZE FROM")}
CREATE STAGE FILES DIRECTORY = (ENABLE = TRUE);`;
	const site = await openSite(version(onStage(BEFORE)));
	try {
		await applied(site);
		site.put(version(onStage(RENAMED)));
		const err = await refusal(site, 3);
		expect(err).toContain(`${LOST}on a STAGE no stream can begin where another one stands`);
	} finally {
		await site.close();
	}
});

test("readers that go on naming the old stream are told: somebody else's, and our own", async () => {
	await withSite(RENAMED.replace("FROM RAW_CHANGES", "FROM RAW_NEW"), async (site) => {
		await site.query(
			"CREATE TASK LAKE.BRONZE.THEIRS WAREHOUSE = COMPUTE_WH AS INSERT INTO LAKE.BRONZE.OTHER SELECT ID FROM LAKE.BRONZE.RAW_NEW",
		);
		const err = await refusal(site, 3);
		expect(err).toContain("OBJECT_DROPPED");
		expect(err).toContain("drop STREAM LAKE.BRONZE.RAW_NEW (TASK LAKE.BRONZE.THEIRS)");
		expect(err).toContain("drop STREAM LAKE.BRONZE.RAW_NEW (TASK LAKE.BRONZE.TO_SILVER)");
	});
});

test("two streams that nobody's deployment made are for a person to decide", async () => {
	await withSite(RENAMED, async (site) => {
		await site.query("CREATE STREAM LAKE.BRONZE.RAW_CHANGES ON TABLE LAKE.BRONZE.RAW");
		expect(await refusal(site, 65)).toContain("its old name LAKE.BRONZE.RAW_NEW both exist");
	});
});
