import type { Cursor } from "../../../parse/cursor.ts";
import type { CreateStatement } from "../../../parse/statement.ts";
import { parseDataType } from "../../account/data-type.ts";
import { compilationError } from "../../account/errors.ts";
import { sessionParameter } from "../../account/parameters.ts";
import { consumeStreams } from "../../account/reads.ts";
import { statementScope } from "../../account/scope/scope.ts";
import { duckdbType, physicalColumn, physicalTable, plainColumn } from "../../account/storage.ts";
import { enableLog } from "../../run/change-log.ts";
import { compileQuery } from "../../sql/compile.ts";
import { readQuery } from "../../sql/parse.ts";
import type { Column, Context, Kind, Result, SqlType } from "../../types.ts";
import { checkMasking } from "../masking.ts";
import { addObject, beginCreate, created } from "../shared.ts";
import { compileColumns, readColumn, type WrittenColumn } from "./column.ts";
import { type TableDefinition, tableProperties } from "./create.ts";
import { createPhysicalTable } from "./physical.ts";

/** A column of the list before AS: a name alone takes the query's type. */
function readListed(context: Context, part: Cursor, given: SqlType): WrittenColumn {
	const ahead = part.clone();
	const name = ahead.expectIdentifier("a column name");
	if (ahead.done)
		return { column: plainColumn(name, given), constraints: [], expression: undefined };
	const at = ahead.clone();
	const isType = at.peek()?.type === "word" && !["NOT", "COMMENT"].includes(at.peek()?.value ?? "");
	if (isType) parseDataType(at, sessionParameter(context, "TIMESTAMP_TYPE_MAPPING"));
	return readColumn(context, part);
}

/**
 * CREATE TABLE … AS SELECT. Columns take the names and types of the query unless they are listed. It counts as
 * DML for the streams it reads. https://docs.snowflake.com/en/sql-reference/sql/create-table#label-ctas-syntax
 */
export async function createAsSelect(
	kind: Kind,
	context: Context,
	statement: CreateStatement,
	definition: Pick<TableDefinition, "options" | "transient">,
	columnList: Cursor | undefined,
	query: Cursor,
): Promise<Result> {
	const creation = beginCreate(context, kind, statement, {
		orAlter: false,
		modifiers: ["TRANSIENT"],
	});
	if (creation.step === "nothing") return creation.result;
	if (creation.step === "alter")
		throw compilationError("000002", "0A000", "CREATE OR ALTER TABLE … AS SELECT");
	const compiled = await compileQuery(readQuery(query), statementScope(context));
	const listed = columnList?.splitAt();
	if (listed && listed.length !== compiled.columns.length)
		throw compilationError(
			"002026",
			"42601",
			`Invalid column definition list: ${listed.length} column(s) are listed, but the query gives ${compiled.columns.length}.`,
		);
	const written = listed?.map((part, i) =>
		readListed(context, part, compiled.columns[i]?.type as SqlType),
	);
	const columns: readonly Column[] =
		written?.map(({ column }) => column) ??
		compiled.columns.map(({ name, type }) => plainColumn(name, type));
	if (written) await compileColumns(context, written, columns);
	checkMasking(context, columns);
	const twice = columns.find((column, i) => columns.findIndex((c) => c.name === column.name) !== i);
	if (twice) throw compilationError("002025", "42S21", `duplicate column name '${twice.name}'`);
	await consumeStreams(context, compiled.reads);
	// The query may read the table that is being replaced, so its rows are set aside first.
	await context.engine(`CREATE OR REPLACE TEMP TABLE _ctas AS ${compiled.sql}`);
	const object = await addObject(context, kind, creation, {
		comment: definition.options.comment ?? null,
		properties: tableProperties({ ...definition, columns }, []),
		...(definition.options.copyGrants && { copyGrants: true }),
	});
	await createPhysicalTable(context, object, columns);
	const names = columns.map((column) => physicalColumn(column.name)).join(", ");
	const values = columns
		.map((column, i) => `CAST("c${i + 1}" AS ${duckdbType(column.type)})`)
		.join(", ");
	await context.engine(
		`INSERT INTO ${physicalTable(object)} (${names}) SELECT ${values} FROM temp._ctas`,
	);
	await context.engine("DROP TABLE temp._ctas");
	if (definition.options.changeTracking) await enableLog(context, object);
	return created(kind, object);
}
