import {
	engineString,
	physicalColumn,
	physicalTable,
	ROW_ID,
	storedColumns,
} from "../account/storage.ts";
import type { CatalogObject, Context, Session } from "../types.ts";

/**
 * The change log behind streams.
 *
 * Snowflake keeps versions of a table and reads a stream as the difference between two of them. The engine
 * keeps no versions, so a table with change tracking has a log beside it: every row that a statement removed
 * (`D`) or wrote (`I`), with the transaction that did it. A version is a row of `_run.versions`, written when
 * the transaction commits, so that versions are numbered in the order of commits and nothing of an open
 * transaction is ever visible to a stream, its own included ("repeatable read isolation").
 * https://docs.snowflake.com/en/user-guide/streams-intro#repeatable-read-isolation
 */

/** What was remembered before a statement ran; given back to `recordChanges`. */
export interface Capture {
	readonly table: CatalogObject;
	/** For statements that only add rows: the highest row id before. */
	readonly rowId: bigint | undefined;
}

/** Tables of the running side; the account runs these once when it opens its engine. */
export const RUN_TABLES: readonly string[] = [
	"CREATE SCHEMA IF NOT EXISTS _run",
	"CREATE SEQUENCE IF NOT EXISTS _run.change",
	"CREATE SEQUENCE IF NOT EXISTS _run.version",
	// `at` is in nanoseconds of the account's clock, and different for every version.
	"CREATE TABLE IF NOT EXISTS _run.versions (version BIGINT, tx BIGINT, table_id BIGINT, at BIGINT, statements VARCHAR[])",
	"CREATE TABLE IF NOT EXISTS _run.offsets (stream_id BIGINT, table_id BIGINT, version BIGINT, read_at BIGINT, initial BOOLEAN)",
];

interface OpenTransaction {
	readonly tx: bigint;
	/** Tables by id, with the ids of the statements that changed them. */
	readonly changed: Map<number, string[]>;
	readonly consumed: Set<number>;
}

/** What each session's open transaction has done; forgotten when it ends. */
const open = new WeakMap<Session, OpenTransaction>();

async function transaction(context: Context): Promise<OpenTransaction> {
	const existing = open.get(context.session);
	if (existing) return existing;
	const [row] = await context.engine("SELECT nextval('_run.change')");
	const created = {
		tx: BigInt(String(row?.[0])),
		changed: new Map<number, string[]>(),
		consumed: new Set<number>(),
	};
	open.set(context.session, created);
	return created;
}

/** The log of a table, as engine SQL. */
export function logRelation(table: Pick<CatalogObject, "id">): string {
	return `_run.log_${table.id}`;
}

async function addVersion(
	context: Context,
	tableId: number,
	tx: bigint | null,
	statements: readonly string[],
): Promise<void> {
	const ids = statements.map(engineString).join(", ");
	await context.engine(
		`INSERT INTO _run.versions
		 SELECT v, ${tx ?? "NULL"}, ${tableId}, ${context.clock.now()} * 1000000 + v % 1000000, [${ids}]
		 FROM (SELECT nextval('_run.version') AS v)`,
	);
}

/** Starts to log a table's changes; does nothing where that is done already. */
export async function enableLog(context: Context, table: CatalogObject): Promise<void> {
	if (await hasLog(context, table)) return;
	await context.engine(
		`CREATE TABLE ${logRelation(table)} AS
		 SELECT 0::BIGINT AS __seq, 0::BIGINT AS __tx, '' AS __action, false AS __update, ${ROW_ID}${list(table, ", ")}
		 FROM ${physicalTable(table)} LIMIT 0`,
	);
	await addVersion(context, table.id, null, [context.queryId]);
}

/** Whether a table's changes are logged. */
export async function hasLog(context: Context, table: CatalogObject): Promise<boolean> {
	const rows = await context.engine(
		`SELECT 1 FROM duckdb_tables() WHERE schema_name = '_run' AND table_name = 'log_${table.id}'`,
	);
	return rows.length > 0;
}

/** Forgets a table's log: the table was dropped, or change tracking was turned off. */
export async function dropLog(context: Context, table: CatalogObject): Promise<void> {
	await context.engine(`DROP TABLE IF EXISTS ${logRelation(table)}`);
	await context.engine(`DELETE FROM _run.versions WHERE table_id = ${table.id}`);
}

/**
 * Gives the log the columns the table has now. Call it after ALTER TABLE changed them, with the same engine
 * clause: `ADD COLUMN c INTEGER DEFAULT 0`, `DROP COLUMN c`, `RENAME COLUMN a TO b`, `ALTER COLUMN c TYPE t`.
 * "Streams use the current table schema", so the rows already logged follow.
 */
