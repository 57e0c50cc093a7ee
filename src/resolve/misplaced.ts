import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import type { OtherStatement, Statement } from "../parse/statement.ts";

/** Where statements that do not declare anything belong. */
const BELONGS: Readonly<Record<string, string>> = {
	INSERT:
		"DML changes data, it does not declare an object: put it in a migration, or in a task's body",
	UPDATE:
		"DML changes data, it does not declare an object: put it in a migration, or in a task's body",
	DELETE:
		"DML changes data, it does not declare an object: put it in a migration, or in a task's body",
	MERGE:
		"DML changes data, it does not declare an object: put it in a migration, or in a task's body",
	TRUNCATE: "TRUNCATE deletes data: put it in a migration",
	COPY: "COPY INTO loads or unloads once: put it in a pipe, a task's body or a migration",
	SELECT: "a query declares nothing: put it in a *.check.sql file, or run it with `snowline sql`",
	WITH: "a query declares nothing: put it in a *.check.sql file, or run it with `snowline sql`",
	DROP: "to drop an object, delete its CREATE: the plan then drops it, with its hazards",
	UNDROP: "put UNDROP in a migration",
	CALL: "put CALL in a migration or in a task's body",
	EXECUTE: "run it by hand, or put it in a migration",
	SET: "session variables do not reach the objects' own sessions: use a template variable, {{name}}",
	UNSET:
		"session variables do not reach the objects' own sessions: use a template variable, {{name}}",
	PUT: "files are not part of the declared state: run PUT by hand",
	GET: "files are not part of the declared state: run GET by hand",
	REMOVE: "files are not part of the declared state: run REMOVE by hand",
	LIST: "run it with `snowline sql`",
	SHOW: "run it with `snowline sql`",
	DESCRIBE: "run it with `snowline sql`",
	BEGIN: "scripts and transactions belong in a migration or in a task's body",
	DECLARE: "scripts and transactions belong in a migration or in a task's body",
	COMMIT: "scripts and transactions belong in a migration",
	ROLLBACK: "scripts and transactions belong in a migration",
	REVOKE: "to take a grant away, delete its GRANT",
};

/** Statements that sql/ may hold, for suggestions. */
const ALLOWED = "CREATE, ALTER, GRANT, COMMENT ON, USE";

/** The error for a statement that has no place in sql/. */
export function misplaced(statement: Statement): Diagnostic {
	const word = statement.verb === "OTHER" ? (statement as OtherStatement).first : statement.verb;
	const first = statement.tokens[0];
	const span = first
		? { source: statement.source, start: first.start, end: first.end }
		: statement.span;
	return errorAt(span, "MISPLACED_STATEMENT", `${word} does not belong in sql/`, {
		hint: BELONGS[word] ?? `sql/ holds ${ALLOWED}`,
	});
}
