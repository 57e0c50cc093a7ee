import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { LAKE, makeProject, type Ran, type TestProject } from "./support/project.ts";

/*
 * A migration made from the plan: what a person would have written by hand, so it is compared with that, is run, and
 * leaves nothing to do.
 */
let project: TestProject;

afterEach(() => project.close());

const ORDERS = "CREATE TABLE orders (id NUMBER(38,0));\n";

async function ok(...args: readonly string[]): Promise<Ran> {
	const ran = await project.run(...args);
	expect([ran.code, ran.code === 0 ? "" : ran.err]).toEqual([0, ""]);
	return ran;
}

const files = () => {
	const folder = join(project.dir, "migrations");
	return existsSync(folder) ? readdirSync(folder) : [];
};
const text = (file: string) => readFileSync(join(project.dir, "migrations", file), "utf8");

/** The file without the line that says when it was made. */
const body = (file: string) => text(file).split("\n").slice(1).join("\n");

/** The ids of the plan's steps. */
async function steps(): Promise<readonly string[]> {
	const { out } = await ok("plan", "--json");
	return (JSON.parse(out) as { steps: { id: string }[] }).steps.map(({ id }) => id);
}

test("what the plan would do becomes a migration, and nothing is left for a plan", async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": ORDERS });
	await ok("sql", "CREATE ROLE reader");
	await ok("apply", "--yes");
	expect((await ok("migrate", "new", "nothing", "--from-plan")).out).toBe(
		"the plan is empty: there is nothing to write\n",
	);
	expect(JSON.parse((await ok("migrate", "new", "x", "--from-plan", "--json")).out)).toEqual({
		file: null,
	});
	expect(files()).toEqual([]);

	project.write({
		"sql/orders.sql": `CREATE TABLE orders (id NUMBER(38,0), note VARCHAR(100));
CREATE VIEW notes COMMENT = 'as \\{{written}}' AS
SELECT note -- all of them
FROM orders;
GRANT SELECT ON VIEW notes TO ROLE reader;
`,
	});
	expect((await ok("migrate", "new", "Add notes", "--from-plan")).out).toBe(
		"migrations/V0001__add_notes.sql\n",
	);
	expect(text("V0001__add_notes.sql")).toMatch(
		/^-- Made by `snowline migrate new --from-plan` from the plan for local \(account \S+\) of \d{4}-\d\d-\d\dT\S+Z\.\n/,
	);
	expect(
		body("V0001__add_notes.sql"),
	).toBe(`-- The names in it are those of local: put variables in their place where environments differ.
-- phase: before

-- 1. alter TABLE LAKE.BRONZE.ORDERS: COLUMN NOTE differs
USE SCHEMA LAKE.BRONZE;
ALTER TABLE LAKE.BRONZE.ORDERS ADD COLUMN NOTE VARCHAR(100);

-- 2. create VIEW LAKE.BRONZE.NOTES: it does not exist
CREATE VIEW LAKE.BRONZE.NOTES
  COMMENT = 'as \\{{written}}'
AS
SELECT note -- all of them
FROM orders;

-- 3. grant VIEW LAKE.BRONZE.NOTES: who may do what differs
GRANT SELECT ON VIEW LAKE.BRONZE.NOTES TO ROLE READER;
`);
	expect((await ok("validate")).err).toBe("");
	expect(await steps()).toEqual(["migrate V0001__add_notes.sql"]);
	// With the migration in place there is nothing more to write.
	expect(JSON.parse((await ok("migrate", "new", "x", "--from-plan", "--json")).out)).toEqual({
		file: null,
	});
	expect((await ok("apply", "--yes")).out).toContain("verified: 0 differences");
	await ok("plan", "--detailed-exitcode");
	const { out } = await ok("sql", "SHOW VIEWS IN SCHEMA LAKE.BRONZE", "--json");
	expect(JSON.parse(out)).toMatchObject([{ name: "NOTES", comment: "as {{written}}" }]);
}, 90_000);

