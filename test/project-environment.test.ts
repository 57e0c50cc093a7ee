import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import { loadEnvironment } from "../src/project/environment.ts";
import { parseOverrides } from "../src/project/overrides.ts";
import { environmentJsonSchema } from "../src/project/schema.ts";

const created: string[] = [];
afterEach(() => {
	for (const dir of created.splice(0)) rmSync(dir, { recursive: true });
});

function projectOf(files: Readonly<Record<string, string>>): string {
	const dir = mkdtempSync(join(tmpdir(), "snowline-"));
	created.push(dir);
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(dirname(join(dir, file)), { recursive: true });
		writeFileSync(join(dir, file), text);
	}
	return dir;
}

function failure(run: () => unknown): DeployError {
	try {
		run();
	} catch (error) {
		if (error instanceof DeployError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}

const LOCAL = `project: acme
connection:
  emulator: { path: .snowline/local }
manage: { databases: [lake] }
`;

/** The diagnostics of a local environment with these lines added: code, place, caret text. */
function problems(yaml: string, base = LOCAL, overrides = new Map<string, string>()) {
	const dir = projectOf({ "environments/local.yaml": base + yaml });
	const error = failure(() => loadEnvironment(dir, "local", overrides));
	expect(error.exitCode).toBe(78);
	const offset = base.split("\n").length - 1;
	return error.diagnostics.map(({ code, at, hint, summary }) => ({
		code,
		summary,
		hint,
		line: at && at.line - offset,
		caret: at?.lineText.slice(at.column - 1, at.column - 1 + at.length),
	}));
}

describe("a whole environment", () => {
	const dir = () =>
		projectOf({
			"environments/_defaults.yaml": `project: acme-lake
connection: { name: shared }
owners: { storage integration: accountadmin }
variables: { lake: LAKE, tags: [a, b], nested: { x: 1, y: 2 } }
concurrency: 4
`,
			"environments/prod.yaml": `account: myorg-prod
connection: { name: prod }
role: deployer
warehouse: '"Odd wh"'
variables: { lake: LAKE_PROD, tags: [c], nested: { y: 3 } }
context: { database: lake_prod, schema: bronze }
manage: { databases: [lake_prod, '"odd"'], roles: [reader] }
external: ["SHARED_DB.*.*"]
permit:
  - { hazard: PIPE_HISTORY_LOST, object: LAKE_PROD.BRONZE.ORDERS_PIPE, until: 2026-12-31, reason: "moved" }
`,
		});

	test("is merged, complete and in stored form", () => {
		const { locate, ...environment } = loadEnvironment(dir(), "prod", new Map());
		expect(environment).toEqual({
			name: "prod",
			file: "environments/prod.yaml",
			project: "acme-lake",
			account: "MYORG-PROD",
			connection: { kind: "named", name: "prod" },
			role: "DEPLOYER",
			warehouse: "Odd wh",
			owners: { "STORAGE INTEGRATION": "ACCOUNTADMIN" },
			variables: { lake: "LAKE_PROD", tags: ["c"], nested: { x: 1, y: 3 } },
			context: { database: "LAKE_PROD", schema: "BRONZE" },
			manage: { databases: ["LAKE_PROD", "odd"], roles: ["READER"] },
			external: ["SHARED_DB.*.*"],
			records: ["LAKE_PROD", "SNOWLINE"],
			permit: [
				{
					hazard: "PIPE_HISTORY_LOST",
					object: "LAKE_PROD.BRONZE.ORDERS_PIPE",
					until: "2026-12-31",
					reason: "moved",
					at: expect.objectContaining({ file: "environments/prod.yaml", line: 10, column: 5 }),
				},
			],
			concurrency: 4,
		});
		expect(locate("account")).toMatchObject({ file: "environments/prod.yaml", line: 1, length: 7 });
		expect(locate("concurrency")).toMatchObject({ file: "environments/_defaults.yaml", line: 5 });
		expect(locate("records")).toBeUndefined();
	});

	test("on the local account needs neither account nor role", () => {
		const local = projectOf({ "environments/local.yaml": LOCAL });
		expect(loadEnvironment(local, "local")).toMatchObject({
			connection: { kind: "emulator", path: ".snowline/local", buckets: {} },
			records: ["LAKE", "SNOWLINE"],
			concurrency: 8,
		});
	});

	test("may have options of the driver, a byte order mark and Windows line ends", () => {
		const text = `\ufeffproject: p
account: a-b
role: r
warehouse: w
records: db.snowline
connection: { user: me, authenticator: SNOWFLAKE_JWT, privateKeyPath: key.p8 }
`;
		const dir = projectOf({ "environments/dev.yaml": text.replaceAll("\n", "\r\n") });
		expect(loadEnvironment(dir, "dev").connection).toEqual({
			kind: "driver",
			options: { user: "me", authenticator: "SNOWFLAKE_JWT", privateKeyPath: "key.p8" },
		});
	});
});

describe("overrides", () => {
	const load = (...args: string[]) => {
		const dir = projectOf({
			"environments/local.yaml": `${LOCAL}variables: { n: 1, on_: true, s: x, l: [a], m: { k: v }, z: null }\n`,
			"environments/prod.yaml": "variables: { fresh: x }\n",
		});
		return loadEnvironment(dir, "local", parseOverrides(args)).variables;
	};

	test("take the type of the value they replace", () => {
		expect(load("n=2", "on_=false", "s=3", "l=[b, c]", "m={k: w}", "z=1", "fresh=007")).toEqual({
			n: 2,
			on_: false,
			s: "3",
			l: ["b", "c"],
			m: { k: "w" },
			z: "1",
			fresh: "007",
		});
		expect(load("s=a=b")).toMatchObject({ s: "a=b" });
	});

	test.each(["n=x", "on_=yes", "l=a", "m=[1]", "n="])("%s is an error", (arg) => {
		const { exitCode, diagnostics } = failure(() => load(arg));
		expect([exitCode, diagnostics.map(({ code }) => code)]).toEqual([78, ["WRONG_TYPE"]]);
		expect(diagnostics[0]?.detail).toContain("environments/local.yaml:5");
	});

	test("of a variable that no environment file has are a usage error, with the nearest one", () => {
		const { exitCode, diagnostics } = failure(() => load("frehs=1", "nosuch=1"));
		expect(exitCode).toBe(64);
		expect(diagnostics.map(({ summary, hint }) => [summary, hint])).toEqual([
			["--var frehs: no environment file has this variable", "did you mean fresh?"],
			[
				"--var nosuch: no environment file has this variable",
				"add it to variables in environments/_defaults.yaml",
			],
		]);
	});

	test("that are not NAME=VALUE are a usage error", () => {
		expect(failure(() => parseOverrides(["x"])).exitCode).toBe(64);
	});
});

describe("mistakes", () => {
	test("are reported all at once, at their places, with the nearest key", () => {
		const found = problems(`conection: x
concurrency: many
context: { datbase: x, schema: [a] }
permit:
  - { hazrd: X, until: 2026-02-30 }
variables: { region: on }
`);
		expect(found.map(({ code, line, caret }) => [code, line, caret])).toEqual(
			expect.arrayContaining([
				["UNKNOWN_KEY", 1, "conection"],
				["WRONG_TYPE", 2, "many"],
				["UNKNOWN_KEY", 3, "datbase"],
				["WRONG_TYPE", 3, "[a]"],
				["UNKNOWN_KEY", 5, "hazrd"],
				["MISSING_KEY", 5, "{ hazrd: X, until: 2026-02-30 }"],
				["WRONG_VALUE", 5, "2026-02-30"],
				["WRONG_VALUE", 6, "on"],
			]),
		);
		const hints = found.map(({ hint }) => hint);
		for (const key of ["connection", "database", "hazard"])
			expect(hints).toContain(`did you mean ${key}?`);
	});

	test.each([
		["role: 12", "WRONG_TYPE", "12", "role is text, but here is the number 12"],
		["role: my-role", "WRONG_VALUE", "my-role", `'"my-role"'`],
		["records: LAKE", "WRONG_VALUE", "LAKE", "LAKE.SNOWLINE"],
		["external: X", "WRONG_TYPE", "X", "external is a list, but here is the text"],
		["external: [A B]", "WRONG_VALUE", "A B", "with * in it"],
		["owners: { STAGE: [A] }", "WRONG_TYPE", "[A]", "owners.STAGE is text"],
		["owners: { ST4GE: A }", "WRONG_VALUE", "ST4GE", "a kind is written like"],
		["variables:", "WRONG_TYPE", "variables", "variables is a map, but here is nothing"],
		["variables: { n: 012 }", "WRONG_VALUE", "012", "012 is the number 12 in YAML"],
		["variables: { n: 1.10 }", "WRONG_VALUE", "1.10", "1.10 is the number 1.1 in YAML"],
		["variables: { list: [a] }", "RESERVED_NAME", "list", "means something else"],
		["variables: { environment: a }", "RESERVED_NAME", "environment", "environment's name"],
		["concurrency: 0", "WRONG_VALUE", "0", "at least 1"],
		["account: my org", "WRONG_VALUE", "my org", "MYORG-PROD"],
		["user: me", "UNKNOWN_KEY", "user", "no key user"],
	])("%s", (yaml, code, caret, message) => {
		const [found, ...more] = problems(`${yaml}\n`);
		expect(more).toEqual([]);
		expect(found).toMatchObject({ code, line: 1, caret });
		expect(found?.summary).toContain(message);
	});

	test("a key in the wrong map says where it belongs", () => {
		const base = "project: p\nmanage: { databases: [a] }\n";
		const [inside] = problems("user: me\n");
		expect(inside?.hint).toBe("user stands inside connection");
		const [outside] = problems("connection: { emulator: { path: x }, warehouse: w }\n", base);
		expect(outside?.hint).toBe("warehouse stands at the top of the file");
	});

	test("what is missing says where to put it", () => {
		const found = problems("connection: { name: prod }\n", "");
		expect(found.map(({ code, summary }) => `${code} ${summary}`)).toEqual(
			["project", "account", "role", "warehouse", "records"].map(
				(key) => `MISSING_KEY ${key} is missing`,
			),
		);
		expect(found[0]?.hint).toBe("add project: NAME to environments/_defaults.yaml");
		expect(found[1]?.hint).toBe("add account: ORGANIZATION-ACCOUNT to environments/local.yaml");
	});

	test("an empty file misses everything but is no syntax error", () => {
		const found = problems("# nothing yet\n", "");
		expect(found.map(({ summary }) => summary)).toEqual([
			"project is missing",
			"connection is missing",
			"records is missing",
		]);
	});

	test("two ways to connect are one too many", () => {
		const [found] = problems(
			"connection: { emulator: { path: x }, name: prod }\n",
			"project: p\nrecords: a.b\n",
		);
		expect(found).toMatchObject({ code: "WRONG_VALUE", caret: "connection" });
	});
});

describe("secrets in the file", () => {
	test.each([
		["connection: { password: hunter2, user: u }", "password"],
		["connection: { user: u, private_key: x }", "private_key"],
		["connection: { user: u, privateKeyPass: x }", "privateKeyPass"],
		["connection: { user: u, token: x }", "token"],
		["connection: { user: u, oauthClientSecret: x }", "oauthClientSecret"],
		["variables: { db_password: x }", "db_password"],
		["variables: { aws: { secretAccessKey: x } }", "secretAccessKey"],
		["variables: { k: '-----BEGIN PRIVATE KEY-----' }", "'-----BEGIN PRIVATE KEY-----*"],
	])("%s", (yaml, caret) => {
		const base = "project: p\nrecords: a.b\naccount: a-b\nrole: r\nwarehouse: w\n";
		const connection = yaml.startsWith("variables") ? "connection: { name: x }\n" : "";
		const found = problems(`${yaml}\n`, base + connection);
		expect(found.map(({ code, caret }) => [code, caret])).toEqual([["SECRET_IN_FILE", caret]]);
	});

	test.each([
		"connection: { user: u, password: hunter2 }",
		"connexion: { user: u, password: 'hunter2' }",
		'connection: { private_key: "-----BEGIN PRIVATE KEY-----hunter2" }',
		"connection: { privateKeyPass: hunter2, privateKeyPass: hunter2 }",
		"variables: { k: '-----BEGIN RSA PRIVATE KEY-----\\nhunter2' }",
		"variables: { k: 012, DB_TOKEN: hunter2 }",
		"connection: { password: hunter2",
	])("are not repeated in messages: %s", (yaml) => {
		const dir = projectOf({ "environments/local.yaml": yaml });
		const { diagnostics, message } = failure(() => loadEnvironment(dir, "local"));
		expect(JSON.stringify(diagnostics) + message).not.toContain("hunter2");
	});

	test("are found in the defaults too, and the name of a secret is none", () => {
		const dir = projectOf({
			"environments/_defaults.yaml": "connection: { password: x }\n",
			"environments/local.yaml": `${LOCAL}variables: { token_name: ORDERS_TOKEN }\n`,
		});
		expect(failure(() => loadEnvironment(dir, "local")).diagnostics).toMatchObject([
			{ code: "SECRET_IN_FILE", at: { file: "environments/_defaults.yaml" } },
		]);
	});
});

describe("files that cannot be read", () => {
	test.each([
		["a: 1\n\tb: 2\n", "a tab cannot indent YAML", "\t"],
		["project: a\nproject: b\n", "project is written twice in this map", "project"],
		["a: [1\nb: 2\n", "flow sequence", ""],
		["a: *x\n", "there is no anchor &x", "*x"],
		["a: !secret x\n", "unresolved tag", "!secret"],
		["- a\n", "an environment is a map", "- a"],
		["a: 1\n---\nb: 1\n", "a second document begins here", "---"],
	])("%j", (yaml, message, caret) => {
		const [found] = problems(yaml, "");
		expect(found?.code).toBe("YAML_SYNTAX");
		expect(found?.summary).toContain(message);
		if (caret) expect(found?.caret).toBe(caret);
	});

	test("a file that is not UTF-8 is named", () => {
		const dir = projectOf({ "environments/local.yaml": "" });
		writeFileSync(join(dir, "environments/local.yaml"), Uint8Array.of(0xff, 0xfe, 0x61, 0));
		const { diagnostics, exitCode } = failure(() => loadEnvironment(dir, "local"));
		expect(exitCode).toBe(78);
		expect(diagnostics).toMatchObject([
			{ code: "FILE_NOT_UTF8", summary: "environments/local.yaml is not UTF-8" },
		]);
	});

	test("an unknown environment lists those that exist", () => {
		const dir = projectOf({
			"environments/_defaults.yaml": "",
			"environments/dev.yaml": "",
			"environments/prod.yaml": "",
			"environments/old.yml": "",
		});
		expect(failure(() => loadEnvironment(dir, "prd"))).toMatchObject({
			exitCode: 78,
			diagnostics: [{ detail: "environments: dev, prod", hint: "did you mean prod?" }],
		});
		expect(failure(() => loadEnvironment(dir, "old")).diagnostics[0]?.hint).toBeDefined();
		expect(failure(() => loadEnvironment(dir, "../dev")).diagnostics).toMatchObject([
			{ code: "UNKNOWN_ENVIRONMENT" },
		]);
		expect(failure(() => loadEnvironment(projectOf({}), "dev")).diagnostics).toMatchObject([
			{ code: "NO_ENVIRONMENTS" },
		]);
	});
});

test("schemas/environment.schema.json is generated from the schema", () => {
	const file = join(import.meta.dirname, "../schemas/environment.schema.json");
	expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(environmentJsonSchema());
});
