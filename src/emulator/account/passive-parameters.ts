import type { Parameter } from "./parameters.ts";

const SESSION = ["SESSION"];
const CONTAINERS = ["DATABASE", "SCHEMA"];
const MOST = 2_147_483_647;

function flags(kinds: readonly string[], values: Readonly<Record<string, boolean>>): Parameter[] {
	return Object.entries(values).map(([name, otherwise]) => ({
		name,
		type: "BOOLEAN",
		default: String(otherwise),
		kinds,
		description: "",
	}));
}

function counts(
	kinds: readonly string[],
	values: Readonly<Record<string, readonly [otherwise: number, least: number, most: number]>>,
): Parameter[] {
	return Object.entries(values).map(([name, [otherwise, least, most]]) => ({
		name,
		type: "NUMBER",
		default: String(otherwise),
		range: [least, most],
		kinds,
		description: "",
	}));
}

function texts(kinds: readonly string[], values: Readonly<Record<string, string>>): Parameter[] {
	return Object.entries(values).map(([name, otherwise]) => ({
		name,
		type: "STRING",
		default: otherwise,
		kinds,
		description: "",
	}));
}

function choice(
	name: string,
	otherwise: string,
	kinds: readonly string[],
	values: readonly string[],
): Parameter {
	return { name, type: "STRING", default: otherwise, kinds, values, description: "" };
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"];

/**
 * Parameters that the account keeps, inherits and shows, and that change nothing in it: they speak to
 * drivers, to Iceberg tables, to profilers and event tables, none of which live here.
 * https://docs.snowflake.com/en/sql-reference/parameters
 */
export const PASSIVE_PARAMETERS: readonly Parameter[] = [
	...flags(SESSION, {
		CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS: false,
		CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX: false,
		CLIENT_METADATA_USE_SESSION_DATABASE: false,
		CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: false,
		ENABLE_UNHANDLED_EXCEPTIONS_REPORTING: true,
		JDBC_ENABLE_PUT_GET: true,
		JDBC_TREAT_DECIMAL_AS_INT: true,
		JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC: false,
		JDBC_USE_SESSION_TIMEZONE: true,
		JS_TREAT_INTEGER_AS_BIGINT: false,
		ODBC_TREAT_DECIMAL_AS_INT: false,
		OPT_OUT_ERROR_LOGGING: false,
	}),
	...counts(SESSION, {
		CLIENT_MEMORY_LIMIT: [1536, 1, MOST],
		CLIENT_PREFETCH_THREADS: [4, 1, 10],
		CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: [3600, 900, 3600],
		HYBRID_TABLE_LOCK_TIMEOUT: [3600, 0, MOST],
		ICEBERG_TIMESTAMP_DEFAULT_PRECISION: [6, 6, 9],
	}),
	...texts(SESSION, {
		CSV_TIMESTAMP_FORMAT: "",
		PYTHON_PROFILER_MODULES: "",
		PYTHON_PROFILER_TARGET_STAGE: "",
		S3_STAGE_VPCE_DNS_NAME: "",
	}),
	choice("ACTIVE_PYTHON_PROFILER", "", SESSION, ["LINE", "MEMORY"]),
	choice("CLIENT_TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_LTZ", SESSION, [
		"TIMESTAMP_LTZ",
		"TIMESTAMP_NTZ",
	]),
	choice("LOG_EVENT_LEVEL", "OFF", [...SESSION, ...CONTAINERS, "TASK"], LEVELS),
	choice("METRIC_LEVEL", "NONE", [...SESSION, ...CONTAINERS], ["ALL", "NONE"]),
	choice("TRANSACTION_DEFAULT_ISOLATION_LEVEL", "READ COMMITTED", SESSION, ["READ COMMITTED"]),
	choice("UNSUPPORTED_DDL_ACTION", "IGNORE", SESSION, ["IGNORE", "FAIL"]),
	...flags(CONTAINERS, { ENABLE_DATA_COMPACTION: true, ENABLE_ICEBERG_MERGE_ON_READ: true }),
	...counts(CONTAINERS, { ICEBERG_VERSION_DEFAULT: [2, 2, 3] }),
	...texts(CONTAINERS, {
		CATALOG_SYNC: "",
		ICEBERG_DEFAULT_DDL_COLLATION: "",
		OAUTH_AUTHORIZATION_SERVER: "",
		OAUTH_SCOPES_SUPPORTED: "",
	}),
	choice("ICEBERG_MERGE_ON_READ_BEHAVIOR", "AUTO", CONTAINERS, ["AUTO", "ENABLED", "DISABLED"]),
];
