import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Row, startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterAll(() => account.close());
beforeEach(() => account.run("CREATE OR REPLACE SCHEMA d.s"));

const show = async (name: string): Promise<Row | undefined> => {
	const [row] = await account.query(`SHOW TASKS LIKE '${name}' IN SCHEMA d.s`);
	return row;
};
const stateOf = async (name: string): Promise<unknown> => (await show(name))?.state;
const refused = (sql: string): Promise<unknown> =>
	account.query(sql).then(
		() => "accepted",
		(error: { code: string; message: string }) => `${error.code} ${error.message}`,
	);
const NOT_SUSPENDED =
	"091421 Unable to update graph with root task D.S.ROOT since that root task is not suspended.";

describe("CREATE TASK", () => {
	it("shows what was created, suspended", async () => {
		expect(
			await account.query(
				"CREATE TASK t SCHEDULE = '5 MINUTES' COMMENT = 'c' USER_TASK_TIMEOUT_MS = 10000 AS SELECT  1 -- one\n;",
			),
		).toEqual([{ status: "Task T successfully created." }]);
		expect(await show("t")).toMatchObject({
			name: "T",
			database_name: "D",
			schema_name: "S",
			owner: "ACCOUNTADMIN",
			comment: "c",
			warehouse: null,
			schedule: "5 MINUTES",
			predecessors: "[]",
			state: "suspended",
			definition: "SELECT  1",
			condition: null,
			allow_overlapping_execution: "false",
			last_committed_on: null,
			last_suspended_on: null,
			task_relations: '{"Predecessors":[]}',
			scheduling_mode: "FIXED",
		});
	});

	it("takes the forms of the documentation", async () => {
		await account.run(
			"CREATE TASK t1 SCHEDULE = 'USING CRON 18 9-17 * * SUN America/Los_Angeles' USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XSMALL' AS SELECT CURRENT_TIMESTAMP",
			"CREATE TASK t2 SCHEDULE = '60 MINUTES' TIMESTAMP_INPUT_FORMAT = 'YYYY-MM-DD HH24' AS INSERT INTO mytable(ts) VALUES(CURRENT_TIMESTAMP)",
			'CREATE TASK t3 SCHEDULE=\'10 m\' CONFIG=$${"output_dir": "/temp/test_directory/", "learning_rate": 0.1}$$ AS SELECT 1',
			"CREATE TASK t4 AFTER t1, t2 AS BEGIN ALTER SESSION SET TIMESTAMP_OUTPUT_FORMAT = 'YYYY'; SELECT CURRENT_TIMESTAMP; END",
			"CREATE TASK t5 FINALIZE = t1 AS SELECT 1",
			"CREATE TASK t6 TARGET_COMPLETION_INTERVAL='15 MINUTES' WHEN SYSTEM$STREAM_HAS_DATA('a') OR SYSTEM$STREAM_HAS_DATA('b') AS SELECT 1",
		);
		expect((await show("t3"))?.config).toBe(
			'{"output_dir": "/temp/test_directory/", "learning_rate": 0.1}',
		);
		const child = await show("t4");
		expect(child?.predecessors).toBe('["D.S.T1","D.S.T2"]');
		expect(child?.allow_overlapping_execution).toBeNull();
		expect(child?.definition).toBe(
			"BEGIN ALTER SESSION SET TIMESTAMP_OUTPUT_FORMAT = 'YYYY'; SELECT CURRENT_TIMESTAMP; END",
		);
		expect((await show("t5"))?.task_relations).toBe(
			'{"FinalizedRootTask":"D.S.T1","Predecessors":[]}',
		);
		expect((await show("t1"))?.task_relations).toBe('{"Predecessors":[],"FinalizerTask":"D.S.T5"}');
		expect((await show("t6"))?.condition).toBe(
			"SYSTEM$STREAM_HAS_DATA('a') OR SYSTEM$STREAM_HAS_DATA('b')",
		);
		expect((await show("t6"))?.scheduling_mode).toBe("FLEXIBLE");
		const roots = await account.query("SHOW TASKS IN SCHEMA d.s ROOT ONLY");
		expect(roots.map((row) => row.name)).toEqual(["T1", "T2", "T3", "T6"]);
	});

	it.each([
		["an unknown schedule", "SCHEDULE = '5 DAYS'", /invalid value/],
		["a schedule under 10 seconds", "SCHEDULE = '5 SECONDS'", /invalid value/],
		["an unknown option", "SCHEDUEL = '5 MINUTES'", /invalid property 'SCHEDUEL'/],
		["another function in WHEN", "WHEN PARSE_JSON('1') = 1", /PARSE_JSON/],
		["a CONFIG that is not JSON", "CONFIG = 'x'", /invalid value/],
		["AUTOCOMMIT = FALSE", "AUTOCOMMIT = FALSE", /invalid value/],
		["a missing warehouse", "WAREHOUSE = nowhere", /NOWHERE/],
		["a missing predecessor", "AFTER nowhere", /D.S.NOWHERE/],
		["tags", "WITH TAG (a = 'b')", /tags on TASK/],
	])("refuses %s", async (_what, options, message) => {
		expect(await refused(`CREATE TASK t ${options} AS SELECT 1`)).toMatch(message);
	});

	it("refuses what does not go together", async () => {
		await account.run(
			"CREATE TASK root SCHEDULE = '5 MINUTES' AS SELECT 1",
			"CREATE TASK child AFTER root AS SELECT 1",
			"CREATE TASK last FINALIZE = root AS SELECT 1",
			"CREATE SCHEMA d.other",
			"USE SCHEMA d.s",
		);
		for (const [sql, message] of [
			["CREATE TASK t AFTER root SCHEDULE = '5 MINUTES' AS SELECT 1", /schedule and a predecessor/],
			["CREATE TASK t FINALIZE = root AS SELECT 1", /already has the finalizer/],
			["CREATE TASK t FINALIZE = child AS SELECT 1", /not a root task/],
			["CREATE TASK t AFTER last AS SELECT 1", /cannot have child tasks/],
			["CREATE TASK t AFTER root TASK_AUTO_RETRY_ATTEMPTS = 1 AS SELECT 1", /root task/],
			["CREATE TASK t AFTER root OVERLAP_POLICY = NO_OVERLAP AS SELECT 1", /root task/],
			["CREATE TASK d.other.t AFTER d.s.root AS SELECT 1", /same schema/],
			["ALTER TASK root ADD AFTER child", /schedule|cycle/],
			["ALTER TASK last SET SCHEDULE = '5 MINUTES'", /cannot have a schedule/],
		] as const)
			expect(await refused(sql)).toMatch(message);
		await account.run("ALTER TASK root UNSET SCHEDULE", "DROP SCHEMA d.other", "USE SCHEMA d.s");
		expect(await refused("ALTER TASK root ADD AFTER child")).toMatch(/cycle/);
	});
});

