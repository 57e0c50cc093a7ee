import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../diagnostics/source.ts";
import { type Catalog, catalogOf, type ObjectModel } from "../model/catalog.ts";
import type { Grant } from "../model/grant.ts";
import { KINDS } from "../objects/index.ts";
import { parse, type Statement } from "../parse/statement.ts";
import type { FileContext } from "./context.ts";
import type { Folding } from "./fold.ts";
import { foldAlter } from "./fold-alter.ts";
import { foldCreate } from "./fold-create.ts";
import { foldGrant } from "./fold-grant.ts";
import { foldCall, foldComment, foldUse } from "./fold-others.ts";
import { gapPlaces, withoutFollowing } from "./gaps.ts";
import { misplaced } from "./misplaced.ts";
import { validateObject } from "./validate.ts";

/** What the environment says of names and owners. */
export interface ResolveOptions {
	readonly context: FileContext;
	readonly owners: Readonly<Record<string, string>>;
	/** Files that mistakes in templates left without some of their text. */
	readonly damaged?: ReadonlySet<Source>;
}

/** What the files declare, and everything wrong with it. */
export interface Resolved {
	readonly catalog: Catalog;
	readonly diagnostics: readonly Diagnostic[];
}

/** A statement that waits until every object is declared, with the context at its place. */
interface Later {
	readonly statement: Statement;
	readonly context: FileContext;
}

function foldFirst(state: Folding, statement: Statement, later: Later[]): void {
	if (statement.verb === "CREATE") foldCreate(state, statement);
	else if (statement.verb === "OTHER" && statement.first === "USE") foldUse(state, statement);
	else later.push({ statement, context: state.context });
}

function foldLater(state: Folding, statement: Statement): void {
	const first = statement.verb === "OTHER" ? statement.first : "";
	if (statement.verb === "ALTER") foldAlter(state, statement, { rename: false });
	else if (statement.verb === "OTHER" && first === "COMMENT") foldComment(state, statement);
	else if (statement.verb === "OTHER" && first === "GRANT") foldGrant(state, statement);
	else if (first !== "SELECT" || !foldCall(state, statement))
		state.diagnostics.push(misplaced(statement));
}

/**
 * Reads every file into one catalog. Each file starts in the environment's context; what it declares does
 * not depend on the order of files or of statements between them, so ALTER, COMMENT and GRANT are applied
 * once everything is declared.
 *
 * Where templates and literals have mistakes, the rest is read all the same, so that all mistakes are told
 * at once; what only follows from those is not.
 */
export function resolveFiles(sources: readonly Source[], options: ResolveOptions): Resolved {
	const objects = new Map<string, ObjectModel>();
	const later: Later[] = [];
	const grants = new Map<string, Grant>();
	const diagnostics: Diagnostic[] = [];
	const { owners, context, damaged } = options;
	const state: Folding = { objects, grants, diagnostics: [], owners, context };
	/** Statements with values that are missing or ends that are guessed. */
	const unsure = new Set<Span>();
	const places = new Set<string>();
	const read = (statement: Statement, fold: () => void): void => {
		fold();
		const found = state.diagnostics.splice(0);
		const guessed = statement.guessed || damaged?.has(statement.source);
		const gaps = gapPlaces(statement);
		for (const gap of gaps) places.add(gap);
		if (guessed || gaps.length > 0) unsure.add(statement.span);
		if (!guessed) diagnostics.push(...found);
	};
	const unclosed: Diagnostic[] = [];
	for (const source of sources) {
		state.context = options.context;
		for (const statement of parse(source, KINDS, (diagnostic) => unclosed.push(diagnostic)))
			read(statement, () => foldFirst(state, statement, later));
	}
	for (const { statement, context } of later) {
		state.context = context;
		read(statement, () => foldLater(state, statement));
	}
	for (const object of objects.values())
		if (!object.declared || !unsure.has(object.declared.statement))
			diagnostics.push(...validateObject(object));
	const whole = unsure.size === 0 && unclosed.length === 0 && (damaged?.size ?? 0) === 0;
	return {
		catalog: { ...catalogOf(objects.values()), grants },
		diagnostics: [...unclosed, ...(whole ? diagnostics : withoutFollowing(diagnostics, places))],
	};
}
