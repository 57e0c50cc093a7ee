import { describe, expect, test } from "vitest";
import type { Row } from "../../src/model/port.ts";
import { printCreate, sqlOf } from "../../src/objects/define/print.ts";
import { objectType } from "../../src/objects/index.ts";
import { selectsStar } from "../../src/objects/view/query.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const type = objectType("VIEW");

const TEXT = `create or replace secure view myview (id, note comment 'old')
  with tag (a = 'b, as c')
  comment = 'it''s as it was' -- as
as
select id, note from mytable;`;

const ROW: Row = {
	created_on: "2026-11-20 10:00:00.000 +0000",
	name: "MYVIEW",
	reserved: "",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	owner: "DEPLOYER",
	comment: "now",
	text: TEXT,
	is_secure: "true",
	is_materialized: "false",
	owner_role_type: "ROLE",
	change_tracking: "OFF",
};

/** Rows of DESC VIEW. */
const described = (...columns: readonly (readonly [string, string | null])[]): readonly Row[] =>
	columns.map(([name, comment]) => ({ name, type: "NUMBER(38,0)", comment }));

const live = (row: Row = {}, columns = described(["ID", null], ["NOTE", "new"])) =>
	reported("VIEW", { ...ROW, ...row }, [], columns);
const plain = (clauses: string, query = "SELECT id, note FROM mytable") =>
	declared(`CREATE VIEW myview ${clauses} AS ${query}`);

describe("reading", () => {
	test("the query is what follows the first AS outside of parentheses", () => {
		expect(live().properties).toEqual({
			SECURE: true,
			RECURSIVE: false,
			COLUMN: [
				{ name: "ID", comment: null, masking: null },
				{ name: "NOTE", comment: "new", masking: null },
			],
			CHANGE_TRACKING: false,
			COMMENT: "now",
			AS: "select id, note from mytable",
		});
	});

	test("columns that have comments without a list are told all the same", () => {
		const text = "CREATE VIEW myview AS SELECT id, note FROM mytable";
		expect(live({ text }, described(["ID", null], ["NOTE", null])).properties.COLUMN).toBeNull();
		expect(live({ text }).properties.COLUMN).toHaveLength(2);
	});

	test("the text that SHOW keeps to a secure view's owner comes from the Information Schema", () => {
		const of = (VIEW_DEFINITION: string | null) =>
			reported(
				"VIEW",
				{ ...ROW, text: "" },
				[
					{ TABLE_SCHEMA: "OTHER", TABLE_NAME: "MYVIEW", VIEW_DEFINITION: "SELECT 1" },
					{ TABLE_SCHEMA: "PUBLIC", TABLE_NAME: "MYVIEW", VIEW_DEFINITION },
				],
				described(["ID", null]),
			).properties;
		expect(of(TEXT).AS).toBe("select id, note from mytable");
		expect(of("SELECT id FROM mytable").AS).toBe("SELECT id FROM mytable");
		expect("AS" in of(null)).toBe(false);
		const unreadable = reported("VIEW", { ...ROW, text: "", comment: "" }, [], []);
		expect(differences(unreadable, declared("CREATE SECURE VIEW myview AS SELECT 1 AS x"))).toEqual(
			[],
		);
	});

	test("materialized views and those of INFORMATION_SCHEMA are not ours", () => {
		expect(type.read.row({ ...ROW, is_materialized: "true" })).toBeUndefined();
		expect(type.read.row({ ...ROW, schema_name: "INFORMATION_SCHEMA" })).toBeUndefined();
	});
});

describe("changing", () => {
	test("properties are altered one by one", () => {
		const to = declared(
			"CREATE VIEW myview (id, note COMMENT 'it''s') CHANGE_TRACKING = TRUE AS SELECT id, note FROM mytable",
		);
		expect(alterations(live(), to)).toEqual([
			"ALTER VIEW MYDB.PUBLIC.MYVIEW UNSET SECURE",
			"COMMENT ON COLUMN MYDB.PUBLIC.MYVIEW.NOTE IS 'it''s'",
			"ALTER VIEW MYDB.PUBLIC.MYVIEW SET CHANGE_TRACKING = TRUE",
			"ALTER VIEW MYDB.PUBLIC.MYVIEW UNSET COMMENT",
		]);
	});

	test("layout and comments of the query are no difference", () => {
		const to = declared(
			"CREATE SECURE VIEW myview (id, note COMMENT 'new') COMMENT = 'now' AS SELECT ID , -- the id\n note FROM MYTABLE",
		);
		expect(differences(live(), to)).toEqual([]);
	});

	test.each([
		["the query", "(id, note)", "SELECT id, 'none' FROM mytable", "AS"],
		["names of columns", "(id, remark)", "SELECT id, note FROM mytable", "COLUMN"],
		["the list itself", "", "SELECT id, note FROM mytable", "COLUMN"],
	])(
		"another view is needed for %s, and those that select from it hear of it",
		(_what, list, sql, part) => {
			const found = differences(live({ is_secure: "false", comment: "" }), plain(list, sql)).filter(
				(c) => c.how === "replace",
			);
			expect(found.map((c) => [c.property, c.emits])).toEqual([[part, ["shapeChanged"]]]);
		},
	);

	test("change tracking that a stream turned on is nobody's difference", () => {
		expect(
			differences(
				live({ change_tracking: "ON", is_secure: "false", comment: "" }),
				plain("(id, note COMMENT 'new')"),
			),
		).toEqual([]);
	});

	test("a replacement keeps grants and tags", () => {
		expect(
			sqlOf(
				printCreate(
					type,
					declared("CREATE SECURE VIEW myview (id COMMENT 'x') COMMENT = 'c' AS SELECT id FROM t"),
					{ replace: true },
				),
			),
		).toBe(
			"CREATE OR REPLACE SECURE VIEW MYDB.PUBLIC.MYVIEW (\n  ID COMMENT 'x'\n)\n  COMMENT = 'c'\n  COPY GRANTS\n  COPY TAGS\nAS\nSELECT id FROM t",
		);
	});
});

