import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRecords, readRecords, recordTable } from "../../apply/records.ts";
import { DeployError, EXIT, type ExitCode, throwErrors } from "../../diagnostics/diagnostic.ts";
import { checkMigrations } from "../../migrate/check.ts";
import {
	baselineEdit,
	type RecordEdit,
	repairEdits,
	type Verdict,
} from "../../migrate/edit-records.ts";
import { type Standing, standings } from "../../migrate/history.ts";
import { newMigration, slug } from "../../migrate/new-migration.ts";
import type { RecordIdentity } from "../../migrate/progress.ts";
import type { Connection } from "../../model/port.ts";
import type { Environment } from "../../project/environment.ts";
import { isDirectory, listNames } from "../../project/files.ts";
import { loadProject } from "../../project/project.ts";
import type { Command, CommandContext } from "../command.ts";
import type { Access } from "../connect.ts";
import { environmentOf, loadDesired } from "../load.ts";
import { makePlanOn, withAccess } from "../planning.ts";
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

/** Opens the account and says how every migration stands there. */
function withStandings(
	context: CommandContext,
	run: (
		all: readonly Standing[],
		connection: Connection,
		environment: Environment,
		access: Access,
	) => Promise<ExitCode>,
): Promise<ExitCode> {
	const { globals } = context;
	const environment = environmentOf(globals);
	const project = loadProject(resolve(globals.dir), environment);
	throwErrors(checkMigrations(project.migrations, environment), EXIT.input);
	return withAccess(context, { environment }, async (access) => {
		const connection = await access.connector.connect({});
		try {
			const records = await readRecords(connection, environment.records, environment.project);
			return await run(standings(project.migrations, records), connection, environment, access);
		} finally {
			await connection.close();
		}
	});
}

/**
 * The files that the next apply only records, because the declared state is already their result. Only a
 * plan can tell, so in an environment without records one is made; where it is refused, nothing is said.
 */
async function toBeBaselined(
	context: CommandContext,
	all: readonly Standing[],
	connection: Connection,
	access: Access,
): Promise<ReadonlySet<string>> {
	if (all.some((standing) => standing.record) || all.length === 0) return new Set();
	try {
		const { plan } = await makePlanOn(
			context,
			loadDesired(context.globals),
			access,
			connection,
			[],
		);
		return new Set(plan.steps.flatMap((step) => step.baselines ?? []).map(({ file }) => file));
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return new Set();
	}
}

/** How each migration stands in an environment. */
export const migrateStatus: Command = {
	name: "migrate status",
	summary: "which migrations were run here, and which will be",
	run: (context) =>
		withStandings(context, async (all, connection, _environment, access) => {
			const { globals, terminal } = context;
			const baselined = await toBeBaselined(context, all, connection, access);
			const rows = all
				.map(statusRow)
				.map((row, i) =>
					baselined.has(all[i]?.file ?? "") ? { ...row, state: "will be baselined" } : row,
				);
			if (globals.json) terminal.out(JSON.stringify(rows, null, 2));
			else if (rows.length === 0) terminal.out("there are no migrations");
			else
				terminal.out(
					table(
						["version", "name", "phase", "state", "statements", "at", "deployment"],
						rows.map((row) =>
							Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, cell ?? ""])),
						),
						terminal.width,
					),
				);
			return EXIT.ok;
		}),
};

/** Runs edits of the records, and says what each meant. */
async function runEdits(
	context: CommandContext,
	connection: Connection,
	edits: readonly RecordEdit[],
	nothing: string,
): Promise<ExitCode> {
	for (const { sql, binds } of edits) await connection.execute(sql, binds);
	const { globals, terminal } = context;
	const summaries = edits.map((edit) => edit.summary);
	if (globals.json) terminal.out(JSON.stringify({ done: summaries }, null, 2));
	else terminal.out(summaries.length > 0 ? summaries.join("\n") : nothing);
	return EXIT.ok;
}

/** Records migrations as applied in an environment that has their result already. */
export const migrateBaseline: Command = {
	name: "migrate baseline",
	args: "<version>",
	summary: "record every migration up to a version as applied, without running it",
	run: (context, [version = ""]) =>
		withStandings(context, async (all, connection, environment) => {
			const edit = baselineEdit(
				all,
				version,
				recordTable(environment.records, "MIGRATIONS"),
				byHand(context, environment, "migrate baseline"),
			);
			if (edit) await createRecords(connection, environment.records);
			return runEdits(context, connection, edit ? [edit] : [], "nothing is pending up to there");
		}),
};

/** Who edits the records outside of a deployment. */
function byHand(
	context: CommandContext,
	environment: Environment,
	deployment: string,
): RecordIdentity {
	return { project: environment.project, deployment, now: context.now };
}

/** What `--statement N --done|--retry` says. */
function verdictOf(options: Readonly<Record<string, unknown>>): Verdict | undefined {
	const { statement, done, retry } = options;
	const given = [statement, done, retry].filter((option) => option !== undefined).length;
	if (given === 0) return undefined;
	const number = Number(statement);
	if (given !== 2 || statement === undefined || !Number.isInteger(number) || number < 1)
		throw new DeployError(EXIT.usage, {
			severity: "error",
			code: "USAGE",
			summary: "--statement takes the number of a statement, and goes with --done or --retry",
		});
	return { statement: number, ran: done === true };
}

/** Makes the records agree with the project, or settles whether a statement ran. */
export const migrateRepair: Command = {
	name: "migrate repair",
	args: "[version]",
	summary: "make the records agree with changed, renamed and deleted migrations",
	options: [
		{ flags: "--statement <n>", summary: "the statement at which the migration was cut off" },
		{ flags: "--done", summary: "that statement has run" },
		{ flags: "--retry", summary: "that statement has not run, and runs again" },
	],
	async run(context, [target], options) {
		const verdict = verdictOf(options);
		return withStandings(context, (all, connection, environment) => {
			const edits = repairEdits(
				all,
				target,
				verdict,
				recordTable(environment.records, "MIGRATIONS"),
				byHand(context, environment, "migrate repair"),
			);
			return runEdits(context, connection, edits, "the records agree with the project");
		});
	},
};
