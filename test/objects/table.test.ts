import { describe, expect, test } from "vitest";
import { DeployError } from "../../src/diagnostics/diagnostic.ts";
import { textSource } from "../../src/diagnostics/source.ts";
import type { ObjectModel } from "../../src/model/catalog.ts";
import type { Row } from "../../src/model/port.ts";
import { printCreate, sqlOf } from "../../src/objects/define/print.ts";
import { objectType } from "../../src/objects/index.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const type = objectType("TABLE");
const table = (columns: string, options = "") =>
	declared(`CREATE TABLE t (\n${columns}\n) ${options}`);

/** A table as the account has it: what was declared, with runtime state. */
function live(columns: string, options = "", rows = 3): ObjectModel {
	const object = table(columns, options);
	const { properties } = object;
	return { ...object, properties: { CHANGE_TRACKING: false, ...properties }, runtime: { rows } };
}

/** Each difference as `name: how [hazards]`. */
function summary(from: ObjectModel, to: ObjectModel): readonly string[] {
	return differences(from, to).map((c) => {
		const codes = c.hazards.map((h) => h.code).join(" ");
		return `${c.property}: ${c.how}${codes ? ` [${codes}]` : ""}`;
	});
}

/* SHOW TABLES and DESC TABLE as the documentation prints them. */
const SHOWN: Row = {
	created_on: "2023-10-19 10:37:04.858 -0700",
	name: "T",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	kind: "TABLE",
	comment: "",
	cluster_by: "",
	rows: "0",
	bytes: "0",
	owner: "PUBLIC",
	retention_time: "1",
	change_tracking: "OFF",
	is_external: "N",
	enable_schema_evolution: "N",
	owner_role_type: "ROLE",
	is_event: "N",
	is_hybrid: "N",
	is_iceberg: "N",
};

function described(name: string, typeText: string, more: Row = {}): Row {
	return {
		name,
		type: typeText,
		kind: "COLUMN",
		"null?": "Y",
		default: null,
		"primary key": "N",
		"unique key": "N",
		check: null,
		expression: null,
		comment: null,
		"policy name": null,
		...more,
	};
}

const parameter = (key: string, value: string, level: string): Row => ({
	key,
	value,
	default: "1",
	level,
	description: "",
	type: "NUMBER",
});

