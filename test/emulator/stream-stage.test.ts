import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let lake: string;
/** The folder of the bucket that the stage of a test is on. */
let folder = 0;

beforeAll(async () => {
	lake = await mkdtemp(join(tmpdir(), "lake-"));
	account = await startAccount({ buckets: { lake } });
	await account.run("CREATE DATABASE d");
});
afterAll(async () => {
	await account.close();
	await rm(lake, { recursive: true, force: true });
});
beforeEach(async () => {
	folder++;
	await mkdir(join(lake, String(folder)));
	await account.run(
		"CREATE OR REPLACE SCHEMA d.s",
		`CREATE STAGE files URL = 's3://lake/${folder}/' DIRECTORY = (ENABLE = TRUE)`,
		"CREATE STREAM changes ON STAGE files",
	);
});

const path = (name: string): string => join(lake, String(folder), name);
const put = (name: string, text: string): Promise<void> => writeFile(path(name), text);
const refused = (sql: string): Promise<unknown> =>
	account.query(sql).then(
		() => "accepted",
		(error: { code: string; message: string }) => `${error.code} ${error.message}`,
	);
/** What the stream tells: each file's path, what was done, and whether that was part of an update. */
const changes = async (): Promise<readonly string[]> =>
	(await account.query("SELECT relative_path, metadata$action, metadata$isupdate FROM changes"))
		.map((row) => Object.values(row).join(" "))
		.sort();

describe("a stream on a stage", () => {
	it("tells the files that a refresh registered, in the columns of the directory table", async () => {
		await put("a.csv", "1,a\n");
		expect(await account.query("SELECT * FROM changes")).toEqual([]);
		await account.run("ALTER STAGE files REFRESH");
		const hash = createHash("md5").update("1,a\n").digest("hex");
		expect(await account.query("SELECT * FROM changes")).toEqual([
			{
				RELATIVE_PATH: "a.csv",
				SIZE: 4,
				LAST_MODIFIED: expect.anything(),
				MD5: hash,
				ETAG: hash,
				FILE_URL: "https://local.snowflakecomputing.com/api/files/D.S.FILES/a.csv",
				METADATA$ACTION: "INSERT",
				METADATA$ISUPDATE: false,
				METADATA$ROW_ID: expect.any(String),
			},
		]);
	});

	it("tells the net change since it was consumed", async () => {
		await put("kept.csv", "1");
		await put("changed.csv", "1");
		await put("gone.csv", "1");
		await account.run(
			"ALTER STAGE files REFRESH",
			"CREATE TABLE seen (path STRING)",
			"INSERT INTO seen SELECT relative_path FROM changes WHERE metadata$action = 'INSERT'",
		);
		expect(await changes()).toEqual([]);
		expect(await account.query("SELECT count(*) AS n FROM seen")).toEqual([{ N: 3 }]);
		await put("changed.csv", "22");
		await put("new.csv", "1");
		await put("passing.csv", "1");
		await rm(path("gone.csv"));
		await account.run("ALTER STAGE files REFRESH");
		await rm(path("passing.csv"));
		await account.run("ALTER STAGE files REFRESH");
		expect(await changes()).toEqual([
			"changed.csv DELETE true",
			"changed.csv INSERT true",
			"gone.csv DELETE false",
			"new.csv INSERT false",
		]);
	});

	// The example of the page on pipelines with directory tables: a task that reads the stream of a stage.
	it("has data once files are registered", async () => {
		const hasData = "SELECT SYSTEM$STREAM_HAS_DATA('changes') AS has";
		expect(await account.query(hasData)).toEqual([{ HAS: false }]);
		await put("a.pdf", "x");
		await account.run("ALTER STAGE files REFRESH");
		expect(await account.query(hasData)).toEqual([{ HAS: true }]);
	});

	it("shows the stage", async () => {
		expect(await account.query("SHOW STREAMS IN SCHEMA d.s")).toMatchObject([
			{ name: "CHANGES", table_name: "D.S.FILES", source_type: "Stage", mode: "DEFAULT" },
		]);
		await account.run("ALTER STAGE files RENAME TO documents");
		expect(await account.query("SHOW STREAMS IN SCHEMA d.s")).toMatchObject([
			{ table_name: "D.S.DOCUMENTS" },
		]);
		expect(await account.query("SELECT GET_DDL('STREAM', 'changes') AS ddl")).toEqual([
			{ DDL: "create or replace stream CHANGES on stage D.S.DOCUMENTS;" },
		]);
	});

	it("is lost with the stage, and with its directory table", async () => {
		await account.run("CREATE STREAM other ON STAGE files");
		await account.run("ALTER STAGE files SET DIRECTORY = (ENABLE = FALSE)");
		expect(await refused("SELECT * FROM changes")).toMatch(/cannot read from stream/);
		await account.run("ALTER STAGE files SET DIRECTORY = (ENABLE = TRUE)");
		expect(await refused("SELECT * FROM changes")).toMatch(/stale/);
		await account.run(
			"CREATE OR REPLACE STREAM other ON STAGE files",
			"SELECT * FROM other",
			`CREATE OR REPLACE STAGE files URL = 's3://lake/${folder}/' DIRECTORY = (ENABLE = TRUE)`,
		);
		expect(await refused("SELECT * FROM other")).toMatch(/cannot read from stream/);
	});

	it.each([
		["a stage without a directory table", "ON STAGE bare", /DIRECTORY/],
		["a point in the past", "ON STAGE files AT (OFFSET => -60)", /AT is not supported/],
		["APPEND_ONLY", "ON STAGE files APPEND_ONLY = TRUE", /APPEND_ONLY/],
		["SHOW_INITIAL_ROWS", "ON STAGE files SHOW_INITIAL_ROWS = TRUE", /SHOW_INITIAL_ROWS/],
	])("is refused on %s", async (_what, clauses, message) => {
		await account.run("CREATE STAGE bare");
		expect(await refused(`CREATE STREAM bad ${clauses}`)).toMatch(message);
	});
});
