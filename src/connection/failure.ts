import { DeployError, EXIT, type ExitCode } from "../diagnostics/diagnostic.ts";
import type { StatementError } from "../model/port.ts";
import { type DriverOptions, SECRET_OPTIONS } from "./keys.ts";

/** An error of the driver: of the server behind it (`code` of six digits), or its own (from 400000 to 412999). */
export interface DriverError extends Error {
	readonly code?: string | number;
	readonly sqlState?: string;
	readonly data?: { readonly line?: number; readonly pos?: number; readonly queryId?: string };
	readonly response?: { readonly statusCode?: number; readonly status?: number };
}

/** Who wanted to log in, and where: what messages may show. */
interface Login {
	readonly user: string;
	readonly host: string;
	readonly role: string;
	readonly authenticator: string;
	readonly account: string;
}

interface Explained {
	readonly code: string;
	readonly summary: string;
	readonly hint: string;
	readonly exit?: ExitCode;
}

/** The code with its leading zeros: the driver gives some as numbers. */
export function codeOf(error: DriverError): string {
	return String(error.code ?? "").padStart(6, "0");
}

/** A message's first line without any secret of the connection: identity providers quote what they were sent. */
function firstLine(message: string, options: DriverOptions): string {
	let line = message.split("\n")[0] ?? "";
	for (const option of SECRET_OPTIONS) {
		const value = options[option];
		if (typeof value === "string" && value.length > 2) line = line.replaceAll(value, "<secret>");
	}
	return line;
}

function noRole(role: string): Explained {
	return {
		code: "MISSING_ROLE",
		summary: `role ${role} does not exist, or is not granted to this user`,
		hint: "check role in the environment file, or have it granted: GRANT ROLE … TO USER …",
		exit: EXIT.environment,
	};
}

function keyRefused(message: string, login: Login): Explained {
	const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(message)?.[0];
	const causes = `the public key is not the user's (ALTER USER ${login.user} SET RSA_PUBLIC_KEY), the account is another one, or this machine's clock is wrong`;
	return {
		code: "KEY_REFUSED",
		summary: `${login.host} refused the key of user ${login.user}`,
		hint: id
			? `an ACCOUNTADMIN sees why: SELECT SYSTEM$GET_LOGIN_FAILURE_DETAILS('${id}'); usually ${causes}`
			: `usually ${causes}`,
	};
}

const TOKEN_EXPIRED = "get a new token; CI jobs read it from token_file_path or SNOWFLAKE_TOKEN";

/**
 * What Snowflake's refusals of a login mean.
 * https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting and the driver's own list.
 */
const REFUSALS: Readonly<Record<string, (message: string, login: Login) => Explained>> = {
	"390100": (_, { user, host, authenticator }) => ({
		code: "BAD_CREDENTIALS",
		summary: `${host} refused user ${user}: the name or the ${authenticator === "PROGRAMMATIC_ACCESS_TOKEN" ? "token" : "password"} is wrong`,
		hint: "check user and password; SNOWFLAKE_CONNECTIONS_<NAME>_PASSWORD is stronger than the file",
	}),
	"390127": (message) => ({
		code: "MFA",
		summary: message,
		hint: "approve the request in time, or set SNOWFLAKE_PASSCODE",
	}),
	"390197": (message) => ({
		code: "MFA",
		summary: message,
		hint: "use authenticator USERNAME_PASSWORD_MFA, or a key pair or token for CI",
	}),
	"390144": keyRefused,
	"390186": (_, { role }) => noRole(role),
	"390189": (_, { role }) => noRole(role),
	"003013": (_, { role }) => noRole(role),
	"390195": () => ({
		code: "TOKEN_EXPIRED",
		summary: "the stored browser login is no longer valid",
		hint: "log in again; clientStoreTemporaryCredential: false keeps none",
	}),
	"390201": (message) => ({
		code: "MISSING_WAREHOUSE",
		summary: message,
		hint: "check warehouse in the environment file, and that the role may use it",
		exit: EXIT.environment,
	}),
	"390303": () => ({
		code: "TOKEN_INVALID",
		summary: "the OAuth token is not valid here",
		hint: TOKEN_EXPIRED,
	}),
	"390318": () => ({
		code: "TOKEN_EXPIRED",
		summary: "the OAuth token has expired",
		hint: TOKEN_EXPIRED,
	}),
	"390422": (message) => ({
		code: "NETWORK_POLICY",
		summary: message,
		hint: "have this address added to the network policy, or deploy from one that is in it",
	}),
};

const TLS = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS|OCSP|CRL/;

