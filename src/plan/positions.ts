import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import type { Change } from "../diff/diff.ts";
import { type ObjectKey, type ObjectModel, objectKey, withObjects } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import { objectType } from "../objects/index.ts";
import { dependents, type States } from "./choreograph.ts";

/** Everything that depends on an object, directly or through others. */
function reach(key: ObjectKey, states: States): readonly ObjectModel[] {
	const waiting = dependents(withObjects(states.live, states.desired.objects.values()));
	const found = new Map<ObjectKey, ObjectModel>();
	const queue = [...waiting.of(key)];
	for (let object = queue.pop(); object; object = queue.pop()) {
		if (found.has(objectKey(object))) continue;
		found.set(objectKey(object), object);
		queue.push(...waiting.of(objectKey(object)));
	}
	return [...found.values()];
}

/**
 * What would miss that columns of a changed object get other places: whatever fills it, or reads it or what hands
 * it on, by places.
 */
export function positionConflicts(change: Change, states: States): readonly Diagnostic[] {
	const around = reach(objectKey(change), states);
	const names = new Set([change, ...around].map((object) => formatName(object.name)));
	return around.flatMap((object) => {
		const at = objectType(object.kind)
			.positional?.(object)
			.find((name) => names.has(formatName(name)));
		if (!at) return [];
		return [
			errorAt(
				change.to?.declared?.name,
				"CANNOT_CHANGE",
				`${objectKey(change)}: a changed column goes to the end, and ${objectKey(object)} works with ${formatName(at)} by the places of columns`,
				{ hint: `list the columns in ${objectKey(object)} first` },
			),
		];
	});
}
