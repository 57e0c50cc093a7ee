import { setTimeout as sleep } from "node:timers/promises";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { type Connection, type Connector, type Row, StatementError } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { checkRows } from "./expected-rows.ts";
import { historyOf, listedNow, standing, statementsFor, windowOf } from "./file-work.ts";
import type { Journal } from "./journal.ts";
import { settleLostAnswer } from "./lost-answer.ts";
import { type SecretSource, withoutSecrets, withSecrets } from "./secrets.ts";
import { isCutOff } from "./sessions.ts";
import { applyFailure, type LineReader, statementFailure } from "./statement-failure.ts";

/** What running an operation needs besides its session. */
export interface OperationContext {
	readonly deployment: string;
	readonly journal: Journal;
	readonly secrets: SecretSource;
	readonly readLine: LineReader;
	/** Captured values by name. */
	readonly captured: Map<string, string>;
	/** Opens another session, where one was cut off. */
	readonly connector: Connector;
	/** The schema of the records. */
	readonly records: QualifiedName;
	/** When aborted, waiting ends. */
	readonly signal: AbortSignal;
	/** Nobody else can be in this account, so that nothing comes of waiting for what may be done without. */
	readonly alone?: boolean;
	/** Takes what a passed check shows. */
	readonly shown?: (what: string) => void;
}

/** What an operation answered. */
export interface Performed {
	readonly queryId?: string;
	readonly value?: string;
}

/** The tag that one statement of a deployment has and no other. */
export function operationTag(deployment: string, step: string, operation: number): string {
	return `snowline/${deployment}/${step}/${operation}`;
}

/** How long a wait pauses between two looks, in milliseconds. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

/** A cell of the answer's first row: in the named column, or the first. */
function firstCell(rows: readonly Row[], column?: string): string {
	const row = rows[0];
	if (!row) return "";
	return (column === undefined ? Object.values(row)[0] : row[column]) ?? "";
}

/** Asks until the answer is the one waited for, or the deadline passes. */
async function waitFor(
	connection: Connection,
	operation: Operation,
	tag: string,
	{ signal, alone }: OperationContext,
): Promise<void> {
	const deadline = Date.now() + (operation.timeoutSeconds ?? 60) * 1000;
	for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
		const answer = firstCell((await connection.execute(operation.sql, undefined, { tag })).rows);
		if (answer === operation.until) return;
		const over = Date.now() > deadline || signal.aborted;
		if (operation.optional && (over || alone)) return;
		if (over)
			throw new DeployError(EXIT.failed, {
				severity: "error",
				code: "WAIT",
				summary: `waited for ${operation.until}, and it is still ${answer || "nothing"}`,
				detail: operation.sql,
			});
		await sleep(pause);
	}
}

/** Asks until every file of a window has been loaded once, or the deadline passes; what can only wait is told. */
async function proveFiles(
	connection: Connection,
	operation: Operation,
	work: Extract<NonNullable<Operation["files"]>, { as: "proof" }>,
	tag: string,
	context: OperationContext,
	object: string,
): Promise<Performed> {
	const deadline = Date.now() + (operation.timeoutSeconds ?? 0) * 1000;
	const still = operation.timeoutSeconds === undefined || context.alone === true;
	for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
		const { rows, queryId } = await connection.execute(operation.sql, undefined, { tag });
		const { shows, problems, waiting } = standing(work, rows, context.captured);
		if (problems.length === 0 || (still && waiting === problems.length)) {
			const line = `${operation.proves ?? "files"}: ${shows}`;
			context.shown?.(`${object}: ${line}`);
			return { queryId, value: line };
		}
		const open = problems.every((problem) => problem.startsWith("not loaded:"));
		if (!open || still || Date.now() > deadline || context.signal.aborted)
			throw new DeployError(EXIT.failed, {
				severity: "error",
				code: "CHECK",
				summary: `${operation.proves ?? "files"}: ${shows}`,
				detail: problems.join("\n"),
			});
		await sleep(pause);
	}
}

/** The value of a capture: a cell, the whole answer, or what it says about files. */
async function captured(
	operation: Operation,
	rows: readonly Row[],
	context: OperationContext,
): Promise<string> {
	const { files } = operation;
	switch (files?.as) {
		case "window":
			return windowOf(files, rows, context.captured, await context.journal.recall(files.history));
		case "listed":
			return listedNow(files, rows, context.captured);
		case "history":
			return historyOf(files, firstCell(rows, operation.column), context.captured);
		default:
			return operation.all ? JSON.stringify(rows) : firstCell(rows, operation.column);
	}
}