describe("reading", () => {
	test("the example of alter-table-column", () => {
		const account = reported("TABLE", SHOWN, [
			described("C1", "NUMBER(38,0)", { "null?": "N" }),
			described("C2", "NUMBER(38,0)", { default: "3" }),
			described("C3", "NUMBER(38,0)", { default: "MYDB.PUBLIC.SEQ1.NEXTVAL" }),
			described("C4", "VARCHAR(20)", { default: "'abcde'" }),
			described("C5", "VARCHAR(16777216)"),
		]);
		const files = table(
			"c1 NUMBER NOT NULL, c2 NUMBER DEFAULT 3, c3 NUMBER DEFAULT seq1.nextval, c4 VARCHAR(20) DEFAULT 'abcde', c5 STRING",
		);
		expect(differences(account, files)).toEqual([]);
		expect(differences(files, account)).toEqual([]);
	});

	test("collation, identity, virtual columns, comments", () => {
		const account = reported("TABLE", SHOWN, [
			described("A", "VARCHAR(16777216) COLLATE 'en_us'"),
			described("B", "NUMBER(38,0)", { default: "IDENTITY START 5 INCREMENT 2 NOORDER" }),
			described("I", "NUMBER(38,0)"),
			described("J", "NUMBER(38,0)", { kind: "VIRTUAL", expression: "I * I", comment: "squared" }),
		]);
		const files = table(
			"a VARCHAR COLLATE 'en_US', b INT AUTOINCREMENT (5, 2), i INT, j INT AS ((i*i)) COMMENT 'squared'",
		);
		expect(differences(account, files)).toEqual([]);
		const ordered = table(
			"a VARCHAR, b INT IDENTITY START 5 INCREMENT 2 ORDER, i INT, j INT AS (i * i) COMMENT 'squared'",
		);
		expect(summary(account, ordered)).toEqual(["COLUMN B: IDENTITY: rebuild"]);
	});

	test.each([
		["CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP()", "TIMESTAMP_NTZ(9)"],
		["current_date", "CURRENT_DATE()", "DATE"],
		["12345::VARCHAR", "CAST(12345 AS VARCHAR(134217728))", "DATE"],
		["'a'::VARCHAR", "'a'", "VARCHAR(16777216)"],
		["(0)", "0", "NUMBER(38,0)"],
		["NULL", null, "DATE"],
		["'it''s'", "'it\\'s'", "VARCHAR(16777216)"],
		["true", "TRUE", "BOOLEAN"],
	])("DEFAULT %s is reported as %s", (written, cell, columnType) => {
		const account = reported("TABLE", SHOWN, [described("A", columnType, { default: cell })]);
		expect(differences(account, table(`a ${columnType} DEFAULT ${written}`))).toEqual([]);
	});

	test("DEFAULT 'x' is not DEFAULT 'X'", () => {
		const account = reported("TABLE", SHOWN, [described("A", "VARCHAR(5)", { default: "'x'" })]);
		expect(summary(account, table("a VARCHAR(5) DEFAULT 'X'"))).toEqual([
			"COLUMN A: DEFAULT: substitute",
		]);
	});

	test("parameters count only where the table sets them", () => {
		const parameters = [
			parameter("DATA_RETENTION_TIME_IN_DAYS", "7", "TABLE"),
			parameter("MAX_DATA_EXTENSION_TIME_IN_DAYS", "20", "DATABASE"),
			parameter("DEFAULT_DDL_COLLATION", "de", "TABLE"),
		];
		const account = reported("TABLE", SHOWN, [described("A", "DATE")], parameters);
		expect(account.properties).toMatchObject({
			DATA_RETENTION_TIME_IN_DAYS: 7,
			MAX_DATA_EXTENSION_TIME_IN_DAYS: null,
			DEFAULT_DDL_COLLATION: "de",
		});
	});

	test("keys, by table and in the order of their columns; made-up names are none", () => {
		const key = (
			table_name: string,
			column_name: string,
			key_sequence: string,
			name: string,
		): Row => ({
			database_name: "MYDB",
			schema_name: "PUBLIC",
			table_name,
			column_name,
			key_sequence,
			constraint_name: name,
			rely: "false",
			comment: null,
		});
		const foreign = (
			fk_column_name: string,
			pk_column_name: string,
			key_sequence: string,
		): Row => ({
			pk_database_name: "MYDB",
			pk_schema_name: "PUBLIC",
			pk_table_name: "PARENT",
			pk_column_name,
			fk_database_name: "MYDB",
			fk_schema_name: "PUBLIC",
			fk_table_name: "T",
			fk_column_name,
			key_sequence,
			update_rule: "NO ACTION",
			delete_rule: "CASCADE",
			fk_name: "FK_1",
			rely: "true",
			comment: null,
		});
		const account = reported(
			"TABLE",
			SHOWN,
			[described("A", "DATE", { "null?": "N" }), described("B", "DATE", { "null?": "N" })],
			[],
			[key("T", "B", "2", "PK"), key("T", "A", "1", "PK"), key("OTHER", "A", "1", "PK")],
			[key("T", "B", "1", "SYS_CONSTRAINT_da2e8533-5501-4862-ae42-0a7798d578eb")],
			[foreign("B", "Y", "2"), foreign("A", "X", "1")],
			[
				{
					CONSTRAINT_CATALOG: "MYDB",
					CONSTRAINT_SCHEMA: "PUBLIC",
					CONSTRAINT_TABLE: "T",
					CONSTRAINT_NAME: "SYS_CONSTRAINT_1",
					CHECK_CLAUSE: "A < B",
				},
			],
		);
		const files = table(
			"a DATE, b DATE UNIQUE, CONSTRAINT pk PRIMARY KEY (a, b), CHECK (a<b), CONSTRAINT fk_1 FOREIGN KEY (a, b) REFERENCES parent ON DELETE CASCADE RELY",
		);
		expect(differences(account, files)).toEqual([]);
		expect(sqlOf(printCreate(type, account))).not.toContain("SYS_CONSTRAINT");
	});

	test.each([
		["(ID,DATE)", "id, date"],
		["LINEAR(ID, DATE)", "ID,DATE"],
		["LINEAR(TO_DATE(AT), ID)", "to_date( at ), id"],
	])("cluster_by %s", (cluster_by, written) => {
		const account = reported("TABLE", { ...SHOWN, cluster_by }, [
			described("ID", "DATE"),
			described("DATE", "DATE"),
			described("AT", "DATE"),
		]);
		expect(
			differences(account, table("id DATE, date DATE, at DATE", `CLUSTER BY (${written})`)),
		).toEqual([]);
	});

	test.each([
		{ kind: "TEMPORARY" },
		{ is_external: "Y" },
		{ is_event: "Y" },
		{ is_hybrid: "Y" },
		{ is_iceberg: "Y" },
		{ is_dynamic: "Y" },
	])("%o is not a table", (cell) => {
		expect(type.read.row({ ...SHOWN, ...cell })).toBeUndefined();
	});

	test("transient, schema evolution, change tracking, masked columns", () => {
		const row = {
			...SHOWN,
			kind: "TRANSIENT",
			enable_schema_evolution: "Y",
			change_tracking: "ON",
		};
		const account = reported("TABLE", row, [described("A", "DATE", { "policy name": "DB.S.P" })]);
		expect(account.properties).toMatchObject({
			TRANSIENT: true,
			ENABLE_SCHEMA_EVOLUTION: true,
			CHANGE_TRACKING: true,
		});
		const to = table("a DATE MASKING POLICY db.s.p", "ENABLE_SCHEMA_EVOLUTION = TRUE");
		expect(differences(account, to).map((c) => c.property)).toEqual(["TRANSIENT"]);
	});
});

