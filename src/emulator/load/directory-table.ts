import { textResult } from "../ddl/result.ts";
import type { CatalogObject, Context, Result } from "../types.ts";
import { listFiles, relativeName, stageLocation } from "./location.ts";
import { stageProperties, stageSettings } from "./stage-settings.ts";

interface Entry {
	readonly path: string;
	readonly size: number;
	readonly lastModified: number;
	readonly md5: string;
}

async function entries(context: Context, stage: CatalogObject): Promise<Map<string, Entry>> {
	const rows = await context.engine(
		"SELECT path, size, last_modified, md5 FROM _load.directory WHERE stage_id = ?",
		[BigInt(stage.id)],
	);
	return new Map(
		rows.map(([path, size, lastModified, md5]) => [
			String(path),
			{
				path: String(path),
				size: Number(size),
				lastModified: Number(lastModified),
				md5: String(md5),
			},
		]),
	);
}

/**
 * Brings a stage's directory table up to the files that are there, as ALTER STAGE … REFRESH does, and answers
 * what it did with each. https://docs.snowflake.com/en/user-guide/data-load-dirtables-manage
 */
export async function refreshDirectory(
	context: Context,
	stage: CatalogObject,
	subpath = "",
): Promise<Result> {
	const location = stageLocation(context, stage, subpath);
	const known = await entries(context, stage);
	const rows: [string, string, string][] = [];
	const seen = new Set<string>();
	for (const file of await listFiles(location)) {
		const path = relativeName(location, file);
		const before = known.get(path);
		seen.add(path);
		if (before?.md5 === file.etag && before.lastModified === file.lastModified) continue;
		if (before)
			await context.engine("DELETE FROM _load.directory WHERE stage_id = ? AND path = ?", [
				BigInt(stage.id),
				path,
			]);
		await context.engine("INSERT INTO _load.directory VALUES (?, ?, ?, ?, ?)", [
			BigInt(stage.id),
			path,
			BigInt(file.size),
			BigInt(file.lastModified),
			file.etag,
		]);
		rows.push(
			before
				? [path, "REGISTERED_UPDATE", "File registered (updated) successfully."]
				: [path, "REGISTERED_NEW", "File registered successfully."],
		);
	}
	for (const path of known.keys()) {
		if (seen.has(path) || !path.startsWith(subpath)) continue;
		await context.engine("DELETE FROM _load.directory WHERE stage_id = ? AND path = ?", [
			BigInt(stage.id),
			path,
		]);
		rows.push([path, "UNREGISTERED", "File unregistered successfully."]);
	}
	const settings = stageSettings(stage);
	await context.catalog.update({
		...stage,
		properties: stageProperties({
			...settings,
			directory: { ...settings.directory, lastRefreshedOn: context.clock.now() },
		}),
	});
	return textResult(["file", "status", "description"], rows);
}

/** Empties a stage's directory table. */
export async function dropDirectory(context: Context, stage: CatalogObject): Promise<void> {
	await context.engine("DELETE FROM _load.directory WHERE stage_id = ?", [BigInt(stage.id)]);
}
