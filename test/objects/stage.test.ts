import { describe, expect, test } from "vitest";
import type { Row } from "../../src/model/port.ts";
import { objectType } from "../../src/objects/index.ts";
import { mergedModel } from "../../src/plan/merged.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const stage = (clauses: string) => declared(`CREATE STAGE s ${clauses}`);
const type = objectType("STAGE");

function row(parent_property: string, property: string, property_value: string): Row {
	return {
		parent_property,
		property,
		property_type: "String",
		property_value,
		property_default: "",
	};
}

/** The rows of the example on the page of DESCRIBE STAGE, as far as they are read. */
const DEFAULT_FORMAT = [
	row("STAGE_FILE_FORMAT", "TYPE", "CSV"),
	row("STAGE_FILE_FORMAT", "RECORD_DELIMITER", "\\n"),
	row("STAGE_FILE_FORMAT", "FIELD_DELIMITER", ","),
	row("STAGE_FILE_FORMAT", "FILE_EXTENSION", ""),
	row("STAGE_FILE_FORMAT", "SKIP_HEADER", "0"),
	row("STAGE_FILE_FORMAT", "ESCAPE", "NONE"),
	row("STAGE_FILE_FORMAT", "ESCAPE_UNENCLOSED_FIELD", "\\\\"),
	row("STAGE_FILE_FORMAT", "TRIM_SPACE", "false"),
	row("STAGE_FILE_FORMAT", "FIELD_OPTIONALLY_ENCLOSED_BY", "NONE"),
	row("STAGE_FILE_FORMAT", "NULL_IF", "[\\\\N]"),
	row("STAGE_FILE_FORMAT", "COMPRESSION", "AUTO"),
	row("STAGE_FILE_FORMAT", "VALIDATE_UTF8", "true"),
	row("STAGE_FILE_FORMAT", "ENCODING", "UTF8"),
];

const OFF = [row("DIRECTORY", "ENABLE", "false"), row("DIRECTORY", "AUTO_REFRESH", "false")];

function live(show: Row, rows: readonly Row[] = [...DEFAULT_FORMAT, ...OFF]) {
	const base = {
		name: "S",
		database_name: "MYDB",
		schema_name: "PUBLIC",
		owner: "LOADER",
		comment: "",
	};
	return reported("STAGE", { ...base, ...show }, rows);
}

const INTERNAL = { type: "INTERNAL", url: "", storage_integration: null, endpoint: null };
const EXTERNAL = {
	type: "EXTERNAL",
	url: "s3://lake/in/",
	storage_integration: "LAKE",
	endpoint: null,
};
const ON_LAKE = "URL = 's3://lake/in/' STORAGE_INTEGRATION = lake";

describe("reading", () => {
	test("an internal stage with everything at its default", () => {
		expect(differences(live(INTERNAL), stage(""))).toEqual([]);
		expect(differences(live({ ...INTERNAL, type: "INTERNAL NO CSE" }), stage(""))).toMatchObject([
			{ property: "INTERNAL ENCRYPTION", from: "SNOWFLAKE_SSE", how: "replace" },
		]);
	});

	test("an external stage", () => {
		expect(differences(live(EXTERNAL), stage(ON_LAKE))).toEqual([]);
	});

	test("the stages of a session are not ours", () => {
		expect(type.read.row({ name: "S", type: "INTERNAL TEMPORARY" })).toBeUndefined();
	});

	test("a named file format is printed with escaped quotes", () => {
		const named = [
			row("STAGE_FILE_FORMAT", "FORMAT_NAME", '\\"MYDB\\".\\"PUBLIC\\".\\"My F\\"'),
			...OFF,
		];
		expect(differences(live(INTERNAL, named), stage(`FILE_FORMAT = "My F"`))).toEqual([]);
		expect(canonical(stage(`FILE_FORMAT = "My F"`))).toBe(
			`CREATE STAGE MYDB.PUBLIC.S\n  FILE_FORMAT = (FORMAT_NAME = 'MYDB.PUBLIC."My F"')`,
		);
	});

	test("the texts of DESCRIBE are escaped, its lists have no quotes", () => {
		const rows = [
			row("STAGE_FILE_FORMAT", "TYPE", "CSV"),
			row("STAGE_FILE_FORMAT", "FIELD_DELIMITER", "\\t"),
			row("STAGE_FILE_FORMAT", "ESCAPE", "\\\\"),
			row("STAGE_FILE_FORMAT", "NULL_IF", "[\\\\N, NULL]"),
			...OFF,
		];
		const to = stage(
			"FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '\\t' ESCAPE = '\\\\', NULL_IF = ('\\\\N', 'NULL'))",
		);
		expect(differences(live(INTERNAL, rows), to)).toEqual([]);
	});

	test("a directory with automatic refresh", () => {
		const rows = [
			...DEFAULT_FORMAT,
			row("DIRECTORY", "LAST_REFRESHED_ON", "2023-05-03 12:50:28.000 -0700"),
			row("DIRECTORY", "ENABLE", "true"),
			row("DIRECTORY", "AUTO_REFRESH", "true"),
		];
		const to = stage(
			`${ON_LAKE} DIRECTORY = (ENABLE = TRUE AUTO_REFRESH = TRUE REFRESH_ON_CREATE = FALSE)`,
		);
		expect(differences(live(EXTERNAL, rows), to)).toEqual([]);
	});
});

