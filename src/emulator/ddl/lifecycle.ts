import type { CreateStatement } from "../../parse/statement.ts";
import { alreadyExists } from "../account/errors.ts";
import { momentCell } from "../account/wire.ts";
import type { CatalogObject, Context, Json, Kind, Result, ShowColumn } from "../types.ts";
import { statusResult } from "./result.ts";
import { addObject, beginCreate } from "./shared.ts";

/** What ALTER answers. */
export const DONE: Result = statusResult();

/** What a CREATE statement says an object is. */
export interface Definition {
	readonly comment: string | null;
	readonly properties: { readonly [key: string]: Json };
}

/** What differs between kinds in the course of a CREATE. */
export interface CreateSteps {
	/** How the kind is called in the answer: `Stage area`. */
	readonly label: string;
	/** Other kinds that share the names of this one. */
	readonly sharesNames?: readonly string[];
	/** Reads and checks the statement before anything is changed. */
	define(name: readonly string[]): Promise<Definition>;
	/** CREATE OR ALTER on an object that exists; absent where the kind has no such statement. */
	change?(existing: CatalogObject): Promise<void>;
	/** Called with the new object. */
	created?(object: CatalogObject): Promise<void>;
}

/** Runs a CREATE: everything is checked before the object it replaces is dropped. */
export async function createObject(
	context: Context,
	kind: Kind,
	statement: CreateStatement,
	steps: CreateSteps,
): Promise<Result> {
	const begun = beginCreate(context, kind, statement, { orAlter: steps.change !== undefined });
	if (begun.step === "nothing") return begun.result;
	if (begun.step === "alter") {
		await context.lock(begun.object.id, "define");
		await steps.change?.(begun.object);
		return statusResult(`${steps.label} ${begun.object.name} successfully altered.`);
	}
	for (const other of steps.sharesNames ?? [])
		if (context.catalog.find(other, begun.name)) throw alreadyExists(kind.kind, begun.name, other);
	const definition = await steps.define(begun.name);
	const object = await addObject(context, kind, begun, definition);
	await steps.created?.(object);
	return statusResult(`${steps.label} ${object.name} successfully created.`);
}

/** A comment as it is kept: null where it is empty or absent. */
export function commentOf(text: string | undefined): string | null {
	return text === undefined || text === "" ? null : text;
}

/** A text column of SHOW. */
export function shown(name: string, value: ShowColumn["value"]): ShowColumn {
	return { name, type: "text", value };
}

/** SHOW's column of the moment an object was created. */
export const CREATED_ON: ShowColumn = {
	name: "created_on",
	type: "timestamp",
	value: (object) => momentCell(object.createdOn),
};

/** The columns that SHOW begins with for objects of a schema. */
export const SCHEMA_OBJECT: readonly ShowColumn[] = [
	CREATED_ON,
	shown("name", (object) => object.name),
	shown("database_name", (object) => object.database ?? null),
	shown("schema_name", (object) => object.schema ?? null),
];

/** The columns of DESCRIBE for kinds that list their properties. */
export const PROPERTY_COLUMNS = [
	"property",
	"property_type",
	"property_value",
	"property_default",
] as const;
