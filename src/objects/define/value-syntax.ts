import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Level } from "../../model/catalog.ts";
import { formatName, formatString, type QualifiedName } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import type { Cursor, WrittenName } from "../../parse/cursor.ts";
import type { Comment } from "../../parse/lexer.ts";
import type { Domain } from "./domain.ts";

/** What reading a statement needs to know of the file around it. */
export interface ReadContext {
	/** The full stored name of a written name, by the context (USE …) at this place in the file. */
	qualify(name: WrittenName, level: Level): QualifiedName;
	/** The comments that speak of this stretch of the statement: within it, behind it on its line, or right above it. */
	commentsNear?(span: Span): readonly Comment[];
	/** Says where a part of a property was written, so that messages can point there: `COLUMN ID`. */
	mark?(part: string, span: Span): void;
}

/** How a value is written after its keyword: read, printed back, and what values it may take. */
export interface ValueSyntax {
	read(cursor: Cursor, context: ReadContext): Value;
	/** Canonical SQL of a value. */
	print(value: Value): string;
	readonly domain: Domain;
	/** For documentation and errors: `TRUE | FALSE`, `'<text>'`. */
	readonly shape: string;
}

function invalid(span: Span, summary: string, hint?: { hint?: string }): DeployError {
	return new DeployError(EXIT.input, errorAt(span, "INVALID_VALUE", summary, hint));
}

/** TRUE or FALSE, also in quotes. */
export const booleanValue: ValueSyntax = {
	read(cursor) {
		const token = cursor.peek();
		const word = token?.value.toUpperCase();
		if (
			token &&
			(token.type === "word" || token.type === "string") &&
			(word === "TRUE" || word === "FALSE")
		) {
			cursor.next();
			return word === "TRUE";
		}
		throw cursor.error("TRUE or FALSE");
	},
	print: (value) => (value === true ? "TRUE" : "FALSE"),
	domain: { type: "boolean" },
	shape: "TRUE | FALSE",
};

/** A whole number within bounds, also in quotes or negative; with `none`, the word that means no number (stored as null). */
export function integerValue(
	bounds: { min?: number; max?: number; none?: string } = {},
): ValueSyntax {
	const { min = 0, max = Number.MAX_SAFE_INTEGER, none } = bounds;
	return {
		read(cursor) {
			const first = cursor.peek();
			if (none !== undefined && first?.value.toUpperCase() === none) {
				cursor.next();
				return null;
			}
			const negative = cursor.take("-");
			const token = cursor.peek();
			if (!token || !/^\d+$/.test(token.value)) throw cursor.error("a whole number");
			cursor.next();
			const value = Number(token.value) * (negative ? -1 : 1);
			if (value < min || value > max)
				throw invalid(
					cursor.spanFrom(first ?? token),
					`${value} is out of range: from ${min} to ${max}`,
				);
			return value;
		},
		print: (value) => (value === null ? (none ?? "NULL") : String(value)),
		domain: { type: "integer", min, max, ...(none === undefined ? {} : { none: true }) },
		shape: "<integer>",
	};
}

/** Any text in single quotes; a secret's marker stays a marker. */
export const stringValue: ValueSyntax = {
	read(cursor) {
		const token = cursor.peek();
		if (token?.type === "secret") return cursor.next().text;
		return cursor.expectString();
	},
	print: (value) => (isSecret(value) ? (value as string) : formatString(String(value))),
	domain: { type: "text" },
	shape: "'<text>'",
};

/** Whether a value is the marker of a secret. */
export function isSecret(value: Value | undefined): boolean {
	return typeof value === "string" && /^<secret [A-Za-z_][A-Za-z0-9_]*>$/.test(value);
}

/**
 * One of these words, with or without quotes; `synonyms` maps other spellings to the canonical one.
 * `quoted` prints it in quotes (for values such as X-LARGE or a format option).
 */
export function wordValue(
	words: readonly string[],
	options: { readonly synonyms?: Readonly<Record<string, string>>; readonly quoted?: boolean } = {},
): ValueSyntax {
	const accepted = [...words, ...Object.keys(options.synonyms ?? {})];
	return {
		read(cursor) {
			const token = cursor.peek();
			if (!token || !["word", "string", "number", "quoted"].includes(token.type))
				throw cursor.error(words.join(", "));
			cursor.next();
			const word = token.value.toUpperCase();
			const canonical = options.synonyms?.[word] ?? word;
			if (!words.includes(canonical))
				throw invalid(
					cursor.span(token, token),
					`${token.value} is not one of ${words.join(", ")}`,
					didYouMean(word, accepted),
				);
			return canonical;
		},
		print: (value) => (options.quoted ? formatString(String(value)) : String(value)),
		domain: { type: "enum", values: words },
		shape: words.join(" | "),
	};
}

/** The name of another object, stored as its full parts joined as SQL: `DB.S.NAME`. Also accepted in quotes. */
export function nameValue(
	kind: string | readonly string[],
	level: Level,
	options: { readonly print?: "name" | "string" } = {},
): ValueSyntax {
	return {
		read(cursor, context) {
			const token = cursor.peek();
			if (token?.type === "string") {
				cursor.next();
				const span = cursor.span(token, token);
				return formatName(context.qualify({ parts: nameParts(token.value, span), span }, level));
			}
			return formatName(context.qualify(cursor.expectName(), level));
		},
		print: (value) => (options.print === "string" ? formatString(String(value)) : String(value)),
		domain: { type: "reference", kinds: typeof kind === "string" ? [kind] : kind },
		shape: "<name>",
	};
}

function nameParts(text: string, span: Span): QualifiedName {
	const parts = text.match(/"(?:[^"]|"")*"|[^.\s"]+/g);
	if (!parts) throw invalid(span, `'${text}' is not a name`);
	return parts.map((part) =>
		part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toUpperCase(),
	);
}

/** `( a, b, … )` of values, or one value alone. */
export function listValue(
	item: ValueSyntax,
	options: { readonly minimum?: number } = {},
): ValueSyntax {
	return {
		read(cursor, context) {
			const group = cursor.takeGroup();
			if (!group) return [item.read(cursor, context)];
			return group.splitAt(",").map((part) => {
				const value = item.read(part, context);
				if (!part.done) throw part.error(", or )");
				return value;
			});
		},
		print: (value) => `(${(value as readonly Value[]).map(item.print).join(", ")})`,
		domain: { type: "list", of: item.domain, minimum: options.minimum ?? 0 },
		shape: `( ${item.shape} [, …] )`,
	};
}

/** Text in single quotes (a plain word will do) that Snowflake checks itself; `examples` are for the generators of the laws. */
export function oneOfStrings(...examples: readonly string[]): ValueSyntax {
	return {
		read(cursor) {
			const token = cursor.peek();
			if (token?.type !== "word") return stringValue.read(cursor, { qualify: (n) => n.parts });
			cursor.next();
			return token.text;
		},
		print: stringValue.print,
		domain: { type: "samples", samples: examples },
		shape: "'<text>'",
	};
}
