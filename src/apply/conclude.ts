import { type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { withOutcome } from "./deployments.ts";
import { leaseLost } from "./lease.ts";
import { restoreHeld } from "./restore.ts";
import type { ApplyOptions, Run } from "./run.ts";
import { expected } from "./run-step.ts";

/** What stands in the way of a proper end belongs to the result, which also says what was done. */
export async function concluded(run: Run): Promise<void> {
	try {
		await conclude(run);
	} catch (thrown) {
		const error = expected(thrown);
		if (error.exitCode === EXIT.locked) run.lost = true;
		run.failures.push(...error.diagnostics);
	}
}

/** What verification finds; that it could not be made is a failure of the deployment, which still ends properly. */
async function verified({ verify }: ApplyOptions): Promise<readonly Diagnostic[]> {
	try {
		return (await verify?.()) ?? [];
	} catch (thrown) {
		return expected(thrown).diagnostics;
	}
}

/** Restores what is still held; gives what could not be, with what becomes of it. */
async function restored(run: Run): Promise<readonly Diagnostic[]> {
	const { plan, options, sessions } = run;
	const problems = await restoreHeld(
		plan.steps,
		{ started: run.started, finished: run.done, operations: run.operations },
		sessions,
		{ ...run.context, signal: new AbortController().signal },
		(step) => options.report({ type: "restored", step }),
	);
	return problems.map((problem) => ({
		hint: "it was not brought back to what it was: the next apply begins with that",
		...problem,
	}));
}

/** After the last step: restore what is still held, write everything down, close the deployment. */
async function conclude(run: Run): Promise<void> {
	const { plan, options, journal, ledger, failures } = run;
	if (run.lost || !run.lease) return;
	const { aborted } = options.signal;
	if (aborted) options.report({ type: "interrupted" });
	const broken = failures.length > 0 || aborted;
	const left = broken ? await restored(run) : [];
	failures.push(...left);
	if (!broken)
		for (const key of plan.adopts)
			if (!plan.steps.some((s) => `${s.kind} ${s.object}` === key)) await ledger.remember(key);
	await ledger.flush();
	if (!broken) failures.push(...(await verified(options)));
	// What could not be restored is what the next deployment begins with, so this one is not over.
	if (left.length > 0) return;
	const outcome = aborted ? "interrupted" : failures.length > 0 ? "failed" : "done";
	await journal.record(
		withOutcome(options.records, plan.project, options.deployment, outcome, options.now()),
	);
}

/** A run that hears from its heartbeat that the lease is lost has no step that failed. */
export function failuresOf({ failures, lost }: Run): readonly Diagnostic[] {
	const [diagnostic] = leaseLost().diagnostics;
	const told = failures.some((failure) => failure.code === diagnostic?.code);
	return lost && !told && diagnostic ? [...failures, diagnostic] : failures;
}
