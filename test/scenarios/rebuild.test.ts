import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, type Site } from "../chaos/site.ts";
import { LAKE, LOCAL } from "../support/project.ts";

/** Whether a run is cut off before and behind every statement of the change, instead of at a few. */
const EVERY = process.env["SNOWLINE_CHAOS"] === "long";

/** A table that a pipe fills, a stream on it that a running task reads, and a view over it. */
const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER(38,0) NOT NULL, AMOUNT VARCHAR(20) COMMENT 'as it came', PRIMARY KEY (ID));
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE VIEW ALL_OF_IT AS SELECT * FROM RAW;
CREATE TABLE SILVER (ID NUMBER(38,0), AMOUNT NUMBER(10,2));
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER (ID, AMOUNT) SELECT ID, AMOUNT FROM RAW_NEW WHERE METADATA$ACTION = 'INSERT';
ALTER TASK TO_SILVER RESUME;
`;
const CHANGED = PIPELINE.replace("CREATE TABLE RAW", "CREATE TRANSIENT TABLE RAW");
const ALLOWED = ["--allow-hazards", "DATA_REWRITE,LOAD_HISTORY_LOST,TIME_TRAVEL_LOST"];

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

async function ok(site: Site, ...args: readonly string[]): Promise<string> {
	const { code, out, err } = await site.run(args);
	expect([code, code === 0 ? "" : `${err}\n${out}`]).toEqual([0, ""]);
	return out;
}

/** The pipeline with two rows, loaded and read, and a role that may read. */
async function opened(): Promise<Site> {
	const site = await openSite(version(PIPELINE), { lively: true });
	await ok(site, "apply", "--yes");
	await site.query("CREATE ROLE READER");
	await site.query("GRANT SELECT ON TABLE LAKE.BRONZE.RAW TO ROLE READER");
	await load(site, "landing/a.csv", "1,10.5\n2,20\n");
	return site;
}

/** Lets a file come, and be loaded. */
async function load(site: Site, file: string, text: string): Promise<void> {
	site.deliver(file, text);
	await site.tick(5);
}

async function raw(site: Site) {
	return site.query("SELECT ID, AMOUNT FROM LAKE.BRONZE.RAW ORDER BY ID");
}

const ROWS = [
	{ ID: "1", AMOUNT: "10.5" },
	{ ID: "2", AMOUNT: "20" },
];

/** The tables of the schema with their kinds: what stands in for another would be one too many. */
async function tables(site: Site) {
	const found = await site.query("SHOW TABLES IN SCHEMA LAKE.BRONZE");
	return found.map((table) => `${table.kind} ${table.name}`);
}

async function grants(site: Site) {
	const found = await site.query("SHOW GRANTS ON TABLE LAKE.BRONZE.RAW");
	return found.map((grant) => `${grant.privilege} ${grant.grantee_name}`);
}

async function states(site: Site) {
	const [status] = await site.query(
		"SELECT PARSE_JSON(SYSTEM$PIPE_STATUS('LAKE.BRONZE.RAW_PIPE')):executionState::STRING AS STATE",
	);
	const [task] = await site.query("SHOW TASKS IN SCHEMA LAKE.BRONZE");
	const [stream] = await site.query("SHOW STREAMS IN SCHEMA LAKE.BRONZE");
	return [status?.STATE, task?.state, stream?.stale, stream?.table_name];
}

const FINE = ["RUNNING", "started", "false", "LAKE.BRONZE.RAW"];

describe("a table that has to be made anew", () => {
	let site: Site;

	beforeAll(async () => {
		site = await opened();
		site.put(version(CHANGED));
	}, 120_000);

	afterAll(() => site.close());

	test("is not without a permission, which is none to lose rows", async () => {
		const { code, err } = await site.run(["apply", "--yes"]);
		expect(code).toBe(3);
		for (const hazard of ["DATA_REWRITE", "LOAD_HISTORY_LOST", "TIME_TRAVEL_LOST"])
			expect(err).toContain(hazard);
		for (const hazard of ["DATA_LOSS", "STREAM_STALE", "PIPE_HISTORY_LOST", "GRANTS_LOST"])
			expect(err).not.toContain(hazard);
	}, 60_000);

	test("rows that somebody else writes between copy and swap are not lost: it is given up", async () => {
		let written = false;
		const { code, err } = await site.run(["apply", "--yes", ...ALLOWED], {
			async afterStatement(_n, sql) {
				if (written || !/^INSERT INTO LAKE\.BRONZE\.RAW__SNOWLINE/.test(sql)) return;
				written = true;
				await site.query("INSERT INTO LAKE.BRONZE.RAW VALUES (9, '99')");
			},
		});
		expect([code, written]).toEqual([1, true]);
		expect(err).toContain("rows that nobody changed meanwhile");
		expect(await tables(site)).toEqual(["TABLE RAW", "TABLE SILVER"]);
		expect(await raw(site)).toEqual([...ROWS, { ID: "9", AMOUNT: "99" }]);
		expect(await states(site)).toEqual(FINE);
		await site.query("DELETE FROM LAKE.BRONZE.RAW WHERE ID = 9");
	}, 60_000);

	test("rows written behind the last look are found after the swap, and the names swapped back", async () => {
		let written = false;
		const { code, err } = await site.run(["apply", "--yes", ...ALLOWED], {
			async beforeStatement(_n, sql) {
				if (written || !/^ALTER TABLE LAKE\.BRONZE\.RAW SWAP WITH/.test(sql)) return;
				written = true;
				await site.query("INSERT INTO LAKE.BRONZE.RAW VALUES (9, '99')");
			},
		});
		expect([code, written]).toEqual([1, true]);
		expect(err).toContain("rows that nobody wrote to the old table");
		expect(await tables(site)).toEqual(["TABLE RAW", "TABLE SILVER"]);
		expect(await raw(site)).toEqual([...ROWS, { ID: "9", AMOUNT: "99" }]);
		await site.query("DELETE FROM LAKE.BRONZE.RAW WHERE ID = 9");
		// Swapping made the stream stale: what it had not delivered would be lost, and that is said.
		const again = await site.run(["apply", "--yes", ...ALLOWED]);
		expect(again.code).toBe(3);
		expect(again.err).toContain("STREAM");
	}, 60_000);

	test("the original stays where the swap back is refused", async () => {
		let swaps = 0;
		const allowed = [ALLOWED[0] ?? "", `${ALLOWED[1]},STREAM_STALE`];
		const { code, err } = await site.run(["apply", "--yes", ...allowed], {
			async beforeStatement(_n, sql) {
				if (!/^ALTER TABLE LAKE\.BRONZE\.RAW SWAP WITH/.test(sql)) return;
				swaps += 1;
				await site.query(
					swaps === 1
						? "INSERT INTO LAKE.BRONZE.RAW VALUES (77, '77')"
						: "ALTER TABLE LAKE.BRONZE.RAW RENAME TO LAKE.BRONZE.AWAY",
				);
			},
		});
		expect([code, swaps], err).toEqual([1, 2]);
		const left = await site.query("SHOW TABLES IN SCHEMA LAKE.BRONZE");
		const original = left.find(({ name }) => name?.startsWith("RAW__SNOWLINE"))?.name;
		expect(await site.query(`SELECT ID FROM LAKE.BRONZE.${original} WHERE ID = 77`)).toHaveLength(
			1,
		);
		await site.query("DROP TABLE LAKE.BRONZE.AWAY");
		await site.query(`ALTER TABLE LAKE.BRONZE.${original} RENAME TO LAKE.BRONZE.RAW`);
		await site.query("DELETE FROM LAKE.BRONZE.RAW WHERE ID = 77");
	}, 60_000);

	test("keeps its rows, grants, stream, pipe and task, and the old one goes", async () => {
		const out = await ok(
			site,
			"apply",
			"--yes",
			"--allow-hazards",
			`${ALLOWED[1]},STREAM_STALE,STREAM_OFFSET_LOST`,
		);
		expect(out).toContain("verified: 0 differences");
		expect(out).toMatch(/rows: 2 rows, checksum -?\d+ before = after/);
		expect(await tables(site)).toEqual(["TRANSIENT RAW", "TABLE SILVER"]);
		expect(await raw(site)).toEqual(ROWS);
		expect(await grants(site)).toEqual(["OWNERSHIP ACCOUNTADMIN", "SELECT READER"]);
		expect(await states(site)).toEqual(FINE);
		await load(site, "landing/b.csv", "3,30\n");
		expect(await raw(site)).toEqual([...ROWS, { ID: "3", AMOUNT: "30" }]);
		expect(await site.query("SELECT ID FROM LAKE.BRONZE.RAW_NEW")).toEqual([{ ID: "3" }]);
		expect(await site.query("SELECT COUNT(*) AS N FROM LAKE.BRONZE.ALL_OF_IT")).toEqual([
			{ N: "3" },
		]);
		expect(await ok(site, "plan", "--detailed-exitcode")).toContain("no changes");
	}, 120_000);

	test("goes on counting behind its highest number", async () => {
		const counting = (identity: string) => `USE SCHEMA LAKE.BRONZE;
