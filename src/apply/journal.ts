import type { QualifiedName } from "../model/identifier.ts";
import type { Bind, Connection } from "../model/port.ts";
import { createRecords, recordTable } from "./records.ts";

/** One line of the journal. */
export interface JournalEntry {
	readonly step: string;
	readonly operation: number;
	readonly event: "start" | "done" | "failed" | "captured" | "restored";
	/** The SQL, secrets as markers. */
	readonly statement?: string;
	readonly queryId?: string;
	readonly name?: string;
	readonly value?: string;
}

/** The append-only record of one deployment. */
export interface Journal {
	readonly isOpen: () => boolean;
	/** Creates the tables and writes what was kept back until they could be. */
	open(): Promise<void>;
	write(entry: JournalEntry): Promise<void>;
	/** Runs a statement on the records themselves, once they are open. */
	record(sql: string, binds: readonly Bind[]): Promise<void>;
	/** The full name of a record table. */
	table(name: string): string;
}

/** What a journal belongs to. */
export interface JournalIdentity {
	readonly project: string;
	readonly deployment: string;
	readonly now: () => Date;
}

/** An instant as the text of a TIMESTAMP_NTZ in UTC. */
export function timestamp(at: Date): string {
	return at.toISOString().replace("T", " ").replace("Z", "");
}

/**
 * The journal of a deployment. The first apply may have to create the database the records live in: until
 * `open`, entries are kept in memory, in order.
 */
export function openJournal(
	connection: Connection,
	schema: QualifiedName,
	identity: JournalIdentity,
): Journal {
	const waiting: { readonly sql: string; readonly binds: readonly Bind[] }[] = [];
	let opened = false;
	let sequence = 0;
	let last: Promise<unknown> = Promise.resolve();
	const tag = { tag: `snowline/${identity.deployment}/journal/0` };
	// One at a time and in order, whichever step asks: the journal's order is what recovery reads.
	const send = (sql: string, binds: readonly Bind[]): Promise<void> => {
		const next = last.then(() => connection.execute(sql, binds, tag)).then(() => undefined);
		last = next.catch(() => undefined);
		return next;
	};
	const record = async (sql: string, binds: readonly Bind[]): Promise<void> => {
		if (opened) await send(sql, binds);
		else waiting.push({ sql, binds });
	};
	const table = (name: string) => recordTable(schema, name);
	return {
		table,
		record,
		isOpen: () => opened,
		async open() {
			if (opened) return;
			await createRecords(connection, schema);
			opened = true;
			for (const { sql, binds } of waiting.splice(0)) await send(sql, binds);
		},
		write(entry) {
			sequence++;
			const { project, deployment, now } = identity;
			return record(
				`INSERT INTO ${table("JOURNAL")} (PROJECT, DEPLOYMENT, SEQ, AT, STEP, OPERATION, EVENT, STATEMENT, QUERY_ID, NAME, VALUE) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				[
					project,
					deployment,
					sequence,
					timestamp(now()),
					entry.step,
					entry.operation,
					entry.event,
					entry.statement ?? null,
					entry.queryId ?? null,
					entry.name ?? null,
					entry.value ?? null,
				],
			);
		},
	};
}
