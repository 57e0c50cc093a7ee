import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fileEvents, tick } from "../../src/emulator/index.ts";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let lake: string;
let folder = 0;

const INTEGRATION =
	"CREATE OR REPLACE STORAGE INTEGRATION lake_int TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')";
const PIPE = "CREATE OR REPLACE PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @st";

beforeAll(async () => {
	lake = await mkdtemp(join(tmpdir(), "lake-"));
	account = await startAccount({ buckets: { lake } });
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s", "USE SCHEMA d.s", INTEGRATION);
});
afterAll(async () => {
	await account.close();
	await rm(lake, { recursive: true, force: true });
});
beforeEach(async () => {
	folder++;
	await account.run(
		"CREATE OR REPLACE TABLE t (id INT, name VARCHAR)",
		`CREATE OR REPLACE STAGE st URL = 's3://lake/${folder}/' STORAGE_INTEGRATION = lake_int`,
	);
});

const file = async (name: string, content: string): Promise<void> => {
	const path = join(lake, String(folder), name);
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, content);
};
const idle = async (): Promise<readonly string[]> =>
	(await tick(account.account, { untilIdle: true })).events.map((event) => event.state);
const ids = async (): Promise<unknown[]> =>
	(await account.query("SELECT id FROM t ORDER BY id")).map((row) => row.ID);
const status = async (): Promise<Record<string, unknown>> => {
	const [row] = await account.query("SELECT SYSTEM$PIPE_STATUS('d.s.p') AS status");
	return JSON.parse(String(row?.STATUS)) as Record<string, unknown>;
};

describe("CREATE PIPE", () => {
	test("shows what it was created with; GET_DDL gives back what SHOW does not have", async () => {
		await account.run(
			"CREATE OR REPLACE NOTIFICATION INTEGRATION errors ENABLED = TRUE TYPE = QUEUE DIRECTION = OUTBOUND NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-2:123456789012:e' AWS_SNS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r'",
			"CREATE OR REPLACE PIPE p AUTO_INGEST = TRUE ERROR_INTEGRATION = errors AWS_SNS_TOPIC = 'arn:aws:sns:us-west-2:001234567890:b' COMMENT = 'c' AS COPY INTO t FROM @st PATTERN = '.*[.]csv'",
		);
		const expected = {
			name: "P",
			database_name: "D",
			schema_name: "S",
			definition: "COPY INTO t FROM @st PATTERN = '.*[.]csv'",
			comment: "c",
			pattern: ".*[.]csv",
			error_integration: "ERRORS",
			integration: null,
			invalid_reason: null,
			kind: "STAGE",
			notification_channel: expect.stringMatching(/^arn:aws:sqs:/),
		};
		expect(await account.query("SHOW PIPES IN SCHEMA d.s")).toMatchObject([expected]);
		expect(await account.query("DESC PIPE p")).toMatchObject([expected]);
		const [row] = await account.query("SELECT GET_DDL('PIPE', 'p') AS ddl");
		expect(String(row?.DDL).toUpperCase()).toContain("AUTO_INGEST=TRUE");
		expect(row?.DDL).toContain("'arn:aws:sns:us-west-2:001234567890:b'");
	});

	test("without AUTO_INGEST there is no channel", async () => {
		await account.run("CREATE OR REPLACE PIPE p AS (COPY INTO t FROM @st)");
		expect(await account.query("SHOW PIPES IN SCHEMA d.s")).toMatchObject([
			{ notification_channel: null },
		]);
	});

	test.each([
		["a table that does not exist", "AS COPY INTO nowhere FROM @st"],
		["a stage that does not exist", "AS COPY INTO t FROM @nowhere"],
		[
			"a file format that does not exist",
			"AS COPY INTO t FROM @st FILE_FORMAT = (FORMAT_NAME = nowhere)",
		],
		["an integration that does not exist", "ERROR_INTEGRATION = nowhere AS COPY INTO t FROM @st"],
		["FILES", "AS COPY INTO t FROM @st FILES = ('a.csv')"],
		["ON_ERROR = ABORT_STATEMENT", "AS COPY INTO t FROM @st ON_ERROR = ABORT_STATEMENT"],
		["PURGE", "AS COPY INTO t FROM @st PURGE = TRUE"],
		["FORCE", "AS COPY INTO t FROM @st FORCE = TRUE"],
		["WHERE", "AS COPY INTO t FROM (SELECT $1, $2 FROM @st WHERE $1 = 1)"],
		["a user's stage", "AS COPY INTO t FROM @~"],
		["a misspelt property", "AUTOINGEST = TRUE AS COPY INTO t FROM @st"],
		["no COPY", "AS SELECT 1"],
	])("refuses %s", async (_what, rest) => {
		await expect(account.query(`CREATE PIPE refused ${rest}`)).rejects.toThrow();
		expect(await account.query("SHOW PIPES LIKE 'refused' IN SCHEMA d.s")).toEqual([]);
	});

	test("CREATE OR ALTER changes pausing and comment, nothing else", async () => {
		await account.run(
			PIPE,
			"CREATE OR ALTER PIPE p AUTO_INGEST = TRUE PIPE_EXECUTION_PAUSED = TRUE COMMENT = 'new' AS COPY INTO t FROM @st",
		);
		expect(await status()).toMatchObject({ executionState: "PAUSED" });
		await expect(
			account.query("CREATE OR ALTER PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @st/other"),
		).rejects.toMatchObject({ code: "001008" });
	});
});

