import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Catalog, Level, ObjectModel, ObjectRef } from "../../model/catalog.ts";
import type { HazardCode, HazardDraft } from "../../model/hazard.ts";
import type { QualifiedName } from "../../model/identifier.ts";
import type { Row, StatementError } from "../../model/port.ts";
import type { Properties, Value } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Constraint } from "./constraint.ts";
import type { Grants } from "./privilege.ts";
import type { ChangeContext, EventName, Property, PropertyChange, Reference } from "./property.ts";
import type { Recipe, RecipeOperation } from "./recipe.ts";
import type { Succession } from "./succession.ts";
import type { ReadContext } from "./value-syntax.ts";

/** What one row of SHOW says about an object. */
export interface Reported {
	readonly name: QualifiedName;
	readonly owner?: string;
	readonly properties: Properties;
	readonly runtime?: Properties;
}

/**
 * A query beyond SHOW that some properties need, as data: `sql` names the target, `read` turns the rows
 * into properties. `per: "object"` runs once for each object that files or the ledger name.
 */
export interface Detail {
	readonly per: "object" | "schema" | "database";
	/** The statement; `name` is the object's, the schema's or the database's name as SQL. */
	sql(name: string): string;
	/** For `per: "object"`: the rows of that object. Otherwise: those rows which belong to the object. */
	read(
		rows: readonly Row[],
		object: Reported,
	): { readonly properties?: Properties; readonly runtime?: Properties };
	/** Not for every object: whether the query is needed for this one. */
	readonly when?: (object: Reported) => boolean;
	/** What it says about the object that the query is refused; undefined for a refusal that says nothing about it. */
	failed?(error: StatementError): { readonly runtime: Properties } | undefined;
}

/** How a kind is read from the account. */
export interface Read {
	/** What comes after SHOW: `PIPES`. */
	readonly show: string;
	/** One row of it; undefined for rows that are not ours to see (system-made objects). */
	row(row: Row): Reported | undefined;
	/** What is read in full though nobody names it: it stands in for something that somebody names. */
	always?(object: Reported): boolean;
	readonly details?: readonly Detail[];
}

/** A form of ALTER (after the object's name) that adds to what is declared. */
export interface Alteration {
	/** The words it begins with: `["RESUME"]`, `["ADD", "COLUMN"]`. */
	readonly keywords: readonly string[];
	/** Reads the rest and gives the properties as they are afterwards. */
	apply(properties: Properties, cursor: Cursor, context: ReadContext): Properties;
}

/**
 * What an object does when something it depends on changes. `replace` makes it anew with its own recipe,
 * `relink` repeats what binds it, `relay` leaves it as it is and tells those that depend on it the same,
 * `drain` leaves it as it is once it is drained.
 */
export type Reaction = "replace" | "relink" | "relay" | "drain";

/** A reaction that depends on the object: what it does about this cause, and, for the documentation, when. */
export interface Reacts {
	readonly where: string;
	react(object: ObjectModel, cause: ObjectRef): Reaction | undefined;
}

/**
 * How an object is kept still while something changes, and let go afterwards.
 *
 * The planner holds each running target once, before every step of its group (the changed objects that
 * name it), captures its state before, and releases it last: to the state files declare for a `late`
 * property of it, else to the captured one. Dependents of a target get their own late properties first.
 */
export interface Hold {
	/** What is held: the object itself, or what stands for it (a task's root), in one of the two catalogs. */
	targets(object: ObjectModel, catalog: Catalog): readonly ObjectRef[];
	/** A query whose first cell is the state to restore; `target` is the name as SQL. */
	capture(target: string): string;
	/** The column of that answer that holds the state, where it is not the first. */
	readonly captureColumn?: string;
	/** The captured state that means: it was running. */
	readonly captured: string;
	/** Whether there is something to hold now: a suspended task or a paused pipe is left alone. */
	running(target: ObjectModel): boolean;
	/** The target as it is once it runs again. */
	resumed(target: ObjectModel): ObjectModel;
	hold(target: string): readonly string[];
	/** What is waited for before it is held, and until it is. */
	readonly waits?: {
		before(target: string): readonly RecipeOperation[];
		after(target: string): readonly RecipeOperation[];
	};
	/** What is waited for, once it is held, until nothing that it has begun is under way any more. */
	still?(target: string): readonly RecipeOperation[];
	release(target: string): readonly string[];
	/** Makes the target do its work once, now, whether it is held or not; absent where nothing can. */
	run?(target: string): readonly string[];
	/** Whether a change in place stops the object itself, which is then held as well, to have its state afterwards. */
	stops?(changes: readonly PropertyChange[]): boolean;
	/** Whether a change of an object of this kind needs its targets held. */
	needs(change: { readonly action: string }): boolean;
	readonly hazard: HazardDraft;
}

