import { fixedType } from "../../account/data-type.ts";
import { duckdbType } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import type { SqlType } from "../../types.ts";
import { formatMoment, type Mode, momentFromText, outputFormat } from "../convert.ts";
import {
	BOOLEAN,
	DATE,
	INTEGER,
	isTimestamp,
	REAL,
	TEXT,
	TIME,
	TIMESTAMP_LTZ,
	TIMESTAMP_NTZ,
	TIMESTAMP_TZ,
} from "../sql-type.ts";
import { place } from "../syntax.ts";
import { type Typed, typed } from "../typed.ts";
import {
	argument,
	type FunctionCall,
	type FunctionEntry,
	type FunctionTable,
	scalar,
	sqlOf,
} from "./entry.ts";

/** A constant argument that must be a whole number. */
function constantInteger(call: FunctionCall, index: number): number | undefined {
	const value = call.values[index];
	if (value === undefined) return undefined;
	if (typeof value.constant === "string" && /^-?\d+$/.test(value.constant))
		return Number(value.constant);
	throw unsupported(
		`argument ${index + 1} of ${call.name} that is not a constant number`,
		place(call.span),
	);
}

/** TO_NUMBER(value [, format] [, precision [, scale]]): NUMBER(38,0) unless it says otherwise. */
function toNumber(mode: Mode): FunctionEntry {
	return scalar(1, 4, (call) => {
		const format = call.values[1]?.type.base === "TEXT" ? 1 : undefined;
		const at = format === undefined ? 1 : 2;
		const type = fixedType(constantInteger(call, at) ?? 38, constantInteger(call, at + 1) ?? 0);
		if (format === undefined) return call.convert(argument(call, 0), type, mode);
		const text = `sf_number_from(${sqlOf(call, 0, TEXT)}, ${sqlOf(call, 1, TEXT)}, ${mode === "try"})`;
		return call.convert(typed(text, TEXT), type, mode);
	});
}

function to(type: SqlType, mode: Mode): FunctionEntry {
	return scalar(1, 1, (call) => call.convert(argument(call, 0), type, mode));
}

/** TO_DATE, TO_TIME and the TO_TIMESTAMPs: from text by a format, from a number by a scale, from another moment. */
function toMoment(type: SqlType, mode: Mode): FunctionEntry {
	return scalar(1, 2, (call) => {
		const value = argument(call, 0);
		if (call.values.length === 1 && value.type.base !== "FIXED")
			return call.convert(value, type, mode);
		if (value.type.base === "FIXED" || value.type.base === "REAL") return fromNumber(call, type);
		if (call.values[1]?.type.base === "FIXED") return fromNumber(call, type);
		const sql = momentFromText(
			sqlOf(call, 0, TEXT),
			type,
			sqlOf(call, 1, TEXT),
			mode,
			call.session,
		);
		return typed(sql, type);
	});
}

/** A number since 1970 in units of 10^-scale seconds. */
function fromNumber(call: FunctionCall, type: SqlType): Typed {
	if (!isTimestamp(type)) throw unsupported(`${call.name} of a number`, place(call.span));
	const scale = constantInteger(call, 1) ?? 0;
	const value = call.convert(argument(call, 0), fixedType(38, 9)).sql;
	const micros = `CAST(${value} * CAST('1000000' AS DECIMAL(7,0)) AS DECIMAL(38,9))`;
	const scaled = `CAST(floor(${micros} / 1e${scale}) AS BIGINT)`;
	const utc = typed(`timezone('UTC', make_timestamp(${scaled}))`, TIMESTAMP_LTZ);
	// Without a zone the wall clock shows UTC.
	return type.base === "TIMESTAMP_NTZ"
		? typed(`make_timestamp(${scaled})`, type)
		: call.convert(utc, type);
}

