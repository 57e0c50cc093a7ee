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
function isOpenHold(step: string, finished: Reached): boolean {
	return !releases(step).some((id) => finished.has(id));
}

/** What a step that is begun leaves to be done should the run end, as the journal keeps it. */
export interface Guarded extends Pick<Step, "restore" | "undo"> {
	/** The first of its operations that changes something: until then there is nothing to restore. */
	readonly changes: number;
}

/** What a step leaves to be done, and from when on. */
export function guarded({ restore, undo, operations }: Step): Guarded {
	const first = operations.findIndex((operation) => operation.do === "execute");
	return { restore, ...(undo && { undo }), changes: first < 0 ? operations.length : first };
}

/** How far a run came, by the ids of its steps. */
interface Reached {
	has(step: string): boolean;
}

/** Whether what a step changed stays, and is not taken back any more. */
export function isFinal(
	step: string,
	{ undo }: Pick<Guarded, "undo">,
	begun: Reached,
	finished: Reached,
): boolean {
	if (!undo) return true;
	return undo.until.length === 0 ? finished.has(step) : undo.until.some((id) => begun.has(id));
}

/** Whether a step that was begun leaves something to be done; `reached` is how many of its operations are done, or may be. */
export function isOpen(
	step: string,
	guarded: Guarded,
	reached: number,
	begun: Reached,
	finished: Reached,
): boolean {
	const { restore, undo, changes } = guarded;
	if (!undo) return restore.length > 0 && reached > changes && isOpenHold(step, finished);
	if (!isFinal(step, guarded, begun, finished)) return true;
	return restore.length > 0 && !finished.has(undo.over ?? step);
}

/** Writes down what will have to be restored, before a step changes anything. */
export function guard(journal: Journal, step: Step): void {
	const { restore, undo } = step;
	if (restore.length === 0 && !undo) return;
	journal.note({
		step: step.id,
		operation: 0,
		event: "guard",
		name: `${step.kind} ${step.object}`,
		value: JSON.stringify(guarded(step)),
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
		// "Does not exist or not authorized": whether what is held is gone, the next plan sees.
		if (step.action !== "hold" && isGone(error)) return [];
		if (!(error instanceof DeployError) || error.exitCode === EXIT.locked) throw error;
		return error.diagnostics;
	}
}

/** How far a run came. */
interface Progress {
	readonly started: ReadonlySet<string>;
	readonly finished: ReadonlySet<string>;
	/** How many operations of a step are done, or may be. */
	readonly operations: ReadonlyMap<string, number>;
}

/** What is to be run for a step of a run that ends here: to take it back, or to finish it. */
function leftToDo(step: Step, progress: Progress): readonly Operation[] {
	const { started, finished, operations } = progress;
	const { undo, restore } = step;
	if (!undo || isFinal(step.id, step, started, finished)) return restore;
	const done = operations.get(step.id) ?? 0;
	return undo.operations
		.filter(({ undoes }) => undoes < done)
		.map(({ undoes: _undoes, ...operation }) => operation);
}

/**
 * Held objects that were not let go get their state back, and what can be taken back is, the last one first. Gives
 * what could not be restored.
 */
export async function restoreHeld(
	steps: readonly Step[],
	progress: Progress,
	sessions: Sessions,
	context: OperationContext,
	restored: (step: Step) => void,
): Promise<readonly Diagnostic[]> {
	const problems: Diagnostic[] = [];
	const { started, finished, operations } = progress;
	for (const step of steps.toReversed()) {
		const reached = operations.get(step.id) ?? 0;
		if (!started.has(step.id)) continue;
		if (!isOpen(step.id, guarded(step), reached, started, finished)) continue;
		const before = problems.length;
		for (const [index, operation] of leftToDo(step, progress).entries())
			problems.push(...(await runRestore(step, index, operation, sessions, context)));
		if (problems.length > before) continue;
		context.journal.note({ step: step.id, operation: 0, event: "restored" });
		restored(step);
	}
	return problems;
}
