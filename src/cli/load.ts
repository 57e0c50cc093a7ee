import { resolve } from "node:path";
import { DeployError, type Diagnostic, EXIT, throwErrors } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import { checkMigrations } from "../migrate/check.ts";
import type { Catalog } from "../model/catalog.ts";
import { lex } from "../parse/lexer.ts";
import { type Environment, loadEnvironment } from "../project/environment.ts";
import { parseOverrides } from "../project/overrides.ts";
import { type Project, readProject } from "../project/project.ts";
import { checkSecrets } from "../render/secrets.ts";
import { withLiteralSecrets } from "../resolve/literal-secrets.ts";
import { resolveFiles } from "../resolve/resolve-files.ts";
import type { GlobalOptions } from "./command.ts";

/** The environment a command works on. */
export function environmentOf(globals: GlobalOptions): Environment {
	return loadEnvironment(resolve(globals.dir), globals.env, parseOverrides(globals.var));
}

/** A project, what it declares, and what is worth warning about. */
export interface Loaded {
	readonly environment: Environment;
	readonly project: Project;
	readonly desired: Catalog;
	readonly warnings: readonly Diagnostic[];
}

/** Every text of a project that templates gave. */
export function renderedFiles({ files, migrations, checks }: Project): readonly Source[] {
	return [...files, ...migrations, ...checks].map(({ source }) => source);
}

/** Secrets must stand where a literal can; text that cannot be split into tokens is reported when it is resolved. */
function secretMistakes(project: Project): readonly Diagnostic[] {
	return project.files.flatMap((file) => {
		try {
			return checkSecrets(file, lex(file.source));
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			return [];
		}
	});
}

/** Reads, renders and resolves a project. Every mistake is thrown at once (exit 65 or 78). */
export function loadDesired(globals: GlobalOptions): Loaded {
	const environment = environmentOf(globals);
	const project = readProject(resolve(globals.dir), environment);
	const { catalog, diagnostics } = resolveFiles(
		project.files.map((f) => f.source),
		{
			context: environment.context,
			owners: environment.owners,
			damaged: new Set(project.files.filter((f) => !f.whole).map((f) => f.source)),
		},
	);
	const rendered = !project.diagnostics.some(({ severity }) => severity === "error");
	const found = [
		...project.diagnostics,
		...secretMistakes(project),
		// Migrations run in order: what is wrong with one that has gaps would tell nothing of the others.
		...(rendered ? checkMigrations(project.migrations, environment) : []),
		...diagnostics,
	];
	const warnings = throwErrors(withLiteralSecrets(found, renderedFiles(project)), EXIT.input);
	return { environment, project, desired: catalog, warnings };
}
