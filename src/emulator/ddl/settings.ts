import type { Cursor } from "../../parse/cursor.ts";
import { ownParameters, parameterFor, parameterValue } from "../account/parameters.ts";
import { unsupported } from "../error.ts";
import {
	invalidProperty,
	type Property,
	printValue,
	takeProperties,
} from "../load/property-list.ts";
import type { CatalogObject, Context, Json, Result } from "../types.ts";
import { statusResult } from "./result.ts";
import { requireEnd, unexpectedAt } from "./shared.ts";

/** What a list of `NAME = value` says of an object: its comment, its parameters, and what only its kind knows. */
export interface Settings {
	readonly comment: string | null | undefined;
	readonly parameters: { readonly [name: string]: string };
	/** Those that are neither a comment nor a parameter. */
	readonly others: readonly Property[];
}

/** A value as text: a string without its quotes, anything else as written. */
export function valueText(property: Property): string {
	return property.value.type === "string" ? property.value.text : printValue(property.value);
}

/** Sorts properties into comment, parameters of the kind, and the rest. */
export function readSettings(kind: string, properties: readonly Property[]): Settings {
	const parameters: Record<string, string> = {};
	const others: Property[] = [];
	let comment: string | null | undefined;
	for (const property of properties) {
		const parameter = parameterFor(kind, property.name);
		if (property.name === "COMMENT") comment = valueText(property);
		else if (parameter) parameters[property.name] = parameterValue(parameter, valueText(property));
		else others.push(property);
	}
	return { comment, parameters, others };
}

/** Refuses what a kind did not know. */
export function refuseOthers(others: readonly Property[], kind: string): void {
	for (const property of others) throw invalidProperty(property, kind);
}

/** An object's properties with parameters set. */
export function withParameters(
	object: CatalogObject,
	parameters: { readonly [name: string]: string },
): { readonly [key: string]: Json } {
	return {
		...object.properties,
		parameters: { ...ownParameters(object), ...parameters },
	};
}

/** `SET NAME = value …` for kinds that have nothing but a comment and parameters. */
export async function setSettings(
	context: Context,
	object: CatalogObject,
	rest: Cursor,
): Promise<Result> {
	if (rest.looksAt("TAG")) throw unsupported(`tags on ${object.kind}`);
	const { comment, parameters, others } = readSettings(object.kind, takeProperties(rest));
	refuseOthers(others, object.kind);
	if (!rest.done) throw unexpectedAt(rest);
	await context.catalog.update({
		...object,
		comment: comment === undefined ? object.comment : comment,
		properties: withParameters(object, parameters),
	});
	return statusResult();
}

/** `UNSET NAME, …`, likewise. */
export async function unsetSettings(
	context: Context,
	object: CatalogObject,
	rest: Cursor,
): Promise<Result> {
	if (rest.looksAt("TAG")) throw unsupported(`tags on ${object.kind}`);
	const parameters = { ...ownParameters(object) };
	let { comment } = object;
	do {
		const name = rest.expectIdentifier();
		if (name === "COMMENT") comment = null;
		else if (parameterFor(object.kind, name)) delete parameters[name];
		else
			throw invalidProperty(
				{ name, value: { type: "string", text: "" }, at: { line: 1, pos: 0 } },
				object.kind,
			);
	} while (rest.take(","));
	requireEnd(rest);
	await context.catalog.update({
		...object,
		comment,
		properties: { ...object.properties, parameters },
	});
	return statusResult();
}
