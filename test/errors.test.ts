import { afterEach, describe, expect, test } from "vitest";
import { LAKE, LOCAL, makeProject, type TestProject } from "./support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

async function validate(files: Readonly<Record<string, string>>) {
	project = makeProject({ "sql/lake.sql": LAKE, ...files });
	return project.run("validate");
}

/** One mistake: where it must be shown, the text under the caret, and the nearest known word. */
interface Mistake {
	readonly name: string;
	readonly files: Readonly<Record<string, string>>;
	readonly code: 65 | 78;
	/** file:line:column */
	readonly at: string;
	readonly caret: string;
	readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
	{
		name: "an undefined variable",
		files: {
			"sql/t.sql": "USE SCHEMA {{lake}}.BRONZE;\nCREATE TABLE {{tabel}} (A NUMBER);\n",
			"environments/local.yaml": LOCAL.replace("lake: LAKE", "lake: LAKE, table: T"),
		},
		code: 65,
		at: "sql/t.sql:2:16",
		caret: "tabel",
		says: /did you mean table\?/,
	},
	{
		name: "an undefined variable as a helper's argument",
		files: { "sql/t.sql": "CREATE SCHEMA {{identifier lak}}.S2;\n" },
		code: 65,
		at: "sql/t.sql:1:28",
		caret: "lak",
		says: /did you mean lake\?/,
	},
	{
		name: "an undefined variable in a condition",
		files: { "sql/t.sql": "{{#if lak}}\nCREATE SCHEMA S2;\n{{/if}}\n" },
		code: 65,
		at: "sql/t.sql:1:7",
		caret: "lak",
		says: /did you mean lake\?/,
	},
	{
		name: "an undefined variable in a partial",
		files: {
			"sql/t.sql": "CREATE TABLE T (\n{{> columns}}\n);\n",
			"sql/_partials/columns.sql": "  A NUMBER,\n  {{feedz}} NUMBER\n",
		},
		code: 65,
		at: "sql/_partials/columns.sql:2:5",
		caret: "feedz",
		says: /did you mean feeds\?/,
	},
	{
		name: "an unknown property",
		files: {
			"sql/t.sql":
				"CREATE TABLE T (A VARIANT);\nCREATE STAGE S;\nCREATE PIPE P\n  AUTO_INGST = TRUE\n  AS COPY INTO T FROM @S;\n",
		},
		code: 65,
		at: "sql/t.sql:4:3",
		caret: "AUTO_INGST",
		says: /did you mean AUTO_INGEST\?/,
	},
	{
		name: "a duplicate object",
		files: {
			"sql/t.sql": "CREATE TABLE T (A NUMBER);\n",
			"sql/u.sql": "-- the same\nCREATE TABLE lake.bronze.t (B NUMBER);\n",
		},
		code: 65,
		at: "sql/u.sql:2:14",
		caret: "lake.bronze.t",
		says: /sql\/t\.sql:1:14/,
	},
	{
		name: "DML",
		files: { "sql/t.sql": "CREATE TABLE T (A NUMBER);\n\nINSERT INTO T VALUES (1);\n" },
		code: 65,
		at: "sql/t.sql:3:1",
		caret: "INSERT",
		says: /migration/,
	},
	{
		name: "an unterminated string",
		files: { "sql/t.sql": "CREATE SCHEMA S2\n  COMMENT = 'not closed;\n" },
		code: 65,
		at: "sql/t.sql:2:13",
		caret: "'",
		says: /close it with '/,
	},
	{
		name: "a wrong type in an environment file",
		files: { "environments/local.yaml": `${LOCAL}concurrency: many\n` },
		code: 78,
		at: "environments/local.yaml:8:14",
		caret: "many",
		says: /number/,
	},
	{
		name: "an unknown key in an environment file",
		files: { "environments/local.yaml": `${LOCAL}concurency: 4\n` },
		code: 78,
		at: "environments/local.yaml:8:1",
		caret: "concurency",
		says: /did you mean concurrency\?/,
	},
	{
		name: "an unknown kind",
		files: { "sql/t.sql": "CREATE TABEL T (A NUMBER);\n" },
		code: 65,
		at: "sql/t.sql:1:8",
		caret: "TABEL",
		says: /did you mean TABLE\?/,
	},
];

