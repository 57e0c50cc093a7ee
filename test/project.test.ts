import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import { loadEnvironment } from "../src/project/environment.ts";
import { compareVersions, parseMigrationName } from "../src/project/migration-name.ts";
import { loadProject } from "../src/project/project.ts";

const created: string[] = [];
afterEach(() => {
	for (const dir of created.splice(0)) rmSync(dir, { recursive: true });
});

const ENVIRONMENT = `project: acme
connection: { emulator: { path: .snowline } }
records: LAKE.SNOWLINE
variables: { lake: LAKE }
`;

function projectOf(files: Readonly<Record<string, string | Uint8Array>>): string {
	const dir = mkdtempSync(join(tmpdir(), "snowline-"));
	created.push(dir);
	const all = { "environments/local.yaml": ENVIRONMENT, ...files };
	for (const [file, text] of Object.entries(all)) {
		mkdirSync(dirname(join(dir, file)), { recursive: true });
		writeFileSync(join(dir, file), text);
	}
	return dir;
}

function load(files: Readonly<Record<string, string | Uint8Array>>) {
	const dir = projectOf(files);
	return loadProject(dir, loadEnvironment(dir, "local"));
}

/** What is wrong with a project: code and place of each. */
function problems(files: Readonly<Record<string, string | Uint8Array>>) {
	try {
		return load(files).diagnostics;
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		expect(error.exitCode).toBe(65);
		return error.diagnostics;
	}
}

describe("files", () => {
	test("are rendered, sorted by code unit, and told apart", () => {
		const project = load({
			"sql/b.sql": "create table {{lake}}.s.b (id int);",
			"sql/a/z.sql": "{{> columns}}{{> deep/one}}",
			"sql/B.sql": "-- plain",
			"sql/a.sql": "",
			"sql/a/orders.check.sql": "select '{{lake}}'",
			"sql/_partials/columns.sql": "{{lake}}-",
			"sql/a/_partials/deep/one.sql": "one",
			"sql/notes.md": "{{nothing}}",
			"sql/.hidden.sql": "{{nothing}}",
		});
		expect(project.files.map(({ file }) => file)).toEqual([
			"sql/B.sql",
			"sql/a.sql",
			"sql/a/z.sql",
			"sql/b.sql",
		]);
		expect(project.files.map(({ source }) => source.text)).toEqual([
			"-- plain",
			"",
			"LAKE-one",
			"create table LAKE.s.b (id int);",
		]);
		expect(project.files[3]?.raw.text).toBe("create table {{lake}}.s.b (id int);");
		expect(project.checks.map(({ source }) => source.text)).toEqual(["select 'LAKE'"]);
		expect(project.migrations).toEqual([]);
	});

	test("may begin with a byte order mark and have Windows line ends", () => {
		const { files } = load({ "sql/a.sql": "\ufeffselect 1;\r\n{{lake}}\r\n" });
		expect(files[0]?.source.text).toBe("select 1;\r\nLAKE\r\n");
		expect(files[0]?.source.locate(11, 15)).toEqual({
			file: "sql/a.sql",
			line: 2,
			column: 1,
			lineText: "{{lake}}",
			length: 8,
		});
	});

	test("by links are followed, in a circle once", () => {
		const dir = projectOf({ "sql/a/x.sql": "1", "other/y.sql": "2" });
		symlinkSync(join(dir, "sql"), join(dir, "sql/a/again"));
		symlinkSync(join(dir, "other"), join(dir, "sql/b"));
		const { files } = loadProject(dir, loadEnvironment(dir, "local"));
		expect(files.map(({ file }) => file)).toEqual(["sql/a/x.sql", "sql/b/y.sql"]);
	});

	test("with mistakes are reported together, those of a partial once", () => {
		const found = problems({
			"sql/a.sql": "{{lak}}{{> p}}",
			"sql/b.sql": "{{#if}}",
			"sql/c.sql": "{{> p}}",
			"sql/_partials/p.sql": "\n{{nope}}",
			"sql/_partials/unused.sql": "{{litral x}}",
			"sql/wide.sql": Uint8Array.of(0xe9),
			"sql/upper.SQL": "",
			"migrations/V1__x.sql": "-- phase: afer\n{{> q}}",
		});
		expect(found.map(({ code, at }) => `${code} ${at?.file}:${at?.line}`).sort()).toEqual([
			"FILE_NAME undefined:undefined",
			"FILE_NOT_UTF8 undefined:undefined",
			"TEMPLATE_SYNTAX sql/b.sql:1",
			"UNDEFINED_VARIABLE sql/_partials/p.sql:2",
			"UNDEFINED_VARIABLE sql/a.sql:1",
			"UNKNOWN_HELPER sql/_partials/unused.sql:1",
			"UNKNOWN_PARTIAL migrations/V1__x.sql:2",
			"WRONG_VALUE migrations/V1__x.sql:1",
		]);
	});

	test("are missing: the error says what to do", () => {
		expect(problems({})).toMatchObject([{ code: "NO_PROJECT" }]);
		expect(problems({})[0]?.hint).toContain("snowline init");
	});

	test("two partials of one name are an error naming both", () => {
		const [found] = problems({ "sql/_partials/p.sql": "", "sql/a/_partials/p.sql": "" });
		expect(found?.summary).toBe(
			"partial p is written twice: sql/_partials/p.sql and sql/a/_partials/p.sql",
		);
	});
});

