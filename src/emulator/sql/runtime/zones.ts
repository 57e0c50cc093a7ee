import { SnowflakeError } from "../../error.ts";

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
	const known = formatters.get(zone);
	if (known) return known;
	try {
		const made = new Intl.DateTimeFormat("en-US", {
			timeZone: zone,
			hourCycle: "h23",
			year: "numeric",
			month: "numeric",
			day: "numeric",
			hour: "numeric",
			minute: "numeric",
			second: "numeric",
		});
		formatters.set(zone, made);
		return made;
	} catch {
		throw new SnowflakeError("100095", "22023", `Unknown timezone: '${zone}'`);
	}
}

/** Minutes a time zone is ahead of UTC at a moment (milliseconds since 1970 in UTC). */
export function offsetAt(ms: number, zone: string): number {
	if (zone === "UTC") return 0;
	const parts: Record<string, number> = {};
	for (const { type, value } of formatter(zone).formatToParts(ms)) parts[type] = Number(value);
	const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
	const local = Date.UTC(year, month - 1, day, hour, minute, second);
	return Math.round((local - Math.floor(ms / 1000) * 1000) / 60000);
}

/** Minutes a time zone is ahead of UTC when its wall clock shows this. */
export function offsetOfLocal(local: number, zone: string): number {
	const guess = offsetAt(local, zone);
	return offsetAt(local - guess * 60000, zone);
}
