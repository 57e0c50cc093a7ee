import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configDirectory } from "../src/connection/config-files.ts";
import {
	type ConnectionRequest,
	describeSource,
	type ResolvedConnection,
	resolveConnection,
} from "../src/connection/resolve-connection.ts";
import { DeployError, type Diagnostic } from "../src/diagnostics/diagnostic.ts";

let home = "";

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "snowflake-home-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(file: string, lines: readonly string[], mode = 0o600): string {
	const path = join(home, file);
	writeFileSync(path, lines.join("\n"));
	chmodSync(path, mode);
	return path;
}

function resolved(
	env: Readonly<Record<string, string>> = {},
	request: Partial<ConnectionRequest> = { name: "prod" },
): ResolvedConnection {
	return resolveConnection({
		file: "environments/prod.yaml",
		env: { SNOWFLAKE_HOME: home, ...env },
		dir: "/project",
		...request,
	});
}

function failure(work: () => unknown): Diagnostic {
	try {
		work();
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		expect(error.exitCode).toBe(78);
		expect(JSON.stringify(error.diagnostics)).not.toContain("canary");
		return error.diagnostics[0] as Diagnostic;
	}
	throw new Error("nothing failed");
}

test("a section of connections.toml, in the words of the driver", () => {
	write("connections.toml", [
		"[prod]",
		'account = "ACME-PROD"',
		'user = "DEPLOYER"',
		'authenticator = "SNOWFLAKE_JWT"',
		'private_key_file = "~/rsa_key.p8"',
		'database = "IGNORED"',
		"port = 443",
	]);
	expect(resolved({ HOME: "/home/me" }).options).toEqual({
		account: "ACME-PROD",
		username: "DEPLOYER",
		authenticator: "SNOWFLAKE_JWT",
		privateKeyPath: "/home/me/rsa_key.p8",
		port: 443,
	});
});

test("connections.toml replaces the connections of config.toml", () => {
	write("config.toml", ["[connections.prod]", 'user = "OLD"', "[connections.dev]", 'user = "D"']);
	expect(resolved().options).toEqual({ username: "OLD" });
	write("connections.toml", ["[prod]", 'user = "NEW"']);
	expect(resolved().options).toEqual({ username: "NEW" });
	expect(failure(() => resolved({}, { name: "dev" })).code).toBe("UNKNOWN_CONNECTION");
});

test("`default` is the connection that the Snowflake tools take", () => {
	write("config.toml", [
		'default_connection_name = "one"',
		"[connections.one]",
		'user = "ONE"',
		"[connections.two]",
		'user = "TWO"',
	]);
	const user = (env = {}) => resolved(env, { name: "default" }).options.username;
	expect(user()).toBe("ONE");
	expect(user({ SNOWFLAKE_DEFAULT_CONNECTION_NAME: "two" })).toBe("TWO");
});

// https://docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-connections: "precedence hierarchy"
test("flag over connection variable over file over generic variable", () => {
	write("connections.toml", ["[prod]", 'account = "FILE"', 'user = "FILE"', 'role = "FILE"']);
	const env = {
		SNOWFLAKE_ACCOUNT: "GENERIC",
		SNOWFLAKE_USER: "GENERIC",
		SNOWFLAKE_ROLE: "GENERIC",
		SNOWFLAKE_WAREHOUSE: "GENERIC",
		SNOWFLAKE_CONNECTIONS_PROD_USER: "NAMED",
		SNOWFLAKE_CONNECTIONS_PROD_ROLE: "NAMED",
	};
	expect(resolved(env, { name: "prod", role: "FLAG" }).options).toEqual({
		account: "FILE",
		username: "NAMED",
		role: "FLAG",
		warehouse: "GENERIC",
	});
});

test("a connection of variables only, as in CI", () => {
	const env = { SNOWFLAKE_CONNECTIONS_CI_PROD_USER: "CI", SNOWFLAKE_PASSWORD: "canary" };
	expect(resolved(env, { name: "ci-prod", account: "ACME-PROD" }).options).toEqual({
		account: "ACME-PROD",
		username: "CI",
		password: "canary",
	});
});

test("a variable of prod_eu is not one of prod", () => {
	write("connections.toml", ["[prod]", 'user = "P"', "[prod_eu]", 'user = "E"']);
	const { options, warnings } = resolved({ SNOWFLAKE_CONNECTIONS_PROD_EU_ROLE: "R" });
	expect(options).toEqual({ username: "P" });
	expect(warnings).toEqual([]);
});

