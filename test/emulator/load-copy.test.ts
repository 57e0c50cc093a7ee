import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Row, startAccount, type TestAccount } from "../support/account.ts";

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
	);
});
afterAll(async () => {
	await account.close();
	await rm(lake, { recursive: true, force: true });
});

const file = async (name: string, content: string | Buffer): Promise<void> => {
	await mkdir(dirname(join(lake, name)), { recursive: true });
	await writeFile(join(lake, name), content);
};
const rows = (table: string): Promise<readonly Row[]> =>
	account.query(`SELECT * FROM ${table} ORDER BY 1`);

test("a URL may be written without quotes; other // are comments", async () => {
	await file("url/a.csv", "1\n");
	await account.run("CREATE TABLE url (id INT)");
	const [loaded] = await account.query(
		"COPY INTO url // from where\nFROM s3://lake/url/ FILE_FORMAT = (TYPE = CSV) // s3://lake/other/",
	);
	expect(loaded).toMatchObject({ file: "s3://lake/url/a.csv", status: "LOADED" });
	await account.run("COPY INTO s3://lake/unloaded/ FROM url");
	expect(await readdir(join(lake, "unloaded"))).toHaveLength(1);
});

describe("files load once", () => {
	test("until they change or FORCE says so", async () => {
		await file("once/a.csv", "1\n");
		await account.run("CREATE TABLE once (id INT)");
		const copy = "COPY INTO once FROM @lake/once/";
		expect(await account.query(copy)).toMatchObject([
			{
				file: "s3://lake/once/a.csv",
				status: "LOADED",
				rows_parsed: 1,
				rows_loaded: 1,
				errors_seen: 0,
			},
		]);
		expect(await account.query(copy)).toEqual([
			{ status: "Copy executed with 0 files processed." },
		]);
		await file("once/a.csv", "2\n");
		await account.query(copy);
		await account.query(`${copy} FORCE = TRUE`);
		expect(await rows("once")).toEqual([{ ID: 1 }, { ID: 2 }, { ID: 2 }]);
	});

	test("a rollback forgets the load", async () => {
		await file("undone/a.csv", "1\n");
		await account.run("CREATE TABLE undone (id INT)", "BEGIN");
		await account.run("COPY INTO undone FROM @lake/undone/", "ROLLBACK");
		expect(await rows("undone")).toEqual([]);
		await account.run("COPY INTO undone FROM @lake/undone/");
		expect(await rows("undone")).toHaveLength(1);
	});

	test("a truncated table has loaded nothing", async () => {
		await file("truncated/a.csv", "1\n");
		await account.run(
			"CREATE TABLE truncated (id INT)",
			"COPY INTO truncated FROM @lake/truncated/",
			"TRUNCATE TABLE truncated",
			"COPY INTO truncated FROM @lake/truncated/",
		);
		expect(await rows("truncated")).toEqual([{ ID: 1 }]);
	});

	test("a table of the same name made anew has loaded nothing", async () => {
		await file("anew/a.csv", "1\n");
		for (let i = 0; i < 2; i++)
			await account.run("CREATE OR REPLACE TABLE anew (id INT)", "COPY INTO anew FROM @lake/anew/");
		expect(await rows("anew")).toEqual([{ ID: 1 }]);
	});
});

describe("VALIDATION_MODE loads nothing", () => {
	beforeAll(async () => {
		await file("validate/bad.csv", "1,2\nx,y\n3,z\n");
		await account.run("CREATE TABLE validated (a INT, b INT)");
	});
	const validate = (mode: string): Promise<readonly Row[]> =>
		account.query(`COPY INTO validated FROM @lake/validate/ VALIDATION_MODE = ${mode}`);

	test("RETURN_ERRORS gives every row with an error", async () => {
		expect(await validate("RETURN_ERRORS")).toMatchObject([
			{
				ERROR: "Numeric value 'x' is not recognized",
				LINE: 2,
				COLUMN_NAME: '"VALIDATED"["A":1]',
				ROW_NUMBER: 2,
			},
			{ ERROR: "Numeric value 'z' is not recognized", LINE: 3, CHARACTER: 3 },
		]);
		expect(await rows("validated")).toEqual([]);
	});

	test("RETURN_n_ROWS gives the first rows, or fails at the first error among them", async () => {
		expect(await validate("RETURN_1_ROWS")).toEqual([{ A: 1, B: 2 }]);
		await expect(validate("RETURN_2_ROWS")).rejects.toThrow("Numeric value 'x'");
	});
});

