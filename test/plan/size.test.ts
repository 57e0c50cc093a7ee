import { expect, test } from "vitest";
import { textSource } from "../../src/diagnostics/source.ts";
import { diff } from "../../src/diff/diff.ts";
import { type Catalog, catalogOf } from "../../src/model/catalog.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";

const PIPES = 150;

/** One stage, and behind it a table, a pipe that runs and a stream for each number. */
function lake(url: string): Catalog {
	const each = Array.from(
		{ length: PIPES },
		(_, i) => `CREATE TABLE t${i} (id NUMBER);
			CREATE PIPE p${i} AUTO_INGEST = TRUE AS COPY INTO t${i} (id) FROM @landing/${i}/;
			CREATE STREAM s${i} ON TABLE t${i};`,
	);
	const text = `USE SCHEMA l.b; CREATE STAGE landing URL = '${url}'; ${each.join("\n")}`;
	const { catalog, diagnostics } = resolveFiles([textSource("lake.sql", text)], {
		context: {},
		owners: {},
	});
	expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
	return catalog;
}

test("a stage with many pipes that run behind it gets another place in a plan that is made in seconds", () => {
	const live = catalogOf(
		[...lake("s3://lake/old/").objects.values()].map(({ declared: _, ...object }) =>
			object.kind === "PIPE" ? { ...object, runtime: { executionState: "RUNNING" } } : object,
		),
	);
	const states = { live, desired: lake("s3://lake/new/") };
	const { changes } = diff(states.live, states.desired, () => undefined);
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
	const made = plan.steps.filter(({ action }) => action === "replace").length;
	expect(made).toBe(PIPES);
	const place = new Map(plan.steps.map(({ id }, i) => [id, i]));
	for (const { id, dependsOn } of plan.steps)
		for (const before of dependsOn)
			expect(place.get(before), `${before} before ${id}`).toBeLessThan(place.get(id) ?? 0);
}, 20_000);
