import { afterEach, expect, test } from "vitest";
import { openSnowflake } from "../src/connection/snowflake.ts";
import type { Connection } from "../src/model/port.ts";
import { startAccount } from "./support/account.ts";
import { startPeer } from "./support/peer.ts";

/** What every session has, whatever its account or user has. */
const PINNED = {
	AUTOCOMMIT: "true",
	QUOTED_IDENTIFIERS_IGNORE_CASE: "false",
	TIMESTAMP_TYPE_MAPPING: "TIMESTAMP_NTZ",
	TIMEZONE: "UTC",
};

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

async function connect(
	port: number,
	how: Parameters<typeof openSnowflake>[1] = {},
): Promise<Connection> {
	const connection = await openSnowflake(
		{
			accessUrl: `http://127.0.0.1:${port}`,
			account: "LOCAL",
			username: "LOCAL",
			password: "local",
			warehouse: "COMPUTE_WH",
			role: "ACCOUNTADMIN",
		},
		{ env: {}, ...how },
	);
	open.push(connection);
	return connection;
}

async function parametersOf(connection: Connection): Promise<Readonly<Record<string, string>>> {
	const { rows } = await connection.execute("SHOW PARAMETERS IN SESSION");
	return Object.fromEntries(rows.map((row) => [row.key ?? "", `${row.value} (${row.level})`]));
}

const atSession = (values: Readonly<Record<string, string>>) =>
	Object.fromEntries(Object.entries(values).map(([key, value]) => [key, `${value} (SESSION)`]));

test("a session has its own settings, whatever those of the account are", async () => {
	const account = await startAccount();
	open.push(account);
	await account.run(
		"ALTER ACCOUNT SET TIMEZONE = 'Asia/Tokyo' TIMESTAMP_TYPE_MAPPING = TIMESTAMP_LTZ QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE",
	);
	const connection = await connect(account.port);
	expect(await parametersOf(connection)).toMatchObject(atSession(PINNED));
	// A timestamp without a time zone stays what it is, and a quoted name keeps its case.
	await connection.execute("CREATE DATABASE D");
	await connection.execute("CREATE TABLE \"quiet\" AS SELECT '2026-01-01'::TIMESTAMP AS AT");
	const { rows } = await connection.execute('DESCRIBE TABLE "quiet"');
	expect(rows[0]?.type).toBe("TIMESTAMP_NTZ(9)");
	const patient = await connect(account.port, { parameters: { LOCK_TIMEOUT: 30 } });
	expect(await parametersOf(patient)).toMatchObject(atSession({ ...PINNED, LOCK_TIMEOUT: "30" }));
}, 30_000);

test("setting a session up takes as few statements as it can", async () => {
	const peer = await startPeer(() => undefined);
	open.push(peer);
	await connect(peer.port, { parameters: { LOCK_TIMEOUT: 30 } });
	expect(peer.statements()[0]).toBe("USE SECONDARY ROLES NONE");
	expect(peer.statements().slice(1).sort()).toEqual([
		"ALTER SESSION SET TIMEZONE = 'UTC' TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ' QUOTED_IDENTIFIERS_IGNORE_CASE = false AUTOCOMMIT = true LOCK_TIMEOUT = 30",
		"SELECT CURRENT_ROLE() AS ROLE, CURRENT_WAREHOUSE() AS WAREHOUSE",
	]);
	const before = peer.statements().length;
	await connect(peer.port, { verify: "nothing" });
	expect(peer.statements().slice(before)).toHaveLength(2);
});
