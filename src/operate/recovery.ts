import { type OpenDeployment, type Past, readOpenDeployments } from "../apply/deployments.ts";
import { type LeaseState, readLease } from "../apply/lease.ts";
import { type Fate, fateByTag } from "../apply/query-history.ts";
import { type Guard, instant, type JournalState, readJournal } from "../apply/read-journal.ts";
import type { MigrationRecord, Records } from "../apply/records.ts";
import { operationTag } from "../apply/run-operation.ts";
import { type Catalog, withObjects } from "../model/catalog.ts";
import type { Connection } from "../model/port.ts";
import { objectType } from "../objects/index.ts";
import type { Operation, PlanNote, Step } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import { settled } from "./take-back.ts";

/** A deployment that was cut off, and how far it came. */
export interface Interrupted extends OpenDeployment {
	readonly journal: JournalState;
}

/** What deployments that were cut off mean for the next plan. */
export interface Recovery {
	readonly past: Past;
	/** Whose deployment is under way now. */
	readonly running?: LeaseState;
	readonly interrupted: readonly Interrupted[];
	/** The first steps of the plan. */
	readonly steps: readonly Step[];
	/** The account as it will be once they have run. */
	readonly live: Catalog;
	/** The records, with what is known by now of migrations that were cut off. */
	readonly records: Records;
	readonly notes: readonly PlanNote[];
}

/** What recovery is planned from. */
export interface RecoveryRequest {
	readonly connection: Connection;
	readonly environment: Pick<Environment, "project" | "records">;
	readonly live: Catalog;
	readonly records: Records;
	/** How the deployments stood before anything else was read. */
	readonly past: Past;
	/** Nobody else can be in this account: whatever is open there was cut off. */
	readonly alone: boolean;
}

/** How an object was left: held, made anew without what the old one had, or on its way to other names. */
const LEFT = {
	held: "still held",
	anew: "made anew",
	back: "taken back",
	final: "finished",
} as const;

/** What bringing one object in order takes. */
interface Order {
	readonly left: keyof typeof LEFT;
	readonly operations: readonly Operation[];
	/** The account afterwards. */
	readonly live: Catalog;
}

/** Whether what was loaded is known: otherwise nothing was touched yet. */
function knows(
	files: NonNullable<Operation["files"]>,
	captured: ReadonlyMap<string, string>,
): boolean {
	return !("window" in files) || captured.has(files.window);
}

/** What letting one object go takes, or giving back what it had, if it is still there and still held. */
function letGo(
	guard: Guard,
	{ captured, operations: done }: JournalState,
	live: Catalog,
): Order | undefined {
	const { step, object, restore, undo, final, changes } = guard;
	if (undo) {
		const settling = settled(guard, undo, live);
		return settling && { left: final ? "final" : "back", ...settling };
	}
	const target = live.objects.get(object);
	const held = step.startsWith("hold ");
	const hold = target && objectType(target.kind).hold;
	if (!target || (held && (!hold || hold.running(target)))) return undefined;
	// Nobody knows whether it was made anew, but it cannot have been: it will be, with all that it still knows.
	const unsure = (done.get(step) ?? 0) <= changes;
	if (!held && unsure && objectType(target.kind).outdated?.(target)) return undefined;
	// What the restoring itself finds out is decided when it runs.
	const asked = new Set(restore.flatMap(({ saveAs }) => saveAs ?? []));
	const isOpen = ({ uses }: Operation) => uses !== undefined && asked.has(uses.name);
	const wanted = restore.filter(
		(operation) =>
			(isOpen(operation) ||
				!operation.uses ||
				captured.get(operation.uses.name) === operation.uses.equals) &&
			(!operation.files || knows(operation.files, captured)),
	);
	if (wanted.length === 0) return undefined;
	const operations = wanted.map((operation) => {
		const { uses, ...rest } = operation;
		return isOpen(operation) && uses ? { ...rest, uses } : rest;
	});
	if (held) {
		const resumed = hold?.resumed(target) ?? target;
		return { left: "held", operations, live: withObjects(live, [resumed]) };
	}
	const recovered = objectType(target.kind).recovered?.(target, live) ?? live;
	return { left: "anew", operations, live: recovered };
}

