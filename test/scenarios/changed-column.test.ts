import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAKE, LOCAL, makeProject, type TestProject } from "../support/project.ts";

/**
 * Columns that change under what works with them: replanned or refused at plan time, never broken afterwards.
 * Every successful change is followed by reading the table, its views and its stream.
 */
let project: TestProject;

const TABLES = `USE SCHEMA LAKE.BRONZE;
CREATE TABLE ORDERS (
  ID NUMBER(10,0) NOT NULL,
  NOTE VARCHAR(20),
  PLACED DATE,
  LONG_NOTE VARCHAR AS (NOTE || '!'),
  UNIQUE (NOTE)
)
  CLUSTER BY (PLACED, NOTE);
CREATE TABLE SILVER (ID NUMBER(10,0), NOTE VARCHAR);
CREATE STREAM ORDERS_NEW ON TABLE ORDERS;
`;
const VIEWS = `USE SCHEMA LAKE.BRONZE;
CREATE VIEW EVERYTHING AS SELECT * FROM ORDERS;
CREATE VIEW NOTES AS SELECT o.ID, o.NOTE FROM ORDERS o WHERE o.NOTE IS NOT NULL;
`;
const WORK = `USE SCHEMA LAKE.BRONZE;
CREATE STAGE LANDING;
CREATE PIPE ORDERS_PIPE AS COPY INTO ORDERS (ID, NOTE) FROM @LANDING FILE_FORMAT = (TYPE = CSV);
CREATE TASK TO_SILVER WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES'
AS INSERT INTO SILVER (ID, NOTE) SELECT ID, NOTE FROM ORDERS_NEW WHERE METADATA$ACTION = 'INSERT';
ALTER TASK TO_SILVER RESUME;
`;

async function ok(...args: readonly string[]): Promise<string> {
	const ran = await project.run(...args);
	expect(ran.code, `${args.join(" ")}\n${ran.err}\n${ran.out}`).toBe(0);
	return ran.out;
}

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
	return JSON.parse(await ok("sql", sql, "--json")) as Record<string, unknown>[];
}

/** The files with some words changed, one after the other; each must be there. */
function write(changes: Readonly<Record<string, string>> = {}): void {
	let files = Object.entries({
		"sql/tables.sql": TABLES,
		"sql/views.sql": VIEWS,
		"sql/work.sql": WORK,
	});
	for (const [from, to] of Object.entries(changes)) {
		expect(
			files.some(([, text]) => text.includes(from)),
			from,
		).toBe(true);
		files = files.map(([file, text]) => [file, text.replaceAll(from, to)]);
	}
	project.write(Object.fromEntries(files));
}

/** A plan that is refused, whole: its exit code and what is said. */
async function refused(): Promise<readonly [number, string]> {
	const { code, err } = await project.run("plan");
	return [code, err];
}

beforeAll(async () => {
	project = makeProject({ "sql/lake.sql": LAKE });
	write();
	await ok("apply", "--yes");
	await ok(
		"sql",
		"INSERT INTO LAKE.BRONZE.ORDERS (ID, NOTE, PLACED) VALUES (1, 'red', '2026-11-01')",
	);
});

afterAll(() => project.close());

const RENAMED = {
	"  NOTE VARCHAR(20),": "  REMARK VARCHAR(20), -- renamed from: NOTE",
	"AS (NOTE || '!')": "AS (REMARK || '!')",
	"UNIQUE (NOTE)": "UNIQUE (REMARK)",
	"CLUSTER BY (PLACED, NOTE)": "CLUSTER BY (PLACED, REMARK)",
};
const VIEW_FOLLOWS = { "o.ID, o.NOTE FROM": "o.ID, o.REMARK FROM", "o.NOTE IS": "o.REMARK IS" };
const TASK_FOLLOWS = { "SELECT ID, NOTE FROM": "SELECT ID, REMARK FROM" };
const PIPE_FOLLOWS = { "ORDERS (ID, NOTE)": "ORDERS (ID, REMARK)" };
/** Everything after the column is renamed. */
const FOLLOWED = { ...RENAMED, ...VIEW_FOLLOWS, ...TASK_FOLLOWS, ...PIPE_FOLLOWS };