describe("ON_ERROR", () => {
	beforeAll(async () => {
		await file("errors/bad.csv", "1,a\nx,b\n3,c\n");
		await file("errors/good.csv", "4,d\n");
	});
	const copy = (option: string): Promise<readonly Row[]> =>
		account.query(`COPY INTO errors FROM @lake/errors/ ${option}`);

	test("aborts by default, naming file, line, row and column", async () => {
		await account.run("CREATE OR REPLACE TABLE errors (id INT, name VARCHAR)");
		await expect(copy("")).rejects.toThrow(
			/Numeric value 'x' is not recognized\s+File 'errors\/bad.csv', line 2, character 1\s+Row 2, column "ERRORS"\["ID":1\]/,
		);
		expect(await rows("errors")).toEqual([]);
	});

	test("CONTINUE loads the other rows", async () => {
		await account.run("CREATE OR REPLACE TABLE errors (id INT, name VARCHAR)");
		expect(await copy("ON_ERROR = CONTINUE")).toMatchObject([
			{
				status: "PARTIALLY_LOADED",
				rows_parsed: 3,
				rows_loaded: 2,
				errors_seen: 1,
				first_error: "Numeric value 'x' is not recognized",
				first_error_line: 2,
				first_error_column_name: '"ERRORS"["ID":1]',
			},
			{ status: "LOADED", rows_loaded: 1 },
		]);
		expect((await rows("errors")).map((row) => row.ID)).toEqual([1, 3, 4]);
	});

	test.each([
		["SKIP_FILE", "LOAD_FAILED"],
		["SKIP_FILE_1", "LOAD_FAILED"],
		["SKIP_FILE_2", "PARTIALLY_LOADED"],
		["'SKIP_FILE_30%'", "LOAD_FAILED"],
		["'SKIP_FILE_34%'", "PARTIALLY_LOADED"],
	])("%s makes the file %s", async (option, status) => {
		await account.run("CREATE OR REPLACE TABLE errors (id INT, name VARCHAR)");
		const [bad] = await copy(`ON_ERROR = ${option}`);
		expect(bad).toMatchObject({ status });
	});

	test("a file that failed can be loaded later", async () => {
		await account.run("CREATE OR REPLACE TABLE errors (id INT, name VARCHAR)");
		await copy("ON_ERROR = SKIP_FILE");
		expect(await copy("ON_ERROR = CONTINUE")).toMatchObject([{ file: "s3://lake/errors/bad.csv" }]);
	});

	test.each([
		[
			"a missing value where none may be",
			"id INT NOT NULL",
			"\n\n",
			"NULL result in a non-nullable column",
		],
		[
			"a text that is too long",
			"name VARCHAR(3)",
			"abcd\n",
			"User character length limit (3) exceeded by string 'abcd'",
		],
		[
			"too many fields",
			"id INT",
			"1,2\n",
			"Number of columns in file (2) does not match that of the corresponding table (1)",
		],
		["a date that is none", "day DATE", "tomorrow\n", "Date 'tomorrow' is not recognized"],
	])("finds %s", async (what, column, content, message) => {
		const path = `found/${what.replaceAll(" ", "-")}.csv`;
		await file(path, content);
		await account.run(`CREATE OR REPLACE TABLE found (${column})`);
		const [row] = await account.query(`COPY INTO found FROM @lake/${path} ON_ERROR = CONTINUE`);
		expect(String(row?.first_error)).toContain(message);
	});
});