describe("changes in place", () => {
	test("URL, integration and the rest in one statement", () => {
		const to = stage(
			"URL = 's3://lake/new/' STORAGE_INTEGRATION = other FILE_FORMAT = (TYPE = JSON) COMMENT = 'c'",
		);
		expect(alterations(live(EXTERNAL), to)).toEqual([
			`ALTER STAGE MYDB.PUBLIC.S SET
  URL = 's3://lake/new/'
  STORAGE_INTEGRATION = OTHER
  FILE_FORMAT = (TYPE = JSON)
  COMMENT = 'c'`,
		]);
		expect(differences(live(EXTERNAL), to).flatMap((c) => c.emits)).toEqual([
			"relocated",
			"relocated",
		]);
	});

	test("the URL of an S3 stage is repeated, other clouds' need not be", () => {
		const other = stage("URL = 's3://lake/in/' STORAGE_INTEGRATION = other");
		expect(alterations(live(EXTERNAL), other)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET\n  URL = 's3://lake/in/'\n  STORAGE_INTEGRATION = OTHER",
		]);
		const google = { ...EXTERNAL, url: "gcs://lake/in/" };
		const to = stage("URL = 'gcs://lake/in/' STORAGE_INTEGRATION = other");
		expect(alterations(live(google), to)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET STORAGE_INTEGRATION = OTHER",
		]);
	});

	test("a new key stands alone, is a marker, and tells nobody", () => {
		const to = stage(
			"URL = 's3://lake/in/' CREDENTIALS = (AWS_KEY_ID = 'k' AWS_SECRET_KEY = <secret LAKE_KEY>)",
		);
		const from = live({ ...EXTERNAL, storage_integration: null });
		expect(alterations(from, to)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET CREDENTIALS = (AWS_KEY_ID = 'k' AWS_SECRET_KEY = <secret LAKE_KEY>)",
		]);
		expect(differences(from, to).flatMap((c) => c.emits)).toEqual([]);
	});

	test("encryption", () => {
		const to = stage(`${ON_LAKE} ENCRYPTION = (TYPE = 'AWS_SSE_S3')`);
		expect(alterations(live(EXTERNAL), to)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET\n  URL = 's3://lake/in/'\n  ENCRYPTION = (TYPE = 'AWS_SSE_S3')",
		]);
	});

	test("format options that are gone are written as their defaults", () => {
		const rows = [
			row("STAGE_FILE_FORMAT", "TYPE", "CSV"),
			row("STAGE_FILE_FORMAT", "SKIP_HEADER", "1"),
			...OFF,
		];
		const to = stage("FILE_FORMAT = (FIELD_DELIMITER = '|')");
		expect(alterations(live(INTERNAL, rows), to)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|' SKIP_HEADER = 0)",
		]);
		expect(alterations(live({ ...INTERNAL, comment: "old" }), stage(""))).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET COMMENT = ''",
		]);
	});

	test("the directory has a statement of its own", () => {
		expect(alterations(live(EXTERNAL), stage(`${ON_LAKE} DIRECTORY = (ENABLE = TRUE)`))).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET DIRECTORY = (ENABLE = TRUE)",
		]);
		const on = [...DEFAULT_FORMAT, row("DIRECTORY", "ENABLE", "true")];
		const changes = differences(live(EXTERNAL, on), stage(ON_LAKE));
		expect(changes).toMatchObject([
			{ property: "DIRECTORY ENABLE", how: "alter", hazards: [{ code: "DIRECTORY_RESET" }] },
		]);
	});

	test("linking again", () => {
		const object = stage(`${ON_LAKE} FILE_FORMAT = f`);
		expect(type.relink?.(object)).toEqual([
			"ALTER STAGE MYDB.PUBLIC.S SET URL = 's3://lake/in/' STORAGE_INTEGRATION = LAKE",
			"ALTER STAGE MYDB.PUBLIC.S SET FILE_FORMAT = (FORMAT_NAME = 'MYDB.PUBLIC.F')",
		]);
	});
});

