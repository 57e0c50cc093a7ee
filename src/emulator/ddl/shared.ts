import { formatName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Statement } from "../../parse/statement.ts";
import { nameSpace, objectName } from "../account/catalog.ts";
import {
	alreadyExists,
	cannotBePerformed,
	compilationError,
	doesNotExist,
	syntaxError,
	titleCase,
} from "../account/errors.ts";
import { inheritFutureGrants, keepGrants, moveGrants, removeGrants } from "../account/grants.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Context, Json, Kind, Result } from "../types.ts";
import { statusResult } from "./result.ts";

type CreateStatement = Statement & { verb: "CREATE" };

/** What a CREATE means before its clauses are read. */
export type Creation =
	/** IF NOT EXISTS, and it exists: answer this. */
	| { readonly step: "nothing"; readonly result: Result }
	/** OR ALTER, and it exists. */
	| { readonly step: "alter"; readonly object: CatalogObject }
	/** A new object, in the place of `replaced` if there is one. */
	| {
			readonly step: "create";
			readonly name: readonly string[];
			readonly replaced: CatalogObject | undefined;
	  };

/** The database and schema of a full name, for an object of a level. */
export function splitName(
	kind: Pick<Kind, "level">,
	name: readonly string[],
): Pick<CatalogObject, "database" | "schema" | "name"> {
	const [first = "", second = "", third = ""] = name;
	if (kind.level === "account") return { name: first };
	if (kind.level === "database") return { database: first, name: second };
	return { database: first, schema: second, name: third };
}

/** Fails where the database or schema that a name stands in is not there. */
export function requireParents(
	context: Context,
	kind: Pick<Kind, "level">,
	name: readonly string[],
): void {
	const { database, schema } = splitName(kind, name);
	if (database !== undefined && !context.catalog.find("DATABASE", [database]))
		throw doesNotExist("DATABASE", [database]);
	if (database !== undefined && schema !== undefined) {
		if (!context.catalog.find("SCHEMA", [database, schema]))
			throw doesNotExist("SCHEMA", [database, schema]);
	}
}

/** The object that holds a name, of this kind or of one that shares its names. */
export function nameHolder(
	context: Context,
	kind: Pick<Kind, "kind">,
	name: readonly string[],
): CatalogObject | undefined {
	for (const other of nameSpace(kind.kind)) {
		const found = context.catalog.find(other, name);
		if (found) return found;
	}
	return undefined;
}

/**
 * The head of every CREATE: the full name, the parents, and what the mode says about an object that exists.
 * `kinds` without CREATE OR ALTER pass `orAlter: false`.
 */
export function beginCreate(
	context: Context,
	kind: Kind,
	statement: CreateStatement,
	options: { readonly orAlter: boolean; readonly modifiers?: readonly string[] } = {
		orAlter: false,
	},
): Creation {
	const allowed = options.modifiers ?? [];
	for (const modifier of statement.modifiers)
		if (!allowed.includes(modifier.value))
			throw unsupported(
				`CREATE ${modifier.value} ${kind.kind}`,
				lineAndPosition(statement, modifier.start),
			);
	if (!statement.name) throw unexpectedAt(statement.rest());
	if (statement.mode === "or alter" && !options.orAlter)
		throw unsupported(`CREATE OR ALTER ${kind.kind}`);
	const name = context.qualify(statement.name.parts, kind.level);
	requireParents(context, kind, name);
	const existing = nameHolder(context, kind, name);
	if (existing && existing.kind !== kind.kind) throw alreadyExists(kind.kind, name, existing.kind);
	if (existing && statement.mode === "if not exists")
		return {
			step: "nothing",
			result: statusResult(`${name.at(-1)} already exists, statement succeeded.`),
		};
	if (existing && statement.mode === "or alter") return { step: "alter", object: existing };
	if (existing && statement.mode === "plain") throw alreadyExists(kind.kind, name, existing.kind);
	return { step: "create", name, replaced: existing };
}

