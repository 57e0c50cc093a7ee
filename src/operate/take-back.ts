import type { Guard } from "../apply/read-journal.ts";
import { type Catalog, catalogOf, type ObjectKey, withObjects } from "../model/catalog.ts";
import type { Properties } from "../model/value.ts";
import type { Operation, Undo } from "../plan/plan.ts";
import { takenBack } from "../plan/undo.ts";

/** What is to be done about a step that changed something and can be taken back, or is to be finished. */
export interface Settling {
	readonly operations: readonly Operation[];
	/** The account afterwards. */
	readonly live: Catalog;
}

function without(catalog: Catalog, gone: ObjectKey): Catalog {
	return catalogOf([...catalog.objects].flatMap(([key, object]) => (key === gone ? [] : [object])));
}

function withProperties(catalog: Catalog, key: ObjectKey, properties: Properties): Catalog {
	const object = catalog.objects.get(key);
	if (!object) return catalog;
	const changed = { ...object, properties: { ...object.properties, ...properties } };
	return withObjects(catalog, [changed]);
}

/**
 * Where new names were being given when the run ended: each object goes back to how it was, as far as it is not that
 * already, or, once one of the old ones was dropped, what is left is done.
 */
export function settled(
	{ object, restore, final }: Guard,
	{ operations, before, final: finish }: Undo,
	live: Catalog,
): Settling | undefined {
	const target = live.objects.get(object);
	if (!target) return undefined;
	if (final) {
		if (!finish) return undefined;
		const rest = without(live, finish.gone);
		return {
			operations: restore,
			live: withProperties(rest, object, finish.properties as Properties),
		};
	}
	if (before === null)
		return {
			operations: operations.map(({ undoes: _undoes, ...operation }) => operation),
			live: without(live, object),
		};
	const back = takenBack(target, before as Properties, operations[0]?.role);
	if (back.operations.length === 0) return undefined;
	return { operations: back.operations, live: withObjects(live, [back.after]) };
}
