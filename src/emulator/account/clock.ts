import type { DuckDBConnection } from "@duckdb/node-api";
import type { Clock } from "../types.ts";
import { runEngine } from "./engine.ts";

/** A clock whose moves can be waited for. */
export interface StoredClock extends Clock {
	/** Resolves when every move so far is on disk. */
	saved(): Promise<void>;
}

/** The account's clock, kept with its state: each move is one more row, the latest counts. */
export async function openClock(connection: DuckDBConnection, live: boolean): Promise<StoredClock> {
	const { rows } = await runEngine(connection, {
		sql: "SELECT max(now) FROM state.clock",
		values: [],
	});
	const stored = rows[0]?.[0];
	let now = stored === null || stored === undefined ? Date.now() : Number(stored);
	let saving: Promise<unknown> = Promise.resolve();
	const save = (): void => {
		const value = BigInt(now);
		saving = saving.then(() =>
			runEngine(connection, { sql: "INSERT INTO state.clock VALUES (?)", values: [value] }),
		);
	};
	await runEngine(connection, { sql: "DELETE FROM state.clock", values: [] });
	save();
	await saving;
	return {
		now: () => (live ? Math.max(now, Date.now()) : now),
		advanceTo(time) {
			if (time <= now) return;
			now = Math.floor(time);
			save();
		},
		saved: async () => {
			if (live && Date.now() - now > 1000) {
				now = Date.now();
				save();
			}
			await saving;
		},
	};
}
