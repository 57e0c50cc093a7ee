import { formatString } from "../../model/identifier.ts";
import type { Properties, Value } from "../../model/value.ts";
import { type Constraint, rule } from "../define/constraint.ts";
import { samples } from "../define/domain.ts";
import {
	booleanValue,
	integerValue,
	listValue,
	stringValue,
	type ValueSyntax,
	wordValue,
} from "../define/value-syntax.ts";
import { ENCODING_SYNONYMS, ENCODINGS } from "./encodings.ts";

/** The types of files that Snowflake reads and writes. */
export const FORMAT_TYPES = ["CSV", "JSON", "AVRO", "ORC", "PARQUET", "XML"] as const;

/** One type of file. */
export type FormatType = (typeof FORMAT_TYPES)[number];

/** One option of a file format: how it is written, and for which types, with the default of each. */
export interface FormatOption {
	readonly name: string;
	readonly value: ValueSyntax;
	readonly defaults: Readonly<Partial<Record<FormatType, Value>>>;
	/** The form in which two values are compared. */
	readonly canonical?: (value: Value) => Value;
	readonly note?: string;
}

/**
 * The character that a delimiter's spelling stands for: octal (`\136`), hexadecimal (`0x5e`, `\x5e`, several
 * for the bytes of one character) and the common escapes are resolved, so that all spellings compare equal.
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format#format-type-options-formattypeoptions
 */
export function canonicalDelimiter(text: string): string {
	if (text === "" || text.toUpperCase() === "NONE") return "NONE";
	if (/^(?:(?:0x|\\x)[0-9a-fA-F]{2})+$/.test(text)) {
		const bytes = [...text.matchAll(/(?:0x|\\x)(..)/g)].map((m) => Number.parseInt(m[1] ?? "", 16));
		return new TextDecoder().decode(Uint8Array.from(bytes));
	}
	const octal = /^\\([0-7]{1,3})$/.exec(text);
	if (octal) return String.fromCharCode(Number.parseInt(octal[1] ?? "", 8));
	if (text === "\\\\") return "\\";
	const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
	return text.replaceAll(/\\([nrtbf])/g, (all, letter: string) => escapes[letter] ?? all);
}

