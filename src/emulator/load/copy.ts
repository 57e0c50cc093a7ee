import type { Span } from "../../diagnostics/source.ts";
import { requireWarehouse } from "../account/query.ts";
import { statementScope } from "../account/scope/scope.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Context, Handler } from "../types.ts";
import { copyFileFormat, copyLocation } from "./copy-files.ts";
import { copyIntoTable, type LoadRequest } from "./copy-into-table.ts";
import { type CopyIntoTable, readCopy } from "./copy-statement.ts";
import { arrangement, loadedRows } from "./loaded-rows.ts";
import { copyIntoLocation } from "./unload.ts";
import { validateCopy } from "./validate-copy.ts";

/** What a COPY loads into, locked for adding rows. */
export async function loadTarget(
	context: Context,
	copy: CopyIntoTable,
	span: Span,
): Promise<Pick<LoadRequest, "scope" | "target" | "table" | "span">> {
	const scope = statementScope(context, { lock: "insert" });
	if (!scope.target) throw unsupported("COPY INTO a table here");
	const target = await scope.target(copy.table, span);
	const table = context.catalog.byId(target.id) as CatalogObject;
	return { scope, target, table, span };
}

/**
 * Compiles a COPY as far as that goes without its files, as CREATE PIPE does: its table, columns and file format,
 * and the expressions of its SELECT. `stage` is the one it reads, where that is a named one.
 */
export async function compileCopy(
	context: Context,
	copy: CopyIntoTable,
	span: Span,
	stage: CatalogObject | undefined,
): Promise<void> {
	const { scope, target } = await loadTarget(context, copy, span);
	const plan = { copy, target, format: copyFileFormat(context, copy, stage), scope, span };
	arrangement(plan);
	await loadedRows(plan, { files: [], from: "" });
}

/** COPY INTO a table or a location. */
export const copy: Handler = async (context, statement) => {
	const read = readCopy(statement.rest());
	if (read.kind === "location") return copyIntoLocation(context, read);
	const target = await loadTarget(context, read, statement.span);
	requireWarehouse(context, new Set([target.table.id]));
	if (read.validation) {
		const request = { ...target, copy: read, onError: { do: "continue" } as const };
		return validateCopy(context, request, copyLocation(context, read));
	}
	return copyIntoTable(context, read, target);
};
