import type { QualifiedName } from "../model/identifier.ts";
import type { Connection } from "../model/port.ts";
import { type Proof, readProofs } from "./proof.ts";
import { recordTable } from "./records.ts";
import { type Guarded, isFinal, isOpen } from "./restore.ts";

/** A step that leaves something to be done: what it holds, or what it changed. */
export interface Guard extends Guarded {
	readonly step: string;
	/** The key of the object held, or changed. */
	readonly object: string;
	/** Whether what it changed stays: then `restore` finishes it; otherwise it is taken back. */
	readonly final: boolean;
}

/** An operation that was begun and whose outcome is not on record. */
export interface Undecided {
	readonly step: string;
	readonly operation: number;
	/** When it was written down, by the clock of the machine that ran it. */
	readonly at: Date;
}

/** The operation of a step that was begun last. */
export interface Latest {
	readonly operation: number;
	/** When it was written down, by the clock of the machine that ran it. */
	readonly at: Date;
	readonly outcome: "open" | "done" | "failed";
}

/** What the journal tells of one deployment. */
export interface JournalState {
	readonly finished: ReadonlySet<string>;
	/** How many operations of each step that was begun are done. */
	readonly operations: ReadonlyMap<string, number>;
	/** By step. */
	readonly latest: ReadonlyMap<string, Latest>;
	readonly captured: ReadonlyMap<string, string>;
	readonly proof: readonly Proof[];
	/** What is still held, or can be taken back, in the order in which it was. */
	readonly guards: readonly Guard[];
	readonly undecided: readonly Undecided[];
	readonly sequence: number;
}

/** The instant that a TIMESTAMP_NTZ in UTC tells. */
export function instant(text: string): Date {
	return new Date(`${text.replace(" ", "T")}Z`);
}

/** Reads what a deployment has written. */
export async function readJournal(
	connection: Connection,
	schema: QualifiedName,
	project: string,
	deployment: string,
): Promise<JournalState> {
	const { rows } = await connection.execute(
		`SELECT SEQ, AT, STEP, OPERATION, EVENT, NAME, VALUE FROM ${recordTable(schema, "JOURNAL")} WHERE PROJECT = ? AND DEPLOYMENT = ? ORDER BY SEQ`,
		[project, deployment],
	);
	const finished = new Set<string>();
	const restored = new Set<string>();
	const operations = new Map<string, number>();
	const captured = new Map<string, string>();
	const proof: Proof[] = [];
	const guards = new Map<string, Omit<Guard, "final">>();
	const latest = new Map<string, Latest>();
	const ended = (step: string, outcome: Latest["outcome"]): void => {
		const last = latest.get(step);
		if (last) latest.set(step, { ...last, outcome });
	};
	for (const row of rows) {
		const step = row.STEP ?? "";
		const operation = Number(row.OPERATION ?? 0);
		switch (row.EVENT) {
			case "guard":
				restored.delete(step);
				guards.set(step, {
					step,
					object: row.NAME ?? "",
					...(JSON.parse(row.VALUE ?? "{}") as Guarded),
				});
				break;
			case "start":
				operations.set(step, operation);
				latest.set(step, { operation, at: instant(row.AT ?? ""), outcome: "open" });
				break;
			case "captured":
				if (row.NAME !== null && row.NAME !== undefined) captured.set(row.NAME, row.VALUE ?? "");
				operations.set(step, operation + 1);
				ended(step, "done");
				break;
			case "done":
				proof.push(...readProofs(row.VALUE));
				operations.set(step, operation + 1);
				ended(step, "done");
				break;
			case "failed":
				ended(step, "failed");
				break;
			case "restored":
				restored.add(step);
				break;
			case "finished":
				finished.add(step);
				break;
		}
	}
	// An operation whose outcome is not on record may be done.
	const reached = (step: string): number => {
		const last = latest.get(step);
		return last?.outcome === "open" ? last.operation + 1 : (operations.get(step) ?? 0);
	};
	return {
		finished,
		operations,
		latest,
		captured,
		proof,
		guards: [...guards.values()]
			.filter(
				(one) =>
					!restored.has(one.step) && isOpen(one.step, one, reached(one.step), operations, finished),
			)
			.map((one) => ({ ...one, final: isFinal(one.step, one, operations, finished) })),
		undecided: [...latest].flatMap(([step, { operation, at, outcome }]) =>
			outcome === "open" ? [{ step, operation, at }] : [],
		),
		sequence: rows.reduce((most, row) => Math.max(most, Number(row.SEQ ?? 0)), 0),
	};
}
