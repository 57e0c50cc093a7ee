import Handlebars from "handlebars";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type Source, type Span, textSource } from "../diagnostics/source.ts";

/** A file that Handlebars renders: its path as shown to people, and its text. */
export interface Template {
	readonly file: string;
	readonly text: string;
}

/** A template that was read: its syntax tree, or the one mistake Handlebars found in it. */
export interface ParsedTemplate {
	readonly source: Source;
	readonly program: hbs.AST.Program | undefined;
	/** Names that `{{#*inline "name"}}` gives to partials in this file. */
	readonly inlineNames: readonly string[];
	readonly diagnostics: readonly Diagnostic[];
	/** The offset of a Handlebars position. */
	offset(position: hbs.AST.Position): number;
	/** The stretch of the file a node was written in. */
	span(node: { readonly loc: hbs.AST.SourceLocation }): Span;
}

/** The part of Handlebars' generated parser that knows how far it came; its types leave it out. */
interface ParserState {
	readonly lexer?: { readonly matched: string; readonly match: string };
}

const TOKENS: Readonly<Record<string, string>> = {
	CLOSE: "}}",
	CLOSE_RAW_BLOCK: "}}}}",
	CLOSE_SEXPR: ")",
	CLOSE_UNESCAPED: "}}}",
	INVERSE: "{{else}}",
	OPEN_ENDBLOCK: "{{/…}}",
	OPEN_INVERSE_CHAIN: "{{else …}}",
};

/** Offsets at which lines start, counted as Handlebars counts them: a lone carriage return ends a line too. */
function lineStarts(text: string): readonly number[] {
	const starts = [0];
	for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
	return starts;
}

/** The last `{{#…}}` before the end that no `{{/…}}` closes. */
function unclosedBlock(text: string): { start: number; end: number; name: string } | undefined {
	const open: { start: number; end: number; name: string }[] = [];
	const tags = /\\\{\{|\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?([#^/])[*>]?\s*([^\s~}(]+)[^}]*\}\}/g;
	for (const match of text.matchAll(tags)) {
		const [tag, mark, name] = match;
		if (mark === "/") open.pop();
		else if (mark && name) open.push({ start: match.index, end: match.index + tag.length, name });
	}
	return open.at(-1);
}

/** What Handlebars could not read, said in words and placed at what the person has to change. */
function syntaxError(source: Source, error: Error): Diagnostic {
	const code = "TEMPLATE_SYNTAX";
	const { text } = source;
	const place = error as { lineNumber?: number; column?: number; endColumn?: number };
	if (place.lineNumber !== undefined && place.column !== undefined) {
		const start = (lineStarts(text)[place.lineNumber - 1] ?? 0) + place.column;
		const end = start + Math.max(1, (place.endColumn ?? 0) - place.column);
		const summary = error.message.replace(/ - \d+:\d+$/, "");
		const closes = / doesn't match /.test(summary);
		const block = summary.split(" ")[0] ?? "";
		return errorAt(
			{ source, start, end },
			code,
			closes ? `this block is closed by another name: ${summary}` : summary,
			closes ? { hint: `close {{#${block}}} with {{/${block}}}` } : {},
		);
	}
	const lexer = (Handlebars as unknown as { Parser?: ParserState }).Parser?.lexer;
	const match = lexer?.match ?? "";
	const start = (lexer?.matched.length ?? 0) - match.length;
	const expected = /Expecting (.*), got '([^']*)'/.exec(error.message);
	const got = expected?.[2] ?? "";
	const opened = text.lastIndexOf("{{", start - 1);
	const block = got === "EOF" ? unclosedBlock(text) : undefined;
	if (block)
		return errorAt({ source, ...block }, code, `{{#${block.name}}} is never closed`, {
			hint: `close it with {{/${block.name}}}`,
		});
	if (opened >= 0 && got !== "OPEN_ENDBLOCK" && !text.slice(opened).includes("}}"))
		return errorAt({ source, start: opened, end: opened + 2 }, code, "this {{ is never closed", {
			hint: "close it with }}; braces that are meant as text are written \\{{",
		});
	const span = { source, start, end: start + Math.max(1, match.length) };
	if (got === "OPEN_ENDBLOCK") return errorAt(span, code, "this closes a block that is not open");
	if (got === "EOF") return errorAt(span, code, "the template ends in the middle of a block");
	const wanted = [...(expected?.[1] ?? "").matchAll(/'([A-Z_]+)'/g)]
		.map((token) => TOKENS[token[1] ?? ""])
		.filter((token) => token !== undefined);
	const closers = wanted.filter((token) => !token.startsWith("{{"));
	return errorAt(
		span,
		code,
		match.trim() === ""
			? "this is not a template expression"
			: `${match.trim()} cannot stand here in a template expression`,
		closers.length === 1 ? { hint: `${closers[0]} was expected` } : {},
	);
}

function inlineNames(text: string): readonly string[] {
	return [...text.matchAll(/\{\{~?#\*\s*inline\s+["']([^"']*)["']/g)].map((m) => m[1] ?? "");
}

const parsed = new WeakMap<Template, ParsedTemplate>();

/** Reads a template with Handlebars. The same Template object is read once. */
export function parseTemplate(template: Template): ParsedTemplate {
	const known = parsed.get(template);
	if (known) return known;
	const source = textSource(template.file, template.text);
	const starts = lineStarts(template.text);
	const offset = (position: hbs.AST.Position) => (starts[position.line - 1] ?? 0) + position.column;
	let program: hbs.AST.Program | undefined;
	const diagnostics: Diagnostic[] = [];
	try {
		program = Handlebars.parse(template.text);
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		diagnostics.push(syntaxError(source, error));
	}
	const result: ParsedTemplate = {
		source,
		program,
		inlineNames: inlineNames(template.text),
		diagnostics,
		offset,
		span: (node) => ({ source, start: offset(node.loc.start), end: offset(node.loc.end) }),
	};
	parsed.set(template, result);
	return result;
}
