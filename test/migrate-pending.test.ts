import { afterEach, expect, test } from "vitest";
import { type MigrationRecord, NO_RECORDS, type Records } from "../src/apply/records.ts";
import { checkMigrations } from "../src/migrate/check.ts";
import { factsOf } from "../src/migrate/history.ts";
import { newMigration } from "../src/migrate/new-migration.ts";
import { type Pending, type PendingRequest, pendingSteps } from "../src/migrate/pending.ts";
import { type Catalog, catalogOf, NO_DIRECTIVES } from "../src/model/catalog.ts";
import { planSchema } from "../src/plan/plan.ts";
import type { Migration } from "../src/project/project.ts";
import { type Files, type TestProject, testProject } from "./support/projects.ts";

let project: TestProject | undefined;

afterEach(() => {
	project?.remove();
	project = undefined;
});

function migrations(files: Files): readonly Migration[] {
	project?.remove();
	project = testProject(
		Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])),
	);
	return project.load().migrations;
}

/** Records as an earlier run of these files left them. */
function recorded(
	files: Files,
	marks: Readonly<Record<string, Partial<MigrationRecord>>> = {},
): Records {
	const records = migrations(files).map((migration): MigrationRecord => {
		const facts = factsOf(migration);
		const all = facts.hashes.length;
		return {
			...facts,
			status: "done",
			statements: all,
			done: all,
			deployment: "d1",
			at: "2026-01-01 00:00:00",
			...marks[facts.file],
		};
	});
	return { ...NO_RECORDS, exist: true, migrations: new Map(records.map((r) => [r.file, r])) };
}

const LIVE: Catalog = catalogOf(
	[
		{ kind: "DATABASE", name: ["LAKE"] },
		{ kind: "SCHEMA", name: ["LAKE", "RAW"] },
		{ kind: "TABLE", name: ["LAKE", "RAW", "ORDERS"] },
	].map((ref) => ({ ...ref, properties: {}, directives: NO_DIRECTIVES })),
);

function pending(
	files: Files,
	records: Records,
	more: Partial<Pick<PendingRequest, "live" | "desired" | "outOfOrder">> = {},
): Pending {
	const all = migrations(files);
	const environment = project?.load().environment;
	if (!environment) throw new Error("no project");
	return pendingSteps({
		migrations: all,
		records,
		live: LIVE,
		desired: catalogOf([]),
		environment,
		...more,
	});
}

const ids = ({ steps }: Pending) => steps.map((step) => step.id);
const problems = ({ diagnostics }: Pending) =>
	diagnostics.map((d) => `${d.code}: ${d.summary} (${d.hint})`);
const statements = ({ steps }: Pending) => steps.at(-1)?.operations.map((o) => o.sql);

const FIRST = { "V0001__first.sql": "INSERT INTO ORDERS VALUES (1);" };

test("versions in order within their phase, then repeatable ones by name", () => {
	const files = {
		"V0002__b.sql": "INSERT INTO ORDERS VALUES (2);",
		"V0010__d.sql": "INSERT INTO ORDERS VALUES (10);",
		"V0003__c.sql": "-- phase: after\nINSERT INTO ORDERS VALUES (3);",
		"R__z.sql": "SELECT 1;",
		"R__a.sql": "SELECT 1;",
		"R__late.sql": "-- phase: after\nSELECT 1;",
		...FIRST,
	};
	expect(ids(pending(files, recorded(FIRST)))).toEqual([
		"migrate V0002__b.sql",
		"migrate V0010__d.sql",
		"migrate R__a.sql",
		"migrate R__z.sql",
		"migrate V0003__c.sql",
		"migrate R__late.sql",
	]);
});

test("what was applied and is unchanged does not run again", () => {
	const files = { ...FIRST, "R__a.sql": "SELECT 1;" };
	const result = pending(files, recorded(files));
	expect(result.steps).toEqual([]);
	expect(result.diagnostics).toEqual([]);
});

test("a repeatable migration runs again when its rendered text changes", () => {
	const before = recorded({ "R__a.sql": "SELECT '{{lake}}';" });
	expect(ids(pending({ "R__a.sql": "SELECT  'LAKE' -- same\n" }, before))).toEqual([]);
	const changed = pending({ "R__a.sql": "SELECT 'POND';" }, before);
	expect(changed.steps[0]?.reason).toBe("changed (before)");
	expect(changed.steps[0]?.migration?.recorded).toBe(true);
});

