import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Change } from "../diff/diff.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import type { States } from "./choreograph.ts";

/** What files declare in a container, and the account has there. */
function contents(container: ObjectModel, { live, desired }: States): readonly ObjectModel[] {
	return [...desired.objects.values()].filter(
		({ name, kind, declared }) =>
			declared !== undefined &&
			name.length > container.name.length &&
			container.name.every((part, i) => part === name[i]) &&
			live.objects.has(objectKey({ kind, name })),
	);
}

/**
 * Refuses to make a container anew that has something in it. Everything there would go, and the rest of the plan was
 * made for what is there now. Throws a DeployError (exit 65) that names what is in each.
 */
export function refuseFilledContainers(changes: readonly Change[], states: States): void {
	const problems = changes.flatMap(({ action, kind, to }): readonly Diagnostic[] => {
		if (action !== "replace" || !to || objectType(kind).opens === undefined) return [];
		const inside = contents(to, states).map(objectKey).sort();
		if (inside.length === 0) return [];
		const more = inside.length > 3 ? ` and ${inside.length - 3} more` : "";
		return [
			errorAt(
				to.declared?.name,
				"CANNOT_CHANGE",
				`${objectKey(to)} would have to be made anew, and ${inside.slice(0, 3).join(", ")}${more} would go with it`,
				{
					hint: "declare another one beside it, move what is in it there (rename or copy in a migration), and delete this one's CREATE then",
				},
			),
		];
	});
	if (problems.length > 0) throw new DeployError(EXIT.input, problems);
}