/** The text under the carets of the first excerpt. */
function underlined(text: string): string {
	const lines = text.split("\n");
	const at = lines.findIndex((line) => /^\s*\|\s+\^+\s*$/.test(line));
	const marks = lines[at] ?? "";
	return (lines[at - 1] ?? "").slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1);
}

describe("a mistake is shown where it was made", () => {
	test.each(MISTAKES.map((m) => [m.name, m] as const))("%s", async (_name, mistake) => {
		const { code, err } = await validate(mistake.files);
		expect(err).toContain(`--> ${mistake.at}\n`);
		expect(underlined(err)).toBe(mistake.caret);
		expect(err).toMatch(mistake.says);
		expect(code).toBe(mistake.code);
	});
});

test("mistakes in a list of columns are the only ones, and those behind it are told too", async () => {
	const { code, err } = await validate({
		"sql/t.sql": "CREATE TABLE Y (A INTT, B NUMBR(3)) COMENT = 'x' CLUSTER BY (A);\n",
	});
	expect(code).toBe(65);
	for (const at of ["sql/t.sql:1:19", "sql/t.sql:1:27", "sql/t.sql:1:37"])
		expect(err).toContain(`--> ${at}\n`);
	expect(err).toContain("3 errors");
});

test("several mistakes are reported together, those of one statement too", async () => {
	const { code, err } = await validate({
		"sql/t.sql":
			"CREATE STAGE S COMENT = 'a' DIRECTRY = (ENABLE = TRUE);\nCREATE TABEL T (A NUMBER);\nSELECT 1;\n",
		"sql/u.sql": "DROP TABLE T;\n",
	});
	expect(code).toBe(65);
	for (const at of [
		"sql/t.sql:1:16",
		"sql/t.sql:1:29",
		"sql/t.sql:2:8",
		"sql/t.sql:3:1",
		"sql/u.sql:1:1",
	])
		expect(err).toContain(`--> ${at}\n`);
	expect(err).toContain("5 errors");
});

describe("one mistake does not hide the others of its file", () => {
	const cases: readonly (readonly [string, string, readonly string[]])[] = [
		[
			"a string that is never closed",
			"CREATE SCHEMA A COMMENT = 'not closed;\nCREATE TABEL T (A NUMBER);\nCREATE STAGE S COMENT = 'it''s';\n",
			["1:27", "2:8", "3:16"],
		],
		[
			"a string that is never closed, the last of the file",
			"CREATE STAGE S COMENT = 'x';\nCREATE SCHEMA A COMMENT = 'not closed;\nCREATE TABEL T (A NUMBER);\n",
			["1:16", "2:27", "3:8"],
		],
		[
			"a quoted name that is never closed",
			'CREATE SCHEMA "A;\nCREATE TABEL T (A NUMBER);\n',
			["1:15", "2:8"],
		],
		[
			"a comment that is never closed",
			"CREATE TABEL T (A NUMBER);\n/* CREATE TABEL U;\n",
			["1:8", "2:1"],
		],
		[
			"an undefined variable",
			"CREATE TABLE {{tabel}} (A INTT);\nCREATE TABEL T (A NUMBER);\nALTER TABLE OF_IT ADD COLUMN B NUMBER;\n",
			["1:16", "1:27", "2:8"],
		],
		[
			"undefined values, names and columns",
			"CREATE STAGE {{a}} DIRECTORY = (ENABLE = {{b}}) COMENT = 'x';\nCREATE TABLE T ({{c}});\nCREATE TABLE {{a}}_T (A {{type}});\n",
			["1:16", "1:44", "1:49", "2:19", "3:16", "3:27"],
		],
		[
			"an undefined list",
			"CREATE TABLE T ({{#each cols}}{{this}} NUMBER{{/each}});\nCREATE PIPE P AS COPY INTO;\n",
			["1:25"],
		],
	];
	test.each(cases)("%s", async (_name, text, places) => {
		const { code, err } = await validate({ "sql/t.sql": text, "sql/u.sql": "DROP TABLE T;\n" });
		expect(code).toBe(65);
		const found = [...err.matchAll(/--> sql\/(.*)/g)].map((match) => match[1]);
		expect(found).toEqual([...places.map((at) => `t.sql:${at}`), "u.sql:1:1"]);
	});
});

