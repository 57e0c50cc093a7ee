import { engineString } from "../account/storage.ts";
import type { SqlType } from "../types.ts";
import { convert } from "./convert.ts";
import type { DatePart } from "./date-part.ts";
import type { Place } from "./operators.ts";
import { isTimestamp, TIMESTAMP_LTZ, TIMESTAMP_NTZ } from "./sql-type.ts";
import { compilationError } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

const INTERVALS: Readonly<Record<DatePart, string>> = {
	year: "to_years",
	quarter: "to_quarters",
	month: "to_months",
	week: "to_weeks",
	day: "to_days",
	hour: "to_hours",
	minute: "to_minutes",
	second: "to_seconds",
	millisecond: "to_milliseconds",
	microsecond: "to_microseconds",
	nanosecond: "to_microseconds",
};

const OF_DAYS: ReadonlySet<string> = new Set(["year", "quarter", "month", "week", "day"]);

/** Text is read as a timestamp where a date or time is needed. */
export function asMoment(value: Typed, at: Place): Typed {
	const { base } = value.type;
	if (base === "DATE" || base === "TIME" || isTimestamp(value.type)) return value;
	if (base === "TEXT" || base === "VARIANT")
		return convert(value, TIMESTAMP_NTZ, at.session, at.span);
	throw compilationError(
		"001044",
		"42P13",
		`Invalid argument types for a date or time: (${value.type.text})`,
		at.span,
	);
}

/** What the clock on the wall shows for a value: a TIMESTAMP of the engine, or DATE and TIME as they are. */
export function wallClock(value: Typed, at: Place): string {
	return isTimestamp(value.type)
		? convert(value, TIMESTAMP_NTZ, at.session, at.span).sql
		: value.sql;
}

/**
 * Adds whole units to a moment. A DATE becomes a timestamp when hours or less are added; a day of the month
 * that the result's month lacks becomes its last day.
 * https://docs.snowflake.com/en/sql-reference/functions/dateadd
 */
export function addToMoment(value: Typed, part: DatePart, amount: string, at: Place): Typed {
	const moment = asMoment(value, at);
	const count = part === "nanosecond" ? `(${amount}) // 1000` : amount;
	const wide = ["hour", "minute", "millisecond", "microsecond", "nanosecond"].includes(part)
		? "BIGINT"
		: part === "second"
			? "DOUBLE"
			: "INTEGER";
	const interval = `${INTERVALS[part]}(CAST(${count} AS ${wide}))`;
	if (moment.type.base === "DATE")
		return OF_DAYS.has(part)
			? typed(`CAST(${moment.sql} + ${interval} AS DATE)`, moment.type)
			: typed(`(CAST(${moment.sql} AS TIMESTAMP) + ${interval})`, TIMESTAMP_NTZ);
	return fromWallClock(`(${wallClock(moment, at)} + ${interval})`, moment, moment.type, at);
}

/** A value of the moment's type whose clock on the wall shows `local`. */
export function fromWallClock(local: string, moment: Typed, type: SqlType, at: Place): Typed {
	if (type.base === "TIMESTAMP_LTZ")
		return typed(`timezone(${engineString(at.session.timezone)}, ${local})`, TIMESTAMP_LTZ);
	if (type.base === "TIMESTAMP_TZ")
		return typed(
			`struct_pack(utc := ${local} - to_minutes((${moment.sql}).minutes), minutes := (${moment.sql}).minutes)`,
			type,
		);
	return typed(local, type);
}
