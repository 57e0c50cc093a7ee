import type { FileFormat } from "./file-format.ts";
import type { ScannedRow } from "./scanned-row.ts";

interface Dialect {
	/** Null: the whole file is one record. */
	readonly record: string | null;
	readonly field: string | null;
	readonly enclosing: string | null;
	readonly escapeEnclosed: string | null;
	readonly escapeUnenclosed: string | null;
	readonly trim: boolean;
	readonly emptyAsNull: boolean;
	readonly multiLine: boolean;
	readonly nullIf: ReadonlySet<string>;
}

function dialectOf({ options }: FileFormat): Dialect {
	const text = (name: string): string | null => {
		const value = options[name];
		return typeof value === "string" ? value : null;
	};
	return {
		record: text("RECORD_DELIMITER"),
		field: text("FIELD_DELIMITER"),
		enclosing: text("FIELD_OPTIONALLY_ENCLOSED_BY"),
		escapeEnclosed: text("ESCAPE"),
		escapeUnenclosed: text("ESCAPE_UNENCLOSED_FIELD"),
		trim: options.TRIM_SPACE === true,
		emptyAsNull: options.EMPTY_FIELD_AS_NULL !== false,
		multiLine: options.MULTI_LINE !== false,
		nullIf: new Set(options.NULL_IF as readonly string[]),
	};
}

const ESCAPES: Readonly<Record<string, string>> = {
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
	"0": "\0",
};

/** Reads records of delimited text; a position moves through the whole of it. */
class Reader {
	readonly #text: string;
	readonly #dialect: Dialect;
	at: number;
	line = 1;

	constructor(text: string, dialect: Dialect, start: number, line: number) {
		this.#text = text;
		this.#dialect = dialect;
		this.at = start;
		this.line = line;
	}

	get done(): boolean {
		return this.at >= this.#text.length;
	}

	/** The length of the record delimiter here; a new line is logical, so CRLF and CR count as one. */
	#recordEnd(at: number): number {
		const { record } = this.#dialect;
		if (record === null) return 0;
		if (this.#text.startsWith(record, at)) return record.length;
		if (record === "\n" && this.#text[at] === "\r") return this.#text[at + 1] === "\n" ? 2 : 1;
		return 0;
	}

	#fieldEnd(at: number): number {
		const { field } = this.#dialect;
		return field !== null && this.#text.startsWith(field, at) ? field.length : 0;
	}

