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
