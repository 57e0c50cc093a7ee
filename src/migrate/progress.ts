import { type Journal, timestamp } from "../apply/journal.ts";
import type { Step } from "../plan/plan.ts";

/** Who writes, and when. */
export interface RecordIdentity {
	readonly project: string;
	readonly deployment: string;
	readonly now: () => Date;
}

/** What a record says of a migration, without how far it came. */
export type MigrationFacts = NonNullable<Step["baselines"]>[number];

/** How far a migration came: see MigrationRecord. */
export interface Mark {
	readonly status: "running" | "open" | "failed" | "done";
	readonly done: number;
}

const COLUMNS =
	"PROJECT, FILE, VERSION, PHASE, CHECKSUM, STATUS, STATEMENTS, DONE, STATEMENT_HASHES, DEPLOYMENT, AT";

function row(
	facts: MigrationFacts,
	status: string,
	done: number,
	{ project, deployment, now }: RecordIdentity,
): readonly (string | number)[] {
	return [
		project,
		facts.file,
		facts.version,
		facts.phase,
		facts.checksum,
		status,
		facts.hashes.length,
		done,
		JSON.stringify(facts.hashes),
		deployment,
		timestamp(now()),
	];
}

/** A new record for each of these migrations, all of them in one statement. */
export function insertion(
	table: string,
	all: readonly MigrationFacts[],
	identity: RecordIdentity,
	status: string,
	done: (facts: MigrationFacts) => number,
): { readonly sql: string; readonly binds: readonly (string | number)[] } {
	const places = all.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ");
	return {
		sql: `INSERT INTO ${table} (${COLUMNS}) VALUES ${places}`,
		binds: all.flatMap((facts) => row(facts, status, done(facts), identity)),
	};
}

/** Writes down how far one migration has come; the same mark twice is written once. */
export function progressOf(
	journal: Journal,
	facts: MigrationFacts,
	identity: RecordIdentity,
	recorded: boolean,
): (mark: Mark) => Promise<void> {
	const table = journal.table("MIGRATIONS");
	let exists = recorded;
	let last: Mark | undefined;
	return async (mark) => {
		if (last?.status === mark.status && last.done === mark.done) return;
		last = mark;
		if (!exists) {
			exists = true;
			const { sql, binds } = insertion(table, [facts], identity, mark.status, () => mark.done);
			return journal.record(sql, binds);
		}
		const [project, file, ...values] = row(facts, mark.status, mark.done, identity);
		return journal.record(
			`UPDATE ${table} SET VERSION = ?, PHASE = ?, CHECKSUM = ?, STATUS = ?, STATEMENTS = ?, DONE = ?, STATEMENT_HASHES = ?, DEPLOYMENT = ?, AT = ? WHERE PROJECT = ? AND FILE = ?`,
			[...values, project ?? "", file ?? ""],
		);
	};
}
