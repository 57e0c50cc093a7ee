import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

describe("the server", () => {
	let account: TestAccount;
	beforeAll(async () => {
		account = await startAccount();
	});
	afterAll(() => account.close());

	it("answers a driver's statement", async () => {
		const rows = await account.query("CREATE DATABASE d");
		expect(rows).toEqual([{ status: "Database D successfully created." }]);
	});

	it("reports an error with code, state and place", async () => {
		await expect(account.query("CREATE SCHEMA\n  s ??")).rejects.toMatchObject({
			code: "001003",
			sqlState: "42000",
			data: { line: 2, pos: 4 },
		});
	});

	it("knows the columns of SHOW DATABASES", async () => {
		const [row] = await account.query("SHOW DATABASES LIKE 'd'");
		expect(row).toMatchObject({
			name: "D",
			is_current: "Y",
			kind: "STANDARD",
			owner: "ACCOUNTADMIN",
		});
		expect(row?.created_on).toBeInstanceOf(Date);
	});
});
