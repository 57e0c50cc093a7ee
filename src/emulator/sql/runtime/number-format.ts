import { SnowflakeError, unsupported } from "../../error.ts";
import { readDecimal, rescale, shortDecimal, writeDecimal } from "./numbers.ts";

/** A fixed-position format in its parts; literals before and after the number are printed as they are. */
interface Format {
	readonly before: string;
	readonly after: string;
	readonly whole: string;
	readonly fraction: string;
	readonly compact: boolean;
	readonly dollar: boolean;
	readonly blankZero: boolean;
	readonly sign: "default" | "S before" | "S after" | "MI before" | "MI after";
	readonly hexadecimal: boolean;
	readonly minimal: "TM" | "TM9" | "TME" | undefined;
}

const TOKEN = /"((?:[^"]|"")*)"|FM|FX|TM9|TME|TM|MI|S|B|\$|[09X]|[.D]|[,G]|[;:=/()\- _]|./giy;

/** Reads a format model. https://docs.snowflake.com/en/sql-reference/sql-format-models */
function readFormat(text: string): Format {
	let [before, after, whole, fraction] = ["", "", "", ""];
	let format: Pick<
		Format,
		"compact" | "dollar" | "blankZero" | "sign" | "hexadecimal" | "minimal"
	> = {
		compact: false,
		dollar: false,
		blankZero: false,
		sign: "default",
		hexadecimal: false,
		minimal: undefined,
	};
	let inFraction = false;
	for (const [token, quoted] of text.matchAll(new RegExp(TOKEN.source, "gi"))) {
		const upper = token.toUpperCase();
		const started = whole !== "" || inFraction || format.minimal !== undefined;
		const literal = (value: string): void => {
			if (started) after += value;
			else before += value;
		};
		if (quoted !== undefined) literal(quoted.replaceAll('""', '"'));
		else if (upper === "FM") format = { ...format, compact: true };
		else if (upper === "$") format = { ...format, dollar: true };
		else if (upper === "B") format = { ...format, blankZero: true };
		else if (upper === "S" || upper === "MI")
			format = { ...format, sign: `${upper} ${started ? "after" : "before"}` as Format["sign"] };
		else if (upper === "TM" || upper === "TM9" || upper === "TME")
			format = { ...format, minimal: upper };
		else if (/^[09X]$/.test(upper)) {
			if (upper === "X") format = { ...format, hexadecimal: true };
			if (inFraction) fraction += upper;
			else whole += upper;
		} else if ((upper === "." || upper === "D") && !inFraction) inFraction = true;
		else if (upper === "," || upper === "G") whole += ",";
		else if (/^[;:=/()\- ]$/.test(token)) literal(token);
		else throw unsupported(`element ${token} of the number format '${text}'`);
	}
	return { ...format, before, after, whole, fraction };
}

/** The digits of the integer part under their format: leading zeros only where a 0 asks for them. */
function layWhole(digits: string, format: Format): string | undefined {
	const places = format.whole.replaceAll(",", "").length;
	if (digits.length > places) return undefined;
	const padded = digits.padStart(places, " ");
	const zeroFrom = format.whole.replaceAll(",", "").indexOf("0");
	let at = 0;
	let laid = "";
	for (const element of format.whole) {
		if (element === ",") {
			laid += laid.trim() === "" ? " " : ",";
			continue;
		}
		const digit = padded[at] ?? " ";
		laid += digit === " " && zeroFrom >= 0 && at >= zeroFrom ? "0" : digit;
		at++;
	}
	return laid;
}

/** The digits of the fraction: zeros at the end are kept up to the last 0 of the format. */
function layFraction(digits: string, format: Format): string {
	const kept = Math.max(digits.replace(/0+$/, "").length, format.fraction.lastIndexOf("0") + 1);
	return digits.slice(0, kept).padEnd(format.fraction.length, " ");
}

function withSign(body: string, negative: boolean, format: Format): string {
	const trimmed = body.trimStart();
	const spaces = body.length - trimmed.length;
	const dollar = format.dollar ? "$" : "";
	const pad = (sign: string): string => " ".repeat(spaces) + sign + dollar + trimmed;
	switch (format.sign) {
		case "S before":
			return pad(negative ? "-" : "+");
		case "MI before":
			return (negative ? "-" : " ") + pad("");
		case "S after":
			return pad("") + (negative ? "-" : "+");
		case "MI after":
			return pad("") + (negative ? "-" : " ");
		default:
			return pad(negative ? "-" : " ").padStart(body.length + 1 + dollar.length);
	}
}

function minimal(text: string, format: Format): string {
	if (format.minimal !== "TME") return text;
	const [mantissa = "", exponent = "0"] = Number(text).toExponential().split("e");
	return `${mantissa}E${Number(exponent)}`;
}

function hexadecimal(text: string, format: Format): string {
	const value = readDecimal(text);
	const whole = value ? rescale(value, 0) : undefined;
	const size = whole?.digits ?? 0n;
	const negative = whole?.negative === true;
	const width = format.whole.replaceAll(",", "").length;
	const signed = format.sign !== "default";
	const bits = negative && !signed ? (16n ** BigInt(width) - size).toString(16) : size.toString(16);
	const digits = layWhole(bits.toUpperCase(), format);
	if (digits === undefined) return "#".repeat(width);
	return signed ? withSign(digits, negative, format) : digits;
}

/** A number in a format: TO_CHAR(number, format). */
export function formatNumber(text: string, model: string): string {
	const format = readFormat(model);
	const around = (body: string): string =>
		format.before + (format.compact ? body.replaceAll(" ", "") : body) + format.after;
	if (format.minimal) return format.before + minimal(text, format) + format.after;
	if (format.hexadecimal) return around(hexadecimal(text, format));
	const value = readDecimal(text);
	if (!value) return around("#".repeat(format.whole.length));
	const rounded = rescale(value, format.fraction.length);
	const [whole = "0", fraction = ""] = writeDecimal({ ...rounded, negative: false }).split(".");
	const zero = whole === "0";
	const digits = layWhole(zero && format.blankZero ? "" : whole, format);
	const point = model.includes(".") || /D/i.test(model.replaceAll(/"[^"]*"/g, "")) ? "." : "";
	const negative = rounded.negative && rounded.digits !== 0n;
	const body =
		digits === undefined
			? (format.whole + point + format.fraction).replaceAll(/[09]/g, "#")
			: digits + point + layFraction(fraction, format);
	return around(withSign(body, negative, format));
}

/** Reads a number written in a format, as plain text: TO_NUMBER(text, format). */
export function readNumber(text: string, model: string, lenient: boolean): string | null {
	const format = readFormat(model);
	const plain = text.trim().replace(/^([+-])\s+/, "$1");
	if (format.hexadecimal) {
		const width = format.whole.replaceAll(",", "").length;
		if (/^[0-9a-f]+$/i.test(plain) && plain.length <= width) return BigInt(`0x${plain}`).toString();
	} else {
		const bare = plain.replace(/^([+-]?)\$/, "$1").replaceAll(",", "");
		const value = readDecimal(bare);
		if (value && (format.minimal || fits(bare, format))) return shortDecimal(value);
	}
	if (lenient) return null;
	throw new SnowflakeError(
		"100140",
		"22007",
		`Can't parse '${text}' as number with format '${model}'`,
	);
}

function fits(plain: string, format: Format): boolean {
	const [whole = "", fraction = ""] = plain.replace(/^[+-]/, "").split(".");
	return (
		whole.length <= format.whole.replaceAll(",", "").length &&
		fraction.length <= format.fraction.length
	);
}
