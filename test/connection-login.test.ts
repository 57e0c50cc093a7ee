import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openSnowflake } from "../src/connection/snowflake.ts";
import { DeployError, type Diagnostic } from "../src/diagnostics/diagnostic.ts";
import type { Connection } from "../src/model/port.ts";
import {
	type Answer,
	type Asked,
	LOGGED_IN,
	type Peer,
	refusal,
	row,
	startPeer,
} from "./support/peer.ts";

const LOGIN = "/session/v1/login-request";
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

async function peer(answer: (asked: Asked) => Answer | undefined = () => undefined): Promise<Peer> {
	const started = await startPeer(answer);
	open.push(started);
	return started;
}

async function connect(
	port: number,
	options: Readonly<Record<string, unknown>> = {},
	env: Readonly<Record<string, string>> = {},
): Promise<Connection> {
	const connection = await openSnowflake(
		{
			accessUrl: `http://127.0.0.1:${port}`,
			account: "ACME-PROD",
			username: "DEPLOYER",
			password: "canary-password",
			...options,
		},
		{ env },
	);
	open.push(connection);
	return connection;
}

/** The exit code and the one diagnostic of what must fail. */
async function failure(work: Promise<unknown>): Promise<Diagnostic & { readonly exit: number }> {
	const error: unknown = await work.then(
		() => undefined,
		(e: unknown) => e,
	);
	if (!(error instanceof DeployError)) throw new Error(`not an expected failure: ${error}`);
	expect(error.diagnostics).toHaveLength(1);
	const [diagnostic] = error.diagnostics;
	expect(diagnostic?.summary).not.toContain("\n");
	expect(diagnostic?.hint).toBeTruthy();
	expect(JSON.stringify(diagnostic)).not.toContain("canary");
	return { ...(diagnostic as Diagnostic), exit: error.exitCode };
}

// Messages as Snowflake sends them; codes of the driver's own list and of Snowflake's documentation.
const ID = "f1b9c2c0-4e7a-4b6e-9b7c-0123456789ab";
test.each([
	[
		"390100",
		"Incorrect username or password was specified.",
		69,
		"BAD_CREDENTIALS",
		/DEPLOYER.*password is wrong/,
	],
	[
		"390144",
		`JWT token is invalid. [${ID}]`,
		69,
		"KEY_REFUSED",
		/refused the key of user DEPLOYER/,
	],
	[
		"390189",
		"Role 'DEPLOYER' specified in the connect string does not exist or not authorized.",
		78,
		"MISSING_ROLE",
		/role R does not exist, or is not granted/,
	],
	["390318", "OAuth access token expired. [123]", 69, "TOKEN_EXPIRED", /OAuth token has expired/],
	[
		"390422",
		"Incoming request with IP/Token 203.0.113.9 is not allowed to access Snowflake.",
		69,
		"NETWORK_POLICY",
		/203\.0\.113\.9/,
	],
	[
		"390190",
		"There was an error related to the SAML Identity Provider account parameter for canary-password.",
		69,
		"LOGIN",
		/refused the login of DEPLOYER/,
	],
])(
	"a login refused with %s says why and what to do",
	async (code, message, exit, name, summary) => {
		const { port } = await peer(({ path }) =>
			path === LOGIN ? refusal(code, message) : undefined,
		);
		const said = await failure(connect(port, { role: "R" }));
		expect(said).toMatchObject({ exit, code: name });
		expect(said.summary).toMatch(summary);
	},
);

test("a refused key names the function that tells the reason", async () => {
	const { port } = await peer(({ path }) =>
		path === LOGIN ? refusal("390144", `JWT token is invalid. [${ID}]`) : undefined,
	);
	const said = await failure(connect(port));
	expect(said.hint).toContain(`SYSTEM$GET_LOGIN_FAILURE_DETAILS('${ID}')`);
});

test.each([403, 404])("HTTP %i at login is an unknown account", async (status) => {
	const { port } = await peer(({ path }) => (path === LOGIN ? status : undefined));
	const said = await failure(connect(port));
	expect(said).toMatchObject({ exit: 69, code: "UNKNOWN_ACCOUNT" });
	expect(said.summary).toContain("ACME-PROD");
});

test("a role that the login leaves out in silence is found missing", async () => {
	const { port } = await peer(({ body }) =>
		String(body.sqlText).includes("CURRENT_ROLE")
			? row({ ROLE: "PUBLIC", WAREHOUSE: null })
			: undefined,
	);
	const said = await failure(connect(port, { role: "DEPLOYER" }));
	expect(said).toMatchObject({ exit: 78, code: "MISSING_ROLE" });
});

test("a warehouse that the login leaves out in silence is found missing", async () => {
	const { port } = await peer(({ body }) =>
		String(body.sqlText).includes("CURRENT_ROLE") ? row({ ROLE: "R", WAREHOUSE: null }) : undefined,
	);
	const said = await failure(connect(port, { role: "r", warehouse: "DEPLOY_WH" }));
	expect(said).toMatchObject({ exit: 78, code: "MISSING_WAREHOUSE" });
	expect(said.summary).toBe("warehouse DEPLOY_WH does not exist, or role R may not use it");
	expect(said.hint).toContain("GRANT USAGE ON WAREHOUSE DEPLOY_WH TO ROLE R");
});

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address ? address.port : 0;
}

