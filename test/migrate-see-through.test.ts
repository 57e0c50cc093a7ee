import { afterEach, expect, test } from "vitest";
import { diff } from "../src/diff/diff.ts";
import { checkMigrations } from "../src/migrate/check.ts";
import { readScript } from "../src/migrate/script.ts";
import { decidedBy, type SeeContext, type Seen, seeThrough } from "../src/migrate/see-through.ts";
import { type Catalog, catalogOf, type ObjectModel } from "../src/model/catalog.ts";
import { declared } from "./support/objects.ts";
import { type TestProject, testProject } from "./support/projects.ts";

let project: TestProject | undefined;

afterEach(() => {
	project?.remove();
	project = undefined;
});

const IN_MYDB: SeeContext = { context: { database: "MYDB", schema: "PUBLIC" }, owners: {} };

function migrationOf(sql: string) {
	project?.remove();
	project = testProject({ "migrations/V0007__a.sql": sql });
	const [migration] = project.load().migrations;
	if (!migration) throw new Error("no migration");
	return migration;
}

/** The account as the CREATE statements leave it. */
function account(...creates: readonly string[]): Catalog {
	return catalogOf(creates.map((sql): ObjectModel => declared(sql)));
}

function seen(live: Catalog, sql: string, resumeAt = 0): Seen {
	const migration = migrationOf(sql);
	const { touches, phase } = migration;
	return seeThrough(
		live,
		[{ file: "V0007__a.sql", touches, phase, script: readScript(migration), resumeAt }],
		IN_MYDB,
	);
}

/** What is left to change once the migration has run. */
function left(from: Seen, desired: Catalog): readonly string[] {
	return diff(from.catalog, desired, () => undefined).changes.map((c) => `${c.action} ${c.reason}`);
}

const ORDERS = "CREATE TABLE ORDERS (ID NUMBER(38,0), AMOUNT VARCHAR)";

test.each([
	[
		"a renamed column",
		"ALTER TABLE ORDERS RENAME COLUMN AMOUNT TO TOTAL;",
		"CREATE TABLE ORDERS (ID INT, TOTAL VARCHAR)",
	],
	["a dropped column", "ALTER TABLE ORDERS DROP COLUMN AMOUNT;", "CREATE TABLE ORDERS (ID INT)"],
	[
		"an added column",
		"USE SCHEMA MYDB.PUBLIC; ALTER TABLE ORDERS ADD COLUMN N INT;",
		"CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR, N INT)",
	],
	[
		"a comment",
		"COMMENT ON TABLE ORDERS IS 'all';",
		"CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR) COMMENT = 'all'",
	],
	[
		"a new name",
		"ALTER TABLE ORDERS RENAME TO SALES;",
		"CREATE TABLE SALES (ID INT, AMOUNT VARCHAR)",
	],
	[
		"DROP and CREATE",
		"DROP TABLE ORDERS; CREATE TABLE ORDERS (ID INT);",
		"CREATE TABLE ORDERS (ID INT)",
	],
	["CREATE OR REPLACE", "CREATE OR REPLACE TABLE ORDERS (ID INT);", "CREATE TABLE ORDERS (ID INT)"],
	[
		"CREATE IF NOT EXISTS of what exists",
		"CREATE TABLE IF NOT EXISTS ORDERS (ID INT);",
		"CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR)",
	],
	[
		"a temporary table",
		"CREATE TEMPORARY TABLE ORDERS AS SELECT 1 A;",
		"CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR)",
	],
])("%s is not also a change of the plan", (_, sql, desired) => {
	const result = seen(account(ORDERS), sql);
	expect(left(result, account(desired))).toEqual([]);
	expect([...result.undecided]).toEqual([]);
});

test("a task's body, condition and links can be seen through", () => {
	const root = "CREATE TASK ROOT SCHEDULE = '1 HOUR' AS SELECT 1";
	const other = "CREATE TASK OTHER SCHEDULE = '1 HOUR' AS SELECT 1";
	const live = account(
		root,
		other,
		"CREATE TASK CHILD AFTER ROOT WHEN 1 = 1 AS SELECT 1",
		"CREATE TASK LAST AFTER ROOT AS SELECT 1",
	);
	const desired = account(
		root,
		other,
		"CREATE TASK CHILD AFTER OTHER AS SELECT CAST(2 AS INT)",
		"CREATE TASK LAST SCHEDULE = '1 HOUR' WHEN 2 = 2 AS SELECT 1",
	);
	expect(left(seen(live, "SELECT 1;"), desired)).toHaveLength(2);
	const result = seen(
		live,
		`ALTER TASK CHILD ADD AFTER OTHER, ROOT; ALTER TASK CHILD REMOVE AFTER ROOT;
ALTER TASK CHILD REMOVE WHEN; ALTER TASK CHILD MODIFY AS SELECT CAST(2 AS INT);
ALTER TASK LAST REMOVE AFTER ROOT; ALTER TASK LAST SET SCHEDULE = '1 HOUR'; ALTER TASK LAST MODIFY WHEN 2 = 2;`,
	);
	expect(left(result, desired)).toEqual([]);
	expect([...result.undecided]).toEqual([]);
});

