import { fixedType } from "../../account/data-type.ts";
import { unsupported } from "../../error.ts";
import { type AskedPart, askedPart, type DatePart, datePart } from "../date-part.ts";
import { addToMoment, asMoment, fromWallClock, wallClock } from "../moment-arithmetic.ts";
import {
	DATE,
	INTEGER,
	REAL,
	TEXT,
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

const SMALL = fixedType(9, 0);

/** A part's name, which must be a constant. */
function partName(call: FunctionCall, index: number): string {
	const name = argument(call, index).constant;
	if (typeof name !== "string")
		throw unsupported(`a date part of ${call.name} that is not a constant`, place(call.span));
	return name;
}

/** DATEADD(part, amount, moment): the amount is rounded to a whole number. */
const add = scalar(
	3,
	3,
	(call) =>
		addToMoment(
			argument(call, 2),
			datePart(partName(call, 0), call.span),
			sqlOf(call, 1, INTEGER),
			call,
		),
	[0],
);

/** DATEDIFF counts the boundaries of the part that lie between: only the parts above it are looked at. */
function difference(part: DatePart, from: Typed, to: Typed, call: FunctionCall): Typed {
	const [a, b] = [from, to].map((value) => {
		const moment = asMoment(value, call);
		const clock = wallClock(moment, call);
		return moment.type.base === "TIME" ? clock : `CAST(${clock} AS TIMESTAMP)`;
	});
	if (part === "week") requireDefaultWeeks(call);
	const unit = part === "nanosecond" ? "microsecond" : part;
	const factor = part === "nanosecond" ? " * 1000" : "";
	return typed(`CAST(date_diff('${unit}', ${a}, ${b})${factor} AS DECIMAL(38,0))`, INTEGER);
}

const diff = scalar(
	3,
	3,
	(call) =>
		difference(datePart(partName(call, 0), call.span), argument(call, 1), argument(call, 2), call),
	[0],
);

const OF_TIME: ReadonlySet<string> = new Set<DatePart>([
	"hour",
	"minute",
	"second",
	"millisecond",
	"microsecond",
	"nanosecond",
]);

/** Weeks are answered as the parameters' defaults have them: from Monday, numbered as ISO does. */
function requireDefaultWeeks(call: FunctionCall): void {
	for (const name of ["WEEK_START", "WEEK_OF_YEAR_POLICY"]) {
		const value = call.session.parameter(name);
		if (value !== undefined && value !== "0")
			throw unsupported(`${call.name} with ${name} = ${value}`, place(call.span));
	}
}

const OF_WEEKS: ReadonlySet<string> = new Set<AskedPart>(["week", "dayofweek", "yearofweek"]);

/** DATE_TRUNC(part, moment), and TRUNC(moment, part). */
function truncate(part: DatePart, value: Typed, call: FunctionCall): Typed {
	const moment = asMoment(value, call);
	const unit = part === "nanosecond" ? "microsecond" : part;
	if (part === "week") requireDefaultWeeks(call);
	if (moment.type.base === "TIME") {
		if (!OF_TIME.has(part)) throw unsupported(`DATE_TRUNC of a TIME to ${part}`, place(call.span));
		const day = `(DATE '1970-01-01' + ${moment.sql})`;
		return typed(`CAST(date_trunc('${unit}', ${day}) AS TIME)`, moment.type);
	}
	const local = `date_trunc('${unit}', ${wallClock(moment, call)})`;
	return moment.type.base === "DATE"
		? typed(`CAST(${local} AS DATE)`, DATE)
		: fromWallClock(`CAST(${local} AS TIMESTAMP)`, moment, moment.type, call);
}

/** What a part of a moment is. Weeks are ISO weeks, and days of the week count from Sunday as 0. */
function ask(part: AskedPart, value: Typed, call: FunctionCall): Typed {
	const moment = asMoment(value, call);
	if (OF_WEEKS.has(part)) requireDefaultWeeks(call);
	const clock = wallClock(moment, call);
	const number = (sql: string): Typed => typed(`CAST(${sql} AS DECIMAL(9,0))`, SMALL);
	switch (part) {
		case "millisecond":
		case "microsecond":
		case "timezone_hour":
		case "timezone_minute":
			throw unsupported(`DATE_PART of ${part}`, place(call.span));
		case "nanosecond":
			return number(`(date_part('microsecond', ${clock}) % 1000000) * 1000`);
		case "second":
			return number(`date_part('second', ${clock})`);
		case "dayofweekiso":
			return number(`date_part('isodow', ${clock})`);
		case "weekiso":
			return number(`date_part('week', ${clock})`);
		case "yearofweek":
		case "yearofweekiso":
			return number(`date_part('isoyear', ${clock})`);
		case "epoch_second":
		case "epoch_millisecond":
		case "epoch_microsecond":
		case "epoch_nanosecond":
			return epoch(part, moment, call);
		default:
			return number(`date_part('${part}', ${clock})`);
	}
}

const EPOCH_UNITS = {
	epoch_second: "// 1000000",
	epoch_millisecond: "// 1000",
	epoch_microsecond: "// 1",
	epoch_nanosecond: "* 1000",
} as const;

/** Time since 1970 in UTC; a moment without zone is taken to be in UTC. */
function epoch(part: keyof typeof EPOCH_UNITS, moment: Typed, call: FunctionCall): Typed {
	const utc =
		moment.type.base === "TIMESTAMP_NTZ" || moment.type.base === "DATE"
			? `CAST(${moment.sql} AS TIMESTAMP)`
			: `timezone('UTC', ${call.convert(moment, TIMESTAMP_LTZ).sql})`;
	return typed(
		`CAST(CAST(epoch_us(${utc}) AS HUGEINT) ${EPOCH_UNITS[part]} AS DECIMAL(38,0))`,
		INTEGER,
	);
}

function asked(part: AskedPart): FunctionEntry {
	return scalar(1, 1, (call) => ask(part, argument(call, 0), call));
}

/** CONVERT_TIMEZONE with three arguments moves a wall clock; with two it gives a TIMESTAMP_TZ of the target. */
const convertTimezone = scalar(2, 3, (call) => {
	if (call.values.length === 3) {
		const local = call.convert(argument(call, 2), TIMESTAMP_NTZ).sql;
		const [source, target] = [sqlOf(call, 0, TEXT), sqlOf(call, 1, TEXT)];
		return typed(`timezone(${target}, timezone(${source}, ${local}))`, TIMESTAMP_NTZ);
	}
	const value = argument(call, 1);
	const moment = call.convert(
		value.type.base === "TEXT" ? call.convert(value, TIMESTAMP_TZ) : value,
		TIMESTAMP_LTZ,
	);
	const [utc, local] = [
		`timezone('UTC', ${moment.sql})`,
		`timezone(${sqlOf(call, 0, TEXT)}, ${moment.sql})`,
	];
	return typed(
		`struct_pack(utc := ${utc}, minutes := CAST(date_diff('minute', ${utc}, ${local}) AS INTEGER))`,
		TIMESTAMP_TZ,
	);
});

const monthName = scalar(1, 1, (call) =>
	typed(`strftime(${wallClock(asMoment(argument(call, 0), call), call)}, '%b')`, TEXT),
);
const dayName = scalar(1, 1, (call) =>
	typed(`strftime(${wallClock(asMoment(argument(call, 0), call), call)}, '%a')`, TEXT),
);

/** The last day of the part, a month unless another is named. */
const lastDay = scalar(
	1,
	2,
	(call) => {
		const part = call.values.length > 1 ? datePart(partName(call, 1), call.span) : "month";
		if (!["year", "quarter", "month", "week"].includes(part))
			throw unsupported(`LAST_DAY of ${part}`, place(call.span));
		const clock = wallClock(asMoment(argument(call, 0), call), call);
		return typed(
			`CAST(date_trunc('${part}', ${clock}) + to_${part}s(1) - to_days(1) AS DATE)`,
			DATE,
		);
	},
	[1],
);

/** ADD_MONTHS keeps the last day of a month the last day. */
const addMonths = scalar(2, 2, (call) => {
	const moment = asMoment(argument(call, 0), call);
	const added = addToMoment(moment, "month", sqlOf(call, 1, INTEGER), call);
	const [before, after] = [wallClock(moment, call), wallClock(added, call)];
	const missing = `day(last_day(${after})) - day(${after})`;
	const days = `CASE WHEN last_day(${before}) = CAST(${before} AS DATE) THEN ${missing} ELSE 0 END`;
	return addToMoment(added, "day", days, call);
});

/** Every month has 31 days, and the time of day counts; but the same day, or both last days, are whole months. */
const monthsBetween = scalar(2, 2, (call) => {
	const moment = (i: number): string =>
		`CAST(${wallClock(asMoment(argument(call, i), call), call)} AS TIMESTAMP)`;
	const [a, b] = [moment(0), moment(1)];
	const last = (sql: string): string => `last_day(${sql}) = CAST(${sql} AS DATE)`;
	const whole = `(12 * (year(${a}) - year(${b})) + month(${a}) - month(${b}))`;
	const seconds = (sql: string): string =>
		`((day(${sql}) - 1) * 86400 + epoch(${sql}) - epoch(date_trunc('day', ${sql})))`;
	const fraction = `(${seconds(a)} - ${seconds(b)}) / (31.0 * 86400)`;
	return typed(
		`CAST(CASE WHEN day(${a}) = day(${b}) OR (${last(a)} AND ${last(b)}) THEN ${whole} ELSE ${whole} + ${fraction} END AS DOUBLE)`,
		REAL,
	);
});

/** TRUNC of a moment is DATE_TRUNC with its arguments the other way round; of a number it cuts digits. */
export function truncateMoment(call: FunctionCall): Typed {
	return truncate(datePart(partName(call, 1), call.span), argument(call, 0), call);
}

const datePartEntry = scalar(
	2,
	2,
	(call) => ask(askedPart(partName(call, 0), call.span), argument(call, 1), call),
	[0],
);
const dateTrunc = scalar(
	2,
	2,
	(call) => truncate(datePart(partName(call, 0), call.span), argument(call, 1), call),
	[0],
);

/** Functions of dates and times. */
export const MOMENT_FUNCTIONS: FunctionTable = {
	DATEADD: add,
	TIMEADD: add,
	TIMESTAMPADD: add,
	DATEDIFF: diff,
	TIMEDIFF: diff,
	TIMESTAMPDIFF: diff,
	DATE_TRUNC: dateTrunc,
	DATE_PART: datePartEntry,
	YEAR: asked("year"),
	QUARTER: asked("quarter"),
	MONTH: asked("month"),
	WEEK: asked("week"),
	WEEKOFYEAR: asked("week"),
	WEEKISO: asked("weekiso"),
	YEAROFWEEK: asked("yearofweek"),
	YEAROFWEEKISO: asked("yearofweekiso"),
	DAY: asked("day"),
	DAYOFMONTH: asked("day"),
	DAYOFWEEK: asked("dayofweek"),
	DAYOFWEEKISO: asked("dayofweekiso"),
	DAYOFYEAR: asked("dayofyear"),
	HOUR: asked("hour"),
	MINUTE: asked("minute"),
	SECOND: asked("second"),
	LAST_DAY: lastDay,
	ADD_MONTHS: addMonths,
	MONTHS_BETWEEN: monthsBetween,
	MONTHNAME: monthName,
	DAYNAME: dayName,
	CONVERT_TIMEZONE: convertTimezone,
};
