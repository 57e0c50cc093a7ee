import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlAccount, type SqlAccount } from "./sql-account.ts";

let account: SqlAccount;
beforeEach(async () => {
	account = await openSqlAccount();
});
afterEach(() => account.close());

async function rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
	return (await account.query(sql)).rows;
}

// https://docs.snowflake.com/en/sql-reference/sql/merge#perform-a-basic-merge-with-multiple-operations
test("MERGE with several clauses", async () => {
	await account.table("target", "id number(38,0), val number(38,0), status varchar");
	await account.table(
		"source",
		"id number(38,0), marked varchar, isnewstatus number(38,0), newval number(38,0), newstatus varchar",
	);
	await account.run(
		"insert into target values (1, 10, 'Production'), (2, 20, 'Alpha'), (3, 30, 'Production')",
	);
	await account.run(`insert into source values (1, 'Y', 0, 10, 'Production'), (2, 'N', 1, 50, 'Beta'),
		(3, 'N', 0, 60, 'Deprecated'), (4, 'N', 0, 40, 'Production')`);
	const ids = await account.connection.runAndReadAll('select "__rowid" from t1 order by "ID"');
	expect(
		await account.run(`merge into target using source on target.id = source.id
			when matched and source.marked = 'Y' then delete
			when matched and source.isnewstatus = 1 then update set val = source.newval, status = source.newstatus
			when matched then update set val = source.newval
			when not matched then insert (id, val, status) values (source.id, source.newval, source.newstatus)`),
	).toEqual({
		"number of rows inserted": 1,
		"number of rows updated": 2,
		"number of rows deleted": 1,
	});
	expect(await rows("select * from target order by id")).toEqual([
		["2", "50", "Beta"],
		["3", "60", "Production"],
		["4", "40", "Production"],
	]);
	const after = await account.connection.runAndReadAll('select "__rowid" from t1 order by "ID"');
	// Updated rows keep their hidden id.
	expect(after.getRows().slice(0, 2)).toEqual(ids.getRows().slice(1));
});

// https://docs.snowflake.com/en/sql-reference/sql/merge#perform-a-merge-by-using-all-by-name
test("MERGE ALL BY NAME", async () => {
	await account.table("target", "id number(38,0), x number(38,0), y varchar");
	await account.table("source", "id number(38,0), y varchar, x number(38,0)");
	await account.run("insert into target values (1, 10, 'Skiing'), (2, 20, 'Snowboarding')");
	await account.run(
		"insert into source values (1, 'Skiing', 10), (2, 'Snowboarding', 25), (3, 'Skating', 30)",
	);
	expect(
		await account.run(`merge into target using source on target.id = source.id
			when matched then update all by name when not matched then insert all by name`),
	).toEqual({ "number of rows inserted": 1, "number of rows updated": 2 });
	expect(await rows("select * from target order by id")).toEqual([
		["1", "10", "Skiing"],
		["2", "25", "Snowboarding"],
		["3", "30", "Skating"],
	]);
});

// https://docs.snowflake.com/en/sql-reference/sql/merge#duplicate-join-behavior
test("MERGE refuses to update a row twice, and deletes it twice", async () => {
	await account.table("target", "k number(38,0), v number(38,0)");
	await account.table("src", "k number(38,0), v number(38,0)");
	await account.run("insert into target values (0, 10)");
	await account.run("insert into src values (0, 11), (0, 12), (1, 13), (1, 13)");
	await expect(
		account.run(
			"merge into target using src on target.k = src.k when matched then update set target.v = src.v",
		),
	).rejects.toMatchObject({ code: "100090" });
	expect(
		await account.run(`merge into target using src on target.k = src.k
			when matched then delete when not matched then insert values (src.k, src.v)`),
	).toEqual({ "number of rows inserted": 2, "number of rows deleted": 1 });
	await expect(
		account.run(`merge into target using src on target.k = src.k
			when matched then delete when matched and src.v = 1 then update set v = 1`),
	).rejects.toMatchObject({ code: "001044" });
});

