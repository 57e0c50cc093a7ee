import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plan } from "../../src/plan/plan.ts";
import { LAKE, makeProject, type TestProject } from "../support/project.ts";

/*
 * "When an object is replaced, the old object deletion and the new object creation are processed in a single
 * transaction", and its grants go with the old one; COPY GRANTS is for tables and views.
 * https://docs.snowflake.com/en/sql-reference/sql/create-table#usage-notes
 */
let project: TestProject;

const TABLE = "CREATE TABLE orders (line VARCHAR);\n";
const STAGE = "CREATE STAGE landing;\n";
const PIPE =
	"CREATE PIPE orders_pipe AS COPY INTO orders FROM @landing FILE_FORMAT = (TYPE = CSV);\n";
const STREAM = "CREATE STREAM orders_stream ON TABLE orders;\n";
const FORMAT = "CREATE FILE FORMAT lines TYPE = CSV;\n";
const ALL = { TABLE, STAGE, PIPE, STREAM, FORMAT };

async function sql(statement: string): Promise<readonly Record<string, string>[]> {
	const { code, out, err } = await project.run("sql", statement, "--json");
	expect([code, err]).toEqual([0, ""]);
	return JSON.parse(out) as Record<string, string>[];
}

/** Declares everything, some of it otherwise, and applies it whatever it loses. */
async function apply(changed: Partial<typeof ALL> = {}): Promise<string> {
	project.write({ "sql/orders.sql": Object.values({ ...ALL, ...changed }).join("") });
	const { out } = await project.run("plan", "--format", "json");
	const plan = JSON.parse(out) as Pick<Plan, "steps">;
	const hazards = plan.steps.flatMap((step) => step.hazards);
	const codes = hazards.filter((h) => h.level === "refuse").map((h) => h.code);
	expect(codes).not.toContain("GRANTS_LOST");
	const allow = codes.length > 0 ? ["--allow-hazards", codes.join(",")] : [];
	const run = await project.run("apply", "--yes", ...allow);
	expect([run.code, run.code === 0 ? "" : run.err]).toEqual([0, ""]);
	return run.out;
}

/** Who holds what on an object, the owner included, without when. */
async function held(on: string): Promise<readonly string[]> {
	const rows = await sql(`SHOW GRANTS ON ${on}`);
	return rows
		.map((r) => [r.privilege, r.granted_to, r.grantee_name, r.grant_option].join(" "))
		.sort();
}

beforeAll(async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	await apply();
	await sql("CREATE ROLE reader");
	await sql("CREATE ROLE writer");
});

afterAll(() => project.close());

test.each([
	["PIPE ORDERS_PIPE", "MONITOR", { PIPE: PIPE.replace("CSV", "CSV SKIP_HEADER = 1") }],
	[
		"STAGE LANDING",
		"READ",
		{ STAGE: "CREATE STAGE landing ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE');\n" },
	],
	[
		"STREAM ORDERS_STREAM",
		"SELECT",
		{ STREAM: "CREATE STREAM orders_stream ON TABLE orders APPEND_ONLY = TRUE;\n" },
	],
	["FILE FORMAT LINES", "USAGE", { FORMAT: FORMAT.replace("CSV", "JSON") }],
	["TABLE ORDERS", "SELECT", { TABLE: TABLE.replace("TABLE", "TRANSIENT TABLE") }],
])("%s is made anew and everybody keeps what they had", async (object, privilege, changed) => {
	const on = object.replace(/(\S+)$/, "LAKE.BRONZE.$1");
	await sql(`GRANT ${privilege} ON ${on} TO ROLE reader`);
	await sql(`GRANT ALL ON ${on} TO ROLE writer WITH GRANT OPTION`);
	await sql(`GRANT ${privilege} ON ${on} TO USER somebody`);
	const before = await held(on);
	expect(before.length).toBeGreaterThan(3);
	expect(await apply(changed)).toContain(`± replace ${on}`);
	expect(await held(on)).toEqual(before);
	await apply();
});

test("what was granted since the plan was made makes it stale", async () => {
	const anew = PIPE.replace("CSV", "CSV SKIP_HEADER = 2");
	project.write({ "sql/orders.sql": Object.values({ ...ALL, PIPE: anew }).join("") });
	const file = `${project.dir}/plan.json`;
	expect((await project.run("plan", "--out", file)).code).toBe(0);
	await sql("GRANT OPERATE ON PIPE LAKE.BRONZE.ORDERS_PIPE TO ROLE reader");
	const run = await project.run("apply", file, "--allow-hazards", "PIPE_HISTORY_LOST");
	expect([run.code, run.err]).toEqual([
		4,
		expect.stringContaining("grants on PIPE LAKE.BRONZE.ORDERS_PIPE: not as it was"),
	]);
});

test("right before a replacement its grants are looked at once more, and journaled to be given again", async () => {
	const { out } = await project.run("plan", "--format", "json");
	const { steps } = JSON.parse(out) as Pick<Plan, "steps">;
	const step = steps.find((s) => s.id === "replace PIPE LAKE.BRONZE.ORDERS_PIPE");
	const check = step?.operations[0];
	const shown = await held("PIPE LAKE.BRONZE.ORDERS_PIPE");
	expect([check?.do, check?.sql, check?.rows?.only]).toEqual([
		"check",
		"SHOW GRANTS ON PIPE LAKE.BRONZE.ORDERS_PIPE",
		true,
	]);
	expect(check?.rows?.present?.map((cells) => Object.values(cells).join(" ")).sort()).toEqual(
		shown,
	);
	expect(step?.restore.map((operation) => operation.sql)).toEqual([
		"GRANT MONITOR, OPERATE ON PIPE LAKE.BRONZE.ORDERS_PIPE TO ROLE READER",
		"GRANT APPLYBUDGET, MONITOR, OPERATE ON PIPE LAKE.BRONZE.ORDERS_PIPE TO ROLE WRITER WITH GRANT OPTION",
		"GRANT MONITOR ON PIPE LAKE.BRONZE.ORDERS_PIPE TO USER SOMEBODY",
	]);
});

test("grants are kept too when the schema begins or ends to decide on them in the same plan", async () => {
	await apply();
	const on = "FILE FORMAT LAKE.BRONZE.LINES";
	const before = await held(on);
	project.write({ "sql/lake.sql": LAKE.replace("BRONZE", "BRONZE WITH MANAGED ACCESS") });
	await apply({ FORMAT: FORMAT.replace("CSV", "JSON") });
	expect(await held(on)).toEqual(before.map((grant) => grant.replace(/ true$/, " false")).sort());
	project.write({ "sql/lake.sql": LAKE });
	expect(await apply()).toContain(`± replace ${on}`);
});
