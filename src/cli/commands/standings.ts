import { resolve } from "node:path";
import { type Records, readRecords } from "../../apply/records.ts";
import { EXIT, throwErrors } from "../../diagnostics/diagnostic.ts";
import { checkMigrations } from "../../migrate/check.ts";
import { type Standing, standings } from "../../migrate/history.ts";
import type { Connection } from "../../model/port.ts";
import type { Environment } from "../../project/environment.ts";
import { loadProject } from "../../project/project.ts";
import type { CommandContext } from "../command.ts";
import type { Access } from "../connect.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";

/** An open account, and what the project's migrations are to it. */
export interface MigrationsThere {
	readonly connection: Connection;
	readonly environment: Environment;
	readonly access: Access;
	readonly records: Records;
	/** How the migrations stand by records. */
	readonly standingsBy: (records: Records) => readonly Standing[];
}

/** Reads the project's migrations and the account's records of them, and runs something while the account is open. */
export function withMigrations<T>(
	context: CommandContext,
	run: (there: MigrationsThere) => Promise<T>,
): Promise<T> {
	const { globals } = context;
	const environment = environmentOf(globals);
	const project = loadProject(resolve(globals.dir), environment);
	throwErrors(checkMigrations(project.migrations, environment), EXIT.input);
	return withAccess(context, { environment }, async (access) => {
		const connection = await access.connector.connect({});
		try {
			const records = await readRecords(connection, environment.records, environment.project);
			const standingsBy = (by: Records) => standings(project.migrations, by);
			return await run({ connection, environment, access, records, standingsBy });
		} finally {
			await connection.close();
		}
	});
}
