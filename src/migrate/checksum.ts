import { createHash } from "node:crypto";
import { DeployError } from "../diagnostics/diagnostic.ts";
import { type Source, textSource } from "../diagnostics/source.ts";
import { canonicalSql, canonicalToken } from "../parse/canonical.ts";
import { lex } from "../parse/lexer.ts";

/** Stands before every checksum, so that a later way of computing it can tell which ones it cannot compare. */
const ALGORITHM = "1";

/** `\{{`, which is text; a comment; or a tag, whose strings may hold braces. */
const TAG =
	/\\\{\{|\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?![\s\S]*?\}\}|\{{2,4}(?:"[^"]*"|'[^']*'|[^"'}]|\}(?!\}))*\}{2,4}/g;
/** A tag that changes more than its own place: block, end of block, else, partial. */
const STRUCTURE = /^\{{2,4}~?\s*(?:[#^/>]|else\b)/;

// Private-use characters are letters to the lexer, so a tag in a name, a string or a path stays part of it.
const OPEN = "\uE000";
const CLOSE = "\uE001";
const PLACE = /\uE000(\d+)\uE001/g;

function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** A tag with its white space evened out; what stands in its strings is kept. */
function canonicalTag(tag: string): string {
	return tag
		.replace(/("[^"]*"|'[^']*')|\s+/g, (_, quoted: string | undefined) => quoted ?? " ")
		.replace(/^(\{+~?[#^/>&]?) /, "$1")
		.replace(/ (~?\}+)$/, "$1");
}

/** The tokens of a template's text: SQL tokens and tags, in order, without closing semicolons. */
function templateTokens(text: string): readonly string[] {
	const tags: string[] = [];
	const marked = text.replace(TAG, (tag) => {
		if (tag.startsWith("\\")) return tag;
		if (/^\{\{~?!/.test(tag)) return "";
		tags.push(tag);
		return `${OPEN}${tags.length - 1}${CLOSE}`;
	});
	const restore = (token: string): string =>
		token.replace(PLACE, (_, index: string) => canonicalTag(tags[Number(index)] ?? ""));
	const lexed = lex(textSource("", marked));
	// A block that opens inside a comment is in force after it; a value there is prose.
	const structure = lexed.comments.flatMap((comment) =>
		[...comment.text.matchAll(PLACE)]
			.map((place) => tags[Number(place[1])] ?? "")
			.filter((tag) => STRUCTURE.test(tag))
			.map((tag) => ({ start: comment.start, text: canonicalTag(tag) })),
	);
	const tokens = lexed.tokens.map((token) => ({
		start: token.start,
		text: restore(canonicalToken(token)),
	}));
	const all = [...tokens, ...structure].sort((a, b) => a.start - b.start).map((t) => t.text);
	return all.slice(0, all.findLastIndex((token) => token !== ";") + 1);
}

/** What is hashed of a text that is no SQL before it is rendered: a quote in each branch of a block. */
function plainTokens(text: string): readonly string[] {
	return ["text", ...text.split("\n").map((line) => line.trim())].filter((line) => line !== "");
}

/**
 * The checksum of a migration's file as it was written, before rendering: the same for every environment.
 *
 * It covers tokens, template tags among them. Comments, white space between tokens, keyword case and
 * closing semicolons make no difference; white space between a tag and what it touches does, because it
 * may keep two words apart.
 */
export function templateChecksum(raw: Source): string {
	let tokens: readonly string[];
	try {
		tokens = templateTokens(raw.text);
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		tokens = plainTokens(raw.text);
	}
	return `${ALGORITHM}:${sha256(JSON.stringify(tokens))}`;
}

/** The checksum of a migration as it is rendered: what decides whether a repeatable one runs again. */
export function renderedChecksum(source: Source): string {
	return `${ALGORITHM}:${sha256(canonicalSql(source.text).replace(/(?: ?;)+$/, ""))}`;
}

/** The hash of one statement, to see later that it is still the one that ran. */
export function statementHash(sql: string): string {
	return sha256(canonicalSql(sql)).slice(0, 16);
}
