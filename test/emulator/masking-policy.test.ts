import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAccount, type TestAccount } from "../support/account.ts";

let account: TestAccount;
beforeAll(async () => {
	account = await startAccount();
	await account.run(
		"CREATE ROLE analyst",
		"GRANT ROLE analyst TO ROLE accountadmin",
		"CREATE DATABASE d",
		"CREATE SCHEMA d.governance",
	);
});
afterAll(() => account.close());
beforeEach(async () => {
	await account.run(
		"USE ROLE accountadmin",
		"CREATE OR REPLACE DATABASE d",
		"CREATE SCHEMA d.governance",
		// The first example of the page of CREATE MASKING POLICY.
		`CREATE OR REPLACE MASKING POLICY email_mask AS (val string) returns string ->
			CASE WHEN current_role() IN ('ANALYST') THEN VAL ELSE '*********' END COMMENT = 'full mask'`,
		"CREATE SCHEMA d.s",
		"CREATE TABLE people (id INT, email VARCHAR(50) WITH MASKING POLICY d.governance.email_mask, visibility VARCHAR)",
		"INSERT INTO people VALUES (1, 'a@x', 'Public'), (2, 'b@x', 'Private')",
		"GRANT OWNERSHIP ON ALL TABLES IN SCHEMA d.s TO ROLE analyst COPY CURRENT GRANTS",
		"GRANT OWNERSHIP ON SCHEMA d.s TO ROLE analyst COPY CURRENT GRANTS",
	);
});

const emails = async (sql: string): Promise<readonly unknown[]> =>
	(await account.query(sql)).map((row) => Object.values(row)[0]);
const refused = (sql: string): Promise<string> =>
	account.query(sql).then(
		() => "accepted",
		(error: { message: string }) => error.message,
	);
const MASK = "*********";

