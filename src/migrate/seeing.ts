import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { GrantEffect } from "../model/grant.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { OBJECT_TYPES } from "../objects/index.ts";
import type { CreateStatement, ObjectStatement } from "../parse/statement.ts";
import { complete, type FileContext } from "../resolve/context.ts";
import type { Folding } from "../resolve/fold.ts";

/** The account as statements change it, and what they do to grants. */
export interface Seeing extends Folding {
	readonly effects: GrantEffect[];
	/** What an object is that was in doubt, because a statement says all of it. */
	readonly settle: (name: QualifiedName) => void;
}

/** A fold on a copy, so that a statement that cannot be read leaves nothing half done. */
export function tryFold(state: Folding, fold: (scratch: Folding) => void): readonly Diagnostic[] {
	const scratch: Folding = { ...state, objects: new Map(state.objects), diagnostics: [] };
	fold(scratch);
	const errors = scratch.diagnostics.filter((d) => d.severity === "error");
	if (errors.length > 0) return errors;
	state.objects.clear();
	for (const [key, object] of scratch.objects) state.objects.set(key, object);
	state.context = scratch.context;
	return [];
}

/** The full name of what a statement is about, where its kind is known and the context says enough. */
export function subject(
	statement: CreateStatement | ObjectStatement,
	context: FileContext,
): QualifiedName | undefined {
	const type = statement.kind === undefined ? undefined : OBJECT_TYPES.get(statement.kind);
	return type && statement.name && complete(statement.name.parts, type.level, context);
}
