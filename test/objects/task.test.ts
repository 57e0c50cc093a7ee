import { describe, expect, test } from "vitest";
import { diff } from "../../src/diff/diff.ts";
import { catalogOf, type ObjectModel } from "../../src/model/catalog.ts";
import { formatName } from "../../src/model/identifier.ts";
import type { Row } from "../../src/model/port.ts";
import { objectType } from "../../src/objects/index.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const type = objectType("TASK");

/** The columns of SHOW TASKS, with values as its page describes them. */
const ROW: Row = {
	name: "T",
	id: "01b1d8d1-0000-0000-0000-000000000001",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	owner: "LOADER",
	comment: "",
	warehouse: "MYWH",
	schedule: "5 MINUTE",
	predecessors: "[]",
	state: "suspended",
	definition: "SELECT 1",
	condition: null,
	allow_overlapping_execution: "false",
	error_integration: "null",
	owner_role_type: "ROLE",
	config: null,
	task_relations: '{"Predecessors":[]}',
	success_integration: null,
	target_completion_interval: null,
	execute_as_user: null,
};

const CHILD: Row = {
	schedule: null,
	allow_overlapping_execution: null,
	predecessors: '["MYDB.PUBLIC.A"]',
	task_relations: '{"Predecessors":["MYDB.PUBLIC.A"]}',
};

const live = (row: Row = {}, parameters: readonly Row[] = []) =>
	reported("TASK", { ...ROW, ...row }, parameters);
const task = (options: string, body = "SELECT 1") =>
	declared(`CREATE TASK t ${options} AS ${body}`);
const root = "WAREHOUSE = mywh SCHEDULE = '5 MINUTES'";

function parameter(key: string, value: string, level = "TASK"): Row {
	return { key, value, default: "", level, description: "", type: "" };
}

