import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import type { Properties } from "../model/value.ts";
import { applies, effective } from "../objects/define/effective.ts";
import { objectType } from "../objects/index.ts";

/** The properties with defaults filled in, as constraints see them. */
function filled(object: ObjectModel): Properties {
	const type = objectType(object.kind);
	const values = type.properties.flatMap((p) => {
		const value = applies(p, object.properties) ? effective(p, object.properties) : undefined;
		return value === undefined ? [] : [[p.name, value] as const];
	});
	return { ...object.properties, ...Object.fromEntries(values) };
}

/**
 * Whether an object's properties can go together: required ones present, others applicable, every constraint
 * held. Where a clause could not be read, constraints would speak of what was meant there, so they do not.
 */
export function validateObject(object: ObjectModel): readonly Diagnostic[] {
	const type = objectType(object.kind);
	const key = objectKey(object);
	const at = (name: string) => object.declared?.properties.get(name) ?? object.declared?.name;
	const unread = object.declared?.unread ?? new Set();
	const diagnostics: Diagnostic[] = [];
	for (const property of type.properties) {
		const value = object.properties[property.name];
		const written = value !== undefined && value !== null;
		const missing = property.required && !written && !unread.has(property.name);
		if (missing && applies(property, object.properties))
			diagnostics.push(
				errorAt(object.declared?.name, "MISSING_PROPERTY", `${key} needs ${property.name}`, {
					hint: property.clause.shape,
				}),
			);
		if (written && property.when && !applies(property, object.properties))
			diagnostics.push(
				errorAt(
					at(property.name),
					"CONSTRAINT",
					`${property.name} means something only where ${property.when.property} is ${property.when.in.map((v) => (v === null ? "not written" : String(v))).join(" or ")}`,
				),
			);
	}
	if (unread.size > 0) return diagnostics;
	const properties = filled(object);
	for (const constraint of type.constraints) {
		if (constraint.holds(properties)) continue;
		const first = constraint.properties.find((name) => object.declared?.properties.has(name));
		diagnostics.push(errorAt(at(first ?? ""), "CONSTRAINT", `${key}: ${constraint.rule}`));
	}
	return [...diagnostics, ...(type.validate?.(object) ?? [])];
}
