import type { Records } from "../apply/records.ts";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import type { Catalog } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { Operation, Step } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import type { Migration } from "../project/project.ts";
import { checkHistory, checkOrder } from "./check-history.ts";
import { factsOf, migrationFile, migrationHead, type Standing, standings } from "./history.ts";
import { readScript, resumePoint, type ScriptStatement } from "./script.ts";
import { type Seen, seeThrough } from "./see-through.ts";
import { type Touched, touchedNames } from "./touched.ts";

/** What pending migrations are decided from. */
export interface PendingRequest {
	/** In the order of the project: versioned by version, then repeatable by name. */
	readonly migrations: readonly Migration[];
	readonly records: Records;
	readonly live: Catalog;
	/** What files declare. */
	readonly desired: Catalog;
	readonly environment: Pick<Environment, "context" | "manage" | "owners">;
	/** Run versions below the last applied one instead of refusing them. */
	readonly outOfOrder?: boolean;
}

/** The steps of pending migrations in their order, the state of their records, and what stands against them. */
export interface Pending {
	readonly steps: readonly Step[];
	readonly head: string;
	/** The account as it will be after these steps. */
	readonly seen: Seen;
	readonly diagnostics: readonly Diagnostic[];
}

/** A migration that will run, and from which statement. */
interface Run {
	readonly migration: Migration;
	readonly script: readonly ScriptStatement[];
	readonly standing: Standing;
	readonly resumeAt: number;
}

const BASELINE_ID = "migrate baseline";

/** Statements that finished must still be the ones that ran; a repeatable migration then starts over. */
function resumed(standing: Standing, migration: Migration): Run | Diagnostic {
	const script = readScript(migration);
	const { record } = standing;
	if (standing.state !== "failed" || !record) return { migration, script, standing, resumeAt: 0 };
	const resumeAt = resumePoint(script, record.done);
	const changed = record.hashes
		.slice(0, Math.min(resumeAt, record.done))
		.findIndex((hash, i) => hash !== script[i]?.hash);
	if (changed < 0) return { migration, script, standing, resumeAt };
	if (migration.kind === "repeatable") return { migration, script, standing, resumeAt: 0 };
	return errorAt(
		script[changed]?.statement.span,
		"MIGRATION_CHANGED",
		`statement ${changed + 1} of ${standing.file} finished here and has changed since`,
		{
			hint: `take the change back, or run \`snowline migrate repair ${standing.version}\` to accept the file as it is`,
		},
	);
}

const namesOf = ({ objects }: Catalog): ReadonlySet<string> =>
	new Set([...objects.values()].map((object) => formatName(object.name)));

/**
 * Whether a migration has nothing to do in a new environment: it runs before the declared state is made,
 * everything it changes is known, and none of that exists (`made`: what migrations before it create, as SQL).
 * One that creates objects, none of which is declared, runs: the declared state is not its result.
 */
function isBaselined(
	migration: Migration,
	touched: Touched,
	made: ReadonlySet<string>,
	{ environment, live, desired }: PendingRequest,
): boolean {
	if (migration.newEnvironment) return migration.newEnvironment === "skip";
	if (migration.phase === "after") return false;
	const { names, created, complete } = touched;
	const declared = namesOf(desired);
	if (created.length > 0 && !created.some((name) => declared.has(formatName(name)))) return false;
	const existing = new Set([...namesOf(live), ...made]);
	// Outside the databases that were looked into, absence cannot be told from not having looked.
	const seen = new Set([
		...environment.manage.databases,
		...[...live.objects.values()].flatMap((o) => (o.name.length > 1 ? [o.name[0]] : [])),
	]);
	return (
		complete &&
		names.length > 0 &&
		names.every((name) => seen.has(name[0]) && !existing.has(formatName(name)))
	);
}

/** The environment's context as the session's first statement; what does not exist yet cannot be used. */
function contextOperations(
	{ phase }: Migration,
	{ environment, live }: PendingRequest,
): readonly Operation[] {
	const { database, schema } = environment.context;
	if (database === undefined) return [];
	const kind = schema === undefined ? "DATABASE" : "SCHEMA";
	const name = formatName(schema === undefined ? [database] : [database, schema]);
	const exists = phase === "after" || live.objects.has(`${kind} ${name}`);
	return exists ? [{ do: "execute", sql: `USE ${kind} ${name}` }] : [];
}

