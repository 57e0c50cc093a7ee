import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectClient, startAccount, type TestAccount } from "../support/account.ts";

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

describe("a driver's needs", () => {
	it("runs several statements of one request", async () => {
		const account = await startAccount();
		const rows: unknown[] = [];
		await new Promise<void>((resolve, reject) => {
			account.connection.execute({
				sqlText: "CREATE DATABASE m; SELECT 1 AS a; SELECT 'x' AS b",
				parameters: { MULTI_STATEMENT_COUNT: 3 },
				complete: (error, statement, found) => {
					if (error) return reject(error);
					rows.push(...(found ?? []));
					const next = statement as unknown as { hasNext(): boolean; NextResult(): void };
					if (next.hasNext()) next.NextResult();
					else resolve();
				},
			});
		});
		expect(rows).toEqual([{ status: "Database M successfully created." }, { A: 1 }, { B: "x" }]);
		await account.close();
	});

	it("takes binds", async () => {
		const account = await startAccount();
		expect(
			await account.query("SELECT ? AS n, ? AS t, ? AS b, ? AS z", [5, "it's", true, null]),
		).toEqual([{ N: 5, T: "it's", B: true, Z: null }]);
		await account.close();
	});

	it("renews a session whose statements find it expired at once and once more", async () => {
		const faults = [1, 2, 5, 6].map((n) => ({ statement: n, do: "expired" as const }));
		const account = await startAccount({ faults: { faults } });
		try {
			const answers = await Promise.all(
				Array.from({ length: 8 }, (_, i) => account.query(`SELECT ${i} AS N`)),
			);
			expect(answers.map((rows) => rows[0]?.N)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		} finally {
			await account.close();
		}
	});

	it("renews an expired session and runs the statement once", async () => {
		const account = await startAccount({ faults: { faults: [{ statement: 2, do: "expired" }] } });
		await account.run(
			"CREATE DATABASE d",
			"CREATE TABLE public.t (a INT)",
			"INSERT INTO t VALUES (1)",
		);
		expect(await account.query("SELECT count(*) AS n FROM t")).toEqual([{ N: 1 }]);
		await account.close();
	});

	it("does not run a repeated request twice", async () => {
		const account = await startAccount({
			faults: { faults: [{ statement: 3, do: "drop-after" }] },
		});
		await account.run(
			"CREATE DATABASE d",
			"CREATE TABLE public.t (a INT)",
			"INSERT INTO t VALUES (1)",
		);
		expect(await account.query("SELECT count(*) AS n FROM t")).toEqual([{ N: 1 }]);
		await account.close();
	}, 20_000);

	it("rolls back when the session ends", async () => {
		const account = await startAccount();
		await account.run("CREATE DATABASE d", "CREATE TABLE public.t (a INT)");
		const other = await account.connect({ database: "D" });
		await other.run("BEGIN", "INSERT INTO t VALUES (1)");
		await other.close();
		expect(await account.query("SELECT * FROM t")).toEqual([]);
		await account.close();
	});
});

describe("state", () => {
	it("survives a restart", async () => {
		const path = await mkdtemp(join(tmpdir(), "restart-"));
		const first = await startAccount({ path });
		await first.run(
			"CREATE DATABASE d",
			"CREATE TABLE public.t (a INT)",
			"INSERT INTO t VALUES (1)",
		);
		await first.close();
		const second = await startAccount({ path, connection: { database: "D" } });
		expect(await second.query("SELECT a FROM t")).toEqual([{ A: 1 }]);
		expect(await second.query("SHOW TABLES LIKE 'T' IN ACCOUNT")).toMatchObject([{ rows: 1 }]);
		await second.close();
		await rm(path, { recursive: true });
	});

	it("has all that was answered, and nothing of an open transaction, when the process is killed", async () => {
		const path = await mkdtemp(join(tmpdir(), "killed-"));
		const child = spawn(process.execPath, ["--import", "tsx", "test/support/serve.ts", path], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		const [line] = (await once(child.stdout, "data")) as [Buffer];
		const client = await connectClient(Number(String(line).trim()));
		await client.run(
			"CREATE DATABASE d",
			"CREATE TABLE public.t (a INT)",
			"ALTER SESSION SET QUERY_TAG = 'last'",
			"INSERT INTO t VALUES (1)",
			"BEGIN",
			"INSERT INTO t VALUES (2)",
		);
		child.kill("SIGKILL");
		await once(child, "exit");
		const after = await startAccount({ path, connection: { database: "D" } });
		expect(await after.query("SELECT a FROM t")).toEqual([{ A: 1 }]);
		expect(
			await after.query(
				"SELECT execution_status AS s FROM TABLE(information_schema.query_history()) WHERE query_tag = 'last' AND query_text LIKE '%(1)'",
			),
		).toEqual([{ S: "SUCCESS" }]);
		await after.close();
		await rm(path, { recursive: true });
	}, 30_000);
});
