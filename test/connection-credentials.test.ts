import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { prepareLogin } from "../src/connection/credentials.ts";
import { openSnowflake } from "../src/connection/snowflake.ts";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import { LOGGED_IN, startPeer } from "./support/peer.ts";

const dir = mkdtempSync(join(tmpdir(), "credentials-"));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(text: string, mode = 0o600): string {
	const path = join(dir, randomUUID());
	writeFileSync(path, text);
	chmodSync(path, mode);
	return path;
}

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PASSPHRASE = "canary-passphrase";
const PLAIN = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const ENCRYPTED = privateKey
	.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: PASSPHRASE })
	.toString();
const CURVE = generateKeyPairSync("ec", { namedCurve: "P-256" })
	.privateKey.export({ type: "pkcs8", format: "pem" })
	.toString();

function prepared(options: Readonly<Record<string, unknown>>) {
	return prepareLogin({ account: "ACME-PROD", username: "U", ...options }, {});
}

function complaint(options: Readonly<Record<string, unknown>>): string {
	try {
		prepared(options);
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		expect(error.exitCode).toBe(78);
		expect(error.diagnostics[0]?.hint).toBeTruthy();
		expect(JSON.stringify(error.diagnostics)).not.toContain("canary");
		return error.message;
	}
	throw new Error("nothing failed");
}

test.each([
	[{}, "authenticator SNOWFLAKE needs a password"],
	[{ password: "p", username: undefined }, "authenticator SNOWFLAKE needs a user"],
	[{ password: "p", account: undefined }, "the connection names no account"],
	[{ password: "p", account: "https://x" }, "https://x is not an account identifier"],
	[{ authenticator: "snowflake_jwt" }, "authenticator SNOWFLAKE_JWT needs a private key"],
	[{ authenticator: "oauth" }, "authenticator OAUTH needs a token"],
	[
		{ authenticator: "programmatic_access_token" },
		"authenticator PROGRAMMATIC_ACCESS_TOKEN needs a token",
	],
	[
		{ authenticator: "oauth_client_credentials" },
		"authenticator OAUTH_CLIENT_CREDENTIALS needs a client id",
	],
	[
		{ authenticator: "oauth_client_credentials", oauthClientId: "i", oauthClientSecret: "canary" },
		"authenticator OAUTH_CLIENT_CREDENTIALS needs the URL that gives tokens",
	],
	[
		{
			authenticator: "oauth_authorization_code",
			oauthAuthorizationUrl: "https://idp.example.com/a",
		},
		"OAUTH_AUTHORIZATION_CODE with another server needs a client id",
	],
	[
		{ authenticator: "workload_identity" },
		"authenticator WORKLOAD_IDENTITY needs a workload identity provider",
	],
	[
		{ authenticator: "workload_identity", workloadIdentityProvider: "azur" },
		"there is no workload identity provider AZUR",
	],
	[
		{ authenticator: "workload_identity", workloadIdentityProvider: "oidc" },
		"workload identity with OIDC needs the job's token",
	],
	[
		{ authenticator: "username_password_mfa" },
		"authenticator USERNAME_PASSWORD_MFA needs a password",
	],
	[
		{ authenticator: "https://acme.okta.com" },
		"authenticator https://acme.okta.com needs a password",
	],
	[{ authenticator: "EXTERNALBROWSR" }, "there is no authenticator EXTERNALBROWSR"],
	[{ password: "p", proxyHost: "proxy" }, "proxy_host and proxy_port go together"],
])("%j: %s", (options, message) => {
	expect(complaint(options)).toBe(message);
});

const TOKEN_FILE = file("canary-token\n");

test.each([
	[{ authenticator: "oauth", tokenFilePath: TOKEN_FILE }, { token: "canary-token" }],
	[{ authenticator: "programmatic_access_token", password: "pat" }, { password: "pat" }],
	[
		{
			authenticator: "workload_identity",
			workloadIdentityProvider: "oidc",
			tokenFilePath: TOKEN_FILE,
		},
		{ workloadIdentityProvider: "OIDC", token: "canary-token" },
	],
	[{ authenticator: "workload_identity", workloadIdentityProvider: "AWS" }, {}],
	[{ authenticator: "externalbrowser" }, { clientStoreTemporaryCredential: true }],
	[{ authenticator: "oauth_authorization_code" }, { clientStoreTemporaryCredential: true }],
	[{ authenticator: "username_password_mfa", password: "p" }, { clientRequestMFAToken: true }],
	[{ authenticator: "https://acme.okta.com", password: "p" }, {}],
])("%j is complete", (options, expected) => {
	const login = prepared(options);
	expect(login).toMatchObject(expected);
	const { authenticator } = options;
	expect(login.authenticator).toBe(
		authenticator.startsWith("https") ? authenticator : authenticator.toUpperCase(),
	);
});

