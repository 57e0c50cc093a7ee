import fc from "fast-check";
import { type ObjectModel, objectKey } from "../../src/model/catalog.ts";
import { formatName } from "../../src/model/identifier.ts";
import type { Value } from "../../src/model/value.ts";
import type { Domain } from "../../src/objects/define/domain.ts";
import { applies, defaultOf, sameFor } from "../../src/objects/define/effective.ts";
import type { Property } from "../../src/objects/define/property.ts";
import { validateObject } from "../../src/resolve/validate.ts";

/** Objects that references may name, by kind. */
export type World = ReadonlyMap<string, readonly ObjectModel[]>;

/** Text as people put it into comments and options: quotes, backslashes and other alphabets included. */
const TEXT = fc.oneof(
	fc.string({ minLength: 1, maxLength: 20 }),
	fc.constantFrom(
		"it's",
		"a\\b",
		'say "hi"',
		"zwei\nZeilen",
		"naïve – ✓",
		"100%",
		"--not a comment",
		"$$",
	),
);

/** Values of a domain, as fast-check generates them. */
export function arbitrary(domain: Domain, world: World): fc.Arbitrary<Value> {
	switch (domain.type) {
		case "boolean":
			return fc.boolean();
		case "integer": {
			const { min, max } = domain;
			const number = fc.integer({ min, max: Math.min(max, min + 1_000_000) });
			return domain.none
				? fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 6, arbitrary: number })
				: number;
		}
		case "text":
			return TEXT;
		case "enum":
			return fc.constantFrom(...domain.values);
		case "reference": {
			const names = domain.kinds.flatMap((kind) =>
				(world.get(kind) ?? []).map((o) =>
					domain.withKind ? `${kind} ${formatName(o.name)}` : formatName(o.name),
				),
			);
			return fc.constantFrom(...names);
		}
		case "list":
			return fc.uniqueArray(arbitrary(domain.of, world), {
				minLength: Math.max(1, domain.minimum),
				maxLength: 3,
				comparator: "SameValue",
			});
		case "samples":
			return fc.constantFrom(...domain.samples);
	}
}

function isEmpty(domain: Domain, world: World): boolean {
	if (domain.type === "samples") return domain.samples.length === 0;
	if (domain.type === "list") return isEmpty(domain.of, world);
	return (
		domain.type === "reference" &&
		domain.kinds.every((kind) => (world.get(kind) ?? []).length === 0)
	);
}

/** One change of one property: the object before and after, and what the change is called in a plan. */
export interface Pair {
	readonly property: string;
	readonly part: string;
	readonly from: ObjectModel;
	readonly to: ObjectModel;
}

function withValue(base: ObjectModel, property: Property, value: Value | undefined): ObjectModel {
	const rest = Object.fromEntries(
		Object.entries(base.properties).filter(([name]) => name !== property.name),
	);
	return { ...base, properties: value === undefined ? rest : { ...rest, [property.name]: value } };
}

function isValid(model: ObjectModel): boolean {
	return validateObject(model).every((d) => d.severity !== "error");
}

/** Values to try for a property: a few of its domain, those the base has, and its absence. */
function candidates(
	base: ObjectModel,
	property: Property,
	world: World,
	seed: number,
	given?: readonly string[],
): readonly (Value | undefined)[] {
	const { domain } = property.clause;
	const sampled: readonly Value[] = given
		? given
		: isEmpty(domain, world)
			? []
			: fc.sample(arbitrary(domain, world), { numRuns: domain.type === "samples" ? 12 : 6, seed });
	const own = base.properties[property.name];
	const distinct: Value[] = [];
	for (const value of [...(own === undefined ? [] : [own]), ...sampled])
		if (!distinct.some((d) => sameFor(property, d, value))) distinct.push(value);
	return [...distinct.slice(0, 4), ...(property.required || given ? [] : [undefined])];
}

/**
 * Whether going from one value to another is a difference to be compared at all, and one that can be
 * brought about. Where nothing is written and Snowflake chooses, what was before is not known.
 */
function differs(property: Property, from: ObjectModel, to: ObjectModel): boolean {
	const value = (model: ObjectModel) =>
		model.properties[property.name] ?? defaultOf(property, model.properties);
	const before = value(from);
	const after = value(to);
	if (after === undefined) return false;
	if (before === undefined && property.compare !== "always") return false;
	if (property.compare !== "always" && to.properties[property.name] === undefined) return false;
	if (sameFor(property, before, after)) return false;
	return property.differences?.(before, after, { from, to }).every((c) => !c.refused) ?? true;
}

function ring<T>(items: readonly T[]): readonly (readonly [T, T])[] {
	return items.flatMap((item, i) =>
		items.length < 2 ? [] : [[item, items[(i + 1) % items.length] as T] as const],
	);
}

/**
 * Pairs for a property on a base: every value to the next one, round in a ring, where both are valid and
 * they differ. Properties with `variants` take those instead, one aspect at a time.
 */
export function pairsFor(
	base: ObjectModel,
	property: Property,
	world: World,
	seed: number,
	given?: readonly string[],
): readonly Pair[] {
	if (
		property.compare === "never" ||
		property.compare === "hashed" ||
		!applies(property, base.properties)
	)
		return [];
	if (property.variants) {
		const from = base;
		return property
			.variants(base.properties[property.name], base.properties)
			.flatMap(({ part, value }) => {
				const to = withValue(base, property, value);
				return isValid(to) && isValid(from) ? [{ property: property.name, part, from, to }] : [];
			});
	}
	const models = candidates(base, property, world, seed, given)
		.map((value) => withValue(base, property, value))
		.filter(isValid);
	return ring(models)
		.filter(([from, to]) => differs(property, from, to))
		.slice(0, 3)
		.map(([from, to]) => ({ property: property.name, part: property.name, from, to }));
}

/** Everything a property of an object can become, valid with the rest of it and to be brought about. */
export function editsOf(
	base: ObjectModel,
	property: Property,
	world: World,
	seed: number,
): readonly Pair[] {
	if (property.variants) return pairsFor(base, property, world, seed);
	if (property.compare === "never" || property.compare === "hashed") return [];
	if (!applies(property, base.properties)) return [];
	return candidates(base, property, world, seed)
		.map((value) => withValue(base, property, value))
		.filter((to) => isValid(to) && differs(property, base, to))
		.map((to) => ({ property: property.name, part: property.name, from: base, to }));
}

/** The same object under another name, so that many can live side by side. */
export function renamed(model: ObjectModel, suffix: string): ObjectModel {
	return { ...model, name: [...model.name.slice(0, -1), `${model.name.at(-1)}_${suffix}`] };
}

/** The key of a model, for failure messages. */
export function label(pair: Pair): string {
	return `${objectKey(pair.from)}: ${pair.part}`;
}
