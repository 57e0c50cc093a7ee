import { type Journal, timestamp } from "../apply/journal.ts";
import { insertRows, type RecordStatement } from "../apply/records.ts";
import type { MigrationFacts } from "./history.ts";

/** Who writes, and when. */
export interface RecordIdentity {
	readonly project: string;
	readonly deployment: string;
	readonly now: () => Date;
}

/** How far a migration came: see MigrationRecord. */
export interface Mark {
	readonly status: "running" | "open" | "failed" | "done";
	readonly done: number;
}

const COLUMNS = [
	"PROJECT",
	"FILE",
	"VERSION",
	"PHASE",
	"CHECKSUM",
	"STATUS",
	"STATEMENTS",
	"DONE",
	"STATEMENT_HASHES",
	"DEPLOYMENT",
	"AT",
];

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

/** A new record for each of these migrations, all of them in one statement, where the condition holds. */
export function insertion(
	table: string,
	all: readonly MigrationFacts[],
	identity: RecordIdentity,
	status: string,
	done: (facts: MigrationFacts) => number,
	condition = "TRUE",
): RecordStatement {
	const rows = all.map((facts) => row(facts, status, done(facts), identity));
	return insertRows(table, COLUMNS, rows, condition);
}

/** The record of a migration rewritten; `file` is the name it has so far. */
export function update(
	table: string,
	file: string,
	facts: MigrationFacts,
	identity: RecordIdentity,
	mark: { readonly status: string; readonly done: number },
	condition = "TRUE",
): RecordStatement {
	const [project = "", ...values] = row(facts, mark.status, mark.done, identity);
	return {
		sql: `UPDATE ${table} SET FILE = ?, VERSION = ?, PHASE = ?, CHECKSUM = ?, STATUS = ?, STATEMENTS = ?, DONE = ?, STATEMENT_HASHES = ?, DEPLOYMENT = ?, AT = ? WHERE PROJECT = ? AND FILE = ? AND ${condition}`,
		binds: [...values, project, file],
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
		const known = exists;
		exists = true;
		return journal.record((held) =>
			known
				? update(table, facts.file, facts, identity, mark, held)
				: insertion(table, [facts], identity, mark.status, () => mark.done, held),
		);
	};
}
