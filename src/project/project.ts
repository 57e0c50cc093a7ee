import { existsSync } from "node:fs";
import { join } from "node:path";
import {
	DeployError,
	type Diagnostic,
	EXIT,
	errorAt,
	throwErrors,
} from "../diagnostics/diagnostic.ts";
import { type Source, textSource } from "../diagnostics/source.ts";
import { checkTemplate, type Rendered, render } from "../render/render.ts";
import type { Template } from "../render/template.ts";
import type { Environment } from "./environment.ts";
import { isDirectory, listFiles, readText, type TextFile } from "./files.ts";
import { type MigrationHeader, parseMigrationHeader } from "./migration-header.ts";
import {
	compareVersions,
	MIGRATION_GRAMMAR,
	type MigrationName,
	parseMigrationName,
} from "./migration-name.ts";

/** One rendered file, with the text it was rendered from. */
export interface ProjectFile extends Pick<Rendered, "source" | "secrets"> {
	/** Its path from the project's directory, with `/`. */
	readonly file: string;
	/** As it stands in the file, before rendering. */
	readonly raw: Source;
	/** Whether all of its text is there: a mistake may leave out more than a value. */
	readonly whole: boolean;
}

/** One migration: its name, what its comments say, and its text. */
export type Migration = ProjectFile & MigrationName & MigrationHeader;

/** A project as one environment sees it: every file read and rendered. */
export interface Project {
	readonly dir: string;
	readonly environment: Environment;
	/** The desired state: `sql/**\/*.sql`, by path. */
	readonly files: readonly ProjectFile[];
	/** Data checks: `sql/**\/*.check.sql`, by path. */
	readonly checks: readonly ProjectFile[];
	/** Versioned ones by version, then repeatable ones by name. */
	readonly migrations: readonly Migration[];
	/** Warnings; errors too where they are not thrown. */
	readonly diagnostics: readonly Diagnostic[];
}

type Report = (diagnostic: Diagnostic) => void;

/** The name by which a file in a `_partials` folder is used: its path from there, without `.sql`. */
function partialName(file: string): string | undefined {
	return /(?:^|\/)_partials\/(.+)\.sql$/.exec(file)?.[1];
}

function readPartials(files: readonly TextFile[], report: Report): ReadonlyMap<string, Template> {
	const partials = new Map<string, Template>();
	for (const file of files) {
		const name = partialName(file.file);
		if (name === undefined) continue;
		const other = partials.get(name);
		if (other) {
			const summary = `partial ${name} is written twice: ${other.file} and ${file.file}`;
			report(errorAt(undefined, "DUPLICATE_PARTIAL", summary, { hint: "rename one of them" }));
		} else partials.set(name, file);
	}
	for (const partial of partials.values())
		for (const diagnostic of checkTemplate(partial, partials)) report(diagnostic);
	return partials;
}

function readFiles(dir: string, folder: string, report: Report): readonly TextFile[] {
	return listFiles(dir, folder, report).flatMap((file) => {
		if (file.endsWith(".sql")) return readText(dir, file, report) ?? [];
		if (/\.sql$/i.test(file))
			report(
				errorAt(undefined, "FILE_NAME", `${file} does not end in .sql, so it would not be read`, {
					hint: "rename it",
				}),
			);
		return [];
	});
}

/** Two migrations of one version cannot both run in order. */
function checkVersions(migrations: readonly Migration[], report: Report): void {
	let before: Migration | undefined;
	for (const migration of migrations) {
		if (
			before?.kind === "versioned" &&
			migration.kind === "versioned" &&
			compareVersions(before.version, migration.version) === 0
		)
			report(
				errorAt(
					undefined,
					"DUPLICATE_VERSION",
					`version ${migration.version} is written twice: ${before.file} and ${migration.file}`,
					{ hint: "give the later one a version of its own" },
				),
			);
		before = migration;
	}
}

function compareMigrations(a: Migration, b: Migration): number {
	if (a.kind === "versioned" && b.kind === "versioned")
		return compareVersions(a.version, b.version);
	return Number(a.kind === "repeatable") - Number(b.kind === "repeatable");
}

