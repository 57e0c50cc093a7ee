import { formatString } from "../../model/identifier.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { Json } from "../types.ts";
import {
	FORMAT_OPTIONS,
	FORMAT_TYPES,
	type FormatOption,
	type FormatType,
} from "./format-options.ts";
import {
	booleanValue,
	integerValue,
	invalidProperty,
	invalidValue,
	type Property,
	refuseDuplicates,
	stringsValue,
	wordValue,
} from "./property-list.ts";

/** A value of a format option; null is NONE. */
type FormatValue = string | number | boolean | null | readonly string[];

/** How files are read and written: a type, and every option of that type with defaults filled in. */
export interface FileFormat {
	readonly type: FormatType;
	readonly options: Readonly<Record<string, FormatValue>>;
}

/** A format with nothing set. */
export function defaultFormat(type: FormatType = "CSV"): FileFormat {
	const options = Object.entries(FORMAT_OPTIONS[type]).map(([name, o]) => [name, o.default]);
	return { type, options: Object.fromEntries(options) };
}

/** A format as the catalog keeps it. */
export function formatFromJson(json: Json | undefined): FileFormat {
	const stored = json as { type: FormatType; options: Record<string, FormatValue> } | undefined;
	return stored ?? defaultFormat();
}

/** A format as the catalog keeps it. */
export function formatToJson(format: FileFormat): Json {
	return { type: format.type, options: { ...format.options } };
}

