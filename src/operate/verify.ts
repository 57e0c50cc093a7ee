import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Catalog } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { PlanResult } from "./plan-project.ts";

function keyOf(step: Step): string {
	return `${step.kind} ${step.object}`;
}

function text(value: unknown): string {
	return value === null || value === undefined ? "(none)" : JSON.stringify(value);
}

function notConverged(left: readonly Step[]): DeployError {
	const lines = left.flatMap((step) =>
		step.changes.length === 0
			? [`${step.id}: ${step.reason}`]
			: step.changes.map(
					(c) => `${keyOf(step)} ${c.property}: is ${text(c.from)}, not ${text(c.to)}`,
				),
	);
	return new DeployError(EXIT.failed, {
		severity: "error",
		code: "NOT_CONVERGED",
		summary: "the plan was run, and the account still differs from the files",
		detail: lines.join("\n"),
		hint: "plan again: the account may write a value otherwise than it was given, or somebody changed it meanwhile",
	});
}

/** What the plan held, and what it runs as now. */
function heldLines(plan: Plan, live: Catalog): readonly string[] {
	return plan.steps
		.filter((step) => step.action === "hold")
		.flatMap((step) => {
			const object = live.objects.get(keyOf(step));
			const hold = object && objectType(object.kind).hold;
			if (!object || !hold) return [];
			return [
				`${keyOf(step)}: ${hold.running(object) ? "runs as before" : "stands still, as declared"}`,
			];
		});
}

/** Held objects that were let go and do not run. */
function notRunning(plan: Plan, live: Catalog): readonly string[] {
	return plan.steps
		.filter((step) => step.action === "release")
		.flatMap((step) => {
			const object = live.objects.get(keyOf(step));
			const hold = object && objectType(object.kind).hold;
			return object && hold && !hold.running(object) ? [keyOf(step)] : [];
		});
}

/** The proof that a plan has brought about what it says. */
export interface Proof {
	/** What was shown, in lines. */
	readonly lines: readonly string[];
	/** What another plan would do, where migrations decided something that this one could not. */
	readonly next: readonly string[];
}

/**
 * Compares the account, read anew after the run, with what the plan was to bring about. Throws a DeployError
 * (exit 1) naming each property that is not as it should be.
 */
export function proofOf(plan: Plan, after: PlanResult): Proof {
	const touched = new Set([...plan.steps.map(keyOf), ...plan.adopts]);
	const left = after.plan.steps.filter((step) => touched.has(keyOf(step)));
	if (left.length > 0) throw notConverged(left);
	const stopped = notRunning(plan, after.live);
	if (stopped.length > 0)
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "NOT_RUNNING",
			summary: `it ran before this deployment and does not now: ${stopped.join(", ")}`,
			hint: "look at it with `snowline status`; it may have stopped by itself",
		});
	return {
		lines: ["verified: 0 differences", ...heldLines(plan, after.live)],
		next: after.plan.steps.map((step) => step.id),
	};
}
