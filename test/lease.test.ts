import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../src/apply/journal.ts";
import { breakLease, type LeaseRequest, readLease, takeLease } from "../src/apply/lease.ts";
import { createRecords } from "../src/apply/records.ts";
import { openSnowflake } from "../src/connection/snowflake.ts";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import type { Connection, ConnectOptions } from "../src/model/port.ts";
import { startAccount, type TestAccount } from "./support/account.ts";

const SCHEMA = ["LAKE", "SNOWLINE"] as const;

let account: TestAccount;
let keeper: Connection;

const connect = ({ parameters }: ConnectOptions = {}) =>
	openSnowflake(
		{
			accessUrl: `http://127.0.0.1:${account.port}`,
			account: "LOCAL",
			username: "LOCAL",
			password: "local",
			warehouse: "COMPUTE_WH",
		},
		parameters && { parameters },
	);

beforeEach(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE LAKE");
	keeper = await connect();
}, 30_000);

afterEach(async () => {
	await keeper.close();
	await account.close();
});

function request(deployment: string, more: Partial<LeaseRequest> = {}): LeaseRequest {
	return { project: "demo", deployment, actor: "tester", seconds: 60, alone: false, ...more };
}

const take = (deployment: string, more: Partial<LeaseRequest> = {}, lost = () => {}) =>
	takeLease({ connect }, SCHEMA, request(deployment, more), lost);

async function exitOf(work: Promise<unknown>): Promise<number | undefined> {
	try {
		await work;
		return undefined;
	} catch (error) {
		if (error instanceof DeployError) return error.exitCode;
		throw error;
	}
}

/** Lets time pass in the account: its clock stands still otherwise. */
function pass(seconds: number): void {
	account.account.clock.advanceTo(account.account.clock.now() + seconds * 1000);
}

test("one run at a time holds the lease of a project, and another hears who and until when", async () => {
	await createRecords(keeper, SCHEMA);
	const lease = await take("d1");
	const refused = await take("d2").catch((error: unknown) => error);
	expect(refused).toMatchObject({ exitCode: 5 });
	expect((refused as DeployError).message).toMatch(
		/^tester@\S+ \(deployment d1\) holds the lease until \d\d:\d\d:\d\d UTC; it is extended while/,
	);
	const other = await take("d3", { project: "other" });
	await other.release();
	await lease.release();
	const next = await take("d2");
	await next.release();
});

test("of several that begin at the same time one gets it, each time", async () => {
	await createRecords(keeper, SCHEMA);
	for (let round = 0; round < 8; round++) {
		const runs = await Promise.allSettled([
			take(`a${round}`),
			take(`b${round}`),
			take(`c${round}`),
		]);
		const won = runs.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
		const refused = runs.flatMap((run) => (run.status === "rejected" ? [run.reason] : []));
		expect([won.length, refused.map((e: DeployError) => e.exitCode)]).toEqual([1, [5, 5]]);
		for (const lease of won) await lease.release();
	}
});

test("several first runs make the records once", async () => {
	const first = await Promise.allSettled(
		[1, 2, 3].map(async () => {
			const connection = await connect();
			await createRecords(connection, SCHEMA);
			await connection.close();
		}),
	);
	expect(first.map((f) => f.status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
	const { rows } = await keeper.execute("SELECT PROJECT FROM LAKE.SNOWLINE.LEASES");
	expect(rows).toEqual([{ PROJECT: "" }]);
});

test("an expired lease is taken over, and its first holder writes nothing more", async () => {
	await createRecords(keeper, SCHEMA);
	let lost = 0;
	const paused = await take("d1", {}, () => lost++);
	const identity = { project: "demo", deployment: "d1", now: () => new Date(0) };
	const journal = openJournal(keeper, SCHEMA, identity);
	await journal.open(paused);
	await journal.write({ step: "a", operation: 0, event: "start" });
	pass(61);
	const next = await take("d2");
	expect(await exitOf(journal.write({ step: "b", operation: 0, event: "start" }))).toBe(5);
	expect(
		await exitOf(
			journal.record((held) => ({
				sql: `DELETE FROM LAKE.SNOWLINE.JOURNAL WHERE ${held}`,
				binds: [],
			})),
		),
	).toBe(5);
	expect(lost).toBe(1);
	const { rows } = await keeper.execute("SELECT STEP FROM LAKE.SNOWLINE.JOURNAL");
	expect(rows).toEqual([{ STEP: "a" }]);
	await paused.release();
	expect((await readLease(keeper, SCHEMA, "demo"))?.deployment).toBe("d2");
	await next.release();
});

test("a lease that expired and that nobody took goes on", async () => {
	await createRecords(keeper, SCHEMA);
	const lease = await take("d1");
	const journal = openJournal(keeper, SCHEMA, {
		project: "demo",
		deployment: "d1",
		now: () => new Date(0),
	});
	await journal.open(lease);
	pass(61);
	await journal.write({ step: "a", operation: 0, event: "start" });
	expect((await readLease(keeper, SCHEMA, "demo"))?.expired).toBe(false);
	await lease.release();
});

test("an answer that was read after the lease was taken is not believed", async () => {
	await createRecords(keeper, SCHEMA);
	const paused = await take("d1", { seconds: 30 });
	pass(31);
	const next = await take("d2");
	expect(await exitOf(paused.confirm(Date.now()))).toBeUndefined();
	expect(await exitOf(paused.confirm(Date.now() - 11_000))).toBe(5);
	await paused.release();
	await next.release();
});

test("the heartbeat keeps it", async () => {
	await createRecords(keeper, SCHEMA);
	const lease = await take("d1", { seconds: 1.5 });
	for (let i = 0; i < 4; i++) {
		await new Promise((resolve) => setTimeout(resolve, 700));
		pass(1);
	}
	expect(await exitOf(take("d2"))).toBe(5);
	await lease.release();
});

test("a lease that is broken by hand is free, and its holder stops", async () => {
	await createRecords(keeper, SCHEMA);
	const lease = await take("d1");
	const state = await readLease(keeper, SCHEMA, "demo");
	if (!state) throw new Error("nobody holds it");
	expect(await breakLease(keeper, SCHEMA, "demo", state)).toBe(true);
	expect(await breakLease(keeper, SCHEMA, "demo", state)).toBe(false);
	expect(await lease.renew()).toBe(false);
	const next = await take("d2");
	await next.release();
});

test("a lease in an account of which this process is the only user belongs to the dead", async () => {
	await createRecords(keeper, SCHEMA);
	const left = await take("d1");
	const next = await take("d2", { alone: true });
	expect(await left.renew()).toBe(false);
	await next.release();
});
