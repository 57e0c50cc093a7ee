import { DeployError } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { OBJECT_TYPES } from "../objects/index.ts";
import type { Cursor } from "../parse/cursor.ts";
import type { OtherStatement } from "../parse/statement.ts";
import type { Migration } from "../project/project.ts";
import { complete, type FileContext } from "../resolve/context.ts";
import { grantedName } from "../resolve/grant-statement.ts";
import type { ScriptStatement } from "./script.ts";
import { contextAfter } from "./see-through.ts";

/** What a migration changes, as far as its statements and its `touches` lines tell. */
export interface Touched {
	readonly names: readonly QualifiedName[];
	/** Those of them that its CREATE statements make. */
	readonly created: readonly QualifiedName[];
	/** False when a statement changes something that nothing tells. */
	readonly complete: boolean;
}

/** Statements that change no object. */
const READING = new Set([
	"SELECT",
	"WITH",
	"SHOW",
	"DESCRIBE",
	"LIST",
	"LS",
	"EXPLAIN",
	"COMMIT",
	"ROLLBACK",
	"SET",
	"UNSET",
]);

/** The words between a DML statement's first word and the name of what it changes. */
const TARGETS: Readonly<Record<string, readonly (readonly string[])[]>> = {
	INSERT: [["OVERWRITE"], ["INTO"]],
	UPDATE: [],
	DELETE: [["FROM"]],
	MERGE: [["INTO"]],
	TRUNCATE: [["TABLE"], ["IF", "EXISTS"]],
	COPY: [["INTO"]],
};

/** The table a DML statement changes, as written. */
function dmlTarget(statement: OtherStatement, cursor: Cursor): QualifiedName | undefined {
	const skipped = TARGETS[statement.first];
	if (!skipped || cursor.looksAt("ALL") || cursor.looksAt("FIRST")) return undefined;
	for (const words of skipped) cursor.take(...words);
	return cursor.takeName()?.parts;
}

/** The names one statement changes; undefined when it cannot be told. */
function touchedBy(
	{ role, statement }: ScriptStatement,
	context: FileContext,
): readonly QualifiedName[] | undefined {
	if (role === "session" || role === "begin" || role === "end") return [];
	if (statement.verb === "OTHER") {
		if (READING.has(statement.first)) return [];
		if (statement.first === "GRANT" || statement.first === "REVOKE") {
			const name = grantedName(statement, context);
			return name && [name];
		}
		const written = dmlTarget(statement, statement.rest());
		const name = written && complete(written, "schema", context);
		return name && [name];
	}
	if (statement.verb === "DESCRIBE") return [];
	const type = statement.kind === undefined ? undefined : OBJECT_TYPES.get(statement.kind);
	const name = type && statement.name && complete(statement.name.parts, type.level, context);
	return name && [name];
}

/** What a migration changes, in the context that the environment gives it. */
export function touchedNames(
	migration: Pick<Migration, "touches">,
	script: readonly ScriptStatement[],
	context: FileContext,
): Touched {
	let current = context;
	let all = true;
	const names: QualifiedName[] = [];
	const created: QualifiedName[] = [];
	for (const statement of script) {
		const touched = tryRead(() => touchedBy(statement, current));
		if (touched) names.push(...touched);
		else all = false;
		if (touched && statement.statement.verb === "CREATE") created.push(...touched);
		current = contextAfter(statement.statement, current);
	}
	const stated = migration.touches.map(({ name }) => complete(name, "schema", context) ?? name);
	return { names: [...names, ...stated], created, complete: all || stated.length > 0 };
}

function tryRead<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return undefined;
	}
}