/** How an object that hands out changes is emptied before it is made anew, so that nothing is lost. */
export interface Drain {
	/** A query that counts what is not handed out yet; 0 means drained. */
	pending(target: string): string;
	/** What the position is called: `offset`. */
	readonly what: string;
	/** A query whose answer is the same before and after when the position was kept. */
	position(target: string): string;
	/** Whether what is not handed out yet can be read at all. */
	readable(object: ObjectModel): boolean;
	/** Whether a replacement takes the position over, so that it can be proven to be the same. */
	keeps(replacement: ObjectModel): boolean;
	/** Hazards of the replacement that a drained object does not have. */
	readonly prevents: readonly HazardCode[];
	/** What may come of it when its source is rewritten, and nothing that runs can drain it before. */
	readonly unread: HazardDraft;
}

/**
 * Whether an object does its work, by one thing that the account reports of it. A value that neither `works` nor
 * `rests` has says that it does not.
 */
export interface Health {
	/** What is looked at: `state`. */
	readonly what: string;
	/** The value, as it is said; undefined where the account did not report it. */
	value(object: ObjectModel): string | undefined;
	/** Values with which it does its work. */
	readonly works: readonly string[];
	/** Values that are right where files declare them, or where it had them before. */
	readonly rests: readonly string[];
	/** The value that files declare; undefined where they leave it open. */
	declared?(object: ObjectModel): string | undefined;
	/** Why it has this value, as far as the account tells. */
	why?(object: ObjectModel): string | undefined;
	/** What to do where the value is not right; `target` is the name as SQL. */
	advice(target: string): string;
}

/** Something that a plan says of an object, and does nothing about. */
export interface ChangeNote {
	readonly code: string;
	readonly message: string;
}

/** A column that is not there any more under its name. */
export interface GoneColumn {
	readonly name: string;
	/** What it is called now; absent where it is dropped. */
	readonly renamed?: string;
}

