import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { LOAD_TABLES } from "../load/tables.ts";
import { RUN_TABLES } from "../run/tables.ts";
import { DATA_SCHEMA } from "./storage.ts";

/** Rows as the engine's client gives them. */
export type EngineRows = readonly (readonly unknown[])[];

/** One engine statement with its values: what a transaction is rebuilt from. */
export interface EngineCall {
	readonly sql: string;
	readonly values: readonly unknown[];
}

/** The tables of the account's own state. Histories and the clock only ever grow, so that sessions never conflict on them. */
const STATE = [
	`CREATE SCHEMA IF NOT EXISTS ${DATA_SCHEMA}`,
	"CREATE SCHEMA IF NOT EXISTS state",
	"CREATE SEQUENCE IF NOT EXISTS state.object_id START 1001",
	"CREATE SEQUENCE IF NOT EXISTS state.session_id",
	`CREATE SEQUENCE IF NOT EXISTS ${DATA_SCHEMA}.row_id`,
	"CREATE TABLE IF NOT EXISTS state.objects (id BIGINT, kind VARCHAR, body VARCHAR)",
	"CREATE TABLE IF NOT EXISTS state.clock (now BIGINT)",
	"CREATE TABLE IF NOT EXISTS state.history (id VARCHAR, body VARCHAR)",
];

/** DuckDB is an optional dependency: only the local account needs it, and it takes a while to load. */
async function loadEngine(): Promise<typeof import("@duckdb/node-api")> {
	try {
		return await import("@duckdb/node-api");
	} catch (cause) {
		throw new DeployError(
			EXIT.unavailable,
			{
				severity: "error",
				code: "ENGINE_MISSING",
				summary:
					"the local account needs the package @duckdb/node-api, which is not installed here",
				hint: "npm install @duckdb/node-api, or reinstall without --omit=optional",
			},
			{ cause },
		);
	}
}

/** Opens the account's database file in a directory, and makes its tables where they are missing. */
export async function openEngine(directory: string): Promise<DuckDBInstance> {
	const { DuckDBInstance } = await loadEngine();
	await mkdir(directory, { recursive: true });
	const instance = await DuckDBInstance.create(join(directory, "account.duckdb"));
	const connection = await instance.connect();
	for (const sql of [...STATE, ...RUN_TABLES, ...LOAD_TABLES]) await connection.run(sql);
	connection.closeSync();
	return instance;
}

/** A new connection; every session has one. The engine's own time zone is always UTC. */
export async function connectEngine(instance: DuckDBInstance): Promise<DuckDBConnection> {
	const connection = await instance.connect();
	await connection.run("SET TimeZone = 'UTC'");
	return connection;
}

const READS = new Set([1, 5, 17]);

/** Runs one engine statement. `wrote` tells whether it was anything but a query. */
export async function runEngine(
	connection: DuckDBConnection,
	call: EngineCall,
): Promise<{ readonly rows: EngineRows; readonly wrote: boolean }> {
	if (/^\s*ALTER/i.test(call.sql)) {
		// The engine turns some forms of ALTER TABLE into several statements, and those cannot be prepared.
		await connection.run(call.sql);
		return { rows: [], wrote: true };
	}
	const prepared = await connection.prepare(call.sql);
	try {
		if (call.values.length > 0) prepared.bind([...call.values] as DuckDBValue[]);
		const reader = await prepared.runAndReadAll();
		return { rows: reader.getRows(), wrote: !READS.has(prepared.statementType) };
	} finally {
		prepared.destroySync();
	}
}
