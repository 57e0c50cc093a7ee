import type { Span } from "../../diagnostics/source.ts";
import { engineString } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import { convert, momentFromText } from "../sql/convert.ts";
import type { ScopeSession } from "../sql/scope.ts";
import { TEXT } from "../sql/sql-type.ts";
import type { Typed } from "../sql/typed.ts";
import type { SqlType } from "../types.ts";
import type { FileFormat } from "./file-format.ts";

/** What a loaded value becomes a column's value by. */
export interface Assignment {
	readonly type: SqlType;
	readonly format: FileFormat;
	/** TRUNCATECOLUMNS: cut a text that is too long. */
	readonly truncate: boolean;
	readonly session: ScopeSession;
	readonly span: Span;
	/** Text that goes into a semi-structured column is JSON: so with files, not with the SELECT of a transformation. */
	readonly textIsJson: boolean;
}

function inputFormat(format: FileFormat, option: string): string {
	const value = format.options[option];
	return typeof value === "string" && value !== "AUTO" ? engineString(value) : "NULL";
}

/** A binary value by BINARY_FORMAT. */
function binary(sql: string, format: FileFormat): string {
	switch (format.options.BINARY_FORMAT) {
		case "BASE64":
			return `from_base64(${sql})`;
		case "UTF8":
			return `encode(${sql})`;
		default:
			return `sf_unhex(${sql})`;
	}
}

function fromText(value: Typed, assignment: Assignment): string {
	const { type, format, session, span } = assignment;
	switch (type.base) {
		case "DATE":
			return momentFromText(value.sql, type, inputFormat(format, "DATE_FORMAT"), "cast", session);
		case "TIME":
			return momentFromText(value.sql, type, inputFormat(format, "TIME_FORMAT"), "cast", session);
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
		case "TIMESTAMP_TZ":
			return momentFromText(
				value.sql,
				type,
				inputFormat(format, "TIMESTAMP_FORMAT"),
				"cast",
				session,
			);
		case "BINARY":
			return binary(value.sql, format);
		case "VARIANT":
		case "OBJECT":
		case "ARRAY":
			if (!assignment.textIsJson) break;
			return convert(
				{ sql: `CAST(sf_parse_json(${value.sql}, FALSE) AS JSON)`, type: VARIANT },
				type,
				session,
				span,
			).sql;
		case "GEOGRAPHY":
		case "GEOMETRY":
		case "VECTOR":
		case "MAP":
		case "FILE":
			throw unsupported(`loading columns of type ${type.text}`);
	}
	return convert(value, type, session, span).sql;
}

const VARIANT: SqlType = { base: "VARIANT", text: "VARIANT" };

/** A value as a column takes it, and what besides its conversion can be wrong with it. */
export interface Assigned {
	/** The engine's expression; it fails where the value cannot be converted. */
	readonly sql: string;
	/** Characters the column has room for, where it is limited and longer texts are not cut. */
	readonly limit: number | undefined;
}

/** The engine's expression for a value that goes into a column. */
export function assign(value: Typed, assignment: Assignment): Assigned {
	const { type, session, span } = assignment;
	if (type.base === "TEXT") {
		const { sql } = convert(value, TEXT, session, span);
		const length = type.length ?? TEXT_LIMIT;
		if (length >= TEXT_LIMIT) return { sql, limit: undefined };
		return assignment.truncate
			? { sql: `left(${sql}, ${length})`, limit: undefined }
			: { sql, limit: length };
	}
	if (value.type.base === "TEXT" && !value.untyped)
		return { sql: fromText(value, assignment), limit: undefined };
	return { sql: convert(value, type, session, span).sql, limit: undefined };
}

const TEXT_LIMIT = 16777216;