/** Adds the object a CREATE described. A replaced one leaves first: it is a new object with a new id, and its grants are gone. */
export async function addObject(
	context: Context,
	kind: Kind,
	creation: Creation & { step: "create" },
	body: {
		readonly comment: string | null;
		readonly properties: { readonly [key: string]: Json };
		readonly copyGrants?: boolean;
		/** The table of LIKE or CLONE, whose grants are copied where none is replaced. */
		readonly source?: CatalogObject;
	},
): Promise<CatalogObject> {
	const { replaced } = creation;
	const granted = replaced ?? body.source;
	const kept = granted && body.copyGrants ? keepGrants(context, granted) : [];
	if (replaced) await removeObject(context, kind, replaced);
	const object = await context.catalog.add({
		kind: kind.kind,
		...splitName(kind, creation.name),
		owner: context.session.role,
		comment: body.comment,
		properties: body.properties,
	});
	if (body.copyGrants && granted) await moveGrants(context, kept, object);
	else await inheritFutureGrants(context, object);
	return context.catalog.byId(object.id) ?? object;
}

/** Takes an object out of the catalog with its grants, and lets its kind clean up. */
export async function removeObject(
	context: Context,
	kind: Kind,
	object: CatalogObject,
): Promise<void> {
	await context.lock(object.id, "define");
	await context.catalog.remove(object.id);
	await removeGrants(context, object);
	await kind.dropped?.(context, object);
}

/** `Table T successfully created.` */
export function created(kind: Pick<Kind, "kind">, object: CatalogObject): Result {
	return statusResult(`${titleCase(kind.kind)} ${object.name} successfully created.`);
}

/** `RENAME TO` for any kind: to a free name, in a place that exists. */
export async function renameObject(
	context: Context,
	kind: Kind,
	object: CatalogObject,
	rest: Cursor,
): Promise<CatalogObject> {
	const written = rest.expectName();
	requireEnd(rest);
	const base = objectName(object);
	const parts =
		kind.level === "account" || written.parts.length > 1
			? context.qualify(written.parts, kind.level)
			: [...base.slice(0, -1), ...written.parts];
	requireParents(context, kind, parts);
	const holder = nameHolder(context, kind, parts);
	if (holder && holder.id !== object.id) throw alreadyExists(kind.kind, parts, holder.kind);
	await context.lock(object.id, "define");
	const renamed = { ...object, ...splitName(kind, parts) };
	await context.catalog.update(renamed);
	return renamed;
}

/** Finds an object by the name written in a statement. */
export function findObject(
	context: Context,
	kind: Pick<Kind, "kind" | "level">,
	written: readonly string[],
): CatalogObject {
	const name = context.qualify(written, kind.level);
	const found = context.catalog.find(kind.kind, name);
	if (found) return found;
	const { database, schema } = splitName(kind, name);
	if (database !== undefined && !context.catalog.find("DATABASE", [database]))
		throw doesNotExist("DATABASE", [database]);
	if (database !== undefined && schema !== undefined)
		if (!context.catalog.find("SCHEMA", [database, schema]))
			throw doesNotExist("SCHEMA", [database, schema]);
	const holder = nameHolder(context, kind, name);
	if (holder)
		throw compilationError(
			"002203",
			"02000",
			`Object found is of type '${holder.kind}' not specified type '${kind.kind}'.`,
		);
	throw doesNotExist(kind.kind, name);
}

/** As findObject, for statements that answer 002043 (USE, SHOW … IN). */
export function findScope(
	context: Context,
	kind: "DATABASE" | "SCHEMA",
	written: readonly string[],
): CatalogObject {
	const name = context.qualify(written, kind === "DATABASE" ? "account" : "database");
	const found = context.catalog.find(kind, name);
	if (!found) throw cannotBePerformed();
	return found;
}

/** Line (1-based) and position (0-based) of an offset in a statement. */
export function lineAndPosition(
	statement: { readonly source: { readonly text: string } },
	offset: number,
): { line: number; pos: number } {
	const before = statement.source.text.slice(0, offset);
	return { line: before.split("\n").length, pos: offset - (before.lastIndexOf("\n") + 1) };
}

/** 001003 at the cursor's next token. */
export function unexpectedAt(cursor: Cursor): Error {
	const token = cursor.peek();
	const { line, pos } = lineAndPosition(cursor, token?.start ?? cursor.source.text.length);
	return syntaxError(line, pos, token?.text ?? "<EOF>");
}

/** Fails where a statement goes on after its end. */
export function requireEnd(cursor: Cursor): void {
	if (!cursor.done) throw unexpectedAt(cursor);
}

/** An object's full name as SQL. */
export function fullName(object: CatalogObject): string {
	return formatName(objectName(object));
}