describe("migration names", () => {
	test.each([
		["V0001__backfill_orders.sql", { kind: "versioned", version: "0001", name: "backfill_orders" }],
		["V1.2_3__a.b-c.sql", { kind: "versioned", version: "1.2_3", name: "a.b-c" }],
		["V20261120101500__x.sql", { kind: "versioned", version: "20261120101500", name: "x" }],
		["R__refresh_reporting.sql", { kind: "repeatable", name: "refresh_reporting" }],
		["v1__x.sql", undefined],
		["V1_x.sql", undefined],
		["V__x.sql", undefined],
		["V1__.sql", undefined],
		["V1.__x.sql", undefined],
		["Va__x.sql", undefined],
		["R1__x.sql", undefined],
		["V1__x.SQL", undefined],
		["V1__x y.sql", undefined],
	])("%s", (name, expected) => {
		expect(parseMigrationName(name)).toEqual(expected);
	});

	test.each([
		["1", "2", -1],
		["2", "10", -1],
		["0001", "1", 0],
		["1.0", "1", 0],
		["1_2", "1.2", 0],
		["1.2", "1.10", -1],
		["1.9", "2", -1],
		["1", "1.1", -1],
		["99999999999999999998", "99999999999999999999", -1],
	])("version %s against %s", (a, b, order) => {
		expect(Math.sign(compareVersions(a, b))).toBe(order);
		expect(Math.sign(compareVersions(b, a))).toBe(0 - order);
	});

	test("versions compare like lists of numbers", () => {
		const numbers = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(numbers, numbers, (a, b) => {
				const pad = (list: readonly number[]) => [...list, 0, 0, 0, 0].slice(0, 4);
				const differing = pad(a)
					.map((n, i) => n - (pad(b)[i] ?? 0))
					.find((difference) => difference !== 0);
				expect(Math.sign(compareVersions(a.join("."), b.join("_")))).toBe(
					Math.sign(differing ?? 0),
				);
			}),
		);
	});

	test("anything else in migrations/ is an error that shows the grammar", () => {
		const found = problems({
			"sql/a.sql": "",
			"migrations/notes.md": "",
			"migrations/old/V1__x.sql": "",
			"migrations/.gitkeep": "",
		});
		expect(found.map(({ code, summary }) => `${code} ${summary}`)).toEqual([
			"MIGRATION_NAME migrations/notes.md is not named like a migration",
			"MIGRATION_NAME migrations/old/V1__x.sql is not named like a migration",
		]);
		for (const { hint } of found) expect(hint).toContain("V<version>__<name>.sql or R__<name>.sql");
	});

	test("two of one version are an error naming both", () => {
		const [found] = problems({
			"sql/a.sql": "",
			"migrations/V01__x.sql": "",
			"migrations/V1__y.sql": "",
		});
		expect(found?.summary).toBe(
			"version 1 is written twice: migrations/V01__x.sql and migrations/V1__y.sql",
		);
	});
});

describe("migrations", () => {
	const one = (text: string) =>
		load({ "sql/a.sql": "", "migrations/V1__x.sql": text }).migrations[0];

	test("come in order of version, then the repeatable ones", () => {
		const { migrations } = load({
			"sql/a.sql": "",
			"migrations/R__b.sql": "",
			"migrations/R__a.sql": "",
			"migrations/V10__x.sql": "update {{lake}}.s.t set a = 1;",
			"migrations/V9__x.sql": "",
		});
		expect(migrations.map(({ file }) => file)).toEqual([
			"migrations/V9__x.sql",
			"migrations/V10__x.sql",
			"migrations/R__a.sql",
			"migrations/R__b.sql",
		]);
		expect(migrations[1]).toMatchObject({
			kind: "versioned",
			version: "10",
			name: "x",
			phase: "before",
			touches: [],
			source: { text: "update LAKE.s.t set a = 1;" },
			raw: { text: "update {{lake}}.s.t set a = 1;" },
		});
	});

	test("say in comments when they run and what they touch", () => {
		const migration = one(`-- Moves orders.
-- Phase: AFTER
--new environment : skip

-- touches: {{lake}}.s.a, "odd, name".B
call p();
-- touches: C
call q();
`);
		expect(migration).toMatchObject({ phase: "after", newEnvironment: "skip" });
		expect(migration?.touches.map(({ name }) => name)).toEqual([
			["LAKE", "S", "A"],
			["odd, name", "B"],
			["C"],
		]);
		expect(migration?.touches[0]?.span.source.locate(0, 1)).toMatchObject({ line: 1 });
	});

	test.each([
		["-- phase: afer", "WRONG_VALUE", "afer", "did you mean after?"],
		["-- new environment: never", "WRONG_VALUE", "never", undefined],
		["-- phase:", "WRONG_VALUE", "", undefined],
		["-- phase: after\n-- phase: before", "WRONG_VALUE", "phase", undefined],
		["-- touches: a-b", "WRONG_VALUE", "a-b", undefined],
		["-- touches:", "WRONG_VALUE", "touches", undefined],
		["select 1;\n-- phase: after", "MISPLACED_HEADER", "phase", "move it to the top of the file"],
		["-- phases: after", "UNKNOWN_HEADER", "phases", "did you mean phase?"],
	])("%j", (text, code, caret, hint) => {
		const [found, ...more] = problems({ "sql/a.sql": "", "migrations/V1__x.sql": text });
		expect(more).toEqual([]);
		expect(found).toMatchObject({ code });
		const { at } = found ?? {};
		expect(at?.lineText.slice(at.column - 1, at.column - 1 + at.length)).toBe(caret);
		if (hint) expect(found?.hint).toBe(hint);
	});

	test("may say in prose what they like", () => {
		expect(one("-- note: careful\nselect 1; -- phase: 2 of 3\n")).toMatchObject({
			phase: "before",
		});
		expect(problems({ "sql/a.sql": "", "migrations/V1__x.sql": "-- why: because" })).toEqual([]);
	});
});
