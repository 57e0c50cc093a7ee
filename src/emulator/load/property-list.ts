import type { Cursor } from "../../parse/cursor.ts";
import type { Token } from "../../parse/lexer.ts";
import { SnowflakeError } from "../error.ts";

/** A value as it stands behind `NAME =` in DDL and COPY. */
export type PropertyValue =
	| { readonly type: "string"; readonly text: string }
	| { readonly type: "number"; readonly text: string }
	/** A keyword or an object's name: its stored parts, and the words as written. */
	| { readonly type: "name"; readonly parts: readonly string[]; readonly text: string }
	| { readonly type: "list"; readonly items: readonly PropertyValue[] }
	| { readonly type: "group"; readonly properties: readonly Property[] };

/** One `NAME = value`. */
export interface Property {
	readonly name: string;
	readonly value: PropertyValue;
	readonly at: { readonly line: number; readonly pos: number };
}

/** Line (1-based) and position in the line (0-based) of a token, as Snowflake's errors count them. */
export function positionOf(cursor: Cursor, token: Token): { line: number; pos: number } {
	const before = cursor.source.text.slice(0, token.start);
	const lineStart = before.lastIndexOf("\n") + 1;
	return { line: before.split("\n").length, pos: before.length - lineStart };
}

function readValue(cursor: Cursor): PropertyValue {
	const token = cursor.peek();
	if (token?.type === "string") {
		cursor.next();
		return { type: "string", text: token.value };
	}
	if (token?.type === "number") {
		cursor.next();
		return { type: "number", text: token.value };
	}
	const group = cursor.takeGroup();
	if (group) {
		const isGroup = group.peek()?.type === "word" && group.peek(1)?.text === "=";
		if (isGroup) return { type: "group", properties: readProperties(group) };
		return {
			type: "list",
			items: group.splitAt().map((item) => {
				const value = readValue(item);
				if (!item.done) throw item.error(", or )");
				return value;
			}),
		};
	}
	const name = cursor.takeName();
	if (!name) throw cursor.error("a value");
	return {
		type: "name",
		parts: name.parts,
		text: cursor.source.text.slice(name.span.start, name.span.end),
	};
}

/** Takes `NAME = value` if that comes next. */
export function takeProperty(cursor: Cursor): Property | undefined {
	const token = cursor.peek();
	if (token?.type !== "word" || cursor.peek(1)?.text !== "=") return undefined;
	const at = positionOf(cursor, token);
	cursor.next();
	cursor.next();
	return { name: token.value, value: readValue(cursor), at };
}

/**
 * Takes properties separated by white space or commas for as long as there are any.
 * What follows them is left to the caller, who knows what may.
 */
export function takeProperties(cursor: Cursor): Property[] {
	const properties: Property[] = [];
	for (;;) {
		const comma = properties.length > 0 && cursor.looksAt(",") && cursor.peek(2)?.text === "=";
		if (comma) cursor.next();
		const property = takeProperty(cursor);
		if (!property) return properties;
		properties.push(property);
	}
}

/** Reads properties to the end; anything else is a syntax error. */
export function readProperties(cursor: Cursor): Property[] {
	const properties = takeProperties(cursor);
	if (!cursor.done) throw cursor.error("NAME = value");
	return properties;
}

/** Snowflake's answer to a property that a kind does not have. */
export function invalidProperty(property: Property, owner: string): SnowflakeError {
	return new SnowflakeError(
		"001006",
		"22023",
		`SQL compilation error:\ninvalid property '${property.name}' for '${owner}'`,
		property.at,
	);
}

/** A value as the user wrote it, for an error. */
export function printValue(value: PropertyValue): string {
	switch (value.type) {
		case "string":
			return `'${value.text}'`;
		case "number":
		case "name":
			return value.text;
		case "list":
			return `(${value.items.map(printValue).join(", ")})`;
		case "group":
			return `(${value.properties.map((p) => `${p.name}=${printValue(p.value)}`).join(" ")})`;
		default:
			return value satisfies never;
	}
}

/** Snowflake's answer to a value that a property cannot have. */
export function invalidValue(property: Property): SnowflakeError {
	return new SnowflakeError(
		"001008",
		"22023",
		`SQL compilation error:\ninvalid value [${printValue(property.value)}] for parameter '${property.name}'`,
		property.at,
	);
}

/** Snowflake's answer where a required property is not there. */
export function missingProperty(...names: readonly string[]): SnowflakeError {
	return new SnowflakeError(
		"002029",
		"42601",
		`SQL compilation error:\nMissing option(s): [${names.join(", ")}]`,
	);
}

/** TRUE or FALSE, also in quotes as Snowflake allows. */
export function booleanValue(property: Property): boolean {
	const word = wordValue(property);
	if (word === "TRUE") return true;
	if (word === "FALSE") return false;
	throw invalidValue(property);
}

/** A keyword, quoted or not, in upper case. */
export function wordValue(property: Property): string {
	const { value } = property;
	if (value.type === "string" || value.type === "name") return value.text.toUpperCase();
	throw invalidValue(property);
}

/** A whole number, also in quotes. */
export function integerValue(property: Property): number {
	const { value } = property;
	if ((value.type === "number" || value.type === "string") && /^\d+$/.test(value.text))
		return Number(value.text);
	throw invalidValue(property);
}

/** A string in single quotes. */
export function stringValue(property: Property): string {
	if (property.value.type === "string") return property.value.text;
	throw invalidValue(property);
}

/** A list of strings in single quotes; a lone string is a list of one. */
export function stringsValue(property: Property): string[] {
	const { value } = property;
	if (value.type === "string") return [value.text];
	if (value.type !== "list") throw invalidValue(property);
	return value.items.map((item) => {
		if (item.type !== "string") throw invalidValue(property);
		return item.text;
	});
}

/** The properties of `( NAME = value … )`; `()` has none. */
export function groupValue(property: Property): readonly Property[] {
	const { value } = property;
	if (value.type === "group") return value.properties;
	if (value.type === "list" && value.items.length === 0) return [];
	throw invalidValue(property);
}

/** Refuses a property given twice, which Snowflake calls a conflict. */
export function refuseDuplicates(properties: readonly Property[], owner: string): void {
	const seen = new Set<string>();
	for (const property of properties) {
		if (seen.has(property.name))
			throw new SnowflakeError(
				"001006",
				"22023",
				`SQL compilation error:\nduplicate property '${property.name}' for '${owner}'`,
				property.at,
			);
		seen.add(property.name);
	}
}
