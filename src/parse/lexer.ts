import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../diagnostics/source.ts";

/**
 * One token of Snowflake SQL.
 *
 * - `word`: an unquoted identifier or keyword; `value` is upper-case.
 * - `quoted`: a "quoted" identifier; `value` has its quotes and doubling removed.
 * - `string`: a '…' or $$…$$ literal; `value` has its escapes resolved.
 * - `number`: digits, with point and exponent.
 * - `stage`: `@name/path`, `@~/…`, `@%table/…`, up to white space, `)` , `,` or `;`; quoted parts may hold anything.
 * - `url`: a location written without quotes, `s3://bucket/path`, which ends where a stage ends; elsewhere `//` starts a comment.
 * - `variable`: `$name` or `$1`.
 * - `secret`: `<secret NAME>`, the place where a secret goes when the statement is sent; `value` is NAME.
 * - `op`: one operator or punctuation mark.
 */
export interface Token {
	readonly type:
		| "word"
		| "quoted"
		| "string"
		| "number"
		| "stage"
		| "url"
		| "variable"
		| "secret"
		| "op";
	readonly text: string;
	readonly value: string;
	readonly start: number;
	readonly end: number;
}

/** A comment, with its marks, where it stands. */
export interface Comment {
	readonly text: string;
	readonly start: number;
	readonly end: number;
}

/** The tokens of a text, and beside them its comments; both in order. */
export interface Lexed {
	readonly source: Source;
	readonly tokens: readonly Token[];
	readonly comments: readonly Comment[];
	/** Offsets of literals and comments that are never closed, where reading went on behind them. */
	readonly unclosed: readonly number[];
}

const OPERATORS = ["->>", "<=>", "::", ":=", "=>", "->", "<>", "!=", "<=", ">=", "||", "**"];
const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** What each mark opens, should it never be closed: the code of the mistake, what to call it, and what to do. */
const UNCLOSED = {
	"/*": ["UNTERMINATED_COMMENT", "this comment", "close it with */"],
	"'": ["UNTERMINATED_STRING", "this string", "close it with ', or write '' for a quote inside it"],
	$$: ["UNTERMINATED_STRING", "this $$ string", "close it with $$"],
	'"': ["UNTERMINATED_IDENTIFIER", "this quoted name", 'close it with "'],
} as const;

function neverClosed(source: Source, at: number, mark: keyof typeof UNCLOSED): Diagnostic {
	const [code, what, hint] = UNCLOSED[mark];
	const span: Span = { source, start: at, end: at + mark.length };
	return errorAt(span, code, `${what} is never closed`, { hint });
}

/** The rest of a line, without what ends a statement there. */
function lineFrom(text: string, at: number): string {
	const newline = text.indexOf("\n", at);
	return text.slice(at, newline < 0 ? text.length : newline).replace(/\s*;?\s*$/, "");
}

/**
 * The value of the text between the quotes of a string literal.
 * https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
 */
function unescapeString(body: string): string {
	return body.replace(
		/''|\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
		(match, unicode, hex, octal, other) => {
			if (match === "''") return "'";
			if (unicode || hex) return String.fromCharCode(Number.parseInt(unicode ?? hex, 16));
			if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
			return ESCAPES[other] ?? other;
		},
	);
}

const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const VARIABLE = /\$[A-Za-z0-9_]+/y;
const STRING = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const DOLLAR = /\$\$[\s\S]*?\$\$/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const LINE_COMMENT = /(?:--|\/\/)[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const STAGE = /@(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s(),;"'])*/y;
const URL = /(?:s3|s3gov|s3china|s3compat|gcs|azure|file):\/\/[^\s(),;"']*/iy;
const SECRET = /<secret ([A-Za-z_][A-Za-z0-9_]*)>/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
	pattern.lastIndex = at;
	return pattern.exec(text);
}

/**
 * Splits SQL into tokens and comments. Throws a DeployError at a literal or comment that is never closed;
 * with `report` it is reported, and reading goes on: behind a quote at the end of its line, otherwise at the
 * end of the text. Where strings span lines, the quote that nobody closes is the last of all; the one that
 * was forgotten is an earlier one, whose line ends like a statement, so that is the one reported.
 */
export function lex(source: Source, report?: (diagnostic: Diagnostic) => void): Lexed {
	const { text } = source;
	const tokens: Token[] = [];
	const comments: Comment[] = [];
	const unclosed: number[] = [];
	let at = 0;
	const recover = (mark: keyof typeof UNCLOSED): void => {
		if (!report) throw new DeployError(EXIT.input, neverClosed(source, at, mark));
		const quote = mark === "'" || mark === '"';
		const forgotten = tokens.findIndex(
			(t) =>
				quote &&
				t.text.startsWith(mark) &&
				!unclosed.includes(t.start) &&
				/^.*;[ \t\r]*\n/.test(t.text),
		);
		if (forgotten >= 0) {
			at = (tokens[forgotten] as Token).start;
			tokens.length = forgotten;
			while (comments.length > 0 && (comments.at(-1) as Comment).start > at) comments.pop();
		}
		report(neverClosed(source, at, mark));
		unclosed.push(at);
		const raw = quote ? lineFrom(text, at) : text.slice(at);
		if (mark === "/*") at = text.length;
		else push(mark === '"' ? "quoted" : "string", raw, raw.slice(mark.length));
	};
	const push = (type: Token["type"], raw: string, value: string): void => {
		tokens.push({ type, text: raw, value, start: at, end: at + raw.length });
		at += raw.length;
	};
	while (at < text.length) {
		const ch = text[at] as string;
		const two = text.slice(at, at + 2);
		if (/\s/.test(ch)) {
			at++;
		} else if (two === "--" || two === "//" || two === "/*") {
			const match = matchAt(two === "/*" ? BLOCK_COMMENT : LINE_COMMENT, text, at);
			if (!match) {
				recover("/*");
				continue;
			}
			comments.push({ text: match[0], start: at, end: at + match[0].length });
			at += match[0].length;
		} else if (ch === "'") {
			const match = matchAt(STRING, text, at);
			if (match) push("string", match[0], unescapeString(match[0].slice(1, -1)));
			else recover("'");
		} else if (two === "$$") {
			const match = matchAt(DOLLAR, text, at);
			if (match) push("string", match[0], match[0].slice(2, -2));
			else recover("$$");
		} else if (ch === '"') {
			const match = matchAt(QUOTED, text, at);
			if (match) push("quoted", match[0], match[0].slice(1, -1).replaceAll('""', '"'));
			else recover('"');
		} else {
			const secret = matchAt(SECRET, text, at);
			const url = matchAt(URL, text, at);
			const word = secret ?? url ?? matchAt(WORD, text, at);
			const number = word ? null : matchAt(NUMBER, text, at);
			const variable = matchAt(VARIABLE, text, at);
			const stage = ch === "@" ? matchAt(STAGE, text, at) : null;
			if (secret) push("secret", secret[0], secret[1] as string);
			else if (url) push("url", url[0], url[0]);
			else if (word) push("word", word[0], word[0].toUpperCase());
			else if (number) push("number", number[0], number[0]);
			else if (variable) push("variable", variable[0], variable[0].slice(1).toUpperCase());
			else if (stage) push("stage", stage[0], stage[0]);
			else {
				const op = OPERATORS.find((o) => text.startsWith(o, at)) ?? ch;
				push("op", op, op);
			}
		}
	}
	return { source, tokens, comments, unclosed };
}
