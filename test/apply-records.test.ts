import { afterEach, beforeEach, expect, test } from "vitest";
import { LAKE, makeProject, type TestProject } from "./support/project.ts";

const FILES = {
	"sql/lake.sql": LAKE,
	"sql/tables.sql": "CREATE TABLE LAKE.BRONZE.T (ID INT);\nCREATE TABLE LAKE.BRONZE.U (ID INT);\n",
};

let project: TestProject;

beforeEach(async () => {
	project = makeProject(FILES);
	project.env.GITHUB_SERVER_URL = "https://github.example";
	project.env.GITHUB_REPOSITORY = "acme/lake";
	project.env.GITHUB_RUN_ID = "42";
	project.env.GITHUB_SHA = "0123456789abcdef0123456789abcdef01234567";
	expect(await project.run("apply", "--yes")).toMatchObject({ code: 0 });
}, 60_000);

afterEach(() => project.close());

interface Listed {
	readonly id: string;
	readonly outcome: string;
	readonly gitCommit: string | null;
	readonly ciJob: string | null;
	readonly operations?: readonly {
		readonly step: string;
		readonly outcome: string;
		readonly statement: string;
		readonly queryId: string | null;
	}[];
}

test("history tells who deployed what, with the statements and their query ids", async () => {
	const [only] = JSON.parse((await project.run("history", "--json")).out) as Listed[];
	expect(only).toMatchObject({
		outcome: "done",
		gitCommit: project.env.GITHUB_SHA,
		ciJob: "https://github.example/acme/lake/actions/runs/42",
	});
	const id = only?.id.slice(0, 8) ?? "";
	const one = JSON.parse((await project.run("history", id, "--json")).out) as Listed;
	const created = one.operations?.find((o) => o.step === "create TABLE LAKE.BRONZE.T");
	expect(created?.outcome).toBe("done");
	const asked = await project.run(
		"sql",
		"--json",
		`SELECT QUERY_TEXT, QUERY_TAG FROM TABLE(LAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_ID = '${created?.queryId}'`,
	);
	expect(asked.out).toContain(`snowline/${only?.id}/create TABLE LAKE.BRONZE.T/0`);
	expect(created?.statement).toContain("CREATE TABLE");
	const text = await project.run("history", id);
	expect(text.out).toContain(`query ${created?.queryId}`);
	expect((await project.run("history", "zzz")).code).toBe(64);
}, 60_000);

test("history of an account without records is empty", async () => {
	const fresh = makeProject(FILES);
	expect((await fresh.run("history")).out).toContain("nothing was deployed here yet");
	fresh.close();
}, 60_000);

test("what is forgotten is not dropped when its file goes", async () => {
	expect(await project.run("forget", "lake.bronze.t")).toMatchObject({
		code: 0,
		out: "forgotten: TABLE LAKE.BRONZE.T\n",
	});
	project.write({ "sql/tables.sql": "" });
	const plan = JSON.parse((await project.run("plan", "--json")).out) as {
		steps: { id: string }[];
		unmanaged: string[];
	};
	expect(plan.steps.map((s) => s.id)).toEqual(["drop TABLE LAKE.BRONZE.U"]);
	expect(plan.unmanaged).toEqual(["TABLE LAKE.BRONZE.T"]);
	const unknown = await project.run("forget", "LAKE.BRONZE.V");
	expect(unknown.code).toBe(64);
	expect(unknown.err).toContain("did you mean LAKE.BRONZE.U?");
}, 60_000);

test("unlock frees a lease that a dead run left, and says whose it was", async () => {
	expect((await project.run("unlock")).out).toBe("nobody holds the lease\n");
	await project.run("sql", "INSERT INTO LAKE.SNOWLINE.LEASES SELECT 'other', 'x', 'y', SYSDATE()");
	await project.run(
		"sql",
		"UPDATE LAKE.SNOWLINE.LEASES SET HOLDER = 'bob@ci 1', DEPLOYMENT = 'd9', EXPIRES_AT = DATEADD('minute', 5, SYSDATE()) WHERE PROJECT = 'test'",
	);
	expect((await project.run("unlock")).code).toBe(64);
	const broken = await project.run("unlock", "--yes");
	expect(broken).toMatchObject({ code: 0, out: "the lease is free\n" });
	expect(broken.err).toContain("bob@ci holds the lease (deployment d9) until");
	expect((await project.run("unlock")).out).toBe("nobody holds the lease\n");
}, 60_000);

test("an apply that has nothing to do writes nothing", async () => {
	expect(await project.run("apply", "--yes")).toMatchObject({ code: 0 });
	const all = JSON.parse((await project.run("history", "--json")).out) as Listed[];
	expect(all).toHaveLength(1);
}, 60_000);
