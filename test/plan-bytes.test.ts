import { afterEach, expect, test } from "vitest";
import { makeProject, type TestProject } from "./support/project.ts";

let project: TestProject | undefined;

afterEach(() => project?.close());

const STATEMENTS: Readonly<Record<string, string>> = {
	database: "CREATE DATABASE LAKE;\n",
	bronze: "CREATE SCHEMA LAKE.BRONZE;\n",
	silver: "CREATE SCHEMA LAKE.SILVER;\n",
	format: "CREATE FILE FORMAT LAKE.BRONZE.JSON_LINES TYPE = JSON;\n",
	stage:
		"CREATE STAGE LAKE.BRONZE.LANDING URL = 's3://lake/' FILE_FORMAT = (FORMAT_NAME = 'LAKE.BRONZE.JSON_LINES');\n",
	raw: "CREATE TABLE LAKE.BRONZE.RAW (PAYLOAD VARIANT);\n",
	pipe: "CREATE PIPE LAKE.BRONZE.RAW_PIPE AS COPY INTO LAKE.BRONZE.RAW FROM @LAKE.BRONZE.LANDING;\n",
	stream: "CREATE STREAM LAKE.BRONZE.RAW_NEW ON TABLE LAKE.BRONZE.RAW;\n",
	clean: "CREATE TABLE LAKE.SILVER.CLEAN (ID NUMBER);\n",
	task: "CREATE TASK LAKE.SILVER.MERGE_RAW WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' AS INSERT INTO LAKE.SILVER.CLEAN SELECT PAYLOAD:id FROM LAKE.BRONZE.RAW_NEW;\n",
	after:
		"CREATE TASK LAKE.SILVER.AFTER_MERGE WAREHOUSE = COMPUTE_WH AFTER LAKE.SILVER.MERGE_RAW AS SELECT 1;\n",
	resume: "ALTER TASK LAKE.SILVER.MERGE_RAW RESUME;\nALTER TASK LAKE.SILVER.AFTER_MERGE RESUME;\n",
};

/** A plan without its time (which its checksum covers) and without where statements were written. */
function comparable(json: string): unknown {
	return JSON.parse(json, (key, value: unknown) =>
		["createdAt", "checksum", "origin"].includes(key) ? undefined : value,
	);
}

async function planOf(files: Readonly<Record<string, string>>): Promise<string> {
	project?.close();
	project = makeProject(files);
	const { code, out, err } = await project.run("plan", "--format", "json", "--quiet");
	expect(err).toBe("");
	expect(code).toBe(0);
	return out;
}

test("two runs of plan give the same bytes, time aside", async () => {
	const files = Object.fromEntries(
		Object.entries(STATEMENTS).map(([name, sql]) => [`sql/${name}.sql`, sql]),
	);
	const first = await planOf(files);
	const again = await project?.run("plan", "--format", "json", "--quiet");
	const bytes = (json: string | undefined) =>
		json?.replace(/"(?:createdAt|checksum)": "[^"]*"/g, "");
	expect(bytes(again?.out)).toBe(bytes(first));
});

test("the order of statements does not depend on files", async () => {
	const names = Object.keys(STATEMENTS);
	const split = Object.fromEntries(
		names.map((name) => [`sql/${name}.sql`, STATEMENTS[name] ?? ""]),
	);
	const reversed = Object.fromEntries(
		names.map((name, i) => [
			`sql/${String(names.length - i).padStart(2, "0")}.sql`,
			STATEMENTS[name] ?? "",
		]),
	);
	const one = {
		"sql/all.sql": [...names]
			.reverse()
			.map((name) => STATEMENTS[name])
			.join(""),
	};
	const plans = [await planOf(split), await planOf(reversed), await planOf(one)].map(comparable);
	expect(plans[1]).toEqual(plans[0]);
	expect(plans[2]).toEqual(plans[0]);
	const steps = (plans[0] as { steps: { id: string }[] }).steps.map((step) => step.id);
	const before = (a: string, b: string) =>
		expect(steps.indexOf(a), `${a} before ${b}`).toBeLessThan(steps.indexOf(b));
	before("create DATABASE LAKE", "create SCHEMA LAKE.BRONZE");
	before("create TABLE LAKE.BRONZE.RAW", "create STREAM LAKE.BRONZE.RAW_NEW");
	before("create STAGE LAKE.BRONZE.LANDING", "create PIPE LAKE.BRONZE.RAW_PIPE");
	before("create STREAM LAKE.BRONZE.RAW_NEW", "create TASK LAKE.SILVER.MERGE_RAW");
	before("create TASK LAKE.SILVER.MERGE_RAW", "create TASK LAKE.SILVER.AFTER_MERGE");
	before("settle TASK LAKE.SILVER.AFTER_MERGE", "settle TASK LAKE.SILVER.MERGE_RAW");
});
