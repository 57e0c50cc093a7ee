import { expect, test } from "vitest";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import { migrationOf } from "../src/migrate/from-plan.ts";
import type { Operation, Plan, Step } from "../src/plan/plan.ts";

const FROM = {
	phase: "before",
	role: "DEPLOYER",
	targets: [],
	permitOnly: new Set(["LOCKOUT"]),
} as const;

function step(action: Step["action"], what: string, more: Partial<Step> = {}): Step {
	const [kind = "", object = ""] = what.split(" ");
	const id = `${action} ${what}`;
	const none = { dependsOn: [], changes: [], diff: "", hazards: [], operations: [], restore: [] };
	return { id, action, kind, object, reason: "why", ...none, ...more };
}

const runs = (sql: string, more: Partial<Operation> = {}): Operation => ({
	do: "execute",
	sql,
	...more,
});

function planOf(...steps: readonly Step[]): Plan {
	return {
		version: 1,
		tool: "snowline",
		project: "demo",
		environment: "dev",
		account: "ORG-DEV",
		createdAt: "2026-01-02T03:04:05.000Z",
		fingerprint: { objects: {}, migrations: "" },
		summary: {
			create: 0,
			alter: 0,
			replace: 0,
			drop: 0,
			migrate: 0,
			adopt: 0,
			unchanged: 0,
			unmanaged: 0,
		},
		steps: [...steps],
		adopts: [],
		models: {},
		unmanaged: [],
		handoffs: [],
		notes: [],
	};
}

/** The steps that are refused, each with the reason. */
function refused(...steps: readonly Step[]): readonly string[] {
	try {
		migrationOf(planOf(...steps), FROM);
		return [];
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		expect(error.exitCode).toBe(3);
		return error.diagnostics.map(({ summary }) => summary.replace(" cannot be a migration", ""));
	}
}

test("each statement runs as its role and in its schema, from a session that begins as the deployer", () => {
	const made = migrationOf(
		planOf(
			step("create", "DATABASE D", { operations: [runs("CREATE DATABASE D")] }),
			step("create", "TABLE D.S.T", {
				operations: [runs("CREATE TABLE D.S.T (A INT)", { role: "OWNER", schema: "D.S" })],
			}),
			step("create", "SCHEMA D.R", { operations: [runs("CREATE SCHEMA D.R", { role: "OWNER" })] }),
			step("alter", "TABLE D.S.T", {
				operations: [
					runs("ALTER TABLE D.S.T SET COMMENT = 'a'", { schema: "D.S" }),
					runs("ALTER TABLE D.S.T ADD COLUMN B INT", { role: "DEPLOYER", schema: "D.S" }),
				],
			}),
		),
		FROM,
	);
	expect(made?.statements).toEqual([
		"CREATE DATABASE D",
		"USE ROLE OWNER",
		"USE SCHEMA D.S",
		"CREATE TABLE D.S.T (A INT)",
		"CREATE SCHEMA D.R",
		"USE ROLE DEPLOYER",
		"USE SCHEMA D.S",
		"ALTER TABLE D.S.T SET COMMENT = 'a'",
		"ALTER TABLE D.S.T ADD COLUMN B INT",
	]);
});

test("the text is a template: secrets by their helper, braces and comments as they are", () => {
	const made = migrationOf(
		planOf(
			step("alter", "STAGE D.S.G", {
				reason: "of\nthis: {{x}}",
				hazards: [
					{ code: "STAGE_UNLINKED", level: "refuse", object: "STAGE D.S.G", message: "a\nb" },
				],
				operations: [runs("ALTER STAGE G SET K = <secret KEY> C = '{{<secret KEY>}}' -- all")],
			}),
		),
		{ ...FROM, phase: "after", targets: ["*.G"] },
	);
	expect(
		made?.text,
	).toBe(`-- Made by \`snowline migrate new --from-plan\` from the plan for dev (account ORG-DEV) of 2026-01-02T03:04:05.000Z, only *.G.
-- The names in it are those of dev: put variables in their place where environments differ.
-- Nobody is asked about hazards when it runs: what a statement loses stands above it.
-- phase: after
-- new environment: skip

-- 1. alter STAGE D.S.G: of this: \\{{x}}
-- ! STAGE_UNLINKED (STAGE D.S.G): a b
ALTER STAGE G SET K = {{secret "KEY"}} C = '\\{{<secret KEY>}}' -- all
;
`);
});

test("an empty plan, and one of migrations only, makes none", () => {
	expect(migrationOf(planOf(), FROM)).toBeUndefined();
	expect(migrationOf(planOf(step("migrate", "MIGRATION V1__a.sql")), FROM)).toBeUndefined();
});

test("what keeps state between statements is refused, with the step that says why", () => {
	const table = step("alter", "TABLE D.S.T", { operations: [runs("ALTER TABLE D.S.T …")] });
	expect(refused(table)).toEqual([]);
	expect(refused(step("hold", "TASK D.S.K"), table, step("release", "TASK D.S.K"))).toEqual([
		"hold TASK D.S.K: it is stopped meanwhile and gets back the state it had then, also when something fails",
	]);
	const asks = (what: Operation["do"]) =>
		step("replace", "VIEW D.S.V", { operations: [{ do: what, sql: "SELECT 1" }] });
	expect(refused(asks("wait"))).toEqual([
		"replace VIEW D.S.V: it has to wait for the account between its statements",
	]);
	for (const what of ["check", "capture"] as const)
		expect(refused(asks(what))).toEqual([
			"replace VIEW D.S.V: it keeps state by what it reads from the account between its statements",
		]);
	const uses = { name: "state of TASK D.S.K", equals: "started" };
	const bound = step("alter", "TASK D.S.K", { operations: [runs("ALTER TASK …", { uses })] });
	expect(refused(bound)).toHaveLength(1);
	const given = step("replace", "TABLE D.S.T", { restore: [runs("GRANT …")] });
	expect(refused(given)).toHaveLength(1);
	// Who holds what can be looked up at any time.
	const look: Operation = { do: "check", sql: "SHOW GRANTS ON VIEW D.S.V", rows: { only: true } };
	expect(refused(step("grant", "VIEW D.S.V", { operations: [runs("GRANT …"), look] }))).toEqual([]);
});

test("what only a dated permit accepts needs it here too", () => {
	const hazard = { code: "LOCKOUT", level: "refuse", object: "TABLE D.S.T", message: "m" } as const;
	const operations = [runs("REVOKE …")];
	expect(refused(step("grant", "TABLE D.S.T", { hazards: [hazard], operations }))).toEqual([
		"grant TABLE D.S.T: LOCKOUT is accepted by a permit for that object only",
	]);
	const hazards = [{ ...hazard, permitted: { reason: "known" } }];
	expect(refused(step("grant", "TABLE D.S.T", { hazards, operations }))).toEqual([]);
});
