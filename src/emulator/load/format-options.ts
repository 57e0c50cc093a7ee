/** The types of file that a FILE FORMAT can describe. */
export const FORMAT_TYPES = ["CSV", "JSON", "AVRO", "ORC", "PARQUET", "XML"] as const;

/** A type of file. */
export type FormatType = (typeof FORMAT_TYPES)[number];

/** What a format option can hold, and what it is when nobody sets it. */
export type FormatOption =
	| { readonly kind: "boolean"; readonly default: boolean }
	| { readonly kind: "integer"; readonly default: number }
	| { readonly kind: "word"; readonly words: readonly string[]; readonly default: string }
	/** A string, or NONE which is kept as null. */
	| { readonly kind: "string"; readonly default: string | null; readonly length?: number }
	/** A string, or AUTO. */
	| { readonly kind: "format"; readonly default: "AUTO" }
	| { readonly kind: "list"; readonly default: readonly string[] };

const flag = (initial: boolean): FormatOption => ({ kind: "boolean", default: initial });
const word = (initial: string, ...words: readonly string[]): FormatOption => ({
	kind: "word",
	words: words.includes(initial) ? words : [initial, ...words],
	default: initial,
});
const string = (initial: string | null, length?: number): FormatOption =>
	length === undefined
		? { kind: "string", default: initial }
		: { kind: "string", default: initial, length };

const FORMAT: FormatOption = { kind: "format", default: "AUTO" };
const COMPRESSION = word("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE");
const BINARY_FORMAT = word("HEX", "BASE64", "UTF8");
const ENCODING = word(
	"UTF8",
	...`BIG5 EUCJP EUCKR GB18030 IBM420 IBM424 IBM949 ISO2022CN ISO2022JP ISO2022KR ISO88591 ISO88592
	ISO88595 ISO88596 ISO88597 ISO88598 ISO88599 ISO885915 KOI8R SHIFTJIS UTF16 UTF16BE UTF16LE UTF32
	UTF32BE UTF32LE WINDOWS874 WINDOWS949 WINDOWS1250 WINDOWS1251 WINDOWS1252 WINDOWS1253 WINDOWS1254
	WINDOWS1255 WINDOWS1256`.split(/\s+/),
);

/**
 * The options of each type with their defaults, in the order of DESCRIBE FILE FORMAT.
 *
 * The default of NULL_IF is `\N` for CSV only: the pages say `\N` for JSON and the others too, but DESCRIBE's
 * own example shows `[]` there.
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format,
 * https://docs.snowflake.com/en/sql-reference/sql/desc-file-format
 */
export const FORMAT_OPTIONS: Readonly<Record<FormatType, Readonly<Record<string, FormatOption>>>> =
	{
		CSV: {
			RECORD_DELIMITER: string("\n", 20),
			FIELD_DELIMITER: string(",", 20),
			FILE_EXTENSION: string(null),
			SKIP_HEADER: { kind: "integer", default: 0 },
			PARSE_HEADER: flag(false),
			DATE_FORMAT: FORMAT,
			TIME_FORMAT: FORMAT,
			TIMESTAMP_FORMAT: FORMAT,
			BINARY_FORMAT,
			ESCAPE: string(null, 1),
			ESCAPE_UNENCLOSED_FIELD: string("\\", 1),
			TRIM_SPACE: flag(false),
			FIELD_OPTIONALLY_ENCLOSED_BY: string(null, 1),
			NULL_IF: { kind: "list", default: ["\\N"] },
			COMPRESSION,
			ERROR_ON_COLUMN_COUNT_MISMATCH: flag(true),
			SKIP_BLANK_LINES: flag(false),
			REPLACE_INVALID_CHARACTERS: flag(false),
			EMPTY_FIELD_AS_NULL: flag(true),
			SKIP_BYTE_ORDER_MARK: flag(true),
			ENCODING,
			MULTI_LINE: flag(true),
		},
		JSON: {
			FILE_EXTENSION: string(null),
			DATE_FORMAT: FORMAT,
			TIME_FORMAT: FORMAT,
			TIMESTAMP_FORMAT: FORMAT,
			BINARY_FORMAT,
			TRIM_SPACE: flag(false),
			NULL_IF: { kind: "list", default: [] },
			COMPRESSION,
			ENABLE_OCTAL: flag(false),
			ALLOW_DUPLICATE: flag(false),
			STRIP_OUTER_ARRAY: flag(false),
			STRIP_NULL_VALUES: flag(false),
			IGNORE_UTF8_ERRORS: flag(false),
			REPLACE_INVALID_CHARACTERS: flag(false),
			SKIP_BYTE_ORDER_MARK: flag(true),
			MULTI_LINE: flag(true),
		},
		AVRO: {
			TRIM_SPACE: flag(false),
			NULL_IF: { kind: "list", default: [] },
			COMPRESSION: word("AUTO", "GZIP", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE"),
			REPLACE_INVALID_CHARACTERS: flag(false),
		},
		ORC: {
			TRIM_SPACE: flag(false),
			REPLACE_INVALID_CHARACTERS: flag(false),
			NULL_IF: { kind: "list", default: [] },
		},
		PARQUET: {
			TRIM_SPACE: flag(false),
			NULL_IF: { kind: "list", default: [] },
			COMPRESSION: word("AUTO", "LZO", "SNAPPY", "NONE"),
			SNAPPY_COMPRESSION: flag(true),
			BINARY_AS_TEXT: flag(true),
			USE_LOGICAL_TYPE: flag(false),
			USE_VECTORIZED_SCANNER: flag(false),
			REPLACE_INVALID_CHARACTERS: flag(false),
		},
		XML: {
			COMPRESSION,
			IGNORE_UTF8_ERRORS: flag(false),
			PRESERVE_SPACE: flag(false),
			STRIP_OUTER_ELEMENT: flag(false),
			DISABLE_AUTO_CONVERT: flag(false),
			REPLACE_INVALID_CHARACTERS: flag(false),
			SKIP_BYTE_ORDER_MARK: flag(true),
		},
	};