const DROP = "drop ";
const DRAIN = "drain ";

/**
 * What the deployment dropped, and the ledger still has: it died before it could write that down. Without this
 * nobody could tell it from an object that our role cannot see.
 */
function dropped({ journal }: Interrupted, live: Catalog, records: Records): readonly string[] {
	const undecided = new Set(journal.undecided.map(({ step }) => step));
	return [...journal.operations].flatMap(([step, done]) => {
		const key = step.slice(DROP.length);
		// One that failed has none of its operations done, and is not undecided either.
		const began = done > 0 || undecided.has(step);
		const gone = records.ledger.has(key) && !live.objects.has(key);
		return step.startsWith(DROP) && began && gone ? [key] : [];
	});
}

function recoveryStep(
	{ id, actor, startedAt }: OpenDeployment,
	open: readonly (Order & { readonly object: string })[],
	forget: readonly string[],
): Step {
	const parts = Object.entries(LEFT).flatMap(([how, words]) => {
		const names = open.filter((o) => o.left === how).map((o) => o.object);
		if (names.length > 0) return [`${words}: ${names.join(", ")}`];
		return how === "held" ? ["nothing is held"] : [];
	});
	const left = parts.join("; ");
	return {
		id: `recover ${id}`,
		action: "recover",
		kind: "DEPLOYMENT",
		object: id,
		reason: `begun by ${actor} at ${startedAt} UTC and cut off; ${left}`,
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: [],
		operations: open.flatMap((o) => o.operations),
		restore: [],
		...(forget.length > 0 && { edges: { remember: [], forget: [...forget] } }),
	};
}

/**
 * What was drained, and cannot be read any more because its source was on its way to another one: nothing in it is
 * unread. The source is only brought back where nobody wrote to it since.
 */
function withDrained({ journal }: Interrupted, live: Catalog): Catalog {
	const drained = [...journal.finished].flatMap((step) => {
		const object = step.startsWith(DRAIN) ? live.objects.get(step.slice(DRAIN.length)) : undefined;
		const lost = object && objectType(object.kind).drain?.readable(object) === false;
		return lost ? [{ ...object, runtime: { ...object.runtime, drained: true } }] : [];
	});
	return withObjects(live, drained);
}

/** What was held last is let go first: nothing under a running root can be changed. */
function recoverOne(
	deployment: Interrupted,
	live: Catalog,
	records: Records,
): { readonly step: Step; readonly live: Catalog; readonly records: Records } {
	const { guards } = deployment.journal;
	const open: (Order & { readonly object: string })[] = [];
	let after = live;
	for (const guard of guards.toReversed()) {
		const order = letGo(guard, deployment.journal, after);
		if (!order) continue;
		open.push({ ...order, object: guard.object });
		after = order.live;
	}
	const finished = guards.flatMap(({ final, undo }) => (final && undo?.final?.gone) || []);
	const gone = [
		...dropped(deployment, live, records),
		...finished.filter((key) => live.objects.has(key) && records.ledger.has(key)),
	];
	return {
		step: recoveryStep(deployment, open, gone),
		live: withDrained(deployment, after),
		records: {
			...records,
			ledger: new Map([...records.ledger].filter(([key]) => !gone.includes(key))),
		},
	};
}

/** What is needed to know of migrations that were cut off. */
type MigrationRequest = Pick<RecoveryRequest, "connection" | "environment" | "records" | "alone">;

/** The deployment that is running now, if one is: it holds a lease that has not expired. */
async function runningNow(request: MigrationRequest): Promise<LeaseState | undefined> {
	const { connection, environment, alone } = request;
	if (alone) return undefined;
	const lease = await readLease(connection, environment.records, environment.project);
	return lease?.expired ? undefined : lease;
}

