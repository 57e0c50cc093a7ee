import type { ObjectModel } from "../model/catalog.ts";
import { applies, defaultOf } from "../objects/define/effective.ts";
import { objectType } from "../objects/index.ts";

/**
 * The object as it will be: what files declare, and, where they say nothing and there is no default to
 * fall back on, what the account has. This is what a replacement must say in full, or lose.
 */
export function mergedModel(from: ObjectModel, to: ObjectModel): ObjectModel {
	const kept = objectType(to.kind).properties.flatMap((property) => {
		if (!applies(property, to.properties)) return [];
		const declared = to.properties[property.name];
		const undeclared =
			defaultOf(property, to.properties) === undefined ||
			property.compare === "declared" ||
			to.directives.ignore.includes(property.name);
		// What cannot be read back, or is only a hash, cannot be carried over.
		const readable = property.compare !== "never" && property.compare !== "hashed";
		const value = declared ?? (undeclared && readable ? from.properties[property.name] : undefined);
		return value === undefined || value === null ? [] : [[property.name, value] as const];
	});
	return { ...to, properties: Object.fromEntries(kept) };
}
