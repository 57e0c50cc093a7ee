import { fixedType } from "../../account/data-type.ts";
import { ARRAY, BINARY, BOOLEAN, INTEGER, TEXT } from "../sql-type.ts";
import { type Typed, typed } from "../typed.ts";
import { argument, type FunctionCall, type FunctionTable, scalar, sqlOf } from "./entry.ts";

const text = (call: FunctionCall, index: number): string => sqlOf(call, index, TEXT);
const integer = (call: FunctionCall, index: number): string =>
	`CAST(${sqlOf(call, index, INTEGER)} AS INTEGER)`;
const count = (sql: string): Typed => typed(`CAST(${sql} AS DECIMAL(18,0))`, fixedType(18, 0));

/** The first place of a text in another from a place on; 0 when there is none. */
function position(needle: string, haystack: string, start: string | undefined): Typed {
	if (start === undefined) return count(`instr(${haystack}, ${needle})`);
	return count(`sf_position(${needle}, ${haystack}, ${start})`);
}

/** SUBSTR counts from 1, and from the end when negative. */
function substring(call: FunctionCall): Typed {
	const length = call.values.length > 2 ? integer(call, 2) : "2147483647";
	return typed(`sf_substr(${text(call, 0)}, ${integer(call, 1)}, ${length})`, TEXT);
}

function trim(name: string) {
	return scalar(1, 2, (call) => {
		const characters = call.values.length > 1 ? text(call, 1) : "' '";
		return typed(`${name}(${text(call, 0)}, ${characters})`, TEXT);
	});
}

/** Fills up to a length, or cuts to it. */
function pad(name: string) {
	return scalar(2, 3, (call) => {
		const characters = call.values.length > 2 ? text(call, 2) : "' '";
		const size = `greatest(${integer(call, 1)}, 0)`;
		// The engine refuses to pad with nothing.
		return typed(
			`CASE WHEN ${characters} = '' THEN left(${text(call, 0)}, ${size}) ELSE ${name}(${text(call, 0)}, ${size}, ${characters}) END`,
			TEXT,
		);
	});
}

function one(engine: string) {
	return scalar(1, 1, (call) => typed(`${engine}(${text(call, 0)})`, TEXT));
}

function test(engine: string) {
	return scalar(2, 2, (call) => typed(`${engine}(${text(call, 0)}, ${text(call, 1)})`, BOOLEAN));
}

const length = scalar(1, 1, (call) =>
	argument(call, 0).type.base === "BINARY"
		? count(`octet_length(${argument(call, 0).sql})`)
		: count(`length(${text(call, 0)})`),
);

const concat = scalar(1, Infinity, (call) =>
	typed(`(${call.values.map((_, i) => text(call, i)).join(" || ")})`, TEXT),
);

const sha2 = scalar(1, 2, (call) => {
	const size = call.values[1]?.constant ?? "256";
	return typed(`sf_sha2(${text(call, 0)}, ${Number(size)})`, TEXT);
});

const regexpLike = scalar(2, 3, (call) =>
	typed(`sf_regexp_like(${text(call, 0)}, ${text(call, 1)}, ${parameters(call, 2)})`, BOOLEAN),
);

function parameters(call: FunctionCall, index: number): string {
	return call.values.length > index ? text(call, index) : "'c'";
}

