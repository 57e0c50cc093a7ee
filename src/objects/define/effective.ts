import type { ObjectModel } from "../../model/catalog.ts";
import { type Properties, sameValue, type Value } from "../../model/value.ts";
import type { Property } from "./property.ts";

/** Whether a property means anything for an object with these properties. */
export function applies(property: Property, properties: Properties): boolean {
	if (!property.when) return true;
	const value = properties[property.when.property] ?? null;
	return property.when.in.some((v) => sameValue(v, value));
}

/** The value that holds when none is written; undefined when the documentation gives none. */
export function defaultOf(property: Property, properties: Properties): Value | undefined {
	return typeof property.default === "function" ? property.default(properties) : property.default;
}

/** The value that holds: the written one, else the default. */
export function effective(property: Property, properties: Properties): Value | undefined {
	return properties[property.name] ?? defaultOf(property, properties);
}

/** Whether two values mean the same for this property. */
export function sameFor(property: Property, a: Value | undefined, b: Value | undefined): boolean {
	const canonical = (v: Value | undefined) =>
		v !== undefined && v !== null && property.canonical ? property.canonical(v) : v;
	return sameValue(canonical(a) ?? null, canonical(b) ?? null);
}

/** The model with every property that only repeats its default left out: what a person would write. */
export function withoutDefaults(properties: readonly Property[], model: ObjectModel): ObjectModel {
	const kept = properties.flatMap((p) => {
		const value = model.properties[p.name];
		const idle =
			value === undefined ||
			value === null ||
			!applies(p, model.properties) ||
			(!p.required && sameFor(p, value, defaultOf(p, model.properties)));
		return idle ? [] : [[p.name, value] as const];
	});
	return { ...model, properties: Object.fromEntries(kept) };
}