/** The driver could not ask, or was answered by something that is not an account. */
function unanswered(
	error: DriverError,
	login: Login,
	options: DriverOptions,
): Explained | undefined {
	const code = codeOf(error);
	const cause = error.cause as { readonly code?: unknown } | undefined;
	const status = error.response?.statusCode ?? error.response?.status;
	if (code.startsWith("404"))
		return {
			code: "CREDENTIALS",
			summary: firstLine(error.message, options),
			hint: "check the options under connection",
			exit: EXIT.environment,
		};
	if (code === "401002" && (status === 403 || status === 404))
		return {
			code: "UNKNOWN_ACCOUNT",
			summary: `there is no account ${login.account} at ${login.host} (HTTP ${status})`,
			hint: "check the account identifier: it is written like MYORG-MYACCOUNT, or LOCATOR.REGION",
		};
	if (code === "401002")
		return {
			code: "UNREACHABLE",
			summary: `${login.host} answers HTTP ${status ?? "with an error"}`,
			hint: "try again; https://status.snowflake.com says whether Snowflake has a problem",
		};
	if (code === "401003")
		return {
			code: "UNREACHABLE",
			summary: `what answers at ${login.host} is not Snowflake`,
			hint: "check host and proxy: a captive portal or a proxy's own page answers like this",
		};
	if (code === "401001" && TLS.test(`${String(cause?.code)} ${error.message}`))
		return {
			code: "CERTIFICATE",
			summary: `the certificate of ${login.host} cannot be trusted: ${firstLine(error.message, options)}`,
			hint: "behind a proxy that opens TLS, name its authority in NODE_EXTRA_CA_CERTS",
		};
	if (code === "401001")
		return {
			code: "UNREACHABLE",
			summary: `${login.host} does not answer: ${firstLine(error.message, options)}`,
			hint: "check the network, a firewall or VPN, and whether a proxy is needed (HTTPS_PROXY)",
		};
	return undefined;
}

/** A login that failed: in one line why, and what to do. */
export function loginFailure(
	error: DriverError,
	options: DriverOptions,
	host: string,
): DeployError {
	const login: Login = {
		user: String(options.username ?? "?"),
		host,
		role: String(options.role ?? "?"),
		authenticator: String(options.authenticator ?? "SNOWFLAKE"),
		account: String(options.account ?? host),
	};
	const message = firstLine(error.message, options);
	const explained = unanswered(error, login, options) ??
		REFUSALS[codeOf(error)]?.(message, login) ?? {
			code: "LOGIN",
			summary: `${host} refused the login of ${login.user}: ${message}`,
			hint: "`snowline doctor` shows where user, account and authenticator come from",
		};
	const { exit = EXIT.unavailable, ...words } = explained;
	// No cause: the driver's error carries the request, and with it the credentials.
	return new DeployError(exit, { severity: "error", ...words });
}

/** The session is gone, and the statement did not run: 390112 to 390114, or a driver that has noticed before. */
const GONE: ReadonlySet<string> = new Set([
	"390104",
	"390111",
	"390112",
	"390114",
	"407001",
	"407002",
]);

/** The diagnostic code of a statement that did not run because its session is gone. */
export const SESSION_EXPIRED = "SESSION_EXPIRED";

/** Errors of the server have six-digit codes; those of the driver itself begin with 40 and mean that it could not be asked. */
function isConnectionCode(code: string): boolean {
	return /^(?:39|4[01])[0-9]{4}$/.test(code);
}

/**
 * What happened to the connection while a statement was to be run; undefined when the statement itself was refused.
 * A statement that has a query id was accepted, so what became of it is not known.
 */
export function connectionFailure(
	error: DriverError,
	queryId: string | undefined,
): DeployError | undefined {
	const code = codeOf(error);
	if (!isConnectionCode(code)) return undefined;
	const gone = GONE.has(code);
	const running = queryId === undefined ? "" : `; query ${queryId} may have run`;
	return new DeployError(EXIT.unavailable, {
		severity: "error",
		code: gone && queryId === undefined ? SESSION_EXPIRED : "CONNECTION_LOST",
		summary: gone
			? `the session has expired${running}`
			: `the account does not answer: ${error.message.split("\n")[0]}${running}`,
		hint: "`snowline doctor` says what is wrong with the connection",
	});
}

/** The remedy for a statement that was refused for want of a privilege or a warehouse; undefined for any other. */
export function missingGrant(error: StatementError): DeployError | undefined {
	const message = error.message.replace(/\s*\n\s*/g, " ");
	const words =
		error.code === "003001"
			? { code: "MISSING_PRIVILEGE", hint: "`snowline doctor` lists the privileges the plan needs" }
			: error.code === "000606"
				? {
						code: "MISSING_WAREHOUSE",
						hint: "name a warehouse in the environment file; the role needs USAGE on it",
					}
				: undefined;
	if (!words) return undefined;
	return new DeployError(
		EXIT.environment,
		{ severity: "error", ...words, summary: message, detail: error.sql },
		{ cause: error },
	);
}
