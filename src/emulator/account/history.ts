import type { DuckDBConnection } from "@duckdb/node-api";
import { runEngine } from "./engine.ts";

/** What QUERY_HISTORY knows of one statement. Times are milliseconds since the epoch by the account's clock. */
export interface HistoryEntry {
	readonly id: string;
	readonly text: string;
	readonly database: string | null;
	readonly schema: string | null;
	readonly type: string;
	readonly session: number;
	readonly user: string;
	readonly role: string;
	readonly warehouse: string | null;
	readonly tag: string;
	readonly status: "RUNNING" | "SUCCESS" | "FAILED_WITH_ERROR";
	readonly errorCode: string | null;
	readonly errorMessage: string | null;
	readonly startedOn: number;
	readonly endedOn: number | null;
	readonly rows: number | null;
}

/** QUERY_HISTORY gives 10,000 rows at the most, so more are not kept in memory. */
const KEPT = 10_000;

/** The statements of an account, oldest first. */
export interface History {
	list(): readonly HistoryEntry[];
	/** Records how a statement stands, over what was recorded of it before; `saved` when its transaction wrote it down. */
	record(entry: HistoryEntry, saved?: boolean): void;
	/** The engine call that keeps an entry for good; part of the statement's own transaction where it has one. */
	insert(entry: HistoryEntry): { readonly sql: string; readonly values: readonly unknown[] };
	/** Writes down what is finished and not yet kept. */
	flush(): Promise<void>;
}

/**
 * Opens the history of statements. An entry is written with the statement's own commit, so that after a crash the
 * history says of every statement that changed something whether it did; those that only read are written when convenient.
 */
export async function openHistory(connection: DuckDBConnection): Promise<History> {
	const { rows } = await runEngine(connection, {
		sql: `SELECT body FROM state.history ORDER BY rowid DESC LIMIT ${KEPT}`,
		values: [],
	});
	let entries = new Map<string, HistoryEntry>();
	for (const [body] of [...rows].reverse()) {
		const entry = JSON.parse(String(body)) as HistoryEntry;
		entries.set(entry.id, entry);
	}
	const unsaved = new Map<string, HistoryEntry>();
	const insert: History["insert"] = (entry) => ({
		sql: "INSERT INTO state.history VALUES (?, ?)",
		values: [entry.id, JSON.stringify(entry)],
	});
	return {
		list: () => [...entries.values()],
		record(entry, saved = false) {
			entries.set(entry.id, entry);
			if (entry.status !== "RUNNING" && !saved) unsaved.set(entry.id, entry);
			if (entries.size > KEPT * 2) entries = new Map([...entries].slice(-KEPT));
		},
		insert,
		async flush() {
			for (const entry of [...unsaved.values()]) {
				unsaved.delete(entry.id);
				await runEngine(connection, insert(entry));
			}
		},
	};
}