/** Everything about one kind of object. */
export interface ObjectType {
	/** As in SQL: `FILE FORMAT`. */
	readonly kind: string;
	readonly level: Level;
	/** The documentation page of its CREATE statement. */
	readonly page: string;
	/** A container: CREATE of it, and USE, set this part of the context of what follows in a file. */
	readonly opens?: "database" | "schema";
	readonly properties: readonly Property[];
	readonly constraints: readonly Constraint[];
	/** Words that may stand before a clause and mean nothing: WITH. */
	readonly noise: readonly string[];
	/** Clauses that Snowflake has and this kind does not take, with where they belong. */
	readonly refused: Readonly<Record<string, string>>;
	readonly alterations: readonly Alteration[];
	/**
	 * `SELECT SYSTEM$…('name')` calls that declare something: what each does to the object named and to
	 * others of its kind. Gives the objects that changed.
	 */
	readonly calls?: Readonly<
		Record<string, (object: ObjectModel, catalog: Catalog) => readonly ObjectModel[]>
	>;
	/** What can be granted on it. */
	readonly grants: Grants;
	readonly read: Read;
	/**
	 * Why an object of the account has to be made anew although it says what it should: what it was made from has
	 * changed. The plan in which that changes knows by itself; this is for what came after it was cut off, or from
	 * somebody else.
	 */
	outdated?(live: ObjectModel): string | undefined;
	/** What making it anew loses; `event` is what happened to something it depends on, where that is the cause. */
	replaceHazards(from: ObjectModel, to: ObjectModel, event?: EventName): readonly HazardDraft[];
	/** The model that CREATE OR REPLACE says, where a new object can take over state of the old one. */
	replacement?(from: ObjectModel, to: ObjectModel, event?: EventName): ObjectModel;
	readonly drain?: Drain;
	/**
	 * How it is made anew, or altered, so that it keeps what only it knows; undefined where that cannot be, or
	 * nothing has to be done for it. `to` is all of what it will be; the catalogs are the account's and the
	 * declared one. Throws a DeployError where the change is impossible.
	 */
	recipe?(
		from: ObjectModel,
		to: ObjectModel,
		catalogs: { readonly live: Catalog; readonly desired: Catalog },
		change: { readonly action: string; readonly changes: readonly PropertyChange[] },
	): Recipe | undefined;
	/** The account as it is once what `restore` of a recipe of this object undoes or finishes is done. */
	recovered?(object: ObjectModel, live: Catalog): Catalog;
	/** What an object of this kind fills or reads by the places of columns. */
	positional?(object: ObjectModel): readonly QualifiedName[];
	/**
	 * What an object of this kind loses by an event of something it needs when nothing in a plan mends it: no file
	 * declares it, or files leave it with what is dropped.
	 */
	lost?(object: ObjectModel, of: ObjectRef, event: EventName): readonly HazardDraft[];
	/** What is worth knowing where the account differs from the files and that is no change. */
	notes?(context: ChangeContext): readonly ChangeNote[];
	/** What can be read from it by name; absent where the kind has no columns. */
	readonly columns?: {
		/** Undefined where it does not list them. */
		names(object: ObjectModel): readonly string[] | undefined;
		/** Whether it hands on the columns of what it reads, as they are. */
		passes?(object: ObjectModel): boolean;
		/** The property, or marked part, that computes with such a column of its own. */
		uses?(object: ObjectModel, name: string): string | undefined;
		/** Those that it has no longer after a change. */
		gone?(context: ChangeContext): readonly GoneColumn[];
	};
	/**
	 * What it loses when columns of something that it works with go; `named` are those that its body names.
	 * Absent where a name that means nothing any more is a mistake, to be put right before anything is changed.
	 */
	columnsLost?(
		object: ObjectModel,
		of: ObjectRef,
		gone: readonly GoneColumn[],
		named: ReadonlySet<string>,
	): readonly HazardDraft[];
	/** What dropping it loses. */
	dropHazards(object: ObjectModel): readonly HazardDraft[];
	/** Kinds whose objects it shares names with: in one schema, a name is a table's or a view's. */
	readonly sharesNames: readonly string[];
	/** `in place`: ALTER … RENAME TO. */
	readonly rename: "in place" | "refused" | Succession;
	/** Reactions by the kind of the object depended on, and its event. */
	readonly on: Readonly<Record<string, Partial<Record<EventName, Reaction | Reacts>>>>;
	/** What `relink` runs. */
	relink?(object: ObjectModel): readonly string[];
	/** What linking again tells the object's own dependents, by the kind of what was made anew. */
	readonly relinkEmits: Readonly<Record<string, readonly EventName[]>>;
	readonly hold?: Hold;
	readonly health?: Health;
	/** Needs that no single property holds. */
	references?(object: ObjectModel): readonly Reference[];
	/**
	 * Why an object that names it cannot have it, though it is there: an integration that does not allow a stage's
	 * URL. Undefined where it can.
	 */
	admits?(object: ObjectModel, user: ObjectModel): string | undefined;
	/** What somebody has to see to outside Snowflake, in sentences, with what the account tells about it. */
	handoff?(object: ObjectModel): readonly string[];
	/** Objects that Snowflake makes along with it (a database's PUBLIC schema). */
	implied?(object: ObjectModel): readonly ObjectRef[];
	/** Checks that a rule on values cannot express. */
	validate?(object: ObjectModel): readonly Diagnostic[];
	/** Statements to bring about changes where property by property is not enough; by default SET and UNSET. */
	alter?(
		object: string,
		from: ObjectModel,
		to: ObjectModel,
		settings: readonly Setting[],
	): readonly string[];
	/**
	 * Changes in place whose statements depend on each other's order, whichever property they belong to (a
	 * table's columns, constraints and clustering key). They run after the others.
	 */
	readonly arrange?: {
		readonly properties: readonly string[];
		statements(
			object: string,
			context: ChangeContext,
			changes: readonly PropertyChange[],
		): readonly ArrangedStatement[];
	};
	/**
	 * Clauses that CREATE OR REPLACE takes to keep what it would lose otherwise: COPY GRANTS. A replacement
	 * always has them, so written in a file they mean nothing more.
	 */
	readonly replaceWith: readonly string[];
	/** How CREATE is put together where the regular order of clauses is not it. */
	create?(object: ObjectModel): string;
}

/**
 * A statement of `arrange`, and the property (or marked part) whose place in the files an error in it points to;
 * `as` where it is not just run.
 */
export interface ArrangedStatement {
	readonly text: string;
	readonly property?: string;
	readonly as?: Omit<RecipeOperation, "sql">;
}

/** One property that ALTER sets, or unsets when `value` is undefined. */
export interface Setting {
	readonly property: Property;
	readonly value: Value | undefined;
}

type Optional =
	| "constraints"
	| "noise"
	| "refused"
	| "alterations"
	| "grants"
	| "rename"
	| "sharesNames"
	| "on"
	| "relinkEmits"
	| "replaceWith"
	| "replaceHazards"
	| "dropHazards";

/** Declares a kind; whatever is left out takes the common answer. */
export function defineObjectType(
	type: Omit<ObjectType, Optional> & Partial<Pick<ObjectType, Optional>>,
): ObjectType {
	return {
		constraints: [],
		noise: [],
		refused: {},
		alterations: [],
		grants: { privileges: [] },
		rename: "in place",
		sharesNames: [],
		on: {},
		relinkEmits: {},
		replaceWith: [],
		replaceHazards: () => [],
		dropHazards: () => [{ code: "OBJECT_DROPPED", message: "the object is dropped" }],
		...type,
	};
}
