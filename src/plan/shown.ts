import { createTwoFilesPatch } from "diff";
import type { Change } from "../diff/diff.ts";
import { NO_DIRECTIVES, type ObjectModel } from "../model/catalog.ts";
import type { Value } from "../model/value.ts";
import { withoutDefaults } from "../objects/define/effective.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import { printCreate, sqlOf } from "../objects/define/print.ts";
import type { PropertyChange } from "../objects/define/property.ts";
import { isSecret } from "../objects/define/value-syntax.ts";
import { objectType } from "../objects/index.ts";
import { mergedModel } from "./merged.ts";

const HIDDEN = "<hidden>";

/** Parts of a secret property that say which kind of secret it is, and are none themselves. */
const OPEN_PARTS: ReadonlySet<string> = new Set(["TYPE", "KMS_KEY_ID"]);

/** A secret property's value for showing: the names of secrets, and nothing that is written out. */
export function maskedValue(value: Value): Value {
	if (typeof value === "string") return isSecret(value) ? value : HIDDEN;
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(maskedValue);
	return Object.fromEntries(
		Object.entries(value).map(([key, v]) => [key, OPEN_PARTS.has(key) ? v : maskedValue(v)]),
	);
}

function isHashed(type: ObjectType, name: string): boolean {
	return type.properties.some((p) => p.name === name && p.compare === "hashed");
}

/** The model with its secret properties masked. */
function withoutSecrets(model: ObjectModel): ObjectModel {
	const type = objectType(model.kind);
	const properties = Object.entries(model.properties).map(
		([name, value]) => [name, isHashed(type, name) ? maskedValue(value) : value] as const,
	);
	return { ...model, properties: Object.fromEntries(properties) };
}

/** Canonical DDL for showing, without the semicolon, which would make a change of the clause before a new last one; `unknown` properties have a value that nobody can read. */
function ddl(model: ObjectModel, unknown: ReadonlySet<string> = new Set()): string {
	const type = objectType(model.kind);
	const fragments = printCreate(type, { ...model, directives: NO_DIRECTIVES }).map((fragment) => {
		const { property, text } = fragment;
		if (property === undefined || !isHashed(type, property)) return fragment;
		const keywords = type.properties.find((p) => p.name === property)?.clause.keywords ?? [];
		const hidden = text.replaceAll(`'${HIDDEN}'`, HIDDEN);
		return {
			...fragment,
			text: unknown.has(property)
				? `${/^\s*/.exec(text)?.[0] ?? ""}${keywords.join(" ")} = ${HIDDEN}`
				: hidden,
		};
	});
	return `${sqlOf(fragments)}\n`;
}

/** The properties that a step changes: a part of a keyed list is named `COLUMN ID: TYPE`. */
function changedNames(type: ObjectType, changes: readonly PropertyChange[]): ReadonlySet<string> {
	return new Set(
		type.properties
			.filter((p) =>
				changes.some((c) => c.property === p.name || c.property.startsWith(`${p.name} `)),
			)
			.map((p) => p.name),
	);
}

/** What a person sees of the object once it is changed: what is declared, and what a replacement must repeat. */
function afterwards({ action, from, to, changes }: Change): ObjectModel | undefined {
	if (!from || !to || action === "create") return to;
	const merged = mergedModel(from, to);
	if (action === "replace") return merged;
	const changed = changedNames(objectType(to.kind), changes);
	const kept = Object.entries(merged.properties).filter(
		([name]) =>
			changed.has(name) ||
			(to.properties[name] !== undefined && !to.directives.ignore.includes(name)),
	);
	return { ...merged, properties: Object.fromEntries(kept) };
}

/**
 * The object before, with nothing but this step's changes undone: what only the account has, and files leave to
 * it, would be told as a difference and is none.
 */
function beforehand(change: Change, after: ObjectModel): ObjectModel | undefined {
	const { from, renamedFrom } = change;
	if (!from) return undefined;
	const properties: Record<string, Value> = { ...after.properties };
	for (const name of changedNames(objectType(from.kind), change.changes)) {
		// A secret's live value is a hash at best: it has the shape of the new one until it is hidden.
		if (isHashed(objectType(from.kind), name)) continue;
		properties[name] = from.properties[name] ?? null;
	}
	return { ...from, name: (renamedFrom ?? from).name, properties };
}

/** Canonical DDL before and after a change: empty where there is no object, the same where it does not show in DDL. */
interface Sides {
	readonly before: string;
	readonly after: string;
}

function sidesOf(change: Change): Sides {
	const { action, from } = change;
	if (action === "drop") {
		if (!from) return { before: "", after: "" };
		const type = objectType(from.kind);
		const open = Object.entries(from.properties).filter(([name]) => !isHashed(type, name));
		const visible = { ...from, properties: Object.fromEntries(open) };
		return { before: ddl(withoutDefaults(type.properties, visible)), after: "" };
	}
	const plain = afterwards(change);
	if (!plain) return { before: "", after: "" };
	const after = withoutSecrets(plain);
	const before = beforehand(change, after);
	if (!before) return { before: "", after: ddl(after) };
	const changed = changedNames(objectType(after.kind), change.changes);
	return { before: ddl(before, changed), after: ddl(after) };
}

function patch(names: readonly [string, string], before: string, after: string): string {
	if (before === after) return "";
	const text = createTwoFilesPatch(...names, before, after, undefined, undefined, { context: 3 });
	return text.slice(text.indexOf("---"));
}

/** The diff of canonical DDL, live → desired; empty where the DDL does not show what the step does. */
export function unifiedDiff(change: Change): string {
	const { before, after } = sidesOf(change);
	return patch(["live", "desired"], before, after);
}

/** The diff of canonical DDL from how an object was applied to how it is, by the change that would bring it back. */
export function driftDiff(back: Change): string {
	const { before, after } = sidesOf(back);
	return patch(["applied", "live"], after, before);
}