/** Functions of text. */
export const TEXT_FUNCTIONS: FunctionTable = {
	UPPER: one("upper"),
	LOWER: one("lower"),
	REVERSE: one("reverse"),
	INITCAP: scalar(1, 2, (call) =>
		typed(`sf_initcap(${text(call, 0)}, ${call.values.length > 1 ? text(call, 1) : "NULL"})`, TEXT),
	),
	TRIM: trim("trim"),
	LTRIM: trim("ltrim"),
	RTRIM: trim("rtrim"),
	LPAD: pad("lpad"),
	RPAD: pad("rpad"),
	LENGTH: length,
	LEN: length,
	SUBSTR: scalar(2, 3, substring),
	SUBSTRING: scalar(2, 3, substring),
	LEFT: scalar(2, 2, (call) =>
		typed(`left(${text(call, 0)}, greatest(${integer(call, 1)}, 0))`, TEXT),
	),
	RIGHT: scalar(2, 2, (call) =>
		typed(`right(${text(call, 0)}, greatest(${integer(call, 1)}, 0))`, TEXT),
	),
	REPEAT: scalar(2, 2, (call) => typed(`repeat(${text(call, 0)}, ${integer(call, 1)})`, TEXT)),
	REPLACE: scalar(2, 3, (call) =>
		typed(
			`replace(${text(call, 0)}, ${text(call, 1)}, ${call.values.length > 2 ? text(call, 2) : "''"})`,
			TEXT,
		),
	),
	TRANSLATE: scalar(3, 3, (call) =>
		typed(`translate(${text(call, 0)}, ${text(call, 1)}, ${text(call, 2)})`, TEXT),
	),
	SPLIT: scalar(2, 2, (call) =>
		typed(`to_json(string_split(${text(call, 0)}, ${text(call, 1)}))`, ARRAY),
	),
	SPLIT_PART: scalar(3, 3, (call) =>
		typed(`sf_split_part(${text(call, 0)}, ${text(call, 1)}, ${integer(call, 2)})`, TEXT),
	),
	CONCAT: concat,
	CONCAT_WS: scalar(2, Infinity, (call) => {
		const [separator, ...items] = call.values.map((_, i) => text(call, i));
		return typed(`(${items.join(` || ${separator} || `)})`, TEXT);
	}),
	CONTAINS: test("contains"),
	STARTSWITH: test("starts_with"),
	ENDSWITH: test("ends_with"),
	POSITION: scalar(2, 3, (call) =>
		position(text(call, 0), text(call, 1), call.values.length > 2 ? integer(call, 2) : undefined),
	),
	CHARINDEX: scalar(2, 3, (call) =>
		position(text(call, 0), text(call, 1), call.values.length > 2 ? integer(call, 2) : undefined),
	),
	ASCII: scalar(1, 1, (call) => count(`ascii(${text(call, 0)})`)),
	CHR: scalar(1, 1, (call) => typed(`chr(${integer(call, 0)})`, TEXT)),
	CHAR: scalar(1, 1, (call) => typed(`chr(${integer(call, 0)})`, TEXT)),
	MD5: one("md5"),
	MD5_HEX: one("md5"),
	SHA1: one("sha1"),
	SHA2: sha2,
	SHA2_HEX: sha2,
	HEX_ENCODE: scalar(1, 2, (call) =>
		typed(
			call.values[1]?.constant === "0" ? `lower(hex(${text(call, 0)}))` : `hex(${text(call, 0)})`,
			TEXT,
		),
	),
	BASE64_ENCODE: scalar(1, 1, (call) => typed(`base64(encode(${text(call, 0)}))`, TEXT)),
	BASE64_DECODE_STRING: scalar(1, 1, (call) =>
		typed(`decode(from_base64(${text(call, 0)}))`, TEXT),
	),
	TO_BINARY: scalar(1, 2, (call) =>
		typed(
			(call.values[1]?.constant ?? "HEX").toUpperCase() === "HEX"
				? `unhex(${text(call, 0)})`
				: `encode(${text(call, 0)})`,
			BINARY,
		),
	),
	REGEXP_LIKE: regexpLike,
	RLIKE: regexpLike,
	REGEXP_REPLACE: scalar(2, 6, (call) =>
		typed(
			`sf_regexp_replace(${text(call, 0)}, ${text(call, 1)}, ${call.values.length > 2 ? text(call, 2) : "''"}, ${call.values.length > 3 ? integer(call, 3) : "1"}, ${call.values.length > 4 ? integer(call, 4) : "0"}, ${parameters(call, 5)})`,
			TEXT,
		),
	),
	REGEXP_SUBSTR: scalar(2, 6, (call) =>
		typed(
			`sf_regexp_substr(${text(call, 0)}, ${text(call, 1)}, ${call.values.length > 2 ? integer(call, 2) : "1"}, ${call.values.length > 3 ? integer(call, 3) : "1"}, ${parameters(call, 4)}, ${call.values.length > 5 ? integer(call, 5) : "NULL"})`,
			TEXT,
		),
	),
	REGEXP_COUNT: scalar(2, 4, (call) =>
		count(
			`sf_regexp_count(${text(call, 0)}, ${text(call, 1)}, ${call.values.length > 2 ? integer(call, 2) : "1"}, ${parameters(call, 3)})`,
		),
	),
	REGEXP_INSTR: scalar(2, 7, (call) => {
		const number = (index: number, otherwise: string): string =>
			call.values.length > index ? integer(call, index) : otherwise;
		const list = [
			number(2, "1"),
			number(3, "1"),
			number(4, "0"),
			parameters(call, 5),
			number(6, "NULL"),
		];
		return count(`sf_regexp_instr(${text(call, 0)}, ${text(call, 1)}, ${list.join(", ")})`);
	}),
};