describe("CSV", () => {
	const load = async (
		name: string,
		content: string | Buffer,
		format: string,
		columns = "a VARCHAR, b VARCHAR",
	): Promise<readonly (readonly unknown[])[]> => {
		await file(`csv/${name}`, content);
		await account.run(
			`CREATE OR REPLACE TABLE csv (${columns})`,
			`COPY INTO csv FROM @lake/csv/${name} FILE_FORMAT = (TYPE = CSV ${format})`,
		);
		return (await account.query("SELECT * FROM csv")).map((row) => Object.values(row));
	};

	test.each([
		[
			"delimiters of several characters",
			"1||x##2||y##",
			"FIELD_DELIMITER = '||' RECORD_DELIMITER = '##'",
			[
				["1", "x"],
				["2", "y"],
			],
		],
		[
			"CRLF as a new line",
			"1,x\r\n2,y\r\n",
			"",
			[
				["1", "x"],
				["2", "y"],
			],
		],
		[
			"an enclosed delimiter, quote and new line",
			'"a,b","c""d\ne"\n',
			"FIELD_OPTIONALLY_ENCLOSED_BY = '\"'",
			[["a,b", 'c"d\ne']],
		],
		[
			"an escape in enclosed fields",
			"'it\\'s',x\n",
			"FIELD_OPTIONALLY_ENCLOSED_BY = '''' ESCAPE = '\\\\'",
			[["it's", "x"]],
		],
		["an escape in plain fields", "a\\,b,c\n", "", [["a,b", "c"]]],
		["a header of two lines", "x\ny\n1,2\n", "SKIP_HEADER = 2", [["1", "2"]]],
		[
			"blank lines",
			"1,2\n\n3,4\n",
			"SKIP_BLANK_LINES = TRUE",
			[
				["1", "2"],
				["3", "4"],
			],
		],
		["\\N and empty as NULL", "\\N,\n", "", [[null, null]]],
		["its own strings as NULL", "NULL,-\n", "NULL_IF = ('NULL', '-')", [[null, null]]],
		["empty as text", ",\n", "EMPTY_FIELD_AS_NULL = FALSE", [["", ""]]],
		// https://docs.snowflake.com/en/sql-reference/sql/create-file-format: `| "Hello world" |` loads as `Hello world`
		[
			"spaces around quotes",
			'" Hello "| "Hello world" \n',
			"FIELD_DELIMITER = '|' TRIM_SPACE = TRUE FIELD_OPTIONALLY_ENCLOSED_BY = '\"'",
			[[" Hello ", "Hello world"]],
		],
		["fewer fields than columns", "1\n", "ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE", [["1", null]]],
		["Latin-1", Buffer.from("caf\xe9,x\n", "latin1"), "ENCODING = 'ISO-8859-1'", [["café", "x"]]],
		["a byte order mark", "\ufeff1,x\n", "", [["1", "x"]]],
		["gzip", gzipSync("1,x\n"), "", [["1", "x"]]],
		[
			"invalid characters",
			Buffer.from([0x61, 0xff, 0x2c, 0x78, 0x0a]),
			"REPLACE_INVALID_CHARACTERS = TRUE",
			[["a\ufffd", "x"]],
		],
	] as const)("reads %s", async (name, content, format, expected) => {
		expect(await load(name.replaceAll(/\W+/g, "-"), content, format)).toEqual(expected);
	});

	test("reads dates and times by the format's formats", async () => {
		const loaded = await load(
			"moments",
			"31/12/2024,2024-12-31 23:59:58\n",
			"DATE_FORMAT = 'DD/MM/YYYY'",
			"d DATE, t TIMESTAMP_NTZ",
		);
		expect(JSON.stringify(loaded)).toContain("2024-12-31");
	});

	test("reads binary by BINARY_FORMAT", async () => {
		await file("csv/binary.csv", "aGk=\n");
		await account.run(
			"CREATE TABLE binaries (b BINARY)",
			"COPY INTO binaries FROM @lake/csv/binary.csv FILE_FORMAT = (BINARY_FORMAT = BASE64)",
		);
		expect(await account.query("SELECT b::VARCHAR AS b FROM binaries")).toEqual([{ B: "6869" }]);
	});

	test("columns that are not loaded get their defaults", async () => {
		await file("defaults/a.csv", "1\n");
		await account.run(
			"CREATE TABLE defaults (id INT, name VARCHAR DEFAULT 'none', n INT AUTOINCREMENT START 7)",
			"COPY INTO defaults (id) FROM @lake/defaults/",
		);
		expect(await rows("defaults")).toEqual([{ ID: 1, NAME: "none", N: 7 }]);
	});
});

