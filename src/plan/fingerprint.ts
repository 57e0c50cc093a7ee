import { createHash } from "node:crypto";
import type { ObjectModel } from "../model/catalog.ts";
import { canonicalJson } from "../model/value.ts";
import { objectType } from "../objects/index.ts";

/**
 * The hash of an object as the account has it, over what is compared: runtime state that nobody declares,
 * and what cannot be read, do not make a plan stale.
 */
export function objectHash(model: ObjectModel | undefined): string | null {
	if (!model) return null;
	const compared = objectType(model.kind).properties.flatMap((property) => {
		const value = model.properties[property.name];
		if (
			property.compare === "never" ||
			property.compare === "hashed" ||
			value === undefined ||
			value === null
		)
			return [];
		return [[property.name, property.canonical ? property.canonical(value) : value] as const];
	});
	const content = {
		kind: model.kind,
		name: model.name,
		owner: model.owner ?? null,
		properties: Object.fromEntries(compared),
	};
	return createHash("sha256").update(canonicalJson(content)).digest("hex");
}