export async function alterLog(
	context: Context,
	table: CatalogObject,
	clause: string,
): Promise<void> {
	if (await hasLog(context, table))
		await context.engine(`ALTER TABLE ${logRelation(table)} ${clause}`);
}

/** The engine's columns of a table, without the hidden one. */
export function loggedColumns(table: CatalogObject): readonly string[] {
	return storedColumns(table).map((column) => physicalColumn(column.name));
}

/** The table's columns behind the hidden ones of a column list. */
function list(table: CatalogObject, before: string, prefix = ""): string {
	return loggedColumns(table)
		.map((column) => `${before}${prefix}${column}`)
		.join("");
}

function rowOf(table: CatalogObject, alias: string): string {
	return `row(${loggedColumns(table)
		.map((column) => `${alias}.${column}`)
		.join(", ")})`;
}

/**
 * Call before a DML statement changes a table. `insert` promises that the statement only adds rows, which
 * costs as much as the change; anything else compares the table before and after.
 * Undefined where the table's changes are not logged.
 */
export async function captureBefore(
	context: Context,
	table: CatalogObject,
	statement: "insert" | "change",
): Promise<Capture | undefined> {
	if (!(await hasLog(context, table))) return undefined;
	if (statement === "insert") {
		const [row] = await context.engine(
			`SELECT coalesce(max(${ROW_ID}), -1) FROM ${physicalTable(table)}`,
		);
		return { table, rowId: BigInt(String(row?.[0])) };
	}
	await context.engine(
		`CREATE OR REPLACE TEMP TABLE __before_${table.id} AS SELECT * FROM ${physicalTable(table)}`,
	);
	return { table, rowId: undefined };
}

/** Call after the statement, in its transaction, with what `captureBefore` gave. */
export async function recordChanges(context: Context, capture: Capture | undefined): Promise<void> {
	if (!capture) return;
	const { table, rowId } = capture;
	const { tx, changed } = await transaction(context);
	changed.set(table.id, [...(changed.get(table.id) ?? []), context.queryId]);
	const target = `INSERT INTO ${logRelation(table)} (__seq, __tx, __action, __update, ${ROW_ID}${list(table, ", ")})`;
	const select = (action: "D" | "I", update: string, alias: string): string =>
		`SELECT nextval('_run.change'), ${tx}, '${action}', ${update}, ${alias}.${ROW_ID}${list(table, ", ", `${alias}.`)}`;
	if (rowId !== undefined) {
		await context.engine(
			`${target} ${select("I", "false", "t")} FROM ${physicalTable(table)} t WHERE t.${ROW_ID} > ${rowId} ORDER BY t.${ROW_ID}`,
		);
		return;
	}
	const before = `__before_${table.id}`;
	const differs = `${rowOf(table, "b")} IS DISTINCT FROM ${rowOf(table, "t")}`;
	await context.engine(
		`${target} ${select("D", `t.${ROW_ID} IS NOT NULL`, "b")}
		 FROM ${before} b LEFT JOIN ${physicalTable(table)} t ON t.${ROW_ID} = b.${ROW_ID}
		 WHERE t.${ROW_ID} IS NULL OR ${differs} ORDER BY b.${ROW_ID}`,
	);
	await context.engine(
		`${target} ${select("I", `b.${ROW_ID} IS NOT NULL`, "t")}
		 FROM ${physicalTable(table)} t LEFT JOIN ${before} b ON t.${ROW_ID} = b.${ROW_ID}
		 WHERE b.${ROW_ID} IS NULL OR ${differs} ORDER BY t.${ROW_ID}`,
	);
	await context.engine(`DROP TABLE ${before}`);
}

/**
 * Call before a DML statement, a CTAS or a COPY INTO location that reads a stream. The offset moves when the
 * transaction commits, to where the transaction began, so that later statements of it read the same rows.
 * The stream is locked until then: "This locks the stream."
 */
export async function consumeStream(context: Context, stream: CatalogObject): Promise<void> {
	await context.lock(stream.id, "update");
	(await transaction(context)).consumed.add(stream.id);
}

/** Call right before the engine's COMMIT, of autocommitted statements too: offsets move, versions are made. */
export async function commitChanges(context: Context): Promise<void> {
	const ending = open.get(context.session);
	if (!ending) return;
	open.delete(context.session);
	for (const stream of ending.consumed)
		await context.engine(
			`UPDATE _run.offsets SET initial = false, read_at = ${context.clock.now()}, version =
			 coalesce((SELECT max(v.version) FROM _run.versions v WHERE v.table_id = _run.offsets.table_id), version)
			 WHERE stream_id = ${stream}`,
		);
	for (const [table, statements] of ending.changed)
		await addVersion(context, table, ending.tx, statements);
}

/** Call right after the engine's ROLLBACK. */
export function forgetChanges(session: Session): void {
	open.delete(session);
}