/** A string literal that shows what is in it: control characters are spelled, never printed. */
function visible(text: string): string {
	return formatString(text).replaceAll(
		/\p{Cc}/gu,
		(ch) => `\\u${(ch.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
	);
}

/** `'<text>' | WORD`: the word means the absence of a text, however it is quoted. */
function textOr(
	absent: string,
	examples: readonly string[],
	canonical: (text: string) => string = (text) => (text.toUpperCase() === absent ? absent : text),
): ValueSyntax {
	return {
		read(cursor) {
			if (cursor.take(absent)) return absent;
			return canonical(cursor.expectString(`a string or ${absent}`));
		},
		print: (value) => (value === absent || value === null ? absent : visible(String(value))),
		domain: samples(...examples),
		shape: `'<text>' | ${absent}`,
	};
}

const delimiter = (...examples: readonly string[]): ValueSyntax =>
	textOr("NONE", ["NONE", ...examples], canonicalDelimiter);

/** FILE_EXTENSION: NONE, the empty text and no value are one: the extension follows from the type. */
const extension: ValueSyntax = {
	...textOr("NONE", ["txt", "dat"]),
	read(cursor) {
		const value = textOr("NONE", []).read(cursor, { qualify: (name) => name.parts });
		return value === "NONE" || value === "" ? null : value;
	},
};

const dateFormat = (example: string): ValueSyntax => textOr("AUTO", ["AUTO", example]);

/** Character that encloses fields: only the two quotes, or NONE. */
const quote: ValueSyntax = {
	...delimiter("'", '"'),
	shape: `'"' | '''' | NONE`,
};

const compression = wordValue([
	"AUTO",
	"GZIP",
	"BZ2",
	"BROTLI",
	"ZSTD",
	"DEFLATE",
	"RAW_DEFLATE",
	"LZO",
	"SNAPPY",
	"NONE",
]);

/** Which types know which compressions beyond AUTO and NONE. */
const COMPRESSIONS: Readonly<Record<FormatType, readonly string[]>> = {
	CSV: ["GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE"],
	JSON: ["GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE"],
	AVRO: ["GZIP", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE"],
	ORC: [],
	PARQUET: ["LZO", "SNAPPY"],
	XML: ["GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE"],
};

function same(types: string, initial: Value): FormatOption["defaults"] {
	return Object.fromEntries(types.split(" ").map((type) => [type, initial]));
}

const flag = (name: string, types: string, initial: boolean): FormatOption => ({
	name,
	value: booleanValue,
	defaults: same(types, initial),
});

const nullIf = listValue(stringValue);

/**
 * Every option of every type, in the order of the documentation's grammar.
 *
 * NULL_IF: the pages give `\N` as the default of every type, but the account reports an empty list for all
 * but CSV (the JSON and PARQUET examples of DESCRIBE FILE FORMAT show it), and that is what counts here.
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format
 * https://docs.snowflake.com/en/sql-reference/sql/desc-file-format
 */
export const FORMAT_OPTIONS: readonly FormatOption[] = [
	{
		name: "COMPRESSION",
		value: compression,
		defaults: same("CSV JSON AVRO PARQUET XML", "AUTO"),
		// For PARQUET, AUTO writes SNAPPY and reads anything; the account reports either word for it.
		canonical: (value) => (value === "SNAPPY" ? "AUTO" : value),
	},
	{
		name: "RECORD_DELIMITER",
		value: delimiter("\n", "\r\n", ";"),
		defaults: { CSV: "\n" },
	},
	{ name: "FIELD_DELIMITER", value: delimiter(",", "|", "\t"), defaults: { CSV: "," } },
	flag("MULTI_LINE", "CSV JSON", true),
	{ name: "FILE_EXTENSION", value: extension, defaults: same("CSV JSON", null) },
	flag("PARSE_HEADER", "CSV", false),
	{ name: "SKIP_HEADER", value: integerValue({ max: 1_000_000 }), defaults: { CSV: 0 } },
	flag("SKIP_BLANK_LINES", "CSV", false),
	{ name: "DATE_FORMAT", value: dateFormat("YYYY-MM-DD"), defaults: same("CSV JSON", "AUTO") },
	{ name: "TIME_FORMAT", value: dateFormat("HH24:MI:SS"), defaults: same("CSV JSON", "AUTO") },
	{
		name: "TIMESTAMP_FORMAT",
		value: dateFormat("YYYY-MM-DD HH24:MI:SS"),
		defaults: same("CSV JSON", "AUTO"),
	},
	{
		name: "BINARY_FORMAT",
		value: wordValue(["HEX", "BASE64", "UTF8"], { synonyms: { "UTF-8": "UTF8" } }),
		defaults: same("CSV JSON", "HEX"),
	},
	{ name: "ESCAPE", value: delimiter("\\", "^"), defaults: { CSV: "NONE" } },
	{
		name: "ESCAPE_UNENCLOSED_FIELD",
		value: delimiter("\\", "^"),
		defaults: { CSV: "\\" },
		note: "A row that ends in this character swallows the next one; NONE avoids it.",
	},
	flag("TRIM_SPACE", "CSV JSON AVRO ORC PARQUET", false),
	{ name: "FIELD_OPTIONALLY_ENCLOSED_BY", value: quote, defaults: { CSV: "NONE" } },
	{
		name: "NULL_IF",
		value: { ...nullIf, domain: samples([], ["\\N"], ["NULL", "null", ""], ["it's"]) },
		defaults: { CSV: ["\\N"], ...same("JSON AVRO ORC PARQUET", []) },
		note: "The order counts: the first one is written for NULL when unloading.",
	},
	flag("ERROR_ON_COLUMN_COUNT_MISMATCH", "CSV", true),
	flag("EMPTY_FIELD_AS_NULL", "CSV", true),
	flag("ENABLE_OCTAL", "JSON", false),
	flag("ALLOW_DUPLICATE", "JSON", false),
	flag("STRIP_OUTER_ARRAY", "JSON", false),
	flag("STRIP_NULL_VALUES", "JSON", false),
	flag("BINARY_AS_TEXT", "PARQUET", true),
	flag("USE_LOGICAL_TYPE", "PARQUET", false),
	flag("USE_VECTORIZED_SCANNER", "PARQUET", false),
	flag("PRESERVE_SPACE", "XML", false),
	flag("STRIP_OUTER_ELEMENT", "XML", false),
	flag("DISABLE_AUTO_CONVERT", "XML", false),
	flag("REPLACE_INVALID_CHARACTERS", "CSV JSON AVRO ORC PARQUET XML", false),
	flag("IGNORE_UTF8_ERRORS", "JSON XML", false),
	flag("SKIP_BYTE_ORDER_MARK", "CSV JSON XML", true),
	{
		name: "ENCODING",
		value: wordValue(ENCODINGS, { synonyms: ENCODING_SYNONYMS, quoted: true }),
		defaults: { CSV: "UTF8" },
	},
];

/** Options that Snowflake knows and files may not use, with what to write instead. */
export const REFUSED_OPTIONS: Readonly<Record<string, string>> = {
	SNAPPY_COMPRESSION: "Snowflake has deprecated it; write COMPRESSION = SNAPPY, or NONE",
};

/** The type that holds where none is written. */
export function formatType(properties: Properties): FormatType {
	return FORMAT_TYPES.find((type) => type === properties.TYPE) ?? "CSV";
}

/** The default of an option for a type; undefined where the type does not have it. */
export function optionDefault(option: FormatOption, type: FormatType): Value | undefined {
	return option.defaults[type];
}

function isText(value: Value | undefined): value is string {
	return typeof value === "string" && value !== "NONE";
}

/** What options of one format must fulfil together. Options that are not written have their defaults. */
export const FORMAT_CONSTRAINTS: readonly Constraint[] = [
	rule(
		"COMPRESSION must be one that the TYPE knows (create-file-format lists them)",
		["COMPRESSION", "TYPE"],
		({ COMPRESSION, ...rest }) =>
			!isText(COMPRESSION) ||
			COMPRESSION === "AUTO" ||
			COMPRESSIONS[formatType(rest)].includes(COMPRESSION),
	),
	rule(
		"PARSE_HEADER = TRUE excludes SKIP_HEADER",
		["PARSE_HEADER", "SKIP_HEADER"],
		({ PARSE_HEADER, SKIP_HEADER }) => PARSE_HEADER !== true || (SKIP_HEADER ?? 0) === 0,
	),
	rule(
		"RECORD_DELIMITER and FIELD_DELIMITER must not contain one another",
		["RECORD_DELIMITER", "FIELD_DELIMITER"],
		({ RECORD_DELIMITER: record = "\n", FIELD_DELIMITER: field = "," }) =>
			!isText(record) || !isText(field) || !(record.includes(field) || field.includes(record)),
	),
	rule(
		`FIELD_OPTIONALLY_ENCLOSED_BY must be ', " or NONE`,
		["FIELD_OPTIONALLY_ENCLOSED_BY"],
		({ FIELD_OPTIONALLY_ENCLOSED_BY: by = "NONE" }) => ["NONE", "'", '"'].includes(String(by)),
	),
	rule(
		"ESCAPE and ESCAPE_UNENCLOSED_FIELD must be one character, or NONE",
		["ESCAPE", "ESCAPE_UNENCLOSED_FIELD"],
		({ ESCAPE, ESCAPE_UNENCLOSED_FIELD }) =>
			[ESCAPE, ESCAPE_UNENCLOSED_FIELD].every((value) => !isText(value) || value.length === 1),
	),
	rule(
		"REPLACE_INVALID_CHARACTERS and IGNORE_UTF8_ERRORS are two names for one thing: write one",
		["REPLACE_INVALID_CHARACTERS", "IGNORE_UTF8_ERRORS"],
		(options) =>
			!(options.REPLACE_INVALID_CHARACTERS === true && options.IGNORE_UTF8_ERRORS === true),
	),
];
