import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Catalog } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { type Finding, healthDiagnostic, healthOf } from "./health.ts";
import type { PlanResult } from "./plan-project.ts";

function keyOf(step: Step): string {
	return `${step.kind} ${step.object}`;
}

function text(value: unknown): string {
	return value === null || value === undefined ? "(none)" : JSON.stringify(value);
}

function notConverged(left: readonly Step[]): Diagnostic {
	const lines = left.flatMap((step) =>
		step.changes.length === 0
			? [`${step.id}: ${step.reason}`]
			: step.changes.map(
					(c) => `${keyOf(step)} ${c.property}: is ${text(c.from)}, not ${text(c.to)}`,
				),
	);
	return {
		severity: "error",
		code: "NOT_CONVERGED",
		summary: "the plan was run, and the account still differs from the files",
		detail: lines.join("\n"),
		hint: "plan again: the account may write a value otherwise than it was given, or somebody changed it meanwhile",
	};
}

/** What the account shows after a run. */
export interface Verification {
	/** How much of what the plan touched still differs from the files. */
	readonly differences: number;
	/** How everything does that the plan touched or that depends on it. */
	readonly health: readonly Finding[];
	/** Steps of another plan, where migrations decided something that this one could not. */
	readonly next: readonly string[];
	/** What has to be seen to outside Snowflake, as the account tells it now. */
	readonly handoffs: Plan["handoffs"];
	/** What is not as it should be. */
	readonly failures: readonly Diagnostic[];
	/** What is not as it should be, and was not before, or was announced. */
	readonly warnings: readonly Diagnostic[];
}

function handoffsOf(plan: Plan, live: Catalog): Plan["handoffs"] {
	return plan.handoffs.flatMap(({ object: key }) => {
		const object = live.objects.get(key);
		const lines = object ? (objectType(object.kind).handoff?.(object) ?? []) : [];
		return [{ object: key, lines: [...lines] }];
	});
}

/**
 * Compares the account, read anew after the run, with what the plan was to bring about: another plan has nothing to
 * do with what this one touched, and everything that worked before still works.
 */
export function verify(
	plan: Plan,
	before: Catalog,
	after: Pick<PlanResult, "plan" | "live">,
	desired: Catalog,
): Verification {
	const touched = new Set([...plan.steps.map(keyOf), ...plan.adopts]);
	const left = after.plan.steps.filter((step) => touched.has(keyOf(step)));
	const health = healthOf(plan, { before, after: after.live, desired });
	const told = health
		.filter(({ verdict }) => verdict !== "healthy")
		.map((finding) => healthDiagnostic(finding, after.live));
	return {
		differences: left.length,
		health,
		next: after.plan.steps.filter((step) => !left.includes(step)).map((step) => step.id),
		handoffs: handoffsOf(plan, after.live),
		failures: [
			...(left.length > 0 ? [notConverged(left)] : []),
			...told.filter(({ severity }) => severity === "error"),
		],
		warnings: told.filter(({ severity }) => severity !== "error"),
	};
}
