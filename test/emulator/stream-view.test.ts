import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run("CREATE DATABASE d");
});
afterAll(() => account.close());
beforeEach(() => account.run("CREATE OR REPLACE SCHEMA d.s"));

const refused = (sql: string): Promise<unknown> =>
	account.query(sql).then(
		() => "accepted",
		(error: { code: string; message: string }) => `${error.code} ${error.message}`,
	);
/** A stream's rows as text without METADATA$ROW_ID, in an order of their own. */
const rows = async (stream: string): Promise<readonly string[]> =>
	(await account.query(`SELECT * EXCLUDE metadata$row_id FROM ${stream}`))
		.map((row) => Object.values(row).join(" "))
		.sort();

// "Join results behavior" of the page that introduces streams.
it("follows a join as the documentation's example says", async () => {
	await account.run(
		"create or replace table orders (id int, order_name varchar)",
		"create or replace table customers (id int, customer_name varchar)",
		"create or replace view ordersByCustomer as select * from orders natural join customers",
		"insert into orders values (1, 'order1')",
		"insert into customers values (1, 'customer1')",
		"create or replace stream ordersByCustomerStream on view ordersBycustomer",
	);
	expect(await account.query("select * from ordersByCustomer")).toEqual([
		{ ID: 1, ORDER_NAME: "order1", CUSTOMER_NAME: "customer1" },
	]);
	expect(await rows("ordersByCustomerStream")).toEqual([]);
	await account.run("insert into orders values (1, 'order2')");
	expect(await rows("ordersByCustomerStream")).toEqual(["1 order2 customer1 INSERT false"]);
	await account.run("insert into customers values (1, 'customer2')");
	expect(await rows("ordersByCustomerStream")).toEqual([
		"1 order1 customer2 INSERT false",
		"1 order2 customer1 INSERT false",
		"1 order2 customer2 INSERT false",
	]);
});

