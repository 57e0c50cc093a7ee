import { expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { diff } from "../../src/diff/diff.ts";
import { type Catalog, catalogOf } from "../../src/model/catalog.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";

/*
 * "The root task in a task graph must be suspended before any task in the task graph is modified, a child
 * task is suspended or resumed, or a child task is added"; "before resuming the root task, resume all child
 * tasks": https://docs.snowflake.com/en/sql-reference/sql/alter-task
 */
const SCHEDULE = "SCHEDULE = '5 MINUTES'";

function task(name: string, options: string, body = "SELECT 1"): string {
	return `CREATE TASK ${name} WAREHOUSE = w ${options} AS ${body};`;
}

function started(name: string, options: string): string {
	return `${task(name, options)} ALTER TASK ${name} RESUME;`;
}

function declared(sql: string): Catalog {
	const text = `CREATE WAREHOUSE w; USE SCHEMA l.b; ${sql}`;
	const { catalog, diagnostics } = resolveFiles([textSource("tasks.sql", text)], {
		context: {},
		owners: {},
	});
	expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
	return catalog;
}

/** The account that these statements made: a task that nobody resumed is suspended. */
function account(sql: string): Catalog {
	return catalogOf(
		[...declared(sql).objects.values()].map(({ declared: _, ...object }) => ({
			...object,
			properties: { STATE: "SUSPENDED", ...object.properties },
		})),
	);
}

/** What the plan sends, in its order, names short and captures left out. */
function statements(before: string, after: string): readonly string[] {
	const states = { live: account(before), desired: declared(after) };
	const { changes, diagnostics } = diff(states.live, states.desired, () => undefined);
	expect(diagnostics).toEqual([]);
	const plan = makePlan({
		tool: "test",
		project: "test",
		environment: "test",
		account: "LOCAL",
		createdAt: "2026-11-20T12:00:00Z",
		changes,
		states,
		roles: { available: new Set() },
		migrations: [],
		migrationHead: "",
		adopts: [],
		unmanaged: [],
		notes: [],
	});
	return plan.steps.flatMap((step) =>
		step.operations
			.filter((operation) => operation.do === "execute")
			.map(({ sql }) => (sql.startsWith("CREATE") ? sql.split("\n")[0] : sql) ?? "")
			.map((sql) => sql.replaceAll("L.B.", "").replaceAll(/\s+/g, " ")),
	);
}

test("a child changes while its root is still", () => {
	const before = started("r", SCHEDULE) + started("a", "AFTER r");
	const after = task("r", SCHEDULE) + task("a", "AFTER r", "SELECT 2");
	expect(statements(before, after)).toEqual([
		"ALTER TASK R SUSPEND",
		"ALTER TASK A MODIFY AS SELECT 2",
		"ALTER TASK R RESUME",
	]);
});

test("a new graph is started when it is complete, its root last", () => {
	const graph = `${task("r", SCHEDULE)} ${task("a", "AFTER r")} ${task("b", "AFTER a")}
		SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('r');`;
	expect(statements("", graph)).toEqual([
		"CREATE TASK R",
		"CREATE TASK A",
		"CREATE TASK B",
		"ALTER TASK B RESUME",
		"ALTER TASK A RESUME",
		"ALTER TASK R RESUME",
	]);
});

test("a suspended root stays so", () => {
	const before = task("r", SCHEDULE) + started("a", "AFTER r");
	const after = task("r", SCHEDULE) + task("a", "AFTER r", "SELECT 2");
	expect(statements(before, after)).toEqual(["ALTER TASK A MODIFY AS SELECT 2"]);
});

test("a declared state wins over the one it had", () => {
	expect(
		statements(started("r", SCHEDULE), `${task("r", SCHEDULE)} ALTER TASK r SUSPEND;`),
	).toContain("ALTER TASK R SUSPEND");
	expect(
		statements(started("r", SCHEDULE), `${task("r", SCHEDULE)} ALTER TASK r SUSPEND;`),
	).not.toContain("ALTER TASK R RESUME");
});

test.each([
	["a", "z"],
	["z", "a"],
])("two graphs merge under %s: both are held, the new child is let go first", (root, child) => {
	const [r, c] = [root.toUpperCase(), child.toUpperCase()];
	const sent = statements(
		started(root, SCHEDULE) + started(child, SCHEDULE),
		task(root, SCHEDULE) + task(child, `AFTER ${root}`),
	);
	expect(sent.slice(0, 2).sort()).toEqual([`ALTER TASK A SUSPEND`, `ALTER TASK Z SUSPEND`]);
	expect(sent.slice(2)).toEqual([
		`ALTER TASK ${c} UNSET SCHEDULE`,
		`ALTER TASK ${c} ADD AFTER ${r}`,
		`ALTER TASK ${c} RESUME`,
		`ALTER TASK ${r} RESUME`,
	]);
});

test.each([
	["a", "z"],
	["z", "a"],
])(
	"a child of %s becomes a root: held after the old root, which must be still first",
	(root, child) => {
		const [r, c] = [root.toUpperCase(), child.toUpperCase()];
		const sent = statements(
			started(root, SCHEDULE) + started(child, `AFTER ${root}`),
			task(root, SCHEDULE) + task(child, SCHEDULE),
		);
		expect(sent.slice(0, 4)).toEqual([
			`ALTER TASK ${r} SUSPEND`,
			`ALTER TASK ${c} SUSPEND`,
			`ALTER TASK ${c} REMOVE AFTER ${r}`,
			`ALTER TASK ${c} SET SCHEDULE = '5 MINUTES'`,
		]);
		expect(sent.slice(4).sort()).toEqual(["ALTER TASK A RESUME", "ALTER TASK Z RESUME"]);
	},
);

test("children find new predecessors before theirs is dropped", () => {
	const before = started("r", SCHEDULE) + task("a", "AFTER r") + started("c", "AFTER a");
	expect(statements(before, task("r", SCHEDULE) + task("c", "AFTER r"))).toEqual([
		"ALTER TASK R SUSPEND",
		"ALTER TASK C ADD AFTER R",
		"ALTER TASK C REMOVE AFTER A",
		"DROP TASK A",
		"ALTER TASK R RESUME",
	]);
});

/*
 * "To alter the root task's defined finalizer task, first use UNSET FINALIZE to unset the finalizer task and then
 * use SET FINALIZE": https://docs.snowflake.com/en/sql-reference/sql/alter-task#usage-notes
 */
test("a root's finalizer is exchanged: the old one leaves before the new one comes", () => {
	const before = task("r", SCHEDULE) + task("f", "FINALIZE = r") + task("a", "AFTER r");
	const after = task("r", SCHEDULE) + task("f", "AFTER r") + task("e", "FINALIZE = r");
	expect(statements(before, after + task("a", "AFTER r"))).toEqual([
		"ALTER TASK F UNSET FINALIZE",
		"ALTER TASK F ADD AFTER R",
		"CREATE TASK E",
	]);
});

/* "Renaming a task isn't supported. Instead, you can clone the task, and then drop the old task." */
test("a renamed root: everything follows, the old one goes, the new one is let go last", () => {
	const before =
		started("r", SCHEDULE) +
		started("a", "AFTER r") +
		started("f", "FINALIZE = r") +
		started("s", SCHEDULE);
	const after = `\n-- renamed from: r\n${task("n", SCHEDULE, "SELECT 2")}${task("a", "AFTER n")}${task("f", "FINALIZE = n")}${task("s", "AFTER a")}`;
	const sent = statements(before, after);
	const inOrder = (...expected: readonly string[]) =>
		expect(sent.filter((sql) => expected.includes(sql))).toEqual(expected);
	inOrder("ALTER TASK R SUSPEND", "CREATE TASK N CLONE R", "ALTER TASK N MODIFY AS SELECT 2");
	inOrder("CREATE TASK N CLONE R", "ALTER TASK A ADD AFTER N", "ALTER TASK A REMOVE AFTER R");
	inOrder("ALTER TASK F UNSET FINALIZE", "ALTER TASK F SET FINALIZE = N", "DROP TASK R");
	// It is suspended by UNSET FINALIZE, and held for that.
	inOrder("ALTER TASK F SUSPEND", "ALTER TASK F UNSET FINALIZE", "ALTER TASK F RESUME");
	inOrder("ALTER TASK S UNSET SCHEDULE", "ALTER TASK S ADD AFTER A", "ALTER TASK S RESUME");
	inOrder("DROP TASK R", "ALTER TASK F RESUME", "ALTER TASK N RESUME");
	expect(sent.at(-1)).toBe("ALTER TASK N RESUME");
	expect(sent).toHaveLength(15);
});

test("a renamed finalizer takes its root over when the old one is gone", () => {
	const before = started("r", SCHEDULE) + started("f", "FINALIZE = r");
	const after = `${task("r", SCHEDULE)}\n-- renamed from: f\n${task("e", "FINALIZE = r")}`;
	expect(statements(before, after)).toEqual([
		"ALTER TASK R SUSPEND",
		"CREATE TASK E CLONE F",
		"DROP TASK F",
		"ALTER TASK E SET FINALIZE = R",
		"ALTER TASK E RESUME",
		"ALTER TASK R RESUME",
	]);
});
