import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSnowflake } from "../src/connection/snowflake.ts";
import { readDeeds } from "../src/operate/drift-history.ts";
import { startAccount } from "./support/account.ts";
import { LAKE, LOCAL, makeProject, type TestProject } from "./support/project.ts";

/** A difference as `--json` tells it. */
interface Drifted {
	readonly what: string;
	readonly object: string;
	readonly reason: string;
	readonly changes: readonly { property: string; applied: unknown; live: unknown }[];
	readonly diff: string;
	readonly by: readonly {
		user: string;
		role: string;
		at: string;
		statement: string;
		queryId: string;
	}[];
}

interface Drift {
	readonly applied: boolean;
	readonly compared: { readonly objects: number; readonly grants: number };
	readonly drifted: readonly Drifted[];
	readonly notes: readonly { code: string; message: string }[];
}

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING URL = 's3://lake/landing/' CREDENTIALS = (AWS_KEY_ID = {{secret "KEY"}} AWS_SECRET_KEY = {{secret "PASS"}});
CREATE TABLE RAW (ID NUMBER);
CREATE TABLE SEEN (ID NUMBER);
CREATE TABLE LIST (ID NUMBER);
CREATE TABLE OLD_NAME (ID NUMBER);
CREATE STREAM RAW_NEW ON TABLE RAW;
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW FROM @LANDING;
CREATE TASK TIDY WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS DELETE FROM SEEN WHERE ID < 0;
CREATE TASK REST WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS SELECT 1;
ALTER TASK REST SUSPEND;
CREATE TASK FREE WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS SELECT 1;
-- ignore: COMMENT
CREATE TABLE NOTED (ID NUMBER);
GRANT SELECT ON TABLE RAW TO ROLE ANALYST;
GRANT SELECT ON TABLE SEEN TO ROLE ANALYST;
`;

let project: TestProject;

/** Runs statements as another user, who is no deployment. */
async function byHand(...statements: readonly string[]): Promise<void> {
	const account = await startAccount({
		path: join(project.dir, ".snowline/local"),
		buckets: { lake: join(project.dir, ".snowline/s3/lake") },
		connection: { username: "ALICE", role: "ACCOUNTADMIN", database: "LAKE", schema: "BRONZE" },
	});
	try {
		await account.run(...statements);
	} finally {
		await account.close();
	}
}

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project.run(...args);
	expect(ran.code, `${args.join(" ")}\n${ran.err}\n${ran.out}`).toBe(0);
	return ran.out;
}

/** Applies, and lets time pass: the local account's clock stands still between commands. */
async function apply(): Promise<string> {
	await ok("emulator", "tick", "--for", "1m");
	const out = await ok("apply", "--yes");
	await ok("emulator", "tick", "--for", "1m");
	return out;
}

async function drift(...args: readonly string[]): Promise<Drift> {
	const { code, out, err } = await project.run("drift", "--json", "-q", ...args);
	const found = JSON.parse(out) as Drift;
	expect([code, err]).toEqual([found.drifted.length > 0 ? 2 : 0, ""]);
	return found;
}

beforeAll(async () => {
	project = makeProject({
		"sql/lake.sql": LAKE,
		"sql/pipeline.sql": PIPELINE,
		"environments/local.yaml": LOCAL.replace("[LAKE] }", "[LAKE], roles: [LOADER] }"),
	});
	Object.assign(project.env, { KEY: "AKIA", PASS: "s3cret" });
});

afterAll(() => project.close());

test("where nothing was applied, there is nothing to compare with", async () => {
	const { code, out } = await project.run("drift");
	expect([code, out]).toEqual([0, expect.stringContaining("nothing was applied here yet")]);
	expect(await drift()).toMatchObject({ applied: false, compared: { objects: 0 }, drifted: [] });
});

describe("once applied", () => {
	beforeAll(async () => {
		await ok("sql", "CREATE ROLE ANALYST");
		await ok("sql", "CREATE ROLE LOADER");
		await apply();
	});

	test("an account as it was applied has none, whatever the files say now", async () => {
		project.write({
			"sql/pipeline.sql": `${PIPELINE}CREATE TABLE NOT_YET (ID NUMBER);\n`.replace("60", "30"),
		});
		const found = await drift();
		expect(found).toMatchObject({
			applied: true,
			compared: { objects: 13, grants: 2 },
			drifted: [],
		});
		// The secret is the one thing that cannot be looked at.
		expect(found.notes.map((note) => note.code)).toEqual(["SECRET_UNCOMPARED"]);
		project.write({ "sql/pipeline.sql": PIPELINE });
	});

	test("what runs, stands still or waits is none, unless files declare it", async () => {
		await byHand(
			"ALTER PIPE RAW_PIPE SET PIPE_EXECUTION_PAUSED = TRUE",
			"ALTER TASK FREE RESUME",
			"ALTER TABLE NOTED SET COMMENT = 'ignored'",
			"INSERT INTO RAW VALUES (1)",
		);
		expect((await drift()).drifted).toEqual([]);
	});

	describe("and changed by hand", () => {
		let found: Drift;
		let text: string;
		let markdown: string;
		const of = (object: string): Drifted => {
			const one = found.drifted.find((d) => d.object === object);
			if (!one) throw new Error(`no drift of ${object} in ${found.drifted.map((d) => d.object)}`);
			return one;
		};

		beforeAll(async () => {
			await byHand(
				"ALTER TABLE RAW ADD COLUMN NOTE VARCHAR",
				"ALTER STAGE LANDING SET URL = 's3://lake/elsewhere/'",
				"ALTER STAGE LANDING SET CREDENTIALS = (AWS_KEY_ID = 'other' AWS_SECRET_KEY = 'hunter2')",
				"ALTER TASK TIDY MODIFY AS DELETE FROM SEEN",
				"ALTER TASK REST RESUME",
				"DROP STREAM LAKE.BRONZE.RAW_NEW",
				"CREATE OR REPLACE TABLE LIST (ID NUMBER)",
				"ALTER TABLE OLD_NAME RENAME TO NEW_NAME",
				"REVOKE SELECT ON TABLE RAW FROM ROLE ANALYST",
				"GRANT INSERT ON TABLE SEEN TO ROLE LOADER",
				"GRANT INSERT ON TABLE SEEN TO ROLE ANALYST",
			);
			found = await drift();
			text = (await project.run("drift")).out;
			markdown = (await project.run("drift", "--format", "markdown")).out;
		});

		test("each change is found, and nothing else", () => {
			expect(found.drifted.map((d) => [d.what, d.object])).toEqual([
				["altered", "STAGE LAKE.BRONZE.LANDING"],
				["missing", "STREAM LAKE.BRONZE.RAW_NEW"],
				["made anew", "TABLE LAKE.BRONZE.LIST"],
				["renamed", "TABLE LAKE.BRONZE.OLD_NAME"],
				["altered", "TABLE LAKE.BRONZE.RAW"],
				["altered", "TASK LAKE.BRONZE.REST"],
				["altered", "TASK LAKE.BRONZE.TIDY"],
				["granted", "GRANT INSERT ON TABLE LAKE.BRONZE.SEEN TO ROLE LOADER"],
				["revoked", "GRANT SELECT ON TABLE LAKE.BRONZE.RAW TO ROLE ANALYST"],
			]);
		});

		test("as a diff from what was applied to what is there", () => {
			expect(of("TABLE LAKE.BRONZE.RAW").diff).toBe(`--- applied