/** TO_CHAR of a number by a number format, of a moment by a date format, of anything else as a cast. */
function toText(call: FunctionCall): Typed {
	const value = argument(call, 0);
	if (call.values.length === 1) return call.convert(value, TEXT);
	const format = sqlOf(call, 1, TEXT);
	const { base } = value.type;
	if (base === "FIXED" || base === "REAL")
		return typed(`sf_number_format(${call.convert(value, TEXT).sql}, ${format})`, TEXT);
	if (base === "DATE" || base === "TIME" || isTimestamp(value.type))
		return typed(
			formatMoment(
				value,
				`coalesce(${format}, '${outputFormat(value.type, call.session)}')`,
				call.session,
			),
			TEXT,
		);
	if (base === "TEXT" || base === "VARIANT") {
		// A text with a date format is read as a timestamp first.
		const moment = call.convert(value, TIMESTAMP_NTZ);
		return typed(formatMoment(moment, format, call.session), TEXT);
	}
	throw unsupported(`${call.name} of a ${value.type.text} with a format`, place(call.span));
}

const text = scalar(1, 2, toText);
const numbers = { cast: toNumber("cast"), try: toNumber("try") };

/** TIMESTAMP_FROM_PARTS and DATE_FROM_PARTS: parts outside their range carry over. */
function dateFromParts(call: FunctionCall): string {
	const [year, month, day] = [0, 1, 2].map((i) => `CAST(${sqlOf(call, i, INTEGER)} AS INTEGER)`);
	return `(make_date(${year}, 1, 1) + to_months(${month} - 1) + to_days(${day} - 1))`;
}

const datePartsEntry = scalar(3, 3, (call) =>
	typed(`CAST(${dateFromParts(call)} AS ${duckdbType(DATE)})`, DATE),
);

const timestampFromParts = scalar(6, 7, (call) => {
	const part = (i: number): string => `CAST(${sqlOf(call, i, INTEGER)} AS BIGINT)`;
	const nanos = call.values.length > 6 ? ` + to_microseconds(${part(6)} // 1000)` : "";
	return typed(
		`(${dateFromParts(call)} + to_hours(${part(3)}) + to_minutes(${part(4)}) + to_seconds(CAST(${part(5)} AS DOUBLE))${nanos})`,
		TIMESTAMP_NTZ,
	);
});

/** Functions that convert. */
export const CONVERSION_FUNCTIONS: FunctionTable = {
	TO_VARCHAR: text,
	TO_CHAR: text,
	TO_NUMBER: numbers.cast,
	TO_DECIMAL: numbers.cast,
	TO_NUMERIC: numbers.cast,
	TRY_TO_NUMBER: numbers.try,
	TRY_TO_DECIMAL: numbers.try,
	TRY_TO_NUMERIC: numbers.try,
	TO_DOUBLE: to(REAL, "cast"),
	TRY_TO_DOUBLE: to(REAL, "try"),
	TO_BOOLEAN: to(BOOLEAN, "cast"),
	TRY_TO_BOOLEAN: to(BOOLEAN, "try"),
	TO_DATE: toMoment(DATE, "cast"),
	DATE: toMoment(DATE, "cast"),
	TRY_TO_DATE: toMoment(DATE, "try"),
	TO_TIME: toMoment(TIME, "cast"),
	TIME: toMoment(TIME, "cast"),
	TRY_TO_TIME: toMoment(TIME, "try"),
	TO_TIMESTAMP: toMoment(TIMESTAMP_NTZ, "cast"),
	TO_TIMESTAMP_NTZ: toMoment(TIMESTAMP_NTZ, "cast"),
	TO_TIMESTAMP_LTZ: toMoment(TIMESTAMP_LTZ, "cast"),
	TO_TIMESTAMP_TZ: toMoment(TIMESTAMP_TZ, "cast"),
	TRY_TO_TIMESTAMP: toMoment(TIMESTAMP_NTZ, "try"),
	TRY_TO_TIMESTAMP_NTZ: toMoment(TIMESTAMP_NTZ, "try"),
	TRY_TO_TIMESTAMP_LTZ: toMoment(TIMESTAMP_LTZ, "try"),
	TRY_TO_TIMESTAMP_TZ: toMoment(TIMESTAMP_TZ, "try"),
	DATE_FROM_PARTS: datePartsEntry,
	DATEFROMPARTS: datePartsEntry,
	TIMESTAMP_FROM_PARTS: timestampFromParts,
	TIMESTAMP_NTZ_FROM_PARTS: timestampFromParts,
};
