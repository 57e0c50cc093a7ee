/** The character sets of a CSV file: what ENCODING takes, by the name of the character set. */
const BY_CHARSET: Readonly<Record<string, string>> = {
	BIG5: "BIG5",
	"EUC-JP": "EUCJP",
	"EUC-KR": "EUCKR",
	GB18030: "GB18030",
	IBM420: "IBM420",
	IBM424: "IBM424",
	IBM949: "IBM949",
	"ISO-2022-CN": "ISO2022CN",
	"ISO-2022-JP": "ISO2022JP",
	"ISO-2022-KR": "ISO2022KR",
	"ISO-8859-1": "ISO88591",
	"ISO-8859-2": "ISO88592",
	"ISO-8859-5": "ISO88595",
	"ISO-8859-6": "ISO88596",
	"ISO-8859-7": "ISO88597",
	"ISO-8859-8": "ISO88598",
	"ISO-8859-9": "ISO88599",
	"ISO-8859-15": "ISO885915",
	"KOI8-R": "KOI8R",
	SHIFT_JIS: "SHIFTJIS",
	"UTF-8": "UTF8",
	"UTF-16": "UTF16",
	"UTF-16BE": "UTF16BE",
	"UTF-16LE": "UTF16LE",
	"UTF-32": "UTF32",
	"UTF-32BE": "UTF32BE",
	"UTF-32LE": "UTF32LE",
	"WINDOWS-874": "WINDOWS874",
	"WINDOWS-949": "WINDOWS949",
	"WINDOWS-1250": "WINDOWS1250",
	"WINDOWS-1251": "WINDOWS1251",
	"WINDOWS-1252": "WINDOWS1252",
	"WINDOWS-1253": "WINDOWS1253",
	"WINDOWS-1254": "WINDOWS1254",
	"WINDOWS-1255": "WINDOWS1255",
	"WINDOWS-1256": "WINDOWS1256",
};

/** The values of ENCODING. https://docs.snowflake.com/en/sql-reference/sql/create-file-format#type-csv */
export const ENCODINGS: readonly string[] = Object.values(BY_CHARSET);

/** Names of character sets that are spelled differently from their ENCODING value. */
export const ENCODING_SYNONYMS: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries(BY_CHARSET).filter(([charset, value]) => charset !== value),
);