describe("JSON", () => {
	test("loads documents into one VARIANT column, digits kept", async () => {
		await file("json/a.json", '{"n": 12345678901234567890123, "s": "x"}\n{"n": 1.50}\n');
		await account.run(
			"CREATE TABLE docs (v VARIANT)",
			"COPY INTO docs FROM @lake/json/a.json FILE_FORMAT = (TYPE = JSON)",
		);
		expect(
			await account.query("SELECT v:n::VARCHAR AS n, v:s::VARCHAR AS s FROM docs ORDER BY s"),
		).toEqual([
			{ N: "12345678901234567890123", S: "x" },
			{ N: "1.5", S: null },
		]);
	});

	// https://docs.snowflake.com/en/sql-reference/sql/copy-into-table#loading-json-data-into-a-variant-column
	test("strips the outer array of the documentation's example", async () => {
		await file(
			"json/sales.json",
			'[{"location": {"city": "Lexington", "zip": "40503",}, "price": "75836"},\n{"location": {"city": "Belmont"}}]',
		);
		await account.run(
			"CREATE TABLE sales (src VARIANT)",
			"COPY INTO sales FROM @lake/json/sales.json FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)",
		);
		expect(
			await account.query("SELECT src:location.city::VARCHAR AS city FROM sales ORDER BY 1"),
		).toEqual([{ CITY: "Belmont" }, { CITY: "Lexington" }]);
	});

	// https://docs.snowflake.com/en/sql-reference/sql/create-file-format (STRIP_NULL_VALUES)
	test("strips null values", async () => {
		await file("json/nulls.json", '{"a":null,"b":null,"c":123}');
		await account.run(
			"CREATE TABLE nulls (v VARIANT)",
			"COPY INTO nulls FROM @lake/json/nulls.json FILE_FORMAT = (TYPE = JSON STRIP_NULL_VALUES = TRUE)",
		);
		expect(await account.query("SELECT TO_JSON(v) AS v FROM nulls")).toEqual([{ V: '{"c":123}' }]);
	});

	test("needs a transformation for more columns than one", async () => {
		await account.run("CREATE TABLE two (a VARIANT, b VARIANT)");
		await expect(
			account.query("COPY INTO two FROM @lake/json/a.json FILE_FORMAT = (TYPE = JSON)"),
		).rejects.toThrow("one and only one column");
	});

	test("matches columns by name, with metadata beside them", async () => {
		await file("json/match.json", '{"ID": 1, "Name": "x", "more": true}\n{"id": 2}\n');
		await account.run(
			"CREATE TABLE matched (id INT, name VARCHAR, source VARCHAR)",
			"COPY INTO matched FROM @lake/json/match.json FILE_FORMAT = (TYPE = JSON) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE INCLUDE_METADATA = (source = METADATA$FILENAME)",
		);
		expect(await rows("matched")).toEqual([
			{ ID: 1, NAME: "x", SOURCE: "json/match.json" },
			{ ID: 2, NAME: null, SOURCE: "json/match.json" },
		]);
	});
});

describe("transformations", () => {
	test("take fields, paths, casts and metadata", async () => {
		await file("transform/a.json", '{"id": 1, "at": {"city": "Rome"}}\n');
		await account.run(
			"CREATE TABLE transformed (id INT, city VARCHAR, name VARCHAR, n INT)",
			"COPY INTO transformed (n, id, city, name) FROM (SELECT METADATA$FILE_ROW_NUMBER, t.$1:id, UPPER($1:at.city::VARCHAR), METADATA$FILENAME FROM @lake/transform/ t) FILE_FORMAT = (TYPE = JSON)",
		);
		expect(await rows("transformed")).toEqual([
			{ ID: 1, CITY: "ROME", NAME: "transform/a.json", N: 1 },
		]);
	});

	test("keep ON_ERROR for each row", async () => {
		await file("transform/rows.csv", "1\nx\n3\n");
		await account.run("CREATE TABLE by_row (id INT)");
		const [row] = await account.query(
			"COPY INTO by_row FROM (SELECT $1::INT * 10 FROM @lake/transform/rows.csv) ON_ERROR = CONTINUE",
		);
		expect(row).toMatchObject({ rows_loaded: 2, errors_seen: 1 });
		expect(await rows("by_row")).toEqual([{ ID: 10 }, { ID: 30 }]);
	});

	test.each([
		["WHERE", "(SELECT $1 FROM @lake WHERE $1 = 1)"],
		["a join", "(SELECT $1 FROM @lake, by_row)"],
		["another number of columns", "(SELECT $1, $2 FROM @lake/transform/rows.csv)"],
	])("cannot have %s", async (_what, from) => {
		await account.run("CREATE OR REPLACE TABLE refused (id INT)");
		await expect(account.query(`COPY INTO refused FROM ${from}`)).rejects.toThrow();
	});
});

