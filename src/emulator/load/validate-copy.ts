import { fixedType, textType } from "../account/data-type.ts";
import { wireCell } from "../account/wire.ts";
import type { Context, Result } from "../types.ts";
import { checkRows } from "./check-rows.ts";
import { chooseFiles } from "./copy-files.ts";
import { columnLabel, type LoadRequest, prepareLoad } from "./copy-into-table.ts";
import { type Location, listFiles, relativeName } from "./location.ts";

/** The columns that VALIDATION_MODE = RETURN_ERRORS answers with. */
const ERROR_COLUMNS = [
	["ERROR", textType()],
	["FILE", textType()],
	["LINE", fixedType()],
	["CHARACTER", fixedType()],
	["BYTE_OFFSET", fixedType()],
	["CATEGORY", textType()],
	["CODE", fixedType()],
	["SQL_STATE", textType()],
	["COLUMN_NAME", textType()],
	["ROW_NUMBER", fixedType()],
	["ROW_START_LINE", fixedType()],
] as const;

/** How many rows of each file are among the first rows of all. */
function firstRows(files: readonly { readonly rows: number }[], count: number): readonly number[] {
	let left = count;
	return files.map(({ rows }) => {
		const taken = Math.min(rows, left);
		left -= taken;
		return taken;
	});
}

/**
 * VALIDATION_MODE: tries the files instead of loading them. RETURN_n_ROWS gives the first rows, or fails at the first
 * error among them; RETURN_ERRORS gives all errors; RETURN_ALL_ERRORS also those of files that were loaded in part.
 * https://docs.snowflake.com/en/sql-reference/sql/copy-into-table#optional-parameters
 */
export async function validateCopy(
	context: Context,
	request: LoadRequest,
	location: Location,
): Promise<Result> {
	const { copy, table } = request;
	const { rows: count, all } = copy.validation ?? {};
	const files = all
		? await listFiles(location, copy.pattern)
		: await chooseFiles(context, request, location);
	const rows = await prepareLoad(context, request, location, files);
	const limits = count === undefined ? undefined : firstRows(rows.scan.files, count);
	const first = (found: readonly { readonly file: number; readonly row: number }[]) =>
		limits ? found.filter(({ file, row }) => row <= (limits[file] ?? 0)) : found;
	const { told } = await checkRows(context.account, rows, first);
	if (!limits)
		return {
			columns: ERROR_COLUMNS.map(([name, type]) => ({ name, type })),
			rows: told.map((bad) => {
				const file = rows.scan.files[bad.file]?.file;
				return [
					bad.error.message,
					file ? relativeName(location, file) : "",
					String(bad.line),
					String(bad.character),
					null,
					bad.column === undefined ? "parsing" : "conversion",
					String(Number(bad.error.code)),
					bad.error.sqlState,
					columnLabel(table, rows, bad),
					String(bad.row),
					String(bad.line),
				];
			}),
		};
	const [worst] = told;
	if (worst) throw worst.error;
	const { alias, columns, from } = rows;
	const conditions = limits.map((limit, i) => `(${alias}.f = ${i} AND ${alias}.n <= ${limit})`);
	const within = conditions.length > 0 ? conditions.join(" OR ") : "false";
	const values = await context.engine(
		`SELECT ${columns.map(({ sql }) => sql).join(", ")} FROM ${from} WHERE ${within} ORDER BY ${alias}.f, ${alias}.n`,
	);
	return {
		columns: columns.map(({ name, type }) => ({ name, type })),
		rows: values.map((row) => columns.map(({ type }, i) => wireCell(row[i], type))),
	};
}
