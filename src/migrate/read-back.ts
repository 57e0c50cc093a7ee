import { DeployError, EXIT, errorAt, throwErrors } from "../diagnostics/diagnostic.ts";
import { textSource } from "../diagnostics/source.ts";
import type { Plan } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import { parseMigrationHeader } from "../project/migration-header.ts";
import { parseMigrationName } from "../project/migration-name.ts";
import type { Migration } from "../project/project.ts";
import { render } from "../render/render.ts";
import { checkMigrations } from "./check.ts";
import type { PlannedMigration } from "./from-plan.ts";
import { readScript } from "./script.ts";

function unwritable(summary: string): DeployError {
	return new DeployError(
		EXIT.refused,
		errorAt(undefined, "NOT_A_MIGRATION", summary, {
			hint: "`snowline apply` does it; nothing was written",
		}),
	);
}

/**
 * Reads a migration that was written from a plan as if it stood in its file, and makes sure that it says what it was
 * written from. Throws a DeployError: 65 where it is no valid migration, 3 where a template cannot say it.
 */
export function readBack(
	name: string,
	written: PlannedMigration,
	environment: Environment,
): Migration {
	const file = `migrations/${name}`;
	const parsed = parseMigrationName(name);
	if (!parsed) throw new TypeError(`${name} is no migration's name`);
	const { variables, name: called } = environment;
	const rendered = render(
		{ file, text: written.text },
		{ variables, environment: called, partials: new Map() },
	);
	const diagnostics = [...rendered.diagnostics];
	const { source, secrets } = rendered;
	const raw = textSource(file, written.text);
	const header = parseMigrationHeader(source, (diagnostic) => diagnostics.push(diagnostic));
	const migration: Migration = { ...parsed, ...header, file, raw, source, secrets, whole: true };
	throwErrors([...diagnostics, ...checkMigrations([migration], environment)], EXIT.input);
	const script = readScript(migration).map(({ sql }) => sql);
	const different = written.statements.find((sql, i) => sql.trim() !== script[i]?.trim());
	if (different !== undefined || script.length !== written.statements.length)
		throw unwritable(
			`a template cannot say this statement: ${(different ?? "").replace(/\s+/g, " ").slice(0, 80)}`,
		);
	return migration;
}

/**
 * Makes sure that the next plan finds nothing left to do of what a migration does. Throws a DeployError (exit 3) that
 * names what it would do again.
 */
export function checkSeen(written: PlannedMigration, next: Plan): void {
	const own = new Set(written.steps.map(({ kind, object }) => `${kind} ${object}`));
	const left = next.steps.filter(
		({ action, kind, object }) => action !== "migrate" && own.has(`${kind} ${object}`),
	);
	if (left.length > 0)
		throw unwritable(
			`what the migration does could not be seen by the next plan, which would do it again: ${left.map(({ id }) => id).join(", ")}`,
		);
}
