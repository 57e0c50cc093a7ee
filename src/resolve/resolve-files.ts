import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { DeployError } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import { type Catalog, catalogOf, type ObjectModel } from "../model/catalog.ts";
import type { Grant } from "../model/grant.ts";
import { KINDS } from "../objects/index.ts";
import { parse, type Statement } from "../parse/statement.ts";
import type { FileContext } from "./context.ts";
import { type Folding, foldAlter, foldCall, foldComment, foldCreate, foldUse } from "./fold.ts";
import { foldGrant } from "./fold-grant.ts";
import { misplaced } from "./misplaced.ts";
import { validateObject } from "./validate.ts";

/** What the environment says of names and owners. */
export interface ResolveOptions {
	readonly context: FileContext;
	readonly owners: Readonly<Record<string, string>>;
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
 */
export function resolveFiles(sources: readonly Source[], options: ResolveOptions): Resolved {
	const objects = new Map<string, ObjectModel>();
	const diagnostics: Diagnostic[] = [];
	const later: Later[] = [];
	const grants = new Map<string, Grant>();
	const { owners, context } = options;
	const state: Folding = { objects, grants, diagnostics, owners, context };
	for (const source of sources) {
		state.context = options.context;
		try {
			for (const statement of parse(source, KINDS)) foldFirst(state, statement, later);
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			diagnostics.push(...error.diagnostics);
		}
	}
	for (const { statement, context } of later) {
		state.context = context;
		foldLater(state, statement);
	}
	for (const object of objects.values()) diagnostics.push(...validateObject(object));
	return { catalog: { ...catalogOf(objects.values()), grants }, diagnostics };
}
