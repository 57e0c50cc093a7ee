import { anyNull, type EngineFunction, strict } from "./engine-function.ts";
import { formatNumber, readNumber } from "./number-format.ts";
import {
	regexpCount,
	regexpLike,
	regexpPosition,
	regexpReplace,
	regexpSubstring,
} from "./regexp.ts";
import { capitalize, positionFrom, roundTo, sha2, splitPart, substring } from "./values.ts";

/** Functions of text and numbers. */
export const VALUE_FUNCTIONS: readonly EngineFunction[] = [
	{
		name: "sf_initcap",
		parameters: ["text", "text"],
		run: ([text, separators]) =>
			capitalize(String(text), separators === null ? null : String(separators)),
	},
	strict("sf_substr", ["text", "integer", "integer"], ([text, start, length]) =>
		substring(String(text), Number(start), Number(length)),
	),
	strict("sf_split_part", ["text", "text", "integer"], ([text, delimiter, part]) =>
		splitPart(String(text), String(delimiter), Number(part)),
	),
	strict(
		"sf_position",
		["text", "text", "integer"],
		([needle, haystack, start]) => positionFrom(String(needle), String(haystack), Number(start)),
		"integer",
	),
	strict("sf_sha2", ["text", "integer"], ([text, size]) => sha2(String(text), Number(size))),
	strict("sf_round", ["text", "integer", "text", "integer"], ([text, places, how, scale]) =>
		roundTo(String(text), Number(places), String(how), Number(scale)),
	),
	strict("sf_number_format", ["text", "text"], ([text, format]) =>
		formatNumber(String(text), String(format)),
	),
	strict("sf_number_from", ["text", "text", "boolean"], ([text, format, lenient]) =>
		readNumber(String(text), String(format), lenient === true),
	),
	strict(
		"sf_regexp_like",
		["text", "text", "text"],
		([text, pattern, parameters]) => regexpLike(String(text), String(pattern), String(parameters)),
		"boolean",
	),
	strict(
		"sf_regexp_replace",
		["text", "text", "text", "integer", "integer", "text"],
		([text, pattern, replacement, position, occurrence, parameters]) =>
			regexpReplace(
				String(text),
				String(pattern),
				String(replacement),
				Number(position),
				Number(occurrence),
				String(parameters),
			),
	),
	{
		name: "sf_regexp_substr",
		parameters: ["text", "text", "integer", "integer", "text", "integer"],
		run: ([text, pattern, position, occurrence, parameters, group]) =>
			anyNull([pattern, position, occurrence, parameters])
				? null
				: regexpSubstring(
						String(text),
						String(pattern),
						Number(position),
						Number(occurrence),
						String(parameters),
						group === null ? null : Number(group),
					),
	},
	strict(
		"sf_regexp_count",
		["text", "text", "integer", "text"],
		([text, pattern, position, parameters]) =>
			regexpCount(String(text), String(pattern), Number(position), String(parameters)),
		"integer",
	),
	{
		name: "sf_regexp_instr",
		parameters: ["text", "text", "integer", "integer", "integer", "text", "integer"],
		returns: "integer",
		run: ([text, pattern, position, occurrence, option, parameters, group]) =>
			anyNull([pattern, position, occurrence, option, parameters])
				? null
				: regexpPosition(String(text), String(pattern), {
						position: Number(position),
						occurrence: Number(occurrence),
						after: Number(option) === 1,
						parameters: String(parameters),
						group: group === null ? null : Number(group),
					}),
	},
];
