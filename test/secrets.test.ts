import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "./support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const CANARY = "canary-7f3a91c2-sings";

const STAGE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING
  URL = 's3://lake/landing/'
  CREDENTIALS = (AWS_KEY_ID = 'AKIAEXAMPLE' AWS_SECRET_KEY = {{secret "LAKE_SECRET"}})
  COMMENT = 'first';
`;

/** Every file below a directory that holds the canary, as text or as its hexadecimal or base64 form. */
function nests(dir: string): readonly string[] {
	const forms = [
		CANARY,
		Buffer.from(CANARY).toString("hex"),
		Buffer.from(CANARY).toString("base64").slice(0, -2),
	];
	return readdirSync(dir, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.filter((file) => {
			const content = readFileSync(file, "latin1");
			return forms.some((form) => content.includes(form));
		});
}

test("a secret is nowhere: not on disk, not in output, not in the account's records and history", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/stage.sql": STAGE });
	project.env.LAKE_SECRET = CANARY;
	const outputs: string[] = [];
	const run = async (...args: readonly string[]) => {
		const ran = await project?.run(...args);
		outputs.push(ran?.out ?? "", ran?.err ?? "");
		return ran;
	};
	const plan = join(project.dir, "plan.json");
	expect((await run("plan", "--out", plan))?.code).toBe(0);
	expect((await run("apply", plan))?.code).toBe(0);
	for (const format of ["text", "sql", "json"]) await run("plan", "--format", format);
	// A rotation, and one that Snowflake refuses.
	project.env.LAKE_SECRET = `${CANARY}-rotated`;
	expect((await run("plan", "--detailed-exitcode"))?.code).toBe(2);
	expect((await run("apply", "--yes", "--json"))?.code).toBe(0);
	expect((await run("plan", "--detailed-exitcode"))?.code).toBe(0);
	project.write({
		"sql/refused.sql": STAGE.replace("STAGE LANDING", "STAGE REFUSED").replace(
			"s3://lake/landing/",
			"nowhere",
		),
	});
	expect((await run("apply", "--yes"))?.code).not.toBe(0);
	project.remove("sql/refused.sql");
	for (const table of ["DEPLOYMENTS", "JOURNAL", "OBJECTS", "MIGRATIONS", "LEASES"])
		await run("sql", `SELECT * FROM LAKE.SNOWLINE.${table}`, "--json");
	await run(
		"sql",
		"SELECT QUERY_TEXT, QUERY_TAG FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))",
		"--json",
	);
	await run("history", "--json");
	expect(outputs.filter((text) => text.includes(CANARY))).toEqual([]);
	expect(outputs.join("\n")).toContain("<secret LAKE_SECRET>");
	expect(nests(project.dir)).toEqual([]);
});

test("a secret that is absent at plan is a notice, at apply an error before anything runs", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/stage.sql": STAGE });
	project.env.LAKE_SECRET = CANARY;
	expect((await project.run("apply", "--yes")).code).toBe(0);
	delete project.env.LAKE_SECRET;
	const plan = await project.run("plan", "--detailed-exitcode");
	expect(plan.code).toBe(0);
	expect(plan.out).toContain("SECRET_UNCOMPARED");
	project.write({
		"sql/more.sql": `USE SCHEMA LAKE.BRONZE;\nCREATE TABLE T (A NUMBER);\n${STAGE.replace("STAGE LANDING", "STAGE SECOND")}`,
	});
	const { code, err } = await project.run("apply", "--yes");
	expect(code).toBe(78);
	expect(err).toContain("LAKE_SECRET");
	expect((await project.run("sql", "SELECT 1 FROM LAKE.BRONZE.T")).code).not.toBe(0);
});

/** A place for a secret, and a file that writes it there. */
const WRITTEN_OUT: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
	[
		"a stage, beside another mistake",
		{
			"sql/stage.sql": STAGE.replace('{{secret "LAKE_SECRET"}}', `'${CANARY}'`).replace(
				"AWS_KEY_ID",
				"AWS_KEYID",
			),
		},
	],
	[
		"an ALTER STAGE without =, after a template's value",
		{
			"sql/stage.sql": `${STAGE}ALTER STAGE LANDING SET COMMENT = '{{lake}}' ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY '${CANARY}');\n`,
		},
	],
	[
		"the body of a task",
		{
			"sql/task.sql": `CREATE TASK LAKE.BRONZE.T WAREHOUSE = COMPUTE_WH AS\n  COPY INTO LAKE.BRONZE.X FROM 's3://lake/' CREDENTIALS = (AWS_KEY_ID = 'k' AWS_SECRET_KEY = '${CANARY}');\n`,
		},
	],
	[
		"a procedure that a migration makes",
		{
			"migrations/V1__p.sql": `-- touches: LAKE.BRONZE.S\nCREATE PROCEDURE LAKE.BRONZE.P() RETURNS INT LANGUAGE SQL AS $$\nBEGIN\n  ALTER STAGE LAKE.BRONZE.S SET CREDENTIALS = (AZURE_SAS_TOKEN = '${CANARY}');\nEND\n$$;\n`,
		},
	],
	[
		"the password of a user that a migration makes",
		{
			"migrations/V1__u.sql": `-- touches: U\nCREATE OR REPLACE USER U DEFAULT_ROLE = R\n  PASSWORD = '${CANARY}';\n`,
		},
	],
];

/** `file:line:column` of the literal, by counting. */
function placeOf(files: Readonly<Record<string, string>>): string {
	const [[file, text] = ["", ""]] = Object.entries(files);
	const before = text.slice(0, text.indexOf(`'${CANARY}'`)).split("\n");
	return `${file}:${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

test.each(WRITTEN_OUT)("a secret that is written out is refused: %s", async (_, files) => {
	project = makeProject({ "sql/lake.sql": LAKE, ...files });
	for (const args of [
		["render"],
		["validate"],
		["validate", "--json"],
		["plan", "--out", "plan.json"],
		["plan", "--format", "sql", "--json"],
		["apply", "--yes"],
	]) {
		const { code, out, err } = await project.run(...args);
		expect(code, `${args.join(" ")}\n${out}${err}`).toBe(65);
		expect(out + err).not.toContain(CANARY);
		expect(out + err).toContain("LITERAL_SECRET");
		if (!args.includes("--json")) {
			expect(err).toContain(`--> ${placeOf(files)}\n`);
			expect(err).toContain('help: write {{secret "NAME"}} and set NAME in the environment');
		}
	}
	// Only where a person wrote it.
	expect(nests(project.dir)).toEqual(
		Object.keys(files).map((file) => join(project?.dir ?? "", file)),
	);
});

test("what only looks like a secret is none", async () => {
	project = makeProject({
		"sql/lake.sql": `${LAKE}CREATE TABLE ACCOUNTS (PASSWORD STRING, MASTER_KEY STRING);
CREATE VIEW OPEN_ACCOUNTS AS SELECT * FROM ACCOUNTS WHERE PASSWORD = '' OR (MASTER_KEY = 'none');
CREATE STAGE ROLES URL = 's3://lake/landing/' CREDENTIALS = (AWS_ROLE = 'arn:aws:iam::001234567890:role/r');
CREATE STAGE KMS URL = 's3://lake/landing/' ENCRYPTION = (TYPE = 'AWS_SSE_KMS' KMS_KEY_ID = 'aws/key');
`,
	});
	const { code, err } = await project.run("validate");
	expect(err).toBe("");
	expect(code).toBe(0);
});