+++ live
@@ -1,3 +1,4 @@
 CREATE TABLE LAKE.BRONZE.RAW (
-  ID NUMBER(38,0)
+  ID NUMBER(38,0),
+  NOTE VARCHAR(16777216)
 )
`);
			expect(of("TASK LAKE.BRONZE.TIDY").diff).toContain("-DELETE FROM SEEN WHERE ID < 0\n");
			expect(of("STREAM LAKE.BRONZE.RAW_NEW").diff).toContain("-CREATE STREAM LAKE.BRONZE.RAW_NEW");
			expect(of("STAGE LAKE.BRONZE.LANDING").changes).toEqual([
				expect.objectContaining({
					property: "URL",
					applied: "s3://lake/landing/",
					live: "s3://lake/elsewhere/",
				}),
			]);
			expect(of("TASK LAKE.BRONZE.REST").changes).toEqual([
				expect.objectContaining({ property: "STATE", applied: "SUSPENDED", live: "STARTED" }),
			]);
		});

		test("with who ran which statement, and when", async () => {
			for (const [object, statements] of [
				["TABLE LAKE.BRONZE.RAW", ["ALTER TABLE RAW ADD COLUMN NOTE VARCHAR"]],
				["STREAM LAKE.BRONZE.RAW_NEW", ["DROP STREAM LAKE.BRONZE.RAW_NEW"]],
				["TABLE LAKE.BRONZE.LIST", ["CREATE OR REPLACE TABLE LIST (ID NUMBER)"]],
				["TABLE LAKE.BRONZE.OLD_NAME", ["ALTER TABLE OLD_NAME RENAME TO NEW_NAME"]],
				["TASK LAKE.BRONZE.REST", ["ALTER TASK REST RESUME"]],
				[
					"GRANT SELECT ON TABLE LAKE.BRONZE.RAW TO ROLE ANALYST",
					["REVOKE SELECT ON TABLE RAW FROM ROLE ANALYST"],
				],
			] as const)
				expect(of(object).by.map((by) => [by.user, by.role, by.statement])).toEqual(
					statements.map((statement) => ["ALICE", "ACCOUNTADMIN", statement]),
				);
			const [by] = of("TABLE LAKE.BRONZE.RAW").by;
			const sql = `SELECT TO_VARCHAR(END_TIME, 'YYYY-MM-DD HH24:MI:SS') AS ENDED FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_ID = '${by?.queryId}'`;
			const [row] = JSON.parse(await ok("sql", sql, "--json")) as { ENDED: string }[];
			const ended = row?.ENDED;
			expect(by?.at.slice(0, 19).replace("T", " ")).toBe(ended);
			expect(text).toContain("~ altered TABLE LAKE.BRONZE.RAW  # COLUMN NOTE differs\n");
			expect(text).toContain("    +  NOTE VARCHAR(16777216)\n");
			expect(text).toContain(
				`    by ALICE (role ACCOUNTADMIN) at ${ended} UTC: ALTER TABLE RAW ADD COLUMN NOTE VARCHAR (query ${by?.queryId})\n`,
			);
			expect(text).toContain("    STATE: SUSPENDED → STARTED\n");
			expect(text).toContain(
				"4 altered, 1 made anew, 1 missing, 1 renamed, 1 granted, 1 revoked; 13 objects and 2 grants compared",
			);
		});

		test("as Markdown, for an issue", () => {
			expect(markdown).toContain(
				"\n### ~ altered: `TABLE LAKE.BRONZE.RAW`\n\nCOLUMN NOTE differs.\n",
			);
			expect(markdown).toContain(`\n\`\`\`diff\n${of("TABLE LAKE.BRONZE.RAW").diff}\`\`\`\n`);
		});

		test("no secret is shown, and who may have set it is", () => {
			const [note] = found.notes.filter(({ code }) => code === "SECRET_UNCOMPARED");
			expect(note?.message).toMatch(/does not show CREDENTIALS, .*; ALICE may have set it at 20/);
			for (const shown of [text, markdown, JSON.stringify(found)])
				expect(shown).not.toMatch(/hunter2|s3cret/);
		});

		test("a target leaves the rest out, and one of nothing is a mistake", async () => {
			expect((await drift("--target", "*.RAW")).drifted.map((d) => d.object)).toEqual([
				"TABLE LAKE.BRONZE.RAW",
				"GRANT SELECT ON TABLE LAKE.BRONZE.RAW TO ROLE ANALYST",
			]);
			expect((await drift("--target", "*.NOTED")).drifted).toEqual([]);
			const { code, err } = await project.run("drift", "--target", "*.RWA");
			expect([code, err]).toEqual([64, expect.stringContaining("--target *.RWA matches nothing")]);
		});
	});
});

