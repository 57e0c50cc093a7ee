import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { Health } from "../objects/define/object-type.ts";
import { objectType } from "../objects/index.ts";
import { dependents } from "../plan/choreograph.ts";
import type { Plan } from "../plan/plan.ts";

/** How one object does after a run. */
export interface Finding {
	readonly object: ObjectKey;
	readonly what: string;
	/** Null: it was not there, or nobody could tell. */
	readonly before: string | null;
	readonly after: string;
	/**
	 * `healthy`: it works, or is as it was or as files declare it. `unhealthy before`: it was no better before the run.
	 * `announced`: it is not, and the plan had said so with a hazard that was accepted. `unhealthy`: it is not.
	 */
	readonly verdict: "healthy" | "unhealthy before" | "announced" | "unhealthy";
	/** The value that files declare is the one it has. */
	readonly declared: boolean;
}

/** The account before and after a run, and what files declare. */
export interface Seen {
	readonly before: Catalog;
	readonly after: Catalog;
	readonly desired: Catalog;
}

/** A migration can change anything, and a recovery what the deployment before it did. */
function reachesFar(plan: Plan): boolean {
	return plan.steps.some(({ action }) => action === "migrate" || action === "recover");
}

/** What a plan touches, and everything that depends on it; what is in a container does not depend on it here. */
function concerned(plan: Plan, { before, after }: Seen): ReadonlySet<ObjectKey> {
	if (reachesFar(plan)) return new Set(after.objects.keys());
	// Both: what lost its source does not name it any more.
	const waiting = [dependents(before), dependents(after)];
	const found = new Set<ObjectKey>();
	const queue = plan.steps.map((step) => `${step.kind} ${step.object}`);
	for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
		if (found.has(key)) continue;
		found.add(key);
		const object = after.objects.get(key) ?? before.objects.get(key);
		if (object && objectType(object.kind).opens === undefined)
			queue.push(...waiting.flatMap((one) => one.of(key)).map(objectKey));
	}
	return found;
}

function verdictOf(
	health: Health,
	value: string,
	before: string | null,
	declared: string | undefined,
	plan: Plan,
	key: ObjectKey,
): Finding["verdict"] {
	// A migration may mean to stop something; files that say otherwise are compared.
	const expected = declared ?? (reachesFar(plan) ? value : before) ?? value;
	if (health.works.includes(value) || (health.rests.includes(value) && value === expected))
		return "healthy";
	const steps = plan.steps.filter((step) => `${step.kind} ${step.object}` === key);
	const made = steps.some(({ action }) => action === "create" || action === "replace");
	const sick = before !== null && !health.works.includes(before) && !health.rests.includes(before);
	if (sick && !made) return "unhealthy before";
	const announced = plan.steps.some((step) =>
		step.hazards.some(({ level, object }) => level === "refuse" && object === key),
	);
	return announced ? "announced" : "unhealthy";
}

function findingOf(object: ObjectModel, plan: Plan, seen: Seen): readonly Finding[] {
	const { health } = objectType(object.kind);
	const after = health?.value(object);
	if (!health || after === undefined) return [];
	const key = objectKey(object);
	const earlier = seen.before.objects.get(key);
	const files = seen.desired.objects.get(key);
	const before = (earlier && health.value(earlier)) ?? null;
	const declared = files && health.declared?.(files);
	return [
		{
			object: key,
			what: health.what,
			before,
			after,
			verdict: verdictOf(health, after, before, declared, plan, key),
			declared: declared === after,
		},
	];
}

/** How everything does that a plan touched or that depends on it, as far as the account tells. */
export function healthOf(plan: Plan, seen: Seen): readonly Finding[] {
	const keys = concerned(plan, seen);
	return [...seen.after.objects.values()]
		.filter((object) => keys.has(objectKey(object)))
		.flatMap((object) => findingOf(object, plan, seen));
}

/** A finding that is not healthy, as something to tell: an error where the run is to answer for it. */
export function healthDiagnostic(finding: Finding, after: Catalog): Diagnostic {
	const { object, what, before, verdict } = finding;
	const model = after.objects.get(object);
	const health = model && objectType(model.kind).health;
	const why = model && health?.why?.(model);
	const was = before === null || before === finding.after ? "" : `, and was ${before} before`;
	const about = {
		healthy: "",
		"unhealthy before": " as it was before this deployment",
		announced: ", as the plan said it would be",
		unhealthy: was,
	}[verdict];
	return {
		severity: verdict === "unhealthy" ? "error" : "warning",
		code: "UNHEALTHY",
		summary: `${object}: ${what} is ${finding.after}${why === undefined ? "" : ` (${why})`}${about}`,
		...(model && health ? { hint: health.advice(formatName(model.name)) } : {}),
	};
}