describe("a renamed column", () => {
	test("is refused while a view and a task name it, at their lines", async () => {
		write(RENAMED);
		const [code, err] = await refused();
		expect(code).toBe(65);
		expect(err).toContain(
			"VIEW LAKE.BRONZE.NOTES names column NOTE of LAKE.BRONZE.ORDERS, which is renamed to REMARK",
		);
		expect(err).toContain("--> sql/views.sql:3:");
		expect(err).toContain(
			"TASK LAKE.BRONZE.TO_SILVER names column NOTE of LAKE.BRONZE.ORDERS_NEW, which is renamed to REMARK",
		);
		expect(err).toContain("--> sql/work.sql:5:");
		expect(err).not.toContain("VIEW LAKE.BRONZE.EVERYTHING");
	});

	test("breaks a pipe that lists it, which is a hazard", async () => {
		write({ ...RENAMED, ...VIEW_FOLLOWS, ...TASK_FOLLOWS });
		const { code, err } = await project.run("apply", "--yes");
		expect(code).toBe(3);
		expect(err).toContain("PIPE_BROKEN");
		expect(err).toContain("PIPE LAKE.BRONZE.ORDERS_PIPE");
	});

	test("passes when all follow: values stay, and everything can be read", async () => {
		write(FOLLOWED);
		await ok("apply", "--yes", "--allow-hazards", "PIPE_HISTORY_LOST");
		expect(await rows("SELECT ID, REMARK, LONG_NOTE FROM LAKE.BRONZE.EVERYTHING")).toEqual([
			{ ID: "1", REMARK: "red", LONG_NOTE: "red!" },
		]);
		expect(await rows("SELECT REMARK FROM LAKE.BRONZE.NOTES")).toEqual([{ REMARK: "red" }]);
		expect(await rows("SELECT REMARK FROM LAKE.BRONZE.ORDERS_NEW")).toEqual([{ REMARK: "red" }]);
		await ok("emulator", "tick", "--for", "2h");
		expect(await rows("SELECT NOTE FROM LAKE.BRONZE.SILVER")).toEqual([{ NOTE: "red" }]);
	});
});

describe("a dropped column", () => {
	test("is refused while others name it, whoever they are, and passes once they are listed as external", async () => {
		write(FOLLOWED);
		await ok("sql", "CREATE VIEW LAKE.BRONZE.THEIRS AS SELECT ID, PLACED FROM LAKE.BRONZE.ORDERS");
		await ok("sql", "CREATE VIEW LAKE.BRONZE.ALL_OF_IT AS SELECT * FROM LAKE.BRONZE.ORDERS");
		write({ ...FOLLOWED, "  PLACED DATE,\n": "", "(PLACED, REMARK)": "(REMARK)" });
		const [code, err] = await refused();
		expect(code).toBe(3);
		expect(err).toContain(
			"VIEW LAKE.BRONZE.THEIRS is not part of this plan, and names column PLACED of LAKE.BRONZE.ORDERS, which is dropped: it would fail",
		);
		expect(err).toContain(
			"VIEW LAKE.BRONZE.ALL_OF_IT is not part of this plan, and selects * from TABLE LAKE.BRONZE.ORDERS, whose columns change: it would fail",
		);
		project.write({ "environments/local.yaml": `${LOCAL}external: ["LAKE.BRONZE.*"]\n` });
		const warned = await project.run("plan");
		expect([warned.code, warned.err]).toEqual([0, expect.stringContaining("it will fail")]);
		project.write({ "environments/local.yaml": LOCAL });
		await ok("sql", "DROP VIEW LAKE.BRONZE.THEIRS");
		await ok("sql", "DROP VIEW LAKE.BRONZE.ALL_OF_IT");
	});

	test("passes with a clustering key over it, and everything else can be read", async () => {
		await ok("sql", "INSERT INTO LAKE.BRONZE.ORDERS (ID, REMARK) VALUES (2, 'blue')");
		await ok("apply", "--yes", "--allow-hazards", "DATA_LOSS");
		expect(await rows("SELECT * FROM LAKE.BRONZE.EVERYTHING ORDER BY ID")).toEqual([
			{ ID: "1", REMARK: "red", LONG_NOTE: "red!" },
			{ ID: "2", REMARK: "blue", LONG_NOTE: "blue!" },
		]);
		expect(await rows("SELECT REMARK FROM LAKE.BRONZE.ORDERS_NEW")).toEqual([{ REMARK: "blue" }]);
	});
});

