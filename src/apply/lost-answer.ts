import { setTimeout as sleep } from "node:timers/promises";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { type Connection, StatementError } from "../model/port.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { ABSENT, EXISTS } from "./absent.ts";
import { type Fate, fateByTag } from "./query-history.ts";
import type { OperationContext, Performed } from "./run-operation.ts";

/** A statement whose session was cut off before it answered. */
export interface LostAnswer {
	readonly step: Step;
	readonly operation: Operation;
	readonly tag: string;
	readonly sentAt: Date;
	/** What cut it off. */
	readonly error: unknown;
	/** Sends it again. */
	attempt(connection: Connection): Promise<Performed>;
}

/** The code of the failure of a migration that is done so far, but whose session is gone. */
export const SESSION_LOST = "SESSION_LOST";

/** How often QUERY_HISTORY is asked for a statement that it does not show: it may lag a little. */
const LOOKS = 3;
const PAUSE = 1000;

async function fateOf(
	connection: Connection,
	records: QualifiedName,
	{ tag, sentAt }: LostAnswer,
	signal: AbortSignal,
): Promise<Fate> {
	for (let absent = 0; ; ) {
		const fate = await fateByTag(connection, records, tag, sentAt);
		if (fate.state === "absent") absent++;
		if (fate.state !== "running" && (fate.state !== "absent" || absent >= LOOKS)) return fate;
		if (signal.aborted) return fate;
		await sleep(PAUSE);
	}
}

/** A second run that finds its work done: the first one did it, and the verification proves the rest. */
function isDoneAlready(operation: Operation, error: unknown): boolean {
	if (!(error instanceof StatementError)) return false;
	return (
		(/^\s*CREATE\b/i.test(operation.sql) && error.code === EXISTS) ||
		(/^\s*DROP\b/i.test(operation.sql) && ABSENT.has(error.code))
	);
}

function sessionLost(step: Step, cause: unknown): DeployError {
	return new DeployError(
		EXIT.unavailable,
		{
			severity: "error",
			code: SESSION_LOST,
			summary: `${step.object}: the connection was cut off; the statement that was running has finished`,
		},
		{ cause },
	);
}

/**
 * Finds out what became of a statement, and goes on from there. What only reads is asked again. Otherwise the
 * query history decides: running → wait, succeeded → done, failed → the failure; absent → run again where the
 * plan can be run again, and in a migration stop, because a person has to decide.
 */
export async function settleLostAnswer(
	lost: LostAnswer,
	context: OperationContext,
): Promise<Performed> {
	const { step, operation, error } = lost;
	const role = operation.role === undefined ? {} : { role: operation.role };
	const connection = await context.connector.connect(role);
	try {
		if (operation.do !== "execute") return await lost.attempt(connection);
		const inMigration = step.action === "migrate";
		if (!context.journal.isOpen()) {
			if (inMigration) throw error;
			return await again(lost, connection);
		}
		const fate = await fateOf(connection, context.records, lost, context.signal);
		switch (fate.state) {
			case "succeeded":
				if (!inMigration) return { queryId: fate.queryId };
				context.journal.note({
					step: step.id,
					operation: step.operations.indexOf(operation),
					event: "done",
					queryId: fate.queryId,
				});
				throw sessionLost(step, error);
			case "failed":
				throw new StatementError(fate.message, {
					code: fate.code,
					sqlState: undefined,
					queryId: fate.queryId,
					line: undefined,
					position: undefined,
					sql: operation.sql,
				});
			case "running":
				throw error;
			case "absent":
				if (inMigration) throw error;
				return await again(lost, connection);
		}
	} finally {
		await connection.close();
	}
}

async function again(lost: LostAnswer, connection: Connection): Promise<Performed> {
	try {
		return await lost.attempt(connection);
	} catch (error) {
		if (isDoneAlready(lost.operation, error)) return {};
		throw error;
	}
}
