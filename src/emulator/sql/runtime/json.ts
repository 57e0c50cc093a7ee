import { sortBy } from "../../../model/compare.ts";
import { SnowflakeError } from "../../error.ts";
import { readDecimal, shortDecimal } from "./numbers.ts";

/** A value in a VARIANT. Numbers keep their text, because JavaScript's would lose digits. */
export type Variant =
	| null
	| boolean
	| string
	| { readonly number: string }
	| readonly Variant[]
	| ReadonlyMap<string, Variant>;

/** Text that is not JSON, as Snowflake words it. */
class NotJson extends Error {}

/**
 * Reads JSON as PARSE_JSON does: with comments, keys without quotes, strings in single quotes,
 * and elements left out of an array.
 * https://docs.snowflake.com/en/sql-reference/functions/parse_json
 */
function read(text: string, duplicates = false): Variant | undefined {
	let at = 0;
	const fail = (what: string): NotJson => new NotJson(`Error parsing JSON: ${what}, pos ${at}`);
	const space = (): void => {
		const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
		blank.lastIndex = at;
		blank.exec(text);
		at = blank.lastIndex;
	};
	const string = (): string => {
		const mark = text[at];
		let value = "";
		for (at++; ; at++) {
			const ch = text[at];
			if (ch === undefined) throw fail("unfinished string");
			if (ch === mark) break;
			if (ch !== "\\") {
				value += ch;
				continue;
			}
			at++;
			const escaped = text[at] ?? "";
			if (escaped === "u") {
				const hex = /^[0-9a-fA-F]{4}/.exec(text.slice(at + 1));
				if (!hex) throw fail("bad escape");
				value += String.fromCharCode(Number.parseInt(hex[0], 16));
				at += 4;
			} else value += { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }[escaped] ?? escaped;
		}
		at++;
		return value;
	};
	const object = (): Variant => {
		const entries = new Map<string, Variant>();
		at++;
		space();
		if (text[at] === "}") {
			at++;
			return entries;
		}
		for (;;) {
			space();
			let key: string;
			if (text[at] === '"' || text[at] === "'") key = string();
			else {
				const bare = /[A-Za-z_$][\w$]*/y;
				bare.lastIndex = at;
				const match = bare.exec(text);
				if (!match) throw fail("missing key");
				key = match[0];
				at = bare.lastIndex;
			}
			if (entries.has(key) && !duplicates) throw fail(`duplicate object attribute "${key}"`);
			space();
			if (text[at] !== ":") throw fail("missing colon");
			at++;
			entries.set(key, value());
			space();
			if (text[at] === ",") at++;
			else if (text[at] === "}") break;
			else throw fail("missing comma");
		}
		at++;
		return entries;
	};
	const array = (): Variant => {
		const items: Variant[] = [];
		at++;
		space();
		if (text[at] === "]") {
			at++;
			return items;
		}
		for (;;) {
			space();
			items.push(text[at] === "," || text[at] === "]" ? null : value());
			space();
			if (text[at] === ",") at++;
			else if (text[at] === "]") break;
			else throw fail("missing comma");
		}
		at++;
		return items;
	};
	const value = (): Variant => {
		space();
		const ch = text[at];
		if (ch === "{") return object();
		if (ch === "[") return array();
		if (ch === "}" || ch === "]") {
			at++;
			throw fail(`misplaced ${ch}`);
		}
		if (ch === '"' || ch === "'") return string();
		const word = /[^\s,\]}:/]+/y;
		word.lastIndex = at;
		const match = word.exec(text)?.[0] ?? "";
		if (match === "") throw fail(at >= text.length ? "incomplete JSON" : "unexpected character");
		const number = match.length < 400 ? readDecimal(match) : undefined;
		const keyword = match.toLowerCase();
		if (!number && !["true", "false", "null", "undefined"].includes(keyword))
			throw fail("unknown keyword");
		at += match.length;
		if (number) return { number: numberText(match) };
		return keyword === "true" ? true : keyword === "false" ? false : null;
	};
	space();
	if (at >= text.length) return undefined;
	const result = value();
	space();
	if (at < text.length) throw fail("more than one document in the input");
	return result;
}

