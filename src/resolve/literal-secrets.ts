import { DeployError, type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { locate, type Source, type Span } from "../diagnostics/source.ts";
import { OBJECT_TYPES } from "../objects/index.ts";
import { lex, type Token } from "../parse/lexer.ts";

/** A secret that a file writes out. */
export interface LiteralSecret {
	/** The literal, with its quotes. */
	readonly text: string;
	readonly span: Span;
	readonly diagnostic: Diagnostic;
}

/** What is secret in a group such as `CREDENTIALS = ( … )`, by the word before it; kinds declare it. */
const GROUPS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
	[...OBJECT_TYPES.values()].flatMap((type) =>
		type.properties.flatMap(({ clause, secrets }) =>
			secrets ? [[clause.keywords.join(" "), new Set(secrets)] as const] : [],
		),
	),
);

/** Objects that only migrations make, and what is secret in their statements. */
const OTHER_OBJECTS =
	/^(CREATE( OR (REPLACE|ALTER))?|ALTER) (USER|SECRET|(\w+ ){0,2}INTEGRATION)\b/;
const OTHER_KEYS: ReadonlySet<string> = new Set([
	"PASSWORD",
	"SECRET_STRING",
	"OAUTH_CLIENT_SECRET",
	"OAUTH_REFRESH_TOKEN",
	"API_KEY",
]);
const HEAD = 6;

function tokensOf(source: Source, text: string): readonly Token[] {
	try {
		return lex({ ...source, text }).tokens;
	} catch (error) {
		// What is no SQL is told where it is read.
		if (error instanceof DeployError) return [];
		throw error;
	}
}

function found(source: Source, key: string, token: Token, offset: number): LiteralSecret {
	const span = { source, start: offset + token.start, end: offset + token.end };
	return {
		text: token.text,
		span,
		diagnostic: errorAt(span, "LITERAL_SECRET", `${key} is written out: a secret is in no file`, {
			hint: 'write {{secret "NAME"}} and set NAME in the environment',
		}),
	};
}

/** Literals after a key that is secret where it stands: in its group, or in the statement of such an object. */
function scan(source: Source, text: string, offset: number): readonly LiteralSecret[] {
	const tokens = tokensOf(source, text);
	const literals: LiteralSecret[] = [];
	let head: string[] = [];
	let depth = 0;
	let group: { readonly keys: ReadonlySet<string>; readonly depth: number } | undefined;
	for (const [i, token] of tokens.entries()) {
		if (token.text === ";") head = [];
		else if (head.length < HEAD) head.push(token.value);
		if (token.text === "(") {
			depth++;
			const before = tokens[i - 1]?.text === "=" ? tokens[i - 2] : tokens[i - 1];
			const keys = before?.type === "word" ? GROUPS.get(before.value) : undefined;
			if (keys) group = { keys, depth };
		}
		if (token.text === ")" && group?.depth === depth--) group = undefined;
		if (token.type !== "string") continue;
		if (token.text.startsWith("$$"))
			literals.push(...scan(source, token.text.slice(2, -2), offset + token.start + 2));
		const key = tokens[i - 1]?.text === "=" ? tokens[i - 2] : tokens[i - 1];
		if (key?.type !== "word") continue;
		const secret =
			group?.keys.has(key.value) ||
			(OTHER_KEYS.has(key.value) && OTHER_OBJECTS.test(head.join(" ")));
		const { start, end } = { start: offset + token.start, end: offset + token.end };
		const guessed = source.gaps?.some((at) => at >= start && at < end);
		if (secret && !guessed) literals.push(found(source, key.value, token, offset));
	}
	return literals;
}

/**
 * Secrets that files write out, each with the error it is. What a statement says goes into plans, the journal, the
 * ledger and the account's query history: a literal there would be a secret in all of them. That holds for migrations
 * as well, and for the bodies of tasks and procedures.
 *
 * AWS_KEY_ID is none: it names a key, as a user name does.
 */
export function literalSecrets(sources: readonly Source[]): readonly LiteralSecret[] {
	return sources.flatMap((source) => scan(source, source.text, 0));
}

/** Stars for what a file writes out; what a template fills in there may be shown. */
function starred(text: string): string {
	return text.replace(/\{\{.*?\}\}|[^{]|\{/g, (part) => (part.startsWith("{{") ? part : "*"));
}

function withoutLiteral(diagnostic: Diagnostic, { text, span }: LiteralSecret): Diagnostic {
	const hide = (words: string) => words.replaceAll(text, "'***'");
	const { at, detail, hint, summary } = diagnostic;
	const place = locate(span);
	const sameLine = at && at.file === place.file && at.line === place.line;
	const from = place.column - 1;
	const to = from + place.length;
	return {
		...diagnostic,
		summary: hide(summary),
		...(detail === undefined ? {} : { detail: hide(detail) }),
		...(hint === undefined ? {} : { hint: hide(hint) }),
		...(sameLine && {
			at: {
				...at,
				lineText: `${at.lineText.slice(0, from)}${starred(at.lineText.slice(from, to))}${at.lineText.slice(to)}`,
			},
		}),
	};
}

/** What is wrong with some files and that they write out secrets, with none of those in it. */
export function withLiteralSecrets(
	diagnostics: readonly Diagnostic[],
	sources: readonly Source[],
): readonly Diagnostic[] {
	const literals = literalSecrets(sources);
	return [...diagnostics, ...literals.map((literal) => literal.diagnostic)].map((diagnostic) =>
		literals.reduce(withoutLiteral, diagnostic),
	);
}
