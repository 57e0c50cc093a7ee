import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { formatIdentifier, formatName, type QualifiedName } from "../model/identifier.ts";
import { type Connection, type Connector, StatementError } from "../model/port.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { ABSENT } from "./absent.ts";
import { beginning, readPast, withOutcome } from "./deployments.ts";
import { type Journal, openJournal } from "./journal.ts";
import { type Lease, type LeaseRequest, leaseLost, takeLease } from "./lease.ts";
import { type Ledger, ledgerOf, recordStep } from "./ledger.ts";
import { readJournal } from "./read-journal.ts";
import { createRecords } from "./records.ts";
import { guard, isGone, restoreHeld } from "./restore.ts";
import { type OperationContext, runOperation } from "./run-operation.ts";
import { missingSecrets, type SecretSource, secretsIn } from "./secrets.ts";
import { openSessions, reopening, type Sessions } from "./sessions.ts";
import type { LineReader } from "./statement-failure.ts";

/** What apply tells while it runs. */
export type ApplyEvent =
	| {
			readonly type: "start" | "done" | "failed" | "restored";
			readonly step: Step;
			readonly milliseconds?: number;
	  }
	| { readonly type: "interrupted" };

/** A deployment that was cut off and goes on: what it has done so far. */
export interface Progress {
	/** Steps that are finished. */
	readonly finished: ReadonlySet<string>;
	/** How many operations of a step that was begun are done. */
	readonly operations: ReadonlyMap<string, number>;
	/** Captured values by name. */
	readonly captured: ReadonlyMap<string, string>;
	/** The number of the journal's last line. */
	readonly sequence: number;
}

/** Everything apply needs besides the plan. */
export interface ApplyOptions {
	readonly connector: Connector;
	readonly records: QualifiedName;
	readonly secrets: SecretSource;
	readonly readLine: LineReader;
	readonly now: () => Date;
	readonly deployment: string;
	readonly actor: string;
	readonly gitCommit?: string;
	readonly ciJob?: string;
	readonly planHash?: string;
	readonly concurrency: number;
	readonly report: (event: ApplyEvent) => void;
	readonly signal: AbortSignal;
	readonly lease: Pick<LeaseRequest, "seconds" | "alone">;
	/** Called when the lease is held and before anything runs, with how the deployments stand now; throws when the plan is stale. */
	readonly checkAgain?: (head: string) => Promise<void>;
	/** Goes on with the deployment of this id. */
	readonly resume?: Progress;
	/** Runs a migration's statements; steps of action `migrate` have no operations of their own. */
	readonly migrate: (step: Step, context: OperationContext, connector: Connector) => Promise<void>;
	/** Hashes of an object's secrets for the ledger. */
	readonly secretHashes: (
		key: string,
	) => Readonly<Record<string, { readonly salt: string; readonly hash: string }>>;
}

/** What was done and what was not. */
export interface ApplyResult {
	readonly deployment: string;
	readonly done: readonly string[];
	readonly failed: readonly string[];
	readonly notStarted: readonly string[];
	/** Empty when everything was done. */
	readonly failures: readonly Diagnostic[];
	/** What checks have shown, in lines. */
	readonly shown: readonly string[];
	/** Another run took the lease: nothing was restored or recorded any more, that is now its business. */
	readonly leaseLost: boolean;
}

/** A run under way. */
interface Run {
	readonly plan: Plan;
	readonly options: ApplyOptions;
	readonly sessions: Sessions;
	readonly journal: Journal;
	readonly ledger: Ledger;
	readonly context: OperationContext;
	readonly started: Set<string>;
	readonly done: Set<string>;
	readonly failed: Set<string>;
	readonly failures: Diagnostic[];
	readonly shown: string[];
	lease?: Lease;
	lost: boolean;
}

/** Every secret the plan needs must be there before anything runs. */
function checkSecrets(plan: Plan, source: SecretSource): void {
	const needed = new Set(
		plan.steps.flatMap((step) => step.operations.flatMap((o) => secretsIn(o.sql))),
	);
	const missing = [...needed].filter((name) => source(name) === undefined).sort();
	if (missing.length > 0) throw missingSecrets(missing);
}

/** Brings back what a deployment that was cut off has left, and closes it. */
async function runRecovery(step: Step, run: Run): Promise<void> {
	const { plan, options, sessions, journal } = run;
	const { captured } = await sessions.use(undefined, (connection) =>
		readJournal(connection, options.records, plan.project, step.object),
	);
	const context = { ...run.context, captured: new Map(captured) };
	for (const [index, operation] of step.operations.entries()) {
		try {
			await sessions.use(operation.role, (connection) =>
				runOperation(connection, step, index, operation, context),
			);
		} catch (error) {
			if (!isGone(error)) throw error;
		}
	}
	await journal.record(
		withOutcome(options.records, plan.project, step.object, "recovered", options.now()),
	);
}