describe("columns", () => {
	const FROM = `c1 NUMBER NOT NULL, c2 NUMBER DEFAULT 3, c3 NUMBER DEFAULT seq1.nextval,
		c4 VARCHAR(20) DEFAULT 'abcde', c5 STRING`;

	test("the example of alter-table-column is one statement", () => {
		const to = table(
			"c1 NUMBER, c2 NUMBER, c3 NUMBER DEFAULT seq5.nextval, c4 VARCHAR(50), c5 STRING COMMENT '50 character column'",
		);
		expect(alterations(live(FROM), to)).toEqual([
			`ALTER TABLE MYDB.PUBLIC.T ALTER (
  COLUMN C1 DROP NOT NULL,
  COLUMN C2 DROP DEFAULT,
  COLUMN C3 SET DEFAULT MYDB.PUBLIC.SEQ5.NEXTVAL,
  COLUMN C4 SET DATA TYPE VARCHAR(50),
  COLUMN C4 DROP DEFAULT,
  COLUMN C5 COMMENT '50 character column'
)`,
		]);
	});

	test("one action needs no parentheses", () => {
		const to = table("a DATE NOT NULL");
		expect(alterations(live("a DATE"), to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T ALTER COLUMN A SET NOT NULL",
		]);
		expect(alterations(live("a DATE COMMENT 'x'"), table("a DATE"))).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T ALTER COLUMN A UNSET COMMENT",
		]);
	});

	test("several columns are added in one statement, dropped in one statement", () => {
		const to = table("a DATE, d NUMBER(5,2) DEFAULT 0 NOT NULL, e VARCHAR(3) COMMENT 'it''s'");
		expect(alterations(live('a DATE, "b b" DATE, c DATE'), to)).toEqual([
			`ALTER TABLE MYDB.PUBLIC.T ADD COLUMN
  D NUMBER(5,2) NOT NULL DEFAULT 0,
  E VARCHAR(3) COMMENT 'it''s'`,
			'ALTER TABLE MYDB.PUBLIC.T DROP COLUMN "b b", C',
		]);
	});

	/* The table of alter-table-column, and the notes of alter-table on ADD COLUMN. */
	test.each([
		["a VARCHAR(5)", "a VARCHAR(9)", "COLUMN A: TYPE: alter"],
		["a VARCHAR(9)", "a VARCHAR(5)", "COLUMN A: TYPE: substitute"],
		["a NUMBER(10,2)", "a NUMBER(12,2)", "COLUMN A: TYPE: alter"],
		["a NUMBER(12,2)", "a NUMBER(10,2)", "COLUMN A: TYPE: alter [NARROWING]"],
		["a NUMBER(12,2)", "a NUMBER(12,4)", "COLUMN A: TYPE: substitute"],
		["a NUMBER(12,4)", "a NUMBER(12,2)", "COLUMN A: TYPE: substitute [NARROWING]"],
		["a FLOAT", "a NUMBER(38,2)", "COLUMN A: TYPE: substitute [NARROWING]"],
		["a TIMESTAMP_NTZ", "a DATE", "COLUMN A: TYPE: substitute [NARROWING]"],
		["a STRING", "a NUMBER", "COLUMN A: TYPE: substitute"],
		["a BINARY(5)", "a BINARY(9)", "COLUMN A: TYPE: substitute"],
		["a DATE", "a DATE NOT NULL", "COLUMN A: NULLABLE: alter [NARROWING]"],
		["a DATE NOT NULL", "a DATE", "COLUMN A: NULLABLE: alter"],
		["a NUMBER DEFAULT 1", "a NUMBER", "COLUMN A: DEFAULT: alter"],
		["a NUMBER DEFAULT 1", "a NUMBER DEFAULT 2", "COLUMN A: DEFAULT: substitute"],
		["a NUMBER", "a NUMBER DEFAULT 2", "COLUMN A: DEFAULT: substitute"],
		["a NUMBER", "a NUMBER DEFAULT s.nextval", "COLUMN A: DEFAULT: rebuild"],
		["a NUMBER DEFAULT s.nextval", "a NUMBER DEFAULT r.nextval", "COLUMN A: DEFAULT: alter"],
		["a NUMBER", "a NUMBER AUTOINCREMENT", "COLUMN A: IDENTITY: rebuild"],
		["a NUMBER IDENTITY", "a NUMBER", "COLUMN A: IDENTITY: substitute"],
		["a NUMBER IDENTITY", "a NUMBER IDENTITY (1, 2)", "COLUMN A: IDENTITY: rebuild"],
		["a STRING", "a STRING COLLATE 'de'", "COLUMN A: COLLATION: substitute"],
		["a STRING COLLATE 'de'", "a STRING COLLATE ''", "COLUMN A: COLLATION: substitute"],
		["a DATE COMMENT 'x'", "a DATE COMMENT 'y'", "COLUMN A: COMMENT: alter"],
		["a DATE", "a DATE, b DATE", "COLUMN B: alter"],
		["a DATE", "a DATE, b DATE NOT NULL", "COLUMN B: alter [NARROWING]"],
		["a DATE", "a DATE, b VARCHAR DEFAULT 12345::VARCHAR", "COLUMN B: rebuild"],
		["a DATE", "a DATE, b DATE DEFAULT '20230101'", "COLUMN B: rebuild"],
		["a DATE", "a DATE, b VARCHAR DEFAULT 'x'", "COLUMN B: alter"],
		["a DATE", "a DATE, b NUMBER DEFAULT -1.5", "COLUMN B: alter"],
		["a DATE", "a DATE, b NUMBER AUTOINCREMENT", "COLUMN B: rebuild"],
		["a DATE, b DATE", "a DATE", "COLUMN B: alter [DATA_LOSS]"],
		["a NUMBER, b NUMBER AS (a + 1)", "a NUMBER", "COLUMN B: alter"],
		[
			"a NUMBER, b NUMBER AS (a + 1)",
			"a NUMBER, b NUMBER AS (a + 2)",
			"COLUMN B: EXPRESSION: alter",
		],
		["a NUMBER, b NUMBER AS (a + 1)", "a NUMBER, b NUMBER", "COLUMN B: EXPRESSION: rebuild"],
		[
			"a NUMBER, b NUMBER AS (a + 1), c NUMBER AS (b + 1)",
			"a NUMBER, b NUMBER AS (a + 2), c NUMBER AS (b + 1)",
			"COLUMN B: EXPRESSION: rebuild",
		],
	])("%s → %s", (from, to, expected) => {
		expect(summary(live(from), table(to))).toEqual([expected]);
	});

	test("order of columns, an unwritten collation and layout are no difference", () => {
		expect(summary(live("a DATE, b VARCHAR COLLATE 'de'"), table("b TEXT, a date"))).toEqual([]);
	});

	test("an identity column comes to an empty table in place", () => {
		const to = table("a DATE, b NUMBER AUTOINCREMENT START 5 INCREMENT 2 ORDER");
		expect(alterations(live("a DATE", "", 0), to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T ADD COLUMN B NUMBER(38,0) AUTOINCREMENT START 5 INCREMENT 2 ORDER",
		]);
	});

	test("a virtual column is dropped and added again", () => {
		const to = table("a NUMBER, b NUMBER AS (a + 2)");
		expect(alterations(live("a NUMBER, b NUMBER AS (a + 1)"), to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN B",
			"ALTER TABLE MYDB.PUBLIC.T ADD COLUMN B NUMBER(38,0) AS (a + 2)",
		]);
	});

	test("virtual columns are dropped before what they read, the last defined first", () => {
		const from = live("k DATE, a NUMBER, b NUMBER AS (a + 1), c NUMBER AS (b + 1)");
		expect(alterations(from, table("k DATE"))).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN C",
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN B",
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN A",
		]);
	});

	test("what dependents see changes: types, names, columns, but not comments", () => {
		const emitted = (from: string, to: string) =>
			differences(live(from), table(to)).flatMap((c) => c.emits);
		expect(emitted("a VARCHAR(5)", "a VARCHAR(9)")).toEqual(["shapeChanged"]);
		expect(emitted("a DATE", "a DATE, b DATE")).toEqual(["shapeChanged"]);
		expect(emitted("a DATE, b DATE", "a DATE")).toEqual(["shapeChanged"]);
		expect(emitted("a DATE", "a DATE COMMENT 'x'")).toEqual([]);
	});

	test("schema evolution: columns of the account and lost NOT NULLs stay", () => {
		const evolving = "ENABLE_SCHEMA_EVOLUTION = TRUE";
		const from = live("a DATE, b DATE", evolving);
		expect(summary(from, table("a DATE NOT NULL", evolving))).toEqual([]);
		expect(summary(from, table("a DATE"))).toEqual([
			"COLUMN B: alter [DATA_LOSS]",
			"ENABLE_SCHEMA_EVOLUTION: alter",
		]);
	});
});