test("each refusal names the command that resolves it", () => {
	const records = recorded({ ...FIRST, "V0002__b.sql": "SELECT 1;", "V0004__d.sql": "SELECT 1;" });
	const result = pending(
		{
			"V0001__first.sql": "INSERT INTO ORDERS VALUES (100);",
			"V0003__c.sql": "SELECT 1;",
			"V0004__renamed.sql": "SELECT 1;",
		},
		records,
	);
	expect(problems(result)).toEqual([
		"MIGRATION_CHANGED: V0001__first.sql was changed after it was applied here (take the change back and write a new migration, or run `snowline migrate repair 0001` to accept the file as it is)",
		"MIGRATION_CHANGED: V0004__renamed.sql was applied here as V0004__d.sql (rename it back, or run `snowline migrate repair 0004` to record its new name)",
		"MIGRATION_MISSING: V0002__b.sql was applied here, and migrations/ does not have it (put the file back, or run `snowline migrate repair 0002` to forget it)",
		"MIGRATION_OUT_OF_ORDER: V0003__c.sql is new, and V0004__renamed.sql was already applied here (give it a version above, or run it all the same with --out-of-order)",
	]);
});

test("a version below the last one runs when it is allowed, or when it belongs to the other phase", () => {
	const applied = { "V0002__b.sql": "SELECT 1;" };
	const below = { ...FIRST, ...applied };
	expect(problems(pending(below, recorded(applied)))).toHaveLength(1);
	expect(problems(pending(below, recorded(applied), { outOfOrder: true }))).toEqual([]);
	const after = { "V0001__first.sql": "-- phase: after\nSELECT 1;", ...applied };
	expect(problems(pending(after, recorded(applied)))).toEqual([]);
});

test("in a new environment, what changes nothing that exists is only recorded", () => {
	const files = {
		"V0001__gone.sql": "ALTER TABLE CUSTOMERS DROP COLUMN AGE;",
		"V0002__there.sql": "UPDATE CUSTOMERS SET A = 1; DELETE FROM ORDERS;",
		"V0003__after.sql": "-- phase: after\nINSERT INTO CUSTOMERS VALUES (1);",
		"V0004__run.sql": "-- new environment: run\nALTER TABLE CUSTOMERS DROP COLUMN AGE;",
		"V0005__skip.sql": "-- phase: after\n-- new environment: skip\nINSERT INTO ORDERS VALUES (1);",
		"V0006__untold.sql": "ALTER USER X SET COMMENT = '';",
		"V0007__told.sql": "-- touches: CUSTOMERS\nCALL REBUILD();",
		"V0008__elsewhere.sql": "DELETE FROM OTHER.RAW.CUSTOMERS;",
		"V0009__granted.sql":
			"GRANT SELECT ON TABLE CUSTOMERS TO ROLE R; REVOKE INSERT, UPDATE ON TABLE CUSTOMERS FROM R;",
		"V0010__granted_there.sql": "GRANT SELECT ON TABLE ORDERS TO ROLE R;",
		"V0011__granted_to_all.sql": "GRANT SELECT ON ALL TABLES IN SCHEMA RAW TO ROLE R;",
	};
	const result = pending(files, NO_RECORDS);
	expect(ids(result)).toEqual([
		"migrate baseline",
		"migrate V0002__there.sql",
		"migrate V0004__run.sql",
		"migrate V0006__untold.sql",
		"migrate V0008__elsewhere.sql",
		"migrate V0010__granted_there.sql",
		"migrate V0011__granted_to_all.sql",
		"migrate V0003__after.sql",
	]);
	expect(result.steps[0]?.operations).toEqual([]);
	expect(result.steps[0]?.baselines?.map((b) => b.file)).toEqual([
		"V0001__gone.sql",
		"V0005__skip.sql",
		"V0007__told.sql",
		"V0009__granted.sql",
	]);
});

