import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { formatString, type QualifiedName } from "../model/identifier.ts";
import { type Connection, type Connector, StatementError } from "../model/port.ts";
import { affectedRows, recordTable } from "./records.ts";
import { isCutOff, reopening } from "./sessions.ts";

/** How long a lease lasts without a heartbeat, unless the environment says otherwise. */
export const LEASE_SECONDS = 300;

/** Seconds a statement on the leases waits for another transaction. */
const LOCK_TIMEOUT = 30;
const LOCKED = "000625";

/** Whose lease it is to be. */
export interface LeaseRequest {
	readonly project: string;
	readonly deployment: string;
	readonly actor: string;
	readonly seconds: number;
	/** Nobody else can be in this account, so that a lease found in it belongs to a process that is dead. */
	readonly alone: boolean;
}

/** The right to deploy a project, held by one run at a time. */
export interface Lease {
	/** SQL that is true as long as this run holds it. */
	readonly held: string;
	/** Makes it last longer; false when somebody else has taken it. */
	renew(): Promise<boolean>;
	/**
	 * Makes sure that it is held now, when the account said so to a statement begun at this time. An answer that
	 * was read late, because the process was paused meanwhile, says nothing about now. Throws when it is lost.
	 */
	confirm(begun: number): Promise<void>;
	/** Stops the heartbeat and gives it back; one that was lost is left alone. */
	release(): Promise<void>;
}

/** A lease as others see it. */
export interface LeaseState {
	readonly holder: string;
	readonly deployment: string;
	/** UTC. */
	readonly until: string;
	/** Past its expiry: the next deployment takes it over. */
	readonly expired: boolean;
}

/** The error for a lease that another run holds. */
export function leaseHeld({ holder, deployment, until }: LeaseState): DeployError {
	return new DeployError(EXIT.locked, {
		severity: "error",
		code: "LEASE_HELD",
		summary: `${holder} (deployment ${deployment}) holds the lease until ${until.slice(-8)} UTC; it is extended while that deployment runs`,
		hint: "wait for it; if that run is dead, wait until then, or run `snowline unlock`",
	});
}

/** The error for a run whose lease somebody else has taken. */
export function leaseLost(): DeployError {
	return new DeployError(EXIT.locked, {
		severity: "error",
		code: "LEASE_LOST",
		summary: "another deployment has taken over the lease of this run, which stopped",
		hint: "it was paused or cut off for longer than its lease lasts; see `snowline history`, and plan again",
	});
}

/** Who holds the lease of a project; undefined when it is free. */
export async function readLease(
	connection: Connection,
	schema: QualifiedName,
	project: string,
): Promise<LeaseState | undefined> {
	const { rows } = await connection.execute(
		`SELECT HOLDER, DEPLOYMENT, TO_VARCHAR(EXPIRES_AT, 'YYYY-MM-DD HH24:MI:SS') AS UNTIL, IFF(EXPIRES_AT > SYSDATE(), 'held', 'expired') AS STATE FROM ${recordTable(schema, "LEASES")} WHERE PROJECT = ? AND HOLDER IS NOT NULL`,
		[project],
	);
	const row = rows[0];
	if (!row) return undefined;
	return {
		holder: (row.HOLDER ?? "").replace(/ \S+$/, ""),
		deployment: row.DEPLOYMENT ?? "",
		until: row.UNTIL ?? "",
		expired: row.STATE === "expired",
	};
}

/** By the wall clock, which goes on while a machine sleeps; one that was set back counts as late. */
function elapsedSince(begun: number): number {
	const elapsed = Date.now() - begun;
	return elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed;
}

const EXPIRY = "DATEADD('millisecond', ?, SYSDATE())";

/**
 * Takes the lease if it is free or expired. The transaction first changes the row that belongs to nobody,
 * which makes others wait, and reads in a statement of its own: a statement sees what was committed before it
 * began, and whether one that waited for a lock looks again is not documented.
 * https://docs.snowflake.com/en/sql-reference/transactions
 */