/** What delimiters may be written as besides themselves: `0x27`, `\x27`, `\047`. */
function delimiter(text: string): string {
	const hex = /^(?:(?:0x|\\x)[0-9a-fA-F]{2})+$/;
	if (hex.test(text)) {
		const bytes = [...text.matchAll(/(?:0x|\\x)([0-9a-fA-F]{2})/g)];
		return Buffer.from(bytes.map((m) => Number.parseInt(m[1] as string, 16))).toString("utf8");
	}
	if (text === "\\\\") return "\\";
	if (/^\\[0-7]{3}$/.test(text)) return String.fromCharCode(Number.parseInt(text.slice(1), 8));
	return text.replace(
		/\\([nrtbf])/g,
		(_, c: string) => ({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" })[c] ?? c,
	);
}

function readOption(option: FormatOption, property: Property): FormatValue {
	const { value } = property;
	switch (option.kind) {
		case "boolean":
			return booleanValue(property);
		case "integer":
			return integerValue(property);
		case "list":
			return stringsValue(property);
		case "word": {
			const text = wordValue(property).replaceAll("-", "");
			if (!option.words.includes(text)) throw invalidValue(property);
			return text;
		}
		case "format":
			if (value.type === "string" && value.text.toUpperCase() !== "AUTO") return value.text;
			if (wordValue(property) !== "AUTO") throw invalidValue(property);
			return "AUTO";
		case "string": {
			if (value.type === "name" && value.text.toUpperCase() === "NONE") return null;
			if (value.type !== "string") throw invalidValue(property);
			if (value.text.toUpperCase() === "NONE") return null;
			const text = delimiter(value.text);
			if (option.length !== undefined && text.length > option.length) throw invalidValue(property);
			return text === "" ? null : text;
		}
		default:
			return option satisfies never;
	}
}

/** Exclusions between options that the documentation states. */
function checkFormat(format: FileFormat, set: ReadonlySet<string>): void {
	const { options } = format;
	const conflict = (message: string): SnowflakeError =>
		new SnowflakeError("001008", "22023", `SQL compilation error:\n${message}`);
	if (options.PARSE_HEADER === true && options.SKIP_HEADER !== 0)
		throw conflict("SKIP_HEADER is not supported when PARSE_HEADER = TRUE");
	const record = options.RECORD_DELIMITER;
	const field = options.FIELD_DELIMITER;
	if (typeof record === "string" && typeof field === "string")
		if (record.includes(field) || field.includes(record))
			throw conflict(
				"The delimiter for RECORD_DELIMITER or FIELD_DELIMITER cannot be a substring of the delimiter for the other file format option",
			);
	const enclosing = options.FIELD_OPTIONALLY_ENCLOSED_BY;
	if (typeof enclosing === "string" && enclosing !== '"' && enclosing !== "'")
		throw conflict(`invalid value ['${enclosing}'] for parameter 'FIELD_OPTIONALLY_ENCLOSED_BY'`);
	if (set.has("COMPRESSION") && set.has("SNAPPY_COMPRESSION"))
		throw conflict("COMPRESSION and SNAPPY_COMPRESSION cannot be specified together");
}

/**
 * Reads `[TYPE = …] option = value …` over a format to start from: the default one for CREATE, the present one for ALTER.
 * An option of another type, a misspelt one and a value of the wrong type are refused.
 */
export function readFormat(
	properties: readonly Property[],
	owner = "FILE FORMAT",
	start?: FileFormat,
): FileFormat {
	refuseDuplicates(properties, owner);
	const typeProperty = properties.find((p) => p.name === "TYPE");
	let type: FormatType = start?.type ?? "CSV";
	if (typeProperty) {
		const word = wordValue(typeProperty);
		if (word === "CUSTOM") throw unsupported("FILE_FORMAT = (TYPE = CUSTOM)", typeProperty.at);
		const known = FORMAT_TYPES.find((t) => t === word);
		if (!known) throw invalidValue(typeProperty);
		if (start && known !== start.type)
			throw new SnowflakeError(
				"001008",
				"22023",
				"SQL compilation error:\nFile format type cannot be changed.",
				typeProperty.at,
			);
		type = known;
	}
	const known = FORMAT_OPTIONS[type];
	const options: Record<string, FormatValue> = { ...(start ?? defaultFormat(type)).options };
	const set = new Set<string>();
	for (const property of properties) {
		if (property.name === "TYPE") continue;
		const option = known[property.name];
		if (!option) throw invalidProperty(property, owner);
		options[property.name] = readOption(option, property);
		set.add(property.name);
	}
	const format = { type, options };
	checkFormat(format, set);
	return format;
}

/** Control characters and backslashes as DESCRIBE spells them. */
function escaped(text: string): string {
	return text
		.replaceAll("\\", "\\\\")
		.replaceAll("\n", "\\n")
		.replaceAll("\r", "\\r")
		.replaceAll("\t", "\\t");
}

const PROPERTY_TYPES: Record<FormatOption["kind"], string> = {
	boolean: "Boolean",
	integer: "Integer",
	word: "String",
	string: "String",
	format: "String",
	list: "List",
};

function describeValue(name: string, value: FormatValue): string {
	if (Array.isArray(value)) return `[${value.map(escaped).join(", ")}]`;
	if (value === null) return name === "FILE_EXTENSION" ? "" : "NONE";
	return typeof value === "string" ? escaped(value) : String(value);
}

/** One row of DESCRIBE: property, type, value, default. */
export type DescribeRow = readonly [string, string, string, string];

/**
 * The rows of DESCRIBE FILE FORMAT. The defaults of TYPE and NULL_IF are those of CSV whatever the type,
 * as in the examples of the documentation; VALIDATE_UTF8 is shown though no statement sets it any more.
 */
export function describeFormat(format: FileFormat): DescribeRow[] {
	const rows: DescribeRow[] = [["TYPE", "String", format.type, "CSV"]];
	for (const [name, option] of Object.entries(FORMAT_OPTIONS[format.type])) {
		const initial = option.kind === "list" ? ["\\N"] : option.default;
		const value = format.options[name] ?? null;
		rows.push([
			name,
			PROPERTY_TYPES[option.kind],
			describeValue(name, value),
			describeValue(name, initial),
		]);
		if (name === "ERROR_ON_COLUMN_COUNT_MISMATCH")
			rows.push(["VALIDATE_UTF8", "Boolean", "true", "true"]);
	}
	return rows;
}

/** The text of SHOW's `format_options`: every option in one JSON object. */
export function formatOptionsJson(format: FileFormat): string {
	const entries: [string, Json][] = [["TYPE", format.type]];
	for (const [name, value] of Object.entries(format.options)) {
		entries.push([name, value === null && name !== "FILE_EXTENSION" ? "NONE" : value]);
		if (name === "ERROR_ON_COLUMN_COUNT_MISMATCH") entries.push(["VALIDATE_UTF8", true]);
	}
	return JSON.stringify(Object.fromEntries(entries));
}

/** The options that differ from their default, as SQL. */
export function formatSql(format: FileFormat): string[] {
	const initial = defaultFormat(format.type).options;
	return Object.entries(format.options)
		.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(initial[name]))
		.map(([name, value]) => {
			const option = FORMAT_OPTIONS[format.type][name];
			if (Array.isArray(value)) return `${name} = (${value.map(formatString).join(", ")})`;
			if (value === null) return `${name} = NONE`;
			const quoted = option?.kind === "string" || (option?.kind === "format" && value !== "AUTO");
			return `${name} = ${quoted ? formatString(String(value)) : String(value).toUpperCase()}`;
		});
}
