import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;

beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s", "USE SCHEMA d.s");
});
afterAll(() => account.close());

const described = async (name: string): Promise<Record<string, unknown[]>> =>
	Object.fromEntries(
		(await account.query(`DESC FILE FORMAT ${name}`)).map((row) => [
			row.property,
			[row.property_type, row.property_value, row.property_default],
		]),
	);

describe("CREATE FILE FORMAT", () => {
	// https://docs.snowflake.com/en/sql-reference/sql/desc-file-format
	test("describes the defaults of CSV as the documentation's example does", async () => {
		const [created] = await account.query("CREATE FILE FORMAT my_csv_format TYPE = CSV");
		expect(created?.status).toBe("File format MY_CSV_FORMAT successfully created.");
		const rows = await described("my_csv_format");
		expect(rows).toMatchObject({
			TYPE: ["String", "CSV", "CSV"],
			RECORD_DELIMITER: ["String", "\\n", "\\n"],
			FIELD_DELIMITER: ["String", ",", ","],
			FILE_EXTENSION: ["String", "", ""],
			SKIP_HEADER: ["Integer", "0", "0"],
			PARSE_HEADER: ["Boolean", "false", "false"],
			ESCAPE: ["String", "NONE", "NONE"],
			ESCAPE_UNENCLOSED_FIELD: ["String", "\\\\", "\\\\"],
			NULL_IF: ["List", "[\\\\N]", "[\\\\N]"],
			ERROR_ON_COLUMN_COUNT_MISMATCH: ["Boolean", "true", "true"],
			VALIDATE_UTF8: ["Boolean", "true", "true"],
			EMPTY_FIELD_AS_NULL: ["Boolean", "true", "true"],
			ENCODING: ["String", "UTF8", "UTF8"],
		});
	});

	test("describes JSON with the types of its own options and the defaults of CSV", async () => {
		await account.run("CREATE FILE FORMAT my_json_format TYPE = 'json' STRIP_OUTER_ARRAY = TRUE");
		const rows = await described("my_json_format");
		expect(rows).toMatchObject({
			TYPE: ["String", "JSON", "CSV"],
			NULL_IF: ["List", "[]", "[\\\\N]"],
			STRIP_OUTER_ARRAY: ["Boolean", "true", "false"],
			IGNORE_UTF8_ERRORS: ["Boolean", "false", "false"],
		});
		expect(rows).not.toHaveProperty("FIELD_DELIMITER");
	});

	test("reads delimiters written as characters, hex and octal", async () => {
		await account.run(
			"CREATE FILE FORMAT delimiters FIELD_DELIMITER = '\\x7c' RECORD_DELIMITER = '0x5e' FIELD_OPTIONALLY_ENCLOSED_BY = '0x27'",
		);
		expect(await described("delimiters")).toMatchObject({
			FIELD_DELIMITER: ["String", "|", ","],
			RECORD_DELIMITER: ["String", "^", "\\n"],
			FIELD_OPTIONALLY_ENCLOSED_BY: ["String", "'", "NONE"],
		});
	});

	test.each([
		["an option of another type", "TYPE = JSON FIELD_DELIMITER = ','", "001006"],
		["a misspelt option", "SKIP_HEADERS = 1", "001006"],
		["a value of the wrong type", "SKIP_HEADER = 'one'", "001008"],
		["an unknown word", "COMPRESSION = ZIP", "001008"],
		["an unknown type", "TYPE = EXCEL", "001008"],
		["an enclosing that is no quote", "FIELD_OPTIONALLY_ENCLOSED_BY = '#'", "001008"],
		[
			"delimiters that contain each other",
			"FIELD_DELIMITER = 'aa' RECORD_DELIMITER = 'aabb'",
			"001008",
		],
		["SKIP_HEADER with PARSE_HEADER", "PARSE_HEADER = TRUE SKIP_HEADER = 1", "001008"],
	])("refuses %s", async (_what, options, code) => {
		await expect(account.query(`CREATE FILE FORMAT refused ${options}`)).rejects.toMatchObject({
			code,
		});
		expect(await account.query("SHOW FILE FORMATS LIKE 'refused' IN SCHEMA d.s")).toEqual([]);
	});

	test("names the property and the kind in its refusal", async () => {
		await expect(account.query("CREATE FILE FORMAT x SKIP_HEADERS = 1")).rejects.toThrow(
			"invalid property 'SKIP_HEADERS' for 'FILE FORMAT'",
		);
	});
});

test("SHOW FILE FORMATS gives every option as one JSON object", async () => {
	await account.run(
		"CREATE FILE FORMAT shown SKIP_HEADER = 1 NULL_IF = ('NULL', '') COMMENT = 'c'",
	);
	const [row] = await account.query("SHOW FILE FORMATS LIKE 'shown' IN SCHEMA d.s");
	expect(row).toMatchObject({
		name: "SHOWN",
		database_name: "D",
		schema_name: "S",
		type: "CSV",
		comment: "c",
		owner_role_type: "ROLE",
	});
	expect(JSON.parse(String(row?.format_options))).toMatchObject({
		TYPE: "CSV",
		RECORD_DELIMITER: "\n",
		SKIP_HEADER: 1,
		NULL_IF: ["NULL", ""],
		ESCAPE: "NONE",
		FILE_EXTENSION: null,
		TRIM_SPACE: false,
	});
});

describe("changes", () => {
	test("ALTER changes what it names and leaves the rest", async () => {
		await account.run(
			"CREATE FILE FORMAT altered SKIP_HEADER = 1 COMMENT = 'kept'",
			"ALTER FILE FORMAT altered SET FIELD_DELIMITER = '|'",
		);
		expect(await described("altered")).toMatchObject({
			FIELD_DELIMITER: ["String", "|", ","],
			SKIP_HEADER: ["Integer", "1", "0"],
		});
		await expect(account.query("ALTER FILE FORMAT altered SET TYPE = JSON")).rejects.toMatchObject({
			code: "001008",
		});
	});

	// "The absence of a property resets it"; https://docs.snowflake.com/en/sql-reference/sql/create-or-alter
	test("CREATE OR ALTER resets what it does not name, and cannot change the type", async () => {
		await account.run(
			"CREATE FILE FORMAT whole SKIP_HEADER = 1 COMMENT = 'gone'",
			"CREATE OR ALTER FILE FORMAT whole FIELD_DELIMITER = '|'",
		);
		expect(await described("whole")).toMatchObject({
			FIELD_DELIMITER: ["String", "|", ","],
			SKIP_HEADER: ["Integer", "0", "0"],
		});
		await expect(
			account.query("CREATE OR ALTER FILE FORMAT whole TYPE = JSON"),
		).rejects.toMatchObject({ code: "001008" });
	});

	test("renames, and drops", async () => {
		await account.run("CREATE FILE FORMAT old", "ALTER FILE FORMAT old RENAME TO new");
		expect(await account.query("SHOW FILE FORMATS LIKE 'old' IN SCHEMA d.s")).toEqual([]);
		await account.run("DROP FILE FORMAT new");
		await expect(account.query("DESC FILE FORMAT new")).rejects.toMatchObject({ code: "002003" });
	});
});
