import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Catalog, NO_DIRECTIVES, type ObjectModel } from "../../src/model/catalog.ts";
import {
	carriedOver,
	catalogOf,
	type Edited,
	edited,
	type PropertyEdit,
	propertyEdit,
	sqlOfCatalog,
} from "./catalogs.ts";
import { type Ground, openGround, type Plot } from "./deployed.ts";
import { type AcceptedHazard, type Changed, differences, losses } from "./losses.ts";
import { type Pipeline, pipeline, type Structural, structural } from "./pipeline.ts";
import { type Project, projectOf } from "./project-sql.ts";
import { ALL_FILES, type Data, LAST_FILE, lines, seed } from "./seed.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";

/** A project, what is in it, and what it becomes. */
interface Pair {
	readonly spec: Pipeline;
	/** Properties that its objects have from the start. */
	readonly given: readonly PropertyEdit[];
	readonly data: Data;
	readonly changes: readonly Structural[];
	readonly edits: readonly PropertyEdit[];
}

const LONG = process.env.SNOWLINE_CHAOS === "long";
const SEED = Number(process.env.PROPERTIES_SEED ?? (LONG ? Date.now() % 1_000_000 : 402));
const RUNS = Number(process.env.PROPERTIES_RUNS ?? (LONG ? 75 : 5));
/** The counterexample alone: fast-check's path, as printed. */
const PATH = process.env.PROPERTIES_PATH;
/** Says why projects could not be applied to begin with, or were refused. */
const TELL = process.env.PROPERTIES_TELL === "1";
/** Smaller counterexamples are looked for so long: each takes seconds. */
const SHRINKING_MILLIS = LONG ? 900_000 : 60_000;

const pair: fc.Arbitrary<Pair> = fc.record({
	spec: pipeline,
	given: fc.array(propertyEdit, { maxLength: 3 }),
	data: fc.record({
		rows: fc.integer({ min: 2, max: 4 }),
		consumed: fc.boolean(),
		edited: fc.boolean(),
	}),
	changes: fc.array(structural, { maxLength: 3 }),
	edits: fc.array(propertyEdit, { maxLength: 4 }),
});

const OUTSIDE: readonly ObjectModel[] = ["COMPUTE_WH", "OTHER_WH"].map((name) => ({
	kind: "WAREHOUSE",
	name: [name],
	properties: {},
	directives: NO_DIRECTIVES,
}));

const tally = new Map<string, number>();
const parts = new Set<string>();
let ground: Ground;

beforeAll(async () => {
	ground = await openGround();
});

afterAll(async () => {
	await ground?.close();
	const counts = [...tally]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([what, n]) => `  ${what.padEnd(50)} ${n}`);
	process.stdout.write(
		`\nnothing lost: seed ${SEED}, ${parts.size} properties of kinds changed\n${counts.join("\n")}\n`,
	);
});

