import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { editRecords, type RecordEdit } from "../../apply/edit-records.ts";
import { readRecords, recordTable } from "../../apply/records.ts";
import { DeployError, EXIT, type ExitCode } from "../../diagnostics/diagnostic.ts";
import { baselineEdit, repairEdits, type Verdict } from "../../migrate/edit-records.ts";
import type { Standing } from "../../migrate/history.ts";
import type { RecordIdentity } from "../../migrate/progress.ts";
import type { Command, CommandContext } from "../command.ts";
import { leaseOf } from "../lease.ts";
import { ciJob, gitCommit } from "../origin.ts";
import { TOOL } from "../version.ts";
import { withMigrations } from "./standings.ts";

/** What to change of the records, by how the migrations stand. */
type Decide = (
	all: readonly Standing[],
	table: string,
	identity: RecordIdentity,
) => readonly RecordEdit[];

function told(context: CommandContext, done: readonly string[], nothing: string): ExitCode {
	const { globals, terminal, signal } = context;
	if (globals.json) terminal.out(JSON.stringify({ done }, null, 2));
	else if (done.length > 0) terminal.out(done.join("\n"));
	else terminal.out(signal.aborted ? "nothing was changed" : nothing);
	if (!signal.aborted) return EXIT.ok;
	return signal.reason === "SIGTERM" ? 143 : 130;
}

/** Edits the records under the lease, and says what each edit meant. */
function edited(
	context: CommandContext,
	command: "baseline" | "repair",
	decide: Decide,
	nothing: string,
): Promise<ExitCode> {
	return withMigrations(context, async ({ environment, access, records, standingsBy }) => {
		const { env } = context.streams;
		const { project, records: schema } = environment;
		const dir = resolve(context.globals.dir);
		const id = `${command}-${randomUUID()}`;
		const table = recordTable(schema, "MIGRATIONS");
		const identity = { project, deployment: id, now: context.now };
		// What is wrong with the request, or that there is nothing to do, needs no lease.
		if (decide(standingsBy(records), table, identity).length === 0)
			return told(context, [], nothing);
		const commit = gitCommit(dir, env);
		const job = ciJob(env);
		context.leftovers.describe = () => [
			"the lease of this run is given back when it expires (or with `snowline unlock`)",
		];
		const done = await editRecords({
			connector: access.connector,
			records: schema,
			command: `migrate ${command}`,
			facts: {
				project,
				id,
				environment: environment.name,
				actor: userInfo().username,
				tool: TOOL,
				...(commit === undefined ? {} : { gitCommit: commit }),
				...(job === undefined ? {} : { ciJob: job }),
			},
			lease: leaseOf(context, access),
			now: context.now,
			signal: context.signal,
			decide: async (connection) =>
				decide(standingsBy(await readRecords(connection, schema, project)), table, identity),
		});
		return told(context, done, nothing);
	});
}

/** Records migrations as applied in an environment that has their result already. */
export const migrateBaseline: Command = {
	name: "migrate baseline",
	args: "<version>",
	summary: "record every migration up to a version as applied, without running it",
	run: (context, [version = ""]) =>
		edited(
			context,
			"baseline",
			(all, table, identity) => {
				const edit = baselineEdit(all, version, table, identity);
				return edit ? [edit] : [];
			},
			"nothing is pending up to there",
		),
};

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
		return edited(
			context,
			"repair",
			(all, table, identity) => repairEdits(all, target, verdict, table, identity),
			"the records agree with the project",
		);
	},
};
