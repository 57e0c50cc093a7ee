import { momentCell } from "../account/wire.ts";
import type { CatalogObject, Context, Json, ShowColumn } from "../types.ts";

/** A text column of SHOW. */
export function text(
	name: string,
	value: (object: CatalogObject, context: Context) => string | null,
): ShowColumn {
	return { name, type: "text", value };
}

/** A number column of SHOW. */
export function number(
	name: string,
	value: (object: CatalogObject, context: Context) => number | null,
): ShowColumn {
	return {
		name,
		type: "number",
		value: (object, context) => {
			const found = value(object, context);
			return found === null ? null : String(found);
		},
	};
}

/** A timestamp column of SHOW, from milliseconds since the epoch. */
export function timestamp(
	name: string,
	value: (object: CatalogObject, context: Context) => number | null,
): ShowColumn {
	return {
		name,
		type: "timestamp",
		value: (object, context) => {
			const found = value(object, context);
			return found === null ? null : momentCell(found);
		},
	};
}

/** A number that the kind measured in the engine. */
export function measured(name: string): ShowColumn {
	return {
		name,
		type: "number",
		value: (_object, _context, values) => {
			const found: Json | undefined = values?.[name];
			return found === null || found === undefined ? null : String(found);
		},
	};
}

export const createdOn = timestamp("created_on", (object) => object.createdOn);
export const name = text("name", (object) => object.name);
export const databaseName = text("database_name", (object) => object.database ?? null);
export const schemaName = text("schema_name", (object) => object.schema ?? null);
export const owner = text("owner", (object) => object.owner);
export const comment = text("comment", (object) => object.comment ?? "");
export const ownerRoleType = text("owner_role_type", (object) =>
	object.owner === "" ? "" : "ROLE",
);

/** A column that is always the same. */
export function always(columnName: string, value: string | null): ShowColumn {
	return text(columnName, () => value);
}
