import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { formatIdentifier, type QualifiedName } from "../model/identifier.ts";
import { type Bind, type Connection, type Row, StatementError } from "../model/port.ts";
import { ABSENT } from "./absent.ts";
import { timestamp } from "./journal.ts";
import { insertRows, type RecordStatement, recordTable } from "./records.ts";

/** What the records say of a deployment. */
export interface DeploymentFacts {
	readonly project: string;
	readonly id: string;
	readonly environment: string;
	readonly actor: string;
	readonly tool: string;
	readonly gitCommit?: string;
	readonly ciJob?: string;
	readonly planHash?: string;
	readonly startedAt: Date;
}

/**
 * `running` until it is closed; a deployment that was killed stays so until the next one has brought back
 * what it held, and closes it as `recovered`.
 */
export type Outcome = "running" | "done" | "failed" | "interrupted" | "recovered";

/** The row of a deployment that begins; the same twice is one. */
export function beginning(
	facts: DeploymentFacts,
	schema: QualifiedName,
): (held: string) => RecordStatement {
	const table = recordTable(schema, "DEPLOYMENTS");
	const row: Readonly<Record<string, Bind>> = {
		PROJECT: facts.project,
		ID: facts.id,
		ENVIRONMENT: facts.environment,
		ACTOR: facts.actor,
		TOOL: facts.tool,
		GIT_COMMIT: facts.gitCommit ?? null,
		CI_JOB: facts.ciJob ?? null,
		PLAN_HASH: facts.planHash ?? null,
		DATABASE_NAME: schema[0] ?? null,
		STARTED_AT: timestamp(facts.startedAt),
		OUTCOME: "running",
	};
	return (held) => {
		const insert = insertRows(table, Object.keys(row), [Object.values(row)], held);
		return {
			sql: `${insert.sql} AND NOT EXISTS (SELECT 1 FROM ${table} WHERE PROJECT = ? AND ID = ?)`,
			binds: [...insert.binds, facts.project, facts.id],
		};
	};
}

/** Closes a deployment, or opens one again that goes on. */
export function withOutcome(
	schema: QualifiedName,
	project: string,
	id: string,
	outcome: Outcome,
	at: Date,
): (held: string) => RecordStatement {
	return (held) => ({
		sql: `UPDATE ${recordTable(schema, "DEPLOYMENTS")} SET OUTCOME = ?, FINISHED_AT = ?::TIMESTAMP_NTZ WHERE PROJECT = ? AND ID = ? AND ${held}`,
		binds: [outcome, outcome === "running" ? null : timestamp(at), project, id],
	});
}

/** What a plan has to know of the deployments before it. */
export interface Past {
	/** Changes whenever a deployment begins or ends. */
	readonly head: string;
	/** Deployments that were never closed: they run, or were killed. */
	readonly open: readonly string[];
}

export const NO_PAST: Past = { head: "", open: [] };

function refuseClone(schema: QualifiedName, other: string): DeployError {
	const here = formatIdentifier(schema[0] ?? "");
	const table = (name: string) => recordTable(schema, name);
	return new DeployError(EXIT.environment, {
		severity: "error",
		code: "CLONED_RECORDS",
		summary: `the records in ${here} were made in database ${formatIdentifier(other)}: this is a clone of it, or it was renamed`,
		detail: `Their ledger names objects of ${formatIdentifier(other)}, which a plan made here would change or drop.`,
		hint: `name another schema as records in the environment, or let the records begin anew here, with the migrations that were applied:
DELETE FROM ${table("OBJECTS")};
UPDATE ${table("LEASES")} SET HOLDER = NULL, DEPLOYMENT = NULL, EXPIRES_AT = NULL WHERE HOLDER IS NOT NULL;
UPDATE ${table("DEPLOYMENTS")} SET DATABASE_NAME = CURRENT_DATABASE(), FINISHED_AT = COALESCE(FINISHED_AT, STARTED_AT);`.replace(
			"CURRENT_DATABASE()",
			`'${(schema[0] ?? "").replaceAll("'", "''")}'`,
		),
	});
}

/**
 * Reads how the deployments of a project stand. Throws a DeployError (exit 78) for records that came here with
 * a cloned database.
 */
export async function readPast(
	connection: Connection,
	schema: QualifiedName,
	project: string,
): Promise<Past> {
	let rows: readonly Row[];
	try {
		({ rows } = await connection.execute(
			`SELECT DATABASE_NAME, OUTCOME, IFF(FINISHED_AT IS NULL, ID, NULL) AS OPEN, COUNT(*) AS N FROM ${recordTable(schema, "DEPLOYMENTS")} WHERE PROJECT = ? GROUP BY DATABASE_NAME, OUTCOME, IFF(FINISHED_AT IS NULL, ID, NULL)`,
			[project],
		));
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return NO_PAST;
		throw error;
	}
	const foreign = rows.find((row) => row.DATABASE_NAME !== null && row.DATABASE_NAME !== schema[0]);
	if (foreign) throw refuseClone(schema, foreign.DATABASE_NAME ?? "");
	return {
		head: rows
			.map((row) => `${row.OUTCOME} ${row.OPEN ?? ""} ${row.N}`)
			.sort()
			.join("\n"),
		open: rows.flatMap((row) => (row.OPEN ? [row.OPEN] : [])).sort(),
	};
}

/** A deployment that was never closed. */
export interface OpenDeployment {
	readonly id: string;
	readonly actor: string;
	/** UTC. */
	readonly startedAt: string;
	readonly planHash: string | null;
}

/** Who began the deployments that were never closed, and with which plan. */
export async function readOpenDeployments(
	connection: Connection,
	schema: QualifiedName,
	project: string,
): Promise<readonly OpenDeployment[]> {
	const { rows } = await connection.execute(
		`SELECT ID, ACTOR, TO_VARCHAR(STARTED_AT, 'YYYY-MM-DD HH24:MI:SS') AS STARTED, PLAN_HASH FROM ${recordTable(schema, "DEPLOYMENTS")} WHERE PROJECT = ? AND FINISHED_AT IS NULL ORDER BY STARTED_AT, ID`,
		[project],
	);
	return rows.map((row) => ({
		id: row.ID ?? "",
		actor: row.ACTOR ?? "",
		startedAt: row.STARTED ?? "",
		planHash: row.PLAN_HASH ?? null,
	}));
}
