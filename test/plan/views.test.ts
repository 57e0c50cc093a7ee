import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { diff } from "../../src/diff/diff.ts";
import type { Catalog } from "../../src/model/catalog.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";
import { startAccount, type TestAccount } from "../support/account.ts";
import { type Deployer, openDeployer } from "../support/deploy.ts";

/*
 * "A view is created using SELECT * from a table, and changes are made to the columns in the table …: querying the
 * view returns a column-related error": https://docs.snowflake.com/en/sql-reference/sql/create-view
 * "recreating or dropping any of the underlying tables for a view makes any stream on the view stale":
 * https://docs.snowflake.com/en/user-guide/streams-intro#data-retention-period-and-staleness
 */
function resolved(sql: string): ReturnType<typeof resolveFiles> {
	const text = `USE SCHEMA LAKE.BRONZE; ${sql}`;
	return resolveFiles([textSource("views.sql", text)], { context: {}, owners: {} });
}

function declared(sql: string): Catalog {
	const { catalog, diagnostics } = resolved(sql);
	expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
	return catalog;
}

function planned(before: string, after: string, unmanaged = ""): Plan {
	const live = declared(`${before} ${unmanaged}`);
	const managed = declared(before);
	const desired = declared(after);
	const { changes } = diff(managed, desired, () => undefined);
	return makePlan({
		tool: "test",
		project: "test",
		environment: "test",
		account: "LOCAL",
		createdAt: "2026-11-20T12:00:00Z",
		changes,
		states: { live, desired },
		roles: { available: new Set() },
		migrations: [],
		migrationHead: "",
		adopts: [],
		unmanaged: [],
		notes: [],
	});
}

const ids = (plan: Plan) => plan.steps.map((step) => step.id.replaceAll("LAKE.BRONZE.", ""));
const reasons = (plan: Plan) =>
	plan.steps.map((step) => step.reason.replaceAll("LAKE.BRONZE.", ""));

const TABLE = "CREATE TABLE orders (id INT, note STRING);";
const WIDER = "CREATE TABLE orders (id INT, note STRING, paid BOOLEAN);";
const TRANSIENT = "CREATE TRANSIENT TABLE orders (id INT, note STRING);";
const LISTING = "CREATE VIEW listing AS SELECT id, note FROM orders;";
const STAR = "CREATE VIEW star AS SELECT * FROM orders;";

describe("what a changed table sets off", () => {
	test("a view that selects * is made anew after it, and those that select * from that view", () => {
		const views = `${STAR} CREATE VIEW above AS SELECT s.* FROM star s; CREATE VIEW named AS SELECT id FROM star; ${LISTING}`;
		const plan = planned(TABLE + views, WIDER + views);
		expect(ids(plan)).toEqual(["alter TABLE ORDERS", "replace VIEW STAR", "replace VIEW ABOVE"]);
		expect(reasons(plan).slice(1)).toEqual([
			"TABLE ORDERS changes its shape",
			"VIEW STAR is made anew",
		]);
	});

	test("a stream on a view of a table that is made anew is made anew too, and the view stays", () => {
		const rest = `${LISTING} CREATE VIEW upper AS SELECT id FROM listing; CREATE STREAM changes ON VIEW upper;`;
		const plan = planned(TABLE + rest, TRANSIENT + rest);
		expect(ids(plan)).toEqual([
			"check TABLE ORDERS",
			"capture TABLE ORDERS",
			"replace TABLE ORDERS",
			"replace STREAM CHANGES",
		]);
		expect(reasons(plan)[3]).toBe("TABLE ORDERS is made anew");
		expect(plan.steps[3]?.dependsOn).toEqual([
			"check TABLE LAKE.BRONZE.ORDERS",
			"replace TABLE LAKE.BRONZE.ORDERS",
		]);
		expect(plan.steps[3]?.hazards.map((h) => h.code)).toEqual(["STREAM_STALE"]);
	});

	test("a stream on a view that is made anew is made anew after it", () => {
		const stream = "CREATE STREAM changes ON VIEW listing;";
		const other = "CREATE VIEW listing AS SELECT id, upper(note) AS note FROM orders;";
		expect(ids(planned(TABLE + LISTING + stream, TABLE + other + stream))).toEqual([
			"replace VIEW LISTING",
			"replace STREAM CHANGES",
		]);
	});

	test("a stream that nobody declares stays, and the view answers for it", () => {
		const other = "CREATE VIEW listing AS SELECT id, upper(note) AS note FROM orders;";
		const plan = planned(TABLE + LISTING, TABLE + other, "CREATE STREAM theirs ON VIEW listing;");
		expect(ids(plan)).toEqual(["replace VIEW LISTING"]);
		expect(plan.steps[0]?.hazards.filter((h) => h.level === "refuse")).toMatchObject([
			{ code: "STREAM_STALE", object: "STREAM LAKE.BRONZE.THEIRS" },
		]);
	});
});

describe("names", () => {
	test("a table and a view cannot have the same one", () => {
		const { diagnostics } = resolved(`${TABLE} CREATE VIEW orders AS SELECT 1 AS id;`);
		expect(diagnostics).toMatchObject([
			{
				code: "DUPLICATE_OBJECT",
				summary:
					"VIEW LAKE.BRONZE.ORDERS has the name of a table, and a schema gives a name to one of them only",
			},
		]);
	});

	test("a view that takes a table's name comes after the table is gone", () => {
		const plan = planned(TABLE, "CREATE VIEW orders AS SELECT 1 AS id;");
		expect(ids(plan)).toEqual(["drop TABLE ORDERS", "create VIEW ORDERS"]);
	});
});

describe("on the local account", () => {
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

	test("views are readable before and after, with their grants", async () => {
		const views = `${STAR} ${LISTING} CREATE VIEW above AS SELECT * FROM star;`;
		await deployer.deploy(declared(TABLE + views).objects.values());
		await account.run(
			"CREATE ROLE reader",
			"GRANT SELECT ON VIEW lake.bronze.star TO ROLE reader",
			"INSERT INTO lake.bronze.orders VALUES (1, 'x')",
		);
		await deployer.deploy(declared(WIDER + views).objects.values());
		const row = { ID: 1, NOTE: "x", PAID: null };
		expect(await account.query("SELECT * FROM lake.bronze.star")).toEqual([row]);
		expect(await account.query("SELECT * FROM lake.bronze.above")).toEqual([row]);
		expect(await account.query("SELECT * FROM lake.bronze.listing")).toEqual([
			{ ID: 1, NOTE: "x" },
		]);
		const grants = await account.query("SHOW GRANTS ON VIEW lake.bronze.star");
		expect(grants).toContainEqual(
			expect.objectContaining({ privilege: "SELECT", grantee_name: "READER" }),
		);
	});
});
