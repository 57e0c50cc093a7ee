import type { ObjectModel } from "../../model/catalog.ts";
import type { Value } from "../../model/value.ts";
import { applies, defaultOf, effective, sameFor } from "./effective.ts";
import type { ObjectType } from "./object-type.ts";
import type { Property, PropertyChange } from "./property.ts";

/** How secrets are compared: whether the stored hash belongs to this value; undefined when the value is not at hand. */
export type SecretMatch = (stored: Value | undefined, value: Value) => boolean | undefined;

function isCompared(property: Property, from: ObjectModel, to: ObjectModel): boolean {
	if (to.directives.ignore.includes(property.name)) return false;
	if (!applies(property, to.properties)) return false;
	const written = to.properties[property.name] !== undefined;
	if (property.compare === "reported")
		return written && from.properties[property.name] !== undefined;
	return (
		property.compare === "always" ||
		((property.compare === "declared" || property.compare === "hashed") && written)
	);
}

function howOf(
	property: Property,
	from: Value | undefined,
	to: Value | undefined,
	models: { from: ObjectModel; to: ObjectModel },
): PropertyChange["how"] {
	const gone = to === undefined || to === null;
	if (gone && property.unset === "replace") return "replace";
	return typeof property.change === "function"
		? property.change(from, to, models)
		: property.change;
}

/**
 * Whether nobody ever wrote this property, and its default only follows another one that changed: a new file
 * format of type JSON has the NULL_IF of that type without anyone having asked for it.
 */
function onlyFollows(
	type: ObjectType,
	change: PropertyChange,
	{ from, to }: { readonly from: ObjectModel; readonly to: ObjectModel },
): boolean {
	const property = type.properties.find((p) => p.name === change.property);
	return (
		typeof property?.default === "function" &&
		to.properties[property.name] === undefined &&
		sameFor(property, change.from, property.default(from.properties))
	);
}

/**
 * The differences of two models of one object, property by property: what `to` says and `from` is not.
 * What `to` neither writes nor has a default for is not compared.
 */
export function compareObject(
	type: ObjectType,
	from: ObjectModel,
	to: ObjectModel,
	secretMatches: SecretMatch,
): readonly PropertyChange[] {
	const changes = differences(type, from, to, secretMatches);
	const own = changes.filter((change) => !onlyFollows(type, change, { from, to }));
	// Made anew, the object gets its defaults by itself; altered in place, it keeps the old ones.
	return own.some((change) => change.how === "replace") ? own : changes;
}

function differences(
	type: ObjectType,
	from: ObjectModel,
	to: ObjectModel,
	secretMatches: SecretMatch,
): readonly PropertyChange[] {
	const models = { from, to };
	return type.properties.flatMap((property): readonly PropertyChange[] => {
		if (!isCompared(property, from, to)) return [];
		const after = effective(property, to.properties);
		if (after === undefined) return [];
		const applied = applies(property, from.properties);
		// What meant nothing before and is not written now takes its default by itself.
		if (!applied && to.properties[property.name] === undefined) return [];
		const before = applied ? effective(property, from.properties) : undefined;
		if (property.compare === "hashed") {
			if (secretMatches(before, after) !== false) return [];
		} else if (sameFor(property, before, after)) return [];
		if (property.differences) return property.differences(before, after, models);
		const change = {
			property: property.name,
			from: before,
			to: after,
			how: howOf(property, before, after, models),
		};
		return [
			{
				...change,
				hazards: property.hazards?.(before, after, models) ?? [],
				emits: property.emits,
			},
		];
	});
}

/** What ALTER must still set once an object is created: written properties that CREATE cannot say. */
export function createdChanges(type: ObjectType, to: ObjectModel): readonly PropertyChange[] {
	return type.properties.flatMap((property) => {
		const value = to.properties[property.name];
		const initial = defaultOf(property, to.properties);
		if (
			property.clause.place !== "alter" ||
			value === undefined ||
			sameFor(property, value, initial)
		)
			return [];
		return [
			{
				property: property.name,
				from: initial,
				to: value,
				how: "alter" as const,
				hazards: [],
				emits: [],
			},
		];
	});
}
