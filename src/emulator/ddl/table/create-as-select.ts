import type { Cursor } from "../../../parse/cursor.ts";
import type { CreateStatement } from "../../../parse/statement.ts";
import { unsupported } from "../../error.ts";
import type { Context, Kind, Result } from "../../types.ts";
import type { TableDefinition } from "./create.ts";

/** CREATE TABLE … AS SELECT. */
export async function createAsSelect(
	_kind: Kind,
	_context: Context,
	_statement: CreateStatement,
	_definition: Pick<TableDefinition, "options" | "transient">,
	_columnList: Cursor | undefined,
	_query: Cursor,
): Promise<Result> {
	throw unsupported("CREATE TABLE … AS SELECT");
}