describe("what else names a column, or an object", () => {
	const MORE = `USE SCHEMA LAKE.BRONZE;
CREATE TABLE PARENTS (ID NUMBER NOT NULL, CODE NUMBER NOT NULL, AT DATE, DAY DATE AS (AT), UNIQUE (CODE)) CLUSTER BY (ID);
CREATE TABLE CHILDREN (PARENT NUMBER, FOREIGN KEY (PARENT) REFERENCES PARENTS (CODE));
CREATE MASKING POLICY HIDDEN AS (V VARCHAR, W VARCHAR) RETURNS VARCHAR -> CASE WHEN W = 'all' THEN V END;
CREATE TABLE PEOPLE (EMAIL VARCHAR MASKING POLICY HIDDEN USING (EMAIL, SEEN_BY), SEEN_BY VARCHAR, SHOWN_TO VARCHAR);
CREATE STAGE FILES;
CREATE PIPE PARENTS_PIPE AS COPY INTO PARENTS (ID, CODE) FROM @FILES;
CREATE TABLE UNDER_VIEW (ID NUMBER);
CREATE VIEW OVER_TABLE AS SELECT ID FROM UNDER_VIEW;
`;
	const without = (...gone: readonly string[]) =>
		project.write({
			"sql/more.sql": gone.reduce((text, words) => {
				expect(text).toContain(words);
				return text.replace(words, "");
			}, MORE),
		});

	beforeAll(async () => {
		without();
		await ok("apply", "--yes");
	});

	test.each([
		["a virtual column", ["AT DATE, "], "COLUMN DAY names column AT, which is dropped"],
		["a clustering key", ["ID NUMBER NOT NULL, "], "CLUSTER BY names column ID, which is dropped"],
		["a constraint", ["CODE NUMBER NOT NULL, "], "UNIQUE (CODE) names CODE, which is not a column"],
		[
			"a foreign key of another table",
			["CODE NUMBER NOT NULL, ", ", UNIQUE (CODE)"],
			"TABLE LAKE.BRONZE.CHILDREN names CODE of TABLE LAKE.BRONZE.PARENTS, which has no such column",
		],
		[
			"USING",
			["SEEN_BY VARCHAR, "],
			"the masking policy of EMAIL uses SEEN_BY, which is not a column",
		],
		[
			"a pipe, of its stage",
			["CREATE STAGE FILES;"],
			"PIPE LAKE.BRONZE.PARENTS_PIPE needs STAGE LAKE.BRONZE.FILES, which this plan drops",
		],
	])("%s: refused at plan time", async (_what, gone, expected) => {
		without(...gone);
		const [code, err] = await refused();
		expect([code, err]).toEqual([65, expect.stringContaining(expected)]);
	});

	test("a view, of its table: a warning, besides the drop's own hazards", async () => {
		without("CREATE TABLE UNDER_VIEW (ID NUMBER);");
		const { code, err, out } = await project.run("plan");
		expect([code, err]).toEqual([
			0,
			expect.stringContaining(
				"VIEW LAKE.BRONZE.OVER_TABLE names TABLE LAKE.BRONZE.UNDER_VIEW, which this plan drops",
			),
		]);
		expect(out).toContain("! OBJECT_DROPPED");
	});

	test("a policy uses another column before the one that it used goes", async () => {
		await ok(
			"sql",
			"INSERT INTO LAKE.BRONZE.PEOPLE VALUES ('a@b', 'all', 'all'), ('c@d', 'all', 'none')",
		);
		project.write({
			"sql/more.sql": MORE.replace("(EMAIL, SEEN_BY), SEEN_BY VARCHAR,", "(EMAIL, SHOWN_TO),"),
		});
		await ok("apply", "--yes", "--allow-hazards", "DATA_LOSS");
		expect(await rows("SELECT * FROM LAKE.BRONZE.PEOPLE ORDER BY SHOWN_TO")).toEqual([
			{ EMAIL: "a@b", SHOWN_TO: "all" },
			{ EMAIL: null, SHOWN_TO: "none" },
		]);
	});
});
