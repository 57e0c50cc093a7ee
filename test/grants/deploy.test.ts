import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Plan } from "../../src/plan/plan.ts";
import { LAKE, LOCAL, makeProject, type TestProject } from "../support/project.ts";

/*
 * Grants as files declare them, applied on the local account through the real driver.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
 */
let project: TestProject;

const TABLE = "CREATE TABLE orders (id NUMBER, note VARCHAR);\n";
const SELECT = "GRANT SELECT ON TABLE orders TO ROLE reader;\n";
const INSERT = "GRANT INSERT ON TABLE orders TO ROLE writer WITH GRANT OPTION;\n";

beforeEach(async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE });
	await sql("CREATE ROLE reader");
	await sql("CREATE ROLE writer");
});

afterEach(() => project.close());

async function sql(statement: string): Promise<readonly Record<string, string>[]> {
	const { code, out, err } = await project.run("sql", statement, "--json");
	expect([code, err]).toEqual([0, ""]);
	return JSON.parse(out) as Record<string, string>[];
}

async function apply(...args: readonly string[]): Promise<string> {
	const { code, out, err } = await project.run("apply", "--yes", ...args);
	expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
	return out;
}

/** Declares a table with these grants, and nothing else. */
function declare(...grants: readonly string[]): void {
	project.write({ "sql/orders.sql": [TABLE, ...grants].join("") });
}

/** Who holds what on an object, `*` with grant option, the owner left out. */
async function held(on: string): Promise<readonly string[]> {
	const rows = await sql(`SHOW GRANTS ON ${on}`);
	return rows
		.filter((row) => row.privilege !== "OWNERSHIP")
		.map((row) => `${row.privilege} ${row.grantee_name}${row.grant_option === "true" ? " *" : ""}`)
		.sort();
}

test("what is declared is granted, and the next plan is empty", async () => {
	declare(SELECT, INSERT);
	await apply();
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["INSERT WRITER *", "SELECT READER"]);
	const { code, out } = await project.run("plan", "--detailed-exitcode");
	expect([code, out]).toEqual([0, expect.stringContaining("no changes; 3 unchanged")]);
});

test("a grant is a step of its own, told as the statements it runs", async () => {
	await apply();
	declare(SELECT, INSERT);
	const { out } = await project.run("plan");
	expect(out).toContain(
		[
			"  ~ grant TABLE LAKE.BRONZE.ORDERS  # who may do what differs",
			"    @@ -0,0 +1,2 @@",
			"    +GRANT INSERT ON TABLE LAKE.BRONZE.ORDERS TO ROLE WRITER WITH GRANT OPTION;",
			"    +GRANT SELECT ON TABLE LAKE.BRONZE.ORDERS TO ROLE READER;",
		].join("\n"),
	);
	expect(out).toMatch(/1 to alter.*; 2 unchanged/);
});

test("what is no longer declared is revoked, once that is accepted", async () => {
	declare(SELECT, INSERT);
	await apply();
	declare(INSERT);
	const refused = await project.run("apply", "--yes");
	expect(refused.code).toBe(3);
	expect(refused.err).toContain("ROLE READER loses SELECT");
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toContain("SELECT READER");
	await apply("--allow-hazards", "ACCESS_REVOKED");
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["INSERT WRITER *"]);
	expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
});

test("a grant option comes and goes", async () => {
	declare(SELECT);
	await apply();
	declare("GRANT SELECT ON TABLE orders TO ROLE reader WITH GRANT OPTION;");
	await apply();
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["SELECT READER *"]);
	declare(SELECT);
	const refused = await project.run("apply", "--yes");
	expect([refused.code, refused.err]).toEqual([
		3,
		expect.stringContaining("ROLE READER can no longer grant SELECT to others"),
	]);
	await apply("--allow-hazards", "ACCESS_REVOKED");
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["SELECT READER"]);
});

test("a grant of somebody else is left alone", async () => {
	declare(SELECT);
	await apply();
	await sql("GRANT UPDATE ON TABLE LAKE.BRONZE.ORDERS TO ROLE writer");
	declare();
	await apply("--allow-hazards", "ACCESS_REVOKED");
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["UPDATE WRITER"]);
});