test("what a migration creates and no file declares is made in a new environment too", () => {
	const files = {
		"V0001__declared.sql": "CREATE TABLE CUSTOMERS (ID NUMBER);",
		"V0002__own.sql": "CREATE TABLE SCRATCH (ID NUMBER); INSERT INTO SCRATCH VALUES (1);",
		"V0003__of_it.sql": "ALTER TABLE SCRATCH ADD COLUMN B NUMBER;",
		"V0004__gone.sql": "ALTER TABLE DROPPED_LONG_AGO ADD COLUMN B NUMBER;",
	};
	const declared = { kind: "TABLE", name: ["LAKE", "RAW", "CUSTOMERS"] };
	const desired = catalogOf([{ ...declared, properties: {}, directives: NO_DIRECTIVES }]);
	const result = pending(files, NO_RECORDS, { desired });
	expect(ids(result)).toEqual([
		"migrate baseline",
		"migrate V0002__own.sql",
		"migrate V0003__of_it.sql",
	]);
	expect(result.steps[0]?.baselines?.map((b) => b.file)).toEqual([
		"V0001__declared.sql",
		"V0004__gone.sql",
	]);
});

test("a step holds the statements to send, after the environment's context", () => {
	const text = "DELETE FROM {{lake}}.RAW.ORDERS\nWHERE ID = 1; SELECT 1;";
	const result = pending({ "V0002__b.sql": text }, { ...recorded(FIRST), migrations: new Map() });
	expect(result.steps[0]?.operations).toEqual([
		{ do: "execute", sql: "USE SCHEMA LAKE.RAW" },
		{
			do: "execute",
			sql: "DELETE FROM LAKE.RAW.ORDERS\nWHERE ID = 1",
			origin: [
				// Up to the variable's place, then what follows {{lake}}, which is four characters longer than LAKE.
				{ start: 0, end: 16, file: "migrations/V0002__b.sql", line: 1, column: 1 },
				{ start: 16, end: 28, file: "migrations/V0002__b.sql", line: 1, column: 21 },
				{ start: 28, end: 40, file: "migrations/V0002__b.sql", line: 2, column: 1 },
			],
		},
		{
			do: "execute",
			sql: "SELECT 1",
			origin: [{ start: 0, end: 8, file: "migrations/V0002__b.sql", line: 2, column: 15 }],
		},
	]);
	expect(planSchema.shape.steps.safeParse(result.steps).error).toBeUndefined();
});

test("a context that does not exist yet is not used before the declarative changes", () => {
	const files = {
		"V0001__a.sql": "-- new environment: run\nCREATE DATABASE LAKE;",
		"V0002__b.sql": "-- phase: after\nSELECT 1;",
	};
	const { steps } = pending(files, NO_RECORDS, { live: catalogOf([]) });
	expect(steps.map((step) => step.operations[0]?.sql)).toEqual([
		"CREATE DATABASE LAKE",
		"USE SCHEMA LAKE.RAW",
	]);
});

const LONG = `USE WAREHOUSE W;
INSERT INTO ORDERS VALUES (1);
ALTER SESSION SET TIMEZONE = 'Asia/Tokyo';
BEGIN;
INSERT INTO ORDERS VALUES (2);
INSERT INTO ORDERS VALUES (3);
COMMIT;
INSERT INTO ORDERS VALUES (4);`;

test("a failed migration goes on at its statement, with its session as it was", () => {
	const records = recorded({ "V1__a.sql": LONG }, { "V1__a.sql": { status: "failed", done: 7 } });
	const result = pending({ "V1__a.sql": LONG.replace("(4)", "(44)") }, records);
	expect(problems(result)).toEqual([]);
	expect(statements(result)).toEqual([
		"USE SCHEMA LAKE.RAW",
		"USE WAREHOUSE W",
		"ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'",
		"INSERT INTO ORDERS VALUES (44)",
	]);
	expect(result.steps[0]?.reason).toBe("failed, goes on at statement 8 (before)");
});

test.each([3, 4, 5, 6])("inside a transaction (statement %i) it goes on at BEGIN", (done) => {
	const records = recorded({ "V1__a.sql": LONG }, { "V1__a.sql": { status: "open", done } });
	const result = pending({ "V1__a.sql": LONG.replace("(2)", "(22)") }, records);
	expect(problems(result)).toEqual([]);
	expect(result.steps[0]?.migration?.resumeAt).toBe(3);
	expect(statements(result)?.slice(3)).toEqual([
		"BEGIN",
		"INSERT INTO ORDERS VALUES (22)",
		"INSERT INTO ORDERS VALUES (3)",
		"COMMIT",
		"INSERT INTO ORDERS VALUES (4)",
	]);
});

