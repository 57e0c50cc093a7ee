import { Cron } from "croner";

/** When a task is due, as its SCHEDULE says. */
export type Schedule =
	| { readonly every: number }
	| { readonly cron: string; readonly zone: string };

const UNITS: Readonly<Record<string, number>> = {
	S: 1000,
	SECOND: 1000,
	SECONDS: 1000,
	M: 60_000,
	MINUTE: 60_000,
	MINUTES: 60_000,
	H: 3_600_000,
	HOUR: 3_600_000,
	HOURS: 3_600_000,
};

/** `5 MINUTES`, `1 h` in milliseconds; undefined for anything else. */
export function parseInterval(text: string): number | undefined {
	const [, count, unit = ""] = /^\s*(\d+)\s*([A-Za-z]+)\s*$/.exec(text) ?? [];
	const size = UNITS[unit.toUpperCase()];
	return count === undefined || size === undefined ? undefined : Number(count) * size;
}

const SHORTEST = 10_000;
const LONGEST = 8 * 24 * 3_600_000;

function openCron(pattern: string, zone: string): Cron {
	return new Cron(pattern, { timezone: zone, mode: "5-part", paused: true });
}

/**
 * Reads the text of SCHEDULE: an interval of 10 seconds to 8 days, or `USING CRON` with five fields and a time zone.
 * Undefined where it is neither. https://docs.snowflake.com/en/sql-reference/sql/create-task
 */
export function parseSchedule(text: string): Schedule | undefined {
	const [, cron, zone] = /^\s*USING\s+CRON\s+((?:\S+\s+){5})(\S+)\s*$/i.exec(text) ?? [];
	if (cron !== undefined && zone !== undefined) {
		try {
			openCron(cron.trim(), zone).nextRun(new Date(0));
			return { cron: cron.trim(), zone };
		} catch {
			return undefined;
		}
	}
	const every = parseInterval(text);
	return every === undefined || every < SHORTEST || every > LONGEST ? undefined : { every };
}

/**
 * The first time a schedule is due after a moment. An interval counts from `base`, the time of the last resume:
 * "the base interval time for the schedule is reset to the current time the task is resumed".
 * Undefined for a cron expression that never comes, such as the 30th of February.
 */
export function nextDue(schedule: Schedule, after: number, base: number): number | undefined {
	if ("every" in schedule) {
		const passed = Math.max(0, Math.floor((after - base) / schedule.every));
		return base + (passed + 1) * schedule.every;
	}
	return openCron(schedule.cron, schedule.zone).nextRun(new Date(after))?.getTime();
}
