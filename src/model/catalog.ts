import type { Span } from "../diagnostics/source.ts";
import { compareText } from "./compare.ts";
import type { EdgeKey } from "./edge.ts";
import type { Grant } from "./grant.ts";
import { formatName, type QualifiedName } from "./identifier.ts";
import type { Properties } from "./value.ts";

/** Where an object lives: in the account, in a database (schemas), or in a schema. */
export type Level = "account" | "database" | "schema";

/** Names one object. */
export interface ObjectRef {
	readonly kind: string;
	readonly name: QualifiedName;
}

/** `PIPE LAKE.BRONZE.ORDERS_PIPE`: how an object is called in plans, hazards and messages, and its key in a catalog. */
export type ObjectKey = string;

/** The key of an object. */
export function objectKey(ref: ObjectRef): ObjectKey {
	return `${ref.kind} ${formatName(ref.name)}`;
}

/** What comments beside a declaration ask for. */
export interface Directives {
	readonly renamedFrom?: QualifiedName;
	/** Properties that are not compared. */
	readonly ignore: readonly string[];
	/** Its drop or replacement is refused outright. */
	readonly protect: boolean;
	readonly dependsOn: readonly QualifiedName[];
}

/** Where a declared object was written; the account's objects have none. */
export interface Declaration {
	/** The object's name in its CREATE statement. */
	readonly name: Span;
	/** The whole statement. */
	readonly statement: Span;
	/** Where each property was written. */
	readonly properties: ReadonlyMap<string, Span>;
	/** Written with IF NOT EXISTS: differences are shown as adoption. */
	readonly ifNotExists: boolean;
	/** Properties whose clauses have mistakes and so give no value: what follows from that is not told again. */
	readonly unread?: ReadonlySet<string>;
	/** The role of the USE ROLE that makes it the owner. */
	readonly role?: Span;
}

/**
 * One object, from either door: as files declare it, or as the account reports it.
 *
 * `properties` are canonical (types as Snowflake reports them, names fully qualified), so that the two
 * doors give the same model for the same object.
 */
export interface ObjectModel extends ObjectRef {
	readonly properties: Properties;
	/** The role that owns it; undefined when files do not say. */
	readonly owner?: string;
	readonly directives: Directives;
	readonly declared?: Declaration;
	/** What the account reports about its running state: never compared, only read by choreography. */
	readonly runtime?: Properties;
	/** When the account made it (ISO 8601): made anew under the same name, it has another one. */
	readonly createdOn?: string;
}

/** Objects by key. */
export interface Catalog {
	readonly objects: ReadonlyMap<ObjectKey, ObjectModel>;
	/** Who may do what with them, as files declare it; the account's are read when it is known on what. */
	readonly grants?: ReadonlyMap<EdgeKey, Grant>;
}

export const NO_DIRECTIVES: Directives = { ignore: [], protect: false, dependsOn: [] };

/** A catalog of these objects, ordered by key. */
export function catalogOf(objects: Iterable<ObjectModel>): Catalog {
	const entries = [...objects].map((object) => [objectKey(object), object] as const);
	return { objects: new Map(entries.sort(([a], [b]) => compareText(a, b))) };
}

/** A catalog with some objects added or replaced. */
export function withObjects(catalog: Catalog, objects: Iterable<ObjectModel>): Catalog {
	const merged = new Map(catalog.objects);
	for (const object of objects) merged.set(objectKey(object), object);
	return catalogOf(merged.values());
}

/** The object a reference names, if the catalog has it. */
export function findObject(catalog: Catalog, ref: ObjectRef): ObjectModel | undefined {
	return catalog.objects.get(objectKey(ref));
}
