import type { Parameter } from "./parameters.ts";

const SESSION = ["SESSION"];
const CONTAINERS = ["DATABASE", "SCHEMA"];
const TABLES = ["DATABASE", "SCHEMA", "TABLE"];
const TASKS = ["DATABASE", "SCHEMA", "TASK"];

function flag(
	name: string,
	otherwise: boolean,
	kinds: readonly string[],
	description: string,
): Parameter {
	return { name, type: "BOOLEAN", default: String(otherwise), kinds, description };
}

function count(
	name: string,
	otherwise: number,
	range: readonly [number, number],
	kinds: readonly string[],
	description: string,
): Parameter {
	return { name, type: "NUMBER", default: String(otherwise), range, kinds, description };
}

function choice(
	name: string,
	otherwise: string,
	kinds: readonly string[],
	description: string,
	values?: readonly string[],
): Parameter {
	return {
		name,
		type: "STRING",
		default: otherwise,
		kinds,
		description,
		...(values && { values }),
	};
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"];

/** Parameters that change what the account does. */
export const ACTIVE_PARAMETERS: readonly Parameter[] = [
	flag(
		"ABORT_DETACHED_QUERY",
		false,
		SESSION,
		"If true, queries are aborted when their session is lost.",
	),
	flag("AUTOCOMMIT", true, SESSION, "Whether each statement is its own transaction."),
	choice("BINARY_INPUT_FORMAT", "HEX", SESSION, "Input format of binary values.", [
		"HEX",
		"BASE64",
		"UTF-8",
		"UTF8",
	]),
	choice("BINARY_OUTPUT_FORMAT", "HEX", SESSION, "Output format of binary values.", [
		"HEX",
		"BASE64",
	]),
	choice("CATALOG", "", TABLES, "Default catalog of Iceberg tables."),
	count(
		"CLIENT_RESULT_CHUNK_SIZE",
		160,
		[16, 160],
		SESSION,
		"Largest size of a chunk of a result, in MB.",
	),
	flag("CLIENT_SESSION_KEEP_ALIVE", false, SESSION, "Whether drivers keep an idle session alive."),
	count(
		"CLIENT_STAGE_ARRAY_BINDING_THRESHOLD",
		65280,
		[0, 2147483647],
		SESSION,
		"Binds above which drivers use a stage.",
	),
	count(
		"DATA_RETENTION_TIME_IN_DAYS",
		1,
		[0, 90],
		TABLES,
		"number of days to retain the old version of deleted/updated data",
	),
	choice("DATE_INPUT_FORMAT", "AUTO", SESSION, "Input format of dates."),
	choice("DATE_OUTPUT_FORMAT", "YYYY-MM-DD", SESSION, "Output format of dates."),
	choice("DEFAULT_DDL_COLLATION", "", TABLES, "Collation that is used for all new columns."),
	flag(
		"ENABLE_CONSOLE_OUTPUT",
		false,
		CONTAINERS,
		"Whether the console shows what procedures print.",
	),
	flag(
		"ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION",
		true,
		SESSION,
		"Whether Parquet files use the smallest type.",
	),
	flag(
		"ERROR_ON_NONDETERMINISTIC_MERGE",
		true,
		SESSION,
		"Whether MERGE fails when several rows match one.",
	),
	flag(
		"ERROR_ON_NONDETERMINISTIC_UPDATE",
		false,
		SESSION,
		"Whether UPDATE fails when several rows match one.",
	),
	choice("EXTERNAL_VOLUME", "", TABLES, "Default external volume of Iceberg tables."),
	choice("GEOGRAPHY_OUTPUT_FORMAT", "GeoJSON", SESSION, "Output format of GEOGRAPHY."),
	count("JSON_INDENT", 2, [0, 16], SESSION, "Blanks by which JSON is indented; 0 for one line."),
	count(
		"LOCK_TIMEOUT",
		43200,
		[0, 2147483647],
		SESSION,
		"Seconds that a statement waits for a lock.",
	),
	choice(
		"LOG_LEVEL",
		"OFF",
		[...SESSION, ...CONTAINERS, "TASK", "TABLE", "PIPE"],
		"Least severity of logged messages.",
		LEVELS,
	),
	count(
		"MAX_CONCURRENCY_LEVEL",
		8,
		[1, 100],
		["WAREHOUSE"],
		"Statements that a cluster runs at once.",
	),
	count(
		"MAX_DATA_EXTENSION_TIME_IN_DAYS",
		14,
		[0, 90],
		TABLES,
		"Days by which retention is extended for streams.",
	),
	count(
		"MULTI_STATEMENT_COUNT",
		1,
		[0, 2147483647],
		SESSION,
		"Statements in one request; 0 for any number.",
	),
	flag(
		"NOORDER_SEQUENCE_AS_DEFAULT",
		true,
		[...SESSION, ...CONTAINERS],
		"Whether new sequences and identity columns are NOORDER.",
	),
	flag("PIPE_EXECUTION_PAUSED", false, ["SCHEMA", "PIPE"], "Whether pipes are paused."),
	choice("QUERY_TAG", "", SESSION, "Text that is kept with every statement."),
	flag(
		"QUOTED_IDENTIFIERS_IGNORE_CASE",
		false,
		[...SESSION, ...CONTAINERS, "TASK"],
		"Whether quoted names are upper-cased.",
	),
	flag(
		"REPLACE_INVALID_CHARACTERS",
		false,
		CONTAINERS,
		"Whether invalid UTF-8 in Iceberg tables is replaced.",
	),
	choice(
		"READ_CONSISTENCY_MODE",
		"SESSION",
		SESSION,
		"Whether sessions see each other's changes at once.",
		["SESSION", "GLOBAL"],
	),
	count("ROWS_PER_RESULTSET", 0, [0, 2147483647], SESSION, "Most rows of a result; 0 for all."),
	choice(
		"SERVERLESS_TASK_MAX_STATEMENT_SIZE",
		"XXLARGE",
		TASKS,
		"Largest size of a serverless task's warehouse.",
	),
	choice(
		"SERVERLESS_TASK_MIN_STATEMENT_SIZE",
		"XSMALL",
		TASKS,
		"Smallest size of a serverless task's warehouse.",
	),
	count(
		"STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
		0,
		[0, 2147483647],
		[...SESSION, "WAREHOUSE", "TASK"],
		"Seconds that a statement may wait in a warehouse's queue.",
	),
	count(
		"STATEMENT_TIMEOUT_IN_SECONDS",
		172800,
		[0, 604800],
		[...SESSION, "WAREHOUSE", "TASK"],
		"Seconds that a statement may run.",
	),
	choice("STORAGE_SERIALIZATION_POLICY", "OPTIMIZED", TABLES, "How Iceberg tables are written.", [
		"COMPATIBLE",
		"OPTIMIZED",
	]),
	flag("STRICT_JSON_OUTPUT", false, SESSION, "Whether JSON output follows the standard strictly."),
	count(
		"SUSPEND_TASK_AFTER_NUM_FAILURES",
		10,
		[0, 2147483647],
		TASKS,
		"Failed runs after which a task is suspended.",
	),
	count("TASK_AUTO_RETRY_ATTEMPTS", 0, [0, 30], TASKS, "Times that a failed graph runs again."),
	choice("TIMESTAMP_INPUT_FORMAT", "AUTO", SESSION, "Input format of timestamps."),
	choice("TIMESTAMP_LTZ_OUTPUT_FORMAT", "", SESSION, "Output format of TIMESTAMP_LTZ."),
	choice(
		"TIMESTAMP_NTZ_OUTPUT_FORMAT",
		"YYYY-MM-DD HH24:MI:SS.FF3",
		SESSION,
		"Output format of TIMESTAMP_NTZ.",
	),
	choice(
		"TIMESTAMP_OUTPUT_FORMAT",
		"YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
		SESSION,
		"Output format of timestamps.",
	),
	choice("TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_NTZ", SESSION, "What TIMESTAMP means.", [
		"TIMESTAMP_LTZ",
		"TIMESTAMP_NTZ",
		"TIMESTAMP_TZ",
	]),
	choice("TIMESTAMP_TZ_OUTPUT_FORMAT", "", SESSION, "Output format of TIMESTAMP_TZ."),
	choice("TIMEZONE", "America/Los_Angeles", SESSION, "Time zone of the session."),
	choice("TIME_INPUT_FORMAT", "AUTO", SESSION, "Input format of times."),
	choice("TIME_OUTPUT_FORMAT", "HH24:MI:SS", SESSION, "Output format of times."),
	choice("TRACE_LEVEL", "OFF", [...SESSION, ...CONTAINERS], "Which events are traced.", [
		"ALWAYS",
		"ON_EVENT",
		"PROPAGATE",
		"OFF",
	]),
	flag(
		"TRANSACTION_ABORT_ON_ERROR",
		false,
		SESSION,
		"Whether a failed statement aborts its transaction.",
	),
	count("TWO_DIGIT_CENTURY_START", 1970, [1900, 2100], SESSION, "First year of two-digit years."),
	flag("USE_CACHED_RESULT", true, SESSION, "Whether results may come from the cache."),
	choice(
		"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
		"Medium",
		TASKS,
		"First size of a serverless task's warehouse.",
	),
	count(
		"USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
		30,
		[10, 604800],
		TASKS,
		"Least seconds between runs of a triggered task.",
	),
	count(
		"USER_TASK_TIMEOUT_MS",
		3600000,
		[0, 604800000],
		TASKS,
		"Milliseconds that a run of a task may take.",
	),
	count("WEEK_OF_YEAR_POLICY", 0, [0, 1], SESSION, "How weeks of a year are counted."),
	count("WEEK_START", 0, [0, 7], SESSION, "First day of a week; 0 for Monday."),
];
