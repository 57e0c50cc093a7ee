import type { Level } from "../../model/catalog.ts";
import { parseName } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import { type Domain, samples } from "./domain.ts";
import { type Clause, type Property, type PropertyOptions, property } from "./property.ts";
import {
	booleanValue,
	integerValue,
	nameValue,
	stringValue,
	type ValueSyntax,
	wordValue,
} from "./value-syntax.ts";

/** `KEY = value` (the equals sign may be missing where Snowflake's grammar has it optional). */
export function assignmentClause(
	key: string,
	value: ValueSyntax,
	options: { readonly equals?: "optional" } = {},
): Clause {
	return {
		place: "clause",
		keywords: [key],
		starts: (cursor) =>
			cursor.looksAt(key) && (options.equals === "optional" || cursor.peek(1)?.text === "="),
		read(cursor, context) {
			cursor.expect(key);
			if (!cursor.take("=") && options.equals !== "optional") throw cursor.error("=");
			return value.read(cursor, context);
		},
		print: (v) => `${key} = ${value.print(v)}`,
		verbatim: false,
		domain: value.domain,
		shape: `${key} = ${value.shape}`,
	};
}

/** Words followed by a value without an equals sign: `CLUSTER BY ( … )`, `AFTER a, b`, `ON TABLE t`. */
export function phraseClause(words: string, value: ValueSyntax): Clause {
	const keywords = words.split(" ");
	return {
		place: "clause",
		keywords,
		starts: (cursor) => cursor.looksAt(...keywords),
		read(cursor, context) {
			cursor.expect(...keywords);
			return value.read(cursor, context);
		},
		print: (v) => `${words} ${value.print(v)}`,
		verbatim: false,
		domain: value.domain,
		shape: `${words} ${value.shape}`,
	};
}

/** Words whose presence is the value true: `WITH MANAGED ACCESS`, or TRANSIENT before the kind. */
export function presenceClause(words: string, place: "modifier" | "clause" = "clause"): Clause {
	const keywords = words.split(" ");
	return {
		place,
		keywords,
		starts: (cursor) => cursor.looksAt(...keywords),
		read(cursor) {
			cursor.expect(...keywords);
			return true;
		},
		print: (v) => (v === true ? words : ""),
		verbatim: false,
		domain: { type: "boolean" },
		shape: words,
	};
}

/** The rest of the statement after a word, kept as the user wrote it. */
export function bodyClause(word: string, domain: Domain): Clause {
	return {
		place: "body",
		keywords: [word],
		starts: (cursor) => cursor.looksAt(word),
		read(cursor) {
			cursor.expect(word);
			return cursor.takeRest().text;
		},
		print: (v) => `${word}\n${String(v)}`,
		verbatim: true,
		domain,
		shape: `${word} <sql>`,
	};
}

/** `KEY = value` with any value syntax. */
export function assignment(key: string, value: ValueSyntax, options: PropertyOptions): Property {
	return property(key, assignmentClause(key, value), options);
}

/** `KEY = TRUE | FALSE` */
export function flag(key: string, options: PropertyOptions): Property {
	return assignment(key, booleanValue, options);
}

/** `KEY = '<text>'` */
export function text(key: string, options: PropertyOptions): Property {
	return assignment(key, stringValue, options);
}

/** `KEY = <integer>` */
export function integer(
	key: string,
	bounds: Parameters<typeof integerValue>[0],
	options: PropertyOptions,
): Property {
	return assignment(key, integerValue(bounds), options);
}

/** `KEY = WORD`, one of several; see wordValue for synonyms and quotes. */
export function word(
	key: string,
	words: readonly string[],
	options: PropertyOptions & Parameters<typeof wordValue>[1],
): Property {
	const { synonyms, quoted, ...rest } = options;
	return assignment(
		key,
		wordValue(words, { ...(synonyms && { synonyms }), ...(quoted && { quoted }) }),
		rest,
	);
}

/** `KEY = <name of another object>`: a structural reference. `print: "string"` where Snowflake wants it in quotes. */
export function reference(
	key: string,
	kind: string | readonly string[],
	level: Level,
	options: PropertyOptions & { readonly print?: "name" | "string" },
): Property {
	const { print, ...rest } = options;
	return assignment(key, nameValue(kind, level, print ? { print } : {}), {
		references: nameReferences(key, typeof kind === "string" ? [kind] : kind, level),
		...rest,
	});
}

/** References of a value that is a name, or a list of names, each stored as SQL. */
export function nameReferences(
	propertyName: string,
	kinds: readonly string[],
	level: Level,
): NonNullable<Property["references"]> {
	return (value) =>
		(Array.isArray(value) ? value : [value]).flatMap((name: Value) => {
			const parts = typeof name === "string" ? parseName(name) : undefined;
			return parts ? [{ kinds, name: parts, level, structural: true, property: propertyName }] : [];
		});
}

/** The comment every kind has: set, and taken away, in place. */
export function comment(options: Partial<PropertyOptions> = {}): Property {
	return text("COMMENT", {
		change: "alter",
		unset: "unset",
		default: null,
		canonical: emptyIsNull,
		...options,
	});
}

/** An empty text and no text are the same for Snowflake's comments. */
export function emptyIsNull(value: Value): Value {
	return value === "" ? null : value;
}

/** SQL after AS, sent as it was written and compared as tokens. `examples` are for the generators of the laws. */
export function body(
	name: string,
	examples: readonly string[],
	options: PropertyOptions,
): Property {
	return property(name, bodyClause("AS", samples(...examples)), {
		required: true,
		canonical: (value) => canonicalSql(String(value)),
		...options,
	});
}

/** The same property, but one that CREATE cannot say: it is set by ALTER once the object exists. */
export function setting(base: Property): Property {
	return { ...base, clause: { ...base.clause, place: "alter" } };
}
