import type { Records } from "../apply/records.ts";
import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Catalog, ObjectKey } from "../model/catalog.ts";
import type { Plan } from "../plan/plan.ts";
import { recordedModel } from "./recorded.ts";

/** Whether the object was protected when it was last applied: its file, and the directive with it, may be gone. */
export function wasProtected(records: Records, key: ObjectKey): boolean {
	const entry = records.ledger.get(key);
	return entry !== undefined && recordedModel(entry).directives.protect;
}

/**
 * `-- protect` refuses the drop and the replacement of an object outright, whatever sets it off, also after
 * its CREATE and the directive are gone from the files. Throws a DeployError (exit 65).
 */
export function refuseProtected(plan: Plan, desired: Catalog, records: Records): void {
	const refused = plan.steps.flatMap((step): Diagnostic[] => {
		const key = `${step.kind} ${step.object}`;
		const declared = desired.objects.get(key);
		if (step.action === "drop" && wasProtected(records, key))
			return [
				errorAt(undefined, "PROTECTED", `${key} is protected and would be dropped`, {
					hint: "put its CREATE back without the -- protect line and apply, then delete it",
				}),
			];
		if (step.action !== "replace" || !declared?.directives.protect) return [];
		return [
			errorAt(
				declared.declared?.name,
				"PROTECTED",
				`${key} is protected and would be made anew: ${step.reason}`,
				{
					hint: "take the -- protect line away, or take the change back",
				},
			),
		];
	});
	if (refused.length > 0) throw new DeployError(EXIT.input, refused);
}

/**
 * An object that the ledger has and SHOW does not is never created over: somebody dropped it, or this role
 * cannot see it, and only a person can tell. Throws a DeployError (exit 3).
 */
export function refuseMissing(
	desired: Catalog,
	live: Catalog,
	records: Records,
	role: string,
): void {
	const missing = [...desired.objects].flatMap(([key, object]): Diagnostic[] => {
		if (!records.ledger.has(key) || live.objects.has(key)) return [];
		return [
			errorAt(
				object.declared?.name,
				"OBJECT_MISSING",
				`${key} was deployed here and is not shown any more`,
				{
					detail: `either it was dropped, and what it held is gone with it, or role ${role} cannot see it`,
					hint: `if it is gone: snowline forget ${JSON.stringify(key)}, and the next plan creates it anew; if it is hidden: grant ${role} a privilege on it`,
				},
			),
		];
	});
	if (missing.length > 0) throw new DeployError(EXIT.refused, missing);
}
