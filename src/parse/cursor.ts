import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../diagnostics/source.ts";
import { type QualifiedName, unquotedIdentifier } from "../model/identifier.ts";
import type { Token } from "./lexer.ts";

/** A name as it stands in SQL: its stored parts and where they were written. */
export interface WrittenName {
	readonly parts: QualifiedName;
	readonly span: Span;
}

/**
 * Reads tokens from left to right. Every `take…` either advances and returns what it read, or leaves the
 * cursor where it was and returns undefined; every `expect…` throws a DeployError at the token instead.
 */
export class Cursor {
	readonly source: Source;
	readonly tokens: readonly Token[];
	/** Index of the next token. */
	at: number;
	readonly #end: number;

	constructor(source: Source, tokens: readonly Token[], at = 0, end = tokens.length) {
		this.source = source;
		this.tokens = tokens;
		this.at = at;
		this.#end = end;
	}

	get done(): boolean {
		return this.at >= this.#end;
	}

	/** The token `ahead` places on, if there is one. */
	peek(ahead = 0): Token | undefined {
		return this.at + ahead < this.#end ? this.tokens[this.at + ahead] : undefined;
	}

	next(): Token {
		const token = this.peek();
		if (!token) throw this.error("something more");
		this.at++;
		return token;
	}

	/** Whether the next tokens are these words (or marks), in this order. */
	looksAt(...words: readonly string[]): boolean {
		return words.every((word, i) => {
			const token = this.peek(i);
			return (
				token !== undefined &&
				(token.type === "word" || token.type === "op") &&
				token.value === word
			);
		});
	}

	/** Takes these words (or marks) if they come next. */
	take(...words: readonly string[]): boolean {
		if (!this.looksAt(...words)) return false;
		this.at += words.length;
		return true;
	}

	expect(...words: readonly string[]): void {
		if (!this.take(...words)) throw this.error(words.join(" "));
	}

	/** Takes the next token if it is a word, quoted or not a keyword: an identifier's stored form. */
	takeIdentifier(): string | undefined {
		const token = this.peek();
		if (token?.type !== "word" && token?.type !== "quoted") return undefined;
		this.at++;
		return token.type === "quoted" ? token.value : unquotedIdentifier(token.text);
	}

	expectIdentifier(what = "a name"): string {
		const name = this.takeIdentifier();
		if (name === undefined) throw this.error(what);
		return name;
	}

	/** Takes `a.b.c`; also `IDENTIFIER('a.b.c')`, and the empty middle of `db..object` means PUBLIC. */
	takeName(): WrittenName | undefined {
		const first = this.peek();
		if (!first || (first.type !== "word" && first.type !== "quoted")) return undefined;
		if (this.looksAt("IDENTIFIER", "(") && this.peek(2)?.type === "string") {
			const literal = this.peek(2) as Token;
			const parts = literal.value
				.split(".")
				.map((part) =>
					part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : unquotedIdentifier(part),
				);
			this.at += 3;
			this.expect(")");
			return { parts, span: this.span(literal, literal) };
		}
		const parts = [this.expectIdentifier()];
		while (this.looksAt(".")) {
			this.at++;
			if (this.looksAt(".")) parts.push("PUBLIC");
			else parts.push(this.expectIdentifier());
		}
		return { parts, span: this.spanFrom(first) };
	}

	expectName(what = "a name"): WrittenName {
		const name = this.takeName();
		if (!name) throw this.error(what);
		return name;
	}

	expectString(what = "a string in single quotes"): string {
		const token = this.peek();
		if (token?.type !== "string") throw this.error(what);
		this.at++;
		return token.value;
	}

	/** Takes `( … )` with what is inside as a cursor of its own. */
	takeGroup(): Cursor | undefined {
		if (!this.looksAt("(")) return undefined;
		const open = this.next();
		const start = this.at;
		for (let depth = 1; ; this.at++) {
			const token = this.peek();
			if (!token)
				throw new DeployError(
					EXIT.input,
					errorAt(this.span(open, open), "UNCLOSED_PARENTHESIS", "this ( is never closed", {
						hint: "close it with )",
					}),
				);
			if (token.type !== "op") continue;
			if (token.text === "(") depth++;
			if (token.text === ")" && --depth === 0) break;
		}
		const inner = new Cursor(this.source, this.tokens, start, this.at);
		this.at++;
		return inner;
	}

	expectGroup(what = "("): Cursor {
		const group = this.takeGroup();
		if (!group) throw this.error(what);
		return group;
	}

	/** Splits what is left at top-level commas (or another mark) into cursors; empty input gives none. */
	splitAt(separator = ","): Cursor[] {
		const parts: Cursor[] = [];
		let depth = 0;
		let start = this.at;
		for (; !this.done; this.at++) {
			const token = this.peek() as Token;
			if (token.type !== "op") continue;
			if (token.text === "(" || token.text === "[" || token.text === "{") depth++;
			else if (token.text === ")" || token.text === "]" || token.text === "}") depth--;
			else if (token.text === separator && depth === 0) {
				parts.push(new Cursor(this.source, this.tokens, start, this.at));
				start = this.at + 1;
			}
		}
		if (start < this.at || parts.length > 0)
			parts.push(new Cursor(this.source, this.tokens, start, this.at));
		return parts;
	}

	/** Everything that is left, as it was written, comments included; trimmed. Moves to the end. */
	takeRest(): { readonly text: string; readonly span: Span } {
		const first = this.next();
		this.at = this.#end;
		const span = this.spanFrom(first);
		return { text: this.source.text.slice(span.start, span.end), span };
	}

	span(first: Token, last: Token): Span {
		return { source: this.source, start: first.start, end: last.end };
	}

	/** From a token taken before to the last token taken. */
	spanFrom(first: Token): Span {
		return this.span(first, this.tokens[Math.max(this.at - 1, 0)] as Token);
	}

	/** Where the cursor stands: the next token, or just behind the last one. */
	here(): Span {
		const token = this.peek();
		if (token) return this.span(token, token);
		const last = this.tokens[Math.min(this.#end, this.tokens.length) - 1];
		const end = last?.end ?? 0;
		return { source: this.source, start: end, end: end + 1 };
	}

	/** A syntax error at the cursor: `expected X, found Y`. */
	error(expected: string): DeployError {
		const token = this.peek();
		const found = token ? `found ${token.text}` : "but the statement ends here";
		return new DeployError(
			EXIT.input,
			errorAt(this.here(), "SYNTAX", `expected ${expected}, ${found}`),
		);
	}

	/** A cursor of its own over the same rest. */
	clone(): Cursor {
		return new Cursor(this.source, this.tokens, this.at, this.#end);
	}
}
