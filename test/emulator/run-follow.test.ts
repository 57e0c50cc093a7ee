import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { follow } from "../../src/emulator/run/follow.ts";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeEach(async () => {
	account = await startAccount();
});
afterEach(async () => {
	vi.restoreAllMocks();
	await account.close();
});

it("follows the wall clock, and makes up for missed runs once", async () => {
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA d.s",
		"CREATE TASK t SCHEDULE = '10 MINUTES' AS ALTER SESSION UNSET QUERY_TAG",
		"ALTER TASK t RESUME",
	);
	const resumed = account.account.clock.now();
	const later = Date.now() + 65 * 60_000;
	vi.spyOn(Date, "now").mockImplementation(() => later);
	const happened = await new Promise<{ at: number; name: string; state: string }>((resolve) => {
		const stop = follow(account.account, {
			report: (event) => {
				void stop();
				resolve(event);
			},
		});
	});
	expect(happened).toMatchObject({ name: "D.S.T", state: "SUCCEEDED" });
	expect(happened.at - resumed).toBeGreaterThanOrEqual(65 * 60_000);
	expect(account.account.clock.now()).toBe(happened.at);
});
