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
 * (`D`) or wrote (`I`), in batches. A batch gets its version when the transaction commits, so that versions are
 * numbered in the order of commits, and nothing of an open transaction is visible to a stream, its own included
 * ("repeatable read isolation"). What a transaction has pending is itself in engine tables, because a failed
 * statement is undone by replaying the engine statements before it.
 * https://docs.snowflake.com/en/user-guide/streams-intro#repeatable-read-isolation
 */

/** What was remembered before a statement ran; given back to `recordChanges`. */
export interface Capture {
	readonly table: CatalogObject;
	readonly statement: "insert" | "change";
}

/** The last version that existed when a session's explicit transaction began: as far as its streams reach. */
const horizons = new WeakMap<Session, bigint>();

/** Sessions, by account and id, whose transaction may have changes pending or streams consumed; others need not look. */
const touched = new WeakMap<object, Set<number>>();

function touch({ account, session }: Context): void {
	const sessions = touched.get(account) ?? new Set();
	touched.set(account, sessions.add(session.id));
}

/** The newest version a statement of the session may see in a stream. */
export async function horizon(context: Context): Promise<bigint> {
	const { session } = context;
	const known = session.inTransaction ? horizons.get(session) : undefined;
	if (known !== undefined) return known;
	const [row] = await context.engine("SELECT coalesce(max(version), 0) FROM _run.versions");
	const latest = BigInt(String(row?.[0]));
	if (session.inTransaction) horizons.set(session, latest);
	return latest;
}

/** Call when BEGIN opened a transaction: its streams end here. */
export async function beginChanges(context: Context): Promise<void> {
	horizons.delete(context.session);
	await horizon(context);
}

/** The log of a table, as engine SQL. */
export function logRelation(table: Pick<CatalogObject, "id">): string {
	return `_run.log_${table.id}`;
}

/** Moves all that is pending of a table into one new version. */
async function addVersion(context: Context, tableId: number): Promise<void> {
	const [row] = await context.engine("SELECT nextval('_run.version')");
	const version = BigInt(String(row?.[0]));
	const at = BigInt(context.clock.now()) * 1_000_000n + (version % 1_000_000n);
	await context.engine(
		`INSERT INTO _run.versions SELECT ${version}, batch, table_id, ${at}, statement
		 FROM _run.pending WHERE table_id = ${tableId}`,
	);
	await context.engine(`DELETE FROM _run.pending WHERE table_id = ${tableId}`);
}

async function nextBatch(context: Context, table: CatalogObject): Promise<bigint> {
	touch(context);
	const [row] = await context.engine("SELECT nextval('_run.change')");
	const batch = BigInt(String(row?.[0]));
	await context.engine(
		`INSERT INTO _run.pending VALUES (${batch}, ${table.id}, ${engineString(context.queryId)})`,
	);
	return batch;
}

/** Starts to log a table's changes; does nothing where that is done already. */
export async function enableLog(context: Context, table: CatalogObject): Promise<void> {
	if (await hasLog(context, table)) return;
	await context.engine(
		`CREATE TABLE ${logRelation(table)} AS
		 SELECT 0::BIGINT AS __seq, 0::BIGINT AS __batch, '' AS __action, false AS __update, ${ROW_ID}${list(table, ", ")}
		 FROM ${physicalTable(table)} LIMIT 0`,
	);
	await nextBatch(context, table);
	await addVersion(context, table.id);
}

/** Whether a table's changes are logged: a log begins with a version, and its versions go with it. */
async function hasLog(context: Context, table: CatalogObject): Promise<boolean> {
	const rows = await context.engine(
		`SELECT 1 FROM _run.versions WHERE table_id = ${table.id} LIMIT 1`,
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

/** All of a row's columns as one value, which compares NULLs as equal with IS DISTINCT FROM. */
export function rowValue(table: CatalogObject, alias: string): string {
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
	const what = statement === "insert" ? `coalesce(max(${ROW_ID}), -1) AS ${ROW_ID}` : "*";
	await context.engine(
		`CREATE OR REPLACE TEMP TABLE __before_${table.id} AS SELECT ${what} FROM ${physicalTable(table)}`,
	);
	return { table, statement };
}

/** Call after the statement, in its transaction, with what `captureBefore` gave. */
export async function recordChanges(context: Context, capture: Capture | undefined): Promise<void> {
	if (!capture) return;
	const { table, statement } = capture;
	const batch = await nextBatch(context, table);
	const before = `__before_${table.id}`;
	const log = (action: "D" | "I", update: string, alias: string, from: string): Promise<unknown> =>
		context.engine(
			`INSERT INTO ${logRelation(table)} (__seq, __batch, __action, __update, ${ROW_ID}${list(table, ", ")})
			 SELECT nextval('_run.change'), ${batch}, '${action}', ${update},
			 ${alias}.${ROW_ID}${list(table, ", ", `${alias}.`)} FROM ${from} ORDER BY ${alias}.${ROW_ID}`,
		);
	if (statement === "insert") {
		const added = `t.${ROW_ID} > (SELECT ${ROW_ID} FROM ${before})`;
		await log("I", "false", "t", `${physicalTable(table)} t WHERE ${added}`);
	} else {
		const changed = (one: string, other: string): string =>
			`${one === "b" ? before : physicalTable(table)} ${one}
			 LEFT JOIN ${other === "b" ? before : physicalTable(table)} ${other} ON b.${ROW_ID} = t.${ROW_ID}
			 WHERE ${other}.${ROW_ID} IS NULL OR ${rowValue(table, "b")} IS DISTINCT FROM ${rowValue(table, "t")}`;
		await log("D", `t.${ROW_ID} IS NOT NULL`, "b", changed("b", "t"));
		await log("I", `b.${ROW_ID} IS NOT NULL`, "t", changed("t", "b"));
	}
	await context.engine(`DROP TABLE ${before}`);
}

/**
 * Call before a DML statement, a CTAS or a COPY INTO location that reads a stream. The offset moves when the
 * transaction commits, to where the transaction began, so that later statements of it read the same rows.
 * The stream is locked until then: "This locks the stream."
 */
export async function consumeStream(context: Context, stream: CatalogObject): Promise<void> {
	await context.lock(stream.id, "update");
	const version = await horizon(context);
	touch(context);
	await context.engine(`INSERT INTO _run.consumed VALUES (${stream.id}, ${version})`);
}

/** Call right before the engine's COMMIT, of autocommitted statements too: offsets move, versions are made. */
export async function commitChanges(context: Context): Promise<void> {
	horizons.delete(context.session);
	if (!touched.get(context.account)?.has(context.session.id)) return;
	const consumed = await context.engine(
		"SELECT stream_id, max(version) FROM _run.consumed GROUP BY ALL",
	);
	for (const [stream, version] of consumed)
		await context.engine(
			`UPDATE _run.offsets SET initial = false, read_at = ${context.clock.now()}, version =
			 CASE WHEN table_id = 0 THEN ${version} ELSE coalesce((SELECT max(v.version) FROM _run.versions v
			 WHERE v.table_id = _run.offsets.table_id AND v.version <= ${version}), version) END
			 WHERE stream_id = ${stream}`,
		);
	if (consumed.length > 0) await context.engine("DELETE FROM _run.consumed");
	const changed = await context.engine("SELECT DISTINCT table_id FROM _run.pending ORDER BY 1");
	for (const [table] of changed) await addVersion(context, Number(table));
	touched.get(context.account)?.delete(context.session.id);
}

/** Call when the transaction was rolled back. */
export function forgetChanges(session: Session): void {
	horizons.delete(session);
}