test("what is made anew is no longer in doubt", () => {
	const live = account(ORDERS, "CREATE VIEW V AS SELECT ID FROM ORDERS");
	const rename = "ALTER TABLE ORDERS RENAME TO SALES;";
	expect([...seen(live, rename).undecided.keys()]).toEqual(["MYDB.PUBLIC.V"]);
	const view = "CREATE OR REPLACE VIEW V AS SELECT ID FROM SALES;";
	expect([...seen(live, rename + view).undecided]).toEqual([]);
	const early = "CREATE OR REPLACE VIEW V AS SELECT ID FROM ORDERS;";
	expect([...seen(live, early + rename).undecided.keys()]).toEqual(["MYDB.PUBLIC.V"]);
});

test("without the migration it would be one", () => {
	const live = seen(account(ORDERS), "SELECT 1;");
	expect(left(live, account("CREATE TABLE ORDERS (ID INT, TOTAL VARCHAR)"))).not.toEqual([]);
});

test("statements that have run are not carried over a second time", () => {
	const sql = "ALTER TABLE ORDERS ADD COLUMN N INT; ALTER TABLE ORDERS ADD COLUMN M INT;";
	const live = account("CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR, N INT)");
	const desired = account("CREATE TABLE ORDERS (ID INT, AMOUNT VARCHAR, N INT, M INT)");
	expect(left(seen(live, sql, 1), desired)).toEqual([]);
});

test("a dropped schema takes what is in it along", () => {
	const live = account("CREATE SCHEMA MYDB.S", "CREATE TABLE MYDB.S.A (X INT)", ORDERS);
	expect([...seen(live, "DROP SCHEMA S;").catalog.objects.keys()]).toEqual([
		"TABLE MYDB.PUBLIC.ORDERS",
	]);
});

test.each([
	["-- touches: ORDERS, OTHER.S.T\nCALL REBUILD();", ["MYDB.PUBLIC.ORDERS", "OTHER.S.T"]],
	["ALTER TABLE ORDERS SWAP WITH COPY;", ["MYDB.PUBLIC.COPY", "MYDB.PUBLIC.ORDERS"]],
	["UNDROP TABLE ORDERS;", ["MYDB.PUBLIC.ORDERS"]],
	["ALTER SCHEMA PUBLIC RENAME TO S;", ["MYDB.PUBLIC", "MYDB.S"]],
	["ALTER TABLE ORDERS RENAME TO SALES;", ["MYDB.PUBLIC.CHANGES"]],
])("undecided: %s", (sql, names) => {
	const live = account(
		"CREATE SCHEMA MYDB.PUBLIC",
		ORDERS,
		"CREATE TABLE COPY (X INT)",
		"CREATE STREAM CHANGES ON TABLE ORDERS",
	);
	expect([...seen(live, sql).undecided.keys()].sort()).toEqual(names);
});

test("what is inside an undecided schema is undecided too", () => {
	const live = account("CREATE SCHEMA MYDB.PUBLIC", ORDERS);
	const result = seen(live, "ALTER SCHEMA PUBLIC RENAME TO S;");
	expect(decidedBy(result, ["MYDB", "S", "ORDERS"])).toBe("V0007__a.sql");
	expect(decidedBy(result, ["MYDB", "OTHER", "ORDERS"])).toBeUndefined();
});

test.each([
	["CALL REBUILD();", true],
	["EXECUTE IMMEDIATE 'DROP TABLE ORDERS';", true],
	["BEGIN DROP TABLE ORDERS; END;", true],
	["CREATE TABLE T AS SELECT 1 A;", true],
	["CREATE TABLE T CLONE ORDERS;", true],
	["-- touches: T\nCREATE TABLE T AS SELECT 1 A;", false],
	["CREATE TEMP TABLE T AS SELECT 1 A; INSERT INTO ORDERS SELECT A FROM T;", false],
	["BEGIN; DELETE FROM ORDERS; COMMIT;", false],
	["CREATE SCHEMA MYDB.S; CREATE TABLE T (A INT);", false],
])("%s needs a touches line: %s", (sql, needed) => {
	const found = checkMigrations([migrationOf(sql)], { context: {}, owners: {} });
	expect(found.map((d) => d.code)).toEqual(needed ? ["MIGRATION_UNREADABLE"] : []);
});
