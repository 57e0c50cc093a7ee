import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, type Site } from "../chaos/site.ts";
import { LAKE, LOCAL } from "../support/project.ts";

/** Whether a run is cut off before and behind every statement of the change, instead of at a few. */
const EVERY = process.env["SNOWLINE_CHAOS"] === "long";

/** A table that a pipe fills, a stream on it that a running task reads, a view over it, and a key and a virtual column. */
const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (
  ID VARCHAR(20) NOT NULL,
  AMOUNT VARCHAR(20) NOT NULL COMMENT 'as it came',
  NOTE VARCHAR(10),
  TWICE VARCHAR(40) AS (AMOUNT || AMOUNT),
  CONSTRAINT PK_RAW PRIMARY KEY (ID),
  UNIQUE (AMOUNT, ID)
) CLUSTER BY (AMOUNT);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW (ID, AMOUNT) FROM @LANDING;
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE VIEW ALL_OF_IT AS SELECT * FROM RAW;
CREATE TABLE SILVER (ID VARCHAR(20), AMOUNT NUMBER(10,2));
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER (ID, AMOUNT) SELECT ID, AMOUNT FROM RAW_NEW WHERE METADATA$ACTION = 'INSERT' AND NOT METADATA$ISUPDATE;
ALTER TASK TO_SILVER RESUME;
`;
const CHANGED = PIPELINE.replace(
	"AMOUNT VARCHAR(20) NOT NULL COMMENT 'as it came'",
	"AMOUNT NUMBER(10,2) NOT NULL DEFAULT 0 COMMENT 'in euros'",
);

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

interface PlannedStep {
	readonly id: string;
	readonly operations: readonly { readonly do: string; readonly sql: string }[];
	readonly hazards: readonly { readonly code: string; readonly level: string }[];
}

async function planned(site: Site): Promise<readonly PlannedStep[]> {
	const plan = JSON.parse(await ok(site, "plan", "--format", "json")) as {
		steps: readonly PlannedStep[];
	};
	return plan.steps;
}

/** What the table is besides its rows, asked in the account's own words. */
async function identity(site: Site) {
	const one = async (sql: string) => Object.values((await site.query(sql))[0] ?? {})[0];
	const [stream] = await site.query("SHOW STREAMS IN SCHEMA LAKE.BRONZE");
	const grants = await site.query("SHOW GRANTS ON TABLE LAKE.BRONZE.RAW");
	return {
		table: await one("SHOW TABLES LIKE 'RAW' IN SCHEMA LAKE.BRONZE"),
		stale: stream?.stale,
		offset: await one("SELECT SYSTEM$STREAM_GET_TABLE_TIMESTAMP('LAKE.BRONZE.RAW_NEW')"),
		grants: grants.map((grant) => `${grant.privilege} ${grant.grantee_name}`),
		loads: await one(
			"SELECT COUNT(*) FROM TABLE(LAKE.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'LAKE.BRONZE.RAW', START_TIME => DATEADD(DAY, -1, CURRENT_TIMESTAMP())))",
		),
	};
}

/** Lets a file come, and be loaded. */
async function load(site: Site, file: string, text: string): Promise<void> {
	site.deliver(file, text);
	await site.tick(5);
}

async function raw(site: Site) {
	return site.query("SELECT ID, AMOUNT, NOTE FROM LAKE.BRONZE.RAW ORDER BY ID");
}

async function states(site: Site) {
	const [status] = await site.query(
		"SELECT PARSE_JSON(SYSTEM$PIPE_STATUS('LAKE.BRONZE.RAW_PIPE')):executionState::STRING AS STATE",
	);
	const [task] = await site.query("SHOW TASKS IN SCHEMA LAKE.BRONZE");
	return [status?.STATE, task?.state];
}

async function columnNames(site: Site): Promise<readonly (string | null | undefined)[]> {
	return (await site.query("DESCRIBE TABLE LAKE.BRONZE.RAW")).map((column) => column.name);
}

/** The pipeline with two loaded rows that the task has not read yet, and a role that may read. */
async function opened(): Promise<Site> {
	const site = await openSite(version(PIPELINE));
	await ok(site, "apply", "--yes");
	await site.query("CREATE ROLE READER");
	await site.query("GRANT SELECT ON TABLE LAKE.BRONZE.RAW TO ROLE READER");
	await load(site, "landing/a.csv", "1,10.5\n2,20\n");
	return site;
}

const ROWS = [
	{ ID: "1", AMOUNT: "10.50", NOTE: null },
	{ ID: "2", AMOUNT: "20.00", NOTE: null },
];

describe("a column of another type takes the old one's place", () => {
	let site: Site;

	beforeAll(async () => {
		site = await opened();
		site.put(version(CHANGED));
	}, 120_000);

	afterAll(() => site.close());

	test("values that do not cast are found before anything is touched", async () => {
		await site.query(
			"INSERT INTO LAKE.BRONZE.RAW (ID, AMOUNT) VALUES ('3', 'much'), ('4', '1.005')",
		);
		const before = await identity(site);
		const sent: string[] = [];
		const { code, err } = await site.run(["apply", "--yes"], {
			beforeStatement: (_n, sql) => void sent.push(sql),
		});
		expect(code).toBe(1);
		expect(err).toContain("values of AMOUNT that are no NUMBER(10,2)");
		expect(err).toContain("found 2, for example 1.005");
		expect(
			sent.filter((sql) => sql.includes("LAKE.BRONZE") && !/^(SELECT|SHOW|DESC)/.test(sql)),
		).toEqual([]);
		expect(await identity(site)).toEqual(before);
		expect(await states(site)).toEqual(["RUNNING", "started"]);
		await site.query("DELETE FROM LAKE.BRONZE.RAW WHERE ID IN ('3', '4')");
	}, 60_000);

	test("rows written while it happens are not lost: it is given up, and done by the next apply", async () => {
		let written = false;
		const { code, err } = await site.run(["apply", "--yes"], {
			async beforeStatement(_n, sql) {
				if (written || !/^SELECT COUNT\(\*\) \|\| ' rows'.*CAST/.test(sql)) return undefined;
				if (!(await columnNames(site)).some((name) => name?.includes("SNOWLINE"))) return undefined;
				written = true;
				await site.query("INSERT INTO LAKE.BRONZE.RAW (ID, AMOUNT) VALUES ('9', '9.99')");
				return undefined;
			},
		});
		expect([code, written]).toEqual([1, true]);
		expect(err).toContain("rows that nobody changed meanwhile");
		expect(await columnNames(site)).toEqual(["ID", "AMOUNT", "NOTE", "TWICE"]);
		expect((await raw(site)).map((row) => row.AMOUNT)).toEqual(["10.5", "20", "9.99"]);
		expect(await states(site)).toEqual(["RUNNING", "started"]);
		await site.query("DELETE FROM LAKE.BRONZE.RAW WHERE ID = '9'");
	}, 60_000);

	test("drained, held, filled, compared, and the table is the same one", async () => {
		const steps = await planned(site);
		expect(steps.map((step) => step.id)).toEqual([
			"check TABLE LAKE.BRONZE.RAW",
			"hold PIPE LAKE.BRONZE.RAW_PIPE",
			"drain STREAM LAKE.BRONZE.RAW_NEW",
			"hold TASK LAKE.BRONZE.TO_SILVER",
			"capture TABLE LAKE.BRONZE.RAW",
			"alter TABLE LAKE.BRONZE.RAW",
			"release TASK LAKE.BRONZE.TO_SILVER",
			"replace VIEW LAKE.BRONZE.ALL_OF_IT",
			"release PIPE LAKE.BRONZE.RAW_PIPE",
		]);
		const hazards = steps.flatMap((step) => step.hazards);
		expect(hazards.filter((h) => h.level === "refuse")).toEqual([]);
		expect(hazards.map((h) => h.code)).toContain("STREAM_FLOOD");
		const { offset: _offset, ...before } = await identity(site);
		const out = await ok(site, "apply", "--yes");
		expect(out).toContain("verified: 0 differences");
		const order = (await columnNames(site)).join(", ");
		expect(out).toContain(
			`note COLUMN_ORDER: TABLE LAKE.BRONZE.RAW: its columns are in the order ${order}: `,
		);
		expect(await identity(site)).toMatchObject({ ...before, stale: "false", loads: "1" });
		expect(before.grants).toContain("SELECT READER");
		expect(await raw(site)).toEqual(ROWS);
		// What was unread arrived before, once, and the rewriting is told as a change of every row.
		expect(await site.query("SELECT * FROM LAKE.BRONZE.SILVER ORDER BY ID")).toEqual(
			expect.arrayContaining(ROWS.map(({ ID, AMOUNT }) => ({ ID, AMOUNT }))),
		);
		const [flood] = await site.query(
			"SELECT COUNT(*) AS ALL_ROWS, COUNT_IF(METADATA$ISUPDATE) AS UPDATES FROM LAKE.BRONZE.RAW_NEW",
		);
		expect(flood).toEqual({ ALL_ROWS: "4", UPDATES: "4" });
		expect(await states(site)).toEqual(["RUNNING", "started"]);
		await load(site, "landing/b.csv", "5,1.25\n");
		expect((await raw(site)).at(-1)).toEqual({ ID: "5", AMOUNT: "1.25", NOTE: null });
		expect(await site.query("SELECT COUNT(*) AS N FROM LAKE.BRONZE.ALL_OF_IT")).toEqual([
			{ N: "3" },
		]);
		expect(await ok(site, "plan", "--detailed-exitcode")).toContain("no changes");
	}, 120_000);

	test("digits are rounded only with a permission", async () => {
		site.put(
			version(CHANGED.replace("AMOUNT NUMBER(10,2) NOT NULL", "AMOUNT NUMBER(10,1) NOT NULL")),
		);
		const { code, err } = await site.run(["apply", "--yes"]);
		expect(code).toBe(3);
		expect(err).toContain("NARROWING");
		expect(err).not.toContain("DATA_LOSS");
		await ok(site, "apply", "--yes", "--allow-hazards", "NARROWING");
		expect((await raw(site)).map((row) => row.AMOUNT)).toEqual(["10.5", "20.0", "1.3"]);
	}, 60_000);

	test.each([
		[
			"a pipe that loads by position",
			(sql: string) => sql.replace("COPY INTO RAW (ID, AMOUNT)", "COPY INTO RAW"),
			"PIPE LAKE.BRONZE.RAW_PIPE works with LAKE.BRONZE.RAW by the places of columns",
		],
		[
			"a task that reads a stream on it by position",
			(sql: string) =>
				sql.replace(
					"(ID, AMOUNT) SELECT ID, AMOUNT FROM RAW_NEW",
					"(ID, AMOUNT) SELECT * FROM RAW_NEW",
				),
			"TASK LAKE.BRONZE.TO_SILVER works with LAKE.BRONZE.RAW_NEW by the places of columns",
		],
		[
			"a foreign key to a key that the column is in",
			(sql: string) =>
				`${sql}CREATE TABLE CHILD (RAW_ID VARCHAR(20), FOREIGN KEY (RAW_ID) REFERENCES RAW (ID));\n`.replace(
					"ID VARCHAR(20) NOT NULL,",
					"ID NUMBER(9,0) NOT NULL,",
				),
			"a foreign key of TABLE LAKE.BRONZE.CHILD stands on a column",
		],
		[
			"a type that nothing casts to",
			(sql: string) => sql.replace("NOTE VARCHAR(10)", "NOTE GEOGRAPHY"),
			"nothing casts VARCHAR(10) to it",
		],
	])(
		"%s is in the way, by name",
		async (_what, change, message) => {
			site.put(version(change(PIPELINE)));
			const { code, err } = await site.run(["plan"]);
			expect(code).toBe(65);
			expect(err).toContain(message);
		},
		30_000,
	);

	test("a table under a masking policy is not rewritten, whoever asks", async () => {
		const masked = (column: string) => `USE SCHEMA LAKE.BRONZE;
