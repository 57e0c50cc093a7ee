import { afterAll, beforeAll, expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { diff } from "../../src/diff/diff.ts";
import { catalogOf, type ObjectModel } from "../../src/model/catalog.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";
import { startAccount, type TestAccount } from "../support/account.ts";
import { type Deployer, openDeployer } from "../support/deploy.ts";

let account: TestAccount;
let deployer: Deployer;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE lake", "CREATE SCHEMA lake.bronze");
	deployer = await openDeployer(account.port, ["LAKE"]);
});
afterAll(async () => {
	await deployer?.close();
	await account?.close();
});

function declared(sql: string): readonly ObjectModel[] {
	const text = `USE SCHEMA LAKE.BRONZE; ${sql}`;
	const { catalog, diagnostics } = resolveFiles([textSource("masking.sql", text)], {
		context: {},
		owners: {},
	});
	expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
	return [...catalog.objects.values()];
}

const HIDE = "CREATE MASKING POLICY hide AS (v STRING) RETURNS STRING -> '***';";
const HASH = "CREATE MASKING POLICY hash AS (v STRING) RETURNS STRING -> left(v, 1) || '…';";
const people = (policy: string) => `CREATE TABLE people (id INT, email STRING ${policy});`;
const seen = async (relation: string): Promise<unknown> =>
	(await account.query(`SELECT email FROM lake.bronze.${relation}`))[0]?.EMAIL;

test("columns change over from policy to policy, and the old one goes when nothing has it", async () => {
	const view = "CREATE VIEW directory AS SELECT id, email FROM people;";
	await deployer.deploy(declared(people("MASKING POLICY hide") + view + HIDE));
	await account.run("INSERT INTO lake.bronze.people VALUES (1, 'a@x')");
	expect(await seen("people")).toBe("***");
	expect(await seen("directory")).toBe("***");

	const plan = await deployer.deploy(declared(people("MASKING POLICY hash") + view + HASH));
	expect(plan.steps.map((step) => step.id.replaceAll("LAKE.BRONZE.", ""))).toEqual([
		"create MASKING POLICY HASH",
		"alter TABLE PEOPLE",
		"drop MASKING POLICY HIDE",
	]);
	expect(await seen("people")).toBe("a…");

	const bare = await deployer.plan(declared(people("") + view + HASH));
	expect(bare.plan.steps[0]?.hazards).toMatchObject([
		{ code: "PROTECTION_LOST", level: "refuse", object: "TABLE LAKE.BRONZE.PEOPLE" },
	]);
});

test("a body changes while columns have it, and a table that has to be made anew is not copied", async () => {
	const open = "CREATE MASKING POLICY hash AS (v STRING) RETURNS STRING -> right(v, 1) || '…';";
	const body = await deployer.deploy(
		declared(
			`${people("MASKING POLICY hash")} CREATE VIEW directory AS SELECT id, email FROM people; ${open}`,
		),
	);
	expect(body.steps.map((step) => step.action)).toEqual(["alter"]);
	expect(await seen("people")).toBe("x…");
	const anew = declared(
		`${people("MASKING POLICY hash").replace("CREATE", "CREATE TRANSIENT")} CREATE VIEW directory AS SELECT id, email FROM people; ${open}`,
	);
	await expect(deployer.plan(anew)).rejects.toThrow(
		/DATA_LOSS: it would have to be copied, and masking policy LAKE\.BRONZE\.HASH on column EMAIL/,
	);
	expect(await seen("people")).toBe("x…");
});

test("a signature that changes is refused, with the way to go", async () => {
	const objects = declared(
		`${people("MASKING POLICY hash")} CREATE MASKING POLICY hash AS (v STRING, id INT) RETURNS STRING -> v;`,
	);
	await expect(deployer.plan(objects)).rejects.toThrow(/declare a policy of another name/);
});

test("another signature is refused, with another name as well", () => {
	const before = declared("CREATE MASKING POLICY hide AS (v STRING) RETURNS STRING -> '***';");
	const mask = (name: string) => `CREATE MASKING POLICY ${name} AS (v NUMBER) RETURNS NUMBER -> 0;`;
	const refusedFor = (sql: string) =>
		diff(catalogOf(before), catalogOf(declared(sql)), () => undefined).diagnostics.map(
			({ code, summary }) => `${code} ${summary}`,
		);
	const fixed = (name: string) =>
		expect.stringMatching(
			`^CANNOT_CHANGE MASKING POLICY LAKE.BRONZE.${name}: a policy's signature`,
		);
	expect(refusedFor(mask("hide"))).toContainEqual(fixed("HIDE"));
	expect(refusedFor(`\n-- renamed from: hide\n${mask("mask")}`)).toContainEqual(fixed("MASK"));
});
