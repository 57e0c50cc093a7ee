import type { DuckDBConnection } from "@duckdb/node-api";
import { SnowflakeError } from "../error.ts";
import type { Clock, LockMode } from "../types.ts";
import { type CatalogChanges, type CommittedCatalog, commitChanges } from "./catalog.ts";
import { type EngineCall, type EngineRows, runEngine } from "./engine.ts";
import { type Locks, LockWait } from "./locks.ts";

/**
 * A session's transaction over the engine's.
 *
 * The two differ in two ways. A failed statement undoes itself alone in Snowflake, while DuckDB gives up the
 * whole transaction and knows no savepoints: the writes of the statements before it are done again. And a statement
 * sees what was committed before *it* began: as long as nothing was written, each statement gets a new snapshot.
 */
export interface Transaction {
	/** Runs one engine statement, and remembers it if it wrote. */
	engine(sql: string, values?: readonly unknown[]): Promise<EngineRows>;
	changes(): CatalogChanges;
	lock(id: number, mode: LockMode): void;
	/** Runs a statement of the session; when it throws, everything the statement did is undone. */
	statement<T>(work: () => Promise<T>): Promise<T>;
	commit(): Promise<void>;
	rollback(): Promise<void>;
	/** Whether anything was written since it began. */
	readonly wrote: boolean;
	/** When it began, by the account's clock; undefined outside a transaction. */
	readonly startedOn: number | undefined;
}

interface State {
	open: boolean;
	startedOn: number | undefined;
	writes: EngineCall[];
	changes: CatalogChanges;
	/** Whether the engine has given the transaction up. */
	broken: boolean;
	/** Whether a lock was waited for, so that the snapshot must be newer than the one taken before. */
	stale: boolean;
}

const fresh = (): State => ({
	open: false,
	startedOn: undefined,
	writes: [],
	changes: new Map(),
	broken: false,
	stale: false,
});

/** The engine's words for a write that another open transaction is in the way of. */
const CONFLICT =
	/conflict|altered by a different transaction|Cannot (?:update|delete|alter) a table that has been altered/i;

/** The transaction of a session that was just opened: none. */
export function createTransaction(
	session: number,
	connection: DuckDBConnection,
	committed: CommittedCatalog,
	locks: Locks,
	clock: Clock,
): Transaction {
	let state = fresh();
	// Not prepared first: these run around every statement of the account.
	const plain = (sql: "BEGIN TRANSACTION" | "COMMIT" | "ROLLBACK"): Promise<unknown> =>
		connection.run(sql);

	/** Opens the engine's transaction, or renews its snapshot where nothing hangs on the old one. */
	const begin = async (): Promise<void> => {
		if (state.stale) {
			state.stale = false;
			if (state.writes.length > 0) return undoTo(state.writes.length, true);
		}
		if (state.open && state.writes.length > 0) return;
		if (state.open) await plain("ROLLBACK");
		await plain("BEGIN TRANSACTION");
		state.open = true;
		state.startedOn ??= clock.now();
	};

	/** Goes back to the first writes of the transaction; `anew` where nothing is undone but the snapshot is old. */
	const undoTo = async (writes: number, anew = false): Promise<void> => {
		if (!anew && !state.broken && state.writes.length === writes) return;
		const again = state.writes.slice(0, writes);
		await plain("ROLLBACK");
		state.open = false;
		state.broken = false;
		state.writes = again;
		if (again.length === 0) return;
		await plain("BEGIN TRANSACTION");
		state.open = true;
		for (const call of again) await runEngine(connection, call);
	};

	const end = async (how: "COMMIT" | "ROLLBACK"): Promise<void> => {
		if (state.open) await plain(how);
	};

	return {
		get wrote() {
			return state.writes.length > 0;
		},
		get startedOn() {
			return state.startedOn;
		},
		async engine(sql, values = []) {
			try {
				const { rows, wrote } = await runEngine(connection, { sql, values });
				if (wrote) state.writes.push({ sql, values });
				return rows;
			} catch (error) {
				state.broken = true;
				if (error instanceof Error && /^TransactionContext Error|write-write/.test(error.message)) {
					if (CONFLICT.test(error.message)) throw new LockWait(undefined, []);
				}
				throw error;
			}
		},
		changes: () => state.changes,
		lock: (id, mode) => locks.take(session, id, mode),
		async statement(work) {
			await begin();
			const writes = state.writes.length;
			const changes = new Map(state.changes);
			const held = locks.held(session);
			try {
				return await work();
			} catch (error) {
				await undoTo(writes);
				state.changes = changes;
				locks.restore(session, held);
				if (error instanceof LockWait) state.stale = true;
				throw error;
			}
		},
		async commit() {
			try {
				await end("COMMIT");
			} catch (error) {
				state = fresh();
				locks.release(session);
				throw new SnowflakeError(
					"000603",
					"XX000",
					`The transaction could not be committed: ${error instanceof Error ? error.message : error}`,
				);
			}
			commitChanges(committed, state.changes);
			state = fresh();
			locks.release(session);
		},
		async rollback() {
			await end("ROLLBACK");
			state = fresh();
			locks.release(session);
		},
	};
}