/**
 * What became of the statement at which a migration was cut off. The record was written before the journal's line
 * for the statement, and the line before the statement was sent.
 */
async function migrationFate(
	request: MigrationRequest,
	{ deployment, file, at }: MigrationRecord,
): Promise<Fate> {
	const { connection, environment } = request;
	const step = `migrate ${file}`;
	const journal = await readJournal(
		connection,
		environment.records,
		environment.project,
		deployment,
	);
	const last = journal.latest.get(step);
	if (!last || last.at < instant(at)) return { state: "absent", proven: true };
	// It ended, and the record could not be written any more.
	if (last.outcome === "done") return { state: "succeeded", queryId: "" };
	if (last.outcome === "failed") return { state: "absent", proven: true };
	const tag = operationTag(deployment, step, last.operation);
	return fateByTag(connection, environment.records, tag, last.at);
}

/**
 * A migration's record as it is known to be by now. A statement that the account knows nothing of, although it
 * shows what was sent before it, never arrived: its process had lost the lease by the time of this look, and
 * a process sends nothing that it has not been confirmed to hold the lease for.
 */
function decided(record: MigrationRecord, fate: Fate): MigrationRecord {
	if (fate.state === "succeeded") return { ...record, status: "failed", done: record.done + 1 };
	const again = fate.state === "failed" || (fate.state === "absent" && fate.proven);
	return again ? { ...record, status: "failed" } : record;
}

async function decideMigrations(
	request: MigrationRequest,
	running: LeaseState | undefined,
): Promise<Records> {
	const { records } = request;
	const migrations = new Map(records.migrations);
	for (const [file, record] of records.migrations)
		if (record.status === "running") {
			// One that is under way stands where it is: nothing can be applied before it ends.
			const fate: Fate =
				record.deployment === running?.deployment
					? { state: "absent", proven: true }
					: await migrationFate(request, record);
			migrations.set(file, decided(record, fate));
		}
	return { ...records, migrations };
}

function isCutOff({ migrations }: Records): boolean {
	return [...migrations.values()].some((record) => record.status === "running");
}

/**
 * The records with what a plan would find out about migrations that were cut off, and the deployment that is under way
 * now. Reads only.
 */
export async function readDecided(
	request: MigrationRequest,
): Promise<{ readonly records: Records; readonly running?: LeaseState }> {
	const { records } = request;
	const over = new Set(["done", "baselined"]);
	if ([...records.migrations.values()].every(({ status }) => over.has(status))) return { records };
	const running = await runningNow(request);
	return { records: await decideMigrations(request, running), ...(running && { running }) };
}

function runningNote(id: string): PlanNote {
	return {
		code: "DEPLOYMENT_RUNNING",
		message: `deployment ${id} is running now: plan again when it is done`,
	};
}

/** Reads what deployments before this one have left open, and plans how to bring it in order. Reads only. */
export async function planRecovery(request: RecoveryRequest): Promise<Recovery> {
	const { connection, environment, live } = request;
	const { records: schema, project } = environment;
	const { past } = request;
	if (past.open.length === 0 && !isCutOff(request.records))
		return { past, interrupted: [], steps: [], live, records: request.records, notes: [] };
	const running = await runningNow(request);
	let records = await decideMigrations(request, running);
	const interrupted: Interrupted[] = [];
	const steps: Step[] = [];
	let after = live;
	for (const deployment of await readOpenDeployments(connection, schema, project)) {
		if (deployment.id === running?.deployment) continue;
		const journal = await readJournal(connection, schema, project, deployment.id);
		const one = { ...deployment, journal };
		const recovered = recoverOne(one, after, records);
		interrupted.push(one);
		steps.push(recovered.step);
		after = recovered.live;
		records = recovered.records;
	}
	const notes = running ? [runningNote(running.deployment)] : [];
	return { past, ...(running && { running }), interrupted, steps, live: after, records, notes };
}
