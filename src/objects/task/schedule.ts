import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { formatString } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import { samples } from "../define/domain.ts";
import type { ValueSyntax } from "../define/value-syntax.ts";

const UNITS = { H: ["HOURS", 3600], M: ["MINUTES", 60], S: ["SECONDS", 1] } as const;
const INTERVAL = /^\s*(\d+)\s*(H|HOURS?|M|MINUTES?|S|SECONDS?)\s*$/i;
const CRON = /^\s*USING\s+CRON\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$/i;

/** From 10 seconds: to 8 days for a schedule, to a day for a completion interval. */
const SHORTEST = 10;
const LONGEST_SCHEDULE = 691_200;
const LONGEST_INTERVAL = 86_400;

interface Interval {
	readonly text: string;
	readonly seconds: number;
}

function interval(text: string): Interval | undefined {
	const match = INTERVAL.exec(text);
	if (!match) return undefined;
	const letter = (match[2] ?? "").slice(0, 1).toUpperCase();
	const [unit, size] = UNITS[letter as keyof typeof UNITS];
	return { text: `${Number(match[1])} ${unit}`, seconds: Number(match[1]) * size };
}

/** One spelling of a cron schedule. The time zone is the one case-sensitive part of it. */
function cron(text: string): string | undefined {
	const match = CRON.exec(text);
	if (!match) return undefined;
	const fields = match.slice(1, 6).map((field) => field.toUpperCase());
	return `USING CRON ${fields.join(" ")} ${match[6]}`;
}

/** A schedule in one spelling: `5 MINUTES`, `USING CRON 0 9 * * MON UTC`; the text itself where it is neither. */
export function scheduleText(text: string): string {
	return interval(text)?.text ?? cron(text) ?? text;
}

/** The form in which schedules are compared: `60 MINUTES` and `1 HOURS` are the same. */
export function comparableSchedule(value: Value): Value {
	const span = interval(String(value));
	return span ? `${span.seconds} SECONDS` : scheduleText(String(value));
}

function spanValue(options: {
	readonly longest: number;
	readonly cron: boolean;
	readonly examples: readonly string[];
}): ValueSyntax {
	const shape = `'<n> HOURS | MINUTES | SECONDS'${options.cron ? " | 'USING CRON <expression> <time zone>'" : ""}`;
	return {
		read(cursor) {
			const token = cursor.peek();
			const text = cursor.expectString(shape);
			const fail = (summary: string): DeployError =>
				new DeployError(
					EXIT.input,
					errorAt(token && cursor.span(token, token), "INVALID_VALUE", summary, { hint: shape }),
				);
			const at = options.cron ? cron(text) : undefined;
			if (at !== undefined) return at;
			const span = interval(text);
			if (!span) throw fail(`'${text}' is not ${options.cron ? "a schedule" : "a span of time"}`);
			if (span.seconds < SHORTEST || span.seconds > options.longest)
				throw fail(`'${text}' is out of range: from ${SHORTEST} to ${options.longest} SECONDS`);
			return span.text;
		},
		print: (value) => formatString(String(value)),
		domain: samples(...options.examples),
		shape,
	};
}

/**
 * How often or when a task runs.
 * https://docs.snowflake.com/en/sql-reference/sql/create-task#optional-parameters
 */
export const scheduleValue: ValueSyntax = spanValue({
	longest: LONGEST_SCHEDULE,
	cron: true,
	examples: ["5 MINUTES", "2 HOURS", "90 SECONDS", "USING CRON 0 9-17 * * SUN America/Los_Angeles"],
});

/** How long a serverless task may take. */
export const completionValue: ValueSyntax = spanValue({
	longest: LONGEST_INTERVAL,
	cron: false,
	examples: ["10 MINUTES", "1 HOURS", "45 SECONDS"],
});
