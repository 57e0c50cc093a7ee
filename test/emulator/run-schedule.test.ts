import { describe, expect, test } from "vitest";
import { nextDue, parseInterval, parseSchedule } from "../../src/emulator/run/schedule.ts";

const at = (text: string): number => Date.parse(text);

describe("intervals", () => {
	test.each([
		["5 MINUTES", 300_000],
		["5 MINUTE", 300_000],
		["10 m", 600_000],
		["15 SECONDS", 15_000],
		["1 HOUR", 3_600_000],
		["2 H", 7_200_000],
	])("%s", (text, milliseconds) => {
		expect(parseInterval(text)).toBe(milliseconds);
	});

	test.each(["5", "MINUTES", "5 DAYS", "-5 MINUTES", "1.5 HOURS"])("%s is none", (text) => {
		expect(parseInterval(text)).toBeUndefined();
	});

	test("from 10 seconds to 8 days", () => {
		expect(parseSchedule("9 SECONDS")).toBeUndefined();
		expect(parseSchedule("10 SECONDS")).toEqual({ every: 10_000 });
		expect(parseSchedule("11520 MINUTES")).toEqual({ every: 11_520 * 60_000 });
		expect(parseSchedule("11521 MINUTES")).toBeUndefined();
	});

	// The example of ALTER TASK: every 10 minutes, resumed at 9:03, runs at 9:13 and 9:23.
	test("count from the time of the resume", () => {
		const base = at("2026-01-01T09:03:00Z");
		const every = { every: 600_000 };
		expect(nextDue(every, base, base)).toBe(at("2026-01-01T09:13:00Z"));
		expect(nextDue(every, at("2026-01-01T09:13:00Z"), base)).toBe(at("2026-01-01T09:23:00Z"));
		expect(nextDue(every, at("2026-01-01T09:22:59Z"), base)).toBe(at("2026-01-01T09:23:00Z"));
	});
});

describe("USING CRON", () => {
	// From the page of CREATE TASK: every hour at minute 18 from 9 to 17 on Sundays in Los Angeles.
	test("follows its time zone through daylight saving", () => {
		const schedule = parseSchedule("USING CRON 18 9-17 * * SUN America/Los_Angeles");
		expect(schedule).toEqual({ cron: "18 9-17 * * SUN", zone: "America/Los_Angeles" });
		if (!schedule) return;
		// Sunday 4 January 2026, Pacific standard time, UTC-8.
		expect(nextDue(schedule, at("2026-01-01T00:00:00Z"), 0)).toBe(at("2026-01-04T17:18:00Z"));
		// Sunday 5 July 2026, Pacific daylight time, UTC-7.
		expect(nextDue(schedule, at("2026-07-01T00:00:00Z"), 0)).toBe(at("2026-07-05T16:18:00Z"));
	});

	test("knows the last day of a month", () => {
		const schedule = parseSchedule("USING CRON 0 0 L * * UTC");
		expect(schedule && nextDue(schedule, at("2026-02-10T00:00:00Z"), 0)).toBe(
			at("2026-02-28T00:00:00Z"),
		);
	});

	test.each([
		"USING CRON * * * * UTC",
		"USING CRON 61 * * * * UTC",
		"USING CRON * * * * * Nowhere/Land",
		"CRON * * * * * UTC",
	])("%s is not one", (text) => {
		expect(parseSchedule(text)).toBeUndefined();
	});
});