describe("delivery", () => {
	test("loads files that come after the pipe, each once by its name", async () => {
		await file("before.csv", "0,z\n");
		await account.run(PIPE);
		await file("a.csv", "1,a\n");
		expect(await idle()).toEqual(["LOADED"]);
		await file("a.csv", "9,changed\n");
		await file("b.csv", "2,b\n");
		await idle();
		expect(await ids()).toEqual([1, 2]);
	});

	test("skips a file with errors and goes on", async () => {
		await account.run(PIPE);
		await file("bad.csv", "1,a\nx,b\n");
		await file("good.csv", "2,b\n");
		await idle();
		expect(await ids()).toEqual([2]);
		expect(await status()).toMatchObject({ executionState: "RUNNING", pendingFileCount: 0 });
		const history = await account.query(
			"SELECT file_name, status, row_count, pipe_name, first_error_message FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 't', START_TIME => '2020-01-01')) ORDER BY 1",
		);
		expect(history).toMatchObject([
			{
				FILE_NAME: "bad.csv",
				STATUS: "Load failed",
				ROW_COUNT: 0,
				PIPE_NAME: "P",
				FIRST_ERROR_MESSAGE: "Numeric value 'x' is not recognized",
			},
			{ FILE_NAME: "good.csv", STATUS: "Loaded", ROW_COUNT: 1, FIRST_ERROR_MESSAGE: null },
		]);
	});

	test("PATTERN sees what follows the path of FROM", async () => {
		await account.run(
			"CREATE OR REPLACE PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @st/in/ PATTERN = 'a.*'",
		);
		await file("in/a.csv", "1,a\n");
		await file("in/b.csv", "2,b\n");
		await file("a.csv", "3,c\n");
		await idle();
		expect(await ids()).toEqual([1]);
	});

	test("a paused pipe collects files and loads them when it resumes", async () => {
		await account.run(PIPE, "ALTER PIPE p SET PIPE_EXECUTION_PAUSED = TRUE");
		await file("a.csv", "1,a\n");
		expect(await idle()).toEqual([]);
		expect(await status()).toMatchObject({ executionState: "PAUSED", pendingFileCount: 1 });
		await account.run("ALTER PIPE p SET PIPE_EXECUTION_PAUSED = FALSE");
		await idle();
		expect(await ids()).toEqual([1]);
		expect(await status()).not.toHaveProperty("oldestPendingFilePath");
	});

	test("announcements can be late and out of order, the same way for the same seed", async () => {
		const order = async (): Promise<unknown[]> => {
			await account.run(PIPE);
			for (const name of ["a", "b", "c", "d"]) await file(`${name}.csv`, `1,${name}\n`);
			const files = fileEvents({ seed: "7", delay: 60_000 });
			const { from, to, events } = await tick(account.account, { untilIdle: true, files });
			expect(to).toBeGreaterThan(from);
			expect(events.length).toBeGreaterThan(1);
			const history = await account.query(
				"SELECT file_name FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 't', START_TIME => '2020-01-01')) ORDER BY last_load_time, file_name",
			);
			return history.map((row) => row.FILE_NAME);
		};
		const first = await order();
		for (const name of ["a", "b", "c", "d"])
			await rm(join(lake, String(folder), `${name}.csv`), { force: true });
		await account.run("CREATE OR REPLACE TABLE t (id INT, name VARCHAR)");
		expect(await order()).toEqual(first);
		expect([...first].sort()).toEqual(["a.csv", "b.csv", "c.csv", "d.csv"]);
	});

	test("a COPY that no longer compiles stalls the pipe until it does", async () => {
		await account.run(
			PIPE,
			"ALTER TABLE t ADD COLUMN more INT",
			"CREATE OR REPLACE PIPE p AUTO_INGEST = TRUE AS COPY INTO t (id, more) FROM @st",
			"ALTER TABLE t DROP COLUMN more",
		);
		await file("a.csv", "1,2\n");
		expect(await idle()).toEqual([]);
		expect(await status()).toMatchObject({
			executionState: "STALLED_COMPILATION_ERROR",
			pendingFileCount: 1,
		});
		await account.run("ALTER TABLE t ADD COLUMN more INT");
		await idle();
		expect(await ids()).toEqual([1]);
	});
});

