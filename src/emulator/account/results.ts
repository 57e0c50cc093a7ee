import type { Clock, Result } from "../types.ts";

/** Results are kept for a day. https://docs.snowflake.com/en/sql-reference/functions/result_scan */
const KEPT_FOR = 24 * 3_600_000;

/** Beyond so many rows the oldest results go earlier: they are all in memory. */
const KEPT_ROWS = 200_000;

/** What statements answered, for whoever asks again. */
export interface Results {
	keep(queryId: string, user: string, result: Result): void;
	/** The result of a statement that this user ran. */
	find(queryId: string, user: string): Result | undefined;
}

/** Keeps results in memory; nothing of them survives the process. */
export function createResults(clock: Clock): Results {
	const kept = new Map<string, { user: string; at: number; result: Result }>();
	let rows = 0;
	return {
		keep(queryId, user, result) {
			kept.set(queryId, { user, at: clock.now(), result });
			rows += result.rows.length + 1;
			for (const [id, entry] of kept) {
				if (rows <= KEPT_ROWS && clock.now() - entry.at <= KEPT_FOR) break;
				kept.delete(id);
				rows -= entry.result.rows.length + 1;
			}
		},
		find(queryId, user) {
			const entry = kept.get(queryId);
			if (!entry || entry.user !== user || clock.now() - entry.at > KEPT_FOR) return undefined;
			return entry.result;
		},
	};
}
