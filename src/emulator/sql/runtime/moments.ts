import { SnowflakeError } from "../../error.ts";
import { readMoment } from "./moment-format.ts";
import { offsetAt, offsetOfLocal } from "./zones.ts";

/** A point on a wall clock, and the distance of that clock from UTC where the text gave one. */
export interface Moment {
	/** Milliseconds since 1970 on the wall clock. */
	readonly ms: number;
	/** What is left below the millisecond. */
	readonly micros: number;
	/** Minutes ahead of UTC. */
	readonly offset: number | undefined;
}

const AUTO_FORMATS = [
	"YYYY-MM-DD",
	"YYYY-MM-DD HH24:MI:SS.FF",
	"YYYY-MM-DD HH24:MI:SS",
	"YYYY-MM-DD HH24:MI",
	"YYYY-MM-DD HH24",
	"YYYY-MM-DD HH24:MI:SS.FF TZH:TZM",
	"YYYY-MM-DD HH24:MI:SS.FF TZHTZM",
	"YYYY-MM-DD HH24:MI:SS.FF TZH",
	"YYYY-MM-DD HH24:MI:SS TZH:TZM",
	"YYYY-MM-DD HH24:MI:SS TZHTZM",
	"YYYY-MM-DD HH24:MI:SS TZH",
	"YYYY-MM-DD HH24:MI TZH:TZM",
	"YYYY-MM-DD HH24:MI:SS.FFTZH:TZM",
	"YYYY-MM-DD HH24:MI:SSTZH:TZM",
	"YYYY-MM-DD HH24:MITZH:TZM",
	"DD-MON-YYYY",
	"MM/DD/YYYY",
	"MM/DD/YYYY HH24:MI:SS",
	"DY, DD MON YYYY HH24:MI:SS TZHTZM",
	"DY, DD MON YYYY HH24:MI:SS",
	"DY MON DD HH24:MI:SS TZHTZM YYYY",
	"DD-MON-YYYY HH24:MI:SS",
	"HH24:MI:SS.FF",
	"HH24:MI:SS",
	"HH24:MI",
];

/**
 * Reads text by the AUTO formats. A number is time since 1970: in seconds, or in smaller units when it is large.
 * https://docs.snowflake.com/en/sql-reference/date-time-input-output#about-the-format-elements-used-in-auto-detection
 */
function readAuto(text: string): Moment | undefined {
	if (/^-?\d+$/.test(text)) return readEpoch(BigInt(text));
	// ISO writes T between date and time, and Z for UTC.
	const plain = text.replace(/^(\d{4,}-\d{2}-\d{2})T/, "$1 ").replace(/\s*Z$/i, "+00:00");
	for (const format of AUTO_FORMATS) {
		const moment = readMoment(plain, format);
		if (moment) return moment;
	}
	return undefined;
}

function readEpoch(value: bigint): Moment {
	const size = value < 0n ? -value : value;
	// Units of TO_TIMESTAMP for a text of digits: seconds, milliseconds, microseconds, nanoseconds.
	const micros =
		size < 31536000000n
			? value * 1000000n
			: size < 31536000000000n
				? value * 1000n
				: size < 31536000000000000n
					? value
					: value / 1000n;
	return fromMicros(micros);
}

/** A point of UTC from microseconds since 1970. */
function fromMicros(micros: bigint): Moment {
	const rest = ((micros % 1000n) + 1000n) % 1000n;
	return { ms: Number((micros - rest) / 1000n), micros: Number(rest), offset: 0 };
}

const KIND: Readonly<Record<string, string>> = { DATE: "Date", TIME: "Time" };

/**
 * Reads a date, time or timestamp and writes it as the engine casts it to the type.
 * `zone` is the session's, for clocks that the text does not place.
 */
export function toMoment(
	text: string,
	base: string,
	format: string | null,
	zone: string,
	lenient: boolean,
	local = false,
): string | null {
	const trimmed = text.trim();
	const read =
		format === null || format.toUpperCase() === "AUTO"
			? readAuto(trimmed)
			: readMoment(trimmed, format);
	const moment = read && local ? { ...read, ms: read.ms + offsetAt(read.ms, zone) * 60000 } : read;
	if (!moment) {
		if (lenient) return null;
		if (format !== null && format.toUpperCase() !== "AUTO")
			throw new SnowflakeError(
				"100096",
				"22007",
				`Can't parse '${text}' as ${(KIND[base] ?? "timestamp").toLowerCase()} with format '${format}'`,
			);
		throw new SnowflakeError(
			base === "DATE" ? "100040" : base === "TIME" ? "100108" : "100035",
			"22007",
			`${KIND[base] ?? "Timestamp"} '${text}' is not recognized`,
		);
	}
	return writeFor(base, moment, zone);
}

function writeFor(base: string, moment: Moment, zone: string): string {
	const offset = moment.offset ?? offsetOfLocal(moment.ms, zone);
	const utc = { ...moment, ms: moment.ms - offset * 60000 };
	switch (base) {
		case "DATE":
			return isoDate(moment.ms);
		case "TIME":
			return isoTime(moment);
		case "TIMESTAMP_NTZ":
			return iso(moment);
		case "TIMESTAMP_LTZ":
			return `${iso(utc)}+00`;
		default:
			return `{'utc': ${iso(utc)}, 'minutes': ${offset}}`;
	}
}

function isoDate(ms: number): string {
	return new Date(ms).toISOString().replace(/T.*/, "").replace(/^\+0*/, "");
}

function isoTime({ ms, micros }: Moment): string {
	return new Date(ms)
		.toISOString()
		.replace(/.*T/, "")
		.replace("Z", String(micros).padStart(3, "0"));
}

function iso(moment: Moment): string {
	return `${isoDate(moment.ms)} ${isoTime(moment)}`;
}

/** Reads the engine's text of a DATE, TIME or TIMESTAMP; `place` is a time zone or minutes ahead of UTC, for a text in UTC. */
export function readEngineMoment(text: string, place: string | null): Moment {
	const match = /^(?:(\d+-\d+-\d+))?\s?(?:(\d+):(\d+):(\d+)(?:\.(\d+))?)?/.exec(text);
	const [, date = "1970-01-01", hours = "0", minutes = "0", seconds = "0", fraction = ""] =
		match ?? [];
	const micros = Number(fraction.padEnd(6, "0").slice(0, 6));
	const [year = 1970, month = 1, day = 1] = date.split("-").map(Number);
	const midnight = new Date(0);
	midnight.setUTCFullYear(year, month - 1, day);
	const ms =
		midnight.getTime() +
		Number(hours) * 3600000 +
		Number(minutes) * 60000 +
		Number(seconds) * 1000 +
		Math.floor(micros / 1000);
	if (place === null) return { ms, micros: micros % 1000, offset: undefined };
	const offset = /^-?\d+$/.test(place) ? Number(place) : offsetAt(ms, place);
	return { ms: ms + offset * 60000, micros: micros % 1000, offset };
}