describe("a masked column", () => {
	it("is masked wherever it is read, the owner's eyes included", async () => {
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual([MASK, MASK]);
		expect(await emails("SELECT p.email || '!' FROM people p ORDER BY id")).toEqual([
			`${MASK}!`,
			`${MASK}!`,
		]);
		expect(await emails("SELECT id FROM people WHERE email = 'a@x'")).toEqual([]);
		expect(await emails("SELECT count(DISTINCT email) FROM people")).toEqual([1]);
		await account.run("USE ROLE analyst");
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual(["a@x", "b@x"]);
		expect(await emails("SELECT id FROM people WHERE email = 'a@x'")).toEqual([1]);
	});

	it("is copied as it is seen: by INSERT … SELECT, CTAS, UPDATE and MERGE", async () => {
		await account.run(
			"CREATE TABLE made AS SELECT email FROM people",
			"CREATE TABLE copied (email VARCHAR)",
			"INSERT INTO copied SELECT email FROM people",
			"MERGE INTO copied c USING people p ON c.email = 'b@x' WHEN NOT MATCHED THEN INSERT VALUES ('m' || p.email)",
		);
		expect(await emails("SELECT email FROM made")).toEqual([MASK, MASK]);
		expect(await emails("SELECT email FROM copied ORDER BY email")).toEqual([
			MASK,
			MASK,
			`m${MASK}`,
			`m${MASK}`,
		]);
		await account.run(
			"UPDATE people SET visibility = email",
			"UPDATE people SET email = email WHERE id = 1",
			"USE ROLE analyst",
		);
		expect(await emails("SELECT visibility FROM people")).toEqual([MASK, MASK]);
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual([MASK, "b@x"]);
	});

	it("stays masked in views, streams and virtual columns", async () => {
		await account.run(
			"CREATE VIEW v AS SELECT * FROM people",
			"CREATE STREAM st ON TABLE people",
			"CREATE STREAM sv ON VIEW v",
			"ALTER TABLE people ADD COLUMN shouted VARCHAR AS (upper(email))",
			"INSERT INTO people (id, email) VALUES (3, 'c@x')",
		);
		for (const role of ["accountadmin", "analyst"]) {
			await account.run(`USE ROLE ${role}`);
			const expected = role === "analyst" ? "c@x" : MASK;
			expect(await emails("SELECT email FROM st")).toEqual([expected]);
			expect(await emails("SELECT shouted FROM people WHERE id = 3")).toEqual([
				expected.toUpperCase(),
			]);
		}
		await account.run("USE ROLE accountadmin", "ALTER TABLE people DROP COLUMN shouted");
		expect(await emails("SELECT email FROM v WHERE id = 3")).toEqual([MASK]);
		expect(await emails("SELECT email FROM sv")).toEqual([MASK]);
	});

	it("follows the policy's body and its name at once", async () => {
		await account.run(
			"ALTER MASKING POLICY d.governance.email_mask SET BODY -> CASE WHEN current_role() IN ('ANALYST') THEN val ELSE sha2(val, 512) END",
			"ALTER MASKING POLICY d.governance.email_mask RENAME TO d.governance.hashed",
		);
		expect(await emails("SELECT email = sha2('a@x', 512) FROM people WHERE id = 1")).toEqual([
			true,
		]);
		expect((await account.query("DESC TABLE people"))[1]).toMatchObject({
			name: "EMAIL",
			"policy name": "D.GOVERNANCE.HASHED",
		});
	});

	it("can depend on other columns", async () => {
		await account.run(
			`CREATE MASKING POLICY d.governance.email_visibility AS (email varchar, visibility string) RETURNS varchar ->
				case when visibility = 'Public' then email else '***MASKED***' end`,
			"ALTER TABLE people MODIFY COLUMN email SET MASKING POLICY d.governance.email_visibility USING (email, visibility) FORCE",
		);
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual(["a@x", "***MASKED***"]);
		await account.run("ALTER TABLE people RENAME COLUMN visibility TO seen");
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual(["a@x", "***MASKED***"]);
	});

	it("reads objects of the policy's schema and says the schema of the table", async () => {
		await account.run(
			"CREATE TABLE d.governance.entitlement (role VARCHAR)",
			"INSERT INTO d.governance.entitlement VALUES ('ACCOUNTADMIN')",
			`ALTER MASKING POLICY d.governance.email_mask SET BODY ->
				CASE WHEN EXISTS (SELECT role FROM entitlement WHERE role = current_role()) THEN current_schema() ELSE '***' END`,
		);
		expect(await emails("SELECT email FROM people")).toEqual(["S", "S"]);
		await account.run("USE ROLE analyst");
		expect(await emails("SELECT email FROM people")).toEqual(["***", "***"]);
	});

	it("views have policies of their own, after those of the table", async () => {
		await account.run(
			"CREATE MASKING POLICY d.governance.shout AS (v VARCHAR) RETURNS VARCHAR -> 'seen ' || v",
			"CREATE VIEW v (id, email MASKING POLICY d.governance.shout) AS SELECT id, email FROM people",
		);
		expect(await emails("SELECT email FROM v WHERE id = 1")).toEqual([`seen ${MASK}`]);
		expect((await account.query("DESC VIEW v"))[1]).toMatchObject({
			"policy name": "D.GOVERNANCE.SHOUT",
		});
		await account.run("ALTER VIEW v MODIFY COLUMN email UNSET MASKING POLICY");
		expect(await emails("SELECT email FROM v WHERE id = 1")).toEqual([MASK]);
		await account.run("ALTER VIEW v MODIFY COLUMN email SET MASKING POLICY d.governance.shout");
		expect(await emails("SELECT email FROM v WHERE id = 1")).toEqual([`seen ${MASK}`]);
	});

	it("is unmasked by replacing the table without a word of it", async () => {
		await account.run(
			"CREATE OR REPLACE TABLE people (id INT, email VARCHAR)",
			"INSERT INTO people VALUES (1, 'a@x')",
		);
		expect(await emails("SELECT email FROM people")).toEqual(["a@x"]);
	});
});

