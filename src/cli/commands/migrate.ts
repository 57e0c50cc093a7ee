import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readRecords } from "../../apply/records.ts";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { type Standing, standings } from "../../migrate/history.ts";
import { newMigration, slug } from "../../migrate/new-migration.ts";
import { isDirectory, listNames } from "../../project/files.ts";
import { loadProject } from "../../project/project.ts";
import type { Command } from "../command.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";
import { table } from "../table.ts";

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

/** A migration's standing as a row: the same in the table and as JSON. */
function statusRow({ file, version, state, migration, record }: Standing): {
	readonly version: string | null;
	readonly name: string;
	readonly phase: string | null;
	readonly state: string;
	/** How many of its statements have finished. */
	readonly statements: string | null;
	readonly at: string | null;
	readonly deployment: string | null;
} {
	return {
		version: version === "" ? null : version,
		name: migration?.name ?? file,
		phase: migration?.phase ?? null,
		state,
		statements: record ? `${record.done} of ${record.statements}` : null,
		at: record?.at ?? null,
		deployment: record?.deployment ?? null,
	};
}

/** How each migration stands in an environment. */
export const migrateStatus: Command = {
	name: "migrate status",
	summary: "which migrations were run here, and which will be",
	async run(context, _args, _options) {
		const { globals, terminal } = context;
		const environment = environmentOf(globals);
		const project = loadProject(resolve(globals.dir), environment);
		return withAccess(context, { environment }, async (access) => {
			const connection = await access.connector.connect({});
			try {
				const records = await readRecords(connection, environment.records, environment.project);
				const rows = standings(project.migrations, records).map(statusRow);
				if (globals.json) terminal.out(JSON.stringify(rows, null, 2));
				else if (rows.length === 0) terminal.out("there are no migrations");
				else
					terminal.out(
						table(
							["version", "name", "phase", "state", "statements", "at", "deployment"],
							rows.map((row) =>
								Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v ?? ""])),
							),
						),
					);
				return EXIT.ok;
			} finally {
				await connection.close();
			}
		});
	},
};
