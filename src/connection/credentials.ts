import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { checkPermissions, type Variables } from "./config-files.ts";
import type { DriverOptions } from "./keys.ts";

/** One of these options has to be there. */
interface Need {
	readonly oneOf: readonly string[];
	readonly what: string;
	readonly hint: string;
}

const USER: Need = {
	oneOf: ["username"],
	what: "a user",
	hint: "add user to the connection, or set SNOWFLAKE_USER",
};
const PASSWORD: Need = {
	oneOf: ["password"],
	what: "a password",
	hint: "set SNOWFLAKE_PASSWORD or SNOWFLAKE_CONNECTIONS_<NAME>_PASSWORD, or choose another authenticator",
};
const KEY: Need = {
	oneOf: ["privateKey", "privateKeyPath"],
	what: "a private key",
	hint: "add private_key_file to the connection, or set SNOWFLAKE_PRIVATE_KEY_RAW",
};
const TOKEN: Need = {
	oneOf: ["token", "tokenFilePath"],
	what: "a token",
	hint: "set SNOWFLAKE_TOKEN, or add token_file_path to the connection",
};
const PAT: Need = { ...TOKEN, oneOf: ["token", "tokenFilePath", "password"] };
const CLIENT: readonly Need[] = [
	{ oneOf: ["oauthClientId"], what: "a client id", hint: "add oauth_client_id to the connection" },
	{
		oneOf: ["oauthClientSecret"],
		what: "a client secret",
		hint: "set SNOWFLAKE_OAUTH_CLIENT_SECRET",
	},
];
const TOKEN_URL: Need = {
	oneOf: ["oauthTokenRequestUrl"],
	what: "the URL that gives tokens",
	hint: "add oauth_token_request_url to the connection; Snowflake itself does not serve this flow",
};
const PROVIDER: Need = {
	oneOf: ["workloadIdentityProvider"],
	what: "a workload identity provider",
	hint: "add workload_identity_provider to the connection: AWS, AZURE, GCP or OIDC",
};

/**
 * Every way of logging in that the driver has, and what each needs.
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-authenticate
 */
const AUTHENTICATORS: Readonly<Record<string, readonly Need[]>> = {
	SNOWFLAKE: [USER, PASSWORD],
	SNOWFLAKE_JWT: [USER, KEY],
	OAUTH: [TOKEN],
	OAUTH_AUTHORIZATION_CODE: [],
	OAUTH_CLIENT_CREDENTIALS: [...CLIENT, TOKEN_URL],
	PROGRAMMATIC_ACCESS_TOKEN: [PAT],
	WORKLOAD_IDENTITY: [PROVIDER],
	EXTERNALBROWSER: [],
	USERNAME_PASSWORD_MFA: [USER, PASSWORD],
};

const OKTA = "an Okta URL";

const PROVIDERS = ["AWS", "AZURE", "GCP", "OIDC"];

/** Logins that ask a person, and the options that make the driver keep the answer. */
const ASKS: Readonly<Record<string, readonly string[]>> = {
	EXTERNALBROWSER: ["clientStoreTemporaryCredential"],
	OAUTH_AUTHORIZATION_CODE: ["clientStoreTemporaryCredential"],
	// Without the first, the driver looks for the second one's token in a store that it has not opened.
	USERNAME_PASSWORD_MFA: ["clientStoreTemporaryCredential", "clientRequestMFAToken"],
};

/** Whether the connection asks for tokens of people to be kept on disk, where the next command finds them. */
export function keepsTokens(options: DriverOptions): boolean {
	return options.clientStoreTemporaryCredential === true || options.clientRequestMFAToken === true;
}

function fail(summary: string, hint: string): never {
	const diagnostic: Diagnostic = { severity: "error", code: "CREDENTIALS", summary, hint };
	throw new DeployError(EXIT.environment, diagnostic);
}

function textOf(options: DriverOptions, option: string): string | undefined {
	const value = options[option];
	return typeof value === "string" && value !== "" ? value : undefined;
}

/** The authenticator, in upper case; an Okta URL as it is. A private key without one means a key pair login. */
export function authenticatorOf(options: DriverOptions): string {
	const given = textOf(options, "authenticator");
	if (given === undefined)
		return options.privateKey || options.privateKeyPath ? "SNOWFLAKE_JWT" : "SNOWFLAKE";
	return /^https:\/\//i.test(given) ? given : given.toUpperCase();
}

/** The driver takes a password login for any word it does not know, which is never what was meant. */
function needsOf(authenticator: string): readonly Need[] {
	if (/^https:\/\//i.test(authenticator)) {
		if (!URL.canParse(authenticator))
			fail(`authenticator ${authenticator} is not a URL`, "https://<name>.okta.com");
		return [USER, PASSWORD];
	}
	const needs = AUTHENTICATORS[authenticator];
	if (needs) return needs;
	const known = Object.keys(AUTHENTICATORS);
	return fail(
		`there is no authenticator ${authenticator}`,
		didYouMean(authenticator, known).hint ?? `one of ${known.join(", ")}, or ${OKTA}`,
	);
}

function readSecretFile(path: string, what: string, env: Variables): string {
	let text: string;
	try {
		text = readFileSync(path, "utf8").trim();
	} catch (error) {
		const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
		return fail(
			`${what} ${path} ${missing ? "does not exist" : "cannot be read"}`,
			missing
				? "check the path; it starts at the directory of the project or of the command"
				: `run: chmod 0600 ${path}`,
		);
	}
	checkPermissions(path, env);
	if (text === "") fail(`${what} ${path} is empty`, "write it again");
	return text;
}

