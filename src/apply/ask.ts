import { setTimeout as sleep } from "node:timers/promises";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Connection, Row } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { checkRows } from "./expected-rows.ts";
import { standing } from "./file-work.ts";
import type { Proof } from "./proof.ts";
import type { OperationContext, Performed } from "./run-operation.ts";

/** Something that is waited for: what is asked, the answer now, and the one that is waited for. */
export interface Waiting {
	readonly sql: string;
	readonly answer: string;
	readonly until: string;
	readonly seconds: number;
	/** When waiting ends. */
	readonly deadlineSeconds: number;
}

/** How long a wait pauses between two looks, in milliseconds. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

/** A cell of the answer's first row: in the named column, or the first. */
export function firstCell(rows: readonly Row[], column?: string): string {
	const row = rows[0];
	if (!row) return "";
	return (column === undefined ? Object.values(row)[0] : row[column]) ?? "";
}

/**
 * Looks again and again until there is a result, with pauses that grow, and tells of the wait. `look` hears when the
 * time is over, and then either gives a result or throws.
 */
async function repeatedly<T>(
	deadlineSeconds: number,
	context: OperationContext,
	step: Step,
	look: (
		over: boolean,
	) => Promise<{ readonly result: T } | Pick<Waiting, "sql" | "answer" | "until">>,
): Promise<T> {
	const begun = Date.now();
	for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
		const over = Date.now() > begun + deadlineSeconds * 1000 || context.signal.aborted;
		const found = await look(over);
		if ("result" in found) return found.result;
		const seconds = (Date.now() - begun) / 1000;
		context.waiting?.(step, { ...found, seconds, deadlineSeconds });
		await sleep(pause);
	}
}

/** Asks until the answer is the one waited for, or the deadline passes. */
export function waitFor(
	connection: Connection,
	operation: Operation,
	tag: string,
	context: OperationContext,
	step: Step,
): Promise<Performed> {
	const { sql, until = "", optional, timeoutSeconds = 60 } = operation;
	return repeatedly<Performed>(timeoutSeconds, context, step, async (over) => {
		const answer = firstCell((await connection.execute(sql, undefined, { tag })).rows);
		if (answer === until || (optional && (over || context.alone))) return { result: {} };
		if (!over) return { sql, answer, until };
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "WAIT",
			summary: `waited for ${until}, and it is still ${answer || "nothing"}`,
			detail: sql,
		});
	});
}

/** Asks until every file of a window has been loaded once, or the deadline passes; what can only wait is told. */
export function proveFiles(
	connection: Connection,
	operation: Operation,
	work: Extract<NonNullable<Operation["files"]>, { as: "proof" }>,
	tag: string,
	context: OperationContext,
	step: Step,
): Promise<Performed> {
	const { sql, timeoutSeconds } = operation;
	const still = timeoutSeconds === undefined || context.alone === true;
	return repeatedly<Performed>(timeoutSeconds ?? 0, context, step, async (over) => {
		const { rows, queryId } = await connection.execute(sql, undefined, { tag });
		const { before, after, problems, waiting } = standing(work, rows, context.captured);
		if (problems.length === 0 || (still && waiting === problems.length))
			return { result: { queryId, shows: { before, after } } };
		const open = problems.every((problem) => problem.startsWith("not loaded:"));
		if (open && !still && !over) return { sql, answer: `${before}, ${after}`, until: before };
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "CHECK",
			summary: `${operation.proves ?? "files"}: ${before}, ${after}`,
			detail: problems.join("\n"),
		});
	});
}

/**
 * A check passes when the answer is the one expected: rows of the plan, a text of the plan, or a value captured before.
 * One with a deadline is asked again until then: a state can be a moment behind what set it.
 */
export function check(
	connection: Connection,
	operation: Operation,
	tag: string,
	context: OperationContext,
	step: Step,
): Promise<Performed> {
	const { sql, sameAs, until, proves = "check", timeoutSeconds = 0 } = operation;
	const wanted = sameAs === undefined ? until : context.captured.get(sameAs);
	return repeatedly<Performed>(timeoutSeconds, context, step, async (over) => {
		const { rows, queryId } = await connection.execute(sql, undefined, { tag });
		checkRows(operation, rows);
		const answer = firstCell(rows, operation.column);
		if (wanted === undefined) return { result: { queryId, shows: rowsShown(operation) } };
		const before = sameAs === undefined ? null : wanted;
		if (answer === wanted)
			return { result: { queryId, value: answer, shows: { before, after: answer } } };
		if (!over && !context.alone) return { sql, answer, until: wanted };
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "CHECK",
			summary: `${proves}: expected ${wanted}, found ${answer || "nothing"}`,
			detail: sql,
		});
	});
}

/** A check of rows has passed: those that were there before are there. */
function rowsShown({ rows }: Operation): Pick<Proof, "before" | "after"> {
	const count = String(rows?.present?.length ?? 0);
	return { before: count, after: count };
}
