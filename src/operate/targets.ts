import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectKey, objectKey } from "../model/catalog.ts";
import { matchesGlob } from "../model/glob.ts";
import { formatName } from "../model/identifier.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";

/** The declared objects a target pattern selects, and everything they need. */
export function targeted(
	desired: Catalog,
	targets: readonly string[],
): ReadonlySet<ObjectKey> | undefined {
	if (targets.length === 0) return undefined;
	const selected = new Set<ObjectKey>();
	const add = (key: ObjectKey): void => {
		const object = desired.objects.get(key);
		if (!object || selected.has(key)) return;
		selected.add(key);
		for (const needed of dependenciesOf(object, desired)) add(objectKey(needed));
	};
	for (const target of targets) {
		const matches = [...desired.objects.values()].filter(
			(o) => matchesGlob(target, formatName(o.name)) || matchesGlob(target, objectKey(o)),
		);
		if (matches.length === 0)
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "TARGET",
				summary: `--target ${target} matches nothing that is declared`,
			});
		for (const object of matches) add(objectKey(object));
	}
	return selected;
}