// https://docs.snowflake.com/en/sql-reference/sql/update#examples
test("UPDATE of a row joined several times", async () => {
	await account.table("target", "k number(38,0), v number(38,0)");
	await account.table("src", "k number(38,0), v number(38,0)");
	await account.run("insert into target values (0, 10)");
	await account.run("insert into src values (0, 11), (0, 12), (0, 13)");
	expect(await account.run("update target set v = src.v from src where target.k = src.k")).toEqual({
		"number of rows updated": 1,
		"number of multi-joined rows updated": 1,
	});
	expect(
		await account.run(
			"update target set v = b.v from (select k, min(v) v from src group by k) b where target.k = b.k",
		),
	).toEqual({ "number of rows updated": 1, "number of multi-joined rows updated": 0 });
	expect(await rows("select v from target")).toEqual([["11"]]);
});

// The engine's statements have columns of these names as well.
test("UPDATE and MERGE of columns that are called like the engine's own", async () => {
	await account.table("t", "r number(38,0), c1 number(38,0), v0 number(38,0), one number(38,0)");
	await account.run("insert into t values (1, 10, 100, 1000)");
	await account.run("update t set r = r + 1, c1 = c1 + 1, one = one + 1");
	await account.run(
		"merge into t using (select 2 as k) s on t.r = s.k when matched then update set v0 = v0 + 1, c1 = c1 + 1",
	);
	expect(await rows("select r, c1, v0, one from t")).toEqual([["2", "12", "101", "1001"]]);
});

// https://docs.snowflake.com/en/sql-reference/sql/insert
test("INSERT fills defaults and converts", async () => {
	await account.table(
		"t",
		"a number(38,0), b varchar default 'none', c date, d boolean default true",
	);
	expect(
		await account.run("insert into t (a, b) values (1, default), ('2', 'x'), (3.7, null)"),
	).toEqual({
		"number of rows inserted": 3,
	});
	expect(await account.run("insert into t (c, a) select '2013-05-08', 9")).toEqual({
		"number of rows inserted": 1,
	});
	expect(await rows("select * from t order by a")).toEqual([
		["1", "none", null, "true"],
		["2", "x", null, "true"],
		["4", null, null, "true"],
		["9", "none", "2013-05-08", "true"],
	]);
});

test("INSERT OVERWRITE may read what it replaces", async () => {
	await account.table("t", "a number(38,0)");
	await account.run("insert into t values (1), (2)");
	expect(await account.run("insert overwrite into t select a + 1 from t where a > 1")).toEqual({
		"number of rows inserted": 1,
	});
	expect(await rows("select * from t")).toEqual([["3"]]);
});

test("INSERT refuses what a column cannot hold, and then nothing is inserted", async () => {
	await account.table("t", "a number(4,1) not null, b varchar(3)");
	const code = async (sql: string): Promise<string> => {
		try {
			await account.run(sql);
		} catch (error) {
			return (error as { code: string }).code;
		}
		return "none";
	};
	expect(await code("insert into t values (1, 'abc'), (null, 'x')")).toBe("100072");
	expect(await code("insert into t (b) values ('x')")).toBe("100072");
	expect(await code("insert into t values (1, 'abcd')")).toBe("100078");
	expect(await code("insert into t values (12345, 'x')")).toBe("100039");
	expect(await code("insert into t values ('q', 'x')")).toBe("100038");
	expect(await code("insert into t values (1)")).toBe("002020");
	expect(await code("insert into t (a, nope) values (1, 2)")).toBe("000904");
	expect(await code("insert into t values (1, parse_json('1'))")).toBe("002014");
	expect(await rows("select * from t")).toEqual([]);
});

test("DELETE with USING, and TRUNCATE", async () => {
	await account.table("t", "id number(38,0)");
	await account.table("gone", "id number(38,0)");
	await account.run("insert into t values (1), (2), (3)");
	await account.run("insert into gone values (2), (2), (9)");
	expect(await account.run("delete from t using gone where t.id = gone.id")).toEqual({
		"number of rows deleted": 1,
	});
	expect(await account.run("delete from t x where x.id in (select id - 6 from gone)")).toEqual({
		"number of rows deleted": 1,
	});
	await account.run("truncate table t");
	expect(await rows("select count(*) from t")).toEqual([["0"]]);
});
