import { parseJson } from "../sql/runtime/json.ts";
import type { FileFormat } from "./file-format.ts";
import type { ScannedRow } from "./scanned-row.ts";

interface JsonOptions {
	readonly allowDuplicate: boolean;
	readonly stripNulls: boolean;
	readonly octal: boolean;
}

class JsonError extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const OCTAL = /-?0[0-7]+(?![\d.eE])/y;
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\[\s\S])*"/y;
const WORD = /[A-Za-z_]+/y;

/**
 * Reads JSON documents one after the other and gives each as compact text. Numbers keep the digits they were
 * written with, which JSON.parse would round. Commas behind the last item are allowed, as in the documentation's
 * example of a file to load.
 */
class JsonReader {
	readonly #text: string;
	readonly #options: JsonOptions;
	at = 0;

	constructor(text: string, options: JsonOptions) {
		this.#text = text;
		this.#options = options;
	}

	get done(): boolean {
		this.skipSpace();
		return this.at >= this.#text.length;
	}

	skipSpace(): void {
		this.#match(SPACE);
	}

	take(mark: string): boolean {
		this.skipSpace();
		if (this.#text[this.at] !== mark) return false;
		this.at++;
		return true;
	}

	#match(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.at;
		const match = pattern.exec(this.#text);
		if (!match) return undefined;
		this.at = pattern.lastIndex;
		return match[0];
	}

	#string(): string {
		const raw = this.#match(STRING);
		if (raw === undefined) throw new JsonError("Error parsing JSON: unterminated string");
		try {
			return JSON.parse(
				raw.replaceAll(/\p{Cc}/gu, (ch) => JSON.stringify(ch).slice(1, -1)),
			) as string;
		} catch {
			throw new JsonError(`Error parsing JSON: invalid string ${raw}`);
		}
	}

	/** The compact text of the value here; undefined for a null that is stripped. */
	value(): string {
		this.skipSpace();
		const ch = this.#text[this.at];
		if (ch === "{") return this.#object();
		if (ch === "[") return this.#array();
		if (ch === '"') return JSON.stringify(this.#string());
		if (this.#options.octal) {
			const octal = this.#match(OCTAL);
			if (octal !== undefined)
				return String(
					Number.parseInt(octal.replace("-", ""), 8) * (octal.startsWith("-") ? -1 : 1),
				);
		}
		const number = this.#match(NUMBER);
		if (number !== undefined)
			return /^-?\d{1,37}$/.test(number) ? number : (parseJson(number, false) ?? number);
		const word = this.#match(WORD);
		if (word === "true" || word === "false" || word === "null") return word;
		if (ch === undefined) throw new JsonError("Error parsing JSON: unfinished document");
		throw new JsonError(`Error parsing JSON: unexpected ${word ?? ch}`);
	}

	#array(): string {
		this.at++;
		const items: string[] = [];
		while (!this.take("]")) {
			const item = this.value();
			// https://docs.snowflake.com/en/sql-reference/sql/create-file-format: `[null,null,3]` becomes `[,,3]`
			items.push(item === "null" && this.#options.stripNulls ? "" : item);
			if (this.take(",")) continue;
			if (!this.take("]")) throw new JsonError("Error parsing JSON: missing comma or ]");
			break;
		}
		if (!this.#options.stripNulls) return `[${items.join(",")}]`;
		const last = items.findLastIndex((item) => item !== "");
		return `[${items
			.slice(0, last + 1)
			.map((item) => item || "null")
			.join(",")}]`;
	}

	/** Members of the object read last, which is the document's own when a document was read. */
	members: ReadonlyMap<string, string> = new Map();

	#object(): string {
		this.at++;
		const members = new Map<string, string>();
		while (!this.take("}")) {
			this.skipSpace();
			if (this.#text[this.at] !== '"') throw new JsonError("Error parsing JSON: expected a name");
			const name = this.#string();
			if (!this.take(":")) throw new JsonError("Error parsing JSON: missing colon");
			const value = this.value();
			if (members.has(name) && !this.#options.allowDuplicate)
				throw new JsonError(`Error parsing JSON: duplicate object attribute "${name}"`);
			members.delete(name);
			if (!(value === "null" && this.#options.stripNulls)) members.set(name, value);
			if (this.take(",")) continue;
			if (!this.take("}")) throw new JsonError("Error parsing JSON: missing comma or }");
			break;
		}
		this.members = members;
		const text = [...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
		return `{${text.join(",")}}`;
	}

	/** After an error: goes on at the next line. */
	skipLine(): void {
		const end = this.#text.indexOf("\n", this.at);
		this.at = end < 0 ? this.#text.length : end + 1;
	}
}

/** Lines up to a position, counted forward. */
function lineCounter(text: string): (at: number) => number {
	let line = 1;
	let counted = 0;
	return (at) => {
		for (let i = text.indexOf("\n", counted); i >= 0 && i < at; i = text.indexOf("\n", i + 1)) {
			line++;
			counted = i + 1;
		}
		return line;
	};
}

/** A JSON file's documents: newline-delimited, comma-separated, or in one array with STRIP_OUTER_ARRAY. */
export function readJson(text: string, format: FileFormat): readonly ScannedRow[] {
	const { options } = format;
	const reader = new JsonReader(text, {
		allowDuplicate: options.ALLOW_DUPLICATE === true,
		stripNulls: options.STRIP_NULL_VALUES === true,
		octal: options.ENABLE_OCTAL === true,
	});
	const lineOf = lineCounter(text);
	const rows: ScannedRow[] = [];
	const strip = options.STRIP_OUTER_ARRAY === true;
	while (!reader.done) {
		if (strip && (reader.take("[") || reader.take("]"))) continue;
		if (reader.take(",")) continue;
		const start = reader.at;
		const line = lineOf(start);
		const base = { row: rows.length + 1, line, fields: [] };
		try {
			const document = reader.value();
			if (options.MULTI_LINE === false && text.slice(start, reader.at).includes("\n"))
				rows.push({
					...base,
					error: "Error parsing JSON: new line in a record while MULTI_LINE is FALSE",
					character: 1,
				});
			else {
				const members = document.startsWith("{") ? reader.members : new Map<string, string>();
				rows.push({ ...base, document, members });
			}
		} catch (error) {
			if (!(error instanceof JsonError)) throw error;
			rows.push({ ...base, error: error.message, character: reader.at - start + 1 });
			reader.skipLine();
		}
	}
	return rows;
}