describe("changes that make it anew", () => {
	const compatible = "URL = 's3compat://lake/in/' ENDPOINT = 'a.example.com'";
	test.each([
		["internal to external", live(INTERNAL), stage(ON_LAKE), "URL", ["DATA_LOSS"]],
		["external to internal", live(EXTERNAL), stage(""), "URL", []],
		[
			"another cloud",
			live(EXTERNAL),
			stage("URL = 'gcs://lake/in/' STORAGE_INTEGRATION = lake"),
			"URL",
			[],
		],
		[
			"integration to none",
			live(EXTERNAL),
			stage("URL = 's3://lake/in/'"),
			"STORAGE_INTEGRATION",
			[],
		],
		[
			"internal encryption",
			live(INTERNAL),
			stage("ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')"),
			"INTERNAL ENCRYPTION",
			["DATA_LOSS"],
		],
		[
			"endpoint",
			live({ type: "EXTERNAL", url: "s3compat://lake/in/", endpoint: "b.example.com" }),
			stage(compatible),
			"ENDPOINT",
			[],
		],
		[
			"automatic refresh",
			live(EXTERNAL, [...DEFAULT_FORMAT, row("DIRECTORY", "ENABLE", "true")]),
			stage(`${ON_LAKE} DIRECTORY = (ENABLE = TRUE AUTO_REFRESH = TRUE)`),
			"DIRECTORY AUTO_REFRESH",
			["DIRECTORY_RESET"],
		],
	])("%s", (_name, from, to, property, hazards) => {
		const replacing = differences(from, to).filter((c) => c.how === "replace");
		expect(replacing.map((c) => c.property)).toContain(property);
		expect(type.replaceHazards(from, to).map((h) => h.code)).toEqual(hazards);
	});
});

test("what is known of old credentials never gets into a new stage", () => {
	const from = live(EXTERNAL);
	const known = { ...from, properties: { ...from.properties, CREDENTIALS: "scrypt:…" } };
	expect(canonical(mergedModel(known, stage(ON_LAKE)))).not.toContain("CREDENTIALS");
});

describe("mistakes", () => {
	test.each([
		["URL = 's3a://lake/in/'", /^'s3a:\/\/lake\/in\/' is not the URL of a stage/],
		["STORAGE_INTEGRATION = lake", /STORAGE_INTEGRATION needs a URL/],
		[
			`${ON_LAKE} CREDENTIALS = (AWS_ROLE = 'r')`,
			/STORAGE_INTEGRATION and CREDENTIALS exclude each other/,
		],
		["URL = 's3://b/' CREDENTIALS = (AWS_KEY_ID = 'k')", /^CREDENTIALS are AWS_KEY_ID and/],
		[
			"URL = 's3://b/' CREDENTIALS = (AWS_KEYID = 'k')",
			/AWS_KEYID is not one of .*did you mean AWS_KEY_ID/,
		],
		["URL = 's3://b/' CREDENTIALS = (AZURE_SAS_TOKEN = 'k')", /CREDENTIALS must be those of/],
		["URL = 'gcs://b/' ENCRYPTION = (TYPE = 'AWS_SSE_S3')", /ENCRYPTION must be one that/],
		["URL = 's3://b/' ENCRYPTION = (TYPE = 'AWS_CSE')", /TYPE = 'AWS_CSE' needs MASTER_KEY/],
		[
			"URL = 's3://b/' ENCRYPTION = (TYPE = 'NONE' KMS_KEY_ID = 'k')",
			/KMS_KEY_ID does not go with/,
		],
		[
			"URL = 's3://b/' ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')",
			/INTERNAL ENCRYPTION means something only/,
		],
		["URL = 's3compat://b/'", /needs ENDPOINT/],
		["USE_PRIVATELINK_ENDPOINT = FALSE", /USE_PRIVATELINK_ENDPOINT needs a URL/],
		["FILE_FORMAT = (TYPE = JSON SKIP_HEADER = 1)", /SKIP_HEADER is not an option of TYPE = JSON/],
		["FILE_FORMAT = (FORMAT_NAME = 'f' TYPE = CSV)", /FORMAT_NAME and other options exclude/],
		["FILE_FORMAT = (TYPE = CSV SKIP_HEADR = 1)", /did you mean SKIP_HEADER/],
		["DIRECTORY = (ENABLE = TRUE ENABLE = FALSE)", /ENABLE is written twice/],
		["DIRECTORY = (ENABLE = TRUE REFRESH_ON_CREATE = TRUE)", /REFRESH_ON_CREATE needs a URL/],
		["COPY_OPTIONS = (ON_ERROR = 'skip_file')", /COPY_OPTIONS: Snowflake advises against/],
		["WITH TAG (t = 'v')", /TAG: /],
		["CLONE other", /CLONE: cloning belongs in a migration/],
	])("%s", (clauses, mistake) => {
		const found = mistakes(`CREATE STAGE s ${clauses}`);
		expect(found).toHaveLength(1);
		expect(found[0]).toMatch(mistake);
	});
});
