import type { Level, ObjectModel, ObjectRef } from "../../model/catalog.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import type { QualifiedName } from "../../model/identifier.ts";
import type { Properties, Value } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Domain } from "./domain.ts";
import type { ReadContext } from "./value-syntax.ts";

/**
 * How a difference is brought about: in place, by a part that takes another one's place (a column), by a new
 * object of the same name, or by a new table and a copy.
 */
export type How = "alter" | "substitute" | "replace" | "rebuild";

/** What a change tells the objects that depend on the changed one; `rewritten`: its rows, and it stays the same object. */
export type EventName =
	| "identityLost"
	| "relocated"
	| "shapeChanged"
	| "rewritten"
	| "renamed"
	| "dropped";

/** One difference between two models of an object. */
export interface PropertyChange {
	/** The property's name; a part of a keyed list is named `COLUMN ID: TYPE`. */
	readonly property: string;
	readonly from: Value | undefined;
	readonly to: Value | undefined;
	readonly how: How;
	readonly hazards: readonly HazardDraft[];
	readonly emits: readonly EventName[];
	/** Nothing can bring it about: why, and what to do instead. A plan with such a change is refused. */
	readonly refused?: string;
}

/** How a property is written in a CREATE statement. */
export interface Clause {
	/**
	 * Before the kind (TRANSIENT), between name and body, or the rest of the statement after AS. `alter`:
	 * CREATE cannot say it (a task's state), so it is set by ALTER after the object is made. `within`: it is
	 * written inside another property's clause (constraints between a table's columns).
	 */
	readonly place: "modifier" | "clause" | "body" | "alter" | "within";
	/** What `read` gives is several properties by name, not this one's value. */
	readonly spread?: boolean;
	/** Printed on the line of the object's name: a list of columns. */
	readonly attached?: boolean;
	/** The words it begins with: `["CLUSTER", "BY"]`. */
	readonly keywords: readonly string[];
	/** Whether the clause begins at the cursor. */
	starts(cursor: Cursor): boolean;
	/** Reads the clause; the cursor stands where `starts` said yes. */
	read(cursor: Cursor, context: ReadContext): Value;
	/** The whole clause as canonical SQL; "" where the value means its absence. `properties` are the object's. */
	print(value: Value, properties: Properties): string;
	/** The value's text stands in `print` exactly as the user wrote it, at the end. */
	readonly verbatim: boolean;
	readonly domain: Domain;
	/** For documentation: `AUTO_INGEST = TRUE | FALSE`. */
	readonly shape: string;
}

/** An object another one needs, and how it was named. */
export interface Reference {
	/** One of these kinds satisfies it. */
	readonly kinds: readonly string[];
	/** As written: fewer parts than its level has mean the object's own database and schema. */
	readonly name: QualifiedName;
	readonly level: Level;
	/** False for names in bodies, which are looked up when the body runs. */
	readonly structural: boolean;
	/** The property that names it. */
	readonly property: string;
	/** Where the name stands in the property's verbatim text. */
	readonly at?: Stretch;
	/** Its columns that are named along with it. */
	readonly columns?: readonly string[];
}

/** A stretch of a verbatim text. */
export interface Stretch {
	readonly offset: number;
	readonly length: number;
}

/** Where a property is meaningful: another property has one of these values (null: is not written). */
export interface When {
	readonly property: string;
	readonly in: readonly Value[];
}

/** Models on both sides of a change, for properties whose way of changing depends on the rest. */
export interface ChangeContext {
	readonly from: ObjectModel;
	readonly to: ObjectModel;
}

/** A value that differs from another in one aspect, and which: `COLUMN ID: TYPE`. */
export interface Variant {
	readonly part: string;
	/** Undefined: the property is not written. */
	readonly value: Value | undefined;
}

/** Everything known about one property of a kind. */
export interface Property {
	/** The name in plans and directives: the SQL keyword. */
	readonly name: string;
	readonly clause: Clause;
	/** The value that holds where none is written. */
	readonly default?: Value | ((properties: Properties) => Value | undefined);
	readonly required: boolean;
	readonly when?: When;
	readonly change:
		| How
		| ((from: Value | undefined, to: Value | undefined, context: ChangeContext) => How);
	/**
	 * `declared`: only when the files say so (runtime state). `never`: create-only, or not readable.
	 * `hashed`: secrets, compared with the ledger's hash. `reported`: declared, and told by the account
	 * (a column of SHOW that not every account has).
	 */
	readonly compare: "always" | "declared" | "reported" | "never" | "hashed";
	/** The keys of its value that are secret: no file may write them out. */
	readonly secrets?: readonly string[];
	/** How a value goes away: ALTER … UNSET, SET to its default, SET to the empty string, or only by replacing. */
	readonly unset: "unset" | "default" | "empty" | "replace";
	/** `inherited`: a parameter that also comes from the schema, database or account; null is "not set here". */
	readonly origin: "own" | "inherited";
	readonly emits: readonly EventName[];
	/** What changing it in place can lose. */
	readonly hazards?: (
		from: Value | undefined,
		to: Value | undefined,
		context: ChangeContext,
	) => readonly HazardDraft[];
	/** The form in which two values are compared; text that differs only in layout gives the same. */
	readonly canonical?: (value: Value) => Value;
	/** Finer differences than "this property changed", for keyed lists such as columns. */
	readonly differences?: (
		from: Value | undefined,
		to: Value | undefined,
		context: ChangeContext,
	) => readonly PropertyChange[];
	/** Statements of a change in place, where it is not ALTER … SET/UNSET. `object` is `KIND name` as SQL. */
	readonly alter?: (
		change: PropertyChange,
		object: string,
		context: ChangeContext,
	) => readonly string[];
	readonly references?: (
		value: Value,
		model: ObjectRef & { readonly properties: Properties },
	) => readonly Reference[];
	/**
	 * For the laws: values that differ from this one in a single aspect each and are valid together with the
	 * object's other properties. For keyed lists, where values taken at random would rarely be.
	 */
	readonly variants?: (value: Value | undefined, properties: Properties) => readonly Variant[];
	/** Set when everything else is done, dependents first: what lets an object run (a task's state). */
	readonly late?: boolean;
	/** Only one object at a time can have a value of it: who gives it up does so before another one takes it. */
	readonly sole?: boolean;
	/** One sentence for the reference page, where the name does not say it all. */
	readonly note?: string;
}

/** What a property constructor leaves to say. */
export type PropertyOptions = Partial<Omit<Property, "name" | "clause">> & Pick<Property, "change">;

/** A property from its clause: whatever the options leave out takes the common answer. */
export function property(name: string, clause: Clause, options: PropertyOptions): Property {
	return {
		name,
		clause,
		required: false,
		compare: "always",
		unset: "unset",
		origin: "own",
		emits: [],
		...options,
	};
}