async function take(
	connection: Connection,
	schema: QualifiedName,
	request: LeaseRequest,
	holder: string,
): Promise<void> {
	const table = recordTable(schema, "LEASES");
	const { project, deployment, alone } = request;
	await connection.execute("BEGIN TRANSACTION");
	try {
		const touched = await connection.execute(
			`UPDATE ${table} SET EXPIRES_AT = SYSDATE() WHERE PROJECT = ''`,
		);
		if (affectedRows(touched) !== 1)
			throw new DeployError(EXIT.failed, {
				severity: "error",
				code: "RECORDS",
				summary: `${table} has lost its first row`,
				hint: `DROP TABLE ${table}; the next deployment makes it anew`,
			});
		const state = await readLease(connection, schema, project);
		if (state && !state.expired && !alone) throw leaseHeld(state);
		const taken = await connection.execute(
			`UPDATE ${table} SET HOLDER = ?, DEPLOYMENT = ?, EXPIRES_AT = ${EXPIRY} WHERE PROJECT = ?`,
			[holder, deployment, request.seconds * 1000, project],
		);
		if (affectedRows(taken) === 0)
			await connection.execute(
				`INSERT INTO ${table} (PROJECT, HOLDER, DEPLOYMENT, EXPIRES_AT) SELECT ?, ?, ?, ${EXPIRY}`,
				[project, holder, deployment, request.seconds * 1000],
			);
		await connection.execute("COMMIT");
	} catch (error) {
		if (!isCutOff(error)) await connection.execute("ROLLBACK");
		throw error;
	}
}

function lockedOut(error: unknown): unknown {
	return error instanceof StatementError && error.code === LOCKED
		? new DeployError(
				EXIT.locked,
				{
					severity: "error",
					code: "LEASE_HELD",
					summary: `another run has kept the leases locked for ${LOCK_TIMEOUT} seconds`,
					hint: "apply again; a run that died while it took its lease keeps them for five minutes at the most",
				},
				{ cause: error },
			)
		: error;
}

/**
 * Takes the lease of a project on a session of its own, and keeps it alive. `lost` is called once when
 * somebody else turns out to have it. Throws a DeployError (exit 5) when another run holds it.
 */
export async function takeLease(
	connector: Pick<Connector, "connect">,
	schema: QualifiedName,
	request: LeaseRequest,
	lost: () => void,
): Promise<Lease> {
	const { project, seconds } = request;
	const table = recordTable(schema, "LEASES");
	// Unique for each run: a deployment that is resumed has the id of the one that was cut off.
	const holder = `${request.actor}@${hostname()} ${randomUUID()}`;
	const own = `PROJECT = ${formatString(project)} AND HOLDER = ${formatString(holder)}`;
	const open = () => connector.connect({ parameters: { LOCK_TIMEOUT } });
	const extend = async (connection: Connection): Promise<boolean> =>
		affectedRows(
			await connection.execute(`UPDATE ${table} SET EXPIRES_AT = ${EXPIRY} WHERE ${own}`, [
				seconds * 1000,
			]),
		) === 1;
	let first = await open();
	try {
		await take(first, schema, request, holder);
	} catch (error) {
		await first.close();
		if (!isCutOff(error)) throw lockedOut(error);
		// Whether the COMMIT went through is not known, but the row tells.
		first = await open();
		if (!(await extend(first))) await take(first, schema, request, holder);
	}
	const connection = reopening(first, open);
	let ended = false;
	const renew = async (): Promise<boolean> => {
		if (await extend(connection)) return true;
		if (!ended) lost();
		ended = true;
		return false;
	};
	const beat = setInterval(
		() => {
			// A heartbeat that fails changes nothing: the next one tries again, and the journal asks the account.
			if (!ended) void renew().catch(() => undefined);
		},
		(seconds * 1000) / 3,
	);
	beat.unref();
	return {
		held: `EXISTS (SELECT 1 FROM ${table} WHERE ${own} AND EXPIRES_AT > SYSDATE())`,
		renew,
		async confirm(begun) {
			for (let at = begun; elapsedSince(at) > (seconds * 1000) / 3; ) {
				at = Date.now();
				if (!(await renew())) throw leaseLost();
			}
		},
		async release() {
			clearInterval(beat);
			try {
				if (!ended)
					await connection.execute(
						`UPDATE ${table} SET HOLDER = NULL, DEPLOYMENT = NULL, EXPIRES_AT = NULL WHERE ${own}`,
					);
			} finally {
				ended = true;
				await connection.close();
			}
		},
	};
}

/** Takes a lease away from its holder, who stops before its next statement; false when it has changed hands meanwhile. */
export async function breakLease(
	connection: Connection,
	schema: QualifiedName,
	project: string,
	state: LeaseState,
): Promise<boolean> {
	const result = await connection.execute(
		`UPDATE ${recordTable(schema, "LEASES")} SET HOLDER = NULL, DEPLOYMENT = NULL, EXPIRES_AT = NULL WHERE PROJECT = ? AND DEPLOYMENT = ?`,
		[project, state.deployment],
	);
	return affectedRows(result) === 1;
}
