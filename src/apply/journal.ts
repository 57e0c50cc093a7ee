import type { QualifiedName } from "../model/identifier.ts";
import type { Bind, Connection } from "../model/port.ts";
import { type Lease, leaseLost } from "./lease.ts";
import { affectedRows, insertRows, type RecordStatement, recordTable } from "./records.ts";

/**
 * One line of the journal. `start`, then `done`, `captured` or `failed` for each operation; `guard` before a
 * step that has something to restore, with the operations that do so; `restored` when they were run; and
 * `finished` for a whole step.
 */
export interface JournalEntry {
	readonly step: string;
	readonly operation: number;
	readonly event: "guard" | "start" | "done" | "captured" | "failed" | "restored" | "finished";
	/** The SQL, secrets as markers. */
	readonly statement?: string;
	readonly queryId?: string;
	readonly name?: string;
	readonly value?: string;
}

/** The append-only record of one deployment, and the way to every other record: nothing is written without the lease. */
export interface Journal {
	/** Whether the lease is held and the tables are there; until then everything is kept in memory, in order. */
	readonly isOpen: () => boolean;
	/** Writes what was kept back. */
	open(lease: Lease): Promise<void>;
	/** Takes note of what needs not be on record yet: it goes along with what is written next. */
	note(entry: JournalEntry): void;
	/** Returns when the entry, and everything before it, is on record. Throws a DeployError (exit 5) when the lease is lost. */
	write(entry: JournalEntry): Promise<void>;
	flush(): Promise<void>;
	/**
	 * Runs a statement on the records, once they are open. `held` is the condition under which it may change
	 * anything; when it has changed nothing, the lease is asked for.
	 */
	record(statement: (held: string) => RecordStatement): Promise<void>;
	/** What was captured last under a name, by any deployment of the project. */
	recall(name: string): Promise<string | undefined>;
	/** The full name of a record table. */
	table(name: string): string;
}

/** What a journal belongs to. */
export interface JournalIdentity {
	readonly project: string;
	readonly deployment: string;
	readonly now: () => Date;
	/** The number of the last line, where a deployment goes on. */
	readonly sequence?: number;
}

const COLUMNS = [
	"PROJECT",
	"DEPLOYMENT",
	"SEQ",
	"AT",
	"STEP",
	"OPERATION",
	"EVENT",
	"STATEMENT",
	"QUERY_ID",
	"NAME",
	"VALUE",
] as const;

/** An instant as the text of a TIMESTAMP_NTZ in UTC. */
export function timestamp(at: Date): string {
	return at.toISOString().replace("T", " ").replace("Z", "");
}

/**
 * The journal of a deployment. Whatever several steps have to write while one INSERT is under way goes
 * into the next one together: the order is kept, and there are fewer statements than lines.
 */
export function openJournal(
	connection: Connection,
	schema: QualifiedName,
	identity: JournalIdentity,
): Journal {
	const { project, deployment, now } = identity;
	const table = (name: string) => recordTable(schema, name);
	let lease: Lease | undefined;
	let sequence = identity.sequence ?? 0;
	let statements = sequence;
	let lines: Bind[][] = [];
	const waiting: ((held: string) => RecordStatement)[] = [];
	let last: Promise<unknown> = Promise.resolve();

	const send = async (statement: (held: string) => RecordStatement): Promise<void> => {
		if (!lease) return void waiting.push(statement);
		const { sql, binds } = statement(lease.held);
		// Numbered on from the lines, so that each of the deployment's statements has a tag of its own.
		const tag = `snowline/${deployment}/journal/${++statements}`;
		const run = async () => affectedRows(await connection.execute(sql, binds, { tag }));
		const begun = Date.now();
		if ((await run()) > 0) return lease.confirm(begun);
		if (!(await lease.renew())) throw leaseLost();
		await run();
	};
	/** One at a time and in order, whichever step asks: the journal's order is what recovery reads. */
	const inTurn = (work: () => Promise<void>): Promise<void> => {
		const next = last.then(work);
		last = next.catch(() => undefined);
		return next;
	};
	const sendLines = async (): Promise<void> => {
		if (!lease || lines.length === 0) return;
		const rows = lines;
		lines = [];
		await send((held) => insertRows(table("JOURNAL"), COLUMNS, rows, held));
	};
	const note = (entry: JournalEntry): void => {
		lines.push([
			project,
			deployment,
			++sequence,
			timestamp(now()),
			entry.step,
			entry.operation,
			entry.event,
			entry.statement ?? null,
			entry.queryId ?? null,
			entry.name ?? null,
			entry.value ?? null,
		]);
	};
	const flush = () => inTurn(sendLines);
	return {
		table,
		isOpen: () => lease !== undefined,
		async open(taken) {
			lease = taken;
			await inTurn(async () => {
				for (const statement of waiting.splice(0)) await send(statement);
				await sendLines();
			});
		},
		note,
		async recall(name) {
			let found: string | undefined;
			await inTurn(async () => {
				if (!lease) return;
				await sendLines();
				const { rows } = await connection.execute(
					`SELECT VALUE FROM ${table("JOURNAL")} WHERE PROJECT = ? AND EVENT = 'captured' AND NAME = ? ORDER BY AT DESC, SEQ DESC LIMIT 1`,
					[project, name],
				);
				found = rows[0]?.VALUE ?? undefined;
			});
			return found;
		},
		write(entry) {
			note(entry);
			return flush();
		},
		flush,
		record: (statement) =>
			inTurn(async () => {
				await sendLines();
				await send(statement);
			}),
	};
}
