import { canonicalJson, type Value } from "../../model/value.ts";
import { samples } from "../define/domain.ts";
import { assignment, integer, reference } from "../define/properties.ts";
import type { Property, PropertyChange } from "../define/property.ts";
import { stringValue } from "../define/value-syntax.ts";
import { INHERITED } from "../shared/parameters.ts";
import { SESSION_PARAMETERS } from "../shared/session-parameters.ts";
import { sizeValue } from "../shared/warehouse-size.ts";
import { isLinked } from "./graph.ts";
import { comparableSchedule, completionValue, scheduleValue } from "./schedule.ts";

/** JSON that says the same is the same. */
function canonicalConfig(value: Value): Value {
	try {
		return canonicalJson(JSON.parse(String(value)) as Value);
	} catch {
		return value;
	}
}

function change(
	property: string,
	from: Value | undefined,
	to: Value | undefined,
	refused?: string,
): PropertyChange {
	const base = { property, from, to, how: "alter", hazards: [], emits: [] } as const;
	return refused === undefined ? base : { ...base, refused };
}

/** An integration: it can be set and exchanged, but ALTER TASK documents no way of taking it away. */
function integration(key: string): Property {
	return reference(key, "NOTIFICATION INTEGRATION", "account", {
		change: "alter",
		default: null,
		differences: (from, to) => [
			change(
				key,
				from,
				to,
				to === undefined || to === null
					? `${key} cannot be taken away: ALTER TASK has no UNSET for it. Name another integration, or replace the task in a migration`
					: undefined,
			),
		],
	});
}

/**
 * A size to begin with, for serverless tasks. There is no UNSET for it, so a default is written out, and
 * a task that has one cannot get a warehouse ("setting this parameter produces a user error").
 */
const initialSize: Property = assignment(
	"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
	sizeValue({ largest: "XXLARGE", quoted: true }),
	{
		change: "alter",
		unset: "default",
		default: (p) => ((p.WAREHOUSE ?? null) === null ? "MEDIUM" : null),
		differences: (from, to, models) => {
			const name = "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE";
			const live = models.from.properties[name] ?? null;
			const written = models.to.properties[name] ?? null;
			if (live === null && written === null) return [];
			if ((to ?? null) !== null) return [change(name, from, to)];
			return [
				change(
					name,
					from,
					to,
					`the task cannot get a warehouse while ${name} is set, and ALTER TASK has no UNSET for that. Replace the task in a migration`,
				),
			];
		},
	},
);

const retries: Property = integer(
	"TASK_AUTO_RETRY_ATTEMPTS",
	{ min: 0, max: 30 },
	{
		change: "alter",
		unset: "default",
		default: 0,
		differences: (from, to, models) => [
			change(
				"TASK_AUTO_RETRY_ATTEMPTS",
				from,
				to,
				isLinked(models.to.properties)
					? "the task cannot join a graph while TASK_AUTO_RETRY_ATTEMPTS is set on it, and ALTER TASK has no UNSET for that. Replace the task in a migration"
					: undefined,
			),
		],
	},
);

/** WAREHOUSE, SCHEDULE and CONFIG. */
export const schedule: Property = assignment("SCHEDULE", scheduleValue, {
	change: "alter",
	default: null,
	canonical: comparableSchedule,
});

/** How long a serverless task may take. */
export const completionInterval: Property = assignment(
	"TARGET_COMPLETION_INTERVAL",
	completionValue,
	{ change: "alter", default: null, canonical: comparableSchedule },
);

/** The configuration that the tasks of a graph read. */
export const config: Property = assignment(
	"CONFIG",
	{ ...stringValue, domain: samples('{"output_dir": "/temp/", "learning_rate": 0.1}', '{"a": 1}') },
	{ change: "alter", default: null, canonical: canonicalConfig },
);

/** Whose compute it uses; none: serverless. */
export const taskWarehouse: Property = reference("WAREHOUSE", "WAREHOUSE", "account", {
	change: "alter",
	default: null,
});

/** Options that SHOW TASKS does not tell, only SHOW PARAMETERS. */
export const TASK_PARAMETERS: readonly Property[] = [
	initialSize,
	...SESSION_PARAMETERS,
	integer("USER_TASK_TIMEOUT_MS", { min: 0, max: 604_800_000 }, INHERITED),
	integer("SUSPEND_TASK_AFTER_NUM_FAILURES", { min: 0 }, INHERITED),
	retries,
	integer(
		"USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
		{ min: 10, max: 604_800 },
		{ change: "alter", unset: "default", default: 30 },
	),
	assignment(
		"SERVERLESS_TASK_MIN_STATEMENT_SIZE",
		sizeValue({ largest: "XXLARGE", quoted: true }),
		INHERITED,
	),
	assignment(
		"SERVERLESS_TASK_MAX_STATEMENT_SIZE",
		sizeValue({ largest: "XXLARGE", quoted: true }),
		INHERITED,
	),
];

export const errorIntegration: Property = integration("ERROR_INTEGRATION");
export const successIntegration: Property = integration("SUCCESS_INTEGRATION");