CREATE MASKING POLICY HIDDEN AS (VAL VARCHAR) RETURNS VARCHAR -> CASE WHEN CURRENT_ROLE() = 'HR' THEN VAL ELSE '0' END;
CREATE TABLE PEOPLE (NAME VARCHAR(20), ${column});
`;
		const before = `SALARY VARCHAR(20) MASKING POLICY HIDDEN`;
		site.put(version(masked(before)));
		await ok(
			site,
			"apply",
			"--yes",
			"--allow-hazards",
			"OBJECT_DROPPED,DATA_LOSS,PIPE_HISTORY_LOST,STREAM_OFFSET_LOST,STREAM_STALE",
		);
		for (const after of [before.replace("(20)", "(10)"), "SALARY NUMBER(10,2)"]) {
			site.put(version(masked(after)));
			const { code, err } = await site.run(["apply", "--yes", "--allow-hazards", "DATA_LOSS"]);
			expect(code).toBe(65);
			expect(err).toContain("DATA_LOSS");
			expect(err).toContain(
				"rewritten for SALARY, and masking policy LAKE.BRONZE.HIDDEN on column SALARY can hide",
			);
		}
	}, 120_000);
});

/** Statements of the change that a short run is cut off at. */
const FEW = [
	[/^UPDATE LAKE\.BRONZE\.RAW /, "after"],
	[/ DROP COLUMN AMOUNT$/, "after"],
] as const;

test(
	"cut off anywhere, the next apply undoes or finishes it",
	async () => {
		const first = await opened();
		first.put(version(CHANGED));
		const statements = (await planned(first)).flatMap((step) => step.operations.map((o) => o.sql));
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
			const site = await openSite(version(CHANGED), { template: first.dir });
			try {
				expect(await site.runUntil(["apply", "--yes"], { statement: is, when })).toBe("gone");
				site.wait(6);
				const { code, err } = await site.run(["apply", "--yes"]);
				expect([`${when} ${sql}`, code, code === 0 ? "" : err]).toEqual([`${when} ${sql}`, 0, ""]);
				expect(await raw(site)).toEqual(ROWS);
				expect(await columnNames(site)).toEqual(["ID", "NOTE", "AMOUNT", "TWICE"]);
				expect(await states(site)).toEqual(["RUNNING", "started"]);
				expect((await identity(site)).loads).toBe("1");
				expect(await ok(site, "plan")).toContain("no changes");
			} finally {
				await site.close();
			}
		}
		await first.close();
	},
	60_000 + (EVERY ? 40 * 60_000 : 60_000),
);