describe("a task graph", () => {
	beforeEach(() =>
		account.run(
			"CREATE TASK root SCHEDULE = '5 MINUTES' AS SELECT 1",
			"CREATE TASK child AFTER root AS SELECT 1",
			"CREATE TASK grandchild AFTER child AS SELECT 1",
			"ALTER TASK child RESUME",
			"ALTER TASK root RESUME",
		),
	);

	it.each([
		"ALTER TASK root SET COMMENT = 'x'",
		"ALTER TASK grandchild RESUME",
		"ALTER TASK child SUSPEND",
		"ALTER TASK child MODIFY AS SELECT 2",
		"ALTER TASK grandchild REMOVE AFTER child",
		"CREATE TASK another AFTER grandchild AS SELECT 1",
		"CREATE OR REPLACE TASK child AFTER root AS SELECT 2",
		"CREATE OR ALTER TASK child AFTER root AS SELECT 2",
		"DROP TASK child",
		"DROP TASK root",
	])("with a started root refuses %s", async (sql) => {
		expect(await refused(sql)).toBe(NOT_SUSPENDED);
		expect((await show("child"))?.definition).toBe("SELECT 1");
	});

	it("keeps the states of its children when the root is suspended and resumed", async () => {
		await account.run("ALTER TASK root SUSPEND");
		expect(await stateOf("root")).toBe("suspended");
		expect((await show("root"))?.last_suspended_reason).toBe("USER_SUSPENDED");
		expect(await stateOf("child")).toBe("started");
		expect(await stateOf("grandchild")).toBe("suspended");
		await account.run("ALTER TASK root RESUME");
		expect((await show("root"))?.last_committed_on).toBeInstanceOf(Date);
	});

	it("loses its links when a member is dropped; a child left alone is a suspended root", async () => {
		await account.run("ALTER TASK root SUSPEND", "ALTER TASK grandchild RESUME", "DROP TASK child");
		expect(await show("grandchild")).toMatchObject({
			predecessors: "[]",
			state: "suspended",
			last_suspended_reason: "CHILD_BECAME_ROOT",
		});
	});

	it("re-parents with ADD AFTER and REMOVE AFTER without making a root", async () => {
		await account.run(
			"ALTER TASK root SUSPEND",
			"ALTER TASK grandchild RESUME",
			"ALTER TASK grandchild ADD AFTER root",
			"ALTER TASK grandchild REMOVE AFTER child",
		);
		expect(await show("grandchild")).toMatchObject({
			predecessors: '["D.S.ROOT"]',
			state: "started",
		});
	});

	it("is dropped with its schema", async () => {
		await account.run("CREATE OR REPLACE SCHEMA d.s");
		expect(await account.query("SHOW TASKS IN SCHEMA d.s")).toEqual([]);
	});
});

