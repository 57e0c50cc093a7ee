import { sortBy } from "../../model/compare.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Context, ParameterRow } from "../types.ts";
import { ACTIVE_PARAMETERS } from "./active-parameters.ts";
import { compilationError, invalidValue } from "./errors.ts";
import { PASSIVE_PARAMETERS } from "./passive-parameters.ts";

/** A parameter of Snowflake: its default, what it can be, and on which kinds of object it can be set. */
export interface Parameter {
	readonly name: string;
	readonly type: "BOOLEAN" | "NUMBER" | "STRING";
	readonly default: string;
	readonly description: string;
	readonly kinds: readonly string[];
	/** For NUMBER: smallest and largest value. For STRING: the values there are. */
	readonly range?: readonly [number, number];
	readonly values?: readonly string[];
}

/** https://docs.snowflake.com/en/sql-reference/parameters, as far as the local account knows them, by name. */
export const PARAMETERS: readonly Parameter[] = sortBy(
	[...ACTIVE_PARAMETERS, ...PASSIVE_PARAMETERS],
	(parameter) => parameter.name,
);

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((p) => [p.name, p]));

/** A parameter that can be set on a kind of object, by name. */
export function parameterFor(kind: string, name: string): Parameter | undefined {
	const parameter = BY_NAME.get(name);
	return parameter?.kinds.includes(kind) ? parameter : undefined;
}

/** A written value in the form SHOW PARAMETERS prints, or 001008. */
export function parameterValue(parameter: Parameter, written: string): string {
	switch (parameter.type) {
		case "BOOLEAN": {
			const word = written.toLowerCase();
			if (word !== "true" && word !== "false") throw invalidValue(parameter.name, written);
			return word;
		}
		case "NUMBER": {
			const value = Number(written);
			const [least, most] = parameter.range ?? [0, Number.MAX_SAFE_INTEGER];
			if (written.trim() === "" || !Number.isInteger(value) || value < least || value > most)
				throw invalidValue(parameter.name, written);
			return String(value);
		}
		default: {
			if (!parameter.values) return written;
			const value = written.toUpperCase();
			if (!parameter.values.includes(value)) throw invalidValue(parameter.name, written);
			return value;
		}
	}
}

/** The parameters set on an object itself. */
export function ownParameters(object: CatalogObject): { readonly [name: string]: string } {
	return (object.properties.parameters ?? {}) as { readonly [name: string]: string };
}

/** The objects that an object inherits parameters from, nearest first, itself at the start. */
function ancestry(context: Context, object: CatalogObject): readonly CatalogObject[] {
	const { database, schema } = object;
	const parents = [
		database !== undefined && schema !== undefined
			? context.catalog.find("SCHEMA", [database, schema])
			: undefined,
		database === undefined ? undefined : context.catalog.find("DATABASE", [database]),
		accountObject(context),
	];
	return [object, ...parents.filter((parent) => parent !== undefined)];
}

/** The object that stands for the account itself. */
export function accountObject(context: Pick<Context, "catalog">): CatalogObject | undefined {
	return context.catalog.list("ACCOUNT")[0];
}

/** The value that holds for an object, and the level it was set on ("" for the default). */
export function effectiveParameter(
	context: Context,
	object: CatalogObject,
	name: string,
): { readonly value: string; readonly level: string } {
	for (const ancestor of ancestry(context, object)) {
		const value = ownParameters(ancestor)[name];
		if (value !== undefined) return { value, level: ancestor.kind };
	}
	return { value: BY_NAME.get(name)?.default ?? "", level: "" };
}

/** The value that holds for a session. */
export function sessionParameter(
	context: Pick<Context, "catalog" | "session">,
	name: string,
): string {
	return (
		context.session.parameters.get(name) ??
		ownParameters(accountObject(context) ?? NO_OBJECT)[name] ??
		BY_NAME.get(name)?.default ??
		""
	);
}

const NO_OBJECT: CatalogObject = {
	id: 0,
	kind: "ACCOUNT",
	name: "",
	owner: "",
	createdOn: 0,
	comment: null,
	properties: {},
};

/** Rows of SHOW PARAMETERS for an object. */
export function parameterRows(context: Context, object: CatalogObject): readonly ParameterRow[] {
	const known =
		object.kind === "ACCOUNT"
			? PARAMETERS
			: PARAMETERS.filter((parameter) => parameter.kinds.includes(object.kind));
	return known.map((parameter) => ({
		key: parameter.name,
		...effectiveParameter(context, object, parameter.name),
		default: parameter.default,
		description: parameter.description,
		type: parameter.type,
	}));
}

/** Rows of SHOW PARAMETERS for the session. */
export function sessionParameterRows(context: Context): readonly ParameterRow[] {
	const account = ownParameters(accountObject(context) ?? NO_OBJECT);
	return PARAMETERS.filter((parameter) => parameter.kinds.includes("SESSION")).map((parameter) => {
		const own = context.session.parameters.get(parameter.name);
		const inherited = account[parameter.name];
		return {
			key: parameter.name,
			value: own ?? inherited ?? parameter.default,
			default: parameter.default,
			level: own !== undefined ? "SESSION" : inherited !== undefined ? "ACCOUNT" : "",
			description: parameter.description,
			type: parameter.type,
		};
	});
}

/** Sets a parameter of the session, as ALTER SESSION and a driver's login do. */
export function setSessionParameter(context: Context, name: string, written: string): void {
	const parameter = parameterFor("SESSION", name);
	if (!parameter) {
		if (BY_NAME.has(name))
			throw compilationError("001006", "22023", `invalid property '${name}' for 'SESSION'`);
		throw unsupported(`session parameter ${name}`);
	}
	context.session.parameters.set(name, parameterValue(parameter, written));
}

/** Parameters that drivers act on: how values are shown, and whether statements commit. They go with every result. */
const DRIVER_PARAMETERS = [
	"AUTOCOMMIT",
	"BINARY_OUTPUT_FORMAT",
	"DATE_OUTPUT_FORMAT",
	"GEOGRAPHY_OUTPUT_FORMAT",
	"TIMESTAMP_LTZ_OUTPUT_FORMAT",
	"TIMESTAMP_NTZ_OUTPUT_FORMAT",
	"TIMESTAMP_OUTPUT_FORMAT",
	"TIMESTAMP_TZ_OUTPUT_FORMAT",
	"TIMEZONE",
	"TIME_OUTPUT_FORMAT",
];

/** What holds for a session, in the form of the drivers' protocol. */
export function driverParameters(
	context: Pick<Context, "catalog" | "session">,
): readonly { readonly name: string; readonly value: string | boolean }[] {
	return DRIVER_PARAMETERS.map((name) => {
		const value = sessionParameter(context, name);
		return { name, value: BY_NAME.get(name)?.type === "BOOLEAN" ? value === "true" : value };
	});
}
