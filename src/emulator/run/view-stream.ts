import type { Tracked } from "../account/scope/scope.ts";
import { physicalColumn, ROW_ID } from "../account/storage.ts";
import type { Relation } from "../sql/scope.ts";
import type { CatalogObject, Context } from "../types.ts";
import { horizon } from "./change-log.ts";
import { insertedRows, METADATA_COLUMNS, readableSource, rowsAt } from "./stream-read.ts";

/** Reads a view over other rows than its tables have now. */
type ReadView = (view: CatalogObject, tracked: Tracked) => Promise<Relation>;

const [ACTION = "", IS_UPDATE = "", IDENTITY = ""] = METADATA_COLUMNS.map(([name]) =>
	physicalColumn(name),
);

/** Rows with the metadata of a stream as a table whose row ids are the identities of those. */
function identified(rows: string): string {
	return `(SELECT * EXCLUDE (${ACTION}, ${IS_UPDATE}, ${IDENTITY}), ${IDENTITY} AS ${ROW_ID} FROM (${rows}))`;
}

/** The view over rows of its tables, as a query with the view's columns and identities. */
async function readOver(
	view: CatalogObject,
	read: ReadView,
	tracked: Tracked,
): Promise<{ readonly relation: Relation; readonly sql: string }> {
	const relation = await read(view, tracked);
	const list = relation.columns.map(({ name, sql }) =>
		name === ROW_ID ? `${sql} AS ${ROW_ID}` : `${sql} AS ${physicalColumn(name)}`,
	);
	return { relation, sql: `SELECT ${list.join(", ")} FROM ${relation.from}` };
}

/**
 * What a stream on a view returns: the view over its tables as they were at the offset against the view over
 * them as they are now, which comes to the sum of joined changes that the documentation describes.
 * https://docs.snowflake.com/en/user-guide/streams-intro#join-results-behavior
 */
export async function viewStreamRelation(
	context: Context,
	stream: CatalogObject,
	read: ReadView,
): Promise<Relation> {
	const { source: view, offset } = await readableSource(context, stream);
	const to = await horizon(context);
	const at = (version: bigint) =>
		readOver(view, read, {
			joins: true,
			rows: (table) => identified(rowsAt(table, version)),
		});
	const appended = stream.properties.mode === "APPEND_ONLY";
	const now =
		appended && !offset.initial
			? await readOver(view, read, {
					joins: false,
					rows: (table) => identified(insertedRows(table, { from: offset.version, to })),
				})
			: await at(offset.initial ? offset.version : to);
	const columns = now.relation.columns.filter((column) => !column.hidden);
	const names = columns.map(({ name }) => physicalColumn(name));
	const row = (alias: string): string => `row(${names.map((n) => `${alias}.${n}`).join(", ")})`;
	const select = (alias: string, action: string, isUpdate: string): string =>
		`SELECT ${names.map((n) => `${alias}.${n}, `).join("")}'${action}' AS ${ACTION},
		 ${isUpdate} AS ${IS_UPDATE}, sha1('${view.id}:' || ${alias}.${ROW_ID}) AS ${IDENTITY}`;
	const side = (one: "i" | "d", other: "i" | "d", action: string): string =>
		`${select(one, action, `${other}.${ROW_ID} IS NOT NULL`)}
		 FROM ${one} LEFT JOIN ${other} ON ${one}.${ROW_ID} = ${other}.${ROW_ID}
		 WHERE ${other}.${ROW_ID} IS NULL OR ${row("i")} IS DISTINCT FROM ${row("d")}`;
	const query =
		appended || offset.initial
			? `WITH i AS (${now.sql}) ${select("i", "INSERT", "false")} FROM i`
			: `WITH i AS (${now.sql}), d AS (${(await at(offset.version)).sql})
			   ${side("i", "d", "INSERT")} UNION ALL ${side("d", "i", "DELETE")}`;
	return {
		columns: [
			...columns.map(({ name, type }) => ({ name, type })),
			...METADATA_COLUMNS.map(([name, type]) => ({ name, type })),
		].map((column) => ({ ...column, sql: physicalColumn(column.name) })),
		from: `(${query})`,
		reads: [stream.id, ...(now.relation.reads ?? [])],
	};
}
