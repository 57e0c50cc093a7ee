import { ABSENT } from "../apply/absent.ts";
import { recordTable } from "../apply/records.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import { type Connection, type Row, StatementError } from "../model/port.ts";

/** A past deployment. Times are UTC. */
export interface Deployment {
	readonly id: string;
	readonly startedAt: string;
	readonly finishedAt: string | null;
	readonly outcome: string;
	readonly environment: string;
	readonly actor: string;
	readonly tool: string;
	readonly gitCommit: string | null;
	readonly ciJob: string | null;
}

/** One operation of a deployment, as the journal has it. */
export interface HistoryOperation {
	readonly at: string;
	readonly step: string;
	readonly operation: number;
	/** `done`, `captured`, `failed`, or `begun` where nothing more is on record. */
	readonly outcome: string;
	readonly statement: string;
	readonly queryId: string | null;
	/** What it captured, or why it failed. */
	readonly value: string | null;
}

const TIME = "'YYYY-MM-DD HH24:MI:SS'";

async function read(
	connection: Connection,
	sql: string,
	binds: readonly string[],
): Promise<readonly Row[]> {
	try {
		return (await connection.execute(sql, binds)).rows;
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return [];
		throw error;
	}
}

/** The deployments of a project, the latest first; an account without records has none. */
export async function readDeployments(
	connection: Connection,
	schema: QualifiedName,
	project: string,
): Promise<readonly Deployment[]> {
	const rows = await read(
		connection,
		`SELECT ID, TO_VARCHAR(STARTED_AT, ${TIME}) AS STARTED, TO_VARCHAR(FINISHED_AT, ${TIME}) AS FINISHED, OUTCOME, ENVIRONMENT, ACTOR, TOOL, GIT_COMMIT, CI_JOB FROM ${recordTable(schema, "DEPLOYMENTS")} WHERE PROJECT = ? ORDER BY STARTED_AT DESC, ID`,
		[project],
	);
	return rows.map((row) => ({
		id: row.ID ?? "",
		startedAt: row.STARTED ?? "",
		finishedAt: row.FINISHED ?? null,
		outcome: row.OUTCOME ?? "",
		environment: row.ENVIRONMENT ?? "",
		actor: row.ACTOR ?? "",
		tool: row.TOOL ?? "",
		gitCommit: row.GIT_COMMIT ?? null,
		ciJob: row.CI_JOB ?? null,
	}));
}

/** The deployment with this id, or with an id that begins so and no other does. Throws a DeployError (exit 64). */
export function findDeployment(all: readonly Deployment[], id: string): Deployment {
	const found = all.filter((d) => d.id === id || d.id.startsWith(id.toLowerCase()));
	const [only] = found;
	if (only && found.length === 1) return only;
	throw new DeployError(EXIT.usage, {
		severity: "error",
		code: "DEPLOYMENT",
		summary: only
			? `${found.length} deployments have an id that begins with ${id}`
			: `no deployment has the id ${id}`,
		hint: "`snowline history` lists them",
	});
}

/** The operations of a deployment in the order in which they began. */
export async function readOperations(
	connection: Connection,
	schema: QualifiedName,
	project: string,
	deployment: string,
): Promise<readonly HistoryOperation[]> {
	const rows = await read(
		connection,
		`SELECT TO_VARCHAR(AT, ${TIME}) AS AT_TIME, STEP, OPERATION, EVENT, STATEMENT, QUERY_ID, VALUE FROM ${recordTable(schema, "JOURNAL")} WHERE PROJECT = ? AND DEPLOYMENT = ? AND EVENT IN ('start', 'done', 'captured', 'failed') ORDER BY SEQ`,
		[project, deployment],
	);
	const operations: HistoryOperation[] = [];
	for (const row of rows) {
		const step = row.STEP ?? "";
		const operation = Number(row.OPERATION ?? 0);
		if (row.EVENT === "start") {
			operations.push({
				at: row.AT_TIME ?? "",
				step,
				operation,
				outcome: "begun",
				statement: row.STATEMENT ?? "",
				queryId: null,
				value: null,
			});
			continue;
		}
		const i = operations.findLastIndex((o) => o.step === step && o.operation === operation);
		const begun = operations[i];
		if (begun)
			operations[i] = {
				...begun,
				outcome: row.EVENT ?? "",
				queryId: row.QUERY_ID ?? null,
				value: row.VALUE ?? null,
			};
	}
	return operations;
}