function operationOf({ sql, origin }: ScriptStatement): Operation {
	return { do: "execute", sql, origin: [...origin] };
}

function reason({ migration, standing, resumeAt }: Run): string {
	const why =
		standing.state === "failed"
			? `failed, goes on at statement ${resumeAt + 1}`
			: standing.record
				? "changed"
				: "pending";
	return `${why} (${migration.phase})`;
}

/** Ledger entries of what a migration drops and revokes: nobody could tell them from what a role cannot see. */
function forgottenBy({ standing }: Run, seen: Seen, { ledger, grants }: Records): string[] {
	const gone = seen.gone.get(standing.file) ?? new Set();
	const onGone = (grant: string) => [...gone].some((key) => grant.includes(` ON ${key} TO `));
	return [
		...[...ledger.keys()].filter((key) => gone.has(key)),
		...[...grants.keys()].filter((key) => gone.has(key) || onGone(key)),
	].sort();
}

function stepOf(run: Run, forget: string[], request: PendingRequest): Step {
	const { migration, script, standing, resumeAt } = run;
	const replayed = script.slice(0, resumeAt).filter((statement) => statement.role === "session");
	return {
		id: `migrate ${standing.file}`,
		action: "migrate",
		kind: "MIGRATION",
		object: standing.file,
		reason: reason(run),
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: [],
		operations: [
			...contextOperations(migration, request),
			...[...replayed, ...script.slice(resumeAt)].map(operationOf),
		],
		restore: [],
		...(forget.length > 0 && { edges: { remember: [], forget } }),
		migration: { ...factsOf(migration), resumeAt, recorded: standing.record !== undefined },
	};
}

function baselineStep(migrations: readonly Migration[]): Step {
	return {
		id: BASELINE_ID,
		action: "migrate",
		kind: "MIGRATION",
		object: migrations.map(migrationFile).join(", "),
		reason: "only recorded: in a new environment the declared state is already the result",
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: [],
		operations: [],
		restore: [],
		baselines: migrations.map(factsOf),
	};
}

/** Before the declarative changes or after them; within a phase versioned ones first. */
function inRunningOrder(runs: readonly Run[]): readonly Run[] {
	return (["before", "after"] as const).flatMap((phase) =>
		(["versioned", "repeatable"] as const).flatMap((kind) =>
			runs.filter(({ migration }) => migration.phase === phase && migration.kind === kind),
		),
	);
}

/** The steps of every migration that is still to run here, and what stands in their way. Writes nothing. */
export function pendingSteps(request: PendingRequest): Pending {
	const { migrations, records } = request;
	const all = standings(migrations, records);
	const diagnostics: Diagnostic[] = all.flatMap(checkHistory);
	if (request.outOfOrder !== true) diagnostics.push(...checkOrder(all));
	const isNew = records.migrations.size === 0;
	const baselined: Migration[] = [];
	const runs: Run[] = [];
	const made = new Set<string>();
	for (const standing of all) {
		const { migration, state } = standing;
		if (!migration || (state !== "pending" && state !== "failed")) continue;
		const touched = touchedNames(migration, readScript(migration), request.environment.context);
		if (isNew && isBaselined(migration, touched, made, request)) {
			baselined.push(migration);
			continue;
		}
		for (const name of touched.created) made.add(formatName(name));
		const run = resumed(standing, migration);
		if ("severity" in run) diagnostics.push(run);
		else runs.push(run);
	}
	const ordered = inRunningOrder(runs);
	const seen = seeThrough(
		request.live,
		ordered.map(({ migration, script, standing, resumeAt }) => ({
			file: standing.file,
			touches: migration.touches,
			phase: migration.phase,
			script,
			resumeAt,
		})),
		request.environment,
	);
	return {
		steps: [
			...(baselined.length > 0 ? [baselineStep(baselined)] : []),
			...ordered.map((run) => stepOf(run, forgottenBy(run, seen, records), request)),
		],
		head: migrationHead(records),
		seen,
		diagnostics,
	};
}

/** The names, as SQL, of everything that migrations change as far as they tell: worth reading in full. */
export function changedNames(
	migrations: readonly Migration[],
	context: Environment["context"],
): ReadonlySet<string> {
	return new Set(
		migrations.flatMap((migration) =>
			touchedNames(migration, readScript(migration), context).names.map(formatName),
		),
	);
}
