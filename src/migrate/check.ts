import { DeployError, type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { locate, type Span } from "../diagnostics/source.ts";
import { lex } from "../parse/lexer.ts";
import type { Migration } from "../project/project.ts";
import { checkSecrets } from "../render/secrets.ts";
import { readScript, type ScriptStatement } from "./script.ts";
import { contextAfter, opaque, type SeeContext } from "./see-through.ts";

/** `ALTER SESSION SET AUTOCOMMIT`: with it off, no statement is finished until some later one commits. */
function setsAutocommit({ role, statement }: ScriptStatement): boolean {
	return role === "session" && statement.tokens.some((token) => token.value === "AUTOCOMMIT");
}

/** A migration is resumed by statement, which needs transactions that begin and end where they are written. */
function checkTransactions(script: readonly ScriptStatement[]): readonly Diagnostic[] {
	const diagnostics: Diagnostic[] = [];
	let open: Span | undefined;
	for (const statement of script) {
		const { span } = statement.statement;
		if (setsAutocommit(statement))
			diagnostics.push(
				errorAt(span, "MIGRATION_AUTOCOMMIT", "a migration cannot change AUTOCOMMIT", {
					hint: "put what belongs together between BEGIN and COMMIT",
				}),
			);
		if (statement.role === "begin") open ??= span;
		if (statement.role === "end") open = undefined;
		if (statement.role === "definition" && open) {
			diagnostics.push(
				errorAt(
					span,
					"MIGRATION_TRANSACTION",
					`this commits the transaction that begins at line ${locate(open).line}`,
					{ hint: "Snowflake commits before any DDL: move it before BEGIN or after COMMIT" },
				),
			);
			open = undefined;
		}
	}
	if (open)
		diagnostics.push(
			errorAt(open, "MIGRATION_TRANSACTION", "this transaction is never committed", {
				hint: "end it with COMMIT: what is open when the migration ends is rolled back",
			}),
		);
	return diagnostics;
}

/** A plan looks through pending migrations: what it cannot read, a `touches` line must tell. */
function checkReadable(
	migration: Migration,
	script: readonly ScriptStatement[],
	given: SeeContext,
): readonly Diagnostic[] {
	if (migration.touches.length > 0) return [];
	let { context } = given;
	return script.flatMap((entry) => {
		const why = opaque(entry, { ...given, context });
		context = contextAfter(entry.statement, context);
		if (why === undefined) return [];
		return [
			errorAt(
				entry.statement.span,
				"MIGRATION_UNREADABLE",
				`a plan cannot tell what this statement does: ${why}`,
				{ hint: "write -- touches: NAME, … for the objects it changes" },
			),
		];
	});
}

function checkMigration(migration: Migration, given: SeeContext): readonly Diagnostic[] {
	try {
		const script = readScript(migration);
		return [
			...checkSecrets(migration, lex(migration.source)),
			...checkTransactions(script),
			...checkReadable(migration, script, given),
		];
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return error.diagnostics;
	}
}

/** What is wrong with migrations that shows without an account. */
export function checkMigrations(
	migrations: readonly Migration[],
	given: SeeContext,
): readonly Diagnostic[] {
	return migrations.flatMap((migration) => checkMigration(migration, given));
}