describe("reading", () => {
	test("a task as SHOW TASKS tells it is what its statement says", () => {
		expect(differences(live(), task(root))).toEqual([]);
	});

	test("children and finalizers name their tasks in full", () => {
		const names = '["MYDB.PUBLIC.\\"b c\\"","MYDB.PUBLIC.A"]';
		const child = live({ ...CHILD, predecessors: names });
		expect(differences(child, task('WAREHOUSE = mywh AFTER a, "b c"'))).toEqual([]);
		const finalizer = live({
			...CHILD,
			predecessors: "[]",
			task_relations: '{"FinalizedRootTask":"MYDB.PUBLIC.A","Predecessors":[]}',
		});
		expect(differences(finalizer, task("WAREHOUSE = mywh FINALIZE = a"))).toEqual([]);
	});

	test("parameters count where they are set on the task", () => {
		const from = live({ warehouse: null }, [
			parameter("USER_TASK_TIMEOUT_MS", "60000"),
			parameter("TIMEZONE", "Europe/Berlin"),
			parameter("USE_CACHED_RESULT", "false"),
			parameter("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "X2LARGE"),
			parameter("SUSPEND_TASK_AFTER_NUM_FAILURES", "3", "SCHEMA"),
		]);
		const to = task(`SCHEDULE = '5 M' USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XXLARGE'
			USER_TASK_TIMEOUT_MS = 60000, TIMEZONE = 'Europe/Berlin', USE_CACHED_RESULT = FALSE`);
		expect(differences(from, to)).toEqual([]);
	});

	test("which overlapping policy it has is read from its DDL", () => {
		const ddl =
			"create or replace task T\n\twarehouse=MYWH\n\toverlap_policy=ALLOW_ALL_OVERLAP\n\tas SELECT 1;";
		const from = reported("TASK", { ...ROW, allow_overlapping_execution: "true" }, [], [{ ddl }]);
		expect(from.properties.OVERLAP_POLICY).toBe("ALLOW_ALL_OVERLAP");
		const old = task(`${root} ALLOW_OVERLAPPING_EXECUTION = TRUE`);
		expect(old.properties.OVERLAP_POLICY).toBe("ALLOW_CHILD_OVERLAP");
	});
});

describe("the same", () => {
	test.each([
		["5 MINUTE", "5 minutes"],
		["5 MINUTE", "300 S"],
		["5 MINUTES", "5m"],
		["60 MINUTE", "1 HOUR"],
		["2 H", "120 MINUTES"],
		[
			"USING CRON 0 9-17 * * SUN America/Los_Angeles",
			"using cron  0  9-17 * * sun America/Los_Angeles",
		],
	])("schedules %s and %s", (shown, written) => {
		expect(
			differences(live({ schedule: shown }), task(`WAREHOUSE = mywh SCHEDULE = '${written}'`)),
		).toEqual([]);
	});

	test("bodies and conditions that differ in layout only", () => {
		const from = live({ condition: "SYSTEM$STREAM_HAS_DATA('S')", definition: "select  1 -- one" });
		expect(differences(from, task(`${root} WHEN system$stream_has_data( 'S' )`))).toEqual([]);
	});

	test("configurations that are the same JSON", () => {
		const to = task(`${root} CONFIG = '{"b": 2, "a": 1}'`);
		expect(differences(live({ config: '{"a":1,"b":2}' }), to)).toEqual([]);
	});

	test("a state that files do not declare", () => {
		expect(differences(live({ state: "started" }), task(root))).toEqual([]);
	});
});

describe("changing", () => {
	test("settings in one statement, then what SET cannot do", () => {
		const to = task(`${root} COMMENT = 'x' USER_TASK_TIMEOUT_MS = 1000 WHEN TRUE`, "SELECT 2");
		expect(alterations(live(), to)).toEqual([
			"ALTER TASK MYDB.PUBLIC.T MODIFY WHEN TRUE",
			"ALTER TASK MYDB.PUBLIC.T MODIFY AS\nSELECT 2",
			"ALTER TASK MYDB.PUBLIC.T SET\n  USER_TASK_TIMEOUT_MS = 1000\n  COMMENT = 'x'",
		]);
	});

	test("what is no longer written is unset", () => {
		const from = live(
			{ comment: "x", condition: "TRUE", config: "{}", allow_overlapping_execution: "true" },
			[parameter("TIMEZONE", "UTC")],
		);
		expect(alterations(from, task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T REMOVE WHEN",
			"ALTER TASK MYDB.PUBLIC.T UNSET CONFIG, OVERLAP_POLICY, TIMEZONE, COMMENT",
		]);
	});

	test("a default is written where there is no UNSET", () => {
		const from = live({}, [
			parameter("TASK_AUTO_RETRY_ATTEMPTS", "3"),
			parameter("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS", "60"),
		]);
		expect(alterations(from, task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T SET\n  TASK_AUTO_RETRY_ATTEMPTS = 0\n  USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 30",
		]);
	});

	test("predecessors are added before they are removed", () => {
		expect(alterations(live(CHILD), task("WAREHOUSE = mywh AFTER b, c"))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T ADD AFTER MYDB.PUBLIC.B, MYDB.PUBLIC.C",
			"ALTER TASK MYDB.PUBLIC.T REMOVE AFTER MYDB.PUBLIC.A",
		]);
	});

	test("a root becomes a child: without its schedule first", () => {
		expect(alterations(live(), task("WAREHOUSE = mywh AFTER a"))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET SCHEDULE",
			"ALTER TASK MYDB.PUBLIC.T ADD AFTER MYDB.PUBLIC.A",
		]);
	});

	test("a child becomes a root: its schedule comes last", () => {
		expect(alterations(live(CHILD), task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T REMOVE AFTER MYDB.PUBLIC.A",
			"ALTER TASK MYDB.PUBLIC.T SET SCHEDULE = '5 MINUTES'",
		]);
	});

	test("a finalizer is set and unset by statements of its own", () => {
		const finalizer = task("WAREHOUSE = mywh FINALIZE = a");
		expect(alterations(live(), finalizer)).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET SCHEDULE",
			"ALTER TASK MYDB.PUBLIC.T SET FINALIZE = MYDB.PUBLIC.A",
		]);
		expect(alterations(finalizer, task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET FINALIZE",
			"ALTER TASK MYDB.PUBLIC.T SET SCHEDULE = '5 MINUTES'",
		]);
	});

	test("from a warehouse to serverless and back", () => {
		const serverless = task(
			"SCHEDULE = '5 MINUTES' SERVERLESS_TASK_MAX_STATEMENT_SIZE = 'LARGE' TARGET_COMPLETION_INTERVAL = '2 M'",
		);
		expect(alterations(live(), serverless)).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET WAREHOUSE",
			"ALTER TASK MYDB.PUBLIC.T SET\n  SERVERLESS_TASK_MAX_STATEMENT_SIZE = 'LARGE'\n  TARGET_COMPLETION_INTERVAL = '2 MINUTES'",
		]);
		expect(alterations(serverless, task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET SERVERLESS_TASK_MAX_STATEMENT_SIZE, TARGET_COMPLETION_INTERVAL",
			"ALTER TASK MYDB.PUBLIC.T SET WAREHOUSE = MYWH",
		]);
	});

	test("another user", () => {
		expect(alterations(live(), task(`${root} EXECUTE AS USER bob`))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T SET EXECUTE AS USER BOB",
		]);
		expect(alterations(live({ execute_as_user: "BOB" }), task(root))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T UNSET EXECUTE AS USER",
		]);
	});

	test("a declared state", () => {
		const started = task(root);
		const to = { ...started, properties: { ...started.properties, STATE: "STARTED" } };
		expect(alterations(live(), to)).toEqual(["ALTER TASK MYDB.PUBLIC.T RESUME"]);
		expect(canonical(to)).not.toContain("STATE");
	});

	test("CREATE in the order of the documentation", () => {
		const sql = canonical(
			task(`AFTER b, a LOG_LEVEL = 'INFO' WAREHOUSE = mywh WHEN TRUE EXECUTE AS USER bob`),
		);
		expect(sql).toBe(
			"CREATE TASK MYDB.PUBLIC.T\n  WAREHOUSE = MYWH\n  LOG_LEVEL = 'INFO'\n  AFTER MYDB.PUBLIC.B, MYDB.PUBLIC.A\n  EXECUTE AS USER BOB\n  WHEN TRUE\nAS\nSELECT 1",
		);
	});
});

