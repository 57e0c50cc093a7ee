import { expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { diff } from "../../src/diff/diff.ts";
import { type Catalog, catalogOf } from "../../src/model/catalog.ts";
import { grantOf, type HeldGrant } from "../../src/model/grant.ts";
import type { GrantInput } from "../../src/plan/grants.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Step } from "../../src/plan/plan.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";

/*
 * What happens to the grants on an object that is made anew, for what the local account does not have:
 * shares, application roles, owners whose role we do not hold.
 */
const STAGE = { kind: "STAGE", name: ["L", "B", "S"] };

function declared(sql: string): Catalog {
	const { catalog, diagnostics } = resolveFiles([textSource("s.sql", sql)], {
		context: { database: "L", schema: "B" },
		owners: {},
	});
	expect(diagnostics).toEqual([]);
	return catalog;
}

function line(privilege: string, to: string, name: string, option = "false"): HeldGrant["cells"] {
	return { privilege, granted_to: to, grantee_name: name, grant_option: option };
}

const OWNED: HeldGrant = { cells: line("OWNERSHIP", "ROLE", "KEEPER", "true") };

/** The replacement of a stage that KEEPER owns, by a deployer who has only its own role. */
function replacement(held: readonly HeldGrant[], owner?: string): Step | undefined {
	const live = declared("CREATE STAGE s;");
	const to = declared("CREATE STAGE s ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE');");
	const owned = (catalog: Catalog, role: string | undefined) =>
		catalogOf([...catalog.objects.values()].map((o) => (role ? { ...o, owner: role } : o)));
	const states = { live: owned(live, "KEEPER"), desired: owned(to, owner) };
	const grants: GrantInput = {
		changes: [],
		held: new Map([["STAGE L.B.S", held]]),
		declared: [],
		ledger: new Map(),
		owners: [],
		role: "DEPLOYER",
	};
	return makePlan({
		tool: "test",
		project: "test",
		environment: "test",
		account: "LOCAL",
		createdAt: "2026-11-20T12:00:00Z",
		changes: diff(states.live, states.desired, () => undefined).changes,
		states,
		grants,
		roles: { available: new Set(["DEPLOYER"]) },
		migrations: [],
		migrationHead: "",
		adopts: [],
		unmanaged: [],
		notes: [],
	}).steps.find((step) => step.action === "replace");
}

function sent(step: Step | undefined): readonly string[] {
	return step?.operations.map(({ sql }) => sql.split("\n")[0] ?? "") ?? [];
}

function codes(step: Step | undefined): readonly string[] {
	return step?.hazards.map((h) => h.code) ?? [];
}

test("made anew by another role, it goes back to the owner it had, who is looked for at the end", () => {
	const step = replacement([OWNED]);
	expect(sent(step)).toEqual([
		"SHOW GRANTS ON STAGE L.B.S",
		"CREATE OR REPLACE STAGE L.B.S",
		"GRANT OWNERSHIP ON STAGE L.B.S TO ROLE KEEPER COPY CURRENT GRANTS",
		"SHOW GRANTS ON STAGE L.B.S",
	]);
	expect(step?.operations.at(-1)?.rows).toEqual({ present: [OWNED.cells] });
	expect(codes(step)).not.toContain("OWNERSHIP_CHANGED");
});

test("the declared owner keeps what it makes anew, with the hazard of that", () => {
	const step = replacement([OWNED], "DEPLOYER");
	expect(sent(step)).not.toContain(
		"GRANT OWNERSHIP ON STAGE L.B.S TO ROLE KEEPER COPY CURRENT GRANTS",
	);
	expect(codes(step)).toContain("OWNERSHIP_CHANGED");
});

test("shares and database roles get back what they had", () => {
	const share = {
		cells: line("READ", "SHARE", "ACME.PARTNERS"),
		grant: grantOf(STAGE, {
			privilege: "READ",
			to: { kind: "SHARE", name: ["PARTNERS"] },
			value: false,
		}),
	};
	const role = {
		cells: line("READ", "DATABASE_ROLE", "DR"),
		grant: grantOf(STAGE, {
			privilege: "READ",
			to: { kind: "DATABASE ROLE", name: ["L", "DR"] },
			value: false,
		}),
	};
	const step = replacement([OWNED, share, role]);
	expect(sent(step).slice(2, 4)).toEqual([
		"GRANT READ ON STAGE L.B.S TO DATABASE ROLE L.DR",
		"GRANT READ ON STAGE L.B.S TO SHARE PARTNERS",
	]);
	expect(codes(step)).not.toContain("GRANTS_LOST");
});

test("what no statement can grant again is lost, and said so", () => {
	const step = replacement([OWNED, { cells: line("READ", "APPLICATION_ROLE", "APP.VIEWER") }]);
	expect(step?.hazards.filter((h) => h.code === "GRANTS_LOST")).toEqual([
		{
			code: "GRANTS_LOST",
			level: "refuse",
			object: "STAGE L.B.S",
			message: "READ of APPLICATION ROLE APP.VIEWER cannot be granted again",
		},
	]);
});