describe("REFRESH", () => {
	test("queues what neither the pipe nor a COPY has loaded", async () => {
		await file("copied.csv", "1,a\n");
		await file("missed.csv", "2,b\n");
		await account.run("COPY INTO t FROM @st/copied.csv", PIPE);
		await file("piped.csv", "3,c\n");
		await idle();
		expect(await account.query("ALTER PIPE p REFRESH")).toEqual([
			{ File: "missed.csv", Status: "SENT" },
		]);
		await idle();
		expect(await ids()).toEqual([1, 2, 3]);
	});

	test("takes a prefix and a time", async () => {
		await file("x/a.csv", "1,a\n");
		await file("y/b.csv", "2,b\n");
		await account.run(PIPE);
		expect(
			await account.query("ALTER PIPE p REFRESH MODIFIED_AFTER = '2100-01-01T00:00:00Z'"),
		).toEqual([]);
		expect(await account.query("ALTER PIPE p REFRESH PREFIX = 'x/'")).toMatchObject([
			{ File: "x/a.csv" },
		]);
	});

	// https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage#load-history
	test("a recreated pipe has forgotten what it loaded, and runs", async () => {
		await account.run(PIPE);
		await file("a.csv", "1,a\n");
		await idle();
		await account.run("ALTER PIPE p SET PIPE_EXECUTION_PAUSED = TRUE", PIPE);
		expect(await status()).toMatchObject({ executionState: "RUNNING" });
		await account.query("ALTER PIPE p REFRESH");
		await idle();
		expect(await ids()).toEqual([1, 1]);
	});
});

describe("what stops a pipe", () => {
	test.each([
		[
			"its stage replaced",
			"CREATE OR REPLACE STAGE st URL = 's3://lake/'",
			"STOPPED_STAGE_DROPPED",
		],
		["its stage renamed", "ALTER STAGE st RENAME TO st2", "STOPPED_STAGE_DROPPED"],
		[
			"its stage's URL changed",
			"ALTER STAGE st SET URL = 's3://lake/elsewhere/'",
			"STOPPED_STAGE_ALTERED",
		],
		[
			"its stage's encryption changed",
			"ALTER STAGE st SET ENCRYPTION = (TYPE = 'AWS_SSE_S3')",
			"STOPPED_STAGE_ALTERED",
		],
		["its table dropped", "DROP TABLE t", "STOPPED_MISSING_TABLE"],
		["its stage's comment changed", "ALTER STAGE st SET COMMENT = 'c'", "RUNNING"],
		[
			"its stage's file format changed",
			"ALTER STAGE st SET FILE_FORMAT = (TYPE = JSON)",
			"RUNNING",
		],
		["its table replaced", "CREATE OR REPLACE TABLE t (id INT, name VARCHAR)", "RUNNING"],
	])("%s", async (_what, sql, state) => {
		await account.run("DROP STAGE IF EXISTS st2", PIPE, sql);
		expect(await status()).toMatchObject({ executionState: state });
	});

	test("its stage linked to another integration", async () => {
		await account.run(PIPE, INTEGRATION);
		expect(await status()).toMatchObject({ executionState: "STALLED_STAGE_PERMISSION_ERROR" });
		await account.run("ALTER STAGE st SET STORAGE_INTEGRATION = lake_int");
		expect(await status()).toMatchObject({ executionState: "STOPPED_STAGE_ALTERED" });
		await account.run(PIPE);
		expect(await status()).toMatchObject({ executionState: "RUNNING" });
	});
});

test("a pipe paused for more than 14 days has to be forced to resume", async () => {
	await account.run(PIPE, "ALTER PIPE p SET PIPE_EXECUTION_PAUSED = TRUE");
	await tick(account.account, { forMillis: 15 * 86_400_000 });
	await expect(account.query("ALTER PIPE p SET PIPE_EXECUTION_PAUSED = FALSE")).rejects.toThrow(
		"SYSTEM$PIPE_FORCE_RESUME",
	);
	await account.query("SELECT SYSTEM$PIPE_FORCE_RESUME('p', 'staleness_check_override')");
	expect(await status()).toMatchObject({ executionState: "RUNNING" });
});

test("a pipe must be paused to get another owner, who must force it to resume", async () => {
	await account.run("CREATE ROLE IF NOT EXISTS loader", PIPE);
	const transfer = "GRANT OWNERSHIP ON PIPE p TO ROLE loader";
	await expect(account.query(transfer)).rejects.toThrow(/must be paused/);
	await account.run("ALTER PIPE p SET PIPE_EXECUTION_PAUSED = TRUE", transfer);
	await account.run("GRANT ROLE loader TO USER tester");
	await expect(account.query("ALTER PIPE p SET PIPE_EXECUTION_PAUSED = FALSE")).rejects.toThrow(
		/ownership has been transferred/,
	);
	await account.run("SELECT SYSTEM$PIPE_FORCE_RESUME('d.s.p')");
	expect(await status()).toMatchObject({ executionState: "RUNNING" });
	await account.run("DROP PIPE p");
});