test("mistakes are also JSON", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/t.sql": "CREATE STAGE S COMENT = 'a';\n" });
	const { code, out } = await project.run("validate", "--json");
	expect(code).toBe(65);
	const { error } = JSON.parse(out) as {
		error: {
			exitCode: number;
			diagnostics: { code: string; at: { line: number; column: number } }[];
		};
	};
	expect(error.exitCode).toBe(65);
	expect(error.diagnostics.map((d) => [d.code, d.at.line, d.at.column])).toEqual([
		["UNKNOWN_PROPERTY", 1, 16],
	]);
});

test("a structural reference to nothing is an error of plan", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/t.sql":
			"USE SCHEMA {{lake}}.BRONZE;\nCREATE TABLE ORDERS (A NUMBER);\nCREATE STREAM S ON TABLE ORDRS;\n",
	});
	const { code, err } = await project.run("plan");
	expect(code).toBe(65);
	expect(err).toContain("--> sql/t.sql:3:");
	expect(err).toMatch(/did you mean LAKE\.BRONZE\.ORDERS\?/);
});

test.each([
	["a table", "@S", "RAW.NOTABLE", "sql/t.sql:5:15"],
	["a stage", "@RAW.NOSTAGE/in/", "T", "sql/t.sql:6:10"],
])("%s that a COPY names is underlined at its own name", async (_what, stage, table, at) => {
	const { err } = await validate({
		"sql/t.sql": `USE SCHEMA LAKE.BRONZE;\nCREATE TABLE T (A VARIANT);\nCREATE STAGE S;\nCREATE PIPE P AS -- load\n  COPY INTO   ${table}\n    FROM ${stage};\n`,
	});
	expect(err).toContain("warning[REFERENCE]");
	expect(err).toContain(`--> ${at}\n`);
	expect(underlined(err)).toBe(stage === "@S" ? table : "@RAW.NOSTAGE");
	expect(err).toContain("declare it in sql/, create it in the account, or list it under external");
});

describe("USE ROLE", () => {
	test("of a role that the user cannot take is an error of plan, at its line", async () => {
		project = makeProject({
			"sql/lake.sql": LAKE,
			"sql/t.sql": "USE ROLE NOSUCH;\nCREATE TABLE T (A NUMBER);\nCREATE TABLE U (A NUMBER);\n",
		});
		const { code, err } = await project.run("plan");
		expect(code).toBe(65);
		expect(err).toContain("--> sql/t.sql:1:10\n");
		expect(underlined(err)).toBe("NOSUCH");
		expect(err).toContain("1 error");
	});

	test("shows the owner where it is not the environment's role", async () => {
		project = makeProject({
			"sql/lake.sql": LAKE,
			"sql/t.sql": "USE ROLE SYSADMIN;\nCREATE TABLE LAKE.BRONZE.T (A NUMBER);\n",
			"sql/u.sql": "USE ROLE ACCOUNTADMIN;\nCREATE TABLE U (A NUMBER);\n",
		});
		const { out } = await project.run("plan");
		expect(out).toContain("create TABLE LAKE.BRONZE.T  # it does not exist, owned by SYSADMIN\n");
		expect(out).toContain("create TABLE LAKE.BRONZE.U  # it does not exist\n");
	});
});