describe("between applies", () => {
	const TABLE = "CREATE TABLE LAKE.BRONZE.T (ID NUMBER);\n";
	const RECORDS = "LAKE.SNOWLINE";

	beforeAll(async () => {
		project.close();
		project = makeProject({ "sql/lake.sql": LAKE, "sql/t.sql": TABLE });
		await apply();
	});

	test("what a migration changed is what was applied", async () => {
		project.write({
			"sql/t.sql": TABLE.replace(")", ", NOTE VARCHAR)"),
			"migrations/V0001__note.sql": "ALTER TABLE LAKE.BRONZE.T ADD COLUMN NOTE VARCHAR;\n",
		});
		await apply();
		expect((await drift()).drifted).toEqual([]);
		project.write({
			"migrations/V0002__anew.sql":
				"CREATE OR REPLACE TABLE LAKE.BRONZE.T (ID NUMBER, NOTE VARCHAR);\n",
		});
		await apply();
		expect((await drift()).drifted).toEqual([]);
	});

	test("what files say of an account that has it already is remembered", async () => {
		await byHand("ALTER TABLE T SET COMMENT = 'both'");
		expect((await drift()).drifted.map((d) => d.diff.includes("+  COMMENT = 'both'"))).toEqual([
			true,
		]);
		project.write({ "sql/t.sql": TABLE.replace(")", ", NOTE VARCHAR) COMMENT = 'both'") });
		expect(await apply()).toContain("no changes; 3 unchanged, 1 to adopt");
		expect((await drift()).drifted).toEqual([]);
		expect(await ok("plan")).not.toContain("to adopt");
	});

	test("an object that was made anew is taken in by the next apply", async () => {
		await byHand("CREATE OR REPLACE TABLE T (ID NUMBER, NOTE VARCHAR) COMMENT = 'both'");
		const { drifted } = await drift();
		expect(drifted).toMatchObject([{ what: "made anew", diff: "", changes: [] }]);
		await apply();
		expect((await drift()).drifted).toEqual([]);
	});

	test("what a deployment did is by nobody's hand, and where nobody is named that is said", async () => {
		await byHand(
			"ALTER SESSION SET QUERY_TAG = 'snowline/another/deployment/1'",
			"ALTER TABLE T SET COMMENT = 'theirs'",
		);
		const { code, out } = await project.run("drift");
		expect([code, out]).toEqual([2, expect.stringContaining("by whom and when is not told\n")]);
		expect(out).toContain("note NOT_TOLD: where nobody is named, QUERY_HISTORY does not tell");
		await apply();
	});

	test("what is in a schema that is gone goes with it, and by the same statement", async () => {
		await byHand("ALTER SCHEMA LAKE.BRONZE RENAME TO LAKE.GONE");
		const { drifted } = await drift();
		expect(drifted.map((d) => [d.what, d.object, d.by.map((by) => by.statement)])).toEqual([
			["renamed", "SCHEMA LAKE.BRONZE", ["ALTER SCHEMA LAKE.BRONZE RENAME TO LAKE.GONE"]],
			["missing", "TABLE LAKE.BRONZE.T", ["ALTER SCHEMA LAKE.BRONZE RENAME TO LAKE.GONE"]],
		]);
		expect(drifted[1]?.reason).toBe("it is not shown any more, as SCHEMA LAKE.BRONZE is not");
		await byHand("ALTER SCHEMA LAKE.GONE RENAME TO LAKE.BRONZE");
	});

	test("what another project applied is its own affair", async () => {
		await ok(
			"sql",
			`INSERT INTO ${RECORDS}.OBJECTS (PROJECT, OBJECT, KIND, NAME, MODEL, SECRETS) SELECT 'other', 'TABLE LAKE.BRONZE.X', 'TABLE', 'LAKE.BRONZE.X', '{}', '{}'`,
		);
		expect(await drift()).toMatchObject({ compared: { objects: 3 }, drifted: [] });
	});

	test("a deployment that was cut off is pointed out; records of another database are refused", async () => {
		await ok("sql", `UPDATE ${RECORDS}.DEPLOYMENTS SET FINISHED_AT = NULL, OUTCOME = 'running'`);
		expect((await drift()).notes.map((note) => note.code)).toContain("DEPLOYMENT_OPEN");
		await ok("sql", `UPDATE ${RECORDS}.DEPLOYMENTS SET DATABASE_NAME = 'LAKE_OF_OLD'`);
		const { code, err } = await project.run("drift");
		expect([code, err]).toEqual([78, expect.stringContaining("CLONED_RECORDS")]);
	});
});

