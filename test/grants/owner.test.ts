import { afterEach, beforeEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

/*
 * "OWNERSHIP is a special type of privilege that can only be granted from one role to another role; it cannot
 * be revoked": https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
 */
let project: TestProject;

const TABLE = "CREATE TABLE orders (line VARCHAR);\n";
const SELECT = "GRANT SELECT ON TABLE orders TO ROLE reader;\n";
const STAGE = "CREATE STAGE landing;\n";
const PIPE =
	"CREATE PIPE orders_pipe AS COPY INTO orders FROM @landing FILE_FORMAT = (TYPE = CSV);\n";

beforeEach(async () => {
	project = makeProject({ "sql/lake.sql": LAKE, "sql/orders.sql": TABLE + SELECT + STAGE + PIPE });
	await sql("CREATE ROLE reader");
	await sql("CREATE ROLE keeper");
	expect((await project.run("apply", "--yes")).code).toBe(0);
});

afterEach(() => project.close());

async function sql(statement: string): Promise<readonly Record<string, string>[]> {
	const { code, out, err } = await project.run("sql", statement, "--json");
	expect([code, err]).toEqual([0, ""]);
	return JSON.parse(out) as Record<string, string>[];
}

async function held(on: string): Promise<readonly string[]> {
	const rows = await sql(`SHOW GRANTS ON ${on}`);
	return rows.map((row) => `${row.privilege} ${row.grantee_name}`).sort();
}

function declare(text: string): void {
	project.write({ "sql/orders.sql": text });
}

test("a declared owner gets the object, with the grants on it, once that is accepted", async () => {
	declare(`${TABLE + SELECT + STAGE + PIPE}GRANT OWNERSHIP ON TABLE orders TO ROLE keeper;`);
	const refused = await project.run("apply", "--yes");
	expect([refused.code, refused.err]).toEqual([
		3,
		expect.stringContaining("it belongs to KEEPER afterwards, and no longer to ACCOUNTADMIN"),
	]);
	const done = await project.run("apply", "--yes", "--allow-hazards", "OWNERSHIP_CHANGED");
	expect([done.code, done.code === 0 ? "" : done.err]).toEqual([0, ""]);
	expect(await held("TABLE LAKE.BRONZE.ORDERS")).toEqual(["OWNERSHIP KEEPER", "SELECT READER"]);
	expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
});

test("what stops with another owner is not given away, and that is said", async () => {
	declare(`${TABLE + SELECT + STAGE + PIPE}GRANT OWNERSHIP ON PIPE orders_pipe TO ROLE keeper;`);
	const { out, code } = await project.run("plan", "--detailed-exitcode");
	expect([code, out]).toEqual([0, expect.stringContaining("note OWNER_DIFFERS")]);
});
