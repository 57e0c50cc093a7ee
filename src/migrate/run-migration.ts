import { SESSION_LOST } from "../apply/lost-answer.ts";
import { type OperationContext, runOperation } from "../apply/run-operation.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { textSource } from "../diagnostics/source.ts";
import { type Connection, type Connector, StatementError } from "../model/port.ts";
import { lex } from "../parse/lexer.ts";
import type { Operation, Step } from "../plan/plan.ts";
import { insertion, type Mark, progressOf } from "./progress.ts";
import { type StatementRole, statementRole } from "./script.ts";

/** What running a migration needs besides its step. */
export interface MigrationOptions {
	readonly connector: Connector;
	readonly project: string;
	readonly now: () => Date;
	/** When aborted, nothing new is started. */
	readonly signal: AbortSignal;
}

type MigrationStep = Step & { readonly migration: NonNullable<Step["migration"]> };

function roleOf({ sql }: Operation): StatementRole {
	return statementRole(lex(textSource("", sql)).tokens);
}

function targetOf({ version, file }: MigrationStep["migration"]): string {
	return version === "" ? file : version;
}

/** A statement that Snowflake refused has changed nothing; of any other failure nobody knows. */
function isRefused(error: unknown): boolean {
	return error instanceof DeployError && error.cause instanceof StatementError;
}

function isSessionLost(error: unknown): boolean {
	return error instanceof DeployError && error.diagnostics[0]?.code === SESSION_LOST;
}

function withHint(error: unknown, hint: string): unknown {
	if (!(error instanceof DeployError)) return error;
	const diagnostics = error.diagnostics.map((d) => (d.hint === undefined ? { ...d, hint } : d));
	return new DeployError(error.exitCode, diagnostics, { cause: error.cause });
}

function interrupted(step: MigrationStep, next: number): DeployError {
	return new DeployError(EXIT.failed, {
		severity: "error",
		code: "MIGRATION_INTERRUPTED",
		summary: `${step.object} was interrupted before statement ${next + 1}`,
		hint: "the next apply goes on there",
	});
}

/**
 * Runs the statements in turn. The record is written ahead of each one, so that a process that dies leaves
 * behind which statement it was at; inside a transaction that is its BEGIN, because nothing lasts before
 * the COMMIT.
 */
async function runStatements(
	connection: Connection,
	step: MigrationStep,
	context: OperationContext,
	mark: (mark: Mark) => Promise<void>,
	signal: AbortSignal,
): Promise<void> {
	const { resumeAt, hashes } = step.migration;
	const preparing = step.operations.length - (hashes.length - resumeAt);
	let begin: number | undefined;
	for (const [index, operation] of step.operations.entries()) {
		const at = Math.max(resumeAt, resumeAt + index - preparing);
		const role = roleOf(operation);
		if (signal.aborted) {
			await mark({ status: "failed", done: begin ?? at });
			throw interrupted(step, begin ?? at);
		}
		if (role === "begin") begin ??= at;
		const decides = role === "end" || (begin === undefined && role !== "session");
		await mark(decides ? { status: "running", done: at } : { status: "open", done: begin ?? at });
		try {
			await runOperation(connection, step, index, operation, context);
		} catch (error) {
			const done = begin ?? at;
			if (isSessionLost(error)) {
				// Inside a transaction that session took everything since its BEGIN with it.
				await mark({
					status: "failed",
					done: begin !== undefined && role !== "end" ? begin : at + 1,
				});
				throw withHint(error, "apply again: it goes on where it was");
			}
			if (isRefused(error)) {
				await mark({ status: "failed", done });
				throw withHint(error, `correct it and apply again: it goes on at statement ${done + 1}`);
			}
			throw decides
				? withHint(
						error,
						`find out whether statement ${at + 1} ran, then run \`snowline migrate repair ${targetOf(step.migration)} --statement ${at + 1} --done\` or \`… --retry\``,
					)
				: error;
		}
		if (role === "end") begin = undefined;
	}
	await mark({ status: "done", done: hashes.length });
}

/**
 * Runs a migration's step exactly as the plan has it, in a session of its own, or records the migrations
 * that a new environment does not need.
 */
export async function runMigration(
	step: Step,
	context: OperationContext,
	{ connector, project, now, signal }: MigrationOptions,
): Promise<void> {
	const { journal, deployment } = context;
	const identity = { project, deployment, now };
	if (step.baselines) {
		const { baselines } = step;
		const table = journal.table("MIGRATIONS");
		await journal.record((held) =>
			insertion(table, baselines, identity, "baselined", (f) => f.hashes.length, held),
		);
	}
	const { migration } = step;
	if (!migration) return;
	const connection = await connector.connect({});
	try {
		const mark = progressOf(journal, migration, identity, migration.recorded);
		await runStatements(connection, { ...step, migration }, context, mark, signal);
	} finally {
		await connection.close();
	}
}
