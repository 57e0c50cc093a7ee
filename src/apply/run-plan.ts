import type { Connection } from "../model/port.ts";
import type { Plan } from "../plan/plan.ts";
import { noPlace, stepsBeforeRecords, tryBegin } from "./begin.ts";
import { concluded, failuresOf } from "./conclude.ts";
import { openJournal } from "./journal.ts";
import { ledgerOf } from "./ledger.ts";
import type { ApplyOptions, ApplyResult, Run } from "./run.ts";
import { runStep } from "./run-step.ts";
import { missingSecrets, type SecretSource, secretsIn } from "./secrets.ts";
import { openSessions, reopening } from "./sessions.ts";

/** Every secret the plan needs must be there before anything runs. */
function checkSecrets(plan: Plan, source: SecretSource): void {
	const needed = new Set(
		plan.steps.flatMap((step) => step.operations.flatMap((o) => secretsIn(o.sql))),
	);
	const missing = [...needed].filter((name) => source(name) === undefined).sort();
	if (missing.length > 0) throw missingSecrets(missing);
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
	const proof = [...(resume?.proof ?? [])];
	const run: Run = {
		plan,
		proof,
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
			proven: (shown) => proof.push(shown),
			waiting: (step, waiting) => options.report({ type: "waiting", step, ...waiting }),
		},
		started: new Set(resume?.finished ?? []),
		done: new Set(resume?.finished ?? []),
		failed: new Set(),
		operations: new Map(resume?.operations ?? []),
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
		proof,
		leaseLost: run.lost,
	};
}
