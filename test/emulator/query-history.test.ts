import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, startAccount, type TestAccount } from "../support/account.ts";

// https://docs.snowflake.com/en/sql-reference/functions/query_history

let account: TestAccount;
let alice: Client;

beforeAll(async () => {
	account = await startAccount();
	await account.run(
		"CREATE DATABASE d",
		"CREATE ROLE engineer",
		"CREATE ROLE watcher",
		"GRANT ROLE engineer TO USER alice",
		"GRANT ROLE watcher TO USER bob",
		"GRANT USAGE ON DATABASE d TO ROLE engineer",
		"GRANT USAGE ON DATABASE d TO ROLE watcher",
		"CREATE WAREHOUSE alices",
		"GRANT USAGE ON WAREHOUSE alices TO ROLE engineer",
	);
	alice = await account.connect({ username: "alice", role: "ENGINEER", warehouse: "ALICES" });
	await alice.run("SELECT 'by alice'");
});
afterAll(() => account.close());

const HISTORY = "TABLE(d.INFORMATION_SCHEMA.QUERY_HISTORY";

function texts(client: Client, range = "RESULT_LIMIT => 10000"): Promise<readonly unknown[]> {
	const sql = `SELECT query_text, user_name, role_name FROM ${HISTORY}(${range})) WHERE query_text = 'SELECT ''by alice'''`;
	return client.query(sql);
}

test("shows statements of the own user, and those on warehouses that the role may monitor", async () => {
	const own = [{ QUERY_TEXT: "SELECT 'by alice'", USER_NAME: "ALICE", ROLE_NAME: "ENGINEER" }];
	expect(await texts(alice)).toEqual(own);
	const bob = await account.connect({ username: "bob", role: "WATCHER" });
	expect(await texts(bob)).toEqual([]);
	await account.run("GRANT MONITOR ON WAREHOUSE alices TO ROLE watcher");
	expect(await texts(bob)).toEqual(own);
});

test("RESULT_LIMIT and the range come before the filter", async () => {
	await alice.run("SELECT 1", "SELECT 2");
	expect(await texts(alice, "RESULT_LIMIT => 2")).toEqual([]);
	expect(await texts(alice, "RESULT_LIMIT => 100")).toHaveLength(1);
});

test("what runs ends in 1970, and not in a range that has an end", async () => {
	const asked = (range: string) =>
		alice.query(
			`SELECT DATE_PART(EPOCH_SECOND, end_time) AS ended FROM ${HISTORY}(${range})) WHERE execution_status = 'RUNNING'`,
		);
	expect(await asked("RESULT_LIMIT => 10")).toEqual([{ ENDED: 0 }]);
	expect(await asked("END_TIME_RANGE_END => CURRENT_TIMESTAMP()")).toEqual([]);
});

test("a range that begins more than seven days ago is an error", async () => {
	await expect(
		texts(alice, "END_TIME_RANGE_START => DATEADD(HOUR, -169, CURRENT_TIMESTAMP())"),
	).rejects.toThrow("Cannot retrieve data from more than 7 days ago");
	expect(
		await texts(
			alice,
			"END_TIME_RANGE_START => DATEADD(HOUR, -167, CURRENT_TIMESTAMP()), RESULT_LIMIT => 10000",
		),
	).toHaveLength(1);
});
