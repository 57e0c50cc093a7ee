import { didYouMean } from "../diagnostics/nearest.ts";
import { formatIdentifier, formatString, parseName } from "../model/identifier.ts";

/** The place of a secret in rendered text, before it becomes text. */
export interface SecretValue {
	readonly secret: string;
}

/** What a helper has to say instead of a value. */
export interface Complaint {
	readonly code: string;
	readonly summary: string;
	readonly hint?: string;
}

/** What a helper gives back: a value, or a complaint about its arguments. */
export type HelperResult = { readonly value: unknown } | { readonly complaint: Complaint };

/** A helper that is called in an expression: how it may be called, and what it does. */
export interface InlineHelper {
	readonly usage: string;
	readonly parameters: number;
	readonly options: readonly string[];
	run(args: readonly unknown[], options: Readonly<Record<string, unknown>>): HelperResult;
}

/** A helper that opens a block; Handlebars' own, with exactly one argument. */
export interface BlockHelper {
	readonly usage: string;
	readonly options: readonly string[];
}

export function isSecret(value: unknown): value is SecretValue {
	return typeof value === "object" && value !== null && "secret" in value && SECRETS.has(value);
}

/** Secrets that `{{secret}}` made, so that a map in the variables cannot pass for one. */
const SECRETS = new WeakSet<object>();

/** What a value is called in a message. */
export function describe(value: unknown): string {
	if (value === null) return "null";
	if (value === undefined) return "nothing";
	if (isSecret(value)) return "a secret";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object") return "a map";
	return `the ${typeof value} ${JSON.stringify(value)}`;
}

function complain(summary: string, hint?: string): HelperResult {
	return { complaint: { code: "HELPER_ARGUMENT", summary, ...(hint && { hint }) } };
}

/** The pieces of `DB.S."odd.name"`: split at the dots that stand outside quotes. */
function splitName(text: string): readonly string[] {
	return text.match(/(?:"(?:[^"]|"")*"|[^."]|")+/g) ?? [text];
}

/**
 * One part of a name as SQL. What can be read as an identifier is read as Snowflake reads it, so `orders` and
 * `ORDERS` are one name; anything else can only be meant as it stands, and is quoted.
 */
function formatPart(text: string): string {
	const name = parseName(text);
	return formatIdentifier(name?.length === 1 && name[0] !== undefined ? name[0] : text);
}

/** A name as SQL, or undefined when the value is not one. */
function identifier(value: unknown): string | undefined {
	const parts =
		typeof value === "string" ? splitName(value) : Array.isArray(value) ? value : undefined;
	if (!parts || parts.length === 0) return undefined;
	if (!parts.every((part) => typeof part === "string" && part !== "")) return undefined;
	return parts.map(formatPart).join(".");
}

/** A value as a SQL literal, or undefined when SQL has no literal for it. */
function literal(value: unknown): string | undefined {
	if (value === null) return "NULL";
	if (typeof value === "string") return formatString(value);
	if (typeof value === "number" && Number.isFinite(value)) return String(value);
	if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
	return undefined;
}

const identifierHelper: InlineHelper = {
	usage: "{{identifier NAME}}",
	parameters: 1,
	options: [],
	run([value]) {
		const text = identifier(value);
		return text === undefined
			? complain(`identifier needs a name, or a list of its parts; this is ${describe(value)}`)
			: { value: text };
	},
};

const literalHelper: InlineHelper = {
	usage: "{{literal VALUE}}",
	parameters: 1,
	options: [],
	run([value]) {
		const text = literal(value);
		if (text !== undefined) return { value: text };
		return complain(
			`literal writes a string, number, boolean or null; this is ${describe(value)}`,
			Array.isArray(value)
				? "{{list …}} writes every item of a list as a literal"
				: isSecret(value)
					? "{{secret …}} stands for the whole literal, quotes included"
					: undefined,
		);
	},
};

const listHelper: InlineHelper = {
	usage: "{{list VALUES}} or {{list NAMES identifiers=true}}",
	parameters: 1,
	options: ["identifiers"],
	run([value], { identifiers = false }) {
		if (typeof identifiers !== "boolean")
			return complain(`identifiers is true or false, not ${describe(identifiers)}`);
		if (!Array.isArray(value)) return complain(`list needs a list; this is ${describe(value)}`);
		const items = value.map((item) => (identifiers ? identifier(item) : literal(item)));
		const bad = items.indexOf(undefined);
		if (bad >= 0)
			return complain(
				`item ${bad + 1} of this list is ${describe(value[bad])}, which is no ${identifiers ? "name" : "literal"}`,
			);
		return { value: items.join(", ") };
	},
};

const definedHelper: InlineHelper = {
	usage: "(defined PATH)",
	parameters: 1,
	options: [],
	run: ([value]) => ({ value: value !== undefined }),
};

const lookupHelper: InlineHelper = {
	usage: "(lookup MAP KEY)",
	parameters: 2,
	options: [],
	run([container, key]) {
		if (typeof container !== "object" || container === null || isSecret(container))
			return complain(`lookup needs a map or a list; this is ${describe(container)}`);
		if (typeof key !== "string" && typeof key !== "number")
			return complain(`lookup needs a name or a number as its key; this is ${describe(key)}`);
		if (Object.hasOwn(container, key))
			return { value: (container as Readonly<Record<string, unknown>>)[key] };
		return {
			complaint: {
				code: "UNDEFINED_VARIABLE",
				summary: `there is no ${key} in ${describe(container)}`,
				...didYouMean(String(key), Object.keys(container)),
			},
		};
	},
};

const secretHelper: InlineHelper = {
	usage: '{{secret "NAME"}}',
	parameters: 1,
	options: [],
	run([name]) {
		if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
			return complain(
				`a secret is named like an environment variable; this is ${describe(name)}`,
				"use letters, digits and _, and do not start with a digit",
			);
		const value: SecretValue = { secret: name };
		SECRETS.add(value);
		return { value };
	},
};

/** Helpers for expressions. */
export const INLINE_HELPERS: ReadonlyMap<string, InlineHelper> = new Map([
	["defined", definedHelper],
	["identifier", identifierHelper],
	["list", listHelper],
	["literal", literalHelper],
	["lookup", lookupHelper],
	["secret", secretHelper],
]);

/** Helpers that open a block; what they do is Handlebars' own. */
export const BLOCK_HELPERS: ReadonlyMap<string, BlockHelper> = new Map([
	["each", { usage: "{{#each LIST}}…{{/each}}", options: [] }],
	["if", { usage: "{{#if VALUE}}…{{/if}}", options: ["includeZero"] }],
	["unless", { usage: "{{#unless VALUE}}…{{/unless}}", options: ["includeZero"] }],
	["with", { usage: "{{#with MAP}}…{{/with}}", options: [] }],
]);

/** Every helper's name: names that a variable cannot have. */
export const HELPER_NAMES: readonly string[] = [
	...INLINE_HELPERS.keys(),
	...BLOCK_HELPERS.keys(),
].sort();