describe("ALTER TASK", () => {
	it("sets, unsets and modifies everything in place", async () => {
		await account.run("CREATE TASK t SCHEDULE = '5 MINUTES' AS SELECT 1");
		const before = (await show("t"))?.id;
		await account.run(
			"ALTER TASK t SET SCHEDULE = 'USING CRON */3 * * * * UTC' COMMENT = 'x', SUSPEND_TASK_AFTER_NUM_FAILURES = 3",
			"ALTER TASK t SET TIMEZONE = 'America/Los_Angeles', LOCK_TIMEOUT = 5",
			"ALTER TASK t MODIFY AS SELECT 2",
			"ALTER TASK t MODIFY WHEN SYSTEM$STREAM_HAS_DATA('MYSTREAM')",
			"ALTER TASK t SET CONFIG = '{\"a\": 1}' OVERLAP_POLICY = ALLOW_ALL_OVERLAP",
		);
		expect(await show("t")).toMatchObject({
			id: before,
			schedule: "USING CRON */3 * * * * UTC",
			comment: "x",
			definition: "SELECT 2",
			condition: "SYSTEM$STREAM_HAS_DATA('MYSTREAM')",
			config: '{"a": 1}',
			allow_overlapping_execution: "true",
		});
		const parameters = await account.query("SHOW PARAMETERS IN TASK d.s.t");
		const of = (key: string) => parameters.find((row) => row.key === key);
		expect(of("SUSPEND_TASK_AFTER_NUM_FAILURES")).toMatchObject({ value: "3", level: "TASK" });
		expect(of("TIMEZONE")).toMatchObject({ value: "America/Los_Angeles", level: "TASK" });
		expect(of("USER_TASK_TIMEOUT_MS")).toMatchObject({ value: "3600000", level: "" });
		await account.run(
			"ALTER TASK t REMOVE WHEN",
			"ALTER TASK t UNSET SCHEDULE, CONFIG, OVERLAP_POLICY, COMMENT, TIMEZONE",
		);
		expect(await show("t")).toMatchObject({
			condition: null,
			schedule: null,
			config: null,
			comment: "",
			allow_overlapping_execution: "false",
		});
	});

	it("refuses to resume a task that nothing makes run", async () => {
		await account.run("CREATE TASK t AS SELECT 1");
		expect(await refused("ALTER TASK t RESUME")).toMatch(/no schedule/);
	});

	it("refuses to alter a started task that stands alone", async () => {
		await account.run("CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1", "ALTER TASK root RESUME");
		expect(await refused("ALTER TASK root SET COMMENT = 'x'")).toBe(NOT_SUSPENDED);
		await account.run("DROP TASK root");
	});

	it("knows no RENAME, and no UNSET that is not documented", async () => {
		await account.run("CREATE TASK t AS SELECT 1");
		expect(await refused("ALTER TASK t RENAME TO u")).toMatch(/001003/);
		expect(await refused("ALTER TASK t UNSET ERROR_INTEGRATION")).toMatch(/invalid property/);
	});
});

