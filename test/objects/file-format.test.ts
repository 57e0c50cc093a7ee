import { describe, expect, test } from "vitest";
import { objectType } from "../../src/objects/index.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const format = (options: string) => declared(`CREATE FILE FORMAT f ${options}`);

/** Every option at its default, as the page of DESCRIBE FILE FORMAT lists it for CSV, in the JSON of SHOW. */
const CSV_DEFAULTS = {
	TYPE: "CSV",
	RECORD_DELIMITER: "\n",
	FIELD_DELIMITER: ",",
	FILE_EXTENSION: null,
	SKIP_HEADER: 0,
	PARSE_HEADER: false,
	DATE_FORMAT: "AUTO",
	TIME_FORMAT: "AUTO",
	TIMESTAMP_FORMAT: "AUTO",
	BINARY_FORMAT: "HEX",
	ESCAPE: "NONE",
	ESCAPE_UNENCLOSED_FIELD: "\\",
	TRIM_SPACE: false,
	FIELD_OPTIONALLY_ENCLOSED_BY: "NONE",
	NULL_IF: ["\\N"],
	COMPRESSION: "AUTO",
	ERROR_ON_COLUMN_COUNT_MISMATCH: true,
	VALIDATE_UTF8: true,
	SKIP_BLANK_LINES: false,
	REPLACE_INVALID_CHARACTERS: false,
	EMPTY_FIELD_AS_NULL: true,
	SKIP_BYTE_ORDER_MARK: true,
	ENCODING: "UTF8",
};

const live = (type: string, options: object, comment = "") =>
	reported("FILE FORMAT", {
		name: "F",
		database_name: "MYDB",
		schema_name: "PUBLIC",
		type,
		owner: "LOADER",
		comment,
		format_options: JSON.stringify(options),
	});

describe("reading", () => {
	test("the account's defaults are what an empty statement means", () => {
		expect(differences(live("CSV", CSV_DEFAULTS), format(""))).toEqual([]);
		expect(live("CSV", CSV_DEFAULTS)).toMatchObject({
			name: ["MYDB", "PUBLIC", "F"],
			owner: "LOADER",
		});
	});

	test("JSON reports no strings for NULL although its page says \\N", () => {
		expect(differences(live("JSON", { TYPE: "JSON", NULL_IF: [] }), format("TYPE = JSON"))).toEqual(
			[],
		);
		const declaredOne = format("TYPE = JSON NULL_IF = ('\\\\N')");
		expect(differences(live("JSON", { TYPE: "JSON", NULL_IF: [] }), declaredOne)).toHaveLength(1);
	});

	test("PARQUET calls its default compression by either name", () => {
		const parquet = live("Parquet", { TYPE: "PARQUET", COMPRESSION: "SNAPPY", NULL_IF: [] });
		expect(differences(parquet, format("TYPE = PARQUET"))).toEqual([]);
	});

	test.each([
		["FIELD_DELIMITER = '|'", "FIELD_DELIMITER", "|"],
		["FIELD_DELIMITER = '0x7c'", "FIELD_DELIMITER", "|"],
		["FIELD_DELIMITER = '\\x7c'", "FIELD_DELIMITER", "|"],
		["FIELD_DELIMITER = '\\\\x7c'", "FIELD_DELIMITER", "|"],
		["FIELD_DELIMITER = '\\\\174'", "FIELD_DELIMITER", "|"],
		["FIELD_DELIMITER = '\\\\xC2\\\\xA2'", "FIELD_DELIMITER", "¢"],
		["FIELD_DELIMITER = '\\t'", "FIELD_DELIMITER", "\t"],
		["FIELD_DELIMITER = '\\\\t'", "FIELD_DELIMITER", "\t"],
		["FIELD_DELIMITER = none", "FIELD_DELIMITER", "NONE"],
		["FIELD_DELIMITER = 'NONE'", "FIELD_DELIMITER", "NONE"],
		["RECORD_DELIMITER = '\\r\\n'", "RECORD_DELIMITER", "\r\n"],
		["ESCAPE_UNENCLOSED_FIELD = '\\\\'", "ESCAPE_UNENCLOSED_FIELD", "\\"],
		["FIELD_OPTIONALLY_ENCLOSED_BY = '0x27'", "FIELD_OPTIONALLY_ENCLOSED_BY", "'"],
		["FIELD_OPTIONALLY_ENCLOSED_BY = ''''", "FIELD_OPTIONALLY_ENCLOSED_BY", "'"],
		["FIELD_OPTIONALLY_ENCLOSED_BY = ''", "FIELD_OPTIONALLY_ENCLOSED_BY", "NONE"],
		["DATE_FORMAT = 'auto'", "DATE_FORMAT", "AUTO"],
		["DATE_FORMAT = 'DD.MM.YYYY'", "DATE_FORMAT", "DD.MM.YYYY"],
		["FILE_EXTENSION = NONE", "FILE_EXTENSION", null],
		["ENCODING = 'iso-8859-1'", "ENCODING", "ISO88591"],
		["NULL_IF = ('NULL', '')", "NULL_IF", ["NULL", ""]],
		["NULL_IF = ()", "NULL_IF", []],
		["NULL_IF = 'NULL'", "NULL_IF", ["NULL"]],
	])("%s", (sql, property, value) => {
		const model = format(sql);
		expect(model.properties[property]).toEqual(value);
		expect(declared(canonical(model)).properties[property] ?? null).toEqual(value);
		expect(differences(live("CSV", { ...CSV_DEFAULTS, [property]: value }), model)).toEqual([]);
	});
});