/** Numbers of up to 38 digits stay exact; those with an exponent are doubles, written as Snowflake writes them. */
function numberText(text: string): string {
	if (/e/i.test(text)) return exponential(Number(text));
	const value = readDecimal(text);
	if (!value) return text;
	if (value.digits < 10n ** 38n && value.scale <= 37) return shortDecimal(value);
	return exponential(Number(text));
}

/** A double as JSON: sixteen digits and an exponent of at least two. */
export function exponential(value: number): string {
	return value.toExponential(15).replace(/e([+-])(\d)$/, "e$10$2");
}

/** A variant as compact JSON. */
export function writeJson(value: Variant): string {
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if ("number" in value) return value.number;
	if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
	// Snowflake keeps the keys of an object in order.
	const entries = sortBy(value as ReadonlyMap<string, Variant>, ([key]) => key);
	return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item)}`).join(",")}}`;
}

/** Reads the compact JSON that the engine keeps. */
export function readJson(json: string): Variant {
	return read(json) ?? null;
}

/** Text as a VARIANT's JSON; text without a value is NULL. */
export function parseJson(text: string, lenient: boolean, duplicates = false): string | null {
	try {
		const value = read(text, duplicates);
		return value === undefined ? null : writeJson(value);
	} catch (error) {
		if (!(error instanceof NotJson)) throw error;
		if (lenient) return null;
		throw new SnowflakeError("100069", "22P02", error.message);
	}
}

/** TYPEOF. https://docs.snowflake.com/en/sql-reference/functions/typeof */
export function typeOf(value: Variant): string {
	if (value === null) return "NULL_VALUE";
	if (typeof value === "boolean") return "BOOLEAN";
	if (typeof value === "string") return "VARCHAR";
	if (Array.isArray(value)) return "ARRAY";
	if (!("number" in value)) return "OBJECT";
	if (/e/i.test(value.number)) return "DOUBLE";
	return value.number.includes(".") ? "DECIMAL" : "INTEGER";
}

/** A VARIANT's value as the text that other conversions start from; undefined for arrays and objects. */
export function scalarText(value: Variant): string | null | undefined {
	if (value === null) return null;
	if (typeof value === "string") return value;
	if (typeof value === "boolean") return String(value);
	if (!("number" in value)) return undefined;
	return /e/i.test(value.number) ? String(Number(value.number)) : value.number;
}

/** An element by key or index; undefined when there is none. Negative indexes find nothing. */
export function element(value: Variant, step: string | number): Variant | undefined {
	if (value === null || typeof value !== "object") return undefined;
	if (Array.isArray(value)) return typeof step === "number" ? value[step] : undefined;
	if ("number" in value) return undefined;
	return (value as ReadonlyMap<string, Variant>).get(String(step));
}

/** A path such as `a.b[0]['c']."d"` in its steps. */
export function readPath(path: string): readonly (string | number)[] {
	const steps: (string | number)[] = [];
	const step = /\.?(?:"((?:[^"]|"")*)"|([A-Za-z_$][\w$]*))|\[(?:(\d+)|'([^']*)'|"([^"]*)")\]/y;
	while (step.lastIndex < path.length) {
		const at = step.lastIndex;
		const match = step.exec(path);
		if (!match)
			throw new SnowflakeError(
				"100078",
				"22000",
				`Invalid extraction path '${path}', position ${at}`,
			);
		const [, quoted, bare, index, single, double] = match;
		if (index !== undefined) steps.push(Number(index));
		else steps.push(quoted?.replaceAll('""', '"') ?? bare ?? single ?? double ?? "");
	}
	return steps;
}

/** The element at a path; undefined when there is none. */
export function elementAt(value: Variant, path: string): Variant | undefined {
	let found: Variant | undefined = value;
	for (const step of readPath(path)) {
		if (found === undefined) return undefined;
		found = element(found, step);
	}
	return found;
}
