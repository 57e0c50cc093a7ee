import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { repairHint } from "../../migrate/check-history.ts";
import type { Standing } from "../../migrate/history.ts";
import { readDecided } from "../../operate/recovery.ts";
import type { Command, CommandContext } from "../command.ts";
import { loadDesired } from "../load.ts";
import { makePlanOn } from "../planning.ts";
import { table } from "../table.ts";
import { type MigrationsThere, withMigrations } from "./standings.ts";

/** What is known of a migration besides its standing. */
interface Known {
	/** Files that the next apply only records. */
	readonly baselined: ReadonlySet<string>;
	/** The deployment that is under way now. */
	readonly running: string | undefined;
}

/** A migration's standing as a row: the same in the table and as JSON. */
interface Row {
	readonly version: string | null;
	readonly name: string;
	readonly phase: string | null;
	readonly state: string;
	/** How many of its statements have finished. */
	readonly statements: string | null;
	readonly at: string | null;
	readonly deployment: string | null;
	/** What comes of one that was begun and is not done. */
	readonly next: string | null;
}

function isRunning({ record }: Standing, { running }: Known): boolean {
	if (!record || record.status === "done" || record.status === "baselined") return false;
	return record.deployment === running;
}

function stateOf(standing: Standing, known: Known): string {
	if (isRunning(standing, known)) return "running";
	return known.baselined.has(standing.file) ? "will be baselined" : standing.state;
}

function nextOf(standing: Standing, known: Known): string | null {
	const { state, record, migration } = standing;
	if (!record || isRunning(standing, known)) return null;
	if (state === "undecided") return repairHint(standing);
	if (state !== "failed" || !migration) return null;
	return record.done < record.statements
		? `goes on at statement ${record.done + 1}`
		: "all statements ran; the next apply records that";
}

function rowOf(standing: Standing, known: Known): Row {
	const { file, version, migration, record } = standing;
	return {
		version: version === "" ? null : version,
		name: migration?.name ?? file,
		phase: migration?.phase ?? null,
		state: stateOf(standing, known),
		statements: record ? `${record.done} of ${record.statements}` : null,
		at: record?.at ?? null,
		deployment: record?.deployment ?? null,
		next: nextOf(standing, known),
	};
}

function text(rows: readonly Row[], width: number | undefined): string {
	if (rows.length === 0) return "there are no migrations";
	const cells = rows.map((row) =>
		Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, cell ?? ""])),
	);
	const columns = ["version", "name", "phase", "state", "statements", "at", "deployment"];
	const next = rows.flatMap((row) =>
		row.next === null ? [] : `${row.version ?? "R"} ${row.name}: ${row.next}`,
	);
	return [table(columns, cells, width), ...next].join("\n");
}

/**
 * The files that the next apply only records, because the declared state is already their result. Only a
 * plan can tell, so in an environment without records one is made; where it is refused, nothing is said.
 */
async function toBeBaselined(
	context: CommandContext,
	all: readonly Standing[],
	{ connection, access }: MigrationsThere,
): Promise<ReadonlySet<string>> {
	if (all.some((standing) => standing.record) || all.length === 0) return new Set();
	try {
		const loaded = loadDesired(context.globals);
		const { plan } = await makePlanOn(context, loaded, access, connection, []);
		return new Set(plan.steps.flatMap((step) => step.baselines ?? []).map(({ file }) => file));
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return new Set();
	}
}

/** How each migration stands in an environment; of one that was cut off, what a plan would find out. */
export const migrateStatus: Command = {
	name: "migrate status",
	summary: "which migrations were run here, and which will be",
	run: (context) =>
		withMigrations(context, async (there) => {
			const { globals, terminal } = context;
			const alone = there.access.account !== undefined;
			const { records, running } = await readDecided({ ...there, alone });
			const all = there.standingsBy(records);
			const baselined = await toBeBaselined(context, all, there);
			const rows = all.map((standing) =>
				rowOf(standing, { baselined, running: running?.deployment }),
			);
			terminal.out(globals.json ? JSON.stringify(rows, null, 2) : text(rows, terminal.width));
			return EXIT.ok;
		}),
};
