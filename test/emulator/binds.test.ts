import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let token: string;

/** One request as any driver sends it, without a driver: some wire forms are those of other drivers than ours. */
async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
	const response = await fetch(`http://127.0.0.1:${account.port}${path}`, {
		method: "POST",
		headers: { authorization: `Snowflake Token="${token}"` },
		body: JSON.stringify(body),
	});
	const reply = (await response.json()) as { success: boolean; data: Record<string, unknown> };
	if (!reply.success) throw new Error(JSON.stringify(reply));
	return reply.data;
}

const request = (sqlText: string, more: object = {}) =>
	post(`/queries/v1/query-request?requestId=${randomUUID()}`, { sqlText, ...more });

beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE TABLE t (id INT, name VARCHAR(9), v VARIANT)");
	const login = await post("/session/v1/login-request?databaseName=d&warehouse=COMPUTE_WH", {
		data: { LOGIN_NAME: "other" },
	});
	token = String(login.token);
	await request("ALTER SESSION SET TIMEZONE = 'UTC'");
});
afterAll(() => account.close());

describe("the wire forms of binds", () => {
	// 2024-05-06 07:08:09.123456 UTC is second 1714979289 of the epoch; 01:02:03.000004 is second 3723 of the day.
	test.each([
		["FIXED", "-12.50", "'x' || ?", "x-12.50"],
		["REAL", "1.5", "? + 1", "2.5"],
		["TEXT", "it's", "?", "it's"],
		["BOOLEAN", "true", "NOT ?", "false"],
		["DATE", "1714953600000", "TO_VARCHAR(?)", "2024-05-06"],
		["TIME", "3723000004000", "TO_VARCHAR(?, 'HH24:MI:SS.FF6')", "01:02:03.000004"],
		[
			"TIMESTAMP_NTZ",
			"1714979289123456000",
			"TO_VARCHAR(?, 'YYYY-MM-DD HH24:MI:SS.FF6')",
			"2024-05-06 07:08:09.123456",
		],
		[
			"TIMESTAMP_LTZ",
			"1714979289000000000",
			"TO_VARCHAR(?, 'YYYY-MM-DD HH24:MI:SS')",
			"2024-05-06 07:08:09",
		],
		[
			"TIMESTAMP_TZ",
			"1714979289000000000 1560",
			"TO_VARCHAR(?, 'YYYY-MM-DD HH24:MI:SS TZHTZM')",
			"2024-05-06 09:08:09 +0200",
		],
		["BINARY", "00fF", "?", "00FF"],
	])("%s %s", async (type, value, expression, expected) => {
		const { rowset } = await request(`SELECT TO_VARCHAR(${expression}) AS x`, {
			bindings: { "1": { type, value } },
		});
		expect(rowset).toEqual([[expected]]);
	});
});

describe("an INSERT bound for several rows", () => {
	const rows = (ids: readonly number[], names: readonly (string | null)[]) => ({
		bindings: {
			"1": { type: "FIXED", value: ids.map(String) },
			"2": { type: "TEXT", value: names },
		},
	});
	test("inserts them all", async () => {
		const given = rows([1, 2, 3], ["a", null, "c"]);
		expect((await request("INSERT INTO t (id, name) VALUES (?, ?)", given)).rowset).toEqual([
			["3"],
		]);
		expect((await request("SELECT id, name FROM t ORDER BY id")).rowset).toEqual([
			["1", "a"],
			["2", null],
			["3", "c"],
		]);
	});
	test("also by a SELECT", async () => {
		const given = rows([8, 9], ['{"x":1}', "[2]"]);
		await request("INSERT INTO t (id, v) SELECT ?, PARSE_JSON(?)", given);
		expect((await request("SELECT id, v FROM t WHERE id > 7 ORDER BY id")).rowset).toEqual([
			["8", '{"x":1}'],
			["9", "[2]"],
		]);
	});
	test("other statements refuse several values by name", async () => {
		await expect(
			request("DELETE FROM t WHERE id = ? AND name = ?", rows([1, 2], ["a", "b"])),
		).rejects.toThrow(/Unsupported by the local account: binds for several rows/);
	});
	test("the driver's own bulk insert works", async () => {
		await new Promise<void>((resolve, reject) =>
			account.connection.execute({
				sqlText: "INSERT INTO t (id, name) VALUES (?, ?)",
				binds: [
					[21, "u"],
					[22, "v"],
				],
				complete: (error) => (error ? reject(error) : resolve()),
			}),
		);
		expect(await account.query("SELECT name FROM t WHERE id > 20 ORDER BY id")).toEqual([
			{ NAME: "u" },
			{ NAME: "v" },
		]);
	});
});

describe("a statement that is only described", () => {
	const described = (sqlText: string) => request(sqlText, { describeOnly: true });
	const names = (data: Record<string, unknown>) =>
		(data.rowtype as { name: string }[]).map(({ name }) => name);
	test("a query gives its columns and the number of its placeholders", async () => {
		const data = await described("SELECT id, name AS n FROM t WHERE id = ?");
		expect(names(data)).toEqual(["ID", "N"]);
		expect(data).toMatchObject({ rowset: [], numberOfBinds: 1 });
	});
	test("changes nothing", async () => {
		const count = async () => (await request("SELECT count(*) FROM t")).rowset;
		const before = await count();
		expect(await described("INSERT INTO t (id) VALUES (?)")).toMatchObject({
			rowset: [],
			arrayBindSupported: true,
		});
		await described("DELETE FROM t");
		await described("TRUNCATE TABLE t");
		await described("DROP TABLE t");
		expect(await count()).toEqual(before);
	});
	test("mistakes are found", async () => {
		await expect(described("SELECT nowhere FROM t")).rejects.toThrow(/000904/);
	});
});

test("a word that begins no statement is a syntax error", async () => {
	await expect(account.query("SELEC 1")).rejects.toMatchObject({
		code: "001003",
		data: { line: 1, pos: 0 },
	});
});
