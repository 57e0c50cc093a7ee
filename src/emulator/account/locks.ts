import { SnowflakeError } from "../error.ts";
import type { LockMode } from "../types.ts";

/** Thrown inside a statement that meets another transaction's lock; the statement is undone and runs again later. */
export class LockWait extends Error {
	override readonly name = "LockWait";
	/** The object, or undefined where the engine found the conflict and no lock tells which object it was. */
	readonly id: number | undefined;
	/** Sessions that are in the way. */
	readonly holders: readonly number[];

	constructor(id: number | undefined, holders: readonly number[]) {
		super("waiting for a lock");
		this.id = id;
		this.holders = holders;
	}
}

/** Which sessions' transactions hold which objects. */
export interface Locks {
	/** Takes a lock or throws LockWait. */
	take(session: number, id: number, mode: LockMode): void;
	/** What a session holds, to go back to when one of its statements is undone. */
	held(session: number): ReadonlyMap<number, LockMode>;
	restore(session: number, held: ReadonlyMap<number, LockMode>): void;
	release(session: number): void;
	/**
	 * Waits until some lock is released, at most `patience` milliseconds; 000625 when the deadline is over or sessions wait
	 * for each other.
	 */
	wait(
		session: number,
		reason: LockWait,
		deadline: number,
		what: string,
		patience: number,
	): Promise<void>;
}

const CONFLICTS: Readonly<Record<LockMode, readonly LockMode[]>> = {
	insert: ["define"],
	update: ["update", "define"],
	define: ["insert", "update", "define"],
};

const STRENGTH: readonly LockMode[] = ["insert", "update", "define"];

function stronger(a: LockMode, b: LockMode): LockMode {
	return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}

/**
 * Locks of whole tables, held until the transaction ends.
 * https://docs.snowflake.com/en/sql-reference/transactions#resource-locking
 */
export function createLocks(): Locks {
	const sessions = new Map<number, Map<number, LockMode>>();
	const waiting = new Map<number, readonly number[]>();
	let wake: (() => void)[] = [];
	const wakeAll = (): void => {
		const woken = wake;
		wake = [];
		for (const resolve of woken) resolve();
	};
	const waitsFor = (from: number, target: number, seen = new Set<number>()): boolean => {
		if (from === target) return true;
		if (seen.has(from)) return false;
		seen.add(from);
		return (waiting.get(from) ?? []).some((next) => waitsFor(next, target, seen));
	};
	return {
		take(session, id, mode) {
			const holders = [...sessions]
				.filter(([other, held]) => {
					const theirs = held.get(id);
					return other !== session && theirs !== undefined && CONFLICTS[mode].includes(theirs);
				})
				.map(([other]) => other);
			if (holders.length > 0) throw new LockWait(id, holders);
			const mine = sessions.get(session) ?? new Map<number, LockMode>();
			mine.set(id, stronger(mode, mine.get(id) ?? mode));
			sessions.set(session, mine);
		},
		held: (session) => new Map(sessions.get(session)),
		restore(session, held) {
			sessions.set(session, new Map(held));
			wakeAll();
		},
		release(session) {
			sessions.delete(session);
			wakeAll();
		},
		async wait(session, reason, deadline, what, patience) {
			const left = deadline - Date.now();
			const stuck = reason.holders.some((holder) => waitsFor(holder, session));
			if (left <= 0 || stuck)
				throw new SnowflakeError(
					"000625",
					"57014",
					`Statement was aborted because ${what} is locked by another transaction and this lock has not yet been released.${stuck ? " (Deadlock.)" : ""}`,
				);
			waiting.set(session, reason.holders);
			let timer: NodeJS.Timeout | undefined;
			await new Promise<void>((resolve) => {
				wake.push(resolve);
				timer = setTimeout(resolve, Math.min(left, patience, 2 ** 31 - 1));
			});
			clearTimeout(timer);
			waiting.delete(session);
		},
	};
}