describe("renaming a column", () => {
	const TO = `id NUMBER, -- renamed from: order_id
		-- what it costs
		-- renamed from: "Price"
		amount NUMBER(12,2)`;

	test("the directive stands behind the column or above it", () => {
		const from = live('order_id NUMBER, "Price" NUMBER(12,2)');
		expect(alterations(from, table(TO))).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T RENAME COLUMN ORDER_ID TO ID",
			'ALTER TABLE MYDB.PUBLIC.T RENAME COLUMN "Price" TO AMOUNT',
		]);
	});

	test("it is a no-op once the new name exists", () => {
		expect(summary(live("id NUMBER, amount NUMBER(12,2)"), table(TO))).toEqual([]);
	});

	test("both existing is an error", () => {
		const from = live("id NUMBER, order_id NUMBER, amount NUMBER(12,2)");
		expect(() => differences(from, table(TO))).toThrow(DeployError);
		expect(() => differences(from, table(TO))).toThrow(
			"column ID cannot be renamed from ORDER_ID: both exist",
		);
	});

	test("the old name still declared is an error", () => {
		const to = table("old DATE, new DATE -- renamed from: old");
		expect(() => differences(live("old DATE"), to)).toThrow("both exist");
	});

	test("a directive of one column is not the next one's", () => {
		const to = table("a DATE, -- renamed from: x\n b DATE");
		expect(summary(live("x DATE, b DATE"), to)).toEqual(["COLUMN A: NAME: alter"]);
	});

	test("keys follow; the clustering key steps aside, and virtual columns are made again", () => {
		const from = live(
			"x NUMBER NOT NULL, y NUMBER AS (x + 1), CONSTRAINT pk PRIMARY KEY (x)",
			"CLUSTER BY (x)",
		);
		const to = table(
			"a NUMBER NOT NULL, -- renamed from: x\n y NUMBER AS (a + 1), CONSTRAINT pk PRIMARY KEY (a)",
			"CLUSTER BY (a)",
		);
		expect(alterations(from, to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP CLUSTERING KEY",
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN Y",
			"ALTER TABLE MYDB.PUBLIC.T RENAME COLUMN X TO A",
			"ALTER TABLE MYDB.PUBLIC.T ADD COLUMN Y NUMBER(38,0) AS (a + 1)",
			"ALTER TABLE MYDB.PUBLIC.T CLUSTER BY (a)",
		]);
	});
});