async function runOperations(step: Step, run: Run): Promise<void> {
	const { options, sessions, journal, context } = run;
	if (step.action === "recover") return runRecovery(step, run);
	if (step.action === "migrate") return options.migrate(step, context, sessions.connector);
	const first = options.resume?.operations.get(step.id) ?? 0;
	if (first === 0) guard(journal, step);
	for (const [index, operation] of step.operations.entries()) {
		if (index < first) continue;
		await sessions.use(operation.role, (connection) =>
			runOperation(connection, step, index, operation, context),
		);
	}
}

/** A refusal that is nobody's statement is one of the records: it fails what it belongs to, and the rest ends properly. */
function expected(error: unknown): DeployError {
	if (error instanceof DeployError) return error;
	if (!(error instanceof StatementError)) throw error;
	return new DeployError(
		EXIT.failed,
		{
			severity: "error",
			code: `SNOWFLAKE_${error.code}`,
			summary: `the records could not be written: ${error.message.replace(/\s*\n\s*/g, " ")}`,
			detail: error.sql,
		},
		{ cause: error },
	);
}

async function runStep(step: Step, run: Run): Promise<void> {
	const { options, journal } = run;
	const begun = Date.now();
	options.report({ type: "start", step });
	try {
		await runOperations(step, run);
		journal.note({ step: step.id, operation: step.operations.length, event: "finished" });
		run.done.add(step.id);
		await recordStep(run.ledger, step);
		options.report({ type: "done", step, milliseconds: Date.now() - begun });
	} catch (thrown) {
		const error = expected(thrown);
		run.failed.add(step.id);
		run.failures.push(...error.diagnostics);
		if (error.exitCode === EXIT.locked) run.lost = true;
		options.report({ type: "failed", step, milliseconds: Date.now() - begun });
	}
}

function noPlace(records: QualifiedName): DeployError {
	return new DeployError(EXIT.environment, {
		severity: "error",
		code: "RECORDS",
		summary: `the records belong into ${formatName(records)}, and database ${formatIdentifier(records[0] ?? "")} does not exist or is not visible to this role`,
		hint: "create it, declare it, or name another schema as records in the environment file",
	});
}

/**
 * The step that makes the place of the records, and everything it needs, where that is for this plan to make. Until it
 * has run there is no lease, so nothing else runs; of two first deployments one fails at its CREATE.
 */
function stepsBeforeRecords(plan: Plan, records: QualifiedName): ReadonlySet<string> | undefined {
	const creates = (kind: string, name: QualifiedName) =>
		plan.steps.find(
			(s) => s.action === "create" && s.kind === kind && s.object === formatName(name),
		);
	const opening = creates("SCHEMA", records) ?? creates("DATABASE", records.slice(0, 1));
	if (!opening) return undefined;
	const steps = new Map(plan.steps.map((step) => [step.id, step]));
	const found = new Set<string>();
	const queue = [opening.id];
	for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
		if (found.has(id)) continue;
		found.add(id);
		queue.push(...(steps.get(id)?.dependsOn ?? []));
	}
	return found;
}

async function recordsCanBe(
	plan: Plan,
	done: ReadonlySet<string>,
	keeper: Connection,
	records: QualifiedName,
): Promise<boolean> {
	const own = plan.steps.find(
		(s) => s.action === "create" && s.kind === "SCHEMA" && s.object === formatName(records),
	);
	if (own && !done.has(own.id)) return false;
	try {
		await createRecords(keeper, records);
		return true;
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return false;
		throw error;
	}
}

/** Takes the lease and begins the records of this deployment, if there is a place for them yet. */
async function tryBegin(run: Run, keeper: Connection): Promise<void> {
	const { plan, options, journal, sessions } = run;
	const { records, deployment, actor } = options;
	if (!(await recordsCanBe(plan, run.done, keeper, records))) return;
	run.lease = await takeLease(
		() => options.connector.connect({}),
		records,
		{ project: plan.project, deployment, actor, ...options.lease },
		() => {
			run.lost = true;
			void sessions.cancelAll();
		},
	);
	if (run.started.size === 0)
		await options.checkAgain?.((await readPast(keeper, records, plan.project)).head);
	await journal.record(
		options.resume
			? withOutcome(records, plan.project, deployment, "running", options.now())
			: beginning(
					{
						project: plan.project,
						id: deployment,
						environment: plan.environment,
						actor,
						tool: plan.tool,
						startedAt: options.now(),
						...(options.gitCommit === undefined ? {} : { gitCommit: options.gitCommit }),
						...(options.ciJob === undefined ? {} : { ciJob: options.ciJob }),
						...(options.planHash === undefined ? {} : { planHash: options.planHash }),
					},
					records,
				),
	);
	await journal.open(run.lease);
}