test("an account that runs more than one answer holds is looked through page by page", async () => {
	const account = await startAccount({ connection: { username: "ALICE" } });
	const connection = await openSnowflake({
		accessUrl: `http://127.0.0.1:${account.port}`,
		account: "LOCAL",
		username: "BOB",
		password: "none",
		role: "ACCOUNTADMIN",
		warehouse: "COMPUTE_WH",
	});
	try {
		const { clock } = account.account;
		const later = () => clock.advanceTo(clock.now() + 1000);
		later();
		const began = new Date(clock.now()).toISOString();
		await account.run("CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (ID NUMBER)");
		for (let i = 0; i < 12; i++) {
			later();
			await account.run(`SELECT ${i}`);
		}
		const object = { kind: "TABLE", name: ["D", "PUBLIC", "T"] };
		const of = async (limit: number) => {
			const { deeds, back } = await readDeeds(connection, "D", began, limit);
			return [deeds.filter((deed) => deed.changes(object)).map(({ by }) => by.statement), back];
		};
		later();
		expect(await of(5)).toEqual([
			["CREATE DATABASE D", "CREATE TABLE D.PUBLIC.T (ID NUMBER)"],
			undefined,
		]);
		// Ten answers of two statements each do not go back that far, and say how far they do.
		expect(await of(2)).toEqual([[], expect.stringMatching(/^20.*Z$/)]);
	} finally {
		await connection.close();
		await account.close();
	}
});