describe("constraints", () => {
	test("inline and out of line are one; a primary key is NOT NULL", () => {
		const inline = table("a INT CONSTRAINT pk PRIMARY KEY, b INT UNIQUE, c INT REFERENCES p (x)");
		const apart = table(
			"a INT NOT NULL, b INT, c INT, CONSTRAINT pk PRIMARY KEY (a), UNIQUE (b), FOREIGN KEY (c) REFERENCES p (x)",
		);
		expect(inline.properties).toEqual(apart.properties);
	});

	test("are added, dropped, renamed and made RELY", () => {
		const from = live(
			"a INT NOT NULL, b INT, CONSTRAINT pk PRIMARY KEY (a), CONSTRAINT u UNIQUE (b)",
		);
		const to = table(
			"a INT NOT NULL, b INT, CONSTRAINT pk2 PRIMARY KEY (a) RELY, FOREIGN KEY (b) REFERENCES p (x) ON DELETE SET NULL",
		);
		expect(alterations(from, to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP CONSTRAINT U",
			"ALTER TABLE MYDB.PUBLIC.T RENAME CONSTRAINT PK TO PK2",
			"ALTER TABLE MYDB.PUBLIC.T ALTER CONSTRAINT PK2 RELY",
			"ALTER TABLE MYDB.PUBLIC.T ADD FOREIGN KEY (B) REFERENCES MYDB.PUBLIC.P (X) ON DELETE SET NULL",
		]);
		expect(differences(from, to).map((c) => c.property)).toEqual([
			"CONSTRAINT PK2: NAME",
			"CONSTRAINT PK2: RELY",
			"CONSTRAINT FOREIGN KEY (B) REFERENCES MYDB.PUBLIC.P",
			"CONSTRAINT U",
		]);
	});

	test("leave before the column they use, and come after it", () => {
		const from = live("a INT, b INT, UNIQUE (b)");
		const to = table("a INT, c INT, UNIQUE (c)");
		expect(alterations(from, to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP UNIQUE (B)",
			"ALTER TABLE MYDB.PUBLIC.T ADD COLUMN C NUMBER(38,0)",
			"ALTER TABLE MYDB.PUBLIC.T DROP COLUMN B",
			"ALTER TABLE MYDB.PUBLIC.T ADD UNIQUE (C)",
		]);
	});

	test("a CHECK on rows that exist is added unchecked, then validated", () => {
		const to = table("a INT, CONSTRAINT positive CHECK (a > 0)");
		expect(alterations(live("a INT"), to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T ADD CONSTRAINT POSITIVE CHECK (a > 0) ENABLE NOVALIDATE",
			"ALTER TABLE MYDB.PUBLIC.T ALTER CONSTRAINT POSITIVE ENABLE VALIDATE",
		]);
		expect(summary(live("a INT"), to)).toEqual(["CONSTRAINT POSITIVE: alter [NARROWING]"]);
	});

	test("properties that are Snowflake's defaults say nothing", () => {
		const plain = table("a INT, CONSTRAINT u UNIQUE (a)");
		const wordy = table(
			"a INT, CONSTRAINT u UNIQUE (a) NOT ENFORCED NOT DEFERRABLE INITIALLY DEFERRED DISABLE NOVALIDATE NORELY",
		);
		expect(wordy.properties).toEqual(plain.properties);
	});

	test.each(["ENFORCED", "DEFERRABLE", "INITIALLY IMMEDIATE", "ENABLE", "VALIDATE"])(
		"%s is refused, because Snowflake then makes no constraint",
		(word) => {
			expect(mistakes(`CREATE TABLE t (a INT, UNIQUE (a) ${word})`)).toEqual([
				`Snowflake does not create a UNIQUE constraint that is ${word} (leave out ${word})`,
			]);
		},
	);

	test("what a table needs: the tables its keys point to, the sequences of its defaults", () => {
		const object = table(
			"a INT DEFAULT s.seq.nextval, b INT REFERENCES s.parent (x), c INT REFERENCES t (a)",
		);
		const needed = type.properties.flatMap((p) => {
			const value = object.properties[p.name];
			return value === undefined || value === null ? [] : (p.references?.(value, object) ?? []);
		});
		expect(needed).toEqual([
			{
				kinds: ["SEQUENCE"],
				name: ["MYDB", "S", "SEQ"],
				level: "schema",
				structural: false,
				property: "COLUMN",
			},
			{
				kinds: ["TABLE"],
				name: ["MYDB", "S", "PARENT"],
				level: "schema",
				structural: true,
				property: "CONSTRAINT",
				columns: ["X"],
			},
		]);
	});
});

