import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { physicalTable } from "../../src/emulator/account/storage.ts";
import { captureBefore, consumeStream, recordChanges } from "../../src/emulator/run/change-log.ts";
import {
	streamHasData,
	streamRelation,
	streamTableTimestamp,
} from "../../src/emulator/run/stream-read.ts";
import type { CatalogObject, Context, Session } from "../../src/emulator/types.ts";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
let session: Session;
beforeAll(async () => {
	account = await startAccount();
	session = await account.account.openSession("tester");
	await account.run("CREATE DATABASE d", "CREATE SCHEMA d.s");
});
afterAll(() => account.close());
beforeEach(() =>
	account.run("CREATE OR REPLACE SCHEMA d.s", "CREATE TABLE t (id INT, name STRING)"),
);

const at = (context: Context, kind: string, name: string): CatalogObject => {
	const found = context.catalog.find(kind, ["D", "S", name]);
	if (!found) throw new Error(`no ${kind} ${name}`);
	return found;
};
/** Runs engine DML on table T as the account does: `T` stands for the physical table. */
const change = (kind: "insert" | "change", ...statements: readonly string[]): Promise<void> =>
	account.account.run(session, async (context) => {
		const table = at(context, "TABLE", "T");
		for (const sql of statements) {
			const capture = await captureBefore(context, table, kind);
			await context.engine(sql.replace(/\bT\b/, physicalTable(table)));
			await recordChanges(context, capture);
		}
	});
const insert = (...values: readonly string[]): Promise<void> =>
	change("insert", ...values.map((row) => `INSERT INTO T ("ID", "NAME") VALUES ${row}`));
/** What a stream returns, as `+1 lucy`, `-2 linus u` for parts of updates; by id, deletes first. */
const read = (stream: string): Promise<readonly string[]> =>
	account.account.run(session, async (context) => {
		const { from } = await streamRelation(context, at(context, "STREAM", stream));
		const rows = await context.engine(
			`SELECT (CASE "METADATA$ACTION" WHEN 'INSERT' THEN '+' ELSE '-' END) || "ID"::BIGINT || ' ' || "NAME"
			 || (CASE WHEN "METADATA$ISUPDATE" THEN ' u' ELSE '' END) FROM ${from} ORDER BY "ID", "METADATA$ACTION"`,
		);
		return rows.map(([text]) => String(text));
	});
const consume = (stream: string): Promise<void> =>
	account.account.run(session, (context) => consumeStream(context, at(context, "STREAM", stream)));
const ask = <T>(
	of: (context: Context, stream: CatalogObject) => Promise<T>,
	stream: string,
): Promise<T> =>
	account.account.run(session, (context) => of(context, at(context, "STREAM", stream)));

describe("what a stream returns", () => {
	// "Differences between standard and append-only streams" on the page of stream examples.
	it("differs between standard and append-only streams", async () => {
		await account.run(
			"CREATE STREAM delta_s ON TABLE t",
			"CREATE STREAM append_only_s ON TABLE t APPEND_ONLY = TRUE",
		);
		await insert("(0, 'charlie brown')", "(1, 'lucy')", "(2, 'linus')");
		await change("change", `DELETE FROM T WHERE "ID" = 0`);
		expect(await read("DELTA_S")).toEqual(["+1 lucy", "+2 linus"]);
		expect(await read("APPEND_ONLY_S")).toEqual(["+0 charlie brown", "+1 lucy", "+2 linus"]);
		await consume("DELTA_S");
		await consume("APPEND_ONLY_S");
		await change("change", `UPDATE T SET "NAME" = 'sally' WHERE "NAME" = 'linus'`);
		expect(await read("DELTA_S")).toEqual(["-2 linus u", "+2 sally u"]);
		expect(await read("APPEND_ONLY_S")).toEqual([]);
	});

	it("is the net change of each row", async () => {
		await insert("(1, 'a')", "(2, 'b')", "(3, 'c')");
		await account.run("CREATE STREAM st ON TABLE t");
		await change("change", `UPDATE T SET "NAME" = 'x' WHERE "ID" = 1`);
		await change("change", `UPDATE T SET "NAME" = 'a' WHERE "ID" = 1`);
		expect(await read("ST")).toEqual([]);
		await change("change", `UPDATE T SET "NAME" = 'y' WHERE "ID" = 2`);
		await change("change", `DELETE FROM T WHERE "ID" = 2`);
		await insert("(4, 'd')");
		await change("change", `UPDATE T SET "NAME" = 'e' WHERE "ID" = 4`);
		expect(await read("ST")).toEqual(["-2 b", "+4 e"]);
	});

	it("keeps METADATA$ROW_ID of a row through its changes", async () => {
		await account.run("CREATE STREAM st ON TABLE t", "CREATE STREAM other ON TABLE t");
		await insert("(1, 'a')");
		const ids = (stream: string): Promise<readonly unknown[]> =>
			ask(async (context, object) => {
				const { from } = await streamRelation(context, object);
				return (await context.engine(`SELECT "METADATA$ROW_ID" FROM ${from}`)).flat();
			}, stream);
		const [inserted] = await ids("ST");
		expect(inserted).toMatch(/^[0-9a-f]{40}$/);
		await consume("ST");
		await change("change", `UPDATE T SET "NAME" = 'b'`);
		expect(await ids("ST")).toEqual([inserted, inserted]);
		expect(await ids("OTHER")).toEqual([inserted]);
	});

	it("is the table at its creation first, with SHOW_INITIAL_ROWS", async () => {
		await insert("(1, 'a')", "(2, 'b')");
		await account.run("CREATE STREAM st ON TABLE t SHOW_INITIAL_ROWS = TRUE");
		await insert("(3, 'c')");
		await change("change", `DELETE FROM T WHERE "ID" = 1`);
		await change("change", `UPDATE T SET "NAME" = 'x' WHERE "ID" = 2`);
		expect(await read("ST")).toEqual(["+1 a", "+2 b"]);
		expect(await ask(streamHasData, "ST")).toBe(true);
		await consume("ST");
		expect(await read("ST")).toEqual([]);
		await insert("(4, 'd')");
		expect(await read("ST")).toEqual(["+4 d"]);
	});

	it("follows columns that are added, renamed and dropped", async () => {
		await account.run("CREATE STREAM st ON TABLE t");
		await insert("(1, 'a')");
		await account.run(
			"ALTER TABLE t ADD COLUMN extra INT DEFAULT 7",
			"ALTER TABLE t RENAME COLUMN name TO title",
		);
		const names = await ask(
			async (context, object) => (await streamRelation(context, object)).columns.map((c) => c.name),
			"ST",
		);
		expect(names).toEqual([
			"ID",
			"TITLE",
			"EXTRA",
			"METADATA$ACTION",
			"METADATA$ISUPDATE",
			"METADATA$ROW_ID",
		]);
		const rows = await ask(async (context, object) => {
			const { from } = await streamRelation(context, object);
			return context.engine(`SELECT "ID"::BIGINT, "TITLE", "EXTRA"::BIGINT FROM ${from}`);
		}, "ST");
		expect(rows).toEqual([[1n, "a", 7n]]);
		await account.run("ALTER TABLE t DROP COLUMN title");
		expect(await ask(streamHasData, "ST")).toBe(true);
	});
});