describe("other forms of CREATE", () => {
	it("OR REPLACE makes a new, suspended task", async () => {
		await account.run("CREATE TASK t SCHEDULE = '1 HOUR' AS SELECT 1", "ALTER TASK t RESUME");
		const before = await show("t");
		await account.run("CREATE OR REPLACE TASK t SCHEDULE = '1 HOUR' AS SELECT 1");
		const after = await show("t");
		expect(after?.state).toBe("suspended");
		expect(after?.id).not.toBe(before?.id);
	});

	it("OR ALTER keeps the task and unsets what is not written", async () => {
		await account.run("CREATE TASK t SCHEDULE = '1 HOUR' COMMENT = 'x' AS SELECT PI()");
		const before = await show("t");
		await account.run("CREATE TASK other AS SELECT 1");
		await account.run("CREATE OR ALTER TASK t AFTER other AS SELECT 2 * PI()");
		expect(await show("t")).toMatchObject({
			id: before?.id,
			schedule: null,
			comment: "",
			definition: "SELECT 2 * PI()",
			predecessors: '["D.S.OTHER"]',
		});
	});

	it("CLONE copies a task, suspended and after the same predecessors", async () => {
		await account.run(
			"CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1",
			"CREATE TASK t AFTER root COMMENT = 'x' AS SELECT 2",
			"ALTER TASK t RESUME",
			"CREATE TASK u CLONE t",
		);
		expect(await show("u")).toMatchObject({
			state: "suspended",
			comment: "x",
			definition: "SELECT 2",
			predecessors: '["D.S.ROOT"]',
		});
	});
});

describe("GRANT OWNERSHIP", () => {
	beforeEach(async () => {
		await account.run(
			"CREATE ROLE IF NOT EXISTS runner",
			"CREATE TASK root SCHEDULE = '5 MINUTES' AS SELECT 1",
			"CREATE TASK child AFTER root AS SELECT 2",
			"CREATE TASK grandchild AFTER child AS SELECT 3",
			"ALTER TASK child RESUME",
			"ALTER TASK grandchild RESUME",
		);
	});

	it("needs a suspended root", async () => {
		await account.run("ALTER TASK root RESUME");
		expect(await refused("GRANT OWNERSHIP ON TASK child TO ROLE runner")).toBe(NOT_SUSPENDED);
	});

	it("of one task cuts its links and suspends it", async () => {
		await account.run("GRANT OWNERSHIP ON TASK child TO ROLE runner");
		expect(await show("child")).toMatchObject({
			owner: "RUNNER",
			predecessors: "[]",
			state: "suspended",
			last_suspended_reason: "GRANT_OWNERSHIP",
		});
		expect(await show("grandchild")).toMatchObject({
			owner: "ACCOUNTADMIN",
			predecessors: "[]",
			state: "suspended",
			last_suspended_reason: "CHILD_BECAME_ROOT",
		});
	});

	it("of all tasks of a schema suspends them, and keeps their links", async () => {
		await account.run(
			"ALTER TASK root RESUME",
			"GRANT OWNERSHIP ON ALL TASKS IN SCHEMA d.s TO ROLE runner",
		);
		for (const name of ["root", "child", "grandchild"])
			expect(await show(name)).toMatchObject({
				owner: "RUNNER",
				state: "suspended",
				last_suspended_reason: "GRANT_OWNERSHIP",
			});
		expect(JSON.parse(String((await show("grandchild"))?.predecessors))).toHaveLength(1);
	});
});
