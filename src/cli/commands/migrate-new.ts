import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { newMigration, slug } from "../../migrate/new-migration.ts";
import { isDirectory, listNames } from "../../project/files.ts";
import type { Command } from "../command.ts";

/** Makes the file of a new migration. */
export const migrateNew: Command = {
	name: "migrate new",
	args: "<name>",
	summary: "make the file of a new migration",
	async run({ globals, terminal }, [name = ""]) {
		if (slug(name) === "")
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "USAGE",
				summary: "the name of a migration needs a letter or a digit",
				hint: "such as: snowline migrate new backfill_orders",
			});
		const dir = resolve(globals.dir);
		if (!isDirectory(dir))
			throw new DeployError(EXIT.input, {
				severity: "error",
				code: "NO_PROJECT",
				summary: `there is no directory ${globals.dir}`,
			});
		const folder = join(dir, "migrations");
		mkdirSync(folder, { recursive: true });
		const { file, text } = newMigration(listNames(folder), name);
		writeFileSync(join(folder, file), text, { flag: "wx" });
		const path = `migrations/${file}`;
		terminal.out(globals.json ? JSON.stringify({ file: path }, null, 2) : path);
		return EXIT.ok;
	},
};
