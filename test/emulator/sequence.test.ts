import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sequenceNext } from "../../src/emulator/ddl/sequence.ts";
import type { Session } from "../../src/emulator/types.ts";
import { type Row, startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let session: Session;
beforeAll(async () => {
	account = await startAccount();
	session = await account.account.openSession("tester");
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterAll(() => account.close());
beforeEach(() => account.run("CREATE OR REPLACE SCHEMA d.s"));

const show = async (name: string): Promise<Row | undefined> =>
	(await account.query(`SHOW SEQUENCES LIKE '${name}' IN SCHEMA d.s`))[0];
/** Values of `name.NEXTVAL`, mentioned several times in one query. */
const next = (name: string, mentions = 1): Promise<readonly unknown[]> =>
	account.account.run(session, async (context) => {
		const object = context.catalog.find("SEQUENCE", ["D", "S", name]);
		if (!object) throw new Error(`no sequence ${name}`);
		const { sql } = sequenceNext(object);
		const [row] = await context.engine(
			`SELECT ${Array(mentions).fill(`${sql}::BIGINT`).join(", ")}`,
		);
		return row ?? [];
	});

describe("CREATE SEQUENCE", () => {
	it("starts at 1 and goes up by 1; NOORDER unless a parameter says otherwise", async () => {
		expect(await account.query("CREATE SEQUENCE seq90")).toEqual([
			{ status: "Sequence SEQ90 successfully created." },
		]);
		expect(await show("seq90")).toMatchObject({
			name: "SEQ90",
			database_name: "D",
			schema_name: "S",
			next_value: 1,
			interval: 1,
			comment: "",
			ordered: "N",
		});
		await account.run("ALTER SESSION SET NOORDER_SEQUENCE_AS_DEFAULT = FALSE", "CREATE SEQUENCE o");
		expect((await show("o"))?.ordered).toBe("Y");
		await account.run("ALTER SESSION UNSET NOORDER_SEQUENCE_AS_DEFAULT");
	});

	// The example seq_5 of the page of CREATE SEQUENCE.
	it("gives every mention a value of its own", async () => {
		await account.run("CREATE OR REPLACE SEQUENCE seq_5 START = 1 INCREMENT = 5");
		expect(await next("SEQ_5", 4)).toEqual([1n, 6n, 11n, 16n]);
		expect((await show("seq_5"))?.next_value).toBe(21);
	});

	it("takes all spellings of its clauses, and counts down", async () => {
		await account.run(
			"CREATE SEQUENCE a WITH START WITH = -10 INCREMENT BY = -5 ORDER COMMENT = 'x'",
			"CREATE SEQUENCE b START 3 INCREMENT 2 NOORDER",
		);
		expect(await next("A")).toEqual([-10n]);
		expect(await next("A")).toEqual([-15n]);
		expect(await next("B")).toEqual([3n]);
		expect(await show("a")).toMatchObject({ comment: "x", ordered: "Y", interval: -5 });
	});

	it("tells its first value in the Information Schema, wherever it stands", async () => {
		await account.run("CREATE SEQUENCE a START 40 INCREMENT 2 ORDER");
		await next("A");
		expect(
			await account.query(
				"SELECT sequence_schema, start_value, increment, ordered FROM d.INFORMATION_SCHEMA.SEQUENCES",
			),
		).toEqual([{ SEQUENCE_SCHEMA: "S", START_VALUE: "40", INCREMENT: "2", ORDERED: "YES" }]);
	});

	it("starts again when it is replaced", async () => {
		await account.run("CREATE SEQUENCE a");
		await next("A");
		await account.run("CREATE OR REPLACE SEQUENCE a");
		expect(await next("A")).toEqual([1n]);
	});

	it.each(["INCREMENT = 0", "START = 9223372036854775808", "STRAT = 1"])(
		"refuses %s",
		async (clause) => {
			await expect(account.query(`CREATE SEQUENCE bad ${clause}`)).rejects.toThrow();
		},
	);
});

describe("changing a sequence", () => {
	it("ALTER changes interval, order and comment, and renames", async () => {
		await account.run("CREATE SEQUENCE a ORDER");
		await next("A");
		await account.run(
			"ALTER SEQUENCE a SET INCREMENT BY 10",
			"ALTER SEQUENCE a SET NOORDER COMMENT = 'y'",
			"ALTER SEQUENCE a RENAME TO b",
		);
		expect(await show("b")).toMatchObject({ interval: 10, ordered: "N", comment: "y" });
		expect(await next("B", 2)).toEqual([2n, 12n]);
		await account.run("ALTER SEQUENCE b UNSET COMMENT");
		expect((await show("b"))?.comment).toBe("");
		await expect(account.query("ALTER SEQUENCE b SET ORDER")).rejects.toThrow(/NOORDER/);
		await expect(account.query("ALTER SEQUENCE b SET START = 5")).rejects.toThrow();
	});

	it("CREATE OR ALTER keeps its place, and refuses another start", async () => {
		await account.run("CREATE SEQUENCE a START = 5 INCREMENT = 2 COMMENT = 'x'");
		await next("A");
		await account.run("CREATE OR ALTER SEQUENCE a START = 5 INCREMENT = 3");
		expect(await show("a")).toMatchObject({ next_value: 7, interval: 3, comment: "" });
		await expect(account.query("CREATE OR ALTER SEQUENCE a START = 6")).rejects.toThrow(/start/);
	});
});