test("a key given as text by a variable replaces the file's path to one", () => {
	write("connections.toml", ["[prod]", 'private_key_path = "/old.p8"']);
	const env = { SNOWFLAKE_CONNECTIONS_PROD_PRIVATE_KEY_RAW: "canary-key" };
	expect(resolved(env).options).toEqual({ privateKey: "canary-key" });
});

test("private_key_file is stronger than private_key_path, both in one place", () => {
	write("connections.toml", ["[prod]", 'private_key_path = "/b"', 'private_key_file = "/a"']);
	expect(resolved().options).toEqual({ privateKeyPath: "/a" });
});

test("options of an environment file: paths start at the project, secrets come from variables", () => {
	const inline = { user: "U", authenticator: "SNOWFLAKE_JWT", privateKeyPath: "keys/k.p8" };
	const env = { PRIVATE_KEY_PASSPHRASE: "canary" };
	expect(resolved(env, { inline, account: "ACME-DEV", warehouse: "my wh" }).options).toEqual({
		account: "ACME-DEV",
		username: "U",
		authenticator: "SNOWFLAKE_JWT",
		privateKeyPath: "/project/keys/k.p8",
		privateKeyPass: "canary",
		warehouse: '"my wh"',
	});
});

test("files that others can read are refused with the command that closes them", () => {
	const path = write("connections.toml", ["[prod]", 'password = "canary"'], 0o644);
	const { summary, hint } = failure(() => resolved());
	expect(summary).toBe(`${path} can be read by others (mode 0644)`);
	expect(hint).toBe(`run: chmod 0600 ${path}`);
	const relaxed = { SF_SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION: "true" };
	expect(resolved(relaxed).warnings.map((w) => w.code)).toEqual(["FILE_PERMISSIONS"]);
	chmodSync(path, 0o620);
	expect(failure(() => resolved(relaxed)).summary).toContain("written by others");
});

test("a mistake in the TOML is shown at its line, without values", () => {
	const path = write("connections.toml", ["[prod]", 'user = "U"', "password = canary"]);
	const { at, summary } = failure(() => resolved());
	expect(at).toMatchObject({ file: path, line: 3, lineText: "password = …" });
	expect(summary).toMatch(/^not TOML: /);
});

test("an unknown connection names the nearest", () => {
	write("connections.toml", ["[prod]", "[dev]"]);
	const at = { file: "environments/prod.yaml", line: 3, column: 3, lineText: "", length: 4 };
	expect(failure(() => resolved({}, { name: "prdo", at }))).toMatchObject({
		summary: `there is no connection prdo in ${join(home, "connections.toml")}`,
		detail: "connections: prod, dev",
		hint: "did you mean prod?",
		at,
	});
	expect(failure(() => resolved({ SNOWFLAKE_HOME: "/nowhere" })).summary).toContain(
		"neither connections.toml nor config.toml is in /nowhere",
	);
});

test("what is not a parameter is a warning at its line, with the nearest", () => {
	const path = write("connections.toml", ["[dev]", 'acount = "D"', "[prod]", 'acount = "A"']);
	expect(resolved().warnings).toMatchObject([
		{ code: "UNUSED_PARAMETER", hint: "did you mean account?", at: { file: path, line: 4 } },
	]);
});

test("a value of the wrong type is an error at its line", () => {
	const path = write("connections.toml", ["[prod]", 'proxy_port = "many"']);
	expect(failure(() => resolved())).toMatchObject({
		summary: `${path}:2: proxy_port is a number`,
		at: { line: 2 },
	});
});

test("the source is told without secrets", () => {
	const path = write("connections.toml", ["[prod]", 'user = "U"', 'password = "canary"']);
	const lines = describeSource(resolved({ SNOWFLAKE_ROLE: "R" }));
	expect(lines).toEqual([
		"role = R (SNOWFLAKE_ROLE)",
		`username = U (${path}:2)`,
		`password = <secret> (${path}:3)`,
	]);
});

test("where files are looked for", () => {
	const at = (env: Readonly<Record<string, string>>, platform: NodeJS.Platform = "linux") =>
		configDirectory({ HOME: home, ...env }, platform);
	expect(at({ SNOWFLAKE_HOME: "~/elsewhere" })).toBe(join(home, "elsewhere"));
	expect(at({})).toBe(join(home, ".config/snowflake"));
	expect(at({ XDG_CONFIG_HOME: "/xdg" })).toBe("/xdg/snowflake");
	expect(at({}, "darwin")).toBe(join(home, "Library/Application Support/snowflake"));
	expect(at({}, "win32")).toBe(join(home, "AppData/Local/snowflake"));
	mkdirSync(join(home, ".snowflake"));
	expect(at({ XDG_CONFIG_HOME: "/xdg" })).toBe(join(home, ".snowflake"));
});