test("policies of columns change over in one statement, and a view without them loses its protection", () => {
	const rows = described(["ID", null], ["NOTE", "new"]).map((row) => ({
		...row,
		"policy name": row.name === "NOTE" ? "MYDB.PUBLIC.P" : null,
	}));
	const to = (list: string) =>
		declared(`CREATE SECURE VIEW myview ${list} COMMENT = 'now' AS SELECT id, note FROM mytable`);
	const object = "ALTER VIEW MYDB.PUBLIC.MYVIEW MODIFY COLUMN";
	expect(
		alterations(
			live({}, rows),
			to("(id MASKING POLICY p USING (id, note), note MASKING POLICY q COMMENT 'new')"),
		),
	).toEqual([
		`${object} ID SET MASKING POLICY MYDB.PUBLIC.P USING (ID, NOTE)`,
		`${object} NOTE SET MASKING POLICY MYDB.PUBLIC.Q FORCE`,
	]);
	const bare = to("(id, note COMMENT 'new')");
	expect(alterations(live({}, rows), bare)).toEqual([`${object} NOTE UNSET MASKING POLICY`]);
	expect(differences(live({}, rows), bare).flatMap((c) => c.hazards.map((h) => h.code))).toEqual([
		"PROTECTION_LOST",
	]);
	expect(type.replaceHazards(live({}, rows), bare).map((h) => h.code)).toContain("PROTECTION_LOST");
});

describe("hazards", () => {
	test("a view that is no longer secure tells what it hid", () => {
		const codes = differences(live(), plain("")).flatMap((c) => c.hazards.map((h) => h.code));
		expect(codes).toContain("PROTECTION_LOST");
	});

	test("turning change tracking off takes it from the tables too", () => {
		const from = live({ change_tracking: "ON" });
		const codes = differences(from, plain("CHANGE_TRACKING = FALSE")).flatMap((c) =>
			c.hazards.map((h) => h.code),
		);
		expect(codes).toContain("STREAM_STALE");
		expect(type.dropHazards(from).map((h) => h.code)).toEqual(["OBJECT_DROPPED", "STREAM_STALE"]);
	});
});

test.each([
	["SELECT * FROM t", true],
	["SELECT DISTINCT * FROM t", true],
	["SELECT TOP 5 * FROM t", true],
	["SELECT a, t.* FROM t", true],
	["SELECT a, * EXCLUDE b FROM t", true],
	["WITH x AS (SELECT * FROM t) SELECT a FROM x", true],
	["SELECT count(*) FROM t", false],
	["SELECT a * b, 2 * 3 FROM t", false],
	["SELECT '*', \"*\" FROM t -- *", false],
])("%s selects *: %s", (sql, expected) => {
	expect(selectsStar(sql)).toBe(expected);
});

test("every spelling of the clauses", () => {
	expect(
		canonical(plain("(\"a b\" COMMENT 'x', b) COPY GRANTS COMMENT = 'c' CHANGE_TRACKING = TRUE")),
	).toBe(
		"CREATE VIEW MYDB.PUBLIC.MYVIEW (\n  \"a b\" COMMENT 'x',\n  B\n)\n  CHANGE_TRACKING = TRUE\n  COMMENT = 'c'\nAS\nSELECT id, note FROM mytable",
	);
});

describe("refusing", () => {
	test.each([
		["CREATE TEMPORARY VIEW v AS SELECT 1 AS x", "TEMPORARY"],
		["CREATE MATERIALIZED VIEW v AS SELECT 1 AS x", "MATERIALIZED"],
		["CREATE VIEW v WITH ROW ACCESS POLICY p ON (x) AS SELECT 1 AS x", "ROW ACCESS POLICY"],
		["CREATE VIEW v WITH TAG (a = 'b') AS SELECT 1 AS x", "TAG"],
		["CREATE VIEW v (x PROJECTION POLICY p) AS SELECT 1 AS x", "PROJECTION POLICY"],
		["CREATE VIEW v (x, y, x) AS SELECT 1, 2, 3", "X is listed twice"],
		["CREATE RECURSIVE VIEW v AS SELECT 1 AS x", "RECURSIVE needs a list"],
		["CREATE VIEW v CHANGE_TRACKNG = TRUE AS SELECT 1 AS x", "CHANGE_TRACKING"],
		["CREATE VIEW v COMMENT = 'x'", "needs AS"],
	])("%s", (sql, words) => {
		expect(mistakes(sql).join("\n")).toContain(words);
	});
});
