import { type Properties, sameValue, type Value } from "../../model/value.ts";
import { yes } from "../define/rows.ts";
import {
	canonicalDelimiter,
	FORMAT_OPTIONS,
	type FormatOption,
	formatType,
	optionDefault,
} from "./format-options.ts";

/** The value of an option from the account's text for it; the text has no escapes any more. */
function reportedValue(option: FormatOption, cell: string): Value {
	const { domain } = option.value;
	switch (domain.type) {
		case "boolean":
			return yes(cell);
		case "integer":
			return Number(cell);
		case "enum":
			return cell.toUpperCase();
		default:
			if (option.name === "FILE_EXTENSION")
				return cell === "" || cell.toUpperCase() === "NONE" ? null : cell;
			if (option.name.endsWith("_FORMAT")) return cell.toUpperCase() === "AUTO" ? "AUTO" : cell;
			return canonicalDelimiter(cell);
	}
}

/**
 * Options from the `format_options` cell of SHOW FILE FORMATS: one JSON object with every option of the type,
 * defaults included. JSON has escapes of its own, so the texts in it are exact; DESCRIBE prints them escaped
 * and its lists ambiguous, one statement for each format.
 * https://docs.snowflake.com/en/sql-reference/sql/show-file-formats
 */
export function optionsOfJson(cell: string | null | undefined): Properties {
	const reported = JSON.parse(cell || "{}") as Readonly<Record<string, unknown>>;
	const entries = FORMAT_OPTIONS.flatMap((option): readonly (readonly [string, Value])[] => {
		const value = reported[option.name];
		if (value === undefined) return [];
		if (Array.isArray(value)) return [[option.name, value.map(String)]];
		return [[option.name, reportedValue(option, value === null ? "" : String(value))]];
	});
	return Object.fromEntries(entries);
}

/** The text that DESCRIBE prints with escapes: `\n` for a new line, `\\` for a backslash. */
function unescaped(cell: string): string {
	const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
	return cell.replaceAll(/\\(.)/g, (_all, letter: string) => escapes[letter] ?? letter);
}

/** `[a, b]` as DESCRIBE prints lists. A text with a comma and a blank in it cannot be told from two. */
function listOf(cell: string): readonly string[] {
	const inner = cell.replace(/^\[/, "").replace(/\]$/, "");
	return inner === "" ? [] : inner.split(", ").map(unescaped);
}

/**
 * Options from the rows of DESCRIBE, by property, where only they exist (a stage's own format); options that
 * have their default are left out.
 */
export function optionsOfRows(rows: ReadonlyMap<string, string | null>): Properties {
	const type = (rows.get("TYPE") ?? "CSV").toUpperCase();
	const entries = FORMAT_OPTIONS.flatMap((option): readonly (readonly [string, Value])[] => {
		const cell = rows.get(option.name);
		const initial = optionDefault(option, formatType({ TYPE: type }));
		if (cell === undefined || initial === undefined) return [];
		const value =
			option.name === "NULL_IF" ? listOf(cell ?? "") : reportedValue(option, unescaped(cell ?? ""));
		return sameValue(value, initial) ? [] : [[option.name, value]];
	});
	return { TYPE: type, ...Object.fromEntries(entries) };
}
