import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadEnvironment } from "../../src/project/environment.ts";
import { loadProject, type Project } from "../../src/project/project.ts";

/** Texts by path; `environments/local.yaml` is written where it is not given. */
export type Files = Readonly<Record<string, string>>;

const ENVIRONMENT = `project: demo
connection: { emulator: { path: .snowline/local } }
warehouse: COMPUTE_WH
variables: { lake: LAKE }
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
`;

/** A project in a directory of its own. */
export interface TestProject {
	readonly dir: string;
	/** Writes or overwrites files. */
	write(files: Files): void;
	/** The project as its environment sees it now. */
	load(): Project;
	remove(): void;
}

/** Makes a project of these files in a temporary directory. */
export function testProject(files: Files): TestProject {
	const dir = mkdtempSync(join(tmpdir(), "snowline-project-"));
	const write = (texts: Files): void => {
		for (const [path, text] of Object.entries(texts)) {
			mkdirSync(dirname(join(dir, path)), { recursive: true });
			writeFileSync(join(dir, path), text);
		}
	};
	mkdirSync(join(dir, "sql"));
	write({ "environments/local.yaml": ENVIRONMENT, ...files });
	return {
		dir,
		write,
		load: () => loadProject(dir, loadEnvironment(dir, "local")),
		remove: () => rmSync(dir, { recursive: true, force: true }),
	};
}
