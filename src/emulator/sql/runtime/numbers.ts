import { SnowflakeError } from "../../error.ts";

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

function notANumber(text: string): SnowflakeError {
	return new SnowflakeError("100038", "22018", `Numeric value '${text}' is not recognized`);
}

/** A decimal number as sign, digits and the place of its point, so that no digit is lost. */
export interface Decimal {
	readonly negative: boolean;
	readonly digits: bigint;
	readonly scale: number;
}

/** Reads a number such as `-12.5e3`; undefined when the text is none. */
export function readDecimal(text: string): Decimal | undefined {
	const match = NUMBER.exec(text.trim());
	const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
	if (!match || whole + fraction === "") return undefined;
	const scale = fraction.length - Number(exponent);
	if (Math.abs(scale) > 400) return undefined;
	const digits = BigInt(whole + fraction);
	return scale >= 0
		? { negative: sign === "-", digits, scale }
		: { negative: sign === "-", digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Rounds half away from zero to a scale. */
export function rescale(value: Decimal, scale: number): Decimal {
	if (value.scale <= scale)
		return { ...value, digits: value.digits * 10n ** BigInt(scale - value.scale), scale };
	const unit = 10n ** BigInt(value.scale - scale);
	return { ...value, digits: (value.digits + unit / 2n) / unit, scale };
}

/** A decimal with all digits of its scale. */
export function writeDecimal({ negative, digits, scale }: Decimal): string {
	const text = digits.toString().padStart(scale + 1, "0");
	const at = text.length - scale;
	const number = scale > 0 ? `${text.slice(0, at)}.${text.slice(at)}` : text;
	return negative && digits !== 0n ? `-${number}` : number;
}

/** A number without zeros behind its last digit, as a VARIANT keeps it. */
export function shortDecimal(value: Decimal): string {
	const text = writeDecimal(value);
	return value.scale > 0 ? text.replace(/\.?0+$/, "") : text;
}

/** Text as NUMBER(precision, scale). */
export function toFixed(
	text: string,
	precision: number,
	scale: number,
	lenient: boolean,
): string | null {
	const value = readDecimal(text);
	const rounded = value && rescale(value, scale);
	if (rounded && rounded.digits < 10n ** BigInt(precision)) return writeDecimal(rounded);
	if (lenient) return null;
	if (!value) throw notANumber(text);
	throw new SnowflakeError("100039", "22003", `Numeric value '${text}' is out of range`);
}

/** A FLOAT as NUMBER(precision, scale): all digits of the binary value count, not only those that are shown. */
export function realToFixed(
	value: number,
	precision: number,
	scale: number,
	lenient: boolean,
): string | null {
	const exact = Math.abs(value) < 1e21 ? value.toFixed(Math.min(100, scale)) : String(value);
	return toFixed(exact, precision, scale, lenient);
}

/** Text as FLOAT, which knows `inf` and `nan` as well. */
export function toReal(text: string, lenient: boolean): string | null {
	const word = text.trim().toLowerCase();
	if (/^-?(inf|infinity|nan)$/.test(word)) return word;
	if (readDecimal(text)) return String(Number(text.trim()));
	if (lenient) return null;
	throw notANumber(text);
}

/** A FLOAT as Snowflake writes it: whole numbers have no point, and large ones no exponent. */
export function realText(value: number): string {
	if (Number.isNaN(value)) return "NaN";
	if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
	const decimal = Math.abs(value) >= 1e21 ? undefined : readDecimal(String(value));
	return decimal ? shortDecimal(decimal) : String(value);
}

const TRUE_WORDS = new Set(["true", "t", "yes", "y", "on", "1"]);
const FALSE_WORDS = new Set(["false", "f", "no", "n", "off", "0"]);

/**
 * Text as BOOLEAN.
 * https://docs.snowflake.com/en/sql-reference/data-types-logical#conversion-to-boolean
 */
export function toBoolean(text: string, lenient: boolean): string | null {
	const word = text.trim().toLowerCase();
	if (TRUE_WORDS.has(word)) return "true";
	if (FALSE_WORDS.has(word)) return "false";
	if (lenient) return null;
	throw new SnowflakeError("100037", "22018", `Boolean value '${text}' is not recognized`);
}
