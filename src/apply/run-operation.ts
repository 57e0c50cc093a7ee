import type { QualifiedName } from "../model/identifier.ts";
import { type Connection, type Connector, type Row, StatementError } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { check, firstCell, proveFiles, type Waiting, waitFor } from "./ask.ts";
import { historyOf, listedNow, statementsFor, windowOf } from "./file-work.ts";
import { filled } from "./fill.ts";
import type { Journal } from "./journal.ts";
import { settleLostAnswer } from "./lost-answer.ts";
import { type Proof, proofText } from "./proof.ts";
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
	readonly proven?: (proof: Proof) => void;
	/** Hears of everything that is waited for, each time it is looked at and is not there yet. */
	readonly waiting?: (step: Step, waiting: Waiting) => void;
}

/** What an operation answered. */
export interface Performed {
	readonly queryId?: string;
	readonly value?: string;
	/** What a check has shown. */
	readonly shows?: Pick<Proof, "before" | "after">;
}

/** The tag that one statement of a deployment has and no other. */
export function operationTag(deployment: string, step: string, operation: number): string {
	return `snowline/${deployment}/${step}/${operation}`;
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

async function perform(
	connection: Connection,
	operation: Operation,
	tag: string,
	context: OperationContext,
	step: Step,
): Promise<Performed> {
	if (operation.do === "wait") return waitFor(connection, operation, tag, context, step);
	if (operation.files?.as === "proof")
		return proveFiles(connection, operation, operation.files, tag, context, step);
	if (operation.do === "check") return check(connection, operation, tag, context, step);
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
	if (operation.do === "execute") return { queryId: result.queryId };
	return { queryId: result.queryId, value: await captured(operation, result.rows, context) };
}

/** What a check of the plan proves, where it says what that is. */
function proofOf(step: Step, { proves }: Operation, { shows }: Performed): Proof | undefined {
	if (proves === undefined || !shows) return undefined;
	return { object: `${step.kind} ${step.object}`, what: proves, ...shows };
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
	planned: Operation,
	context: OperationContext,
): Promise<void> {
	if (!isWanted(planned, context.captured)) return;
	const operation = filled(planned, context.captured);
	const { journal } = context;
	const entry = { step: step.id, operation: index };
	const tag = operationTag(context.deployment, step.id, index);
	const sentAt = new Date();
	// Nothing comes between the journal's answer, which says that the lease is held, and the statement.
	const attempt = async (session: Connection): Promise<Performed> => {
		if (operation.do !== "wait") await enterSchema(session, operation.schema);
		await journal.write({ ...entry, event: "start", statement: operation.sql });
		return perform(session, operation, tag, context, step);
	};
	try {
		const done = await attempt(connection).catch((error: unknown) => {
			if (!isCutOff(error)) throw error;
			return settleLostAnswer({ step, operation, tag, sentAt, error, attempt }, context);
		});
		if (operation.saveAs !== undefined) context.captured.set(operation.saveAs, done.value ?? "");
		const proof = proofOf(step, operation, done);
		const value = proof ? proofText(proof) : done.value;
		const name = proof?.what ?? operation.saveAs;
		journal.note({
			...entry,
			event: operation.do === "capture" ? "captured" : "done",
			...(done.queryId === undefined ? {} : { queryId: done.queryId }),
			...(name === undefined ? {} : { name }),
			...(value === undefined ? {} : { value }),
		});
		if (proof) context.proven?.(proof);
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
