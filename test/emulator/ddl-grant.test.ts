import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA s",
		"CREATE ROLE reader",
		"CREATE ROLE writer",
	);
});
afterAll(() => account.close());

const grants = async (sql: string) =>
	(await account.query(sql)).map((row) => `${row.privilege} ${row.name} ${row.grantee_name}`);

describe("grants", () => {
	it("shows ownership and privileges of an object", async () => {
		await account.run(
			"CREATE TABLE t (a INT)",
			"GRANT SELECT, INSERT ON TABLE t TO ROLE reader WITH GRANT OPTION",
		);
		expect(await account.query("SHOW GRANTS ON TABLE t")).toMatchObject([
			{ privilege: "OWNERSHIP", granted_on: "TABLE", name: "D.S.T", grantee_name: "ACCOUNTADMIN" },
			{ privilege: "INSERT", grant_option: "true", granted_by: "ACCOUNTADMIN" },
			{ privilege: "SELECT", grant_option: "true", granted_to: "ROLE", grantee_name: "READER" },
		]);
	});

	it("loses them with a replaced object, unless COPY GRANTS", async () => {
		await account.run("CREATE TABLE r (a INT)", "GRANT SELECT ON TABLE r TO ROLE reader");
		await account.run("CREATE OR REPLACE TABLE r (a INT) COPY GRANTS");
		expect(await grants("SHOW GRANTS ON TABLE r")).toContain("SELECT D.S.R READER");
		await account.run("CREATE OR REPLACE TABLE r (a INT)");
		expect(await grants("SHOW GRANTS ON TABLE r")).toEqual(["OWNERSHIP D.S.R ACCOUNTADMIN"]);
	});

	it("applies future grants, those of the schema before those of the database", async () => {
		await account.run(
			"CREATE SCHEMA f",
			"GRANT SELECT ON FUTURE TABLES IN DATABASE d TO ROLE writer",
			"GRANT INSERT ON FUTURE TABLES IN SCHEMA d.f TO ROLE reader",
			"CREATE TABLE new_t (a INT)",
		);
		expect(await grants("SHOW GRANTS ON TABLE new_t")).toEqual([
			"OWNERSHIP D.F.NEW_T ACCOUNTADMIN",
			"INSERT D.F.NEW_T READER",
		]);
		expect(await account.query("SHOW FUTURE GRANTS IN SCHEMA d.f")).toMatchObject([
			{
				privilege: "INSERT",
				grant_on: "TABLE",
				name: "D.F.<TABLE>",
				grant_to: "ROLE",
				grantee_name: "READER",
			},
		]);
		await account.run("USE SCHEMA s");
	});

	it("transfers ownership only when outbound grants are dealt with", async () => {
		await account.run("CREATE VIEW o AS SELECT 1 AS x", "GRANT SELECT ON VIEW o TO ROLE reader");
		await expect(account.query("GRANT OWNERSHIP ON VIEW o TO ROLE writer")).rejects.toMatchObject({
			code: "003089",
		});
		await account.run("GRANT OWNERSHIP ON VIEW o TO ROLE writer COPY CURRENT GRANTS");
		expect(await account.query("SHOW GRANTS ON VIEW o")).toMatchObject([
			{ privilege: "OWNERSHIP", grantee_name: "WRITER" },
			{ privilege: "SELECT", granted_by: "WRITER" },
		]);
	});

	it("refuses what a role does not own", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await account.run("CREATE TABLE mine (a INT)", "GRANT ROLE reader TO USER tester");
		await other.run("USE ROLE reader");
		await expect(other.query("ALTER TABLE mine ADD b INT")).rejects.toMatchObject({
			code: "003001",
			sqlState: "42501",
		});
		await expect(other.query("DROP TABLE mine")).rejects.toMatchObject({ code: "003001" });
	});

	it("shows a role only what it owns or holds a privilege on", async () => {
		const other = await account.connect({ database: "D", schema: "S" });
		await account.run(
			"CREATE ROLE looker",
			"CREATE SCHEMA looked_at",
			"CREATE TABLE seen (a INT)",
			"CREATE TABLE unseen (a INT)",
			"GRANT SELECT ON TABLE seen TO ROLE looker",
			"USE SCHEMA s",
		);
		await other.run("USE ROLE looker");
		const rows = await other.query("SHOW TABLES IN SCHEMA d.looked_at");
		expect(rows.map((row) => row.name)).toEqual(["SEEN"]);
	});

	it("revokes, and says nothing where there was nothing", async () => {
		await account.run("REVOKE SELECT ON FUTURE TABLES IN DATABASE d FROM ROLE writer");
		await account.run(
			"CREATE TABLE v (a INT)",
			"GRANT ALL ON TABLE v TO ROLE reader",
			"REVOKE ALL ON TABLE v FROM ROLE reader",
		);
		expect(await grants("SHOW GRANTS ON TABLE v")).toEqual(["OWNERSHIP D.S.V ACCOUNTADMIN"]);
		await account.run("REVOKE SELECT ON TABLE v FROM ROLE reader");
		await expect(account.query("GRANT OPERATE ON TABLE v TO ROLE reader")).rejects.toMatchObject({
			code: "003008",
		});
	});

	it("shows to whom a role is granted", async () => {
		await account.run("GRANT ROLE writer TO ROLE reader");
		expect(await account.query("SHOW GRANTS OF ROLE writer")).toMatchObject([
			{ role: "WRITER", granted_to: "ROLE", grantee_name: "READER" },
		]);
		await expect(account.query("GRANT ROLE reader TO ROLE writer")).rejects.toMatchObject({
			code: "003015",
		});
	});
});
