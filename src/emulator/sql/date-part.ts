import type { Span } from "../../diagnostics/source.ts";
import { SnowflakeError } from "../error.ts";
import { place } from "./syntax.ts";

/** The parts of a date or time that can be added and counted. */
export type DatePart =
	| "year"
	| "quarter"
	| "month"
	| "week"
	| "day"
	| "hour"
	| "minute"
	| "second"
	| "millisecond"
	| "microsecond"
	| "nanosecond";

/** Parts that can only be asked for. */
export type AskedPart =
	| DatePart
	| "dayofweek"
	| "dayofweekiso"
	| "dayofyear"
	| "weekiso"
	| "yearofweek"
	| "yearofweekiso"
	| "epoch_second"
	| "epoch_millisecond"
	| "epoch_microsecond"
	| "epoch_nanosecond"
	| "timezone_hour"
	| "timezone_minute";

/** https://docs.snowflake.com/en/sql-reference/functions-date-time#supported-date-and-time-parts */
const NAMES: Readonly<Record<AskedPart, string>> = {
	year: "year y yy yyy yyyy yr years yrs",
	quarter: "quarter q qtr qtrs quarters",
	month: "month mm mon mons months",
	week: "week w wk weekofyear woy wy weeks",
	day: "day d dd days dayofmonth",
	hour: "hour h hh hr hours hrs",
	minute: "minute m mi min minutes mins",
	second: "second s sec seconds secs",
	millisecond: "millisecond ms msec milliseconds",
	microsecond: "microsecond us usec microseconds",
	nanosecond: "nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds",
	dayofweek: "dayofweek weekday dow dw",
	dayofweekiso: "dayofweekiso weekday_iso dow_iso dw_iso dayofweek_iso",
	dayofyear: "dayofyear yearday doy dy",
	weekiso: "weekiso week_iso weekofyeariso weekofyear_iso",
	yearofweek: "yearofweek",
	yearofweekiso: "yearofweekiso",
	epoch_second: "epoch_second epoch epoch_seconds",
	epoch_millisecond: "epoch_millisecond epoch_milliseconds",
	epoch_microsecond: "epoch_microsecond epoch_microseconds",
	epoch_nanosecond: "epoch_nanosecond epoch_nanoseconds",
	timezone_hour: "timezone_hour tzh",
	timezone_minute: "timezone_minute tzm",
};

const BY_NAME: ReadonlyMap<string, AskedPart> = new Map(
	Object.entries(NAMES).flatMap(([part, names]) =>
		names.split(" ").map((name) => [name, part as AskedPart] as const),
	),
);

const ADDABLE: ReadonlySet<string> = new Set<DatePart>([
	"year",
	"quarter",
	"month",
	"week",
	"day",
	"hour",
	"minute",
	"second",
	"millisecond",
	"microsecond",
	"nanosecond",
]);

function invalid(name: string, span: Span): SnowflakeError {
	return new SnowflakeError(
		"001045",
		"22023",
		`SQL compilation error:\n'${name}' is not a valid date/time component`,
		place(span),
	);
}

/** A part that can be asked for with DATE_PART, by any of its names. */
export function askedPart(name: string, span: Span): AskedPart {
	const part = BY_NAME.get(name.toLowerCase());
	if (!part) throw invalid(name, span);
	return part;
}

/** A part that can be added, counted and truncated to, by any of its names. */
export function datePart(name: string, span: Span): DatePart {
	const part = askedPart(name, span);
	if (!ADDABLE.has(part)) throw invalid(name, span);
	return part as DatePart;
}
