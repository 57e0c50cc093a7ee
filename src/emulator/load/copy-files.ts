import { formatIdentifier } from "../../model/identifier.ts";
import { SnowflakeError } from "../error.ts";
import type { CatalogObject, Context } from "../types.ts";
import type { LoadRequest } from "./copy-into-table.ts";
import type { CopyIntoTable } from "./copy-statement.ts";
import type { FileFormat } from "./file-format.ts";
import { copyFormat, queryFormat } from "./formats.ts";
import { isUncertain, loadedByCopy, loadKey } from "./load-history.ts";
import { displayName, type Location, listFiles, resolveLocation } from "./location.ts";
import type { StoredFile } from "./storage.ts";

/** The place a COPY reads from: its own, that of its SELECT, or the table's stage. */
export function copyLocation(context: Context, copy: CopyIntoTable): Location {
	if (copy.transformation) return resolveLocation(context, copy.transformation.stage.reference);
	if (copy.location !== undefined) return resolveLocation(context, copy.location);
	const name = [...copy.table];
	const table = name.pop();
	const quoted = [...name, ""].map((part) => (part ? formatIdentifier(part) : "")).join(".");
	return resolveLocation(context, `@${quoted}%${formatIdentifier(String(table))}`);
}

/** The format of a COPY from a stage; inside its SELECT the stage can name another. */
export function copyFileFormat(
	context: Context,
	copy: CopyIntoTable,
	stage: CatalogObject | undefined,
): FileFormat {
	const named = copy.transformation?.stage.options.fileFormat;
	if (named !== undefined) return queryFormat(context, named, stage);
	return copyFormat(context, copy.fileFormat, stage);
}

/** The files that a COPY is to load now: those it names or finds, without the ones it knows. */
export async function chooseFiles(
	context: Context,
	request: Pick<LoadRequest, "copy" | "onError" | "table">,
	location: Location,
): Promise<readonly StoredFile[]> {
	const { copy, onError, table } = request;
	const pattern = copy.pattern ?? copy.transformation?.stage.options.pattern;
	let files = await listFiles(location, pattern);
	if (copy.files) {
		const chosen: StoredFile[] = [];
		for (const name of copy.files) {
			const key = location.prefix.endsWith("/") || location.prefix === "" ? "" : "/";
			const wanted = `${location.prefix}${key}${name}`;
			const found = files.find(
				(file) => file.key === wanted || file.key === location.prefix + name,
			);
			if (found) chosen.push(found);
			else if (onError.do === "abort")
				throw new SnowflakeError(
					"091016",
					"22000",
					`Remote file '${location.display}${wanted}' was not found. There are several potential causes. The file might not exist. The required credentials may be missing or invalid. If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being loaded into two different tables concurrently with auto purge option.`,
				);
		}
		files = chosen;
	}
	if (copy.force) return files;
	const known = await loadedByCopy(context, table.id);
	const fresh: StoredFile[] = [];
	for (const file of files) {
		if (known.has(loadKey(displayName(location, file), file.etag))) continue;
		if (!copy.loadUncertain && (await isUncertain(context, table.id, file.lastModified))) continue;
		fresh.push(file);
	}
	return fresh;
}

/** SIZE_LIMIT: "the load continues until the limit is exceeded", so at least one file is loaded. */
export function withinSize(
	files: readonly StoredFile[],
	limit: number | undefined,
): readonly StoredFile[] {
	if (limit === undefined) return files;
	const chosen: StoredFile[] = [];
	let size = 0;
	for (const file of files) {
		if (size > limit) break;
		chosen.push(file);
		size += file.size;
	}
	return chosen;
}