function readMigrations(
	dir: string,
	renderFile: (file: TextFile) => ProjectFile,
	report: Report,
): readonly Migration[] {
	const folder = "migrations";
	if (!isDirectory(join(dir, folder))) return [];
	const migrations = listFiles(dir, folder, report).flatMap((path): readonly Migration[] => {
		const name = parseMigrationName(path.slice(folder.length + 1));
		if (!name) {
			const inside = path.split("/").length > 2 ? "; folders are not looked into" : "";
			report(
				errorAt(undefined, "MIGRATION_NAME", `${path} is not named like a migration`, {
					hint: `name it ${MIGRATION_GRAMMAR}, such as V0001__backfill_orders.sql${inside}`,
				}),
			);
			return [];
		}
		const text = readText(dir, path, report);
		if (!text) return [];
		const file = renderFile(text);
		return [{ ...file, ...name, ...parseMigrationHeader(file.source, report) }];
	});
	// The sort is stable, so repeatable ones keep the order of their paths.
	const sorted = [...migrations].sort(compareMigrations);
	checkVersions(sorted, report);
	return sorted;
}

function checkDirectory(dir: string): void {
	const there = existsSync(dir);
	if (there && isDirectory(join(dir, "sql"))) return;
	throw new DeployError(
		EXIT.input,
		errorAt(
			undefined,
			"NO_PROJECT",
			there ? `there is no directory sql/ in ${dir}` : `there is no directory ${dir}`,
			{ hint: "run snowline init to make a project, or say where it is with -C DIR" },
		),
	);
}

/** Whether every error stands where a placeholder took the place of a value. */
function isWhole({ source, diagnostics }: Rendered): boolean {
	const gaps = (source.gaps ?? []).map((at) => source.locate(at, at + 1));
	return diagnostics.every(
		({ severity, at }) =>
			severity !== "error" ||
			gaps.some(
				(gap) =>
					gap.file === at?.file &&
					gap.line === at.line &&
					at.column >= gap.column &&
					at.column < gap.column + gap.length,
			),
	);
}

/**
 * Reads and renders every file of a project for an environment.
 * Throws one DeployError (exit 65) with everything that is wrong in any file.
 */
export function loadProject(dir: string, environment: Environment): Project {
	const project = readProject(dir, environment);
	throwErrors(project.diagnostics, EXIT.input);
	return project;
}

/** Reads and renders every file like `loadProject`; what is wrong in them is among the diagnostics. */
export function readProject(dir: string, environment: Environment): Project {
	checkDirectory(dir);
	const diagnostics: Diagnostic[] = [];
	const seen = new Set<string>();
	const report = (diagnostic: Diagnostic): void => {
		const { code, summary, at } = diagnostic;
		// A mistake in a partial comes up in every file that uses it.
		const key = JSON.stringify([code, summary, at?.file, at?.line, at?.column]);
		if (!seen.has(key)) diagnostics.push(diagnostic);
		seen.add(key);
	};
	const texts = readFiles(dir, "sql", report);
	const partials = readPartials(texts, report);
	const options = { variables: environment.variables, environment: environment.name, partials };
	const renderFile = (text: TextFile): ProjectFile => {
		const rendered = render(text, options);
		for (const diagnostic of rendered.diagnostics) report(diagnostic);
		const { source, secrets } = rendered;
		const raw = textSource(text.file, text.text);
		return { file: text.file, raw, source, secrets, whole: isWhole(rendered) };
	};
	const isCheck = ({ file }: TextFile): boolean => file.endsWith(".check.sql");
	const own = texts.filter(({ file }) => partialName(file) === undefined);
	const files = own.filter((text) => !isCheck(text)).map(renderFile);
	const checks = own.filter(isCheck).map(renderFile);
	const migrations = readMigrations(dir, renderFile, report);
	return {
		dir,
		environment,
		files,
		checks,
		migrations,
		diagnostics,
	};
}