describe("the policy", () => {
	it("is shown and described", async () => {
		expect(await account.query("SHOW MASKING POLICIES IN SCHEMA d.governance")).toMatchObject([
			{
				name: "EMAIL_MASK",
				database_name: "D",
				schema_name: "GOVERNANCE",
				kind: "MASKING_POLICY",
				owner: "ACCOUNTADMIN",
				comment: "full mask",
				owner_role_type: "ROLE",
				options: "",
			},
		]);
		expect(await account.query("DESC MASKING POLICY d.governance.email_mask")).toEqual([
			{
				name: "EMAIL_MASK",
				signature: "(VAL VARCHAR)",
				return_type: "VARCHAR(16777216)",
				body: "CASE WHEN current_role() IN ('ANALYST') THEN VAL ELSE '*********' END",
			},
		]);
		const [row] = await account.query("SELECT GET_DDL('POLICY', 'd.governance.email_mask') AS ddl");
		expect(row?.DDL).toMatch(/^create or replace masking policy EMAIL_MASK as \(VAL VARCHAR\)/);
	});

	it("tells where it is set", async () => {
		const expected = {
			POLICY_DB: "D",
			POLICY_SCHEMA: "GOVERNANCE",
			POLICY_NAME: "EMAIL_MASK",
			POLICY_KIND: "MASKING_POLICY",
			REF_DATABASE_NAME: "D",
			REF_SCHEMA_NAME: "S",
			REF_ENTITY_NAME: "PEOPLE",
			REF_ENTITY_DOMAIN: "TABLE",
			REF_COLUMN_NAME: "EMAIL",
			REF_ARG_COLUMN_NAMES: null,
			POLICY_STATUS: "ACTIVE",
		};
		for (const given of [
			"policy_name => 'd.governance.email_mask'",
			"ref_entity_name => 'd.s.people', ref_entity_domain => 'table'",
		])
			expect(
				await account.query(
					`SELECT * FROM TABLE(d.information_schema.policy_references(${given}))`,
				),
			).toMatchObject([expected]);
	});

	it.each([
		["DROP MASKING POLICY d.governance.email_mask", /associated with one or more entities/],
		["DROP SCHEMA d.governance", /associated with one or more entities/],
		[
			"CREATE OR REPLACE MASKING POLICY d.governance.email_mask AS (v STRING) RETURNS STRING -> v",
			/associated with one or more entities/,
		],
		[
			"CREATE OR ALTER MASKING POLICY d.governance.email_mask AS (v INT) RETURNS INT -> v",
			/signature/,
		],
		[
			"CREATE MASKING POLICY bad AS (v TIMESTAMP_NTZ) RETURNS STRING -> '***'",
			/must match the type/,
		],
		["CREATE MASKING POLICY bad AS (v STRING) RETURNS STRING -> nowhere", /NOWHERE/],
		[
			"ALTER TABLE people MODIFY COLUMN email SET MASKING POLICY d.governance.email_mask",
			/already attached to another masking policy/,
		],
		["ALTER TABLE people MODIFY COLUMN id SET MASKING POLICY d.governance.email_mask", /NUMBER/],
		[
			"ALTER TABLE people ADD COLUMN v VARCHAR AS (visibility) MASKING POLICY d.governance.email_mask",
			/virtual column/,
		],
		["ALTER TABLE people MODIFY COLUMN id UNSET MASKING POLICY", /no masking policy/],
		["ALTER TABLE people MODIFY COLUMN id SET MASKING POLICY nothing", /NOTHING/],
	])("%s is refused", async (sql, message) => {
		expect(await refused(sql)).toMatch(message);
		expect(await emails("SELECT email FROM people")).toEqual([MASK, MASK]);
	});

	it("goes when no column has it any more, or with the columns that have it", async () => {
		await account.run(
			"ALTER TABLE people MODIFY COLUMN email UNSET MASKING POLICY",
			"DROP MASKING POLICY d.governance.email_mask",
			"CREATE MASKING POLICY d.governance.other AS (v VARCHAR) RETURNS VARCHAR -> '-'",
			"CREATE TABLE d.governance.own (v VARCHAR MASKING POLICY d.governance.other)",
			"DROP SCHEMA d.governance",
		);
		expect(await emails("SELECT email FROM people ORDER BY id")).toEqual(["a@x", "b@x"]);
	});

	it("is not unset by the table's owner alone", async () => {
		await account.run("USE ROLE analyst");
		expect(
			await refused("ALTER TABLE d.s.people MODIFY COLUMN email UNSET MASKING POLICY"),
		).toMatch(/privileges/);
	});
});
