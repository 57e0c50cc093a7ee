/**
 * A data type as DESC TABLE prints it: `NUMBER(38,0)`, `VARCHAR(16777216)`, `TIMESTAMP_NTZ(9)`.
 * https://docs.snowflake.com/en/sql-reference-data-types
 */
export type DataType = string;

const NUMBERS = new Set(["NUMBER", "DECIMAL", "DEC", "NUMERIC"]);
const INTEGERS = new Set(["INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"]);
const FLOATS = new Set(["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"]);
const TEXTS = new Set([
	"VARCHAR",
	"STRING",
	"TEXT",
	"VARCHAR2",
	"NVARCHAR",
	"NVARCHAR2",
	"CHAR VARYING",
	"NCHAR VARYING",
]);
const CHARACTERS = new Set(["CHAR", "CHARACTER", "NCHAR"]);
const BINARIES = new Set(["BINARY", "VARBINARY"]);
const PLAIN = new Set(["BOOLEAN", "DATE", "VARIANT", "GEOGRAPHY", "GEOMETRY", "FILE", "UUID"]);
const TIMES: Readonly<Record<string, string>> = {
	TIME: "TIME",
	DATETIME: "TIMESTAMP_NTZ",
	// TIMESTAMP_TYPE_MAPPING decides; every session of a deployment pins it to its default.
	TIMESTAMP: "TIMESTAMP_NTZ",
	TIMESTAMP_NTZ: "TIMESTAMP_NTZ",
	TIMESTAMPNTZ: "TIMESTAMP_NTZ",
	TIMESTAMP_LTZ: "TIMESTAMP_LTZ",
	TIMESTAMPLTZ: "TIMESTAMP_LTZ",
	TIMESTAMP_TZ: "TIMESTAMP_TZ",
	TIMESTAMPTZ: "TIMESTAMP_TZ",
};
const ZONES: Readonly<Record<string, string>> = {
	"WITHOUT TIME ZONE": "TIMESTAMP_NTZ",
	"WITH LOCAL TIME ZONE": "TIMESTAMP_LTZ",
	"WITH TIME ZONE": "TIMESTAMP_TZ",
};

/** Every word a type can begin with, for suggestions. */
export const TYPE_WORDS: readonly string[] = [
	...NUMBERS,
	...INTEGERS,
	...FLOATS,
	...TEXTS,
	...CHARACTERS,
	...BINARIES,
	...PLAIN,
	...Object.keys(TIMES),
	"DECFLOAT",
	"VECTOR",
	"OBJECT",
	"ARRAY",
	"MAP",
];

/** Second words of types that have two. */
export const SECOND_WORDS: ReadonlySet<string> = new Set(["PRECISION", "VARYING"]);

/** The text of a type being read, piece by piece. */
interface Pieces {
	readonly all: readonly string[];
	at: number;
}

