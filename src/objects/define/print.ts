import type { Span } from "../../diagnostics/source.ts";
import type { ObjectModel } from "../../model/catalog.ts";
import { formatName } from "../../model/identifier.ts";
import { applies, defaultOf } from "./effective.ts";
import type { ArrangedStatement, ObjectType, Setting } from "./object-type.ts";
import type { ChangeContext, Property, PropertyChange } from "./property.ts";

/** A piece of a statement, and the property it prints; `verbatim` pieces end with the user's own text. */
export interface Fragment {
	readonly text: string;
	readonly property?: string;
	readonly verbatim?: boolean;
}

/** A statement in pieces, so that an error in it finds its way back to the line a person wrote. */
export type Fragments = readonly Fragment[];

/** The statement's text. */
export function sqlOf(fragments: Fragments): string {
	return fragments.map((f) => f.text).join("");
}

function printed(property: Property, model: ObjectModel): Fragment | undefined {
	const value = model.properties[property.name];
	if (value === undefined || value === null) return undefined;
	const text = property.clause.print(value, model.properties);
	return text === ""
		? undefined
		: { text, property: property.name, verbatim: property.clause.verbatim };
}

/** `CREATE [OR REPLACE] … ` of a model: its modifiers, its clauses a line each in the table's order, its body last. */
export function printCreate(
	type: ObjectType,
	model: ObjectModel,
	options: { readonly replace?: boolean } = {},
): Fragments {
	const parts = type.properties.flatMap((property) => {
		if (!applies(property, model.properties)) return [];
		const fragment = printed(property, model);
		const { place, attached } = property.clause;
		return fragment ? [{ place: attached ? "attached" : place, fragment }] : [];
	});
	const at = (place: string) => parts.filter((p) => p.place === place).map((p) => p.fragment);
	const keeping = options.replace ? type.replaceWith : [];
	const words = ["CREATE", ...(options.replace ? ["OR REPLACE"] : [])].join(" ");
	return [
		{ text: words },
		...at("modifier").map((f) => ({ ...f, text: ` ${f.text}` })),
		{ text: ` ${type.kind} ${formatName(model.name)}` },
		...at("attached").map((f) => ({ ...f, text: ` ${f.text}` })),
		...at("clause").map((f) => ({
			...f,
			text: `\n  ${f.verbatim ? f.text : f.text.replaceAll("\n", "\n  ")}`,
		})),
		...keeping.map((words) => ({ text: `\n  ${words}` })),
		...at("body").map((f) => ({ ...f, text: `\n${f.text}` })),
	];
}

/** What an unset value becomes where a kind has no UNSET: its default, or the empty text. */
function settingFor(property: Property, change: PropertyChange, context: ChangeContext): Setting {
	const gone = change.to === undefined || change.to === null;
	if (!gone) return { property, value: change.to };
	if (property.unset === "empty") return { property, value: "" };
	if (property.unset === "default")
		return { property, value: defaultOf(property, context.to.properties) };
	return { property, value: undefined };
}

/** One statement that sets some properties and one that unsets others. */
function settingStatements(object: string, settings: readonly Setting[]): readonly Fragments[] {
	const set = settings.filter((s) => s.value !== undefined);
	const unset = settings.filter((s) => s.value === undefined);
	const statements: Fragments[] = [];
	if (set.length > 0)
		statements.push([
			{ text: `ALTER ${object} SET` },
			...set.map((s) => ({
				text: `${set.length > 1 ? "\n  " : " "}${s.property.clause.print(s.value ?? null, {})}`,
				property: s.property.name,
				verbatim: s.property.clause.verbatim,
			})),
		]);
	if (unset.length > 0)
		statements.push([
			{
				text: `ALTER ${object} UNSET ${unset.map((s) => s.property.clause.keywords.join(" ")).join(", ")}`,
			},
		]);
	return statements;
}

/** The property a change belongs to: `COLUMN ID: TYPE` belongs to the one whose `differences` made it. */
function ownerOf(type: ObjectType, change: PropertyChange): Property {
	const exact = type.properties.find((p) => p.name === change.property);
	const owner =
		exact ?? type.properties.find((p) => p.differences && change.property.startsWith(`${p.name} `));
	if (!owner) throw new Error(`${type.kind} has no property for the change ${change.property}`);
	return owner;
}

/** A statement of a change in place; `as` where it is not just run. */
export interface Altering {
	readonly fragments: Fragments;
	readonly as?: ArrangedStatement["as"];
}

/** The statements that bring about changes in place, in the table's order. */
export function printAlter(
	type: ObjectType,
	context: ChangeContext,
	changes: readonly PropertyChange[],
): readonly Altering[] {
	const object = `${type.kind} ${formatName(context.to.name)}`;
	const settings: Setting[] = [];
	const statements: Altering[] = [];
	const arranged: PropertyChange[] = [];
	for (const change of changes) {
		const property = ownerOf(type, change);
		if (type.arrange?.properties.includes(property.name)) arranged.push(change);
		else if (property.alter)
			statements.push(
				...property.alter(change, object, context).map((text) => ({
					fragments: [{ text, property: property.name, verbatim: property.clause.verbatim }],
				})),
			);
		else settings.push(settingFor(property, change, context));
	}
	if (settings.length > 0) {
		const own = type.alter?.(object, context.from, context.to, settings);
		statements.unshift(
			...(own ? own.map((text) => [{ text }]) : settingStatements(object, settings)).map(
				(fragments) => ({ fragments }),
			),
		);
	}
	if (type.arrange && arranged.length > 0)
		statements.push(
			...type.arrange
				.statements(object, context, arranged)
				.map(({ as, ...fragment }) => ({ fragments: [fragment], ...(as && { as }) })),
		);
	return statements;
}

/** Where a fragment's text was written, when files say. */
export function spanOf(model: ObjectModel, fragment: Fragment): Span | undefined {
	if (fragment.property === undefined) return model.declared?.name;
	return model.declared?.properties.get(fragment.property) ?? model.declared?.name;
}
