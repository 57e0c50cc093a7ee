import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Variables } from "../connection/config-files.ts";
import { type ResolvedConnection, resolveConnection } from "../connection/resolve-connection.ts";
import { openSnowflake, snowflakeConnector } from "../connection/snowflake.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Account } from "../emulator/index.ts";
import { formatIdentifier } from "../model/identifier.ts";
import type { Connector } from "../model/port.ts";
import type { Environment } from "../project/environment.ts";

/** A way into an account, to be closed when the command ends. */
export interface Access {
	readonly connector: Connector;
	/** The local account, when this process runs it. */
	readonly account?: Account;
	close(): Promise<void>;
}

type EmulatorSettings = Extract<Environment["connection"], { kind: "emulator" }>;

/** How long a command waits for another one that is using the local account. */
const BUSY_SECONDS = 10;

/** The file in which `emulator start` says where it serves. */
export function servingFile(directory: string): string {
	return join(directory, "serving.json");
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** The port of an `emulator start` that serves this directory; a file left by a dead process does not count. */
export function servingPort(
	directory: string,
): { readonly port: number; readonly pid: number } | undefined {
	try {
		const { port, pid } = JSON.parse(readFileSync(servingFile(directory), "utf8")) as {
			port: number;
			pid: number;
		};
		return isAlive(pid) ? { port, pid } : undefined;
	} catch {
		return undefined;
	}
}

/** Says where this process serves, until the function it gives is called. */
export function announceServing(directory: string, port: number): () => void {
	mkdirSync(directory, { recursive: true });
	writeFileSync(servingFile(directory), JSON.stringify({ port, pid: process.pid }));
	return () => rmSync(servingFile(directory), { force: true });
}

function settingsIn(
	dir: string,
	settings: EmulatorSettings,
): { readonly path: string; readonly buckets: Record<string, string> } {
	const buckets = Object.fromEntries(
		Object.entries(settings.buckets).map(([bucket, path]) => [bucket, resolve(dir, path)]),
	);
	return { path: resolve(dir, settings.path), buckets };
}

/** Opens the local account of an environment, waiting a while for another command to finish with it. */
export async function openLocalAccount(
	dir: string,
	settings: EmulatorSettings,
	options: { readonly live?: boolean } = {},
): Promise<Account> {
	const emulator = await import("../emulator/index.ts");
	const where = settingsIn(dir, settings);
	for (const bucket of Object.values(where.buckets)) mkdirSync(bucket, { recursive: true });
	mkdirSync(where.path, { recursive: true });
	for (let waited = 0; ; waited += 0.5) {
		try {
			return await emulator.openAccount({ ...where, ...options });
		} catch (error) {
			const busy =
				error instanceof Error && /lock|being used by another process/i.test(error.message);
			if (!busy) throw error;
			if (waited >= BUSY_SECONDS)
				throw new DeployError(
					EXIT.unavailable,
					{
						severity: "error",
						code: "ACCOUNT_BUSY",
						summary: `another command is using the local account in ${settings.path}`,
						hint: "wait for it, stop it, or run `snowline emulator start` so that several can share it",
					},
					{ cause: error },
				);
			await sleep(500);
		}
	}
}

function localOptions(
	port: number,
	environment: Environment,
	role: string | undefined,
): Record<string, unknown> {
	return {
		accessUrl: `http://127.0.0.1:${port}`,
		account: "LOCAL",
		username: "LOCAL",
		password: "local",
		...(environment.warehouse === undefined
			? {}
			: { warehouse: formatIdentifier(environment.warehouse) }),
		...(role === undefined ? {} : { role: formatIdentifier(role) }),
	};
}

async function openEmulator(
	dir: string,
	environment: Environment,
	settings: EmulatorSettings,
): Promise<Access> {
	const connectTo = (port: number): Connector => ({
		description: `the local account in ${settings.path}`,
		connect: (options) =>
			openSnowflake(
				localOptions(port, environment, options.role ?? environment.role),
				options.parameters && { parameters: options.parameters },
			),
	});
	const serving = servingPort(resolve(dir, settings.path));
	if (serving) return { connector: connectTo(serving.port), close: async () => undefined };
	const account = await openLocalAccount(dir, settings);
	const { serve } = await import("../emulator/index.ts");
	const server = await serve(account);
	return {
		connector: connectTo(server.port),
		account,
		async close() {
			await server.close();
			await account.close();
		},
	};
}

/** Everything about the way into an environment's account on Snowflake: files, variables, and where each was found. */
export function resolveAccess(
	dir: string,
	environment: Environment,
	env: Variables,
): ResolvedConnection {
	const { connection, account, role, warehouse, file } = environment;
	const at = environment.locate("connection", "name");
	return resolveConnection({
		...(connection.kind === "named" ? { name: connection.name } : {}),
		...(connection.kind === "driver" ? { inline: connection.options } : {}),
		...(account === undefined ? {} : { account }),
		...(role === undefined ? {} : { role }),
		...(warehouse === undefined ? {} : { warehouse }),
		...(at && { at }),
		file,
		env,
		dir,
	});
}

/** Opens the way into an environment's account: the local one, or Snowflake. */
export async function openAccess(
	dir: string,
	environment: Environment,
	env: Variables = process.env,
): Promise<Access> {
	const { connection } = environment;
	if (connection.kind === "emulator") return openEmulator(dir, environment, connection);
	const connector = snowflakeConnector(resolveAccess(dir, environment, env), env);
	return { connector, close: async () => undefined };
}