describe("choosing files", () => {
	beforeAll(async () => {
		for (const name of ["a1.csv", "a2.csv", "b1.csv"]) await file(`choose/${name}`, `${name}\n`);
	});
	const loaded = async (options: string): Promise<unknown[]> => {
		await account.run("CREATE OR REPLACE TABLE chosen (name VARCHAR)");
		await account.query(`COPY INTO chosen FROM @lake/choose/ ${options}`);
		return (await rows("chosen")).map((row) => row.NAME);
	};

	test("by FILES, PATTERN and SIZE_LIMIT", async () => {
		expect(await loaded("FILES = ('b1.csv', 'a1.csv')")).toEqual(["a1.csv", "b1.csv"]);
		expect(await loaded("PATTERN = '.*/a[0-9][.]csv'")).toEqual(["a1.csv", "a2.csv"]);
		expect(await loaded("SIZE_LIMIT = 1")).toEqual(["a1.csv"]);
	});

	test("PURGE removes what was loaded", async () => {
		await file("purge/a.csv", "1\n");
		await account.run(
			"CREATE TABLE purged (id INT)",
			"COPY INTO purged FROM @lake/purge/ PURGE = TRUE",
		);
		expect(await readdir(join(lake, "purge"))).toEqual([]);
	});

	test.each([
		["an unknown option", "FORCED = TRUE", "001006"],
		["a wrong value", "ON_ERROR = IGNORE", "001008"],
		["a file that is not there", "FILES = ('nope.csv')", "091016"],
	])("refuses %s", async (_what, option, code) => {
		await account.run("CREATE OR REPLACE TABLE chosen (name VARCHAR)");
		await expect(
			account.query(`COPY INTO chosen FROM @lake/choose/ ${option}`),
		).rejects.toMatchObject({ code });
	});

	test("refuses by name what it cannot read", async () => {
		await account.run("CREATE OR REPLACE TABLE chosen (v VARIANT)");
		await expect(
			account.query("COPY INTO chosen FROM @lake/choose/ FILE_FORMAT = (TYPE = AVRO)"),
		).rejects.toThrow("Unsupported by the local account: reading files of TYPE = AVRO");
	});
});

describe("a stage in FROM", () => {
	// https://docs.snowflake.com/en/user-guide/querying-metadata
	test("gives fields and metadata by a file format", async () => {
		await file("query/data1.csv", "a|b\nc|d\n");
		await account.run("CREATE FILE FORMAT pipes FIELD_DELIMITER = '|'");
		const query = (options: string): Promise<readonly Row[]> =>
			account.query(
				`SELECT METADATA$FILENAME AS f, METADATA$FILE_ROW_NUMBER AS n, t.$1 AS x, t.$2 AS y FROM @lake/query/ ${options} t ORDER BY n`,
			);
		expect(await query("(FILE_FORMAT => pipes)")).toEqual([
			{ F: "query/data1.csv", N: 1, X: "a", Y: "b" },
			{ F: "query/data1.csv", N: 2, X: "c", Y: "d" },
		]);
		expect((await query("")).map(({ X, Y }) => [X, Y])).toEqual([
			["a|b", null],
			["c|d", null],
		]);
	});
});

test("a stream sees what COPY added", async () => {
	await file("tracked/a.csv", "1\n");
	await account.run(
		"CREATE TABLE tracked (id INT)",
		"CREATE STREAM tracked_stream ON TABLE tracked",
		"COPY INTO tracked FROM @lake/tracked/",
	);
	expect(await account.query("SELECT id, METADATA$ACTION AS action FROM tracked_stream")).toEqual([
		{ ID: 1, ACTION: "INSERT" },
	]);
});