function decrypted(pem: string, passphrase: string | undefined, from: string): KeyObject {
	if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
		fail(
			`${from} is not a private key in PEM form`,
			"it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN ENCRYPTED PRIVATE KEY-----",
		);
	const encrypted = /ENCRYPTED/.test(pem);
	if (encrypted && passphrase === undefined)
		fail(`${from} is encrypted, and there is no passphrase`, "set PRIVATE_KEY_PASSPHRASE");
	try {
		return createPrivateKey({ key: pem, format: "pem", ...(encrypted ? { passphrase } : {}) });
	} catch {
		// What OpenSSL says here ("bad decrypt", "unsupported") helps nobody.
		return fail(
			encrypted ? `the passphrase does not open ${from}` : `${from} is damaged`,
			encrypted ? "check PRIVATE_KEY_PASSPHRASE" : "export it again as PKCS#8",
		);
	}
}

/** The key as unencrypted PKCS#8 text, the one form all versions of the driver take. */
function keyText(options: DriverOptions, env: Variables): string {
	const path = textOf(options, "privateKeyPath");
	const from = path === undefined ? "the private key" : `the private key ${path}`;
	const text =
		path === undefined
			? textOf(options, "privateKey")
			: readSecretFile(path, "the private key", env);
	// CI systems that keep a variable on one line write its line ends as \n.
	const pem = (text ?? "").replaceAll("\\n", "\n").trim();
	const key = decrypted(pem, textOf(options, "privateKeyPass"), from);
	if (key.asymmetricKeyType !== "rsa")
		fail(
			`${from} is of type ${key.asymmetricKeyType}, and Snowflake takes RSA`,
			"make one: openssl genrsa 2048",
		);
	return key.export({ format: "pem", type: "pkcs8" }).toString().trim();
}

function checkProvider(options: DriverOptions): DriverOptions {
	const provider = String(options.workloadIdentityProvider).toUpperCase();
	if (!PROVIDERS.includes(provider))
		fail(
			`there is no workload identity provider ${provider}`,
			didYouMean(provider, PROVIDERS).hint ?? `one of ${PROVIDERS.join(", ")}`,
		);
	if (provider === "OIDC" && !options.token && !options.tokenFilePath)
		fail("workload identity with OIDC needs the job's token", TOKEN.hint);
	if (options.workloadIdentityImpersonationPath && !/^(?:AWS|GCP)$/.test(provider))
		fail(
			`workload_identity_impersonation_path is for AWS and GCP, not for ${provider}`,
			"take it out of the connection",
		);
	return { ...options, workloadIdentityProvider: provider };
}

/** The authorization code flow works without a client for Snowflake's own server only. */
function checkAuthorizationServer(options: DriverOptions): void {
	const foreign = ["oauthAuthorizationUrl", "oauthTokenRequestUrl"].find((option) => {
		const url = textOf(options, option);
		if (url === undefined) return false;
		if (!URL.canParse(url)) fail(`${option} is not a URL: ${url}`, "it begins with https://");
		return !/(?:^|\.)snowflakecomputing\.(?:com|cn|mil)$/.test(new URL(url).hostname);
	});
	const missing = CLIENT.find((need) => !textOf(options, need.oneOf[0] ?? ""));
	if (foreign !== undefined && missing)
		fail(`OAUTH_AUTHORIZATION_CODE with another server needs ${missing.what}`, missing.hint);
}

function checkAddress(options: DriverOptions): void {
	if (!options.account && !options.accessUrl && !options.host)
		fail("the connection names no account", "add account to the environment file: MYORG-MYACCOUNT");
	const account = textOf(options, "account");
	// The driver's own rule.
	if (account !== undefined && !/^\w+([.-]\w+)*$/.test(account))
		fail(
			`${account} is not an account identifier`,
			"it is written like MYORG-MYACCOUNT, without https:// and .snowflakecomputing.com",
		);
	if ((options.proxyHost === undefined) !== (options.proxyPort === undefined))
		fail("proxy_host and proxy_port go together", "set both");
	if ((options.proxyUser === undefined) !== (options.proxyPassword === undefined))
		fail("proxy_user and proxy_password go together", "set both");
}

/**
 * Checks that a login can work before anything is sent, and gives the options as the driver wants them: the key
 * decrypted, the token read from its file. Done for each session, since tokens in files are renewed by others.
 * Throws a DeployError (exit 78) with the cause in one line.
 */
export function prepareLogin(options: DriverOptions, env: Variables): DriverOptions {
	checkAddress(options);
	const authenticator = authenticatorOf(options);
	for (const need of needsOf(authenticator))
		if (!need.oneOf.some((option) => options[option]))
			fail(`authenticator ${authenticator} needs ${need.what}`, need.hint);
	if (authenticator === "OAUTH_AUTHORIZATION_CODE") checkAuthorizationServer(options);
	const checked = authenticator === "WORKLOAD_IDENTITY" ? checkProvider(options) : options;
	const { privateKey, privateKeyPath, privateKeyPass, tokenFilePath, ...rest } = checked;
	const login: Record<string, unknown> = { ...rest, authenticator };
	if (authenticator === "SNOWFLAKE_JWT") login.privateKey = keyText(options, env);
	if (typeof tokenFilePath === "string" && !login.token)
		login.token = readSecretFile(tokenFilePath, "the token file", env);
	// A deployment opens several sessions, and must not ask for each.
	for (const option of ASKS[authenticator] ?? []) login[option] = true;
	return login;
}
