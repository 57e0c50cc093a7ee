import { type Properties, sameValue, type Value } from "../../model/value.ts";

/** A rule between properties, as data: validation, documentation and the laws' generators read it. */
export interface Constraint {
	/** For errors and documentation: `AWS_SNS_TOPIC and INTEGRATION exclude each other`. */
	readonly rule: string;
	/** The properties it speaks of; the first one written is where an error points. */
	readonly properties: readonly string[];
	holds(properties: Properties): boolean;
}

function isWritten(value: Value | undefined): boolean {
	return value !== undefined && value !== null;
}

/** At most one of these is written. */
export function oneOf(...names: readonly string[]): Constraint {
	return {
		rule: `${names.join(" and ")} exclude each other`,
		properties: names,
		holds: (properties) => names.filter((name) => isWritten(properties[name])).length <= 1,
	};
}

/** Where `name` is written (or has this value), the other properties have these values. */
export function requires(
	name: string,
	needed: Properties,
	options: { readonly is?: Value } = {},
): Constraint {
	const needs = Object.entries(needed).map(([key, value]) => `${key} = ${String(value)}`);
	return {
		rule: `${name}${options.is === undefined ? "" : ` = ${String(options.is)}`} needs ${needs.join(" and ")}`,
		properties: [name, ...Object.keys(needed)],
		holds: (properties) => {
			const value = properties[name];
			const applies = options.is === undefined ? isWritten(value) : sameValue(value, options.is);
			return !applies || Object.entries(needed).every(([key, v]) => sameValue(properties[key], v));
		},
	};
}

/** A rule that is not one of the common forms. */
export function rule(
	text: string,
	properties: readonly string[],
	holds: (properties: Properties) => boolean,
): Constraint {
	return { rule: text, properties, holds };
}