test.each([
	["a file", { privateKeyPath: file(PLAIN) }],
	["an encrypted file", { privateKeyPath: file(ENCRYPTED), privateKeyPass: PASSPHRASE }],
	["text", { privateKey: PLAIN }],
	[
		"encrypted text on one line",
		{ privateKey: ENCRYPTED.replaceAll("\n", "\\n"), privateKeyPass: PASSPHRASE },
	],
])("a private key as %s becomes the text the driver takes", (_, options) => {
	const login = prepared(options);
	expect(login.authenticator).toBe("SNOWFLAKE_JWT");
	expect(login).not.toHaveProperty("privateKeyPass");
	expect(createPublicKey(String(login.privateKey)).equals(publicKey)).toBe(true);
});

const missing = join(dir, "none.p8");
const open = file(PLAIN, 0o644);
test.each([
	[{ privateKeyPath: missing }, `the private key ${missing} does not exist`],
	[{ privateKeyPath: open }, `${open} can be read by others (mode 0644)`],
	[{ privateKey: ENCRYPTED }, "the private key is encrypted, and there is no passphrase"],
	[
		{ privateKey: ENCRYPTED, privateKeyPass: "canary-wrong" },
		"the passphrase does not open the private key",
	],
	[{ privateKey: "ssh-rsa AAAA canary" }, "the private key is not a private key in PEM form"],
	[{ privateKey: CURVE }, "the private key is of type ec, and Snowflake takes RSA"],
	[{ authenticator: "OAUTH", tokenFilePath: missing }, `the token file ${missing} does not exist`],
	[{ authenticator: "OAUTH", tokenFilePath: file(" \n") }, /is empty$/],
])("%# is said before anything is sent", (options, message) => {
	if (typeof message === "string") expect(complaint(options)).toBe(message);
	else expect(complaint(options)).toMatch(message);
});

/** The body of the login that the driver sends. */
async function sent(options: Readonly<Record<string, unknown>>) {
	const peer = await startPeer(() => undefined);
	try {
		const connection = await openSnowflake(
			{ accessUrl: `http://127.0.0.1:${peer.port}`, account: "ACME", username: "U", ...options },
			{ env: {} },
		);
		await connection.close();
		return peer.asked[0]?.body.data as Readonly<Record<string, unknown>>;
	} finally {
		await peer.close();
	}
}

test("sessions of one process share the token of a login that asked a person", async () => {
	const peer = await startPeer(({ path }) =>
		path === "/session/v1/login-request"
			? { ...LOGGED_IN, data: { ...LOGGED_IN.data, mfaToken: "kept" } }
			: undefined,
	);
	const open = () =>
		openSnowflake(
			{
				accessUrl: `http://127.0.0.1:${peer.port}`,
				account: "ACME",
				username: "U",
				password: "p",
				authenticator: "USERNAME_PASSWORD_MFA",
			},
			{ env: {} },
		);
	const connections = [await open(), await open()];
	const [first, second] = peer.asked
		.filter(({ path }) => path === "/session/v1/login-request")
		.map(({ body }) => body.data as Readonly<Record<string, unknown>>);
	expect(first?.TOKEN).toBeNull();
	expect(second?.TOKEN).toBe("kept");
	for (const connection of connections) await connection.close();
	await peer.close();
});

test("the driver signs in with the key of an encrypted file", async () => {
	const data = await sent({ privateKeyPath: file(ENCRYPTED), privateKeyPass: PASSPHRASE });
	expect(data.AUTHENTICATOR).toBe("SNOWFLAKE_JWT");
	const claims = JSON.parse(
		Buffer.from(String(data.TOKEN).split(".")[1] ?? "", "base64url").toString(),
	) as { readonly sub: string };
	expect(claims.sub).toBe("ACME.U");
});

test.each([
	[
		{ authenticator: "oauth", tokenFilePath: TOKEN_FILE },
		{ AUTHENTICATOR: "OAUTH", TOKEN: "canary-token" },
	],
	[
		{ authenticator: "programmatic_access_token", token: "pat" },
		{ AUTHENTICATOR: "PROGRAMMATIC_ACCESS_TOKEN", TOKEN: "pat" },
	],
	[{ password: "p" }, { LOGIN_NAME: "U", PASSWORD: "p" }],
	[
		{ authenticator: "username_password_mfa", password: "p", passcode: "123456" },
		{ AUTHENTICATOR: "USERNAME_PASSWORD_MFA", PASSCODE: "123456" },
	],
])("the driver sends the login of %j", async (options, expected) => {
	expect(await sent(options)).toMatchObject(expected);
});
