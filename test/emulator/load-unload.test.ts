import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let lake: string;

beforeAll(async () => {
	lake = await mkdtemp(join(tmpdir(), "lake-"));
	account = await startAccount({ buckets: { lake } });
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA d.s",
		"USE SCHEMA d.s",
		"CREATE STAGE lake URL = 's3://lake/'",
		"CREATE TABLE home_sales (city VARCHAR, zip VARCHAR, price INT, sale_date DATE)",
		"INSERT INTO home_sales VALUES ('Lexington, MA', '95815', 268880, '2017-03-28'), ('Belmont', '', NULL, '2017-02-21'), ('Win\"chester\"', NULL, 3, '2017-02-21')",
	);
});
afterAll(async () => {
	await account.close();
	await rm(lake, { recursive: true, force: true });
});

const text = async (name: string): Promise<string> => {
	const content = await readFile(join(lake, name));
	return (name.endsWith(".gz") ? gunzipSync(content) : content).toString("utf8");
};
const unload = (to: string, rest: string): Promise<readonly unknown[]> =>
	account.query(`COPY INTO @lake/${to} FROM (SELECT * FROM home_sales ORDER BY city) ${rest}`);

describe("CSV", () => {
	test("goes to data_0_0_0.csv.gz, escaped, with \\N for NULL", async () => {
		expect(await unload("plain/", "")).toMatchObject([{ rows_unloaded: 3 }]);
		expect(await readdir(join(lake, "plain"))).toEqual(["data_0_0_0.csv.gz"]);
		expect(await text("plain/data_0_0_0.csv.gz")).toBe(
			'Belmont,,\\N,2017-02-21\nLexington\\, MA,95815,268880,2017-03-28\nWin"chester",\\N,3,2017-02-21\n',
		);
	});

	// https://docs.snowflake.com/en/sql-reference/sql/copy-into-location: `A "B" C` becomes `A ""B"" C`
	test("encloses strings, doubles the quotes in them, and writes a header", async () => {
		await unload(
			"enclosed/d1",
			"FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE FIELD_OPTIONALLY_ENCLOSED_BY = '\"' NULL_IF = ('NULL') DATE_FORMAT = 'DD.MM.YYYY') HEADER = TRUE",
		);
		expect(await text("enclosed/d1_0_0_0.csv")).toBe(
			'"CITY","ZIP","PRICE","SALE_DATE"\n"Belmont","",NULL,21.02.2017\n"Lexington, MA","95815",268880,28.03.2017\n"Win""chester""",NULL,3,21.02.2017\n',
		);
	});

	test("SINGLE writes the path as it is", async () => {
		await unload("single/all.csv", "SINGLE = TRUE FILE_FORMAT = (COMPRESSION = NONE)");
		expect(await readdir(join(lake, "single"))).toEqual(["all.csv"]);
	});

	test("existing files are kept unless OVERWRITE says so", async () => {
		await unload("twice/", "");
		await expect(unload("twice/", "")).rejects.toThrow("Files already existing");
		await unload("twice/", "OVERWRITE = TRUE");
		expect(await readdir(join(lake, "twice"))).toHaveLength(1);
	});

	test("MAX_FILE_SIZE makes more files, told by DETAILED_OUTPUT", async () => {
		expect(await unload("sized/", "MAX_FILE_SIZE = 1 DETAILED_OUTPUT = TRUE")).toMatchObject([
			{ FILE_NAME: "s3://lake/sized/data_0_0_0.csv.gz", ROW_COUNT: 1 },
			{ ROW_COUNT: 1 },
			{ ROW_COUNT: 1 },
		]);
	});

	test("loads again as it was", async () => {
		await unload("again/", "FILE_FORMAT = (FIELD_OPTIONALLY_ENCLOSED_BY = '\"')");
		await account.run(
			"CREATE TABLE again LIKE home_sales",
			"COPY INTO again FROM @lake/again/ FILE_FORMAT = (FIELD_OPTIONALLY_ENCLOSED_BY = '\"')",
		);
		const all = (table: string) => account.query(`SELECT * FROM ${table} ORDER BY city`);
		expect(await all("again")).toEqual(await all("home_sales"));
	});
});

describe("PARTITION BY", () => {
	test("puts rows under the value of an expression, named by the query", async () => {
		await account.query(
			"COPY INTO @lake/parts/ FROM home_sales PARTITION BY ('date=' || TO_VARCHAR(sale_date, 'YYYY-MM-DD')) FILE_FORMAT = (TYPE = CSV)",
		);
		expect((await readdir(join(lake, "parts"))).sort()).toEqual([
			"date=2017-02-21",
			"date=2017-03-28",
		]);
		const [name] = await readdir(join(lake, "parts/date=2017-03-28"));
		expect(name).toMatch(/^data_[0-9a-f-]{36}_.*\.csv\.gz$/);
	});

	test.each(["OVERWRITE = TRUE", "SINGLE = TRUE", "INCLUDE_QUERY_ID = FALSE"])(
		"does not go with %s",
		async (option) => {
			await expect(
				account.query(`COPY INTO @lake/x/ FROM home_sales PARTITION BY (city) ${option}`),
			).rejects.toMatchObject({ code: "001008" });
		},
	);
});

test("JSON takes one VARIANT column", async () => {
	await account.query(
		"COPY INTO @lake/json/ FROM (SELECT OBJECT_CONSTRUCT('city', city) FROM home_sales ORDER BY city) FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE)",
	);
	expect((await text("json/data_0_0_0.json")).split("\n").slice(0, 2)).toEqual([
		'{"city":"Belmont"}',
		'{"city":"Lexington, MA"}',
	]);
	await expect(unload("json2/", "FILE_FORMAT = (TYPE = JSON)")).rejects.toThrow("one column");
});

test("PARQUET comes back by column name", async () => {
	await unload("parquet/", "FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE");
	expect(await readdir(join(lake, "parquet"))).toEqual(["data_0_0_0.snappy.parquet"]);
	await account.run(
		"CREATE TABLE columns_back (price INT, city VARCHAR)",
		"COPY INTO columns_back FROM @lake/parquet/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
	);
	expect(await account.query("SELECT * FROM columns_back ORDER BY city")).toEqual([
		{ PRICE: null, CITY: "Belmont" },
		{ PRICE: 268880, CITY: "Lexington, MA" },
		{ PRICE: 3, CITY: 'Win"chester"' },
	]);
});

test("no rows, no file", async () => {
	await account.query("COPY INTO @lake/none/ FROM (SELECT * FROM home_sales WHERE city = 'x')");
	expect(await readdir(lake)).not.toContain("none");
});