test("unless its role is one that the project is in charge of", async () => {
	const inCharge = LOCAL.replace("databases: [LAKE]", "databases: [LAKE], roles: [WRITER]");
	project.write({ "environments/local.yaml": inCharge });
	declare(SELECT);
	await apply();
	await sql("GRANT UPDATE ON TABLE LAKE.BRONZE.ORDERS TO ROLE writer");
	await sql("GRANT UPDATE ON TABLE LAKE.BRONZE.ORDERS TO ROLE reader");
	await apply("--allow-hazards", "ACCESS_REVOKED");
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["SELECT READER", "UPDATE READER"]);
});

test("a grant that was there already is adopted, and then ours to take away", async () => {
	await apply();
	await sql("GRANT SELECT ON TABLE LAKE.BRONZE.ORDERS TO ROLE reader");
	declare(SELECT);
	expect(await apply()).toContain("1 to adopt");
	declare();
	expect((await project.run("apply", "--yes")).code).toBe(3);
});

test("grants of a renamed table go along, and stay ours", async () => {
	declare(SELECT);
	await apply();
	const renamed = `-- renamed from: ORDERS\n${TABLE.replace("orders", "purchases")}`;
	project.write({ "sql/orders.sql": renamed + SELECT.replace("orders", "purchases") });
	await apply();
	expect(await held("TABLE LAKE.BRONZE.PURCHASES")).toEqual(["SELECT READER"]);
	project.write({ "sql/orders.sql": TABLE.replace("orders", "purchases") });
	expect((await project.run("apply", "--yes")).err).toContain("ROLE READER loses SELECT");
});

test("taking something away from the deploying role itself needs a permit of its own", async () => {
	declare(SELECT.replace("reader", "ACCOUNTADMIN"));
	await apply();
	declare();
	const refused = await project.run("apply", "--yes", "--allow-hazards", "ACCESS_REVOKED");
	expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("LOCKOUT")]);
});

test("what is revoked is read again", async () => {
	declare(SELECT);
	await apply();
	declare();
	const saved = await project.run("plan", "--out", `${project.dir}/plan.json`);
	expect(saved.code).toBe(0);
	const plan = JSON.parse(readFileSync(`${project.dir}/plan.json`, "utf8")) as Pick<Plan, "steps">;
	expect(
		plan.steps[0]?.operations.map(({ do: what, sql: text, rows }) => [what, text, rows]),
	).toEqual([
		["execute", "REVOKE SELECT ON TABLE LAKE.BRONZE.ORDERS FROM ROLE READER", undefined],
		[
			"check",
			"SHOW GRANTS ON TABLE LAKE.BRONZE.ORDERS",
			{ absent: [{ privilege: "SELECT", granted_to: "ROLE", grantee_name: "READER" }] },
		],
	]);
});

test("a REVOKE that takes nothing away is an error: another role granted it", async () => {
	const deployer = LOCAL.replace("role: ACCOUNTADMIN", "role: DEPLOYER");
	await sql("CREATE ROLE deployer");
	await sql("GRANT CREATE DATABASE ON ACCOUNT TO ROLE deployer");
	project.write({ "environments/local.yaml": deployer });
	declare(SELECT, INSERT);
	await apply();
	// WRITER may pass INSERT on; what it granted is not the owner's to revoke.
	project.write({ "environments/local.yaml": LOCAL.replace("role: ACCOUNTADMIN", "role: WRITER") });
	await sql("GRANT INSERT ON TABLE LAKE.BRONZE.ORDERS TO ROLE reader");
	project.write({ "environments/local.yaml": deployer });
	declare(SELECT, INSERT, "GRANT INSERT ON TABLE orders TO ROLE reader;");
	await apply();
	declare(SELECT, INSERT);
	const run = await project.run("apply", "--yes", "--allow-hazards", "ACCESS_REVOKED");
	expect([run.code, run.err]).toEqual([
		1,
		expect.stringContaining("still there: INSERT ROLE READER"),
	]);
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toContain("INSERT READER");
	expect((await project.run("plan")).out).toContain("ROLE READER loses INSERT");
});