describe("properties", () => {
	test("SET and UNSET come first, then the rest", () => {
		const from = live("a DATE", "DATA_RETENTION_TIME_IN_DAYS = 5 COMMENT = 'x' CLUSTER BY (a)");
		const to = table(
			"a DATE, b DATE",
			"CLUSTER BY (b) ENABLE_SCHEMA_EVOLUTION = TRUE CHANGE_TRACKING = TRUE",
		);
		expect(alterations(from, to)).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T SET\n  ENABLE_SCHEMA_EVOLUTION = TRUE\n  CHANGE_TRACKING = TRUE",
			"ALTER TABLE MYDB.PUBLIC.T UNSET DATA_RETENTION_TIME_IN_DAYS, COMMENT",
			"ALTER TABLE MYDB.PUBLIC.T ADD COLUMN B DATE",
			"ALTER TABLE MYDB.PUBLIC.T CLUSTER BY (b)",
		]);
		expect(summary(from, to)).toEqual([
			"COLUMN B: alter",
			"CLUSTER BY: alter [COST]",
			"ENABLE_SCHEMA_EVOLUTION: alter",
			"DATA_RETENTION_TIME_IN_DAYS: alter [TIME_TRAVEL_LOST]",
			"CHANGE_TRACKING: alter [LOCKS_TABLE]",
			"COMMENT: alter",
		]);
	});

	test("no clustering key any more", () => {
		expect(alterations(live("a DATE", "CLUSTER BY (a)"), table("a DATE"))).toEqual([
			"ALTER TABLE MYDB.PUBLIC.T DROP CLUSTERING KEY",
		]);
	});

	test("change tracking that a stream turned on is nobody's difference; turning it off breaks streams", () => {
		const tracked = live("a DATE", "CHANGE_TRACKING = TRUE");
		expect(summary(tracked, table("a DATE"))).toEqual([]);
		expect(summary(tracked, table("a DATE", "CHANGE_TRACKING = FALSE"))).toEqual([
			"CHANGE_TRACKING: alter [STREAM_STALE]",
		]);
	});

	test("transient or not needs a new table, which keeps its grants and tags", () => {
		const to = table("a DATE", "COPY GRANTS");
		expect(
			summary(live("a DATE"), { ...to, properties: { ...to.properties, TRANSIENT: true } }),
		).toEqual(["TRANSIENT: rebuild"]);
		expect(sqlOf(printCreate(type, to, { replace: true }))).toBe(
			"CREATE OR REPLACE TABLE MYDB.PUBLIC.T (\n  A DATE\n)\n  COPY GRANTS\n  COPY TAGS",
		);
	});

	test("a new table loses rows, history and, where changes are tracked, streams", () => {
		const codes = (options: string) => {
			const from = live("a DATE", options);
			return type.replaceHazards(from, from).map((h) => h.code);
		};
		const lost = ["DATA_LOSS", "LOAD_HISTORY_LOST", "TIME_TRAVEL_LOST", "FUTURE_GRANTS_SKIPPED"];
		expect(codes("")).toEqual(lost);
		expect(codes("CHANGE_TRACKING = TRUE").toSorted()).toEqual(
			[...lost, "STREAM_STALE"].toSorted(),
		);
	});

	test("prints a whole table", () => {
		const object = declared(`create transient table "t t" (
			id int autoincrement primary key comment 'the ''id''', -- a comment
			total number(10,2) as (id * 1.5) virtual,
			note varchar(20) collate 'EN-ci' default 'n/a' not null,
			parent int references p
		) cluster by (id) data_retention_time_in_days = 0 comment = 'all'`);
		expect(canonical(object)).toBe(`CREATE TRANSIENT TABLE MYDB.PUBLIC."t t" (
  ID NUMBER(38,0) NOT NULL AUTOINCREMENT START 1 INCREMENT 1 COMMENT 'the ''id''',
  TOTAL NUMBER(10,2) AS (id * 1.5),
  NOTE VARCHAR(20) NOT NULL COLLATE 'en-ci' DEFAULT 'n/a',
  PARENT NUMBER(38,0),
  PRIMARY KEY (ID),
  FOREIGN KEY (PARENT) REFERENCES MYDB.PUBLIC.P
)
  CLUSTER BY (id)
  DATA_RETENTION_TIME_IN_DAYS = 0
  COMMENT = 'all'`);
	});
});