function piecesOf(text: string): Pieces | undefined {
	const all = text.match(/"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_$]*|\d+|[^\s]/g) ?? [];
	return all.length > 0 ? { all, at: 0 } : undefined;
}

function take(pieces: Pieces, ...words: readonly string[]): boolean {
	if (!words.every((word, i) => pieces.all[pieces.at + i]?.toUpperCase() === word)) return false;
	pieces.at += words.length;
	return true;
}

/** `( n [, m] )`; undefined when there is no such list. */
function takeNumbers(pieces: Pieces): readonly number[] | undefined {
	const start = pieces.at;
	if (!take(pieces, "(")) return undefined;
	const numbers: number[] = [];
	for (;;) {
		const piece = pieces.all[pieces.at++] ?? "";
		if (!/^\d+$/.test(piece)) break;
		numbers.push(Number(piece));
		if (take(pieces, ")")) return numbers;
		if (!take(pieces, ",")) break;
	}
	pieces.at = start;
	return undefined;
}

function within(value: number, min: number, max: number): boolean {
	return value >= min && value <= max;
}

function sized(base: string, pieces: Pieces, otherwise: number, most: number): string | undefined {
	const [length = otherwise, ...more] = takeNumbers(pieces) ?? [];
	return more.length === 0 && within(length, 1, most) ? `${base}(${length})` : undefined;
}

function fixed(pieces: Pieces): string | undefined {
	const [precision = 38, scale = 0, ...more] = takeNumbers(pieces) ?? [];
	const valid = more.length === 0 && within(precision, 1, 38) && within(scale, 0, 37);
	return valid && scale <= precision ? `NUMBER(${precision},${scale})` : undefined;
}

function time(word: string, pieces: Pieces): string | undefined {
	const digits = takeNumbers(pieces);
	const zone =
		word === "TIMESTAMP" && Object.keys(ZONES).find((z) => take(pieces, ...z.split(" ")));
	const base = zone ? ZONES[zone] : TIMES[word];
	const [scale = 9, ...more] = digits ?? takeNumbers(pieces) ?? [];
	return more.length === 0 && within(scale, 0, 9) ? `${base}(${scale})` : undefined;
}

/** `( a type [NOT NULL], … )` of OBJECT, ARRAY and MAP; the type alone is the semi-structured one. */
function structured(word: string, pieces: Pieces): string | undefined {
	if (!take(pieces, "(")) return word === "MAP" ? undefined : word;
	const members: string[] = [];
	while (!take(pieces, ")")) {
		if (members.length > 0 && !take(pieces, ",")) return undefined;
		const key = word === "OBJECT" ? `${pieces.all[pieces.at++] ?? ""} ` : "";
		const type = readType(pieces);
		if (type === undefined) return undefined;
		members.push(`${key}${type}${take(pieces, "NOT", "NULL") ? " NOT NULL" : ""}`);
	}
	const expected = { ARRAY: 1, MAP: 2 }[word];
	if (expected !== undefined && members.length !== expected) return undefined;
	return `${word}(${members.join(", ")})`;
}

function vector(pieces: Pieces): string | undefined {
	const element = pieces.all[pieces.at + 1]?.toUpperCase() ?? "";
	const dimension = pieces.all[pieces.at + 3] ?? "";
	const shape = pieces.all[pieces.at] === "(" && pieces.all[pieces.at + 2] === ",";
	if (!shape || pieces.all[pieces.at + 4] !== ")" || !/^[1-9]\d*$/.test(dimension))
		return undefined;
	pieces.at += 5;
	const canonical = INTEGERS.has(element) ? "INT" : FLOATS.has(element) ? "FLOAT" : undefined;
	return canonical && Number(dimension) <= 4096 ? `VECTOR(${canonical}, ${dimension})` : undefined;
}

function readType(pieces: Pieces): string | undefined {
	const first = pieces.all[pieces.at++]?.toUpperCase() ?? "";
	const second = pieces.all[pieces.at]?.toUpperCase() ?? "";
	const word = SECOND_WORDS.has(second) ? `${first} ${second}` : first;
	if (word !== first) pieces.at++;
	if (NUMBERS.has(word)) return fixed(pieces);
	if (INTEGERS.has(word)) return "NUMBER(38,0)";
	if (FLOATS.has(word)) return "FLOAT";
	if (word === "DECFLOAT") return sized(word, pieces, 38, 38);
	if (TEXTS.has(word)) return sized("VARCHAR", pieces, 16_777_216, 134_217_728);
	if (CHARACTERS.has(word)) return sized("VARCHAR", pieces, 1, 134_217_728);
	if (BINARIES.has(word)) return sized("BINARY", pieces, 8_388_608, 67_108_864);
	if (PLAIN.has(word)) return word;
	if (word in TIMES) return time(word, pieces);
	if (word === "VECTOR") return vector(pieces);
	if (word === "OBJECT" || word === "ARRAY" || word === "MAP") return structured(word, pieces);
	return undefined;
}

/**
 * A type as Snowflake reports it, from any spelling it accepts; undefined for what is not a type.
 * https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
 */
export function canonicalType(text: string): DataType | undefined {
	const pieces = piecesOf(text);
	const type = pieces && readType(pieces);
	return pieces && pieces.at === pieces.all.length ? type : undefined;
}

/** Whether a canonical type is text. */
export function isText(type: DataType): boolean {
	return type.startsWith("VARCHAR(");
}

/** Whether a canonical type is numeric, so that AUTOINCREMENT can stand on it. */
export function isNumeric(type: DataType): boolean {
	return type.startsWith("NUMBER(") || type.startsWith("DECFLOAT(") || type === "FLOAT";
}

function parameters(type: DataType): readonly number[] {
	return (/\(([\d, ]+)\)$/.exec(type)?.[1] ?? "").split(",").map(Number);
}

/**
 * What ALTER COLUMN … SET DATA TYPE can do between two canonical types. Text only grows; a number keeps its
 * scale and may change its precision, downwards only while every value fits; nothing else changes in place.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
 */
export function typeChange(
	from: DataType,
	to: DataType,
): "same" | "widening" | "narrowing" | "impossible" {
	if (from === to) return "same";
	const [a = 0, fromScale] = parameters(from);
	const [b = 0, toScale] = parameters(to);
	if (isText(from) && isText(to)) return b > a ? "widening" : "impossible";
	if (from.startsWith("NUMBER(") && to.startsWith("NUMBER(") && fromScale === toScale)
		return b > a ? "widening" : "narrowing";
	return "impossible";
}