describe("a stream on a view", () => {
	beforeEach(() =>
		account.run(
			"CREATE TABLE t (id INT, state STRING)",
			"INSERT INTO t VALUES (1, 'open'), (2, 'open'), (3, 'closed')",
			"CREATE VIEW v AS SELECT id, UPPER(state) AS st FROM t WHERE id < 10",
			"CREATE STREAM changes ON VIEW v",
		),
	);

	it("tells updates from what came and went", async () => {
		await account.run(
			"UPDATE t SET state = 'paid' WHERE id = 1",
			"UPDATE t SET id = 20 WHERE id = 2",
			"DELETE FROM t WHERE id = 3",
			"INSERT INTO t VALUES (4, 'new'), (30, 'hidden')",
		);
		expect(await rows("changes")).toEqual([
			"1 OPEN DELETE true",
			"1 PAID INSERT true",
			"2 OPEN DELETE false",
			"3 CLOSED DELETE false",
			"4 NEW INSERT false",
		]);
		await account.run("UPDATE t SET state = 'OPEN' WHERE id = 1");
		expect((await rows("changes"))[0]).toBe("2 OPEN DELETE false");
	});

	it("gives a row the same METADATA$ROW_ID on both sides of an update", async () => {
		await account.run("UPDATE t SET state = 'paid' WHERE id = 1");
		const ids = await account.query("SELECT DISTINCT metadata$row_id AS id FROM changes");
		expect(ids).toHaveLength(1);
	});

	it("moves on when it is consumed, inside a transaction only at its end", async () => {
		await account.run(
			"CREATE TABLE seen (id INT)",
			"INSERT INTO t VALUES (4, 'new')",
			"BEGIN",
			"INSERT INTO seen SELECT id FROM changes",
			"INSERT INTO seen SELECT id FROM changes",
			"COMMIT",
		);
		expect(await account.query("SELECT id FROM seen")).toEqual([{ ID: 4 }, { ID: 4 }]);
		expect(await rows("changes")).toEqual([]);
		await account.run("INSERT INTO t VALUES (5, 'new')");
		expect(await rows("changes")).toEqual(["5 NEW INSERT false"]);
	});

	it("has data when a table beneath it has, whatever the filter leaves", async () => {
		const hasData = "SELECT SYSTEM$STREAM_HAS_DATA('changes') AS has";
		expect(await account.query(hasData)).toEqual([{ HAS: false }]);
		await account.run("INSERT INTO t VALUES (100, 'filtered')");
		expect(await account.query(hasData)).toEqual([{ HAS: true }]);
		expect(await rows("changes")).toEqual([]);
	});

	it("reads nested views, subqueries and UNION ALL, and keeps equal rows apart", async () => {
		await account.run(
			"CREATE VIEW both AS SELECT * FROM (SELECT * FROM v WHERE id > 1) UNION ALL SELECT a.id, a.state FROM t AS a JOIN v AS b ON a.id = b.id",
			"CREATE STREAM twice ON VIEW both",
			"INSERT INTO t VALUES (5, 'X')",
		);
		expect(await rows("twice")).toEqual(["5 X INSERT false", "5 X INSERT false"]);
		expect(await account.query("SELECT DISTINCT metadata$row_id AS id FROM twice")).toHaveLength(2);
	});

	it("APPEND_ONLY returns inserted rows, whatever became of them", async () => {
		await account.run(
			"CREATE STREAM appended ON VIEW v APPEND_ONLY = TRUE",
			"INSERT INTO t VALUES (6, 'a'), (7, 'b'), (60, 'filtered')",
			"DELETE FROM t WHERE id = 7",
			"UPDATE t SET state = 'c' WHERE id = 1",
		);
		expect(await rows("appended")).toEqual(["6 A INSERT false", "7 B INSERT false"]);
	});

	it("SHOW_INITIAL_ROWS returns what the view had, once", async () => {
		await account.run("CREATE STREAM first ON VIEW v SHOW_INITIAL_ROWS = TRUE");
		await account.run("INSERT INTO t VALUES (8, 'later')");
		expect(await rows("first")).toEqual([
			"1 OPEN INSERT false",
			"2 OPEN INSERT false",
			"3 CLOSED INSERT false",
		]);
		await account.run(
			"CREATE TABLE seen AS SELECT id FROM first",
			"INSERT INTO t VALUES (9, 'last')",
		);
		expect(await rows("first")).toEqual(["9 LAST INSERT false"]);
	});

	it("takes over the position of another stream, its own predecessor included", async () => {
		await account.run(
			"INSERT INTO t VALUES (9, 'kept')",
			"CREATE OR REPLACE STREAM changes ON VIEW v AT (STREAM => 'changes') COMMENT = 'c'",
		);
		expect(await rows("changes")).toEqual(["9 KEPT INSERT false"]);
	});

	it("shows the view and its tables", async () => {
		expect(await account.query("SHOW STREAMS LIKE 'changes' IN SCHEMA d.s")).toMatchObject([
			{ table_name: "D.S.V", source_type: "View", base_tables: "D.S.T", mode: "DEFAULT" },
		]);
		expect(await account.query("SELECT GET_DDL('STREAM', 'changes') AS ddl")).toEqual([
			{ DDL: "create or replace stream CHANGES on view D.S.V;" },
		]);
	});

	it("is lost with the view, and with a table beneath it", async () => {
		await account.run(
			"CREATE VIEW w AS SELECT id FROM t",
			"CREATE STREAM other ON VIEW w",
			"CREATE OR REPLACE VIEW v AS SELECT id, state AS st FROM t",
		);
		expect(await refused("SELECT * FROM changes")).toMatch(/cannot read from stream/);
		expect(await refused("SELECT * FROM other")).toBe("accepted");
		await account.run("CREATE OR REPLACE TABLE t (id INT, state STRING)");
		expect(await refused("SELECT * FROM other")).toMatch(/cannot read from stream/);
	});

	it.each([
		["GROUP BY", "SELECT state, COUNT(*) AS n FROM t GROUP BY state", /GROUP BY/],
		["an aggregate", "SELECT MAX(id) AS n FROM t", /an aggregate/],
		["DISTINCT", "SELECT DISTINCT id FROM t", /DISTINCT/],
		["QUALIFY", "SELECT id FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY id) = 1", /QUALIFY/],
		["LIMIT", "SELECT id FROM t LIMIT 1", /LIMIT/],
		["UNION", "SELECT id FROM t UNION SELECT id FROM t", /UNION/],
		["an outer join", "SELECT a.id FROM t a LEFT JOIN t b ON a.id = b.id", /LEFT JOIN/],
		["a subquery", "SELECT id FROM t WHERE id IN (SELECT id FROM t)", /subquery/],
		["a window", "SELECT ROW_NUMBER() OVER (ORDER BY id) AS n FROM t", /window/],
	])("is refused on a view with %s", async (_what, query, message) => {
		await account.run(`CREATE VIEW w AS ${query}`);
		expect(await refused("CREATE STREAM bad ON VIEW w")).toMatch(message);
	});
});
