import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tick } from "../../src/emulator/index.ts";
import { type Row, startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterAll(() => account.close());
beforeEach(() => account.run("CREATE OR REPLACE SCHEMA d.s"));

const show = async (name: string): Promise<Row | undefined> =>
	(await account.query(`SHOW STREAMS LIKE '${name}' IN SCHEMA d.s`))[0];
const refused = (sql: string): Promise<unknown> =>
	account.query(sql).then(
		() => "accepted",
		(error: { code: string; message: string }) => `${error.code} ${error.message}`,
	);
/** A stream's rows as text without METADATA$ROW_ID, in an order of their own. */
const rows = async (sql: string): Promise<readonly string[]> =>
	(await account.query(sql)).map((row) => Object.values(row).join(" ")).sort();

describe("CREATE STREAM", () => {
	beforeEach(() => account.run("CREATE TABLE mytable (id INT, name STRING)"));

	it("shows what was created", async () => {
		expect(
			await account.query(
				"CREATE STREAM mystream ON TABLE mytable APPEND_ONLY = TRUE COMMENT = 'c'",
			),
		).toEqual([{ status: "Stream MYSTREAM successfully created." }]);
		const shown = await show("mystream");
		expect(shown).toMatchObject({
			name: "MYSTREAM",
			database_name: "D",
			schema_name: "S",
			owner: "ACCOUNTADMIN",
			comment: "c",
			table_name: "D.S.MYTABLE",
			source_type: "Table",
			type: "DELTA",
			stale: "false",
			mode: "APPEND_ONLY",
			invalid_reason: "N/A",
			owner_role_type: "ROLE",
		});
		// 14 days, the default of MAX_DATA_EXTENSION_TIME_IN_DAYS, is more than the one of DATA_RETENTION_TIME_IN_DAYS.
		expect(Number(shown?.stale_after) - Number(shown?.created_on)).toBe(14 * 86_400_000);
		expect((await account.query("DESCRIBE STREAM mystream"))[0]).toEqual(shown);
	});

	it("turns change tracking of the table on", async () => {
		const tracking = async (): Promise<unknown> =>
			(await account.query("SHOW TABLES LIKE 'mytable' IN SCHEMA d.s"))[0]?.change_tracking;
		expect(await tracking()).toBe("OFF");
		await account.run("CREATE STREAM mystream ON TABLE mytable");
		expect(await tracking()).toBe("ON");
	});

	it.each([
		["a missing view", "ON VIEW v", /D\.S\.V/],
		["a missing stage", "ON STAGE st", /D\.S\.ST/],
		["a dynamic table", "ON DYNAMIC TABLE dt", /streams on a DYNAMIC TABLE/],
		["an external table", "ON EXTERNAL TABLE e INSERT_ONLY = TRUE", /streams on a EXTERNAL TABLE/],
		["a missing table", "ON TABLE nowhere", /D\.S\.NOWHERE/],
		["INSERT_ONLY", "ON TABLE mytable INSERT_ONLY = TRUE", /INSERT_ONLY/],
		["COPY GRANTS", "COPY GRANTS ON TABLE mytable", /COPY GRANTS/],
		["tags", "WITH TAG (a = 'b') ON TABLE mytable", /tags on STREAM/],
		["another option", "ON TABLE mytable APPEND = TRUE", /invalid property 'APPEND'/],
	])("refuses %s", async (_what, clauses, message) => {
		expect(await refused(`CREATE STREAM bad ${clauses}`)).toMatch(message);
		expect(await show("bad")).toBeUndefined();
	});

	it("OR ALTER changes the comment and nothing else", async () => {
		await account.run("CREATE STREAM st ON TABLE mytable");
		await account.run("CREATE OR ALTER STREAM st ON TABLE mytable COMMENT = 'Tracks DML changes'");
		expect((await show("st"))?.comment).toBe("Tracks DML changes");
		expect(await refused("CREATE OR ALTER STREAM st ON TABLE mytable APPEND_ONLY = TRUE")).toMatch(
			/cannot be changed/,
		);
	});

	it("ALTER sets and unsets the comment; there is no RENAME", async () => {
		await account.run("CREATE STREAM st ON TABLE mytable", "ALTER STREAM st SET COMMENT = 'x'");
		expect((await show("st"))?.comment).toBe("x");
		await account.run("ALTER STREAM IF EXISTS st UNSET COMMENT");
		expect((await show("st"))?.comment).toBe("");
		expect(await refused("ALTER STREAM st RENAME TO su")).toMatch(/001003/);
	});
});

// "Basic example" of the page of stream examples.
it("follows the members of a gym", async () => {
	await account.run(
		"CREATE OR REPLACE TABLE members (id number(8) NOT NULL, name varchar(255) default NULL, fee number(3) NULL)",
		"CREATE OR REPLACE STREAM member_check ON TABLE members",
		"CREATE OR REPLACE TABLE signup (id number(8), dt DATE)",
		"INSERT INTO members (id,name,fee) VALUES (1,'Joe',0),(2,'Jane',0),(3,'George',0),(4,'Betty',0),(5,'Sally',0)",
		"INSERT INTO signup VALUES (1,'2018-01-01'),(2,'2018-02-15'),(3,'2018-05-01'),(4,'2018-07-16'),(5,'2018-08-21')",
	);
	const check = "SELECT id, name, fee, metadata$action, metadata$isupdate FROM member_check";
	const inserted = (fees: readonly number[]): string[] =>
		["Joe", "Jane", "George", "Betty", "Sally"].map(
			(name, i) => `${i + 1} ${name} ${fees[i]} INSERT false`,
		);
	expect(await rows(check)).toEqual(inserted([0, 0, 0, 0, 0]));
	await account.run(
		`MERGE INTO members m USING (
			SELECT id, dt FROM signup s WHERE DATEDIFF(day, '2018-08-15'::date, s.dt::DATE) < -30) s
			ON m.id = s.id WHEN MATCHED THEN UPDATE SET m.fee = 90`,
	);
	expect(await rows(check)).toEqual(inserted([90, 90, 90, 0, 0]).sort());
	await account.run(
		"CREATE OR REPLACE TABLE members_prod (id number(8) NOT NULL, name varchar(255) default NULL, fee number(3) NULL)",
		"INSERT INTO members_prod(id,name,fee) SELECT id, name, fee FROM member_check WHERE METADATA$ACTION = 'INSERT'",
	);
	expect(await rows(check)).toEqual([]);
	expect(await rows("SELECT count(*) FROM members_prod")).toEqual(["5"]);
	await account.run("BEGIN", "UPDATE members SET fee = fee + 15 where fee > 0");
	expect(await rows(check)).toEqual([]);
	await account.run("COMMIT");
	expect(await rows(check)).toEqual([
		"1 Joe 105 INSERT true",
		"1 Joe 90 DELETE true",
		"2 Jane 105 INSERT true",
		"2 Jane 90 DELETE true",
		"3 George 105 INSERT true",
		"3 George 90 DELETE true",
	]);
});

describe("consuming", () => {
	beforeEach(() =>
		account.run(
			"CREATE TABLE t (id INT)",
			"CREATE TABLE t2 (id INT)",
			"CREATE STREAM st ON TABLE t",
			"INSERT INTO t VALUES (1)",
		),
	);
	const left = (): Promise<readonly string[]> => rows("SELECT id FROM st");

	it.each([
		["INSERT … SELECT", "INSERT INTO t2 SELECT id FROM st"],
		["an INSERT that takes nothing", "INSERT INTO t2 SELECT id FROM st WHERE 0 = 1"],
		["CREATE TABLE AS SELECT", "CREATE TABLE t3 AS SELECT id FROM st"],
		[
			"MERGE",
			"MERGE INTO t2 USING st ON t2.id = st.id WHEN NOT MATCHED THEN INSERT (id) VALUES (st.id)",
		],
		["UPDATE … FROM", "UPDATE t2 SET id = st.id FROM st WHERE t2.id = st.id"],
		["DELETE … USING", "DELETE FROM t2 USING st WHERE t2.id = st.id"],
	])("%s advances the stream", async (_what, sql) => {
		await account.run(sql);
		expect(await left()).toEqual([]);
	});

	it("a query does not advance it, in a transaction neither", async () => {
		await account.run("BEGIN", "SELECT * FROM st", "COMMIT");
		expect(await left()).toEqual(["1"]);
	});

	it("is undone by ROLLBACK", async () => {
		await account.run("BEGIN", "INSERT INTO t2 SELECT id FROM st", "ROLLBACK");
		expect(await left()).toEqual(["1"]);
	});

	it("is undone with a statement that fails inside a transaction", async () => {
		await account.run("CREATE TABLE strict (id INT NOT NULL)", "BEGIN", "INSERT INTO t VALUES (2)");
		expect(await refused("INSERT INTO strict SELECT NULL FROM st")).not.toBe("accepted");
		await account.run("COMMIT");
		expect(await left()).toEqual(["1", "2"]);
	});

	it("gives several statements of a transaction the same rows", async () => {
		const other = await account.connect();
		await account.run("CREATE TABLE t3 (id INT)", "BEGIN", "INSERT INTO t2 SELECT id FROM st");
		await other.run("INSERT INTO d.s.t VALUES (2)");
		await account.run("INSERT INTO t3 SELECT id FROM st", "COMMIT");
		expect(await rows("SELECT id FROM t3")).toEqual(["1"]);
		expect(await left()).toEqual(["2"]);
		await other.close();
	});
});

describe("system functions", () => {
	// The example of the page of SYSTEM$STREAM_HAS_DATA.
	it("SYSTEM$STREAM_HAS_DATA", async () => {
		await account.run(
			"create table MYTABLE1 (id int)",
			"create table MYTABLE2(id int)",
			"create stream MYSTREAM on table MYTABLE1",
			"insert into MYTABLE1 values (1)",
		);
		const has = () => rows("select system$stream_has_data('MYSTREAM')");
		expect(await has()).toEqual(["true"]);
		await account.run("begin", "insert into MYTABLE2 select id from MYSTREAM", "commit");
		expect(await has()).toEqual(["false"]);
	});

	it("SYSTEM$STREAM_GET_TABLE_TIMESTAMP is the same for a stream recreated at its own offset", async () => {
		await account.run(
			"CREATE TABLE t (id INT)",
			"CREATE STREAM st ON TABLE t",
			"INSERT INTO t VALUES (1)",
		);
		const timestamp = () => rows("SELECT SYSTEM$STREAM_GET_TABLE_TIMESTAMP('d.s.st')");
		const before = await timestamp();
		await account.run("CREATE OR REPLACE STREAM st ON TABLE t AT (STREAM => 'st')");
		expect(await timestamp()).toEqual(before);
		await account.run("CREATE OR REPLACE STREAM st ON TABLE t");
		expect(await timestamp()).not.toEqual(before);
	});

	it("GET_DDL", async () => {
		await account.run("CREATE TABLE t (id INT)", "CREATE STREAM st ON TABLE t APPEND_ONLY = TRUE");
		expect(await rows("SELECT GET_DDL('STREAM', 'd.s.st')")).toEqual([
			"create or replace stream ST on table D.S.T append_only=true;",
		]);
	});
});

describe("a point in the past", () => {
	it("by OFFSET, TIMESTAMP and STATEMENT", async () => {
		const { clock } = account.account;
		await account.run("CREATE TABLE t (id INT) CHANGE_TRACKING = TRUE");
		clock.advanceTo(clock.now() + 60_000);
		await account.run("INSERT INTO t VALUES (1)");
		const [id] = await account.query("SELECT LAST_QUERY_ID() AS id");
		clock.advanceTo(clock.now() + 600_000);
		await account.run("INSERT INTO t VALUES (2)");
		clock.advanceTo(clock.now() + 60_000);
		for (const [point, expected] of [
			["AT (OFFSET => -60*5)", ["2"]],
			["AT (OFFSET => -61)", ["2"]],
			["AT (TIMESTAMP => CURRENT_TIMESTAMP())", []],
			[`BEFORE (STATEMENT => '${id?.ID}')`, ["1", "2"]],
			[`AT (STATEMENT => '${id?.ID}')`, ["2"]],
		] as const) {
			await account.run(`CREATE OR REPLACE STREAM st ON TABLE t ${point}`);
			expect(await rows("SELECT id FROM st")).toEqual(expected);
		}
		expect(await refused("CREATE STREAM su ON TABLE t AT (OFFSET => -86400)")).toMatch(
			/^000707 .*Change tracking is not enabled or has been missing/s,
		);
	});
});

describe("tasks that read streams", () => {
	beforeEach(() =>
		account.run(
			"CREATE TABLE bronze (id INT)",
			"CREATE TABLE silver (id INT)",
			"CREATE STREAM st ON TABLE bronze",
		),
	);

	it("a triggered task runs when its stream has data, and is idle when it is consumed", async () => {
		await account.run(
			"CREATE TASK tr TARGET_COMPLETION_INTERVAL='15 MINUTES' WHEN SYSTEM$STREAM_HAS_DATA('st') AS INSERT INTO silver SELECT id FROM st",
			"ALTER TASK tr RESUME",
		);
		expect((await tick(account.account, { untilIdle: true })).events).toEqual([]);
		await account.run("INSERT INTO bronze VALUES (1), (2)");
		const report = await tick(account.account, { untilIdle: true });
		expect(report.events.map((event) => event.what)).toEqual(["task D.S.TR SUCCEEDED"]);
		expect(report.unfinished).toBeNull();
		expect(await rows("SELECT id FROM silver")).toEqual(["1", "2"]);
		const [run] = await account.query(
			"SELECT name, state, scheduled_from FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'tr'))",
		);
		expect(run).toEqual({ NAME: "TR", STATE: "SUCCEEDED", SCHEDULED_FROM: "TRIGGER" });
	});

	it("a scheduled task is skipped while its stream is empty", async () => {
		await account.run(
			"CREATE TASK waits SCHEDULE = '5 MINUTES' WHEN SYSTEM$STREAM_HAS_DATA('st') AS INSERT INTO silver SELECT id FROM st",
			"ALTER TASK waits RESUME",
		);
		await tick(account.account);
		await account.run("INSERT INTO bronze VALUES (1)");
		await tick(account.account, { untilIdle: true });
		const runs = await account.query(
			"SELECT state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'waits')) WHERE state <> 'SCHEDULED' ORDER BY scheduled_time",
		);
		expect(runs.map((row) => row.STATE)).toEqual(["SKIPPED", "SUCCEEDED"]);
		expect(await rows("SELECT id FROM silver")).toEqual(["1"]);
	});

	it("a task that reads a stream without WHEN counts as its consumer", async () => {
		await account.run(
			"CREATE TASK tr SCHEDULE = '5 MINUTES' AS INSERT INTO silver SELECT id FROM d.s.st",
			"ALTER TASK tr RESUME",
		);
		await tick(account.account, { untilIdle: true });
		await account.run("INSERT INTO bronze VALUES (7)");
		await tick(account.account, { untilIdle: true });
		expect(await rows("SELECT id FROM silver")).toEqual(["7"]);
	});

	// The example of the page of SYSTEM$SET_RETURN_VALUE.
	it("return values reach the tasks behind", async () => {
		await account.run(
			"CREATE TABLE return_values_table (str VARCHAR)",
			"CREATE TASK set_return_value_task SCHEDULE = '1 MINUTE' AS CALL SYSTEM$SET_RETURN_VALUE('The quick brown fox')",
			"CREATE TASK get_return_value_task AFTER set_return_value_task AS INSERT INTO return_values_table VALUES(SYSTEM$GET_PREDECESSOR_RETURN_VALUE())",
			"CREATE TASK never AFTER set_return_value_task WHEN SYSTEM$GET_PREDECESSOR_RETURN_VALUE('set_return_value_task') != 'The quick brown fox' AS SELECT 1",
			"ALTER TASK get_return_value_task RESUME",
			"ALTER TASK never RESUME",
			"SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('d.s.set_return_value_task')",
		);
		const report = await tick(account.account);
		expect(report.events.map((event) => `${event.name} ${event.state}`)).toEqual([
			"D.S.SET_RETURN_VALUE_TASK SUCCEEDED",
			"D.S.GET_RETURN_VALUE_TASK SUCCEEDED",
			"D.S.NEVER SKIPPED",
		]);
		expect(await rows("SELECT str FROM return_values_table")).toEqual(["The quick brown fox"]);
		expect(
			await rows(
				"SELECT DISTINCT(RETURN_VALUE) FROM TABLE(information_schema.task_history(task_name => 'set_return_value_task')) WHERE RETURN_VALUE IS NOT NULL",
			),
		).toEqual(["The quick brown fox"]);
	});

	it("TASK_DEPENDENTS lists a task and those behind it", async () => {
		await account.run(
			"CREATE TASK root AS SELECT 1",
			"CREATE TASK child AFTER root AS SELECT 1",
			"CREATE TASK grandchild AFTER child AS SELECT 1",
		);
		const names = async (more: string): Promise<readonly unknown[]> => {
			const found = await account.query(
				`select * from table(information_schema.task_dependents(task_name => 'd.s.root'${more}))`,
			);
			return found.map((row) => row.NAME);
		};
		expect(await names("")).toEqual(["ROOT", "CHILD", "GRANDCHILD"]);
		expect(await names(", recursive => false")).toEqual(["ROOT", "CHILD"]);
	});

	it("fail without the warehouse they name, and run without one of their own", async () => {
		await account.run(
			"CREATE WAREHOUSE gone",
			"CREATE TASK tr WAREHOUSE = gone SCHEDULE = '1 MINUTE' AS INSERT INTO silver SELECT id FROM bronze",
			"ALTER TASK tr RESUME",
			"DROP WAREHOUSE gone",
			"USE WAREHOUSE compute_wh",
		);
		const report = await tick(account.account);
		expect(report.events[0]?.what).toMatch(/FAILED: No active warehouse/);
	});
});