describe("refusing what ALTER TASK documents no way for", () => {
	const refusals = (from: ObjectModel, to: ObjectModel) =>
		diff(catalogOf([from]), catalogOf([to]), () => undefined).diagnostics.map((d) => d.summary);

	test("taking an integration away", () => {
		const from = live({ error_integration: "ALERTS" });
		expect(refusals(from, task(root))).toEqual([
			expect.stringContaining("ERROR_INTEGRATION cannot be taken away"),
		]);
		expect(alterations(from, task(`${root} ERROR_INTEGRATION = other`))).toEqual([
			"ALTER TASK MYDB.PUBLIC.T SET ERROR_INTEGRATION = OTHER",
		]);
	});

	test("a warehouse for a task with an initial size", () => {
		const from = live({ warehouse: null }, [
			parameter("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "SMALL"),
		]);
		expect(refusals(from, task(root))).toEqual([
			expect.stringContaining("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE"),
		]);
		expect(refusals(live({ warehouse: null }), task(root))).toEqual([]);
	});

	test("a graph for a task that retries", () => {
		const from = live({}, [parameter("TASK_AUTO_RETRY_ATTEMPTS", "3")]);
		expect(refusals(from, task("WAREHOUSE = mywh AFTER a"))).toEqual([
			expect.stringContaining("TASK_AUTO_RETRY_ATTEMPTS"),
		]);
	});
});

describe("refusing statements", () => {
	test.each([
		["WAREHOUSE = w USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'SMALL'", "exclude each other"],
		["WAREHOUSE = w SCHEDULE = '1 M' AFTER a", "SCHEDULE is for tasks without AFTER"],
		["WAREHOUSE = w AFTER a FINALIZE = b", "AFTER and FINALIZE exclude each other"],
		["WAREHOUSE = w AFTER a CONFIG = '{}'", "CONFIG is for the root"],
		["WHEN SYSTEM$STREAM_HAS_DATA('s')", "needs TARGET_COMPLETION_INTERVAL"],
		["WAREHOUSE = w SCHEDULE = '5 SECONDS'", "out of range"],
		["WAREHOUSE = w SCHEDULE = 'every day'", "is not a schedule"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' AUTOCOMMIT = FALSE", "AUTOCOMMIT = FALSE"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' SEARCH_PATH = 'a'", "SEARCH_PATH"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' TIMEZON = 'UTC'", "TIMEZONE"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' WITH TAG (t = 'v')", "TAG"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' WITH CONTACT (support = c)", "CONTACT"],
		["WAREHOUSE = w AFTER other.a", "in different schemas"],
		["WAREHOUSE = w SCHEDULE = '5 MINUTES' STATE = STARTED", "RESUME | SUSPEND"],
	])("%s", (options, word) => {
		expect(mistakes(`CREATE TASK t ${options} AS SELECT 1`).join("\n")).toContain(word);
	});

	test("no body", () => {
		expect(mistakes("CREATE TASK t WAREHOUSE = w SCHEDULE = '5 MINUTES'").join()).toContain(
			"needs AS",
		);
	});
});

describe("graphs", () => {
	const member = (name: string, options: string) =>
		declared(`CREATE TASK ${name} WAREHOUSE = w ${options} AS SELECT 1`);
	const graph = catalogOf([
		member("r", "SCHEDULE = '5 MINUTES'"),
		member("a", "AFTER r"),
		member("b", "AFTER r"),
		member("c", "AFTER a, b"),
		member("f", "FINALIZE = r"),
		member("other", "SCHEDULE = '5 MINUTES'"),
	]);
	const targets = (object: ObjectModel) =>
		(type.hold?.targets(object, graph) ?? []).map((ref) => formatName(ref.name));
	const find = (name: string) => graph.objects.get(`TASK MYDB.PUBLIC.${name}`) as ObjectModel;

	test("the root is held for every member, a task alone for itself", () => {
		for (const name of ["R", "A", "C", "F"]) expect(targets(find(name))).toEqual(["MYDB.PUBLIC.R"]);
		expect(targets(find("OTHER"))).toEqual(["MYDB.PUBLIC.OTHER"]);
	});

	test("a task that joins two graphs is held by both roots", () => {
		expect(targets(member("n", "AFTER a, other"))).toEqual(["MYDB.PUBLIC.R", "MYDB.PUBLIC.OTHER"]);
	});

	test("a circle ends", () => {
		const circle = catalogOf([member("x", "AFTER y"), member("y", "AFTER x")]);
		expect(type.hold?.targets(circle.objects.values().next().value as ObjectModel, circle)).toEqual(
			[],
		);
	});

	test("SYSTEM$TASK_DEPENDENTS_ENABLE starts a graph, but not what is declared suspended", () => {
		const enable = type.calls?.SYSTEM$TASK_DEPENDENTS_ENABLE;
		const suspended = find("B");
		const catalog = catalogOf(
			[...graph.objects.values()].map((o) =>
				o === suspended ? { ...o, properties: { ...o.properties, STATE: "SUSPENDED" } } : o,
			),
		);
		const started = enable?.(find("R"), catalog) ?? [];
		expect(started.map((o) => o.name.at(-1)).sort()).toEqual(["A", "C", "F", "R"]);
		expect(started.every((o) => o.properties.STATE === "STARTED")).toBe(true);
	});

	test("only a started task has to be held", () => {
		expect(type.hold?.running(live({ state: "started" }))).toBe(true);
		expect(type.hold?.running(live())).toBe(false);
	});
});