describe("an offset", () => {
	it("moves only with a transaction that commits", async () => {
		await account.run("CREATE STREAM st ON TABLE t");
		await insert("(1, 'a')");
		const before = await ask(streamTableTimestamp, "ST");
		await account.account
			.run(session, async (context) => {
				await consumeStream(context, at(context, "STREAM", "ST"));
				throw new Error("undone");
			})
			.catch(() => undefined);
		expect(await read("ST")).toEqual(["+1 a"]);
		expect(await ask(streamTableTimestamp, "ST")).toBe(before);
		await consume("ST");
		expect(await read("ST")).toEqual([]);
		expect(BigInt(await ask(streamTableTimestamp, "ST"))).toBeGreaterThan(BigInt(before));
	});

	it("moves to where the transaction began: its own changes come after it", async () => {
		await account.run("CREATE STREAM st ON TABLE t");
		await insert("(1, 'a')");
		await account.account.run(session, async (context) => {
			const table = at(context, "TABLE", "T");
			await consumeStream(context, at(context, "STREAM", "ST"));
			const capture = await captureBefore(context, table, "insert");
			await context.engine(`INSERT INTO ${physicalTable(table)} ("ID", "NAME") VALUES (2, 'b')`);
			await recordChanges(context, capture);
		});
		expect(await read("ST")).toEqual(["+2 b"]);
	});

	it("is kept by CREATE OR REPLACE … AT (STREAM => its own name), and lost without", async () => {
		await account.run("CREATE STREAM st ON TABLE t");
		await insert("(1, 'a')");
		await account.run("CREATE OR REPLACE STREAM st ON TABLE t AT(STREAM => 'st')");
		expect(await read("ST")).toEqual(["+1 a"]);
		await account.run("CREATE STREAM copy CLONE st");
		expect(await read("COPY")).toEqual(["+1 a"]);
		await account.run("CREATE OR REPLACE STREAM st ON TABLE t");
		expect(await read("ST")).toEqual([]);
	});

	it("survives a rename of the table, and stays when another stream is read", async () => {
		await account.run("CREATE STREAM st ON TABLE t", "CREATE STREAM other ON TABLE t");
		await insert("(1, 'a')");
		await account.run("ALTER TABLE t RENAME TO renamed");
		await consume("OTHER");
		expect(await read("ST")).toEqual(["+1 a"]);
		expect(await read("OTHER")).toEqual([]);
	});
});

describe("SYSTEM$STREAM_HAS_DATA", () => {
	it("may be true where rows came and went, and false once consumed", async () => {
		await account.run("CREATE STREAM st ON TABLE t");
		expect(await ask(streamHasData, "ST")).toBe(false);
		await insert("(1, 'a')");
		await change("change", "DELETE FROM T");
		expect(await read("ST")).toEqual([]);
		expect(await ask(streamHasData, "ST")).toBe(true);
		await consume("ST");
		expect(await ask(streamHasData, "ST")).toBe(false);
	});
});

describe("a stale stream", () => {
	it("is one whose table was replaced or dropped", async () => {
		await account.run("CREATE STREAM st ON TABLE t", "CREATE OR REPLACE TABLE t (id INT)");
		await expect(read("ST")).rejects.toMatchObject({
			code: "091901",
			message: "Base table 'D.S.T' dropped, cannot read from stream 'ST'",
		});
		const [row] = await account.query("SHOW STREAMS IN SCHEMA d.s");
		expect(row?.stale).toBe("true");
	});

	it("is one not consumed within the larger of the two retention periods", async () => {
		await account.run("CREATE STREAM st ON TABLE t", "CREATE STREAM kept ON TABLE t");
		await insert("(1, 'a')");
		const { clock } = account.account;
		clock.advanceTo(clock.now() + 10 * 86_400_000);
		await consume("KEPT");
		clock.advanceTo(clock.now() + 5 * 86_400_000);
		await expect(read("ST")).rejects.toThrow(/stale/);
		expect(await read("KEPT")).toEqual([]);
		const rows = await account.query("SHOW STREAMS IN SCHEMA d.s");
		expect(rows.map((row) => [row.name, row.stale])).toEqual([
			["KEPT", "false"],
			["ST", "true"],
		]);
	});
});
