import type { Moment } from "./moments.ts";

const ELEMENT =
	/"[^"]*"|YYYY|YY|MMMM|MM|MON|DD|DY|HH24|HH12|HH|AM|PM|MI|SS|FF[0-9]?|TZH:TZM|TZHTZM|TZH|TZM|UUUU|./gis;

const MONTHS = [
	"January",
	"February",
	"March",
	"April",
	"May",
	"June",
	"July",
	"August",
	"September",
	"October",
	"November",
	"December",
];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A format in its elements; letters that are no element stand for themselves. */
function elements(format: string): readonly string[] {
	return format.match(ELEMENT) ?? [];
}

/** What each element reads: a pattern, and what it means. */
const PATTERNS: Readonly<Record<string, string>> = {
	YYYY: "(?<year>\\d{4,5})",
	UUUU: "(?<year>\\d{4,5})",
	YY: "(?<shortYear>\\d{2})",
	MM: "(?<month>\\d{1,2})",
	MON: "(?<monthName>[A-Za-z]{3,9})",
	MMMM: "(?<monthName>[A-Za-z]{3,9})",
	DD: "(?<day>\\d{1,2})",
	DY: "[A-Za-z]{3}",
	HH24: "(?<hour>\\d{1,2})",
	HH: "(?<hour>\\d{1,2})",
	HH12: "(?<hour>\\d{1,2})",
	AM: "(?<half>[AaPp][Mm])",
	PM: "(?<half>[AaPp][Mm])",
	MI: "(?<minute>\\d{1,2})",
	SS: "(?<second>\\d{1,2})",
	TZH: "(?<zoneHour>[+-]\\d{1,2})",
	TZM: "(?<zoneMinute>\\d{2})",
	"TZH:TZM": "(?<zoneHour>[+-]\\d{1,2}):(?<zoneMinute>\\d{2})",
	TZHTZM: "(?<zoneHour>[+-]\\d{2})(?<zoneMinute>\\d{2})",
};

const patterns = new Map<string, RegExp>();

function patternOf(format: string): RegExp {
	const known = patterns.get(format);
	if (known) return known;
	const source = elements(format).map((element) => {
		const upper = element.toUpperCase();
		if (upper.startsWith("FF")) return "(?<fraction>\\d{1,9})";
		if (upper === " ") return "\\s+";
		const literal = element.length > 1 && element.startsWith('"') ? element.slice(1, -1) : element;
		return PATTERNS[upper] ?? literal.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
	});
	const made = new RegExp(`^${source.join("")}$`, "i");
	patterns.set(format, made);
	return made;
}

/** Reads text in a format; undefined when it does not fit or there is no such day or hour. */
export function readMoment(text: string, format: string): Moment | undefined {
	const groups = patternOf(format).exec(text)?.groups;
	if (!groups) return undefined;
	const number = (name: string, otherwise: number): number => Number(groups[name] ?? otherwise);
	const monthName = groups.monthName?.slice(0, 3).toLowerCase();
	const month = monthName
		? MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === monthName) + 1
		: number("month", 1);
	const short = groups.shortYear === undefined ? undefined : Number(groups.shortYear);
	// TWO_DIGIT_CENTURY_START is 1970 by default.
	const year =
		short === undefined ? number("year", 1970) : short < 70 ? 2000 + short : 1900 + short;
	const day = number("day", 1);
	let hour = number("hour", 0);
	const half = groups.half?.toLowerCase();
	if (half && (hour < 1 || hour > 12)) return undefined;
	if (half) hour = (hour % 12) + (half === "pm" ? 12 : 0);
	const minute = number("minute", 0);
	const second = number("second", 0);
	if (hour > 23 || minute > 59 || second > 59) return undefined;
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, day);
	if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
	const micros = Number((groups.fraction ?? "").padEnd(6, "0").slice(0, 6));
	const zoneHour = groups.zoneHour;
	const zone =
		zoneHour === undefined
			? undefined
			: Number(zoneHour) * 60 + (zoneHour.startsWith("-") ? -1 : 1) * number("zoneMinute", 0);
	return {
		ms: date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(micros / 1000),
		micros: micros % 1000,
		offset: zone,
	};
}

function two(value: number): string {
	return String(value).padStart(2, "0");
}

/** Writes a moment in a format. */
export function writeMoment(moment: Moment, format: string): string {
	const date = new Date(moment.ms);
	const month = MONTHS[date.getUTCMonth()] ?? "";
	const hours = date.getUTCHours();
	const micros = date.getUTCMilliseconds() * 1000 + moment.micros;
	const offset = moment.offset ?? 0;
	const zoneHour = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}`;
	const zoneMinute = two(Math.abs(offset) % 60);
	const year = String(date.getUTCFullYear()).padStart(4, "0");
	const write = (element: string): string => {
		const upper = element.toUpperCase();
		switch (upper) {
			case "YYYY":
			case "UUUU":
				return year;
			case "YY":
				return year.slice(-2);
			case "MM":
				return two(date.getUTCMonth() + 1);
			case "MON":
				return month.slice(0, 3);
			case "MMMM":
				return month;
			case "DD":
				return two(date.getUTCDate());
			case "DY":
				return DAYS[date.getUTCDay()] ?? "";
			case "HH24":
			case "HH":
				return two(hours);
			case "HH12":
				return two(hours % 12 || 12);
			case "AM":
			case "PM":
				return hours < 12 ? "AM" : "PM";
			case "MI":
				return two(date.getUTCMinutes());
			case "SS":
				return two(date.getUTCSeconds());
			case "TZH":
				return zoneHour;
			case "TZM":
				return zoneMinute;
			case "TZHTZM":
				return zoneHour + zoneMinute;
			case "TZH:TZM":
				return `${zoneHour}:${zoneMinute}`;
		}
		if (upper.startsWith("FF")) {
			const digits = upper.length > 2 ? Number(upper[2]) : 9;
			return String(micros).padStart(6, "0").padEnd(9, "0").slice(0, digits);
		}
		return element.length > 1 && element.startsWith('"') ? element.slice(1, -1) : element;
	};
	return elements(format).map(write).join("");
}
