import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { StatementError } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { ABSENT } from "./absent.ts";
import type { Journal } from "./journal.ts";
import { type OperationContext, runOperation } from "./run-operation.ts";
import type { Sessions } from "./sessions.ts";

/** The steps one of which, when it is finished, has let go again what a step holds. */
function releases(hold: string): readonly string[] {
	return [hold.replace(/^hold /, "release "), hold.replace(/^hold /, "settle ")];
}

/** Whether a step holds something that has not been let go. */
export function isOpenHold(step: string, finished: ReadonlySet<string>): boolean {
	return !releases(step).some((id) => finished.has(id));
}

/** Writes down what will have to be restored, before a step changes anything. */
export function guard(journal: Journal, step: Step): void {
	if (step.restore.length === 0) return;
	journal.note({
		step: step.id,
		operation: 0,
		event: "guard",
		name: `${step.kind} ${step.object}`,
		value: JSON.stringify(step.restore),
	});
}

/** What is gone has no state to restore. */
export function isGone(error: unknown): boolean {
	return (
		error instanceof DeployError &&
		error.cause instanceof StatementError &&
		ABSENT.has(error.cause.code)
	);
}

async function runRestore(
	step: Step,
	index: number,
	operation: Operation,
	sessions: Sessions,
	context: OperationContext,
): Promise<readonly Diagnostic[]> {
	const { files } = operation;
	// Nothing was captured, so nothing was done.
	if (files && "window" in files && !context.captured.has(files.window)) return [];
	try {
		await sessions.use(operation.role, (connection) =>
			runOperation(connection, step, step.operations.length + index, operation, context),
		);
		return [];
	} catch (error) {
		if (isGone(error)) return [];
		if (!(error instanceof DeployError) || error.exitCode === EXIT.locked) throw error;
		return error.diagnostics;
	}
}

/** Held objects that were not let go get their state back, the last one held first. Gives what could not be restored. */
export async function restoreHeld(
	steps: readonly Step[],
	started: ReadonlySet<string>,
	finished: ReadonlySet<string>,
	sessions: Sessions,
	context: OperationContext,
	restored: (step: Step) => void,
): Promise<readonly Diagnostic[]> {
	const problems: Diagnostic[] = [];
	for (const step of steps.toReversed()) {
		if (step.restore.length === 0 || !started.has(step.id) || !isOpenHold(step.id, finished))
			continue;
		const before = problems.length;
		for (const [index, operation] of step.restore.entries())
			problems.push(...(await runRestore(step, index, operation, sessions, context)));
		if (problems.length > before) continue;
		context.journal.note({ step: step.id, operation: 0, event: "restored" });
		restored(step);
	}
	return problems;
}
