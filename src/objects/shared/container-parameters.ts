import type { HazardDraft } from "../../model/hazard.ts";
import type { Value } from "../../model/value.ts";
import { type Constraint, rule } from "../define/constraint.ts";
import { assignment, flag, integer, presenceClause, word } from "../define/properties.ts";
import { type Property, type PropertyOptions, property } from "../define/property.ts";
import { nameValue, oneOfStrings } from "../define/value-syntax.ts";
import { INHERITED } from "./parameters.ts";

/** Levels of log messages and events, most first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"] as const;

/**
 * A parameter that ALTER can SET but, by its documentation, not UNSET: compared only where files say it,
 * since taking it out of a file could not be carried out.
 */
const WITHOUT_UNSET = {
	change: "alter",
	compare: "declared",
	origin: "inherited",
	note: "Compared only where it is written: Snowflake documents no UNSET for it here.",
} as const satisfies PropertyOptions;

function days(value: Value | undefined, otherwise: number): number {
	return typeof value === "number" ? value : otherwise;
}

/** Shorter Time Travel: history that exists now can no longer be queried or restored. */
function retentionHazards(from: Value | undefined, to: Value | undefined): readonly HazardDraft[] {
	return days(from, 1) > days(to, 1)
		? [
				{
					code: "TIME_TRAVEL_LOST",
					message: `tables that take their retention from here keep ${days(to, 1)} instead of ${days(from, 1)} days of history`,
				},
			]
		: [];
}

/** A shorter extension: a stream that is not read in that time cannot be read any more. */
function extensionHazards(from: Value | undefined, to: Value | undefined): readonly HazardDraft[] {
	return days(from, 14) > days(to, 14)
		? [
				{
					code: "STREAM_STALE",
					message: `streams on its tables go stale after ${days(to, 14)} instead of ${days(from, 14)} days without being read`,
				},
			]
		: [];
}

function names(kind: string) {
	return nameValue(kind, "account");
}

/**
 * The parameters that CREATE DATABASE and CREATE SCHEMA share. `withoutUnset` names those that the kind's
 * ALTER page does not list under UNSET.
 */
export function containerParameters(options: {
	readonly withoutUnset: readonly string[];
}): readonly Property[] {
	const how = (name: string): PropertyOptions =>
		options.withoutUnset.includes(name) ? WITHOUT_UNSET : INHERITED;
	return [
		integer(
			"DATA_RETENTION_TIME_IN_DAYS",
			{ min: 0, max: 90 },
			{ ...INHERITED, hazards: retentionHazards },
		),
		integer(
			"MAX_DATA_EXTENSION_TIME_IN_DAYS",
			{ min: 0, max: 90 },
			{ ...INHERITED, hazards: extensionHazards },
		),
		assignment("EXTERNAL_VOLUME", names("EXTERNAL VOLUME"), INHERITED),
		assignment("CATALOG", names("CATALOG INTEGRATION"), INHERITED),
		assignment("ICEBERG_DEFAULT_DDL_COLLATION", oneOfStrings("en-ci", "de"), INHERITED),
		integer("ICEBERG_VERSION_DEFAULT", { min: 2, max: 3 }, INHERITED),
		word("ICEBERG_MERGE_ON_READ_BEHAVIOR", ["AUTO", "ENABLED", "DISABLED"], {
			...INHERITED,
			quoted: true,
		}),
		flag("ENABLE_ICEBERG_MERGE_ON_READ", INHERITED),
		flag("REPLACE_INVALID_CHARACTERS", how("REPLACE_INVALID_CHARACTERS")),
		assignment("DEFAULT_DDL_COLLATION", oneOfStrings("en-ci", "de"), INHERITED),
		word("LOG_LEVEL", LOG_LEVELS, { ...how("LOG_LEVEL"), quoted: true }),
		word("TRACE_LEVEL", ["ALWAYS", "ON_EVENT", "OFF"], { ...how("TRACE_LEVEL"), quoted: true }),
		word("STORAGE_SERIALIZATION_POLICY", ["COMPATIBLE", "OPTIMIZED"], INHERITED),
		assignment(
			"CATALOG_SYNC",
			nameValue("CATALOG INTEGRATION", "account", { print: "string" }),
			INHERITED,
		),
		flag("ENABLE_DATA_COMPACTION", INHERITED),
		assignment("OAUTH_AUTHORIZATION_SERVER", names("SECURITY INTEGRATION"), INHERITED),
		assignment(
			"OAUTH_SCOPES_SUPPORTED",
			oneOfStrings("session:role:all", "session:role-any"),
			INHERITED,
		),
	];
}

/** METRIC_LEVEL, which only databases have; ALTER DATABASE lists no UNSET for it. */
export const metricLevel: Property = word("METRIC_LEVEL", ["ALL", "NONE"], {
	...WITHOUT_UNSET,
	quoted: true,
});

/** TRANSIENT before the kind: nothing can make a transient container permanent, or the other way. */
export const transient: Property = property("TRANSIENT", presenceClause("TRANSIENT", "modifier"), {
	change: "replace",
	unset: "replace",
	default: false,
});

/** Transient objects keep history for at most a day. */
export const transientRetention: Constraint = rule(
	"TRANSIENT allows DATA_RETENTION_TIME_IN_DAYS 0 or 1",
	["DATA_RETENTION_TIME_IN_DAYS", "TRANSIENT"],
	(p) => p.TRANSIENT !== true || days(p.DATA_RETENTION_TIME_IN_DAYS, 1) <= 1,
);

/** Whether SHOW's `options` column has this word among its comma-separated ones. */
export function hasOption(cell: string | null | undefined, option: string): boolean {
	return (cell ?? "").split(",").some((part) => part.trim() === option);
}

const ALTER_ONLY = "it is set by ALTER only; put that into a migration";
const TASK_LEVEL = "set it on the tasks themselves";

/** Clauses of both kinds that are not taken. */
export const REFUSED_BY_CONTAINERS: Readonly<Record<string, string>> = {
	TAG: "tags are not part of CREATE here; set them in a migration",
	CONTACT: "contacts are not managed; set them in a migration",
	CLONE: "a clone is made once: put it into a migration",
	"IGNORE TABLES WITH INSUFFICIENT DATA RETENTION": "it belongs to CLONE, so to a migration",
	"IGNORE HYBRID TABLES": "it belongs to CLONE, so to a migration",
	"FROM BACKUP SET": "a restore happens once: put it into a migration",
	OBJECT_VISIBILITY: "what it says cannot be compared; set it in a migration",
	CLASSIFICATION_PROFILE: "it cannot be read back; set it in a migration",
	DEFAULT_METADATA_WRITE_FORMAT: "its ALTER is not documented; set it in a migration",
	DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU: ALTER_ONLY,
	DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU: ALTER_ONLY,
	DEFAULT_STREAMLIT_NOTEBOOK_WAREHOUSE: ALTER_ONLY,
	REPLICABLE_WITH_FAILOVER_GROUPS: ALTER_ONLY,
	BASE_LOCATION_PREFIX: ALTER_ONLY,
	SUSPEND_TASK_AFTER_NUM_FAILURES: TASK_LEVEL,
	TASK_AUTO_RETRY_ATTEMPTS: TASK_LEVEL,
	USER_TASK_TIMEOUT_MS: TASK_LEVEL,
	USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE: TASK_LEVEL,
	USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS: TASK_LEVEL,
	SERVERLESS_TASK_MIN_STATEMENT_SIZE: TASK_LEVEL,
	SERVERLESS_TASK_MAX_STATEMENT_SIZE: TASK_LEVEL,
};
