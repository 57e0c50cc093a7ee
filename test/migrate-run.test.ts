import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../src/apply/journal.ts";
import { takeLease } from "../src/apply/lease.ts";
import { createRecords, readRecords } from "../src/apply/records.ts";
import { openSnowflake } from "../src/connection/snowflake.ts";
import { DeployError, EXIT } from "../src/diagnostics/diagnostic.ts";
import { pendingSteps } from "../src/migrate/pending.ts";
import { runMigration } from "../src/migrate/run-migration.ts";
import { catalogOf } from "../src/model/catalog.ts";
import type { Connection, Connector } from "../src/model/port.ts";
import { startAccount, type TestAccount } from "./support/account.ts";
import { type TestProject, testProject } from "./support/projects.ts";

const SQL = `-- new environment: run
INSERT INTO T VALUES (1);
BEGIN;
INSERT INTO T VALUES (2);
COMMIT;
INSERT INTO T VALUES (3);
`;

let account: TestAccount;
let project: TestProject;
let keeper: Connection;

beforeEach(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE LAKE", "CREATE SCHEMA RAW", "CREATE TABLE T (ID INT)");
	project = testProject({ "migrations/V1__a.sql": SQL });
	keeper = await connect();
}, 30_000);

afterEach(async () => {
	await keeper.close();
	await account.close();
	project.remove();
});

const connect = () =>
	openSnowflake({
		accessUrl: `http://127.0.0.1:${account.port}`,
		account: "LOCAL",
		username: "LOCAL",
		password: "local",
		warehouse: "COMPUTE_WH",
		database: "LAKE",
		schema: "RAW",
	});

/** A connector that is cut off at one statement, before the account has run it or after. */
function losing(lost: string | undefined, ran: boolean): Connector {
	return {
		description: "the test's account",
		async connect() {
			const real = await connect();
			return {
				...real,
				async execute(sql, binds, options) {
					if (sql !== lost || ran) {
						const result = await real.execute(sql, binds, options);
						if (sql !== lost) return result;
					}
					throw new DeployError(EXIT.unavailable, {
						severity: "error",
						code: "CONNECTION",
						summary: "the answer was lost",
					});
				},
			};
		},
	};
}

const records = () => readRecords(keeper, ["LAKE", "SNOWLINE"], "demo");

async function pending() {
	const { migrations, environment } = project.load();
	return pendingSteps({
		migrations,
		environment,
		records: await records(),
		live: catalogOf([]),
		desired: catalogOf([]),
	});
}

/** Runs what is pending; gives the error, if there was one. */
async function run(
	lost?: string,
	{ ran = true, signal = new AbortController().signal } = {},
): Promise<unknown> {
	const schema = ["LAKE", "SNOWLINE"];
	const identity = { project: "demo", deployment: "d1", now: () => new Date(0) };
	await createRecords(keeper, schema);
	const request = { ...identity, actor: "tester", seconds: 60, alone: true };
	const lease = await takeLease({ connect }, schema, request, () => undefined);
	const journal = openJournal(keeper, schema, identity);
	await journal.open(lease);
	const connector = losing(lost, ran);
	const context = {
		deployment: "d1",
		journal,
		secrets: () => undefined,
		readLine: () => undefined,
		captured: new Map<string, string>(),
		records: schema,
		connector,
		signal,
	};
	const options = { connector, project: "demo", now: identity.now, signal };
	try {
		for (const step of (await pending()).steps) await runMigration(step, context, options);
		return undefined;
	} catch (error) {
		return error;
	} finally {
		await journal.flush();
		await lease.release();
	}
}

async function state(): Promise<readonly unknown[]> {
	const record = (await records()).migrations.get("V1__a.sql");
	const { rows } = await keeper.execute("SELECT ID FROM LAKE.RAW.T ORDER BY ID");
	return [record?.status, record?.done, rows.map((row) => row.ID).join(" ")];
}

test("a migration runs to its end", async () => {
	expect(await run()).toBeUndefined();
	expect(await state()).toEqual(["done", 5, "1 2 3"]);
});

test("a statement that may never have arrived is left to a person", async () => {
	const error = await run("INSERT INTO T VALUES (3)", { ran: false });
	expect((error as DeployError).diagnostics[0]?.hint).toContain(
		"snowline migrate repair 1 --statement 5 --done",
	);
	expect(await state()).toEqual(["running", 4, "1 2"]);
	expect((await pending()).diagnostics.map((d) => d.code)).toEqual(["MIGRATION_UNDECIDED"]);
});

test("a statement whose answer was lost is found in the query history, and not run again", async () => {
	expect(await run("INSERT INTO T VALUES (3)")).toBeInstanceOf(DeployError);
	expect(await state()).toEqual(["failed", 5, "1 2 3"]);
	expect(await run()).toBeUndefined();
	expect(await state()).toEqual(["done", 5, "1 2 3"]);
});

test("a lost answer inside a transaction takes the transaction with it", async () => {
	expect(await run("INSERT INTO T VALUES (2)")).toBeInstanceOf(DeployError);
	expect(await state()).toEqual(["failed", 1, "1"]);
	expect(await run()).toBeUndefined();
	expect(await state()).toEqual(["done", 5, "1 2 3"]);
});

test("a COMMIT whose answer was lost is found as well", async () => {
	expect(await run("COMMIT")).toBeInstanceOf(DeployError);
	expect(await state()).toEqual(["failed", 4, "1 2"]);
	expect(await run()).toBeUndefined();
	expect(await state()).toEqual(["done", 5, "1 2 3"]);
});

test("an interruption starts nothing more, and goes on later", async () => {
	const interrupt = new AbortController();
	interrupt.abort();
	expect(await run(undefined, { signal: interrupt.signal })).toBeInstanceOf(DeployError);
	expect(await state()).toEqual(["failed", 0, ""]);
	expect(await run()).toBeUndefined();
	expect(await state()).toEqual(["done", 5, "1 2 3"]);
});
