import { SnowflakeError } from "../../error.ts";
import type { Relation } from "../../sql/scope.ts";
import type { Context, ResultColumn, SqlType } from "../../types.ts";
import { duckdbType, engineString, quote } from "../storage.ts";
import type { Arguments } from "./table-functions.ts";

/** `seconds.nanos` as the engine's timestamp. */
function timestamp(seconds: string): string {
	const [whole = "0", fraction = ""] = seconds.replace("-", "").split(".");
	const micros = `${whole}${fraction.padEnd(6, "0").slice(0, 6)}`;
	return `make_timestamp(${seconds.startsWith("-") ? "-" : ""}${BigInt(micros)})`;
}

/** A cell in the drivers' wire form as the engine's value. */
function literal(cell: string | null, type: SqlType): string {
	if (cell === null) return `NULL::${duckdbType(type)}`;
	switch (type.base) {
		case "BOOLEAN":
			return cell === "1" ? "TRUE" : "FALSE";
		case "DATE":
			return `(DATE '1970-01-01' + ${Number(cell)}::INTEGER)`;
		case "TIME":
			return `CAST(${timestamp(cell)} AS TIME)`;
		case "TIMESTAMP_NTZ":
			return timestamp(cell);
		case "TIMESTAMP_LTZ":
			return `timezone('UTC', ${timestamp(cell)})`;
		case "TIMESTAMP_TZ": {
			const [moment = "0", offset = "1440"] = cell.split(" ");
			return `struct_pack(utc := ${timestamp(moment)}, minutes := CAST(${Number(offset) - 1440} AS INTEGER))`;
		}
		case "BINARY":
			return `from_hex(${engineString(cell)})`;
		default:
			return `CAST(${engineString(cell)} AS ${duckdbType(type)})`;
	}
}

/** Column names, each once: the second ID is ID_1. */
function uniqueNames(columns: readonly ResultColumn[]): readonly string[] {
	const names: string[] = [];
	for (const { name } of columns) {
		let unique = name;
		for (let n = 1; names.includes(unique); n++) unique = `${name}_${n}`;
		names.push(unique);
	}
	return names;
}

/** The id that RESULT_SCAN's argument means: an id, or a place among the session's statements. */
function queryIdOf(context: Context, given: string): string | undefined {
	if (!/^-?\d+$/.test(given)) return given;
	return earlierQuery(context, Number(given));
}

/** The id of a statement of the session before this one: from the latest for negative numbers, else from the first. */
export function earlierQuery({ session, queryId }: Context, n: number): string | undefined {
	const ids = session.queryIds.filter((id) => id !== queryId);
	return n < 0 ? ids.at(n) : ids[n - 1];
}

/** RESULT_SCAN: what an earlier statement answered. https://docs.snowflake.com/en/sql-reference/functions/result_scan */
export async function resultScan(context: Context, given: Arguments): Promise<Relation> {
	const asked = given.get("1") ?? "-1";
	const id = queryIdOf(context, asked);
	const result = id === undefined ? undefined : context.earlierResult(id);
	if (!result) throw new SnowflakeError("000709", "02000", `Statement ${id ?? asked} not found`);
	const names = uniqueNames(result.columns);
	const types = result.columns.map(({ type }) => type);
	const row = (cells: readonly (string | null)[]): string =>
		`(${types.map((type, i) => literal(cells[i] ?? null, type)).join(", ")})`;
	const empty = result.rows.length === 0;
	const values = empty ? row([]) : result.rows.map(row).join(", ");
	return {
		columns: names.map((name, i) => ({
			name,
			type: types[i] as SqlType,
			sql: quote(`c${i + 1}`),
		})),
		from: `(SELECT * FROM (VALUES ${values}) AS r(${names.map((_, i) => quote(`c${i + 1}`)).join(", ")})${empty ? " WHERE false" : ""})`,
	};
}
