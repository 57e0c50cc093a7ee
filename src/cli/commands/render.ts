import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { EXIT, throwErrors } from "../../diagnostics/diagnostic.ts";
import { readProject } from "../../project/project.ts";
import { withLiteralSecrets } from "../../resolve/literal-secrets.ts";
import type { Command } from "../command.ts";
import { environmentOf, renderedFiles } from "../load.ts";

/** Templates to SQL: to stdout, or as files. */
export const renderCommand: Command = {
	name: "render",
	summary: "render the templates to SQL: no account, no network",
	options: [
		{ flags: "--out <dir>", summary: "write one file for each template instead of printing" },
	],
	async run({ globals, terminal }, _args, options) {
		const project = readProject(resolve(globals.dir), environmentOf(globals));
		throwErrors(withLiteralSecrets(project.diagnostics, renderedFiles(project)), EXIT.input);
		const files = [...project.files, ...project.migrations, ...project.checks].map((f) => ({
			file: f.file,
			sql: f.source.text,
		}));
		if (typeof options.out === "string") {
			for (const { file, sql } of files) {
				const path = join(resolve(options.out), file);
				mkdirSync(dirname(path), { recursive: true });
				writeFileSync(path, sql);
			}
			terminal.note(`${files.length} files written to ${options.out}`);
		}
		if (globals.json) terminal.out(JSON.stringify({ environment: globals.env, files }, null, 2));
		else if (options.out === undefined)
			terminal.out(files.map(({ file, sql }) => `-- ${file}\n${sql.trimEnd()}`).join("\n\n"));
		return EXIT.ok;
	},
};
