import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { formatIdentifier, formatString, parseIdentifier } from "../model/identifier.ts";
import {
	type Connection,
	type Connector,
	type QueryResult,
	type Row,
	type SessionParameters,
	StatementError,
} from "../model/port.ts";
import type { Variables } from "./config-files.ts";
import { keepsTokens, prepareLogin } from "./credentials.ts";
import { codeOf, connectionFailure, type DriverError, loginFailure } from "./failure.ts";
import type { DriverOptions } from "./keys.ts";
import { addressOf, isLoopback, reach } from "./reach.ts";
import { openRenewing } from "./renewing.ts";
import type { ResolvedConnection } from "./resolve-connection.ts";

// Read when the driver is imported, so they are set before. The AWS SDK inside it prints a notice about
// Node 20 on stderr, and the driver probes cloud metadata addresses to find out where it runs.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";

type Driver = typeof import("snowflake-sdk");
type DriverConnection = ReturnType<Driver["createConnection"]>;

let loaded: Driver | undefined;

/** Tokens of logins that ask a person, for the sessions of this process. */
const tokens = new Map<string, string>();
const IN_MEMORY = {
	read: async (key: string) => tokens.get(key) ?? null,
	write: async (key: string, token: string) => void tokens.set(key, token),
	remove: async (key: string) => void tokens.delete(key),
};

/** The driver takes half a second to import, so it is loaded when the first connection opens. */
async function driver(host: string, options: DriverOptions): Promise<Driver> {
	if (!loaded) {
		// A CommonJS package: Node puts its exports under `default`, which its types do not say.
		const module: Driver & { readonly default?: Driver } = await import("snowflake-sdk");
		loaded = module.default ?? module;
		loaded.configure({ logLevel: "OFF", additionalLogToConsole: false });
	}
	// HTTPS_PROXY must not capture a loopback account. The driver has one switch for the whole process.
	loaded.configure({ useEnvProxy: !isLoopback(host) });
	if (!keepsTokens(options)) loaded.configure({ customCredentialManager: IN_MEMORY });
	return loaded;
}

function translated(error: DriverError, sql: string, queryId: string | undefined): Error {
	return (
		connectionFailure(error, queryId) ??
		new StatementError(
			error.message,
			{
				code: codeOf(error),
				sqlState: error.sqlState,
				queryId: error.data?.queryId,
				line: error.data?.line,
				position: error.data?.pos,
				sql,
			},
			{ cause: error },
		)
	);
}

