import { afterEach, beforeEach, expect, test } from "vitest";
import type { Plan } from "../src/plan/plan.ts";
import { LAKE, makeProject, type TestProject } from "./support/project.ts";

/*
 * GRANT and REVOKE in pending migrations: what they do is not planned a second time.
 * https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege
 */
let project: TestProject;

const TABLE = "CREATE TABLE orders (id NUMBER);\n";
const SELECT = "GRANT SELECT ON TABLE orders TO ROLE reader;\n";
const INSERT = "GRANT INSERT ON TABLE orders TO ROLE writer";

beforeEach(async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE + SELECT });
	await sql("CREATE ROLE reader");
	await sql("CREATE ROLE writer");
	await apply();
});

afterEach(() => project.close());

async function sql(statement: string): Promise<readonly Record<string, string>[]> {
	const { code, out, err } = await project.run("sql", statement, "--json");
	expect([code, err]).toEqual([0, ""]);
	return JSON.parse(out) as Record<string, string>[];
}

async function apply(): Promise<string> {
	const { code, out, err } = await project.run("apply", "--yes");
	expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
	return out;
}

/** The steps of the plan, with what they send. */
async function planned(): Promise<readonly string[]> {
	const { code, out } = await project.run("plan", "--json");
	expect(code, out).toBe(0);
	const { steps } = JSON.parse(out) as Plan;
	return steps.flatMap((step) => [
		step.id,
		...(step.action === "migrate"
			? []
			: step.operations.flatMap((o) => (o.do === "execute" ? [`  ${o.sql}`] : []))),
	]);
}

const held = async () =>
	(await sql("SHOW GRANTS ON TABLE LAKE.BRONZE.ORDERS"))
		.filter((row) => row.privilege !== "OWNERSHIP")
		.map((row) => `${row.privilege} ${row.grantee_name} ${row.grant_option}`)
		.sort();

const ledger = async () =>
	(await sql("SELECT OBJECT FROM LAKE.SNOWLINE.OBJECTS ORDER BY OBJECT"))
		.map((row) => row.OBJECT)
		.filter((key) => key?.includes("ORDERS"));

test("what a migration grants and revokes is planned by nobody else, and the ledger knows", async () => {
	project.write({
		"sql/orders.sql": `${TABLE}${INSERT};\n`,
		"migrations/V1__roles.sql": `REVOKE SELECT ON TABLE orders FROM ROLE reader CASCADE;
${INSERT} WITH GRANT OPTION;
REVOKE GRANT OPTION FOR INSERT ON TABLE LAKE.BRONZE.ORDERS FROM writer;
`,
	});
	expect(await planned()).toEqual(["migrate V1__roles.sql"]);
	expect(await apply()).toContain("verified: 0 differences");
	expect(await held()).toEqual(["INSERT WRITER false"]);
	expect(await ledger()).toEqual([
		"GRANT INSERT ON TABLE LAKE.BRONZE.ORDERS TO ROLE WRITER",
		"TABLE LAKE.BRONZE.ORDERS",
	]);
	expect(await planned()).toEqual([]);

	// A table that a migration makes anew has lost its grants, unless the statement copies them.
	const anew = "CREATE OR REPLACE TABLE orders (id NUMBER)";
	project.write({ "migrations/V2__anew.sql": `${anew} COPY GRANTS;\n` });
	expect(await planned()).toEqual(["migrate V2__anew.sql"]);
	project.write({ "migrations/V2__anew.sql": `${anew};\n` });
	expect(await planned()).toEqual([
		"migrate V2__anew.sql",
		"grant TABLE LAKE.BRONZE.ORDERS",
		"  GRANT INSERT ON TABLE LAKE.BRONZE.ORDERS TO ROLE WRITER",
	]);
	expect(await apply()).toContain("verified: 0 differences");
	expect(await held()).toEqual(["INSERT WRITER false"]);

	// What a migration drops is out of the ledger, with its grants.
	project.write({ "sql/orders.sql": "", "migrations/V3__drop.sql": "DROP TABLE orders;\n" });
	expect(await planned()).toEqual(["migrate V3__drop.sql"]);
	await apply();
	expect(await ledger()).toEqual([]);
	expect((await project.run("plan")).out).not.toContain("ALREADY_GONE");
}, 90_000);
