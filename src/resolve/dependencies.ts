import { textSource } from "../diagnostics/source.ts";
import { type Catalog, type ObjectModel, type ObjectRef, objectKey } from "../model/catalog.ts";
import { formatName, parseIdentifier, type QualifiedName } from "../model/identifier.ts";
import type { Reference } from "../objects/define/property.ts";
import { KINDS, objectType } from "../objects/index.ts";
import { lex, type Token } from "../parse/lexer.ts";
import { stageReference } from "../parse/stage-reference.ts";
import { complete } from "./context.ts";

/** The container of an object, by name length: a schema's database, a pipe's schema. */
function containerReference(model: ObjectModel): readonly Reference[] {
	const opens =
		model.name.length === 3 ? "schema" : model.name.length === 2 ? "database" : undefined;
	if (!opens) return [];
	const kinds = KINDS.filter((kind) => objectType(kind).opens === opens);
	const level = opens === "schema" ? "database" : "account";
	return [{ kinds, name: model.name.slice(0, -1), level, structural: true, property: "" }];
}

/** Everything an object names in its properties, names completed by the object's own database and schema. */
export function referencesOf(model: ObjectModel): readonly Reference[] {
	const type = objectType(model.kind);
	const context = { database: model.name[0], schema: model.name[1] };
	const named = type.properties.flatMap((property) => {
		const value = model.properties[property.name];
		return value === undefined || value === null ? [] : (property.references?.(value, model) ?? []);
	});
	return [...containerReference(model), ...named, ...(type.references?.(model) ?? [])].map((r) => ({
		...r,
		name: complete(r.name, r.level, context) ?? r.name,
	}));
}

/** Every dotted name in a text: runs of identifiers joined by points, and stages. */
function namesIn(tokens: readonly Token[]): readonly QualifiedName[] {
	const names: QualifiedName[] = [];
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		const stage = token.type === "stage" ? stageReference(token)?.name : undefined;
		if (stage) names.push(stage);
		// A name in quotes may be an argument such as SYSTEM$STREAM_HAS_DATA('lake.bronze.orders_stream').
		if (token.type === "string" && /^[\w$."]+$/.test(token.value))
			names.push(token.value.split(".").map((part) => parseIdentifier(part)));
		if (token.type !== "word" && token.type !== "quoted") continue;
		const parts = [parseIdentifier(token.text)];
		while (tokens[i + 1]?.text === "." && ["word", "quoted"].includes(tokens[i + 2]?.type ?? "")) {
			parts.push(parseIdentifier((tokens[i + 2] as Token).text));
			i += 2;
		}
		names.push(parts);
	}
	return names;
}

/** Finds the objects of a catalog by their names alone, whatever their kind. */
export type NameIndex = ReadonlyMap<string, readonly ObjectRef[]>;

/** Catalogs do not change, and finding names in bodies is the dearest part of a plan: it is done once for each. */
const indexes = new WeakMap<Catalog, NameIndex>();
const found = new WeakMap<Catalog, WeakMap<ObjectModel, readonly ObjectModel[]>>();

/** The name index of the objects that live in schemas. */
function nameIndex(catalog: Catalog): NameIndex {
	const known = indexes.get(catalog) ?? indexed(catalog);
	indexes.set(catalog, known);
	return known;
}

function indexed(catalog: Catalog): NameIndex {
	const index = new Map<string, ObjectRef[]>();
	for (const object of catalog.objects.values()) {
		if (object.name.length !== 3) continue;
		const name = formatName(object.name);
		index.set(name, [...(index.get(name) ?? []), object]);
	}
	return index;
}

/**
 * The objects that an object's bodies mention: every name in its SQL that is the name of an object,
 * unqualified ones in the object's own schema. More than the body reads may be found (a column can be
 * called like a table), never less; the order of a plan only gets stricter by it.
 */
export function mentions(model: ObjectModel, index: NameIndex): readonly ObjectRef[] {
	const type = objectType(model.kind);
	const context = { database: model.name[0], schema: model.name[1] };
	const own = objectKey(model);
	const found = new Map<string, ObjectRef>();
	for (const property of type.properties) {
		const value = model.properties[property.name];
		if (!property.clause.verbatim || typeof value !== "string") continue;
		for (const name of namesIn(lex(textSource(own, value)).tokens)) {
			const full = complete(name, "schema", context);
			for (const ref of (full && index.get(formatName(full))) || [])
				if (objectKey(ref) !== own) found.set(objectKey(ref), ref);
		}
	}
	return [...found.values()];
}

/** Every object of the catalog that this one depends on: named in properties, mentioned in bodies, or by directive. */
export function dependenciesOf(model: ObjectModel, catalog: Catalog): readonly ObjectModel[] {
	const known = found.get(catalog) ?? new WeakMap<ObjectModel, readonly ObjectModel[]>();
	found.set(catalog, known);
	const needed = known.get(model) ?? findDependencies(model, catalog);
	known.set(model, needed);
	return needed;
}

function findDependencies(model: ObjectModel, catalog: Catalog): readonly ObjectModel[] {
	const index = nameIndex(catalog);
	const keys = new Set<string>();
	for (const reference of referencesOf(model))
		for (const kind of reference.kinds) keys.add(objectKey({ kind, name: reference.name }));
	for (const ref of mentions(model, index)) keys.add(objectKey(ref));
	for (const name of model.directives.dependsOn)
		for (const ref of index.get(formatName(name)) ?? []) keys.add(objectKey(ref));
	keys.delete(objectKey(model));
	return [...keys].flatMap((key) => catalog.objects.get(key) ?? []);
}
