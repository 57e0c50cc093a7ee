import { sortBy } from "../../../model/compare.ts";
import { SnowflakeError } from "../../error.ts";
import type { EngineFunction } from "./engine-function.ts";
import { flatten } from "./flatten.ts";
import {
	element,
	elementAt,
	exponential,
	parseJson,
	readJson,
	scalarText,
	typeOf,
	type Variant,
	writeJson,
} from "./json.ts";
import { writeMoment } from "./moment-format.ts";
import { readEngineMoment, toMoment } from "./moments.ts";
import { realText, realToFixed, toBoolean, toFixed, toReal } from "./numbers.ts";

/** The value of a scalar VARIANT as text, or the error of casting an array or object. */
function scalar(json: string, base: string, lenient: boolean): string | null {
	const value = readJson(json);
	const text = scalarText(value);
	if (text !== undefined) return text;
	if (lenient) return null;
	throw failedCast(json, base);
}

function failedCast(json: string, base: string): SnowflakeError {
	return new SnowflakeError("100071", "22000", `Failed to cast variant value ${json} to ${base}`);
}

/** Casts a scalar VARIANT with a conversion of text; its failure names the variant. */
function castVariant(
	json: string,
	base: string,
	lenient: boolean,
	convert: (text: string) => string | null,
): string | null {
	const text = scalar(json, base, lenient);
	if (text === null) return null;
	try {
		return convert(text);
	} catch (error) {
		if (error instanceof SnowflakeError) throw failedCast(json, base);
		throw error;
	}
}

function trueAsOne(text: string): string {
	return text === "true" ? "1" : text === "false" ? "0" : text;
}

function jsonOrNull(value: Variant | undefined): string | null {
	return value === undefined ? null : writeJson(value);
}

/** Conversions, and what takes a VARIANT apart. */
export const CONVERSION_FUNCTIONS: readonly EngineFunction[] = [
	{
		name: "sf_fixed",
		parameters: ["text", "integer", "integer", "boolean"],
		run: ([text, precision, scale, lenient]) =>
			toFixed(String(text), Number(precision), Number(scale), lenient === true),
	},
	{
		name: "sf_real_fixed",
		parameters: ["real", "integer", "integer", "boolean"],
		run: ([value, precision, scale, lenient]) =>
			realToFixed(Number(value), Number(precision), Number(scale), lenient === true),
	},
	{
		name: "sf_real",
		parameters: ["text", "boolean"],
		run: ([text, lenient]) => toReal(String(text), lenient === true),
	},
	{
		name: "sf_boolean",
		parameters: ["text", "boolean"],
		run: ([text, lenient]) => toBoolean(String(text), lenient === true),
	},
	{ name: "sf_real_text", parameters: ["real"], run: ([value]) => realText(Number(value)) },
	{
		name: "sf_real_json",
		parameters: ["real"],
		// JSON has no word for these, so Snowflake keeps them as strings.
		run: ([value]) =>
			Number.isFinite(Number(value))
				? exponential(Number(value))
				: JSON.stringify(realText(Number(value))),
	},
	{
		name: "sf_moment",
		parameters: ["text", "text", "text", "text", "boolean"],
		run: ([text, base, format, zone, lenient]) =>
			toMoment(
				String(text),
				String(base),
				format === null ? null : String(format),
				String(zone),
				lenient === true,
			),
	},
	{
		name: "sf_format_moment",
		parameters: ["text", "text", "text"],
		run: ([text, place, format]) =>
			format === null
				? null
				: writeMoment(
						readEngineMoment(String(text), place === null ? null : String(place)),
						String(format),
					),
	},
	{
		name: "sf_parse_json",
		parameters: ["text", "boolean", "boolean"],
		run: ([text, lenient, duplicates]) =>
			parseJson(String(text), lenient === true, duplicates === true),
	},
	{
		name: "sf_variant_fixed",
		parameters: ["text", "integer", "integer", "boolean"],
		run: ([json, precision, scale, lenient]) =>
			castVariant(String(json), "FIXED", lenient === true, (text) =>
				toFixed(trueAsOne(text), Number(precision), Number(scale), lenient === true),
			),
	},
	{
		name: "sf_variant_real",
		parameters: ["text", "boolean"],
		run: ([json, lenient]) =>
			castVariant(String(json), "REAL", lenient === true, (text) =>
				toReal(trueAsOne(text), lenient === true),
			),
	},
	{
		name: "sf_variant_boolean",
		parameters: ["text", "boolean"],
		run: ([json, lenient]) =>
			castVariant(String(json), "BOOLEAN", lenient === true, (text) =>
				toBoolean(text, lenient === true),
			),
	},
	{
		name: "sf_variant_moment",
		parameters: ["text", "text", "text", "boolean"],
		run: ([json, base, zone, lenient]) =>
			castVariant(String(json), String(base), lenient === true, (text) =>
				toMoment(
					text,
					String(base),
					null,
					String(zone),
					lenient === true,
					// A number in a VARIANT is a moment, which a TIMESTAMP_NTZ shows by the session's clock.
					base === "TIMESTAMP_NTZ" && !String(json).startsWith('"'),
				),
			),
	},
	{
		name: "sf_typeof",
		parameters: ["text"],
		run: ([json]) => typeOf(readJson(String(json))),
	},
	{
		name: "sf_get",
		parameters: ["text", "text"],
		run: ([json, key]) =>
			key === null ? null : jsonOrNull(element(readJson(String(json)), String(key))),
	},
	{
		name: "sf_get_index",
		parameters: ["text", "integer"],
		run: ([json, index]) =>
			index === null ? null : jsonOrNull(element(readJson(String(json)), Number(index))),
	},
	{
		name: "sf_get_path",
		parameters: ["text", "text"],
		run: ([json, path]) =>
			path === null ? null : jsonOrNull(elementAt(readJson(String(json)), String(path))),
	},
	{
		name: "sf_to_array",
		parameters: ["text"],
		run: ([json]) => {
			const value = readJson(String(json));
			return value === null
				? null
				: Array.isArray(value)
					? writeJson(value)
					: `[${writeJson(value)}]`;
		},
	},
	{
		name: "sf_to_object",
		parameters: ["text"],
		run: ([json]) => {
			const type = typeOf(readJson(String(json)));
			if (type === "NULL_VALUE") return null;
			if (type !== "OBJECT") throw failedCast(String(json), "OBJECT");
			return String(json);
		},
	},
	{
		name: "sf_object",
		parameters: ["boolean"],
		rest: "text",
		run: ([keepNull, ...pairs]) => {
			const entries = new Map<string, string>();
			for (let i = 0; i < pairs.length; i += 2) {
				const value = pairs[i + 1];
				if (pairs[i] === null || (value === null && keepNull !== true)) continue;
				entries.set(String(pairs[i]), value === null ? "null" : String(value));
			}
			const sorted = sortBy(entries, ([key]) => key);
			return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
		},
	},
	{
		name: "sf_array",
		parameters: ["boolean"],
		rest: "text",
		run: ([compact, ...items]) =>
			`[${items
				.filter((item) => item !== null || compact !== true)
				.map((item) => (item === null ? "null" : String(item)))
				.join(",")}]`,
	},
	{
		name: "sf_flatten",
		parameters: ["text", "text", "boolean", "boolean", "text"],
		nulls: true,
		run: ([json, path, outer, recursive, mode]) =>
			flatten(json === null ? null : String(json), {
				path: path === null ? "" : String(path),
				outer: outer === true,
				recursive: recursive === true,
				mode: String(mode).toUpperCase(),
			}),
	},
];
