import { expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";

const OBJECTS = `CREATE DATABASE lake; CREATE SCHEMA raw;
CREATE TABLE t (id NUMBER); CREATE STAGE inside; CREATE STAGE outside URL = 's3://lake/in/';
CREATE STORAGE INTEGRATION si TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
`;

function resolve(statement: string) {
	return resolveFiles([textSource("grants.sql", OBJECTS + statement)], { context: {}, owners: {} });
}

/** The grants a statement declares, `*` for with grant option. */
function granted(statement: string): readonly string[] {
	const { catalog, diagnostics } = resolve(statement);
	expect(diagnostics).toEqual([]);
	return [...(catalog.grants?.values() ?? [])].map((g) => `${g.key}${g.value ? " *" : ""}`);
}

/** What is wrong with a statement: the text it points at, the summary and the hint. */
function wrong(statement: string): readonly string[] {
	const { diagnostics } = resolve(statement);
	return diagnostics.map(({ at, summary, hint }) => {
		const text = at?.lineText.slice(at.column - 1, at.column - 1 + at.length);
		return `${text}: ${summary}${hint === undefined ? "" : ` (${hint})`}`;
	});
}

test("each privilege is a grant of its own", () => {
	expect(granted("GRANT SELECT, EVOLVE SCHEMA ON TABLE t TO ROLE r WITH GRANT OPTION;")).toEqual([
		"GRANT SELECT ON TABLE LAKE.RAW.T TO ROLE R *",
		"GRANT EVOLVE SCHEMA ON TABLE LAKE.RAW.T TO ROLE R *",
	]);
});

test("ROLE may be left out, a database role may leave out its database, an integration its sort", () => {
	expect(granted('GRANT SELECT ON TABLE t TO "my role";')).toEqual([
		'GRANT SELECT ON TABLE LAKE.RAW.T TO ROLE "my role"',
	]);
	expect(granted("GRANT USAGE ON SCHEMA raw TO DATABASE ROLE dr;")).toEqual([
		"GRANT USAGE ON SCHEMA LAKE.RAW TO DATABASE ROLE LAKE.DR",
	]);
	expect(granted("GRANT USAGE ON INTEGRATION si TO USER u;")).toEqual([
		"GRANT USAGE ON STORAGE INTEGRATION SI TO USER U",
	]);
});

test("ALL is what the kind has: on a stage, what goes with where it is", () => {
	expect(granted("GRANT ALL PRIVILEGES ON STAGE inside TO ROLE r;")).toEqual([
		"GRANT READ ON STAGE LAKE.RAW.INSIDE TO ROLE R",
		"GRANT WRITE ON STAGE LAKE.RAW.INSIDE TO ROLE R",
	]);
	expect(granted("GRANT ALL ON STAGE outside TO ROLE r;")).toEqual([
		"GRANT USAGE ON STAGE LAKE.RAW.OUTSIDE TO ROLE R",
	]);
	expect(wrong("GRANT ALL ON SCHEMA raw TO ROLE r;")).toEqual([
		"GRANT ALL ON SCHEMA raw TO ROLE r: GRANT ALL ON SCHEMA: on a schema it means whatever Snowflake can create by then: name the privileges",
	]);
});

test("a privilege granted twice is one, with grant option if either has it", () => {
	expect(
		granted("GRANT SELECT ON TABLE t TO r WITH GRANT OPTION; GRANT SELECT ON TABLE t TO r;"),
	).toEqual(["GRANT SELECT ON TABLE LAKE.RAW.T TO ROLE R *"]);
});

test.each([
	[
		"GRANT SELCT ON TABLE t TO r;",
		"SELCT: SELCT is not a privilege on a table (did you mean SELECT?)",
	],
	[
		"GRANT SELECT ON TABLE tt TO r;",
		"tt: TABLE LAKE.RAW.TT is not declared here, so nothing can be granted on it here (did you mean LAKE.RAW.T?)",
	],
	[
		"GRANT READ ON STAGE outside TO r;",
		"READ: READ cannot be granted on STAGE LAKE.RAW.OUTSIDE (READ is for internal stages, on an external one it is USAGE)",
	],
	[
		"GRANT SELECT ON TABLE t TO SHARE s;",
		"SHARE: grants to a share are not managed: what a share holds is decided with the share",
	],
	[
		"GRANT SELECT ON TABLE t TO DATABASE ROLE other.dr;",
		"other.dr: OTHER.DR cannot hold a privilege on TABLE LAKE.RAW.T: a database role holds those of its own database",
	],
	[
		"GRANT SELECT ON ALL TABLES IN SCHEMA raw TO r;",
		"ALL: GRANT … ON ALL grants on what exists at that moment: grant on each object",
	],
	[
		"GRANT SELECT ON FUTURE TABLES IN SCHEMA raw TO r;",
		"FUTURE: future grants are not managed: grant on each object",
	],
	[
		"GRANT CREATE DATABASE ON ACCOUNT TO r;",
		"ACCOUNT: privileges on the account are not managed: no object of a project is the account",
	],
	[
		"GRANT ROLE a TO ROLE b;",
		"ROLE: GRANT ROLE is not managed: a role is not an object of a project yet",
	],
	[
		"GRANT SELECT ON TABLE t TO r CASCADE;",
		"CASCADE: expected WITH GRANT OPTION, or the end of the statement, found CASCADE",
	],
])("%s is refused", (statement, message) => {
	expect(wrong(statement)).toEqual([message]);
});

test("GRANT OWNERSHIP declares the owner and is no grant", () => {
	const { catalog } = resolve("GRANT OWNERSHIP ON TABLE t TO ROLE o COPY CURRENT GRANTS;");
	expect(catalog.objects.get("TABLE LAKE.RAW.T")?.owner).toBe("O");
	expect(catalog.grants?.size).toBe(0);
});
