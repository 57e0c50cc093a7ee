import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import {
	type Catalog,
	catalogOf,
	NO_DIRECTIVES,
	type ObjectKey,
	objectKey,
} from "../model/catalog.ts";
import type { EdgeKey } from "../model/edge.ts";
import type { GrantEffect } from "../model/grant.ts";
import { formatName, type QualifiedName } from "../model/identifier.ts";
import { OBJECT_TYPES } from "../objects/index.ts";
import type {
	CreateStatement,
	ObjectStatement,
	OtherStatement,
	Statement,
} from "../parse/statement.ts";
import type { Environment } from "../project/environment.ts";
import { complete, type FileContext, qualify } from "../resolve/context.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";
import type { Folding } from "../resolve/fold.ts";
import { foldAlter } from "../resolve/fold-alter.ts";
import { foldCreate } from "../resolve/fold-create.ts";
import { foldCall, foldComment, foldUse } from "../resolve/fold-others.ts";
import type { ScriptStatement } from "./script.ts";
import { clearGrants, revokedBy, seeGrant } from "./see-grants.ts";
import { type Seeing, subject, tryFold } from "./seeing.ts";

/** A migration that will run, and from which statement. */
export interface Ahead {
	readonly file: string;
	readonly touches: readonly { readonly name: QualifiedName }[];
	readonly phase: "before" | "after";
	readonly script: readonly ScriptStatement[];
	readonly resumeAt: number;
}

/** What migrations do to who holds what, in their order. */
export interface SeenGrants {
	/** Before the declarative changes. */
	readonly before: readonly GrantEffect[];
	/** After them. */
	readonly after: readonly GrantEffect[];
}

/** The account as it will be after pending migrations, as far as that can be told. */
export interface Seen {
	readonly catalog: Catalog;
	/** Names, as SQL, of what only running the migration decides, with its file; what is inside them too. */
	readonly undecided: ReadonlyMap<string, string>;
	readonly grants: SeenGrants;
	/** The objects and grants that each migration takes away, by its file. */
	readonly gone: ReadonlyMap<string, ReadonlySet<ObjectKey | EdgeKey>>;
}

/** The account where no migration runs first. */
export function nothingAhead(catalog: Catalog): Seen {
	return {
		catalog,
		undecided: new Map(),
		grants: { before: [], after: [] },
		gone: new Map(),
	};
}

/** What the names in a migration mean at its start, and who owns what it makes. */
export type SeeContext = Pick<Environment, "owners"> & { readonly context: FileContext };

function isInside(name: QualifiedName, outer: QualifiedName): boolean {
	return outer.length <= name.length && outer.every((part, i) => part === name[i]);
}

/** What a session makes for itself is gone when the migration ends. */
function isTemporary({ modifiers }: CreateStatement): boolean {
	return modifiers.some(({ value }) => value === "TEMPORARY" || value === "TEMP");
}

/** CREATE: as if a file declared it, but as a thing of the account. Gives why it cannot be read. */
function seeCreate(state: Folding, statement: CreateStatement): readonly Diagnostic[] {
	if (statement.kind === undefined || isTemporary(statement)) return [];
	const name = subject(statement, state.context);
	const key = name && objectKey({ kind: statement.kind, name });
	const before = key === undefined ? undefined : state.objects.get(key);
	const kept = statement.mode === "plain" || statement.mode === "if not exists";
	const errors = tryFold(state, (scratch) => foldCreate(scratch, statement));
	const made = key === undefined ? undefined : state.objects.get(key);
	if (key === undefined || !made || errors.length > 0) return errors;
	const { declared: _, ...model } = made;
	state.objects.set(key, before && kept ? before : { ...model, directives: NO_DIRECTIVES });
	return [];
}

/** Objects that name the one with this key: after its rename nobody knows what they say. */
function dependentsOf(objects: Folding["objects"], key: string): readonly QualifiedName[] {
	const catalog = catalogOf(objects.values());
	return [...objects.values()]
		.filter((o) => dependenciesOf(o, catalog).some((d) => objectKey(d) === key))
		.map((o) => o.name);
}

/** The other object of ALTER … SWAP WITH and ALTER … RENAME TO. */
function otherName(statement: ObjectStatement, name: QualifiedName): QualifiedName | undefined {
	const cursor = statement.rest();
	if (!cursor.take("SWAP", "WITH") && !cursor.take("RENAME", "TO")) return undefined;
	const written = cursor.takeName();
	const level = (["account", "database", "schema"] as const)[name.length - 1] ?? "schema";
	return written && qualify(written, level, { database: name[0], schema: name[1] });
}

/** ALTER: gives the names of what it leaves undecided. */
function seeAlter(state: Folding, statement: ObjectStatement): readonly QualifiedName[] {
	const name = subject(statement, state.context);
	const { kind } = statement;
	if (!name || kind === undefined) return [];
	const key = objectKey({ kind, name });
	// What is not there yet is made by the declared state, which says how it ends up.
	if (!state.objects.has(key)) return [];
	const other = otherName(statement, name);
	const dependents = other ? dependentsOf(state.objects, key) : [];
	const errors = tryFold(state, (scratch) => foldAlter(scratch, statement, { rename: true }));
	const both = other ? [name, other] : [name];
	if (errors.length > 0) return both;
	return OBJECT_TYPES.get(kind)?.opens && other ? both : dependents;
}