test("secrets stay secrets, hazards are told, and only what is asked for is written", async () => {
	const stage = (path: string) => `CREATE STAGE landing URL = 's3://lake/${path}/'
  CREDENTIALS = (AWS_KEY_ID = {{secret "KEY"}} AWS_SECRET_KEY = {{secret "SECRET"}});
`;
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/orders.sql": ORDERS,
		"migrations/V0001__first.sql": "-- phase: after\nSELECT 1;\n",
	});
	Object.assign(project.env, { KEY: "canary-key", SECRET: "canary-secret" });
	await ok("apply", "--yes");
	project.write({ "sql/orders.sql": "", "sql/stage.sql": stage("in") });
	const asked = ["--from-plan", "--phase", "after"];
	const made = await ok("migrate", "new", "stage", ...asked, "--target", "*.LANDING", "--json");
	expect(JSON.parse(made.out)).toMatchObject({
		file: "migrations/V0002__stage.sql",
		phase: "after",
		steps: ["create STAGE LAKE.BRONZE.LANDING"],
		hazards: [],
	});
	expect(made.out + text("V0002__stage.sql")).not.toContain("canary");
	expect(text("V0002__stage.sql")).toContain(", only *.LANDING.\n");
	expect(text("V0002__stage.sql")).toContain("-- phase: after\n-- new environment: skip\n");
	expect(text("V0002__stage.sql")).toContain('AWS_SECRET_KEY = {{secret "SECRET"}}');
	// The plan of some objects would not know of that migration.
	const unseen = await project.run("migrate", "new", "y", "--from-plan", "--target", "*.LANDING");
	expect(unseen).toMatchObject({
		code: 64,
		err: expect.stringContaining("V0002__stage.sql did not"),
	});

	const dropping = await ok("migrate", "new", "drop", "--from-plan");
	expect(dropping.err).toContain("OBJECT_DROPPED (TABLE LAKE.BRONZE.ORDERS)");
	expect(text("V0003__drop.sql")).toContain(", after V0002__stage.sql.\n");
	expect(text("V0003__drop.sql")).toMatch(
		/\n-- 1\. drop TABLE LAKE\.BRONZE\.ORDERS: .*\n-- ! OBJECT_DROPPED \(TABLE LAKE\.BRONZE\.ORDERS\): .*\nDROP TABLE LAKE\.BRONZE\.ORDERS;\n$/s,
	);
	expect(await steps()).toEqual(["migrate V0003__drop.sql", "migrate V0002__stage.sql"]);
	expect((await ok("apply", "--yes")).out).toContain("verified: 0 differences");
	await ok("plan", "--detailed-exitcode");
	expect((await ok("plan")).out).not.toContain("ALREADY_GONE");
}, 90_000);

test("what needs more than statements is refused by name, and the rest can be chosen", async () => {
	const change = (mode: string, type: string) => `${ORDERS}
CREATE STREAM changes ON TABLE orders${mode};
CREATE TABLE log (n NUMBER(${type}));
`;
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": change("", "10,0") });
	// Nothing is there yet: the declared state makes it, and the migration is only recorded.
	const first = await ok("migrate", "new", "all", "--from-plan");
	expect(first.err).toContain("here it will only be recorded");
	expect((await ok("apply", "--yes")).out).toContain("verified: 0 differences");
	await ok("plan", "--detailed-exitcode");

	project.write({ "sql/orders.sql": change(" APPEND_ONLY = TRUE", "12,0") });
	const refused = await project.run("migrate", "new", "wider", "--from-plan");
	expect(refused).toMatchObject({ code: 3, out: "" });
	expect(refused.err).toMatch(
		/NOT_A_MIGRATION\]: replace STREAM LAKE\.BRONZE\.CHANGES cannot be a migration: .*\n.*`snowline apply` does it/,
	);
	expect(refused.err).not.toContain("LOG");
	expect(files()).toEqual(["V0001__all.sql"]);
	await ok("migrate", "new", "wider", "--from-plan", "--target", "LAKE.BRONZE.LOG");
	expect(body("V0002__wider.sql")).toContain("ALTER TABLE LAKE.BRONZE.LOG");
	expect(await steps()).toContain("migrate V0002__wider.sql");
	expect(await steps()).not.toContain("alter TABLE LAKE.BRONZE.LOG");

	expect((await project.run("migrate", "new", "x", "--target", "A")).code).toBe(64);
	expect((await project.run("migrate", "new", "!", "--from-plan")).code).toBe(64);
}, 90_000);