function cell(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	if (typeof value === "string") return value;
	if (value instanceof Date) return value.toISOString();
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function wrap(connection: DriverConnection): Connection {
	const running = new Set<ReturnType<DriverConnection["execute"]>>();
	return {
		execute: (sql, binds, options) =>
			new Promise<QueryResult>((resolve, reject) => {
				const sent = connection.execute({
					sqlText: sql,
					...(binds ? { binds: [...binds] as never } : {}),
					...(options?.tag === undefined ? {} : { parameters: { QUERY_TAG: options.tag } }),
					fetchAsString: ["String", "Boolean", "Number", "Date", "JSON", "Buffer"],
					complete(error, statement, rows) {
						running.delete(sent);
						if (error)
							return reject(translated(error as DriverError, sql, statement?.getQueryId()));
						const columns = (statement.getColumns() ?? []).map((column) => column.getName());
						const list = (rows ?? []).map(
							(row): Row =>
								Object.fromEntries(
									columns.map((c) => [c, cell((row as Record<string, unknown>)[c])]),
								),
						);
						resolve({ queryId: statement.getQueryId(), columns, rows: list });
					},
				});
				running.add(sent);
			}),
		async cancel() {
			await Promise.all(
				[...running].map(
					(statement) => new Promise<void>((done) => statement.cancel(() => done())),
				),
			);
		},
		close: () =>
			new Promise((resolve) => {
				connection.destroy(() => resolve());
			}),
	};
}

/**
 * Session settings every connection pins, so that no statement depends on an account's or a user's defaults. The driver
 * sends none of them with a login: it knows a few parameters of its own.
 */
const PINNED: SessionParameters = {
	TIMEZONE: "UTC",
	TIMESTAMP_TYPE_MAPPING: "TIMESTAMP_NTZ",
	QUOTED_IDENTIFIERS_IGNORE_CASE: false,
	AUTOCOMMIT: true,
};

function refused(code: string, summary: string, hint: string): DeployError {
	return new DeployError(EXIT.environment, { severity: "error", code, summary, hint });
}

/**
 * A role, warehouse or database of the login that does not exist, or is not granted, is left out in silence: the session
 * then has another role than was asked for, or no warehouse. So they are asked for.
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-options
 */
async function verify(
	connection: Connection,
	{ role, warehouse }: DriverOptions,
	what: Verified,
): Promise<void> {
	if (what === "nothing") return;
	const sql = "SELECT CURRENT_ROLE() AS ROLE, CURRENT_WAREHOUSE() AS WAREHOUSE";
	const found = (await connection.execute(sql)).rows[0];
	if (typeof role === "string" && found?.ROLE !== parseIdentifier(role))
		throw refused(
			"MISSING_ROLE",
			`role ${role} does not exist, or is not granted to this user`,
			`check role in the environment file, or have it granted: GRANT ROLE ${role} TO USER …`,
		);
	if (what === "role") return;
	if (typeof warehouse === "string" && found?.WAREHOUSE !== parseIdentifier(warehouse))
		throw refused(
			"MISSING_WAREHOUSE",
			`warehouse ${warehouse} does not exist, or role ${found?.ROLE} may not use it`,
			`check warehouse in the environment file, or: GRANT USAGE ON WAREHOUSE ${warehouse} TO ROLE ${found?.ROLE}`,
		);
}

async function login(options: DriverOptions, given: DriverOptions): Promise<DriverConnection> {
	const { host } = addressOf(options);
	const { createConnection } = await driver(host, given);
	try {
		const raw = createConnection({
			clientSessionKeepAlive: true,
			sfRetryMaxLoginRetries: 2,
			// Otherwise fetchAsString gives NULL as the text NULL, which a comment or a default could be as well.
			representNullAsStringNull: false,
			...options,
		} as never);
		await new Promise<void>((resolve, reject) => {
			const done = (error: unknown) => (error ? reject(error) : resolve());
			raw.connectAsync(done).catch(done);
		});
		return raw;
	} catch (error) {
		throw loginFailure(error as DriverError, options, host);
	}
}

/** What is made sure of once a session is open. */
type Verified = "role and warehouse" | "role" | "nothing";

/** How a connection is opened. */
export interface OpenOptions {
	/** Environment variables: proxies. */
	readonly env?: Variables;
	/** Role and warehouse, unless said otherwise. */
	readonly verify?: Verified;
	/** Session parameters besides the pinned ones. */
	readonly parameters?: SessionParameters;
}

/** Every parameter in one statement. */
function settingAll(parameters: SessionParameters): string {
	const settings = Object.entries(parameters).map(
		([key, value]) => `${key} = ${typeof value === "string" ? formatString(value) : value}`,
	);
	return `ALTER SESSION SET ${settings.join(" ")}`;
}

/**
 * Sets a new session up, in two round trips. Without secondary roles first, since a warehouse may be usable by one of
 * those only; then the parameters, and beside them what they do not matter to. All of it as one request of several
 * statements would need a warehouse, which the owner of an integration may not have.
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-execute#execute-a-batch-of-sql-statements-multi-statement-support
 */
async function setUp(
	connection: Connection,
	options: DriverOptions,
	{ verify: what = "role and warehouse", parameters = {} }: OpenOptions,
): Promise<void> {
	await connection.execute("USE SECONDARY ROLES NONE");
	const ended = await Promise.allSettled([
		verify(connection, options, what),
		connection.execute(settingAll({ ...PINNED, ...parameters })),
	]);
	for (const one of ended) if (one.status === "rejected") throw one.reason;
}

async function openSession(
	options: DriverOptions,
	{ env = process.env, ...wanted }: OpenOptions,
): Promise<Connection> {
	const prepared = prepareLogin(options, env);
	await reach(prepared, env);
	const connection = wrap(await login(prepared, options));
	try {
		await setUp(connection, prepared, wanted);
		return connection;
	} catch (error) {
		await connection.close();
		throw error;
	}
}

/**
 * Opens a connection with the real driver, pins its session, and makes sure that it has the role and warehouse asked for.
 * Throws a DeployError: 69 when the account cannot be reached or refuses the login, 78 when the login cannot work as it
 * is configured.
 */
export function openSnowflake(options: DriverOptions, how: OpenOptions = {}): Promise<Connection> {
	return openRenewing(() => openSession(options, how));
}

/** A connector for a resolved connection: other roles may replace its own, and need not be able to use its warehouse. */
export function snowflakeConnector(
	{ options, description }: ResolvedConnection,
	env: Variables,
): Connector {
	const seen = new Set<string>();
	return {
		description,
		async connect({ role, warehouse, parameters }) {
			const wanted = {
				...options,
				...(role === undefined ? {} : { role: formatIdentifier(role) }),
				...(warehouse === undefined ? {} : { warehouse: formatIdentifier(warehouse) }),
			};
			// Once for each role: a deployment opens many sessions. An owner of integrations needs no warehouse.
			const key = `${wanted.role ?? ""}\0${wanted.warehouse ?? ""}`;
			const own = wanted.role === options.role;
			const connection = await openSnowflake(wanted, {
				env,
				verify: seen.has(key) ? "nothing" : own ? "role and warehouse" : "role",
				...(parameters && { parameters }),
			});
			seen.add(key);
			return connection;
		},
	};
}
