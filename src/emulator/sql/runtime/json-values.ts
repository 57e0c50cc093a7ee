import { SnowflakeError } from "../../error.ts";
import { readJson, scalarText, type Variant, writeJson } from "./json.ts";

function items(json: string, name: string): readonly Variant[] {
	const value = readJson(json);
	if (Array.isArray(value)) return value;
	throw new SnowflakeError(
		"100071",
		"22000",
		`Failed to cast variant value ${json} to ARRAY in ${name}`,
	);
}

function entries(json: string): Map<string, Variant> {
	const value = readJson(json);
	if (value instanceof Map) return new Map(value);
	throw new SnowflakeError("100071", "22000", `Failed to cast variant value ${json} to OBJECT`);
}

/** ARRAY_CONTAINS: equal as JSON. */
export function arrayContains(json: string, item: string): boolean {
	return items(json, "ARRAY_CONTAINS").some((candidate) => writeJson(candidate) === item);
}

/** ARRAY_APPEND. */
export function arrayAppend(json: string, item: string | null): string {
	return writeJson([...items(json, "ARRAY_APPEND"), item === null ? null : readJson(item)]);
}

/** ARRAY_CAT. */
export function arrayCat(a: string, b: string): string {
	return writeJson([...items(a, "ARRAY_CAT"), ...items(b, "ARRAY_CAT")]);
}

/** ARRAY_SLICE: from inclusive, to exclusive, both from the end when negative. */
export function arraySlice(json: string, from: number, to: number): string {
	return writeJson(items(json, "ARRAY_SLICE").slice(from, to));
}

/** ARRAY_DISTINCT: the first of each. */
export function arrayDistinct(json: string): string {
	const seen = new Map(items(json, "ARRAY_DISTINCT").map((item) => [writeJson(item), item]));
	return writeJson([...seen.values()]);
}

/** ARRAY_TO_STRING: NULL items are empty, arrays and objects are JSON. */
export function arrayToString(json: string, separator: string): string {
	return items(json, "ARRAY_TO_STRING")
		.map((item) => (item === null ? "" : (scalarText(item) ?? writeJson(item))))
		.join(separator);
}

/** OBJECT_INSERT: a key that is there is only replaced when asked for. */
export function objectInsert(
	json: string,
	key: string,
	value: string | null,
	update: boolean,
): string {
	const object = entries(json);
	if (object.has(key) && !update)
		throw new SnowflakeError("100080", "22000", `Duplicate field key '${key}'`);
	if (value === null) object.delete(key);
	else object.set(key, readJson(value));
	return writeJson(object);
}

/** OBJECT_DELETE. */
export function objectDelete(json: string, keys: readonly string[]): string {
	const object = entries(json);
	for (const key of keys) object.delete(key);
	return writeJson(object);
}
