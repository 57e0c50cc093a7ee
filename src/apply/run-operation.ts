import { setTimeout as sleep } from "node:timers/promises";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { type Connection, StatementError } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import type { Journal } from "./journal.ts";
import { type SecretSource, withSecrets } from "./secrets.ts";
import { applyFailure, type LineReader, statementFailure } from "./statement-failure.ts";

/** What running an operation needs besides its session. */
export interface OperationContext {
	readonly deployment: string;
	readonly journal: Journal;
	readonly secrets: SecretSource;
	readonly readLine: LineReader;
	/** Captured values by name. */
	readonly captured: Map<string, string>;
}

/** A cell of the answer's first row: in the named column, or the first. */
function firstCell(
	rows: readonly Readonly<Record<string, string | null>>[],
	column?: string,
): string {
	const row = rows[0];
	if (!row) return "";
	return (column === undefined ? Object.values(row)[0] : row[column]) ?? "";
}

/** Asks until the answer is the one waited for, or the deadline passes. */
async function waitFor(connection: Connection, operation: Operation, tag: string): Promise<void> {
	const deadline = Date.now() + (operation.timeoutSeconds ?? 60) * 1000;
	for (;;) {
		const answer = firstCell((await connection.execute(operation.sql, undefined, { tag })).rows);
		if (answer === operation.until) return;
		if (Date.now() > deadline)
			throw new DeployError(EXIT.failed, {
				severity: "error",
				code: "WAIT",
				summary: `waited for ${operation.until}, and it is still ${answer || "nothing"}`,
				detail: operation.sql,
			});
		await sleep(500);
	}
}

async function perform(
	connection: Connection,
	operation: Operation,
	tag: string,
	context: OperationContext,
): Promise<{ queryId?: string; value?: string }> {
	if (operation.do === "wait") {
		await waitFor(connection, operation, tag);
		return {};
	}
	if (operation.schema !== undefined) await connection.execute(`USE SCHEMA ${operation.schema}`);
	const result = await connection.execute(withSecrets(operation.sql, context.secrets), undefined, {
		tag,
	});
	const value = firstCell(result.rows, operation.column);
	if (operation.do === "check" && operation.until !== undefined && value !== operation.until)
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "CHECK",
			summary: `expected ${operation.until}, found ${value || "nothing"}`,
			detail: operation.sql,
		});
	return operation.do === "execute"
		? { queryId: result.queryId }
		: { queryId: result.queryId, value };
}

/** Whether an operation that depends on a captured value is to run. */
function isWanted(operation: Operation, captured: ReadonlyMap<string, string>): boolean {
	return (
		operation.uses === undefined || captured.get(operation.uses.name) === operation.uses.equals
	);
}

/**
 * Runs one operation of a step: the journal has it before it is sent, and its outcome after. A refusal by
 * Snowflake is thrown as a DeployError that points at the user's line.
 */
export async function runOperation(
	connection: Connection,
	step: Step,
	index: number,
	operation: Operation,
	context: OperationContext,
): Promise<void> {
	if (!isWanted(operation, context.captured)) return;
	const { journal } = context;
	const entry = { step: step.id, operation: index };
	await journal.write({ ...entry, event: "start", statement: operation.sql });
	try {
		const done = await perform(
			connection,
			operation,
			`snowline/${context.deployment}/${step.id}/${index}`,
			context,
		);
		if (operation.saveAs !== undefined) context.captured.set(operation.saveAs, done.value ?? "");
		await journal.write({
			...entry,
			event: operation.do === "capture" ? "captured" : "done",
			...(done.queryId === undefined ? {} : { queryId: done.queryId }),
			...(operation.saveAs === undefined ? {} : { name: operation.saveAs }),
			...(done.value === undefined ? {} : { value: done.value }),
		});
	} catch (error) {
		if (error instanceof StatementError) {
			await journal.write({
				...entry,
				event: "failed",
				value: error.message,
				...(error.queryId ? { queryId: error.queryId } : {}),
			});
			throw applyFailure([statementFailure(step, operation, error, context.readLine)], error);
		}
		throw error;
	}
}
