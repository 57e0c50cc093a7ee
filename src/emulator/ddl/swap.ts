import type { Cursor } from "../../parse/cursor.ts";
import { loseChanges } from "../run/stream-read.ts";
import type { CatalogObject, Context, Kind, Result } from "../types.ts";
import { renameContents } from "./container.ts";
import { statusResult } from "./result.ts";
import { findObject, requireEnd } from "./shared.ts";

/** Exchanges the names of two objects; ids, and with them grants and data, stay. Streams on tables go stale. */
export async function swapNames(
	context: Context,
	object: CatalogObject,
	other: CatalogObject,
): Promise<void> {
	await context.lock(object.id, "define");
	await context.lock(other.id, "define");
	const place = ({ database, schema, name }: CatalogObject) => ({
		...(database !== undefined && { database }),
		...(schema !== undefined && { schema }),
		name,
	});
	await context.catalog.update({ ...object, ...place(other) });
	await context.catalog.update({ ...other, ...place(object) });
	for (const { id, kind } of [object, other]) if (kind === "TABLE") await loseChanges(context, id);
}

/** `ALTER DATABASE|SCHEMA … SWAP WITH`: what is inside goes with its container. */
export async function swapContainers(
	context: Context,
	kind: Kind,
	object: CatalogObject,
	rest: Cursor,
): Promise<Result> {
	const other = findObject(context, kind, rest.expectName().parts);
	requireEnd(rest);
	await swapNames(context, object, other);
	const swapped = context.catalog.byId(object.id) ?? object;
	const away = { ...object, name: `${object.name} ${object.id}` };
	await renameContents(context, object, away);
	await renameContents(context, other, context.catalog.byId(other.id) ?? other);
	await renameContents(context, away, swapped);
	return statusResult();
}