test("what Snowflake refuses is shown at its line, out of a loop in a partial", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/t.sql":
			"USE SCHEMA {{lake}}.BRONZE;\n{{#each feeds}}\n{{> feed feed=this}}\n\n{{/each}}\n",
		"sql/_partials/feed.sql":
			"CREATE TABLE {{feed}} (A NUMBER);\nCREATE VIEW {{feed}}_VIEW (A, B)\nAS SELECT A FROM {{feed}};\n",
	});
	const { code, err } = await project.run("apply", "--yes");
	expect(code).toBe(1);
	expect(err).toContain("--> sql/_partials/feed.sql:2:13\n");
	expect(underlined(err)).toBe("{{feed}}_VIEW");
	expect(err).toMatch(/SNOWFLAKE_\d{6}/);
});

test("a place inside a body is shown in the body, out of a loop in a partial", async () => {
	project = makeProject({
		"sql/lake.sql": `${LAKE}CREATE STAGE LANDING URL = 's3://lake/';\n`,
		"sql/t.sql": "USE SCHEMA {{lake}}.BRONZE;\n{{#each feeds}}\n{{> feed feed=this}}\n{{/each}}\n",
		"sql/_partials/feed.sql":
			"CREATE TABLE {{feed}} (A NUMBER);\nCREATE PIPE {{feed}}_PIPE\nAS\nCOPY INTO {{feed}} (A)\nFROM (\n  SELECT\n    NO_SUCH_FUNCTION($1)\n  FROM @LANDING/{{feed}}/\n);\n",
	});
	const { code, err } = await project.run("apply", "--yes");
	expect(code).toBe(1);
	expect(err).toContain("--> sql/_partials/feed.sql:7:5\n");
	expect(underlined(err)).toBe("NO_SUCH_FUNCTION");
});

test("no terminal and no --yes is a usage error; an unknown option too", async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	expect((await project.run("apply")).code).toBe(64);
	expect((await project.run("plan", "--nonsense")).code).toBe(64);
});

test("what every command takes can stand before its name as well", async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	const behind = await project.run("render", "--json", "--var", "lake=OTHER");
	expect(behind.out).toContain("CREATE DATABASE OTHER");
	expect(await project.run("--json", "--var", "lake=OTHER", "render")).toEqual(behind);
	expect((await project.run("-e", "nosuch", "plan")).code).toBe(78);
});

test("a pipe's unqualified names must mean the same in the file and in its schema", async () => {
	const { code, err } = await validate({
		"sql/t.sql":
			"CREATE TABLE T (A NUMBER);\nCREATE STAGE S;\nCREATE SCHEMA OTHER;\nCREATE PIPE LAKE.BRONZE.P\nAS COPY INTO T FROM @LAKE.BRONZE.S;\n",
	});
	expect(code).toBe(65);
	expect(err).toContain(
		"T means LAKE.BRONZE.T in PIPE LAKE.BRONZE.P, and LAKE.OTHER.T in this file",
	);
	expect(err).toContain("--> sql/t.sql:5:1\n");
});

test("a name in a body that resolves to nothing is a warning, with the nearest one", async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/t.sql":
			"USE SCHEMA {{lake}}.BRONZE;\nCREATE TABLE ORDERS (A NUMBER);\nCREATE TASK T SCHEDULE = '1 MINUTE' WAREHOUSE = COMPUTE_WH\nAS INSERT INTO ORDERS WITH X AS (SELECT 1 AS A) SELECT A FROM X UNION ALL SELECT A FROM ORDRS;\n",
	});
	const { code, err } = await project.run("plan");
	expect(code).toBe(0);
	expect(err).toContain("warning[BODY_REFERENCE]");
	expect(err).toContain("TASK LAKE.BRONZE.T names LAKE.BRONZE.ORDRS");
	expect(err).toContain("did you mean LAKE.BRONZE.ORDERS?");
	expect(err).toContain("--> sql/t.sql:4:89\n");
	expect(underlined(err)).toBe("ORDRS");
	expect(err).toContain("1 warning");
});