describe("mistakes", () => {
	test.each([
		["(a NUMBRE)", "NUMBRE is not a data type (did you mean NUMBER?)"],
		["(a INT, a DATE)", "TABLE MYDB.PUBLIC.T: column A is declared twice"],
		[
			"(a INT DEFAULT 1 AUTOINCREMENT)",
			"TABLE MYDB.PUBLIC.T: column A has both DEFAULT and AUTOINCREMENT",
		],
		[
			"(a DATE AUTOINCREMENT)",
			"TABLE MYDB.PUBLIC.T: column A is DATE: AUTOINCREMENT needs a number",
		],
		["(a INT COLLATE 'de')", "TABLE MYDB.PUBLIC.T: column A is NUMBER(38,0): COLLATE needs text"],
		[
			"(i INT, j INT AS (i * 2) NOT NULL)",
			"TABLE MYDB.PUBLIC.T: column J is virtual, so it cannot be NOT NULL",
		],
		[
			"(a INT PRIMARY KEY, PRIMARY KEY (a))",
			"TABLE MYDB.PUBLIC.T: a table has one primary key at most",
		],
		[
			"(amount INT, UNIQUE (amuont))",
			"TABLE MYDB.PUBLIC.T: CONSTRAINT UNIQUE (AMUONT) names AMUONT, which is not a column (did you mean AMOUNT?)",
		],
		["", "TABLE MYDB.PUBLIC.T needs COLUMN (( <column> <type> … [, …] [, <constraint> …] ))"],
		["(a INT) COMENT = 'x'", "COMENT is not a property of TABLE (did you mean COMMENT?)"],
		[
			"(a INT WITH TAG (cost = 'x'))",
			"COLUMN A … TAG: set it with ALTER TABLE … MODIFY COLUMN … SET TAG in a migration",
		],
		[
			"(a INT DEFUALT 1)",
			"expected NOT NULL, DEFAULT, MASKING POLICY, AUTOINCREMENT, COLLATE, COMMENT, AS or a constraint, found DEFUALT",
		],
	])("%s", (rest, expected) => {
		expect(mistakes(`CREATE TABLE t ${rest}`)).toContain(expected);
	});

	test("are reported together, each at its column", () => {
		const sql = "CREATE TABLE d.s.t (\n  a NUMBRE,\n  b DATE,\n  c INT COLLATION 'x'\n);";
		const { diagnostics } = resolveFiles([textSource("t.sql", sql)], { context: {}, owners: {} });
		expect(diagnostics.map((d) => `${d.at?.line}:${d.at?.column}`)).toContain("2:5");
		expect(diagnostics.map((d) => `${d.at?.line}:${d.at?.column}`)).toContain("4:9");
	});

	test("transient tables keep history for a day at most", () => {
		expect(mistakes("CREATE TRANSIENT TABLE t (a INT) DATA_RETENTION_TIME_IN_DAYS = 2")).toEqual([
			"TABLE MYDB.PUBLIC.T: TRANSIENT allows DATA_RETENTION_TIME_IN_DAYS 0 or 1",
		]);
	});
});

describe("ALTER TABLE in files adds to what is declared", () => {
	function folded(columns: string, ...statements: readonly string[]): ObjectModel {
		const sql = [`CREATE TABLE t (${columns})`, ...statements].map((s) => `${s};`).join("\n");
		const { catalog, diagnostics } = resolveFiles([textSource("t.sql", sql)], {
			context: { database: "MYDB", schema: "PUBLIC" },
			owners: {},
		});
		const errors = diagnostics.filter((d) => d.severity === "error");
		if (errors.length > 0) throw new DeployError(65, errors);
		return catalog.objects.get("TABLE MYDB.PUBLIC.T") as ObjectModel;
	}

	/* The examples of alter-table, alter-table-column and create-table-constraint, and what they lead to. */
	test.each([
		["a1 NUMBER", "ALTER TABLE t ADD COLUMN a2 NUMBER", "a1 NUMBER, a2 NUMBER"],
		[
			"a1 NUMBER",
			"ALTER TABLE t ADD COLUMN a4 NUMBER DEFAULT 0 NOT NULL",
			"a1 NUMBER, a4 NUMBER NOT NULL DEFAULT 0",
		],
		[
			"a1 NUMBER",
			"ALTER TABLE t ADD COLUMN a5 VARCHAR COLLATE 'en_US'",
			"a1 NUMBER, a5 VARCHAR COLLATE 'en_us'",
		],
		[
			"a1 NUMBER, a2 NUMBER",
			"ALTER TABLE t ADD COLUMN IF NOT EXISTS a2 DATE",
			"a1 NUMBER, a2 NUMBER",
		],
		["a1 NUMBER", "ALTER TABLE t ADD b DATE, c DATE", "a1 NUMBER, b DATE, c DATE"],
		["a1 NUMBER", "ALTER TABLE t RENAME COLUMN a1 TO b1", "b1 NUMBER"],
		["a1 NUMBER, a2 NUMBER", "ALTER TABLE t DROP COLUMN a2", "a1 NUMBER"],
		["a1 NUMBER", "ALTER TABLE t DROP COLUMN IF EXISTS a2", "a1 NUMBER"],
		["a INT, b INT, c INT", "ALTER TABLE t DROP a, b", "c INT"],
		["c1 NUMBER NOT NULL", "ALTER TABLE t ALTER COLUMN c1 DROP NOT NULL", "c1 NUMBER"],
		[
			"c2 NUMBER DEFAULT 3, c3 NUMBER DEFAULT seq1.nextval",
			"ALTER TABLE t MODIFY c2 DROP DEFAULT, c3 SET DEFAULT seq5.nextval",
			"c2 NUMBER, c3 NUMBER DEFAULT seq5.nextval",
		],
		[
			"c4 VARCHAR(20)",
			"ALTER TABLE t ALTER c4 SET DATA TYPE VARCHAR(50), COLUMN c4 SET NOT NULL",
			"c4 VARCHAR(50) NOT NULL",
		],
		[
			"c5 STRING",
			"ALTER TABLE t ALTER (c5 COMMENT '50 character column')",
			"c5 STRING COMMENT '50 character column'",
		],
		[
			"col1 INT",
			"ALTER TABLE t ADD COLUMN col3 VARCHAR NOT NULL CONSTRAINT uniq_col3 UNIQUE NOT ENFORCED",
			"col1 INT, col3 VARCHAR NOT NULL, CONSTRAINT uniq_col3 UNIQUE (col3)",
		],
		["a INT", "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", "a INT, CONSTRAINT u UNIQUE (a)"],
		[
			"a INT, CONSTRAINT u UNIQUE (a)",
			"ALTER TABLE t RENAME CONSTRAINT u TO v",
			"a INT, CONSTRAINT v UNIQUE (a)",
		],
		[
			"a INT, CONSTRAINT u UNIQUE (a)",
			"ALTER TABLE t ALTER CONSTRAINT u RELY",
			"a INT, CONSTRAINT u UNIQUE (a) RELY",
		],
		["a INT, UNIQUE (a)", "ALTER TABLE t DROP UNIQUE (a)", "a INT"],
		[
			"a INT, b INT",
			"ALTER TABLE t MODIFY COLUMN a SET MASKING POLICY p USING (a, b) FORCE",
			"a INT WITH MASKING POLICY p USING (a, b), b INT",
		],
		["a INT MASKING POLICY p", "ALTER TABLE t MODIFY COLUMN a UNSET MASKING POLICY", "a INT"],
		["a INT, CONSTRAINT c CHECK (a > 0)", "ALTER TABLE t DROP CONSTRAINT c", "a INT"],
	])("%s; %s", (columns, statement, expected) => {
		expect(folded(columns, statement).properties).toEqual(table(expected).properties);
	});

	test("ADD PRIMARY KEY does not make its columns NOT NULL, so they must be", () => {
		const statement = "ALTER TABLE t ADD PRIMARY KEY (a)";
		expect(folded("a INT NOT NULL", statement).properties).toEqual(
			table("a INT PRIMARY KEY").properties,
		);
		expect(() => folded("a INT", statement)).toThrow(
			"column A is in the primary key, so it must be NOT NULL",
		);
	});

	test("CLUSTER BY and DROP CLUSTERING KEY", () => {
		const object = folded("a INT, b INT", "ALTER TABLE t CLUSTER BY (b, a)");
		expect(object.properties["CLUSTER BY"]).toEqual(["b", "a"]);
	});

	test.each([
		["ALTER TABLE t ADD COLUMN a DATE", "A is a column of this table already"],
		["ALTER TABLE t DROP COLUMN x", "X is not a column of this table"],
		["ALTER TABLE t DROP CONSTRAINT x", "this table has no such constraint"],
		["ALTER TABLE t SWAP WITH u", "TABLE … SWAP WITH: "],
		["ALTER TABLE t ADD ROW ACCESS POLICY p ON (a)", "TABLE … ROW ACCESS POLICY: "],
		["ALTER TABLE t MODIFY COLUMN a SET PROJECTION POLICY p", "TABLE … PROJECTION POLICY: "],
		["ALTER TABLE t SUSPEND RECLUSTER", "TABLE … SUSPEND RECLUSTER: "],
	])("%s is an error", (statement, message) => {
		expect(() => folded("a INT", statement)).toThrow(message);
	});
});

