import { formatName, type QualifiedName } from "../model/identifier.ts";
import { objectType } from "../objects/index.ts";
import type { Step } from "./plan.ts";

/** Recoveries run before everything else. */
export function recoveriesFirst(
	recovers: readonly Step[],
	steps: readonly Step[],
): readonly Step[] {
	if (recovers.length === 0) return steps;
	const ids = recovers.map((step) => step.id);
	return [
		...recovers,
		...steps.map((step) => ({ ...step, dependsOn: [...ids, ...step.dependsOn] })),
	];
}

/**
 * The database and the schema that the records are kept in are made before any migration runs, so that there is a
 * place to write down how far it came.
 */
export function recordsFirst(
	steps: readonly Step[],
	records: QualifiedName | undefined,
): readonly Step[] {
	if (!records) return steps;
	const migrations = new Set(steps.filter((s) => s.action === "migrate").map((s) => s.id));
	const places = records.map((_, i) => formatName(records.slice(0, i + 1)));
	const isPlace = (step: Step) =>
		step.action === "create" &&
		places.includes(step.object) &&
		objectType(step.kind).opens !== undefined;
	const made = steps
		.filter(isPlace)
		.map((step) => ({ ...step, dependsOn: step.dependsOn.filter((id) => !migrations.has(id)) }));
	const ids = new Set(made.map((step) => step.id));
	if (migrations.size === 0 || ids.size === 0) return steps;
	// What they need besides each other would have to come first as well; nothing does in practice.
	if (made.some((step) => step.dependsOn.some((id) => !ids.has(id)))) return steps;
	const rest = steps
		.filter((step) => !ids.has(step.id))
		.map((step) =>
			migrations.has(step.id)
				? { ...step, dependsOn: [...new Set([...ids, ...step.dependsOn])].sort() }
				: step,
		);
	return [...made, ...rest];
}