	#ends(at: number): boolean {
		return at >= this.#text.length || this.#fieldEnd(at) > 0 || this.#recordEnd(at) > 0;
	}

	#skipSpaces(at: number): number {
		let next = at;
		while ((this.#text[next] === " " || this.#text[next] === "\t") && this.#fieldEnd(next) === 0)
			next++;
		return next;
	}

	/** Moves past the record's end, counting lines. */
	#finish(from: number): void {
		this.at += this.#recordEnd(this.at);
		const read = this.#text.slice(from, this.at);
		this.line += read.split("\n").length - 1;
	}

	#unenclosed(): string | null {
		const { escapeUnenclosed, trim, emptyAsNull, nullIf } = this.#dialect;
		const start = this.at;
		let value = "";
		while (!this.#ends(this.at)) {
			const ch = this.#text[this.at] as string;
			const next = this.#text[this.at + 1];
			if (ch === escapeUnenclosed && next !== undefined) {
				// A backslash before the delimiter of records joins two lines, as the documentation warns.
				const length = Math.max(this.#recordEnd(this.at + 1), this.#fieldEnd(this.at + 1), 1);
				const escaped = this.#text.slice(this.at + 1, this.at + 1 + length);
				value += ESCAPES[escaped] ?? escaped;
				this.at += 1 + length;
			} else {
				value += ch;
				this.at++;
			}
		}
		const raw = this.#text.slice(start, this.at);
		const clean = (text: string): string => (trim ? text.trim() : text);
		if (nullIf.has(clean(raw)) || nullIf.has(clean(value))) return null;
		if (clean(value) === "" && emptyAsNull) return null;
		return clean(value);
	}

	/** An enclosed field; a string for its value, or an error with its place. */
	#enclosed(quote: string): { readonly value: string | null } | { readonly error: string } {
		const { escapeEnclosed, nullIf, trim, multiLine, field } = this.#dialect;
		this.at += 1;
		let value = "";
		for (;;) {
			const ch = this.#text[this.at];
			if (ch === undefined)
				return { error: "End of record reached while expected to parse column" };
			if (ch === escapeEnclosed && ch !== quote && this.#text[this.at + 1] !== undefined) {
				const next = this.#text[this.at + 1] as string;
				value += ESCAPES[next] ?? next;
				this.at += 2;
			} else if (ch === quote) {
				if (this.#text[this.at + 1] === quote) {
					value += quote;
					this.at += 2;
					continue;
				}
				this.at++;
				break;
			} else {
				if (!multiLine && this.#recordEnd(this.at) > 0)
					return { error: "Found record delimiter in an enclosed field while MULTI_LINE is FALSE" };
				value += ch;
				this.at++;
			}
		}
		if (trim) this.at = this.#skipSpaces(this.at);
		if (!this.#ends(this.at))
			return {
				error: `Found character '${this.#text[this.at]}' instead of field delimiter '${field ?? ""}'`,
			};
		return { value: nullIf.has(value) ? null : value };
	}

	#skipRecord(): void {
		while (!this.done && this.#recordEnd(this.at) === 0) this.at++;
	}

	/** The next record. */
	next(): Omit<ScannedRow, "row"> {
		const { enclosing, trim } = this.#dialect;
		const start = this.at;
		const { line } = this;
		const fields: (string | null)[] = [];
		for (;;) {
			const opening = trim ? this.#skipSpaces(this.at) : this.at;
			if (enclosing !== null && this.#text[opening] === enclosing) {
				this.at = opening;
				const field = this.#enclosed(enclosing);
				if ("error" in field) {
					const character = this.at - start + 1;
					this.#skipRecord();
					this.#finish(start);
					return { line, fields: [], error: field.error, character };
				}
				fields.push(field.value);
			} else fields.push(this.#unenclosed());
			const delimiter = this.#fieldEnd(this.at);
			if (delimiter === 0 || this.#recordEnd(this.at) > 0) break;
			this.at += delimiter;
		}
		this.#finish(start);
		return { line, fields };
	}

	/** Whether a blank line comes next. */
	get blank(): boolean {
		return this.#recordEnd(this.at) > 0;
	}

	skipBlank(): void {
		this.#finish(this.at);
	}
}

/** Lines that SKIP_HEADER passes over: it "simply skips the specified number of CRLF-delimited lines". */
function skipLines(text: string, count: number): number {
	let at = 0;
	for (let i = 0; i < count; i++) {
		const end = text.indexOf("\n", at);
		if (end < 0) return text.length;
		at = end + 1;
	}
	return at;
}

/** A CSV file's records, and its header's names with PARSE_HEADER. */
export function readCsv(
	text: string,
	format: FileFormat,
): { readonly header: readonly string[] | undefined; readonly rows: readonly ScannedRow[] } {
	const { options } = format;
	const skipped = Number(options.SKIP_HEADER ?? 0);
	const start = skipLines(text, skipped);
	const reader = new Reader(text, dialectOf(format), start, skipped + 1);
	let header: string[] | undefined;
	if (options.PARSE_HEADER === true && !reader.done)
		header = reader.next().fields.map((name, i) => name ?? `c${i + 1}`);
	const rows: ScannedRow[] = [];
	while (!reader.done) {
		if (options.SKIP_BLANK_LINES === true && reader.blank) {
			reader.skipBlank();
			continue;
		}
		rows.push({ row: rows.length + 1, ...reader.next() });
	}
	return { header, rows };
}
