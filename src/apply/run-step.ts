import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { StatementError } from "../model/port.ts";
import type { Step } from "../plan/plan.ts";
import { withOutcome } from "./deployments.ts";
import { recordStep } from "./ledger.ts";
import { readJournal } from "./read-journal.ts";
import { guard, isGone } from "./restore.ts";
import type { Run } from "./run.ts";
import { runOperation } from "./run-operation.ts";

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
			runOperation(connection, step, index, operation, context).catch((error: unknown) => {
				// What Snowflake refused was not done; of anything else nobody knows.
				if (!isRefusal(error)) run.operations.set(step.id, index + 1);
				throw error;
			}),
		);
		run.operations.set(step.id, index + 1);
	}
}

function isRefusal(error: unknown): boolean {
	return error instanceof DeployError && error.cause instanceof StatementError;
}

/** A refusal that is nobody's statement is one of the records: it fails what it belongs to, and the rest ends properly. */
export function expected(error: unknown): DeployError {
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

/** Runs one step and writes down how it ended; a refusal fails the step, not the run. */
export async function runStep(step: Step, run: Run): Promise<void> {
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
