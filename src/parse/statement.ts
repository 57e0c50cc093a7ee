import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../diagnostics/source.ts";
import { Cursor, type WrittenName } from "./cursor.ts";
import { type Comment, lex, type Token } from "./lexer.ts";
import { splitStatements } from "./split.ts";

/** The kind words a caller knows, such as `TABLE` and `STORAGE INTEGRATION`. */
export type Vocabulary = Iterable<string>;

interface Base {
	/** From the first to the last token. */
	readonly span: Span;
	readonly source: Source;
	readonly tokens: readonly Token[];
	readonly comments: readonly Comment[];
	/** Whether something in it is never closed, so that its end is guessed. */
	readonly guessed: boolean;
	/** A cursor over what follows the head; each call gives a fresh one. */
	rest(): Cursor;
}

/** `CREATE [OR REPLACE|OR ALTER] [modifiers] KIND [IF NOT EXISTS] name …` */
export interface CreateStatement extends Base {
	readonly verb: "CREATE";
	readonly mode: "plain" | "or replace" | "or alter" | "if not exists";
	/** Words between CREATE and the kind, such as TRANSIENT or SECURE, with where they stand. */
	readonly modifiers: readonly Token[];
	/** Undefined when no known kind word follows: `kindSpan` then covers the words found there. */
	readonly kind: string | undefined;
	readonly kindSpan: Span;
	readonly name: WrittenName | undefined;
}

/** `ALTER|DROP|DESCRIBE|UNDROP KIND [IF EXISTS] name …` */
export interface ObjectStatement extends Base {
	readonly verb: "ALTER" | "DROP" | "DESCRIBE" | "UNDROP";
	readonly kind: string | undefined;
	readonly kindSpan: Span;
	readonly ifExists: boolean;
	readonly name: WrittenName | undefined;
}

/** Any other statement, by its first word: USE, GRANT, SHOW, SELECT, INSERT, COPY, COMMENT, BEGIN … */
export interface OtherStatement extends Base {
	readonly verb: "OTHER";
	/** The first word, upper-case; a lone `(` for a parenthesised query. */
	readonly first: string;
}

export type Statement = CreateStatement | ObjectStatement | OtherStatement;

/** Kind phrases by their first word, longest first, so that TABLE does not hide in EXTERNAL TABLE. */
function kindPhrases(vocabulary: Vocabulary): readonly (readonly string[])[] {
	return [...vocabulary].map((kind) => kind.split(" ")).sort((a, b) => b.length - a.length);
}

function takeKind(cursor: Cursor, phrases: readonly (readonly string[])[]): string | undefined {
	const found = phrases.find((words) => cursor.looksAt(...words));
	if (!found) return undefined;
	cursor.take(...found);
	return found.join(" ");
}

function parseCreate(
	base: Omit<Base, "rest">,
	cursor: Cursor,
	phrases: readonly (readonly string[])[],
): CreateStatement {
	let mode: CreateStatement["mode"] = "plain";
	if (cursor.take("OR", "REPLACE")) mode = "or replace";
	else if (cursor.take("OR", "ALTER")) mode = "or alter";
	const modifiers: Token[] = [];
	const first = cursor.peek() ?? (base.tokens[0] as Token);
	let kind = takeKind(cursor, phrases);
	const start = cursor.at;
	while (kind === undefined && cursor.peek()?.type === "word" && modifiers.length < 4) {
		modifiers.push(cursor.next());
		kind = takeKind(cursor, phrases);
	}
	if (kind === undefined) {
		cursor.at = start;
		modifiers.length = 0;
		while (cursor.peek()?.type === "word" && cursor.peek(1)?.type === "word") cursor.next();
		const kindSpan = cursor.at > start ? cursor.spanFrom(first) : cursor.here();
		return {
			...base,
			verb: "CREATE",
			mode,
			modifiers,
			kind,
			kindSpan,
			name: undefined,
			rest: () => cursor.clone(),
		};
	}
	const kindSpan = cursor.spanFrom(cursor.tokens[cursor.at - kind.split(" ").length] as Token);
	if (cursor.take("IF", "NOT", "EXISTS")) mode = "if not exists";
	const name = cursor.takeName();
	if (cursor.take("IF", "NOT", "EXISTS")) mode = "if not exists";
	return {
		...base,
		verb: "CREATE",
		mode,
		modifiers,
		kind,
		kindSpan,
		name,
		rest: () => cursor.clone(),
	};
}

function parseObject(
	verb: ObjectStatement["verb"],
	base: Omit<Base, "rest">,
	cursor: Cursor,
	phrases: readonly (readonly string[])[],
): ObjectStatement {
	const first = cursor.peek() ?? (base.tokens[0] as Token);
	const kind = takeKind(cursor, phrases);
	const kindSpan = kind === undefined ? cursor.here() : cursor.spanFrom(first);
	const ifExists = cursor.take("IF", "EXISTS");
	const name = kind === undefined ? undefined : cursor.takeName();
	return { ...base, verb, kind, kindSpan, ifExists, name, rest: () => cursor.clone() };
}

/**
 * Splits a text into statements and reads the head of each: the verb, the kind, the name.
 * What follows the head stays tokens, for whoever knows the kind to read with `rest()`.
 * Throws a DeployError (exit 65) for text that cannot be split into tokens; with `report` it goes on behind.
 */
export function parse(
	source: Source,
	vocabulary: Vocabulary,
	report?: (diagnostic: Diagnostic) => void,
): readonly Statement[] {
	const phrases = kindPhrases(vocabulary);
	const lexed = lex(source, report);
	return splitStatements(lexed).map(({ tokens, comments }) => {
		const cursor = new Cursor(source, tokens);
		const head = cursor.next();
		const span: Span = { source, start: head.start, end: (tokens.at(-1) as Token).end };
		const guessed = lexed.unclosed.some((at) => at >= span.start && at < span.end);
		const base = { span, source, tokens, comments, guessed };
		if (head.type === "word") {
			if (head.value === "CREATE") return parseCreate(base, cursor, phrases);
			if (head.value === "ALTER" || head.value === "DROP" || head.value === "UNDROP")
				return parseObject(head.value, base, cursor, phrases);
			if (head.value === "DESCRIBE" || head.value === "DESC")
				return parseObject("DESCRIBE", base, cursor, phrases);
		}
		return { ...base, verb: "OTHER", first: head.value, rest: () => cursor.clone() };
	});
}