test("a statement that finished must be the one that ran", () => {
	const records = recorded({ "V1__a.sql": LONG }, { "V1__a.sql": { status: "failed", done: 7 } });
	const result = pending({ "V1__a.sql": LONG.replace("(1)", "(11)") }, records);
	expect(problems(result)).toEqual([
		"MIGRATION_CHANGED: statement 2 of V1__a.sql finished here and has changed since (take the change back, or run `snowline migrate repair 1` to accept the file as it is)",
	]);
	expect(result.diagnostics[0]?.at).toMatchObject({ file: "migrations/V1__a.sql", line: 2 });
});

test("a repeatable migration whose finished statements changed starts over", () => {
	const text = "SELECT 1; SELECT 2;";
	const records = recorded({ "R__a.sql": text }, { "R__a.sql": { status: "failed", done: 1 } });
	expect(pending({ "R__a.sql": text }, records).steps[0]?.migration?.resumeAt).toBe(1);
	const edited = pending({ "R__a.sql": "SELECT 11; SELECT 2;" }, records);
	expect(edited.steps[0]?.migration?.resumeAt).toBe(0);
});

test("a migration whose process died is not run again until a person has looked", () => {
	const records = recorded({ "V1__a.sql": LONG }, { "V1__a.sql": { status: "running", done: 1 } });
	const result = pending({ "V1__a.sql": LONG }, records);
	expect(result.steps).toEqual([]);
	expect(problems(result)).toEqual([
		"MIGRATION_UNDECIDED: V1__a.sql was cut off while statement 2 ran, and whether it finished is not known (look it up in the query history, then run `snowline migrate repair 1 --statement 2 --done` or `… --retry`)",
	]);
});

test("the head changes whenever the records do", () => {
	const heads = [
		NO_RECORDS,
		recorded(FIRST),
		recorded(FIRST, { "V0001__first.sql": { status: "failed", done: 0 } }),
		recorded(FIRST, { "V0001__first.sql": { checksum: "1:other" } }),
	].map((records) => pending(FIRST, records).head);
	expect(new Set(heads).size).toBe(heads.length);
	expect(pending(FIRST, NO_RECORDS).head).toBe(heads[0]);
});

test.each([
	[
		"BEGIN; DELETE FROM T; CREATE TABLE X (A INT); COMMIT;",
		"this commits the transaction that begins at line 2",
	],
	["BEGIN TRANSACTION; DELETE FROM T;", "this transaction is never committed"],
	["ALTER SESSION SET AUTOCOMMIT = FALSE; DELETE FROM T;", "a migration cannot change AUTOCOMMIT"],
	[
		"ALTER STAGE S SET URL = '{{secret \"KEY\"}}';",
		"secret KEY stands inside quotes, a name or a comment, where it is never filled in",
	],
	["SELECT 'open;", "this string is never closed"],
	["BEGIN DELETE FROM T; CREATE TABLE X (A INT); END;", undefined],
	["BEGIN; TRUNCATE TABLE T; ROLLBACK; CREATE TABLE X (A INT);", undefined],
])("%s", (sql, problem) => {
	const found = checkMigrations(migrations({ "V1__a.sql": `-- touches: T, X\n${sql}` }), {
		context: {},
		owners: {},
	});
	expect(found.map((d) => d.summary)).toEqual(problem === undefined ? [] : [problem]);
});

test.each([
	[[], "V0001__add_index.sql"],
	[["V0007__x.sql", "V0008__y.sql", "R__z.sql", "notes.txt"], "V0009__add_index.sql"],
	[["V9__x.sql", "V10__y.sql"], "V11__add_index.sql"],
	[["V099__x.sql"], "V100__add_index.sql"],
	[["V1.2__x.sql", "V1.10__y.sql"], "V2__add_index.sql"],
	[["V20260131120000__x.sql"], "V20260131120001__add_index.sql"],
])("after %j comes %s", (existing, file) => {
	expect(newMigration(existing, "Add index!").file).toBe(file);
});
