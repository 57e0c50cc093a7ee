import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Finding } from "../src/operate/doctor.ts";
import { startAccount, type TestAccount } from "./support/account.ts";
import { refusal, startPeer } from "./support/peer.ts";
import { LAKE, makeProject, type TestProject } from "./support/project.ts";

const open: { close(): unknown }[] = [];

afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});

function project(files: Readonly<Record<string, string>>): TestProject {
	const made = makeProject({ "sql/lake.sql": LAKE, ...files });
	open.push(made);
	return made;
}

interface Said {
	readonly code: number;
	readonly findings: readonly Finding[];
	/** The checks by status. */
	statuses(): Readonly<Record<string, string>>;
	of(check: string): Finding | undefined;
}

async function examined(on: TestProject, env = "local"): Promise<Said> {
	const { code, out, err } = await on.run("doctor", "-e", env, "--json");
	expect(out + err).not.toContain("canary");
	const { findings, healthy } = JSON.parse(out) as {
		readonly findings: readonly Finding[];
		readonly healthy: boolean;
	};
	expect(healthy).toBe(code === 0);
	return {
		code,
		findings,
		statuses: () => Object.fromEntries(findings.map((f) => [f.check, f.status])),
		of: (check) => findings.find((f) => f.check === check),
	};
}

test("a local account where everything works", async () => {
	const on = project({});
	const said = await examined(on);
	expect(new Set(Object.values(said.statuses()))).toEqual(new Set(["ok"]));
	expect(said.code).toBe(0);
	expect(said.of("records")?.summary).toBe(
		"LAKE.SNOWLINE has none yet; the first apply makes them",
	);
	const { out } = await on.run("doctor");
	expect(out).toContain("✓ login");
});

test("an environment file with a mistake ends it there, at its line", async () => {
	const said = await examined(project({ "environments/local.yaml": "rolle: X\n" }));
	expect(said.code).toBe(78);
	expect(said.of("environment")).toMatchObject({ status: "failed" });
	expect(said.of("environment")?.summary).toMatch(/^environments\/local\.yaml:1: /);
	expect(said.of("login")?.status).toBe("skipped");
});

/** An environment that reaches a port as it would reach Snowflake. */
function remote(port: number, more = ""): string {
	return `account: SNOWLINE-LOCAL
connection: { accessUrl: "http://127.0.0.1:${port}", user: DEPLOYER }
role: DEPLOYER
warehouse: COMPUTE_WH
variables: { lake: LAKE }
context: { database: LAKE }
manage: { databases: [LAKE] }
${more}`;
}

async function served(): Promise<TestAccount> {
	const account = await startAccount();
	open.push(account);
	return account;
}

function on(port: number, more = ""): TestProject {
	const made = project({ "environments/dev.yaml": remote(port, more) });
	made.env.SNOWFLAKE_PASSWORD = "canary";
	return made;
}

test("what a role lacks for the plan is told with the statement that grants it", async () => {
	const account = await served();
	await account.run(
		"CREATE ROLE DEPLOYER",
		"GRANT ROLE DEPLOYER TO USER DEPLOYER",
		"GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE DEPLOYER",
	);
	const said = await examined(on(account.port), "dev");
	expect(said.of("privileges")).toMatchObject({
		status: "failed",
		detail: ["DEPLOYER has no CREATE DATABASE on ACCOUNT, for create DATABASE LAKE"],
		hint: "GRANT CREATE DATABASE ON ACCOUNT TO ROLE DEPLOYER",
	});
	expect(said.code).toBe(78);
	await account.run("GRANT CREATE DATABASE ON ACCOUNT TO ROLE DEPLOYER");
	expect((await examined(on(account.port), "dev")).of("privileges")?.status).toBe("ok");
});

test("a privilege that comes with a granted role counts", async () => {
	const account = await served();
	await account.run(
		"CREATE ROLE DEPLOYER",
		"CREATE ROLE MAKERS",
		"GRANT ROLE DEPLOYER TO USER DEPLOYER",
		"GRANT CREATE DATABASE ON ACCOUNT TO ROLE MAKERS",
		"GRANT ROLE MAKERS TO ROLE DEPLOYER",
	);
	expect((await examined(on(account.port), "dev")).of("privileges")?.status).toBe("ok");
});

test("a role that does not exist is told as the role, not as the login", async () => {
	const account = await served();
	const said = await examined(on(account.port), "dev");
	expect(said.code).toBe(78);
	expect(said.of("login")?.status).toBe("ok");
	expect(said.of("role")).toMatchObject({
		status: "failed",
		summary: "role DEPLOYER does not exist, or is not granted to this user",
	});
});

test("another account than the environment's", async () => {
	const account = await served();
	await account.run("CREATE ROLE DEPLOYER", "GRANT ROLE DEPLOYER TO USER DEPLOYER");
	const made = on(account.port);
	made.write({
		"environments/dev.yaml": remote(account.port).replace("SNOWLINE-LOCAL", "ACME-PROD"),
	});
	const said = await examined(made, "dev");
	expect(said.code).toBe(78);
	expect(said.of("account")?.summary).toBe(
		"this is SNOWLINE-LOCAL, and environments/dev.yaml is for ACME-PROD",
	);
	expect(said.of("plan")?.status).toBe("skipped");
});

test("a refused login is exit 69, with the source of each parameter and no secret", async () => {
	const peer = await startPeer(({ path }) =>
		path.endsWith("login-request")
			? refusal("390100", "Incorrect username or password was specified.")
			: undefined,
	);
	open.push(peer);
	const said = await examined(on(peer.port), "dev");
	expect(said.code).toBe(69);
	expect(said.of("reachable")?.status).toBe("ok");
	expect(said.of("login")?.summary).toMatch(/refused user DEPLOYER/);
	expect(said.of("connection")?.detail).toContain("password = <secret> (SNOWFLAKE_PASSWORD)");
});

test("a connection of connections.toml that others can read", async () => {
	const made = project({
		"environments/dev.yaml": remote(1).replace(/^connection: .*$/m, "connection: { name: dev }"),
	});
	made.env.SNOWFLAKE_HOME = made.dir;
	writeFileSync(join(made.dir, "connections.toml"), '[dev]\npassword = "canary"\n', {
		mode: 0o644,
	});
	const said = await examined(made, "dev");
	expect(said.code).toBe(78);
	expect(said.of("connection")?.hint).toBe(`run: chmod 0600 ${join(made.dir, "connections.toml")}`);
	const { code, err } = await made.run("plan", "-e", "dev");
	expect(code).toBe(78);
	expect(err).toContain("chmod 0600");
});

test("missing credentials are told before the network", async () => {
	const made = on(1);
	delete made.env.SNOWFLAKE_PASSWORD;
	const said = await examined(made, "dev");
	expect(said.of("credentials")?.summary).toBe("authenticator SNOWFLAKE needs a password");
	expect(said.of("reachable")?.status).toBe("failed");
	expect(said.code).toBe(78);
});

test("an owner that is not granted", async () => {
	const account = await served();
	await account.run("CREATE ROLE DEPLOYER", "GRANT ROLE DEPLOYER TO USER DEPLOYER");
	const said = await examined(
		on(account.port, 'owners: { "STORAGE INTEGRATION": NOBODY }\n'),
		"dev",
	);
	expect(said.of("owners")?.summary).toBe(
		"NOBODY, which owns each STORAGE INTEGRATION, is not granted",
	);
});
