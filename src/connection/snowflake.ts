import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { type Connection, type QueryResult, type Row, StatementError } from "../model/port.ts";

// Read when the driver is imported, so they are set before. The AWS SDK inside it prints a notice about
// Node 20 on stderr, and the driver probes cloud metadata addresses to find out where it runs.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";

type Driver = typeof import("snowflake-sdk");
type DriverConnection = ReturnType<Driver["createConnection"]>;

/** Options of the driver, as it names them. */
export type DriverOptions = Readonly<Record<string, unknown>>;

let loaded: Driver | undefined;

/** The driver takes half a second to import, so it is loaded when the first connection opens. */
async function driver(options: DriverOptions): Promise<Driver> {
	if (!loaded) {
		// A CommonJS package: Node puts its exports under `default`, which its types do not say.
		const module: Driver & { readonly default?: Driver } = await import("snowflake-sdk");
		loaded = module.default ?? module;
		loaded.configure({ logLevel: "OFF", additionalLogToConsole: false });
	}
	// A proxy from the environment must not capture a loopback account.
	if (String(options.accessUrl ?? "").includes("//127.0.0.1:"))
		loaded.configure({ useEnvProxy: false });
	return loaded;
}

interface DriverError extends Error {
	readonly code?: string | number;
	readonly sqlState?: string;
	readonly data?: { readonly line?: number; readonly pos?: number; readonly queryId?: string };
}

/** Errors of the server have six-digit codes; those of the driver itself begin with 4 and mean that it could not be asked. */
function unreachable(code: string): boolean {
	return /^40[0-9]{4}$/.test(code) || /^39[0-9]{4}$/.test(code);
}

function translated(error: DriverError, sql: string): Error {
	const code = String(error.code ?? "").padStart(6, "0");
	if (unreachable(code))
		return new DeployError(
			EXIT.unavailable,
			{
				severity: "error",
				code: "CONNECTION",
				summary: error.message.split("\n")[0] ?? "the account does not answer",
				hint: "`snowline doctor` says what is wrong with the connection",
			},
			{ cause: error },
		);
	return new StatementError(
		error.message,
		{
			code,
			sqlState: error.sqlState,
			queryId: error.data?.queryId,
			line: error.data?.line,
			position: error.data?.pos,
			sql,
		},
		{ cause: error },
	);
}

function cell(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	if (typeof value === "string") return value;
	if (value instanceof Date) return value.toISOString();
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function wrap(connection: DriverConnection): Connection {
	return {
		execute: (sql, binds, options) =>
			new Promise<QueryResult>((resolve, reject) => {
				connection.execute({
					sqlText: sql,
					...(binds ? { binds: [...binds] as never } : {}),
					...(options?.tag === undefined ? {} : { parameters: { QUERY_TAG: options.tag } }),
					fetchAsString: ["String", "Boolean", "Number", "Date", "JSON", "Buffer"],
					complete(error, statement, rows) {
						if (error) return reject(translated(error as DriverError, sql));
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
			}),
		close: () =>
			new Promise((resolve) => {
				connection.destroy(() => resolve());
			}),
	};
}

/** Session settings every connection pins, so that no statement depends on an account's defaults. */
const PINNED = {
	TIMEZONE: "UTC",
	TIMESTAMP_TYPE_MAPPING: "TIMESTAMP_NTZ",
	QUOTED_IDENTIFIERS_IGNORE_CASE: false,
	AUTOCOMMIT: true,
};

/**
 * Opens a connection with the real driver and pins its session. Throws a DeployError (exit 69) when the
 * account cannot be reached or refuses the login.
 */
export async function openSnowflake(options: DriverOptions): Promise<Connection> {
	const { createConnection } = await driver(options);
	const raw = createConnection({
		clientSessionKeepAlive: true,
		sfRetryMaxLoginRetries: 2,
		// Otherwise fetchAsString gives NULL as the text NULL, which a comment or a default could be as well.
		representNullAsStringNull: false,
		...options,
	} as never);
	await new Promise<void>((resolve, reject) => {
		const done = (error: unknown) =>
			error ? reject(loginFailure(error as DriverError)) : resolve();
		raw.connectAsync(done).catch(done);
	});
	const connection = wrap(raw);
	const settings = Object.entries(PINNED).map(
		([key, value]) => `${key} = ${typeof value === "string" ? `'${value}'` : value}`,
	);
	await connection.execute(`ALTER SESSION SET ${settings.join(" ")}`);
	await connection.execute("USE SECONDARY ROLES NONE");
	return connection;
}

function loginFailure(error: DriverError): DeployError {
	return new DeployError(
		EXIT.unavailable,
		{
			severity: "error",
			code: "LOGIN",
			summary: `cannot connect: ${error.message.split("\n")[0]}`,
			hint: "`snowline doctor` says what is wrong with the connection",
		},
		{ cause: error },
	);
}