/** The schema each session is in, where that is known: USE is said once, not before each statement. */
const schemas = new WeakMap<Connection, string>();

async function enterSchema(connection: Connection, schema: string | undefined): Promise<void> {
	if (schema === undefined) {
		// CREATE DATABASE and CREATE SCHEMA move the session.
		schemas.delete(connection);
		return;
	}
	if (schemas.get(connection) === schema) return;
	await connection.execute(`USE SCHEMA ${schema}`);
	schemas.set(connection, schema);
}

/** A check passes when the answer is the one expected: a text of the plan, or a value captured before. */
function check(operation: Operation, value: string, captured: ReadonlyMap<string, string>): void {
	const expected =
		operation.sameAs === undefined ? operation.until : captured.get(operation.sameAs);
	if (expected === undefined || value === expected) return;
	throw new DeployError(EXIT.failed, {
		severity: "error",
		code: "CHECK",
		summary: `${operation.proves ?? "check"}: expected ${expected}, found ${value || "nothing"}`,
		detail: operation.sql,
	});
}

async function perform(
	connection: Connection,
	operation: Operation,
	tag: string,
	context: OperationContext,
	object: string,
): Promise<Performed> {
	if (operation.do === "wait") {
		await waitFor(connection, operation, tag, context);
		return {};
	}
	if (operation.files?.as === "proof")
		return proveFiles(connection, operation, operation.files, tag, context, object);
	if (operation.files?.as === "each") {
		const statements = statementsFor(operation.files, operation.sql, context.captured);
		// Only the last one has the operation's own tag: found in the history, it says that all of them ran.
		for (const [i, sql] of statements.entries()) {
			const last = i === statements.length - 1;
			await connection.execute(sql, undefined, { tag: last ? tag : `${tag}.${i}` });
		}
		return {};
	}
	const result = await connection.execute(withSecrets(operation.sql, context.secrets), undefined, {
		tag,
	});
	checkRows(operation, result.rows);
	const value = await captured(operation, result.rows, context);
	if (operation.do === "check") check(operation, value, context.captured);
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

/** The same refusal without the values of secrets, which Snowflake may quote. */
function withoutValues(error: StatementError, sql: string, secrets: SecretSource): StatementError {
	const message = withoutSecrets(error.message, sql, secrets);
	return message === error.message ? error : new StatementError(message, { ...error, sql });
}

/**
 * Runs one operation of a step: the journal has it before it is sent, and its outcome before anything is
 * sent after it. A refusal by Snowflake is thrown as a DeployError that points at the user's line.
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
	const tag = operationTag(context.deployment, step.id, index);
	const sentAt = new Date();
	const object = `${step.kind} ${step.object}`;
	// Nothing comes between the journal's answer, which says that the lease is held, and the statement.
	const attempt = async (session: Connection): Promise<Performed> => {
		if (operation.do !== "wait") await enterSchema(session, operation.schema);
		await journal.write({ ...entry, event: "start", statement: operation.sql });
		return perform(session, operation, tag, context, object);
	};
	try {
		const done = await attempt(connection).catch((error: unknown) => {
			if (!isCutOff(error)) throw error;
			return settleLostAnswer({ step, operation, tag, sentAt, error, attempt }, context);
		});
		if (operation.saveAs !== undefined) context.captured.set(operation.saveAs, done.value ?? "");
		journal.note({
			...entry,
			event: operation.do === "capture" ? "captured" : "done",
			...(done.queryId === undefined ? {} : { queryId: done.queryId }),
			...(operation.saveAs === undefined ? {} : { name: operation.saveAs }),
			...(done.value === undefined ? {} : { value: done.value }),
		});
	} catch (error) {
		if (!(error instanceof StatementError)) throw error;
		const refusal = withoutValues(error, operation.sql, context.secrets);
		await journal.write({
			...entry,
			event: "failed",
			value: refusal.message,
			...(refusal.queryId ? { queryId: refusal.queryId } : {}),
		});
		throw applyFailure([statementFailure(step, operation, refusal, context.readLine)], refusal);
	}
}
