import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tick } from "../../src/emulator/index.ts";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let bucket: string;
beforeAll(async () => {
	bucket = await mkdtemp(join(tmpdir(), "bucket-"));
	account = await startAccount({ buckets: { lake: bucket } });
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA d.s",
		"CREATE STORAGE INTEGRATION lake TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/lake' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')",
		"CREATE STAGE landing URL = 's3://lake/' STORAGE_INTEGRATION = lake FILE_FORMAT = (TYPE = CSV)",
		"CREATE TABLE bronze (id INT, name STRING)",
		"CREATE TABLE silver (id INT, name STRING)",
		"CREATE PIPE orders AUTO_INGEST = TRUE AS COPY INTO bronze FROM @landing",
		"CREATE STREAM changes ON TABLE bronze",
		"CREATE TASK refine WAREHOUSE = compute_wh SCHEDULE = '5 MINUTES' WHEN SYSTEM$STREAM_HAS_DATA('changes') AS MERGE INTO silver USING changes ON silver.id = changes.id WHEN MATCHED THEN UPDATE SET name = changes.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (changes.id, changes.name)",
		"ALTER TASK refine RESUME",
	);
});
afterAll(async () => {
	await account.close();
	await rm(bucket, { recursive: true, force: true });
});

const silver = async (): Promise<readonly string[]> =>
	(await account.query("SELECT id, name FROM silver ORDER BY id")).map(
		(row) => `${row.ID} ${row.NAME}`,
	);

it("takes files from a bucket to the silver table, each once", async () => {
	await writeFile(join(bucket, "1.csv"), "1,lucy\n2,linus\n");
	const first = await tick(account.account, { untilIdle: true });
	expect(first.events.map(({ kind, name, state }) => `${kind} ${name} ${state}`)).toEqual([
		"pipe D.S.ORDERS LOADED",
		"task D.S.REFINE SUCCEEDED",
	]);
	expect(first.unfinished).toBeNull();
	expect(await silver()).toEqual(["1 lucy", "2 linus"]);
	expect((await tick(account.account, { untilIdle: true })).events).toEqual([]);

	await writeFile(join(bucket, "2.csv"), "2,sally\n3,snoopy\n");
	const second = await tick(account.account, { untilIdle: true });
	expect(second.events.map(({ kind }) => kind)).toEqual(["pipe", "task"]);
	expect(await silver()).toEqual(["1 lucy", "2 sally", "3 snoopy"]);
});

it("leaves the files of a paused pipe, and is idle meanwhile", async () => {
	await account.run("ALTER PIPE orders SET PIPE_EXECUTION_PAUSED = TRUE");
	await writeFile(join(bucket, "3.csv"), "4,schroeder\n");
	const paused = await tick(account.account, { untilIdle: true });
	expect(paused.events).toEqual([]);
	expect(paused.unfinished).toBeNull();
	await account.run("ALTER PIPE orders SET PIPE_EXECUTION_PAUSED = FALSE");
	await tick(account.account, { untilIdle: true });
	expect(await silver()).toContain("4 schroeder");
});