describe("masking policies", () => {
	const masked = (rest: string) => table(`a INT, email VARCHAR ${rest}`);
	/** What DESC TABLE tells of the policy on EMAIL. */
	const account = (policy: string | null) =>
		reported("TABLE", SHOWN, [
			described("A", "NUMBER(38,0)"),
			described("EMAIL", "VARCHAR(16777216)", { "policy name": policy }),
		]);

	test.each([
		[null, "MASKING POLICY p", "SET MASKING POLICY MYDB.PUBLIC.P"],
		[
			null,
			"WITH MASKING POLICY x.y.p USING (email, a)",
			"SET MASKING POLICY X.Y.P USING (EMAIL, A)",
		],
		["X.Y.P", "MASKING POLICY p", "SET MASKING POLICY MYDB.PUBLIC.P FORCE"],
		["MYDB.PUBLIC.P", "", "UNSET MASKING POLICY"],
	])("%s → %s", (before, after, action) => {
		expect(alterations(account(before), masked(after))).toEqual([
			`ALTER TABLE MYDB.PUBLIC.T MODIFY COLUMN EMAIL ${action}`,
		]);
	});

	test("what USING names is told nowhere, so it is not compared", () => {
		expect(
			differences(account("MYDB.PUBLIC.P"), masked("MASKING POLICY p USING (email, a)")),
		).toEqual([]);
	});

	test("a column that loses its policy loses its protection", () => {
		const codes = (to: ObjectModel) =>
			differences(account("MYDB.PUBLIC.P"), to).flatMap((c) => c.hazards.map((h) => h.code));
		expect(codes(masked(""))).toEqual(["PROTECTION_LOST"]);
		expect(codes(masked("MASKING POLICY q"))).toEqual([]);
	});

	test("a table that is made anew says its policies again, or loses them", () => {
		const codes = (to: ObjectModel) =>
			type.replaceHazards(account("MYDB.PUBLIC.P"), to).map((h) => h.code);
		expect(codes(masked(""))).toContain("PROTECTION_LOST");
		expect(codes(masked("MASKING POLICY p"))).not.toContain("PROTECTION_LOST");
		expect(canonical(masked("MASKING POLICY p COMMENT 'x'"))).toContain(
			"EMAIL VARCHAR(16777216) MASKING POLICY MYDB.PUBLIC.P COMMENT 'x'",
		);
	});

	test("USING begins with the masked column", () => {
		expect(mistakes("CREATE TABLE t (a INT MASKING POLICY p USING (b, a), b INT)")).toEqual([
			"USING begins with the masked column, A",
		]);
	});
});
