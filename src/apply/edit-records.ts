import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { type Connection, type Connector, StatementError } from "../model/port.ts";
import { ABSENT } from "./absent.ts";
import { noPlace } from "./begin.ts";
import { beginning, type DeploymentFacts, type Outcome, withOutcome } from "./deployments.ts";
import { openJournal } from "./journal.ts";
import { type Lease, type LeaseRequest, takeLease } from "./lease.ts";
import { createRecords, type RecordStatement } from "./records.ts";
import { reopening } from "./sessions.ts";

/** One change of the records by hand, and what it means. */
export interface RecordEdit {
	readonly summary: string;
	/** Changes something only where the condition holds. */
	readonly statement: (held: string) => RecordStatement;
}

/** What editing the records takes. */
export interface EditOptions {
	readonly connector: Connector;
	readonly records: QualifiedName;
	/** The command that edits, as the history shows it. */
	readonly command: string;
	readonly facts: Omit<DeploymentFacts, "startedAt">;
	readonly lease: Pick<LeaseRequest, "seconds" | "alone">;
	readonly now: () => Date;
	/** When aborted, nothing new is started. */
	readonly signal: AbortSignal;
	/** What to change: asked once the lease is held, since whoever held it before may have written. */
	readonly decide: (connection: Connection) => Promise<readonly RecordEdit[]>;
}

function isLocked(error: unknown): boolean {
	return error instanceof DeployError && error.exitCode === EXIT.locked;
}

/** A deployment that consists of the edits, each a line of its journal. */
async function edit(
	connection: Connection,
	lease: Lease,
	options: EditOptions,
): Promise<readonly string[]> {
	const { records, command, facts, now, signal } = options;
	const edits = signal.aborted ? [] : await options.decide(connection);
	if (edits.length === 0) return [];
	const { project, id } = facts;
	const journal = openJournal(connection, records, { project, deployment: id, now });
	const close = (outcome: Outcome) =>
		journal.record(withOutcome(records, project, id, outcome, now()));
	await journal.record(beginning({ ...facts, startedAt: now() }, records));
	await journal.open(lease);
	const done: string[] = [];
	try {
		for (const [operation, { summary, statement }] of edits.entries()) {
			if (signal.aborted) break;
			journal.note({ step: command, operation, event: "start", statement: `-- ${summary}` });
			await journal.record(statement);
			journal.note({ step: command, operation, event: "done" });
			done.push(summary);
		}
		await close(signal.aborted ? "interrupted" : "done");
		return done;
	} catch (error) {
		// Without the lease nothing can be written, and what went wrong with the edit matters more than its record.
		if (!isLocked(error)) await close("failed").catch(() => undefined);
		throw error;
	}
}

/**
 * Edits the records under the lease, so that nobody deploys meanwhile, as a deployment of its own that the
 * history shows. Gives the summaries of what was done. Throws a DeployError: 5 when another run holds the lease, 78 when
 * the records have no database.
 */
export async function editRecords(options: EditOptions): Promise<readonly string[]> {
	const { connector, records, facts } = options;
	const { project, id: deployment, actor } = facts;
	const connect = () => connector.connect({});
	const keeper = reopening(await connect(), connect);
	try {
		await createRecords(keeper, records).catch((error: unknown) => {
			throw error instanceof StatementError && ABSENT.has(error.code) ? noPlace(records) : error;
		});
		const request = { project, deployment, actor, ...options.lease };
		// Whether it was lost shows in the next statement, which is conditional on it.
		const lease = await takeLease(connector, records, request, () => undefined);
		try {
			return await edit(keeper, lease, options);
		} finally {
			// A lease that cannot be given back expires.
			await lease.release().catch(() => undefined);
		}
	} finally {
		await keeper.close();
	}
}