CREATE TABLE COUNTED (N NUMBER(38,0) ${identity}, NOTE VARCHAR(10));
`;
		site.put(version(counting("")));
		await ok(
			site,
			"apply",
			"--yes",
			"--allow-hazards",
			"OBJECT_DROPPED,DATA_LOSS,PIPE_HISTORY_LOST,STREAM_OFFSET_LOST,STREAM_STALE",
		);
		await site.query("INSERT INTO LAKE.BRONZE.COUNTED VALUES (4, 'four'), (7, 'seven')");
		site.put(version(counting("AUTOINCREMENT START 1 INCREMENT 5")));
		await ok(site, "apply", "--yes", ...ALLOWED);
		await site.query("INSERT INTO LAKE.BRONZE.COUNTED (NOTE) VALUES ('new')");
		expect(await site.query("SELECT N FROM LAKE.BRONZE.COUNTED ORDER BY N")).toEqual([
			{ N: "4" },
			{ N: "7" },
			{ N: "11" },
		]);
		// That it starts at 11 now, and not at 1, is no difference.
		expect(await ok(site, "plan")).toContain("no changes");
	}, 120_000);

	test.each([
		[
			"under a masking policy",
			"CREATE MASKING POLICY HIDDEN AS (VAL VARCHAR) RETURNS VARCHAR -> '0';\nCREATE TABLE MASKED (N NUMBER(38,0), NOTE VARCHAR(10) MASKING POLICY HIDDEN);\n",
			"masking policy LAKE.BRONZE.HIDDEN on column NOTE can hide values",
		],
		[
			"that a foreign key points to",
			"CREATE TABLE PARENT (N NUMBER(38,0) NOT NULL PRIMARY KEY);\nCREATE TABLE CHILD (N NUMBER(38,0), FOREIGN KEY (N) REFERENCES PARENT (N));\n",
			"a foreign key of TABLE LAKE.BRONZE.CHILD would stay with the old table",
		],
	])(
		"%s it is refused, by name",
		async (_what, declared, message) => {
			const sql = `USE SCHEMA LAKE.BRONZE;\n${declared}`;
			site.put(version(sql));
			await ok(
				site,
				"apply",
				"--yes",
				"--allow-hazards",
				"OBJECT_DROPPED,DATA_LOSS,NARROWING,DATA_REWRITE,LOAD_HISTORY_LOST,TIME_TRAVEL_LOST",
			);
			site.put(version(sql.replace("CREATE TABLE", "CREATE TRANSIENT TABLE")));
			const { code, err } = await site.run(["plan"]);
			expect([code, err]).toEqual([65, expect.stringContaining(message)]);
		},
		120_000,
	);
});

/** Statements of the change that a short run is cut off at. */
const FEW = [
	[/^INSERT INTO LAKE\.BRONZE\.RAW__SNOWLINE/, "after"],
	[/ SWAP WITH /, "after"],
] as const;

test(
	"cut off anywhere, the next apply undoes or finishes it",
	async () => {
		const first = await opened();
		first.put(version(CHANGED));
		const plan = JSON.parse(await ok(first, "plan", "--format", "json")) as {
			readonly steps: readonly { readonly operations: readonly { readonly sql: string }[] }[];
		};
		const statements = plan.steps.flatMap((step) => step.operations.map((o) => o.sql));
		await first.freeze();
		const deaths = EVERY
			? [...new Set(statements)].flatMap((sql) =>
					(["before", "after"] as const).map((when) => ({
						is: (s: string) => s === sql,
						sql,
						when,
					})),
				)
			: FEW.map(([pattern, when]) => ({
					is: (sql: string) => pattern.test(sql),
					sql: String(pattern),
					when,
				}));
		for (const { is, sql, when } of deaths) {
			const site = await openSite(version(CHANGED), { template: first.dir, lively: true });
			try {
				const outcome = await site.runUntil(["apply", "--yes", ...ALLOWED], {
					statement: is,
					when,
				});
				// Some statements are only sent when there is something for them to do.
				if (outcome !== "gone") expect([sql, outcome.code]).toEqual([sql, 0]);
				site.wait(6);
				const { code, err } = await site.run(["apply", "--yes", ...ALLOWED]);
				expect([`${when} ${sql}`, code, code === 0 ? "" : err]).toEqual([`${when} ${sql}`, 0, ""]);
				expect(await tables(site)).toEqual(["TRANSIENT RAW", "TABLE SILVER"]);
				expect(await raw(site)).toEqual(ROWS);
				expect(await grants(site)).toEqual(["OWNERSHIP ACCOUNTADMIN", "SELECT READER"]);
				expect(await states(site)).toEqual(FINE);
				expect(await ok(site, "plan")).toContain("no changes");
			} finally {
				await site.close();
			}
		}
		await first.close();
	},
	120_000 + (EVERY ? 60 * 60_000 : 0),
);
