import { fateByTag } from "../apply/query-history.ts";
import type { JournalState } from "../apply/read-journal.ts";
import type { Progress } from "../apply/run.ts";
import { operationTag } from "../apply/run-operation.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { diff } from "../diff/diff.ts";
import { catalogOf, NO_DIRECTIVES, type ObjectModel } from "../model/catalog.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Connection } from "../model/port.ts";
import type { Properties } from "../model/value.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Interrupted } from "./recovery.ts";

interface SavedModel {
	readonly kind: string;
	readonly name: readonly string[];
	readonly owner: string | null;
	readonly properties: Properties;
}

/** The model a plan leads to, as it was saved. */
function plannedModel(plan: Plan, key: string): ObjectModel | undefined {
	const saved = plan.models[key] as unknown as SavedModel | undefined;
	if (!saved) return undefined;
	const { kind, name, owner, properties } = saved;
	return {
		kind,
		name,
		properties,
		directives: NO_DIRECTIVES,
		...(owner === null ? {} : { owner }),
	};
}

/**
 * Whether an object is as a deployment that was cut off has left it. What all of its steps are done with is
 * as planned; what is half done is not judged here, since the journal says with which operation it goes on.
 */
export function isAsLeft(
	plan: Plan,
	journal: JournalState,
	key: string,
	live: ObjectModel | undefined,
): boolean {
	const steps = plan.steps.filter((step) => `${step.kind} ${step.object}` === key);
	const begun = steps.filter((s) => journal.finished.has(s.id) || journal.operations.has(s.id));
	// The old name of something renamed has no steps of its own.
	if (steps.length === 0) return journal.finished.size > 0;
	if (begun.length === 0) return false;
	if (steps.some((step) => !journal.finished.has(step.id))) return true;
	if (steps.some((step) => step.action === "drop")) return live === undefined;
	const planned = plannedModel(plan, key);
	if (!planned || !live) return false;
	return diff(catalogOf([live]), catalogOf([planned]), () => true).changes.length === 0;
}

/** A migration goes on at its own statement, which its record knows: the step as it is planned now. */
function goingOn(step: Step, current: Plan): Step {
	if (step.action !== "migrate") return step;
	const now = current.steps.find((s) => s.id === step.id);
	return now?.migration && now.migration.checksum === step.migration?.checksum
		? { ...now, dependsOn: step.dependsOn }
		: step;
}

/** The rest of a plan that was cut off, with the steps that are done marked as such by `progress`. */
export function remainingPlan<P extends Plan>(saved: P, current: Plan, journal: JournalState): P {
	return {
		...saved,
		steps: saved.steps.map((step) =>
			journal.operations.has(step.id) && !journal.finished.has(step.id)
				? goingOn(step, current)
				: step,
		),
	};
}

/** How far a deployment came. What was under way when it was cut off is looked up in the query history. */
export async function progressOf(
	connection: Connection,
	records: QualifiedName,
	{ id, journal }: Interrupted,
	steps: readonly Step[],
): Promise<Progress> {
	const operations = new Map(journal.operations);
	for (const { step, operation, at } of journal.undecided) {
		// What only reads is asked again: its answer is what matters, and that is lost.
		const begun = steps.find((s) => s.id === step)?.operations[operation];
		if (begun && begun.do !== "execute") continue;
		const fate = await fateByTag(connection, records, operationTag(id, step, operation), at);
		if (fate.state === "running")
			throw new DeployError(EXIT.unavailable, {
				severity: "error",
				code: "STILL_RUNNING",
				summary: `${step}: query ${fate.queryId} of the deployment that was cut off is still running`,
				hint: "wait until it has finished, or cancel it: SELECT SYSTEM$CANCEL_QUERY(…), then apply again",
			});
		if (fate.state === "succeeded") operations.set(step, operation + 1);
	}
	const { finished, captured, proof, sequence } = journal;
	return { finished, operations, captured, proof, sequence };
}
