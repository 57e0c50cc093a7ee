import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAKE, makeProject } from "../support/project.ts";

const PIPELINE = `USE SCHEMA LAKE.BRONZE;
CREATE FILE FORMAT LINES TYPE = CSV;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
CREATE TABLE RAW (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO RAW (ID) FROM @LANDING;
CREATE TABLE ORDERS (ID NUMBER);
CREATE VIEW EVERY_ORDER AS SELECT * FROM ORDERS;
`;

/** A format that no ALTER can make of the old one, a table under a pipe, and a view of all columns, each with a new name. */
const CHANGED = `USE SCHEMA LAKE.BRONZE;
-- renamed from: LINES
CREATE FILE FORMAT DOCUMENTS TYPE = JSON;
CREATE STAGE LANDING URL = 's3://lake/landing/' FILE_FORMAT = (TYPE = CSV);
-- renamed from: RAW
CREATE TABLE ARRIVED (ID NUMBER);
CREATE PIPE RAW_PIPE AUTO_INGEST = TRUE AS COPY INTO ARRIVED (ID) FROM @LANDING;
CREATE TABLE ORDERS (ID NUMBER, NOTE VARCHAR);
-- renamed from: EVERY_ORDER
CREATE VIEW ALL_ORDERS AS SELECT * FROM ORDERS;
`;

test("what is renamed and changed at once leaves nothing behind under its old name", async () => {
	const project = makeProject({ "sql/lake.sql": LAKE, "sql/pipeline.sql": PIPELINE });
	const ok = async (...args: readonly string[]) => {
		const { code, out, err } = await project.run(...args);
		expect([code, code === 0 ? "" : err], args.join(" ")).toEqual([0, ""]);
		return out;
	};
	const rows = async (sql: string) =>
		JSON.parse(await ok("sql", sql, "--json")) as readonly Record<string, string>[];
	const drop = (name: string, id: number) => {
		const landing = join(project.dir, ".snowline/s3/lake/landing");
		mkdirSync(landing, { recursive: true });
		writeFileSync(join(landing, name), `${id}\n`);
	};
	try {
		await ok("apply", "--yes");
		await ok("sql", "CREATE ROLE reader");
		await ok("sql", "GRANT USAGE ON FILE FORMAT LAKE.BRONZE.LINES TO ROLE reader");
		await ok("sql", "GRANT SELECT ON VIEW LAKE.BRONZE.EVERY_ORDER TO ROLE reader");
		drop("a.csv", 1);
		await ok("emulator", "tick", "--until-idle");
		project.write({ "sql/pipeline.sql": CHANGED });
		expect(await ok("apply", "--yes")).toContain("window: 1 file, 1 loaded once");
		drop("b.csv", 2);
		await ok("emulator", "tick", "--until-idle");
		const ids = await rows("SELECT ID FROM LAKE.BRONZE.ARRIVED ORDER BY ID");
		expect(ids.map((row) => row.ID)).toEqual(["1", "2"]);
		const formats = await rows("SHOW FILE FORMATS IN SCHEMA LAKE.BRONZE");
		expect(formats.map((row) => `${row.name} ${row.type}`)).toEqual(["DOCUMENTS JSON"]);
		expect(await rows("SELECT * FROM LAKE.BRONZE.ALL_ORDERS")).toEqual([]);
		for (const on of ["FILE FORMAT LAKE.BRONZE.DOCUMENTS", "VIEW LAKE.BRONZE.ALL_ORDERS"])
			expect((await rows(`SHOW GRANTS ON ${on}`)).map((g) => g.grantee_name)).toContain("READER");
		expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
	} finally {
		project.close();
	}
});
