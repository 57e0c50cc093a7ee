import { unsupported } from "../error.ts";
import type { FileFormat } from "./file-format.ts";

/** Node's names of the encodings whose Snowflake names are not theirs without hyphens. */
const NAMES: Readonly<Record<string, string>> = {
	UTF8: "utf-8",
	UTF16: "utf-16",
	UTF16LE: "utf-16le",
	UTF16BE: "utf-16be",
	BIG5: "big5",
	EUCJP: "euc-jp",
	EUCKR: "euc-kr",
	GB18030: "gb18030",
	ISO2022JP: "iso-2022-jp",
	KOI8R: "koi8-r",
	SHIFTJIS: "shift_jis",
};

function label(encoding: string): string | undefined {
	const iso = /^ISO8859(\d+)$/.exec(encoding);
	if (iso) return `iso-8859-${iso[1]}`;
	const windows = /^WINDOWS(\d+)$/.exec(encoding);
	if (windows && windows[1] !== "949") return `windows-${windows[1]}`;
	return NAMES[encoding];
}

/** A file whose bytes are not text in its encoding. */
export class InvalidCharacters extends Error {}

/** Bytes to text by ENCODING, SKIP_BYTE_ORDER_MARK and REPLACE_INVALID_CHARACTERS (or IGNORE_UTF8_ERRORS). */
export function decodeText(content: Buffer, format: FileFormat): string {
	const { options } = format;
	const encoding = String(options.ENCODING ?? "UTF8");
	const name = label(encoding);
	if (name === undefined) throw unsupported(`ENCODING = ${encoding}`);
	const replace =
		options.REPLACE_INVALID_CHARACTERS === true || options.IGNORE_UTF8_ERRORS === true;
	const decoder = new TextDecoder(name, {
		fatal: !replace,
		ignoreBOM: options.SKIP_BYTE_ORDER_MARK === false,
	});
	try {
		return decoder.decode(content);
	} catch (cause) {
		throw new InvalidCharacters(`Invalid ${encoding} detected in the file`, { cause });
	}
}
