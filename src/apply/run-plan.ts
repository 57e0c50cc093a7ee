import { DeployError, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { formatIdentifier } from "../model/identifier.ts";
import type { Connection, Connector } from "../model/port.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { isMissing } from "./absent.ts";
import { type Journal, openJournal, timestamp } from "./journal.ts";
import { ledgerOf, recordStep } from "./ledger.ts";
import { type OperationContext, runOperation } from "./run-operation.ts";
import { missingSecrets, type SecretSource, secretsIn } from "./secrets.ts";
import { openSessions, type Sessions } from "./sessions.ts";
import { applyFailure, type LineReader } from "./statement-failure.ts";

/** What apply tells while it runs. */
export type ApplyEvent =
	| {
			readonly type: "start" | "done" | "failed" | "restored";
			readonly step: Step;
			readonly milliseconds?: number;
	  }
	| { readonly type: "interrupted" };

/** Everything apply needs besides the plan. */
export interface ApplyOptions {
	readonly connector: Connector;
	readonly records: QualifiedName;
	readonly secrets: SecretSource;
	readonly readLine: LineReader;
	readonly now: () => Date;
	readonly deployment: string;
	readonly actor: string;
	readonly concurrency: number;
	readonly report: (event: ApplyEvent) => void;
	readonly signal: AbortSignal;
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
}

/** Every secret the plan needs must be there before anything runs. */
function checkSecrets(plan: Plan, source: SecretSource): void {
	const needed = new Set(
		plan.steps.flatMap((step) => step.operations.flatMap((o) => secretsIn(o.sql))),
	);
	const missing = [...needed].filter((name) => source(name) === undefined).sort();
	if (missing.length > 0) throw missingSecrets(missing);
}

async function runStep(
	step: Step,
	sessions: Sessions,
	context: OperationContext,
	options: ApplyOptions,
): Promise<void> {
	if (step.action === "migrate") return options.migrate(step, context, options.connector);
	for (const [index, operation] of step.operations.entries())
		await sessions.use(operation.role, (connection) =>
			runOperation(connection, step, index, operation, context),
		);
}

/** Held objects whose release has not run get their state back. */
async function restoreHeld(
	plan: Plan,
	started: ReadonlySet<string>,
	done: ReadonlySet<string>,
	sessions: Sessions,
	context: OperationContext,
	options: ApplyOptions,
): Promise<readonly Diagnostic[]> {
	const problems: Diagnostic[] = [];
	for (const step of plan.steps) {
		const released =
			done.has(step.id.replace(/^hold /, "release ")) ||
			done.has(step.id.replace(/^hold /, "settle "));
		if (step.restore.length === 0 || !started.has(step.id) || released) continue;
		for (const [index, operation] of step.restore.entries()) {
			try {
				await sessions.use(operation.role, (connection) =>
					runOperation(connection, step, step.operations.length + index, operation, context),
				);
			} catch (error) {
				if (!(error instanceof DeployError)) throw error;
				problems.push(...error.diagnostics);
			}
		}
		options.report({ type: "restored", step });
	}
	return problems;
}

/** Opens the journal as soon as the records' database is there. */
async function tryOpen(
	journal: Journal,
	connection: Connection,
	records: QualifiedName,
): Promise<void> {
	if (journal.isOpen()) return;
	const database = formatIdentifier(records[0] ?? "");
	if (!(await isMissing(connection, `SHOW SCHEMAS IN DATABASE ${database}`))) await journal.open();
}

async function recordOutcome(
	journal: Journal,
	plan: Plan,
	options: ApplyOptions,
	outcome: string,
): Promise<void> {
	await journal.record(
		`UPDATE ${journal.table("DEPLOYMENTS")} SET OUTCOME = ?, FINISHED_AT = ? WHERE PROJECT = ? AND ID = ?`,
		[outcome, timestamp(options.now()), plan.project, options.deployment],
	);
}

/**
 * Runs a plan exactly as it is: each operation, in an order that respects `dependsOn`, independent steps
 * side by side. After a failure nothing new is started, running steps finish, and what was held gets its
 * state back. Throws a DeployError (exit 78) for missing secrets, before anything runs.
 */
export async function runPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
	checkSecrets(plan, options.secrets);
	const identity = { project: plan.project, deployment: options.deployment, now: options.now };
	const keeper = await options.connector.connect({});
	const sessions = openSessions(options.connector);
	const journal = openJournal(keeper, options.records, identity);
	const ledger = ledgerOf(plan, journal, identity, options.secretHashes);
	const context: OperationContext = {
		deployment: options.deployment,
		journal,
		secrets: options.secrets,
		readLine: options.readLine,
		captured: new Map(),
	};
	const started = new Set<string>();
	const done = new Set<string>();
	const failed = new Set<string>();
	const failures: Diagnostic[] = [];
	const running = new Map<string, Promise<void>>();
	const run = async (step: Step): Promise<void> => {
		const begun = Date.now();
		options.report({ type: "start", step });
		try {
			await runStep(step, sessions, context, options);
			await tryOpen(journal, keeper, options.records);
			await recordStep(ledger, step);
			done.add(step.id);
			options.report({ type: "done", step, milliseconds: Date.now() - begun });
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			failed.add(step.id);
			failures.push(...error.diagnostics);
			options.report({ type: "failed", step, milliseconds: Date.now() - begun });
		}
	};
	try {
		await tryOpen(journal, keeper, options.records);
		await journal.record(
			`INSERT INTO ${journal.table("DEPLOYMENTS")} (PROJECT, ID, ENVIRONMENT, ACTOR, TOOL, PLAN_HASH, DATABASE_NAME, STARTED_AT, OUTCOME) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running')`,
			[
				plan.project,
				options.deployment,
				plan.environment,
				options.actor,
				plan.tool,
				null,
				options.records[0] ?? null,
				timestamp(options.now()),
			],
		);
		for (;;) {
			const ready = plan.steps.filter(
				(step) => !started.has(step.id) && step.dependsOn.every((id) => done.has(id)),
			);
			const open = failures.length === 0 && !options.signal.aborted;
			for (const step of open ? ready.slice(0, options.concurrency - running.size) : []) {
				started.add(step.id);
				running.set(
					step.id,
					run(step).finally(() => running.delete(step.id)),
				);
			}
			if (running.size === 0) break;
			await Promise.race(running.values());
		}
		if (options.signal.aborted) options.report({ type: "interrupted" });
		if (failures.length > 0 || options.signal.aborted)
			failures.push(...(await restoreHeld(plan, started, done, sessions, context, options)));
		else
			for (const key of plan.adopts)
				if (!plan.steps.some((s) => `${s.kind} ${s.object}` === key)) await ledger.remember(key);
		await recordOutcome(
			journal,
			plan,
			options,
			options.signal.aborted ? "interrupted" : failures.length > 0 ? "failed" : "done",
		);
	} finally {
		await sessions.closeAll();
		await keeper.close();
	}
	const notStarted = plan.steps.map((step) => step.id).filter((id) => !started.has(id));
	return {
		deployment: options.deployment,
		done: [...done],
		failed: [...failed],
		notStarted,
		failures,
	};
}

/** Throws what went wrong, if anything did. */
export function throwFailures(result: ApplyResult): void {
	if (result.failures.length > 0) throw applyFailure(result.failures, undefined);
}
