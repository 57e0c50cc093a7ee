import { createHash } from "node:crypto";
import { SnowflakeError, unsupported } from "../../error.ts";
import { readDecimal, rescale, writeDecimal } from "./numbers.ts";

const SEPARATORS = /[\s!?@"^#$&~_,.:;+\-*%/|\\[\](){}<>]/;

/** INITCAP with its own separators, or the default ones. */
export function capitalize(text: string, separators: string | null): string {
	let start = true;
	let result = "";
	for (const ch of text) {
		const separator = separators === null ? SEPARATORS.test(ch) : separators.includes(ch);
		result += separator ? ch : start ? ch.toUpperCase() : ch.toLowerCase();
		start = separator;
	}
	return result;
}

/** SUBSTR: counts characters from 1, from the end when negative; 0 is 1. */
export function substring(text: string, start: number, length: number): string {
	const characters = [...text];
	const from = start > 0 ? start - 1 : start === 0 ? 0 : characters.length + start;
	if (from < 0 || length < 0) return "";
	return characters.slice(from, from + length).join("");
}

/** SPLIT_PART: part 0 is part 1, negative parts count from the end, a part that is not there is empty. */
export function splitPart(text: string, delimiter: string, part: number): string {
	const parts = delimiter === "" ? [text] : text.split(delimiter);
	const index = part > 0 ? part - 1 : part === 0 ? 0 : parts.length + part;
	return parts[index] ?? "";
}

/** POSITION from a place on; 0 when there is none. */
export function positionFrom(needle: string, haystack: string, start: number): number {
	const characters = [...haystack];
	if (needle === "") return 1;
	const at = characters
		.slice(start - 1)
		.join("")
		.indexOf(needle);
	if (at < 0) return 0;
	return (
		[
			...characters
				.slice(start - 1)
				.join("")
				.slice(0, at),
		].length + start
	);
}

/** SHA2 as hexadecimal digits. */
export function sha2(text: string, size: number): string {
	const bits = size === 0 ? 256 : size;
	if (![224, 256, 384, 512].includes(bits))
		throw new SnowflakeError("100080", "22023", `Invalid digest size ${size} for SHA2`);
	return createHash(`sha${bits}`).update(text).digest("hex");
}

/** ROUND, TRUNC, FLOOR and CEIL of an exact number, written with `scale` digits. */
export function roundTo(text: string, places: number, how: string, scale: number): string {
	const value = readDecimal(text);
	if (!value) throw unsupported(`rounding of ${text}`);
	if (places >= value.scale) return writeDecimal(rescale(value, scale));
	const unit = 10n ** BigInt(value.scale - places);
	const [whole, rest] = [value.digits / unit, value.digits % unit];
	const up = {
		round: rest * 2n >= unit,
		even: rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n),
		trunc: false,
		floor: value.negative && rest > 0n,
		ceil: !value.negative && rest > 0n,
	}[how];
	const digits = (whole + (up ? 1n : 0n)) * (places < 0 ? 10n ** BigInt(-places) : 1n);
	return writeDecimal(rescale({ ...value, digits, scale: Math.max(places, 0) }, scale));
}