function seeDrop(state: Seeing, statement: ObjectStatement): void {
	const name = subject(statement, state.context);
	if (!name || statement.kind === undefined) return;
	const opens = OBJECT_TYPES.get(statement.kind)?.opens !== undefined;
	const dropped = objectKey({ kind: statement.kind, name });
	for (const [key, object] of [...state.objects])
		if (key === dropped || (opens && isInside(object.name, name))) {
			state.objects.delete(key);
			state.effects.push({ does: "clear", on: { kind: object.kind, name: object.name } });
		}
}

/** What other statements do to objects; one that cannot be read changes none that is compared. */
function seeOther(state: Seeing, statement: OtherStatement): void {
	if (statement.first === "COMMENT") tryFold(state, (s) => foldComment(s, statement));
	else if (statement.first === "GRANT" || statement.first === "REVOKE") seeGrant(state, statement);
	else if (statement.first === "SELECT") tryFold(state, (s) => void foldCall(s, statement));
}

function seeStatement(state: Seeing, statement: Statement): readonly QualifiedName[] {
	const name = statement.verb === "OTHER" ? undefined : subject(statement, state.context);
	switch (statement.verb) {
		case "CREATE": {
			clearGrants(state, statement);
			if (!name) return [];
			if (seeCreate(state, statement).length > 0) return [name];
			if (statement.mode === "or replace") state.settle(name);
			return [];
		}
		case "ALTER":
			return seeAlter(state, statement);
		case "DROP":
			seeDrop(state, statement);
			return [];
		case "UNDROP":
			return name ? [name] : [];
		case "OTHER":
			seeOther(state, statement);
			return [];
		case "DESCRIBE":
			return [];
	}
}

/** `doubt` takes the names of what is left undecided. */
function see(
	state: Seeing,
	{ script, resumeAt }: Ahead,
	doubt: (name: QualifiedName) => void,
): void {
	for (const [index, { statement, role }] of script.entries()) {
		if (index >= resumeAt && role !== "session")
			for (const name of seeStatement(state, statement)) doubt(name);
		state.context = contextAfter(statement, state.context);
	}
}

/**
 * Carries the DDL of pending migrations, of both phases, over the account's catalog: what remains between
 * the result and the declared state is what the plan has to change itself. What a statement does that
 * cannot be read ahead, and what a `touches` line names, is left undecided.
 */
export function seeThrough(live: Catalog, ahead: readonly Ahead[], given: SeeContext): Seen {
	const undecided = new Map<string, string>();
	const objects = new Map(live.objects);
	const grants = { before: [] as GrantEffect[], after: [] as GrantEffect[] };
	const gone = new Map<string, ReadonlySet<ObjectKey | EdgeKey>>();
	for (const migration of ahead) {
		const before = [...objects.keys()];
		const state: Seeing = {
			objects,
			diagnostics: [],
			owners: given.owners,
			context: given.context,
			effects: [],
			settle: (name) => undecided.delete(formatName(name)),
		};
		const stated = migration.touches.map(
			({ name }) => complete(name, "schema", given.context) ?? name,
		);
		const doubt = (name: QualifiedName) => undecided.set(formatName(name), migration.file);
		see(state, migration, doubt);
		for (const name of stated) doubt(name);
		grants[migration.phase].push(...state.effects);
		const dropped = before.filter((key) => !objects.has(key));
		gone.set(migration.file, new Set([...dropped, ...revokedBy(state.effects)]));
	}
	return { catalog: catalogOf(objects.values()), undecided, grants, gone };
}

/** The migration that decides what becomes of an object; undefined where that is known. */
export function decidedBy(seen: Seen, name: QualifiedName): string | undefined {
	const outer = name.map((_, i) => seen.undecided.get(formatName(name.slice(0, i + 1))));
	return outer.find((file) => file !== undefined);
}

/** Why a statement cannot be read ahead, without an account; undefined where it can. */
export function opaque(
	{ statement, role }: ScriptStatement,
	given: SeeContext,
): string | undefined {
	if (statement.verb === "CREATE") {
		const state: Folding = { ...given, objects: new Map(), diagnostics: [] };
		return seeCreate(state, statement)[0]?.summary;
	}
	if (statement.verb !== "OTHER" || role !== "work") return undefined;
	const [, second] = statement.tokens;
	if (statement.first === "CALL") return "a procedure may change anything";
	if (statement.first === "EXECUTE" && second?.value === "IMMEDIATE")
		return "the statement it runs is made when it runs";
	return statement.first === "BEGIN" || statement.first === "DECLARE"
		? "a block may change anything"
		: undefined;
}

/** The context after a statement, for reading the next one; unknown after a USE that cannot be read. */
export function contextAfter(statement: Statement, context: FileContext): FileContext {
	const state: Folding = { objects: new Map(), diagnostics: [], owners: {}, context };
	if (statement.verb === "CREATE") seeCreate(state, statement);
	if (statement.verb !== "OTHER" || statement.first !== "USE") return state.context;
	const errors = tryFold(state, (scratch) => foldUse(scratch, statement));
	return errors.length > 0 ? {} : state.context;
}
