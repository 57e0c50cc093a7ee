import type { Cursor } from "../../parse/cursor.ts";
import { fixedType, textType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { textResult } from "../ddl/result.ts";
import { requireEnd } from "../ddl/shared.ts";
import type { Context, Handler, Result } from "../types.ts";
import { displayName, type Location, listFiles, resolveLocation } from "./location.ts";
import { invalidProperty, stringValue, takeProperties } from "./property-list.ts";
import type { StoredFile } from "./storage.ts";

/** Takes `@stage/path`, also in quotes, or a URL. */
export function takeLocationText(cursor: Cursor): string | undefined {
	const token = cursor.peek();
	const quoted = token?.type === "string" && /^(?:@|[a-z0-9]+:\/\/)/.test(token.value);
	if (token?.type !== "stage" && token?.type !== "url" && !quoted) return undefined;
	cursor.next();
	return token.value;
}

interface Listing {
	readonly location: Location;
	readonly files: readonly StoredFile[];
}

async function readListing(context: Context, cursor: Cursor, what: string): Promise<Listing> {
	const text = takeLocationText(cursor);
	if (text === undefined) throw cursor.error("a stage such as @mystage");
	let pattern: string | undefined;
	for (const property of takeProperties(cursor)) {
		if (property.name !== "PATTERN") throw invalidProperty(property, what);
		pattern = stringValue(property);
	}
	requireEnd(cursor);
	const location = resolveLocation(context, text);
	return { location, files: await listFiles(location, pattern) };
}

/** LIST and LS. https://docs.snowflake.com/en/sql-reference/sql/list */
export const list: Handler = async (context, statement): Promise<Result> => {
	const { location, files } = await readListing(context, statement.rest(), "LIST");
	return {
		columns: [
			{ name: "name", type: textType() },
			{ name: "size", type: fixedType() },
			{ name: "md5", type: textType() },
			{ name: "last_modified", type: textType() },
		],
		rows: files.map((file) => [
			displayName(location, file),
			String(file.size),
			file.etag,
			new Date(file.lastModified).toUTCString(),
		]),
	};
};

/** REMOVE and RM. https://docs.snowflake.com/en/sql-reference/sql/remove */
export const remove: Handler = async (context, statement): Promise<Result> => {
	const { location, files } = await readListing(context, statement.rest(), "REMOVE");
	for (const file of files) await location.bucket.remove(file.key);
	return textResult(
		["name", "result"],
		files.map((file) => [displayName(location, file), "removed"]),
	);
};

/** Refuses a location that only internal stages can be. */
export function requireInternal(location: Location, command: string): void {
	if (location.external)
		throw compilationError(
			"091003",
			"22000",
			`Failure using stage area. Cause: [${command} commands are not supported with external stage]`,
		);
}