/** Runs steps as they become ready, some of them side by side; stops starting them when one fails. */
async function runSteps(run: Run, keeper: Connection): Promise<void> {
	const { plan, options, started, done } = run;
	const first = stepsBeforeRecords(plan, options.records);
	if (!first) {
		await tryBegin(run, keeper);
		if (!run.lease) throw noPlace(options.records);
	}
	const running = new Map<string, Promise<void>>();
	for (;;) {
		if (first && !run.lease && [...first].every((id) => done.has(id))) {
			await tryBegin(run, keeper);
			if (!run.lease) throw noPlace(options.records);
		}
		const ready = plan.steps.filter(
			(step) =>
				!started.has(step.id) &&
				step.dependsOn.every((id) => done.has(id)) &&
				(run.lease !== undefined || first?.has(step.id)),
		);
		const open = run.failures.length === 0 && !run.lost && !options.signal.aborted;
		for (const step of open ? ready.slice(0, options.concurrency - running.size) : []) {
			started.add(step.id);
			running.set(
				step.id,
				runStep(step, run).finally(() => running.delete(step.id)),
			);
		}
		if (running.size === 0) return;
		await Promise.race(running.values());
	}
}

/** What stands in the way of a proper end belongs to the result, which also says what was done. */
async function concluded(run: Run): Promise<void> {
	try {
		await conclude(run);
	} catch (thrown) {
		const error = expected(thrown);
		if (error.exitCode === EXIT.locked) run.lost = true;
		run.failures.push(...error.diagnostics);
	}
}

/** After the last step: restore what is still held, write everything down, close the deployment. */
async function conclude(run: Run): Promise<void> {
	const { plan, options, sessions, journal, ledger, failures } = run;
	if (run.lost || !run.lease) return;
	const { aborted } = options.signal;
	if (aborted) options.report({ type: "interrupted" });
	const broken = failures.length > 0 || aborted;
	if (broken) {
		const context = { ...run.context, signal: new AbortController().signal };
		failures.push(
			...(await restoreHeld(plan.steps, run.started, run.done, sessions, context, (step) =>
				options.report({ type: "restored", step }),
			)),
		);
	} else
		for (const key of plan.adopts)
			if (!plan.steps.some((s) => `${s.kind} ${s.object}` === key)) await ledger.remember(key);
	await ledger.flush();
	const outcome = aborted ? "interrupted" : failures.length > 0 ? "failed" : "done";
	await journal.record(
		withOutcome(options.records, plan.project, options.deployment, outcome, options.now()),
	);
}

/** A run that hears from its heartbeat that the lease is lost has no step that failed. */
function failuresOf({ failures, lost }: Run): readonly Diagnostic[] {
	const [diagnostic] = leaseLost().diagnostics;
	const told = failures.some((failure) => failure.code === diagnostic?.code);
	return lost && !told && diagnostic ? [...failures, diagnostic] : failures;
}

async function closeAll(run: Run, keeper: Connection): Promise<void> {
	// A lease that cannot be given back expires.
	await run.lease?.release().catch(() => undefined);
	await run.sessions.closeAll();
	await keeper.close();
}

/**
 * Runs a plan exactly as it is: each operation, in an order that respects `dependsOn`, independent steps
 * side by side, under the lease of the project and with a journal. After a failure nothing new is started,
 * running steps finish, and what was held gets its state back. Throws a DeployError before anything runs:
 * 78 for missing secrets, 5 when another run holds the lease, 4 when the plan is stale.
 */
export async function runPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
	checkSecrets(plan, options.secrets);
	const { resume, deployment, connector, records, secrets, readLine, signal } = options;
	const identity = { project: plan.project, deployment, now: options.now };
	const connect = () => connector.connect({});
	const keeper = reopening(await connect(), connect);
	const sessions = openSessions(connector);
	const journal = openJournal(keeper, records, {
		...identity,
		...(resume ? { sequence: resume.sequence } : {}),
	});
	const shown: string[] = [];
	const run: Run = {
		plan,
		shown,
		options,
		sessions,
		journal,
		ledger: ledgerOf(plan, journal, identity, options.secretHashes),
		context: {
			deployment,
			journal,
			secrets,
			readLine,
			records,
			connector: sessions.connector,
			signal,
			captured: new Map(resume?.captured ?? []),
			alone: options.lease.alone,
			shown: (line) => shown.push(line),
		},
		started: new Set(resume?.finished ?? []),
		done: new Set(resume?.finished ?? []),
		failed: new Set(),
		failures: [],
		lost: false,
	};
	const cancel = () => void sessions.cancelAll();
	signal.addEventListener("abort", cancel, { once: true });
	try {
		await runSteps(run, keeper);
		await concluded(run);
	} finally {
		signal.removeEventListener("abort", cancel);
		await closeAll(run, keeper);
	}
	return {
		deployment,
		done: [...run.done],
		failed: [...run.failed],
		notStarted: plan.steps.map((step) => step.id).filter((id) => !run.started.has(id)),
		failures: failuresOf(run),
		shown,
		leaseLost: run.lost,
	};
}