describe("changes", () => {
	test("several options are set by one statement", () => {
		const to = format("SKIP_HEADER = 1 FIELD_DELIMITER = '\\t' COMMENT = 'tabs'");
		expect(alterations(live("CSV", CSV_DEFAULTS), to)).toEqual([
			"ALTER FILE FORMAT MYDB.PUBLIC.F SET\n  FIELD_DELIMITER = '\\t'\n  SKIP_HEADER = 1\n  COMMENT = 'tabs'",
		]);
	});

	test("an option that is gone is set to its default: there is no UNSET", () => {
		const from = live("CSV", {
			...CSV_DEFAULTS,
			ESCAPE_UNENCLOSED_FIELD: "NONE",
			FILE_EXTENSION: "txt",
			NULL_IF: ["NULL"],
		});
		expect(alterations(from, format(""))).toEqual([
			"ALTER FILE FORMAT MYDB.PUBLIC.F SET\n  FILE_EXTENSION = NONE\n  ESCAPE_UNENCLOSED_FIELD = '\\\\'\n  NULL_IF = ('\\\\N')",
		]);
		expect(alterations(live("CSV", CSV_DEFAULTS, "old"), format(""))).toEqual([
			"ALTER FILE FORMAT MYDB.PUBLIC.F SET COMMENT = ''",
		]);
	});

	test("another type makes it anew", () => {
		const changes = differences(live("CSV", CSV_DEFAULTS), format("TYPE = JSON"));
		// NULL_IF has another default for JSON, but nobody asked for it: it follows from the type.
		expect(changes).toMatchObject([{ property: "TYPE", from: "CSV", to: "JSON", how: "replace" }]);
		const asked = differences(
			live("CSV", { ...CSV_DEFAULTS, NULL_IF: ["NA"] }),
			format("TYPE = JSON"),
		);
		expect(asked.map((change) => change.property)).toEqual(["TYPE", "NULL_IF"]);
		expect(changes.map((c) => c.property)).not.toContain("ENABLE_OCTAL");
	});
});

describe("mistakes", () => {
	test.each([
		["TYPE = CVS", "CVS is not one of CSV, JSON, AVRO, ORC, PARQUET, XML (did you mean CSV?)"],
		[
			"SKIP_HEADERS = 1",
			"SKIP_HEADERS is not a property of FILE FORMAT (did you mean SKIP_HEADER?)",
		],
		[
			"TYPE = JSON SKIP_HEADER = 1",
			"SKIP_HEADER means something only where TYPE is CSV or not written",
		],
		[
			"TYPE = PARQUET COMPRESSION = GZIP",
			"FILE FORMAT MYDB.PUBLIC.F: COMPRESSION must be one that the TYPE knows (create-file-format lists them)",
		],
		[
			"PARSE_HEADER = TRUE SKIP_HEADER = 1",
			"FILE FORMAT MYDB.PUBLIC.F: PARSE_HEADER = TRUE excludes SKIP_HEADER",
		],
		[
			"FIELD_DELIMITER = 'aa' RECORD_DELIMITER = 'aabb'",
			"FILE FORMAT MYDB.PUBLIC.F: RECORD_DELIMITER and FIELD_DELIMITER must not contain one another",
		],
		[
			"TYPE = PARQUET SNAPPY_COMPRESSION = FALSE",
			"FILE FORMAT … SNAPPY_COMPRESSION: Snowflake has deprecated it; write COMPRESSION = SNAPPY, or NONE",
		],
	])("%s", (options, mistake) => {
		expect(mistakes(`CREATE FILE FORMAT f ${options}`)).toEqual([mistake]);
	});

	test("a temporary one belongs to a session", () => {
		expect(mistakes("CREATE TEMPORARY FILE FORMAT f")[0]).toMatch(/^TEMPORARY FILE FORMAT: /);
	});
});

test("every sample of an option is valid for each type that has it", () => {
	for (const { name, clause, when } of objectType("FILE FORMAT").properties) {
		if (clause.domain.type !== "samples") continue;
		for (const type of when?.in ?? []) {
			for (const sample of clause.domain.samples) {
				const sql = `TYPE = ${type ?? "CSV"} ${clause.print(sample, {})}`;
				expect(format(sql).properties[name]).toEqual(sample);
			}
		}
	}
});
