import { samples } from "../define/domain.ts";
import { assignment, flag, integer, word } from "../define/properties.ts";
import type { Property } from "../define/property.ts";
import { integerValue, oneOfStrings, wordValue } from "../define/value-syntax.ts";
import { LOG_LEVELS } from "./container-parameters.ts";
import { INHERITED } from "./parameters.ts";

const FLAGS = [
	"ABORT_DETACHED_QUERY",
	"AUTOCOMMIT",
	"CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS",
	"CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX",
	"CLIENT_METADATA_USE_SESSION_DATABASE",
	"CLIENT_RESULT_COLUMN_CASE_INSENSITIVE",
	"CLIENT_SESSION_KEEP_ALIVE",
	"ENABLE_GET_DDL_USE_DATA_TYPE_ALIAS",
	"ENABLE_UNHANDLED_EXCEPTIONS_REPORTING",
	"ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION",
	"ERROR_ON_NONDETERMINISTIC_MERGE",
	"ERROR_ON_NONDETERMINISTIC_UPDATE",
	"JDBC_ENABLE_PUT_GET",
	"JDBC_TREAT_DECIMAL_AS_INT",
	"JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC",
	"JDBC_USE_SESSION_TIMEZONE",
	"JS_TREAT_INTEGER_AS_BIGINT",
	"NOORDER_SEQUENCE_AS_DEFAULT",
	"ODBC_TREAT_DECIMAL_AS_INT",
	"OPT_OUT_ERROR_LOGGING",
	"QUOTED_IDENTIFIERS_IGNORE_CASE",
	"STRICT_JSON_OUTPUT",
	"TIMESTAMP_DAY_IS_ALWAYS_24H",
	"TRANSACTION_ABORT_ON_ERROR",
	"USE_CACHED_RESULT",
];

const INTEGERS: Readonly<Record<string, { readonly min: number; readonly max?: number }>> = {
	CLIENT_MEMORY_LIMIT: { min: 1 },
	CLIENT_PREFETCH_THREADS: { min: 1, max: 10 },
	CLIENT_RESULT_CHUNK_SIZE: { min: 16, max: 160 },
	CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: { min: 900, max: 3600 },
	HYBRID_TABLE_LOCK_TIMEOUT: { min: 0 },
	JSON_INDENT: { min: 0, max: 16 },
	LOCK_TIMEOUT: { min: 0 },
	MULTI_STATEMENT_COUNT: { min: 0 },
	ROWS_PER_RESULTSET: { min: 0 },
	STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: { min: 0 },
	STATEMENT_TIMEOUT_IN_SECONDS: { min: 0, max: 604_800 },
	TWO_DIGIT_CENTURY_START: { min: 1900, max: 2100 },
	WEEK_OF_YEAR_POLICY: { min: 0, max: 1 },
	WEEK_START: { min: 0, max: 7 },
};

const WORDS: Readonly<Record<string, readonly string[]>> = {
	ACTIVE_PYTHON_PROFILER: ["LINE", "MEMORY"],
	BINARY_INPUT_FORMAT: ["HEX", "BASE64", "UTF8"],
	BINARY_OUTPUT_FORMAT: ["HEX", "BASE64"],
	CLIENT_TIMESTAMP_TYPE_MAPPING: ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ"],
	DEFAULT_NULL_ORDERING: ["FIRST", "LAST"],
	LOG_EVENT_LEVEL: LOG_LEVELS,
	LOG_LEVEL: LOG_LEVELS,
	METRIC_LEVEL: ["ALL", "NONE"],
	TIMESTAMP_TYPE_MAPPING: ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TIMESTAMP_TZ"],
	TRACE_LEVEL: ["ALWAYS", "ON_EVENT", "OFF"],
	TRANSACTION_DEFAULT_ISOLATION_LEVEL: ["READ COMMITTED"],
	UNSUPPORTED_DDL_ACTION: ["IGNORE", "FAIL"],
};

const TIMESTAMP_FORMATS = ["YYYY-MM-DD HH24:MI:SS", "YYYY-MM-DD HH24"];

const TEXTS: Readonly<Record<string, readonly string[]>> = {
	CSV_TIMESTAMP_FORMAT: TIMESTAMP_FORMATS,
	DATE_INPUT_FORMAT: ["AUTO", "YYYY-MM-DD"],
	DATE_OUTPUT_FORMAT: ["YYYY-MM-DD", "DD/MM/YYYY"],
	PYTHON_PROFILER_MODULES: ["a_module", "a_module,b_module"],
	PYTHON_PROFILER_TARGET_STAGE: ["LAKE.BRONZE.PROFILES"],
	QUERY_TAG: ["nightly", "it's the silver load"],
	S3_STAGE_VPCE_DNS_NAME: ["*.vpce-sd98fs0d9f8g.s3.us-west-2.vpce.amazonaws.com"],
	SIMULATED_DATA_SHARING_CONSUMER: ["CONSUMER1"],
	TIMESTAMP_INPUT_FORMAT: ["AUTO", ...TIMESTAMP_FORMATS],
	TIMESTAMP_LTZ_OUTPUT_FORMAT: TIMESTAMP_FORMATS,
	TIMESTAMP_NTZ_OUTPUT_FORMAT: TIMESTAMP_FORMATS,
	TIMESTAMP_OUTPUT_FORMAT: TIMESTAMP_FORMATS,
	TIMESTAMP_TZ_OUTPUT_FORMAT: TIMESTAMP_FORMATS,
	TIMEZONE: ["UTC", "Europe/Berlin"],
	TIME_INPUT_FORMAT: ["AUTO", "HH24:MI:SS"],
	TIME_OUTPUT_FORMAT: ["HH24:MI:SS", "HH24:MI"],
};

const GEO_FORMATS = ["GeoJSON", "WKT", "WKB", "EWKT", "EWKB"];

function geoFormat(name: string): Property {
	const value = wordValue(GEO_FORMATS, { quoted: true, synonyms: { GEOJSON: "GeoJSON" } });
	return assignment(name, value, INHERITED);
}

/**
 * Every session parameter of the documentation but SEARCH_PATH, by name, each "not set here" unless written.
 * LOG_LEVEL and its like are session parameters as well as parameters of objects.
 * https://docs.snowflake.com/en/sql-reference/parameters#session-parameters
 */
export const SESSION_PARAMETERS: readonly Property[] = [
	...FLAGS.map((name) => flag(name, INHERITED)),
	...Object.entries(INTEGERS).map(([name, bounds]) => integer(name, bounds, INHERITED)),
	assignment(
		"ICEBERG_TIMESTAMP_DEFAULT_PRECISION",
		{ ...integerValue({ min: 6, max: 9 }), domain: samples(6, 9) },
		INHERITED,
	),
	...Object.entries(WORDS).map(([name, words]) =>
		word(name, words, {
			...INHERITED,
			quoted: true,
			...(name === "BINARY_INPUT_FORMAT" && { synonyms: { "UTF-8": "UTF8" } }),
		}),
	),
	...Object.entries(TEXTS).map(([name, examples]) =>
		assignment(name, oneOfStrings(...examples), INHERITED),
	),
	geoFormat("GEOGRAPHY_OUTPUT_FORMAT"),
	geoFormat("GEOMETRY_OUTPUT_FORMAT"),
].sort((a, b) => (a.name < b.name ? -1 : 1));
