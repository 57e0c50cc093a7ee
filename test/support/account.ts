import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, ConnectionOptions, RowStatement } from "snowflake-sdk";
import type { FaultPlan } from "../../src/emulator/index.ts";
import { openAccount, serve } from "../../src/emulator/index.ts";
import type { Account } from "../../src/emulator/types.ts";

// The driver reads these when it is imported: without them it probes cloud metadata addresses and prints a notice.
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = "true";
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** A row by column name, values as the driver decodes them. */
export type Row = Readonly<Record<string, unknown>>;

/** One connection of the real driver. */
export interface Client {
	/** Runs one statement and gives its rows; rejects with the driver's error. */
	query(
		sql: string,
		binds?: readonly (string | number | boolean | null)[],
	): Promise<readonly Row[]>;
	/** Runs statements one after another. */
	run(...statements: readonly string[]): Promise<void>;
	readonly connection: Connection;
	close(): Promise<void>;
}

/** A local account in a temporary directory, served over HTTP to the real driver. */
export interface TestAccount extends Client {
	readonly port: number;
	readonly path: string;
	readonly account: Account;
	/** Another session of its own. */
	connect(options?: Partial<ConnectionOptions>): Promise<Client>;
	/** Stops the server and opens the same directory again. */
	close(): Promise<void>;
}

async function loadDriver() {
	const { default: snowflake } = await import("snowflake-sdk");
	snowflake.configure({ useEnvProxy: false, logLevel: "OFF" } as Parameters<
		typeof snowflake.configure
	>[0]);
	return snowflake;
}

/** Connects the real driver to a local account's port. */
export async function connectClient(
	port: number,
	options: Partial<ConnectionOptions> = {},
): Promise<Client> {
	const snowflake = await loadDriver();
	const connection = snowflake.createConnection({
		accessUrl: `http://127.0.0.1:${port}`,
		account: "local",
		username: "tester",
		password: "none",
		warehouse: "COMPUTE_WH",
		sfRetryMaxLoginRetries: 1,
		...options,
	} as ConnectionOptions);
	await new Promise<void>((resolve, reject) => {
		connection.connect((error) => (error ? reject(error) : resolve()));
	});
	const query: Client["query"] = (sqlText, binds) =>
		new Promise((resolve, reject) => {
			connection.execute({
				sqlText,
				...(binds && { binds: [...binds] as never }),
				complete: (error: unknown, _statement: RowStatement, rows: unknown) =>
					error ? reject(error) : resolve((rows ?? []) as readonly Row[]),
			});
		});
	return {
		connection,
		query,
		async run(...statements) {
			for (const sql of statements) await query(sql);
		},
		close: () =>
			new Promise((resolve) => {
				connection.destroy(() => resolve());
			}),
	};
}

/** Starts an account in a directory (a new temporary one by default, removed at close) and connects to it. */
export async function startAccount(
	options: {
		readonly buckets?: Readonly<Record<string, string>>;
		readonly path?: string;
		readonly faults?: FaultPlan;
		readonly connection?: Partial<ConnectionOptions>;
	} = {},
): Promise<TestAccount> {
	const path = options.path ?? (await mkdtemp(join(tmpdir(), "account-")));
	const account = await openAccount({ path, buckets: options.buckets ?? {} });
	const server = await serve(account, options.faults ?? {});
	const clients: Client[] = [];
	const connect: TestAccount["connect"] = async (given = {}) => {
		const client = await connectClient(server.port, { ...options.connection, ...given });
		clients.push(client);
		return client;
	};
	const first = await connect();
	return {
		...first,
		port: server.port,
		path,
		account,
		connect,
		async close() {
			for (const client of clients) await client.close();
			await server.close();
			await account.close();
			if (options.path === undefined) await rm(path, { recursive: true, force: true });
		},
	};
}
