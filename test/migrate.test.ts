import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { runCli } from "../src/cli/run-cli.ts";
import { EXIT } from "../src/diagnostics/diagnostic.ts";
import { type Files, type TestProject, testProject } from "./support/projects.ts";

const SQL: Files = {
	"sql/lake.sql":
		"CREATE DATABASE {{lake}};\nCREATE SCHEMA RAW;\nCREATE TABLE ORDERS (ID NUMBER(38,0), NOTE VARCHAR(100));\n",
};

let project: TestProject | undefined;

afterEach(() => {
	project?.remove();
	project = undefined;
});

interface Ran {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

/** Runs a command in the project, as a shell would. */
async function snowline(...args: readonly string[]): Promise<Ran> {
	let out = "";
	let err = "";
	const code = await runCli(
		[...args, "-C", project?.dir ?? ""],
		{
			stdout: { write: (text) => (out += text) },
			stderr: { write: (text) => (err += text) },
			stdin: Readable.from([]),
			env: { TOKEN: "s3cret" },
		},
		new AbortController().signal,
	);
	return { code, out, err };
}

async function rows(sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
	const { code, out } = await snowline("sql", sql, "--json");
	expect(code, out).toBe(EXIT.ok);
	return JSON.parse(out);
}

async function applied(): Promise<Ran> {
	const ran = await snowline("apply", "--yes");
	expect(ran.err).not.toContain("error");
	expect(ran.code).toBe(EXIT.ok);
	return ran;
}

const orders = async () =>
	(await rows("SELECT ID FROM LAKE.RAW.ORDERS ORDER BY ID")).map((row) => row.ID);

async function states(): Promise<readonly string[]> {
	const { out } = await snowline("migrate", "status", "--json");
	const status = JSON.parse(out) as readonly Readonly<Record<string, string>>[];
	return status.map((s) => `${s.version ?? "R"} ${s.name} ${s.state} ${s.statements ?? ""}`.trim());
}

test("a new environment, a failure, and the way on from it", async () => {
	project = testProject({
		...SQL,
		"migrations/V0001__drop_text.sql": "ALTER TABLE ORDERS DROP COLUMN TEXT;\n",
		"migrations/V0002__fill.sql": [
			"-- phase: after",
			"INSERT INTO {{lake}}.RAW.ORDERS VALUES (1, 'a');",
			"BEGIN;",
			"INSERT INTO ORDERS VALUES (2, 'b');",
			"INSERT INTO {{lake}}.RAW.NOWHERE",
			"  VALUES (3, 'c');",
			"COMMIT;",
			"INSERT INTO ORDERS VALUES (4, 'd');",
		].join("\n"),
	});
	expect(await states()).toEqual(["0001 drop_text will be baselined", "0002 fill pending"]);

	const failed = await snowline("apply", "--yes");
	expect(failed.code).toBe(EXIT.failed);
	expect(failed.err).toContain("migrations/V0002__fill.sql:5:13");
	expect(failed.err).toContain("correct it and apply again: it goes on at statement 2");
	expect(await states()).toEqual(["0001 drop_text baselined 1 of 1", "0002 fill failed 1 of 6"]);
	expect(await orders()).toEqual(["1"]);

	const text = readFileSync(join(project.dir, "migrations/V0002__fill.sql"), "utf8");
	project.write({ "migrations/V0002__fill.sql": text.replace("NOWHERE", "ORDERS") });
	const planned = await snowline("plan", "--format", "sql");
	expect(planned.out).not.toContain("VALUES (1, 'a')");
	const { out } = await applied();
	expect(out).toContain("verified: 0 differences");
	expect(await orders()).toEqual(["1", "2", "3", "4"]);
	expect(await states()).toEqual(["0001 drop_text baselined 1 of 1", "0002 fill done 6 of 6"]);
	expect((await snowline("plan", "--detailed-exitcode")).code).toBe(EXIT.ok);
}, 60_000);

test("a saved plan runs what was reviewed, and not once the records have moved", async () => {
	project = testProject(SQL);
	await applied();
	project.write({ "migrations/V1__one.sql": "INSERT INTO ORDERS VALUES (1, '{{lake}}');" });
	const file = join(project.dir, "plan.json");
	expect((await snowline("plan", "--out", file)).code).toBe(EXIT.ok);
	project.write({ "migrations/V1__one.sql": "INSERT INTO ORDERS VALUES (100, 'edited');" });
	// What was reviewed runs; that the file says something else by now is found afterwards.
	expect((await snowline("apply", file)).err).toContain("V1__one.sql was changed after");
	expect(await orders()).toEqual(["1"]);
	expect((await snowline("plan")).err).toContain("snowline migrate repair 1");
	expect((await snowline("migrate", "repair")).out).toBe("V1__one.sql is accepted as it is\n");
	expect((await snowline("plan", "--detailed-exitcode")).code).toBe(EXIT.ok);
	expect((await snowline("apply", file)).code).toBe(EXIT.stale);
	expect(await orders()).toEqual(["1"]);
}, 60_000);

test("secrets reach the statement and nothing that is kept", async () => {
	project = testProject(SQL);
	await applied();
	project.write({
		"migrations/V1__one.sql": "INSERT INTO ORDERS SELECT 1, {{secret 'TOKEN'}};",
	});
	const planned = await snowline("plan", "--format", "sql");
	expect(planned.out).toContain("INSERT INTO ORDERS SELECT 1, <secret TOKEN>");
	await applied();
	expect(await rows("SELECT NOTE FROM LAKE.RAW.ORDERS")).toEqual([{ NOTE: "s3cret" }]);
	const kept = await rows("SELECT STATEMENT, VALUE FROM LAKE.SNOWLINE.JOURNAL");
	expect(JSON.stringify(kept)).toContain("<secret TOKEN>");
	expect(JSON.stringify(kept)).not.toContain("s3cret");
}, 60_000);

test("a column that a migration renames is not dropped and added", async () => {
	project = testProject(SQL);
	await applied();
	await snowline("sql", "INSERT INTO LAKE.RAW.ORDERS VALUES (1, 'kept')");
	project.write({
		"sql/lake.sql":
			"CREATE DATABASE {{lake}};\nCREATE SCHEMA RAW;\nCREATE TABLE ORDERS (ID NUMBER(38,0), REMARK VARCHAR(100), N INT);\n",
		"migrations/V1__remark.sql": "ALTER TABLE ORDERS RENAME COLUMN NOTE TO REMARK;",
	});
	const { steps } = JSON.parse((await snowline("plan", "--json")).out) as {
		steps: { id: string; operations: { sql: string }[] }[];
	};
	expect(steps.map((step) => step.id)).toEqual([
		"migrate V1__remark.sql",
		"alter TABLE LAKE.RAW.ORDERS",
	]);
	expect(JSON.stringify(steps[1])).not.toContain("DROP");
	expect((await applied()).out).toContain("verified: 0 differences");
	expect(await rows("SELECT REMARK FROM LAKE.RAW.ORDERS")).toEqual([{ REMARK: "kept" }]);
}, 60_000);

test("what a migration decides is left to the next plan", async () => {
	project = testProject(SQL);
	await applied();
	project.write({
		"sql/lake.sql":
			"CREATE DATABASE {{lake}};\nCREATE SCHEMA RAW;\nCREATE TABLE ORDERS (ID NUMBER(38,0), NOTE VARCHAR(100), N INT);\n",
		"migrations/V1__call.sql": "-- touches: ORDERS\nINSERT INTO ORDERS VALUES (1, 'a');",
	});
	const { out } = await snowline("plan");
	expect(out).toContain("TABLE LAKE.RAW.ORDERS is decided after V1__call.sql: plan again");
	expect(out).not.toContain("alter TABLE");
	expect((await snowline("apply", "--yes")).code).toBe(EXIT.ok);
	expect((await snowline("plan")).out).toContain("alter TABLE LAKE.RAW.ORDERS");
}, 60_000);

test("baseline, repair and out of order", async () => {
	project = testProject({
		...SQL,
		"migrations/V2__two.sql": "-- phase: after\nINSERT INTO ORDERS VALUES (2, '');",
		"migrations/V4__four.sql": "-- phase: after\nINSERT INTO ORDERS VALUES (4, '');",
	});
	await snowline("sql", "CREATE DATABASE LAKE");
	expect((await snowline("migrate", "baseline", "3")).code).toBe(EXIT.usage);
	expect((await snowline("migrate", "baseline", "V02")).out).toBe(
		"recorded as baselined: V2__two.sql\n",
	);
	await applied();
	expect(await orders()).toEqual(["4"]);

	project.write({
		"migrations/V3__three.sql": "-- phase: after\nINSERT INTO ORDERS VALUES (3, '');",
	});
	const refused = await snowline("apply", "--yes");
	expect(refused.code).toBe(EXIT.input);
	expect(refused.err).toContain("--out-of-order");
	expect((await snowline("apply", "--yes", "--out-of-order")).code).toBe(EXIT.ok);
	expect(await orders()).toEqual(["3", "4"]);

	await snowline(
		"sql",
		"UPDATE LAKE.SNOWLINE.MIGRATIONS SET STATUS = 'running', DONE = 0 WHERE FILE = 'V4__four.sql'",
	);
	// The record is younger than the journal's last line of it: it was cut off before the statement was sent.
	expect(await states()).toContain("4 four failed 0 of 1");
	// The records alone say that it is undecided, and a person may decide.
	expect((await snowline("migrate", "repair", "4", "--statement", "2", "--done")).code).toBe(
		EXIT.usage,
	);
	expect((await snowline("migrate", "repair", "4", "--statement", "1", "--retry")).code).toBe(
		EXIT.ok,
	);
	expect(await states()).toContain("4 four failed 0 of 1");
	await applied();
	expect(await orders()).toEqual(["3", "4", "4"]);
}, 60_000);

test("migrate new makes a file that is a migration", async () => {
	project = testProject(SQL);
	expect((await snowline("migrate", "new", "Backfill orders")).out).toBe(
		"migrations/V0001__backfill_orders.sql\n",
	);
	expect(existsSync(join(project.dir, "migrations/V0001__backfill_orders.sql"))).toBe(true);
	expect((await snowline("migrate", "new", "!")).code).toBe(EXIT.usage);
	expect((await snowline("validate")).err).toBe("");
	expect(project.load().migrations[0]).toMatchObject({ phase: "before", version: "0001" });
});
