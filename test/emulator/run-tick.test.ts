import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle } from "../../src/emulator/run/execute-task.ts";
import { readRuns, type TaskRun } from "../../src/emulator/run/task-history.ts";
import { asSystem } from "../../src/emulator/run/task-run.ts";
import { type TickReport, tick } from "../../src/emulator/run/tick.ts";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeEach(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterEach(() => account.close());

const MINUTE = 60_000;
const names = (report: TickReport): string[] =>
	report.events.map(({ name, state }) => `${name.split(".").at(-1)} ${state}`);
const schemas = async (): Promise<unknown[]> =>
	(await account.query("SHOW SCHEMAS LIKE 'RAN%' IN DATABASE d")).map((row) => row.name);
const history = async (): Promise<readonly TaskRun[]> => {
	const runs = await asSystem(account.account, (context) => readRuns(context, "true"));
	return runs.map(({ run }) => run).reverse();
};
const create = (
	name: string,
	options = "SCHEDULE = '10 MINUTES'",
	body = "ALTER SESSION UNSET QUERY_TAG",
) => account.query(`CREATE TASK ${name} ${options} AS ${body}`);

describe("one tick", () => {
	it("advances the clock to the next due task and runs it", async () => {
		await create("late", "SCHEDULE = '10 MINUTES'");
		await create("early", "SCHEDULE = '5 MINUTES'");
		await account.run("ALTER TASK late RESUME", "ALTER TASK early RESUME");
		const start = account.account.clock.now();
		const first = await tick(account.account);
		expect(names(first)).toEqual(["EARLY SUCCEEDED"]);
		expect(first.to - start).toBe(5 * MINUTE);
		// At ten minutes both are due: by name.
		expect(names(await tick(account.account))).toEqual(["EARLY SUCCEEDED"]);
		expect(names(await tick(account.account))).toEqual(["LATE SUCCEEDED"]);
		expect(account.account.clock.now() - start).toBe(10 * MINUTE);
	});

	it("does nothing where nothing is due", async () => {
		await create("t");
		const start = account.account.clock.now();
		expect((await tick(account.account)).events).toEqual([]);
		expect(account.account.clock.now()).toBe(start);
	});

	it("runs a body in the task's schema, as its owner, with its parameters", async () => {
		await account.run("CREATE SCHEMA d.other", "USE SCHEMA d.s");
		await create(
			"t",
			"SCHEDULE = '1 MINUTE' QUERY_TAG = 'mine'",
			"CREATE FILE FORMAT made TYPE = CSV",
		);
		await account.run("ALTER TASK t RESUME", "USE SCHEMA d.other");
		await tick(account.account);
		const [made] = await account.query("SHOW FILE FORMATS LIKE 'made' IN ACCOUNT");
		expect(made).toMatchObject({ schema_name: "S", owner: "ACCOUNTADMIN" });
	});
});

describe("a duration", () => {
	it("runs all that falls due within it, and ends at its end", async () => {
		await create("t", "SCHEDULE = '10 MINUTES'");
		await account.run("ALTER TASK t RESUME");
		const start = account.account.clock.now();
		const report = await tick(account.account, { forMillis: 35 * MINUTE });
		expect(report.events.map(({ at }) => (at - start) / MINUTE)).toEqual([10, 20, 30]);
		expect(account.account.clock.now() - start).toBe(35 * MINUTE);
	});

	it("counts an interval from the resume", async () => {
		await create("t", "SCHEDULE = '10 MINUTES'");
		await tick(account.account, { forMillis: 7 * MINUTE });
		await account.run("ALTER TASK t RESUME");
		const report = await tick(account.account, { forMillis: 30 * MINUTE });
		expect(report.events.map(({ at }) => (at - report.from) / MINUTE)).toEqual([10, 20, 30]);
	});
});

describe("until idle", () => {
	it("runs every started task once", async () => {
		await create("a", "SCHEDULE = 'USING CRON 0 0 1 1 * UTC'", "CREATE SCHEMA d.ran_a");
		await create("b", "SCHEDULE = '10 MINUTES'", "CREATE SCHEMA IF NOT EXISTS d.ran_b");
		await create("never");
		await account.run("ALTER TASK b RESUME");
		expect((await tick(account.account, { untilIdle: true })).unfinished).toBeNull();
		expect(await schemas()).toEqual(["RAN_B"]);
		expect((await tick(account.account, { untilIdle: true })).events).toEqual([]);
	});

	it("is not held up by a graph that stops before its end", async () => {
		await create("root", "SCHEDULE = '10 MINUTES'", "CREATE SCHEMA d.s");
		await create("child", "AFTER root");
		await account.run("ALTER TASK child RESUME", "ALTER TASK root RESUME");
		const report = await tick(account.account, { untilIdle: true });
		expect(names(report)).toEqual(["ROOT FAILED"]);
		expect(report.unfinished).toBeNull();
	});
});

describe("a graph", () => {
	const graph = async (
		child = "ALTER SESSION UNSET QUERY_TAG",
		root = "SCHEDULE = '10 MINUTES'",
	) => {
		await create("root", root);
		await create("b", "AFTER root", child);
		await create("a", "AFTER root");
		await create("c", "AFTER a, b");
		await create("last", "FINALIZE = root");
	};

	it("runs children after their predecessors, and the finalizer last", async () => {
		await graph();
		await account.run(
			...["a", "b", "c", "last", "root"].map((name) => `ALTER TASK ${name} RESUME`),
		);
		expect(names(await tick(account.account))).toEqual([
			"ROOT SUCCEEDED",
			"A SUCCEEDED",
			"B SUCCEEDED",
			"C SUCCEEDED",
			"LAST SUCCEEDED",
		]);
		const runs = await history();
		expect(new Set(runs.map((run) => run.groupId)).size).toBe(1);
		expect(new Set(runs.map((run) => run.scheduledFrom))).toEqual(new Set(["SCHEDULE"]));
	});

	it("passes over suspended children", async () => {
		await graph();
		await account.run("ALTER TASK b RESUME", "ALTER TASK c RESUME", "ALTER TASK root RESUME");
		expect(names(await tick(account.account))).toEqual([
			"ROOT SUCCEEDED",
			"B SUCCEEDED",
			"C SUCCEEDED",
		]);
	});

	it("stops behind a failure, but still runs the finalizer", async () => {
		await graph("CREATE SCHEMA d.s");
		await account.run(
			...["a", "b", "c", "last", "root"].map((name) => `ALTER TASK ${name} RESUME`),
		);
		expect(names(await tick(account.account))).toEqual([
			"ROOT SUCCEEDED",
			"A SUCCEEDED",
			"B FAILED",
			"LAST SUCCEEDED",
		]);
		const failed = (await history()).find((run) => run.name === "B");
		expect(failed).toMatchObject({ state: "FAILED", errorCode: "002002", attempt: 1 });
		expect(failed?.errorMessage).toMatch(/already exists/);
	});

	it("retries from the failed task as often as TASK_AUTO_RETRY_ATTEMPTS says", async () => {
		await graph("CREATE SCHEMA d.s", "SCHEDULE = '10 MINUTES' TASK_AUTO_RETRY_ATTEMPTS = 2");
		await account.run(...["a", "b", "c", "root"].map((name) => `ALTER TASK ${name} RESUME`));
		expect(names(await tick(account.account))).toEqual([
			"ROOT SUCCEEDED",
			"A SUCCEEDED",
			"B FAILED",
			"B FAILED",
			"B FAILED",
		]);
		const attempts = (await history()).filter((run) => run.name === "B");
		expect(attempts.map((run) => [run.attempt, run.scheduledFrom])).toEqual([
			[1, "SCHEDULE"],
			[2, "AUTOMATIC RETRY"],
			[3, "AUTOMATIC RETRY"],
		]);
	});

	// The example of "Suspend task graphs after failed task graph runs".
	it("is suspended after SUSPEND_TASK_AFTER_NUM_FAILURES failures in a row", async () => {
		await create(
			"root",
			"SCHEDULE = '1 MINUTE' TASK_AUTO_RETRY_ATTEMPTS = 2 SUSPEND_TASK_AFTER_NUM_FAILURES = 3",
		);
		await create("child", "AFTER root", "CREATE SCHEMA d.s");
		await account.run("ALTER TASK child RESUME", "ALTER TASK root RESUME");
		await tick(account.account, { forMillis: 60 * MINUTE });
		const failures = (await history()).filter((run) => run.name === "CHILD");
		expect(failures).toHaveLength(9);
		expect(failures.at(-1)?.state).toBe("FAILED_AND_AUTO_SUSPENDED");
		const [root] = await account.query("SHOW TASKS LIKE 'root'");
		expect(root).toMatchObject({
			state: "suspended",
			last_suspended_reason: "SUSPENDED_DUE_TO_ERRORS",
		});
	});
});

describe("EXECUTE TASK", () => {
	it("runs a suspended task at once, without resuming it", async () => {
		await create("t", "", "CREATE SCHEMA d.ran");
		await account.run("EXECUTE TASK t");
		await settle(account.account);
		expect(await schemas()).toEqual(["RAN"]);
		expect((await history()).map((run) => run.scheduledFrom)).toEqual(["EXECUTE_TASK"]);
		const [row] = await account.query("SHOW TASKS LIKE 't'");
		expect(row?.state).toBe("suspended");
		expect(row?.last_committed_on).toBeInstanceOf(Date);
	});

	it("refuses a child", async () => {
		await create("root");
		await create("child", "AFTER root");
		await expect(account.query("EXECUTE TASK child")).rejects.toThrow(/not a root task/);
	});

	it("merges a configuration over the default one", async () => {
		await create(
			"t",
			`CONFIG = '{"environment": "production", "output_paths": {"logs": "/prod/logs", "results": "/prod/results"}}'`,
		);
		await account.run(
			`EXECUTE TASK t USING CONFIG=$\${"output_paths": {"results": "/temp/testing"}}$$`,
		);
		await settle(account.account);
		// The resulting configuration on the page of EXECUTE TASK.
		expect(JSON.parse((await history())[0]?.config ?? "")).toEqual({
			environment: "production",
			output_paths: { logs: "/prod/logs", results: "/temp/testing" },
		});
	});

	it("RETRY LAST runs the failed tasks of the last graph run and those behind them", async () => {
		await create("root", "", "CREATE SCHEMA d.ran_root");
		await create("child", "AFTER root", "CREATE SCHEMA d.ran_child");
		await account.run("ALTER TASK child RESUME", "CREATE SCHEMA d.ran_child", "USE SCHEMA d.s");
		await account.run("EXECUTE TASK root");
		await settle(account.account);
		await account.run("DROP SCHEMA d.ran_child", "EXECUTE TASK root RETRY LAST");
		await settle(account.account);
		const runs = await history();
		expect(runs.map((run) => [run.name, run.state, run.attempt, run.scheduledFrom])).toEqual([
			["ROOT", "SUCCEEDED", 1, "EXECUTE_TASK"],
			["CHILD", "FAILED", 1, "EXECUTE_TASK"],
			["CHILD", "SUCCEEDED", 2, "MANUAL RETRY"],
		]);
		expect(new Set(runs.map((run) => run.groupId)).size).toBe(1);
		await expect(account.query("EXECUTE TASK root RETRY LAST")).rejects.toThrow(/did not fail/);
	});
});

describe("a block", () => {
	it("runs its statements in order", async () => {
		await create("t", "", "BEGIN CREATE SCHEMA d.ran_1; CREATE SCHEMA d.ran_2; END");
		await account.run("EXECUTE TASK t");
		await settle(account.account);
		expect(await schemas()).toEqual(["RAN_1", "RAN_2"]);
	});

	it.each(["BEGIN LET x := 1; END", "DECLARE x INT; BEGIN x := 1; END", "BEGIN RETURN 1; END"])(
		"with scripting fails by name: %s",
		async (body) => {
			await create("t", "", body);
			await account.run("EXECUTE TASK t");
			await settle(account.account);
			const [run] = await history();
			expect(run?.state).toBe("FAILED");
			expect(run?.errorMessage).toMatch(/Unsupported by the local account: Snowflake Scripting/);
		},
	);
});
