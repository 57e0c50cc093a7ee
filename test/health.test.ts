import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { textSource } from "../src/diagnostics/source.ts";
import type { Catalog } from "../src/model/catalog.ts";
import { healthDiagnostic, healthOf } from "../src/operate/health.ts";
import type { Plan } from "../src/plan/plan.ts";
import { resolveFiles } from "../src/resolve/resolve-files.ts";
import { startAccount, type TestAccount } from "./support/account.ts";
import { type Deployer, openDeployer } from "./support/deploy.ts";

const FILES = `CREATE DATABASE D;
CREATE SCHEMA S;
CREATE STORAGE INTEGRATION LINK TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
CREATE STAGE LANDING URL = 's3://lake/in/' STORAGE_INTEGRATION = LINK FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE TABLE OTHER (ID NUMBER);
CREATE PIPE FILLS AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
CREATE PIPE RESTS AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
ALTER PIPE RESTS SET PIPE_EXECUTION_PAUSED = TRUE;
CREATE STREAM NEWS ON TABLE RAW;
CREATE STREAM ELSEWHERE ON TABLE OTHER;
CREATE TASK WORKS WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS DELETE FROM RAW;
ALTER TASK WORKS RESUME;
CREATE TASK OPEN WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS DELETE FROM RAW;
`;

let account: TestAccount;
let deployer: Deployer;
const bucket = mkdtempSync(join(tmpdir(), "snowline-bucket-"));
const context = { database: undefined, schema: undefined };

function declared(sql: string): Catalog {
	const { catalog, diagnostics } = resolveFiles([textSource("d.sql", sql)], {
		context,
		owners: {},
	});
	expect(diagnostics).toEqual([]);
	return catalog;
}

const DESIRED = declared(FILES);
/** Touches the table and the stage that everything but ELSEWHERE is on. */
let plan: Plan;

beforeAll(async () => {
	account = await startAccount({ buckets: { lake: bucket } });
	deployer = await openDeployer(account.port, ["D"]);
	await deployer.deploy(DESIRED);
	({ plan } = await deployer.plan(
		declared(
			FILES.replace("RAW (ID NUMBER)", "RAW (ID NUMBER) COMMENT = 'c'").replace(
				"(TYPE = CSV)",
				"(TYPE = CSV) COMMENT = 'c'",
			),
		),
	));
	expect(plan.steps.map((step) => step.id)).toEqual([
		"alter STAGE D.S.LANDING",
		"alter TABLE D.S.RAW",
	]);
});

afterAll(async () => {
	await deployer?.close();
	await account?.close();
	rmSync(bucket, { recursive: true });
});

/** What somebody does while the plan runs, and what is found afterwards beside what is well. */
async function foundAfter(sql: string, by: Plan = plan): Promise<readonly string[]> {
	const before = (await deployer.plan(DESIRED)).live;
	await account.query(sql);
	const after = (await deployer.plan(DESIRED)).live;
	return healthOf(by, { before, after, desired: DESIRED })
		.filter(({ verdict }) => verdict !== "healthy")
		.map((finding) => {
			const { severity, summary } = healthDiagnostic(finding, after);
			return `${severity}: ${summary}`;
		});
}

test("everything that the plan touched or that depends on it is looked at, and nothing else", async () => {
	const { live } = await deployer.plan(DESIRED);
	const health = healthOf(plan, { before: live, after: live, desired: DESIRED });
	expect(health.map(({ object, after, verdict }) => `${object} ${after} ${verdict}`)).toEqual([
		"PIPE D.S.FILLS RUNNING healthy",
		"PIPE D.S.RESTS PAUSED healthy",
		"STREAM D.S.NEWS not stale healthy",
		"TASK D.S.OPEN suspended healthy",
		"TASK D.S.WORKS started healthy",
	]);
});

test("a state that is neither declared nor the one before is an error", async () => {
	expect(await foundAfter("ALTER TASK D.S.WORKS SUSPEND")).toEqual([
		expect.stringMatching(
			/^error: TASK D\.S\.WORKS: state is suspended( \(\w+\))?, and was started before$/,
		),
	]);
	expect(await foundAfter("ALTER TASK D.S.WORKS RESUME")).toEqual([]);
	expect(await foundAfter("ALTER TASK D.S.OPEN RESUME")).toEqual([
		"error: TASK D.S.OPEN: state is started, and was suspended before",
	]);
	expect(await foundAfter("ALTER PIPE D.S.FILLS SET PIPE_EXECUTION_PAUSED = TRUE")).toEqual([
		"error: PIPE D.S.FILLS: state is PAUSED, and was RUNNING before",
	]);
	expect(await foundAfter("ALTER PIPE D.S.FILLS SET PIPE_EXECUTION_PAUSED = FALSE")).toEqual([]);
});

test("what stops working is an error once, and then something that was so before", async () => {
	const stopped = (pipe: string, before: string) =>
		`error: PIPE D.S.${pipe}: state is STOPPED_STAGE_DROPPED, and was ${before} before`;
	expect(
		await foundAfter(
			"CREATE OR REPLACE STAGE D.S.LANDING URL = 's3://lake/in/' STORAGE_INTEGRATION = LINK FILE_FORMAT = (TYPE = CSV)",
		),
	).toEqual([stopped("FILLS", "RUNNING"), stopped("RESTS", "PAUSED")]);
	const again = (pipe: string) =>
		`warning: PIPE D.S.${pipe}: state is STOPPED_STAGE_DROPPED as it was before this deployment`;
	expect(await foundAfter("CREATE OR REPLACE TABLE D.S.RAW (ID NUMBER)")).toEqual([
		again("FILLS"),
		again("RESTS"),
		"error: STREAM D.S.NEWS: state is stale, and was not stale before",
	]);
});

test("what a hazard that was accepted had announced is a warning", async () => {
	await account.run("CREATE OR REPLACE STREAM D.S.NEWS ON TABLE D.S.RAW");
	const [first, ...rest] = plan.steps;
	if (!first) throw new Error("the plan has no steps");
	const hazard = {
		code: "STREAM_STALE",
		level: "refuse" as const,
		object: "STREAM D.S.NEWS",
		message: "it will be",
	};
	const announcing = { ...plan, steps: [{ ...first, hazards: [hazard] }, ...rest] };
	const found = await foundAfter("CREATE OR REPLACE TABLE D.S.RAW (ID NUMBER)", announcing);
	expect(found.filter((line) => line.includes("STREAM"))).toEqual([
		"warning: STREAM D.S.NEWS: state is stale, as the plan said it would be",
	]);
});

test("a migration may stop something on purpose, where no file says otherwise", async () => {
	await account.run("ALTER TASK D.S.OPEN RESUME");
	const [first, ...rest] = plan.steps;
	if (!first) throw new Error("the plan has no steps");
	const migrating: Plan = { ...plan, steps: [{ ...first, action: "migrate" }, ...rest] };
	const tasks = async (sql: string) =>
		(await foundAfter(sql, migrating)).filter((line) => line.includes("TASK"));
	expect(await tasks("ALTER TASK D.S.OPEN SUSPEND")).toEqual([]);
	expect(await tasks("ALTER TASK D.S.WORKS SUSPEND")).toHaveLength(1);
});
