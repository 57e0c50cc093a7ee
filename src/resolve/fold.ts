import { DeployError, type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import type { EdgeKey } from "../model/edge.ts";
import type { Grant } from "../model/grant.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import type { ReadContext } from "../objects/define/value-syntax.ts";
import { KINDS, OBJECT_TYPES } from "../objects/index.ts";
import type { CreateStatement, ObjectStatement } from "../parse/statement.ts";
import { type FileContext, qualify } from "./context.ts";

/** A catalog being put together: objects by key, the context the next statement is read in, what went wrong. */
export interface Folding {
	readonly objects: Map<string, ObjectModel>;
	/** Who is granted what on them; where it is absent, grants are read and not kept. */
	readonly grants?: Map<EdgeKey, Grant>;
	context: FileContext;
	readonly diagnostics: Diagnostic[];
	/** Owner roles of kinds that have one of their own (`owners` of the environment). */
	readonly owners: Readonly<Record<string, string>>;
}

/** What reading a clause knows of the place it stands at. */
export function readContext(context: FileContext): ReadContext {
	return { qualify: (name, level) => qualify(name, level, context) };
}

/** Runs one reading step; its expected failures become diagnostics. */
export function collect<T>(state: Folding, run: () => T): T | undefined {
	try {
		return run();
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		state.diagnostics.push(...error.diagnostics);
		return undefined;
	}
}

/** The kind a statement names, or an error with the nearest one. */
export function knownType(
	state: Folding,
	statement: CreateStatement | ObjectStatement,
): ObjectType | undefined {
	const type = statement.kind === undefined ? undefined : OBJECT_TYPES.get(statement.kind);
	if (type) return type;
	const { source, start, end } = statement.kindSpan;
	const word = source.text.slice(start, end).toUpperCase().replace(/\s+/g, " ");
	state.diagnostics.push(
		errorAt(
			statement.kindSpan,
			"UNKNOWN_KIND",
			`${word || "this"} is not a kind of object Snowline knows`,
			didYouMean(word, KINDS),
		),
	);
	return undefined;
}

/** The full name a statement gives its object; undefined, with an error, where there is none. */
export function nameOf(
	state: Folding,
	statement: CreateStatement | ObjectStatement,
	type: ObjectType,
): QualifiedName | undefined {
	if (!statement.name) {
		state.diagnostics.push(
			statement.rest().error(`the ${type.kind.toLowerCase()}'s name`).diagnostics[0] as Diagnostic,
		);
		return undefined;
	}
	const written = statement.name;
	return collect(state, () => qualify(written, type.level, state.context));
}

/** Moves the context into a container: `CREATE SCHEMA` and `USE SCHEMA` alike. */
export function enter(
	context: FileContext,
	opens: "database" | "schema",
	name: QualifiedName,
): FileContext {
	const { role: owner, roleSpan } = context;
	const role = owner === undefined ? {} : { role: owner, roleSpan };
	if (opens === "database") return { ...role, database: name[0], schema: "PUBLIC" };
	return { ...role, database: name[0], schema: name[1] };
}

/** Replaces an object's properties, keeping where they were written. */
export function amend(
	state: Folding,
	object: ObjectModel,
	properties: ObjectModel["properties"],
	spans: ReadonlyMap<string, Span>,
): void {
	const declared = object.declared && {
		...object.declared,
		properties: new Map([...object.declared.properties, ...spans]),
	};
	state.objects.set(objectKey(object), { ...object, properties, ...(declared && { declared }) });
}
