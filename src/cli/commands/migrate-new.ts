import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { leaseHeld } from "../../apply/lease.ts";
import { DeployError, EXIT, type ExitCode } from "../../diagnostics/diagnostic.ts";
import { migrationOf, type PlannedMigration } from "../../migrate/from-plan.ts";
import { standings } from "../../migrate/history.ts";
import { type NewMigration, newMigration, slug } from "../../migrate/new-migration.ts";
import { checkSeen, readBack } from "../../migrate/read-back.ts";
import { readIdentity } from "../../operate/identity.ts";
import { PERMIT_ONLY } from "../../operate/permits.ts";
import { isDirectory, listNames } from "../../project/files.ts";
import type { Command, CommandContext } from "../command.ts";
import { makePlanOn, type Planned, planned } from "../planning.ts";
import { TARGET } from "./plan.ts";

type Phase = "before" | "after";

function usage(summary: string, hint: string): DeployError {
	return new DeployError(EXIT.usage, { severity: "error", code: "USAGE", summary, hint });
}

/** The folder of migrations of a project. */
function folderOf({ globals }: CommandContext): string {
	const dir = resolve(globals.dir);
	if (!isDirectory(dir))
		throw new DeployError(EXIT.input, {
			severity: "error",
			code: "NO_PROJECT",
			summary: `there is no directory ${globals.dir}`,
		});
	return join(dir, "migrations");
}

function next(folder: string, name: string, phase: Phase): NewMigration {
	return newMigration(isDirectory(folder) ? listNames(folder) : [], name, phase);
}

function written(folder: string, { file, text }: NewMigration): string {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, file), text, { flag: "wx" });
	return `migrations/${file}`;
}

function say(context: CommandContext, value: unknown, text: string): void {
	context.terminal.out(context.globals.json ? JSON.stringify(value, null, 2) : text);
}

/** A plan of some objects does not see through migrations: it would do what they do a second time. */
function refuseUnseen({ loaded, records }: Planned): void {
	const pending = standings(loaded.project.migrations, records).filter(
		({ state }) => state === "pending" || state === "failed",
	);
	if (pending.length > 0)
		throw usage(
			`--target does not see through migrations, and ${pending.map(({ file }) => file).join(", ")} did not run yet`,
			"apply first, or leave --target out",
		);
}

/** What comes of the migration in the environment it was made in. */
function notes({ steps }: PlannedMigration, isBaselined: boolean): readonly string[] {
	const lossy = steps.flatMap(({ hazards }) => hazards.filter(({ level }) => level === "refuse"));
	return [
		...lossy.map(({ code, object, message }) => `! ${code} (${object}): ${message}`),
		...(lossy.length > 0 ? ["nobody is asked about hazards when a migration runs"] : []),
		...(isBaselined
			? [
					"here it will only be recorded, and sql/ makes what it would: no migration was recorded here yet",
				]
			: []),
	];
}

/** Writes what a plan would do as a migration, once the next plan is seen to have nothing left of it to do. */
async function writeFromPlan(
	context: CommandContext,
	current: Planned,
	name: string,
	phase: Phase,
	targets: readonly string[],
): Promise<ExitCode> {
	const { loaded, access, plan } = current;
	if (current.running) throw leaseHeld(current.running);
	if (targets.length > 0) refuseUnseen(current);
	const connection = await access.connector.connect({});
	try {
		const { role } = await readIdentity(connection);
		const made = migrationOf(plan, { phase, role, targets, permitOnly: PERMIT_ONLY });
		if (!made) {
			say(context, { file: null }, "the plan is empty: there is nothing to write");
			return EXIT.ok;
		}
		const folder = folderOf(context);
		const { file } = next(folder, name, phase);
		const migration = readBack(file, made, loaded.environment);
		const project = {
			...loaded.project,
			migrations: [...loaded.project.migrations, migration],
		};
		const after = await makePlanOn(context, { ...loaded, project }, access, connection, []);
		const isBaselined = after.plan.steps.some((s) => s.baselines?.some((b) => b.file === file));
		if (!isBaselined) checkSeen(made, after.plan);
		const path = written(folder, { file, text: made.text });
		const hazards = made.steps.flatMap((step) => step.hazards);
		const steps = made.steps.map((step) => step.id);
		say(context, { file: path, phase, steps, statements: made.statements, hazards }, path);
		for (const note of notes(made, isBaselined)) context.terminal.note(note);
		return EXIT.ok;
	} finally {
		await connection.close();
	}
}

/** Makes the file of a new migration: an empty one, or what a plan would do. */
export const migrateNew: Command = {
	name: "migrate new",
	args: "<name>",
	summary: "make the file of a new migration",
	options: [
		{ flags: "--from-plan", summary: "write what plan would do now into it" },
		{ ...TARGET, summary: "with --from-plan: only objects whose name matches, and what they need" },
		{
			flags: "--phase <phase>",
			summary: "whether it runs before or after the declarative changes",
			choices: ["before", "after"],
			default: "before",
		},
	],
	async run(context, [name = ""], options) {
		if (slug(name) === "")
			throw usage(
				"the name of a migration needs a letter or a digit",
				"such as: snowline migrate new backfill_orders",
			);
		const targets = (options.target as string[] | undefined) ?? [];
		const phase: Phase = options.phase === "after" ? "after" : "before";
		const folder = folderOf(context);
		if (options.fromPlan === true)
			return planned(context, targets, (current) =>
				writeFromPlan(context, current, name, phase, targets),
			);
		if (targets.length > 0)
			throw usage("--target chooses what is planned", "give --from-plan with it");
		const path = written(folder, next(folder, name, phase));
		say(context, { file: path }, path);
		return EXIT.ok;
	},
};