function count(what: string): void {
	tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** A side of the pair: its objects with what their properties were changed to, and what was changed. */
function withEdits(
	catalog: Catalog,
	edits: readonly PropertyEdit[],
): { readonly catalog: Catalog; readonly edited: readonly Edited[] } {
	return edits.reduce(
		(state, edit) => {
			const next = edited(state.catalog, edit, OUTSIDE);
			return { catalog: next.catalog, edited: [...state.edited, ...next.edited] };
		},
		{ catalog, edited: [] as readonly Edited[] },
	);
}

function filesOf(catalog: Catalog, { grants }: Project, database: string): string {
	const declared = grants.filter((g) => !g.byHand).map((g) => `${g.sql};\n`);
	return `${sqlOfCatalog(catalog, database)}\n${declared.join("")}`;
}

interface PlanJson {
	readonly steps: readonly {
		readonly action: string;
		readonly hazards: readonly {
			readonly code: string;
			readonly level: string;
			readonly object: string;
		}[];
	}[];
}

async function hazardsOf(plot: Plot): Promise<readonly AcceptedHazard[]> {
	const { code, out, err } = await plot.run("plan", "--format", "json", "-q");
	expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
	return (JSON.parse(out) as PlanJson).steps.flatMap(({ action, hazards }) =>
		hazards.flatMap(({ code, level, object }) =>
			level === "refuse" ? [{ code, object, action }] : [],
		),
	);
}

/** Statements that change nothing. */
const READS = /^\s*(SELECT|SHOW|DESC|DESCRIBE|LIST|USE|WITH|ALTER SESSION|--)\b/i;

async function unchanged(before: Snapshot, plot: Plot, what: string): Promise<void> {
	const ran = ground.statements().filter((sql) => !READS.test(sql));
	if (ran.length > 0) throw new Error(`${what}, and it ran\n${ran.join("\n")}`);
	const wrong = differences(before, await snapshotOf(ground.account, plot.database));
	if (wrong.length > 0) throw new Error(`${what}, and the account changed:\n${wrong.join("\n")}`);
}

/** Files that come again, and new ones: each is in the table once. */
async function arrivals(
	plot: Plot,
	changed: Changed,
	before: Snapshot,
	after: Snapshot,
	touched: readonly string[],
	moved: boolean,
): Promise<void> {
	const { database, to, hazards } = changed;
	const pipe = to.project.items.find((i) => i.id === "LOAD");
	const table = to.project.items.find((i) => i.id === "T0");
	if (!pipe || !table || hazards.some((h) => h.action === "replace" && h.code === "DATA_LOSS"))
		return;
	// What a person changed about loading itself has effects of its own.
	const asBefore =
		!touched.some((key) => /\.(LOAD|LANDING|LINES|T0)(_NEW)?$| S3_/.test(key)) && !moved;
	const same = (id: string, kind: string, now: string) =>
		before.get(`${kind} ${id}`)?.createdOn === after.get(`${kind} ${now}`)?.createdOn;
	const kept = same("LOAD", "PIPE", pipe.name) && same("T0", "TABLE", table.name);
	const name = `${database}.BRONZE.${pipe.name}`;
	if (hazards.some((h) => /PIPE_|LOAD_HISTORY|STAGE_/.test(h.code))) return;
	if (kept && asBefore) {
		// Somebody else writes the same files again, and asks for everything.
		plot.drop("landing/orders/a.csv", lines([1001, 1002]));
		await ground.account.query(`ALTER PIPE ${name} REFRESH`);
	}
	await ground.account.query(`ALTER PIPE ${name} SET PIPE_EXECUTION_PAUSED = FALSE`);
	if (asBefore) plot.drop("landing/orders/d.csv", lines([1006]));
	await plot.wait(300);
	const rows = await ground.account.query(
		`SELECT FILE, ID::VARCHAR AS ID FROM ${database}.BRONZE.${table.name} WHERE FILE IS NOT NULL`,
	);
	const found = rows.map((r) => String(Number(r.ID))).sort();
	const twice = found.filter((id, i) => found.indexOf(id) !== i);
	if (twice.length > 0) throw new Error(`loaded twice: ${twice.join(", ")}`);
	const expected = ["1001", "1002", "1003", "1004", "1005", "1006"];
	if (asBefore) expect(found, "every file once").toEqual(expected);
	count(asBefore ? "files arrive as before" : "files that were there are not loaded again");
}

/** Failures of a deployment that Snowflake is right to cause: the data does not suit what is declared. */
const RIGHTLY_REFUSED: readonly RegExp[] = [
	/PIPE_HISTORY_LOST\]: \d+ files are waiting/,
	/CHECK\]: values of \S+ that are no /,
];

/** Rows of files that wait in a paused pipe. */
function arriving(spec: Pipeline, before: Snapshot): ReadonlySet<string> {
	const paused = before.get("PIPE LOAD")?.state === "PAUSED";
	const waiting = spec.pipe.paused === "declared" ? ALL_FILES : [LAST_FILE];
	return new Set(paused ? waiting.flatMap(([, ids]) => ids.map(String)) : []);
}