test("a dead port is said in under five seconds", async () => {
	const port = await deadPort();
	const start = Date.now();
	const said = await failure(connect(port));
	expect(said).toMatchObject({
		exit: 69,
		code: "UNREACHABLE",
		summary: `cannot reach 127.0.0.1:${port}: nothing listens there`,
	});
	expect(Date.now() - start).toBeLessThan(5000);
});

test("a dead proxy is named, and a password in its URL is not", async () => {
	const port = await deadPort();
	const env = { HTTPS_PROXY: `http://me:canary@127.0.0.1:${port}` };
	const said = await failure(
		openSnowflake({ account: "ACME-PROD", username: "U", password: "canary" }, { env }),
	);
	expect(said.summary).toBe(`cannot reach the proxy 127.0.0.1:${port}: nothing listens there`);
	expect(said.hint).toBe("check HTTPS_PROXY");
});

test("a proxy of the environment does not stand before a loopback account", async () => {
	const { port } = await peer();
	const dead = await deadPort();
	const env = { HTTP_PROXY: `http://127.0.0.1:${dead}`, HTTPS_PROXY: `http://127.0.0.1:${dead}` };
	process.env.HTTP_PROXY = env.HTTP_PROXY;
	try {
		await connect(port, {}, env);
	} finally {
		delete process.env.HTTP_PROXY;
	}
});

/** A peer whose session ends, with the master token, before a statement runs. */
async function expiring(before: RegExp): Promise<Peer> {
	let ended = false;
	return peer(({ path, body }) => {
		if (path === "/session/token-request") return refusal("390114", "Master token has expired.");
		if (ended || !before.test(String(body.sqlText))) return undefined;
		ended = true;
		return refusal("390112", "Your session has expired.");
	});
}

test("when the master token has expired, a new session is set up like the old one and the statement sent again", async () => {
	const account = await expiring(/^SELECT 2/);
	const connection = await connect(account.port, { role: "R" });
	await connection.execute('USE SCHEMA "DB"."S"');
	await connection.execute("SELECT 2");
	expect(account.asked.filter(({ path }) => path === LOGIN)).toHaveLength(2);
	const again = account.statements().slice(account.statements().indexOf("SELECT 2") + 1);
	expect(again.at(-2)).toBe('USE SCHEMA "DB"."S"');
	expect(again.at(-1)).toBe("SELECT 2");
});

test.each([
	["BEGIN TRANSACTION", "an open transaction"],
	["SET x = 1", "session variables"],
	["CREATE TEMPORARY TABLE t (a INT)", "temporary objects"],
])("a session that holds something (%s) is not replaced", async (sql, what) => {
	const account = await expiring(/^SELECT 2/);
	const connection = await connect(account.port);
	await connection.execute(sql);
	const said = await failure(connection.execute("SELECT 2"));
	expect(said).toMatchObject({ exit: 69, summary: `the session expired, and with it ${what}` });
	expect(account.statements().filter((s) => s === "SELECT 2")).toHaveLength(1);
});

test("a transaction that has ended does not count", async () => {
	const account = await expiring(/^SELECT 2/);
	const connection = await connect(account.port);
	for (const sql of ["BEGIN", "-- done\nCOMMIT"]) await connection.execute(sql);
	await connection.execute("SELECT 2");
});

test("a session that expires while a statement runs does not send it again", async () => {
	const id = "01b2c3d4-0000-4000-8000-0000000000aa";
	const account = await peer(({ path, body }) => {
		if (path === "/session/token-request") return refusal("390114", "Master token has expired.");
		if (path.endsWith("/result")) return refusal("390112", "Your session has expired.");
		if (!String(body.sqlText).startsWith("CREATE")) return undefined;
		return {
			success: true,
			code: "333334",
			message: "in progress",
			data: { queryId: id, getResultUrl: `/queries/${id}/result` },
		};
	});
	const connection = await connect(account.port);
	const said = await failure(connection.execute("CREATE TABLE t (a INT)"));
	expect(said).toMatchObject({ exit: 69, code: "CONNECTION_LOST" });
	expect(said.summary).toContain(`query ${id} may have run`);
	expect(account.statements().filter((s) => s.startsWith("CREATE"))).toHaveLength(1);
});

test("several statements that find the session gone share one new session", async () => {
	let gone = false;
	const account = await peer(({ path, body }) => {
		if (path === "/session/token-request") return refusal("390114", "Master token has expired.");
		if (path === LOGIN) {
			gone = false;
			return LOGGED_IN;
		}
		return gone && body.sqlText ? refusal("390112", "Your session has expired.") : undefined;
	});
	const connection = await connect(account.port);
	gone = true;
	await Promise.all([1, 2, 3, 4].map((n) => connection.execute(`SELECT ${n}`)));
	expect(account.asked.filter(({ path }) => path === LOGIN)).toHaveLength(2);
});