async function live({ spec, given, data, changes, edits }: Pair): Promise<void> {
	const plot = ground.open();
	const { database } = plot;
	const plain = projectOf(spec, database);
	const changedProject = projectOf(spec, database, changes);
	const first = catalogOf(plain, database);
	const from = withEdits(first, given);
	const to = withEdits(
		carriedOver(first, from.catalog, catalogOf(changedProject, database)),
		edits,
	);
	for (const { key, part } of to.edited)
		parts.add(`${/^[A-Z ]+(?= )/.exec(key)?.[0]} ${part.replace(/ \S+:/, ":")}`);
	const story = () =>
		[
			`changes: ${JSON.stringify(changes)}`,
			`given: ${from.edited.map((e) => `${e.key} ${e.part}`).join("; ")}`,
			`edits: ${to.edited.map((e) => `${e.key} ${e.part}`).join("; ")}`,
			"――― from",
			filesOf(from.catalog, plain, database),
			"――― to",
			filesOf(to.catalog, changedProject, database),
		].join("\n");
	try {
		plot.put(filesOf(from.catalog, plain, database));
		const began = await plot.run("apply", "--yes");
		if (began.code === 70) throw new Error(`the first apply ended with 70\n${began.err}`);
		if (began.code !== 0) {
			count(`from: exit ${began.code}`);
			if (TELL) process.stdout.write(`from: ${began.err}\n`);
			return;
		}
		try {
			await seed(ground.account, plot, spec, plain, plain.grants, data);
		} catch (error) {
			// Columns and formats that were given to it do not take the data.
			if (from.edited.length === 0) throw error;
			count("data does not suit the project");
			return;
		}
		const before = await snapshotOf(ground.account, database);
		plot.put(filesOf(to.catalog, changedProject, database));
		ground.statements();
		let ran = await plot.run("apply", "--yes");
		let hazards: readonly AcceptedHazard[] = [];
		if (ran.code === 3) {
			await unchanged(before, plot, "it was refused");
			count("refused, nothing ran");
			hazards = await hazardsOf(plot);
			expect(hazards.length, "hazards of a refused plan").toBeGreaterThan(0);
			plot.put(
				filesOf(to.catalog, changedProject, database),
				hazards.map(({ code, object }) => ({
					hazard: code,
					object: object.replace(/^.*? (?=[^ ]+$)/, ""),
				})),
			);
			ran = await plot.run("apply", "--yes");
			if (ran.code === 3) {
				count("refused, not to be permitted");
				return;
			}
		}
		if (ran.code === 65) {
			await unchanged(before, plot, "it was no valid project");
			count("no valid project, nothing ran");
			if (TELL) process.stdout.write(`to: ${ran.err}\n`);
			return;
		}
		const failed = ran.code === 1 && RIGHTLY_REFUSED.some((pattern) => pattern.test(ran.err));
		if (ran.code !== 0 && !failed)
			throw new Error(`apply ended with ${ran.code}\n${ran.out}\n${ran.err}`);
		if (!failed && !/no changes|verified: 0 differences/.test(ran.out))
			throw new Error(`not verified:\n${ran.out}`);
		const after = await snapshotOf(ground.account, database);
		const changed: Changed = {
			database,
			from: { project: plain, catalog: from.catalog },
			to: { project: changedProject, catalog: to.catalog },
			hazards,
			arriving: arriving(spec, before),
		};
		const lost = losses(changed, before, after);
		if (lost.length > 0) throw new Error(`lost:\n${lost.join("\n")}\n――― apply\n${ran.out}`);
		count(
			failed
				? "failed, nothing lost"
				: `applied ${hazards.length > 0 ? "with what was accepted" : "without hazards"}`,
		);
		if (failed) return;
		const again = await plot.run("plan", "--detailed-exitcode");
		if (again.code !== 0)
			throw new Error(`the second plan is not empty:\n${again.out}${again.err}`);
		const touched = [...from.edited, ...to.edited].map((e) => e.key);
		const moved = changes.some((change) => change.do === "move the stage");
		await arrivals(plot, changed, before, after, touched, moved);
	} catch (error) {
		throw new Error(`${error instanceof Error ? error.message : error}\n${story()}`);
	} finally {
		await plot.close();
	}
}

/** When the first pair failed. */
let failedAt: number | undefined;

/** Tries a pair; when smaller ones have been tried long enough, none fails any more and the search is over. */
async function tried(given: Pair): Promise<void> {
	if (failedAt !== undefined && Date.now() - failedAt > SHRINKING_MILLIS) return;
	try {
		await live(given);
	} catch (error) {
		failedAt ??= Date.now();
		throw error;
	}
}

test("whatever changes, a plan that is not refused loses nothing, and one that is accepted what it says", async () => {
	const found = await fc.check(fc.asyncProperty(pair, tried), {
		seed: SEED,
		numRuns: RUNS,
		...(PATH === undefined ? {} : { path: PATH, endOnFailure: true }),
	});
	if (!found.failed) return;
	const { seed: given, counterexamplePath, numShrinks, errorInstance } = found;
	const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
	throw new Error(
		`PROPERTIES_SEED=${given} PROPERTIES_PATH=${counterexamplePath} runs it again (shrunk ${numShrinks} times)\n${message}`,
	);
}, 1_200_000);
