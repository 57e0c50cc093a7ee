import { cursorOver } from "../account/scope/scope.ts";
import type { CatalogObject, Context } from "../types.ts";
import { digest } from "./cloud.ts";
import { loadedByCopy, loadedByPipe, loadKey } from "./load-history.ts";
import {
	displayName,
	filePattern,
	type Location,
	listFiles,
	parseStageReference,
	relativeName,
	resolveLocation,
	stageLocation,
} from "./location.ts";
import { pipeProperties, pipeSettings, readDefinition } from "./pipe-settings.ts";
import { queuedFiles } from "./pipe-status.ts";
import type { StoredFile } from "./storage.ts";

const DAY = 86_400_000;

/** How events of new files are delivered: at once, or later and out of order by a seed. */
export interface Delivery {
	/** Same seed and files, same order. */
	readonly seed?: string;
	/** The longest an event can take, in milliseconds. */
	readonly delay?: number;
}

/** Where a pipe's files are: `location` for the COPY, resolved in the pipe's own schema by the caller's context. */
export function pipeLocation(context: Context, pipe: CatalogObject): Location {
	const { definition, stage } = pipeSettings(pipe);
	const { copy } = readDefinition(cursorOver(definition));
	const reference = copy?.transformation?.stage.reference ?? copy?.location;
	const bound = stage && context.catalog.byId(stage.id);
	const path = reference === undefined ? "" : (parseStageReference(reference)?.path ?? "");
	if (bound) return stageLocation(context, bound, path);
	return resolveLocation(context, reference ?? "");
}

/** The files a pipe is for. Its PATTERN sees what follows the whole path of FROM. */
export async function pipeFiles(
	context: Context,
	pipe: CatalogObject,
	prefix = "",
): Promise<{ readonly location: Location; readonly files: readonly StoredFile[] }> {
	const location = pipeLocation(context, pipe);
	const { pattern } = pipeSettings(pipe);
	const base = location.prefix;
	const files = await listFiles({ ...location, prefix: base + prefix });
	if (pattern === null) return { location, files };
	const regex = filePattern(pattern);
	return {
		location,
		files: files.filter((file) => regex.test(file.key.slice(base.length).replace(/^\//, ""))),
	};
}

/** Remembers files as told about, without loading them: events come for what is new after the pipe. */
export async function markAnnounced(
	context: Context,
	pipe: CatalogObject,
	location: Location,
	files: readonly StoredFile[],
): Promise<void> {
	for (const file of files)
		await context.engine("INSERT INTO _load.announced VALUES (?, ?, ?)", [
			BigInt(pipe.id),
			displayName(location, file),
			BigInt(file.lastModified),
		]);
}

async function enqueue(
	context: Context,
	pipe: CatalogObject,
	names: readonly string[],
	{ seed = "", delay = 0 }: Delivery,
): Promise<void> {
	const now = context.clock.now();
	const draw = (name: string): number => Number.parseInt(digest(`${seed} ${name}`).slice(0, 8), 16);
	const ordered = delay > 0 ? [...names].sort((a, b) => draw(a) - draw(b)) : names;
	for (const name of ordered) {
		const due = now + (delay > 0 ? draw(name) % delay : 0);
		await context.engine("INSERT INTO _load.queue VALUES (?, ?, ?, ?, nextval('_load.place'))", [
			BigInt(pipe.id),
			name,
			BigInt(now),
			BigInt(due),
		]);
	}
	const last = names.at(-1);
	const settings = pipeSettings(pipe);
	if (last !== undefined)
		await context.catalog.update({
			...pipe,
			properties: pipeProperties({
				...settings,
				activity: { ...settings.activity, receivedAt: now, forwardedPath: last },
			}),
		});
}

/** Queues the files that are new on a pipe's stage since events were last looked for. */
export async function announceFiles(
	context: Context,
	pipe: CatalogObject,
	delivery: Delivery,
): Promise<void> {
	const { location, files } = await pipeFiles(context, pipe);
	const rows = await context.engine(
		"SELECT location, max(last_modified) FROM _load.announced WHERE pipe_id = ? GROUP BY 1",
		[BigInt(pipe.id)],
	);
	const known = new Map(rows.map(([name, modified]) => [String(name), Number(modified)]));
	// A file written again is announced again, like S3's ObjectCreated; the pipe then knows its name.
	const fresh = files.filter(
		(file) => known.get(displayName(location, file)) !== file.lastModified,
	);
	if (fresh.length === 0) return;
	await markAnnounced(context, pipe, location, fresh);
	const names = fresh.map((file) => displayName(location, file));
	await enqueue(context, pipe, await notLoaded(context, pipe, names), delivery);
}

/** Names that neither wait in the pipe nor were loaded by it: "once by path and name". */
async function notLoaded(
	context: Context,
	pipe: CatalogObject,
	names: readonly string[],
): Promise<readonly string[]> {
	const loaded = await loadedByPipe(context, pipe.id);
	const waiting = new Set((await queuedFiles(context, pipe)).map(({ location }) => location));
	return names.filter((name) => !loaded.has(name) && !waiting.has(name));
}

/**
 * ALTER PIPE … REFRESH: queues staged files of the last seven days that were loaded neither by this pipe nor by a
 * COPY into its table. What a pipe that was replaced had loaded, nobody knows any more.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
 */
export async function refreshPipe(
	context: Context,
	pipe: CatalogObject,
	options: { readonly prefix?: string; readonly modifiedAfter?: number },
): Promise<readonly string[]> {
	const { location, files } = await pipeFiles(context, pipe, options.prefix);
	const oldest = context.clock.now() - 7 * DAY;
	const after = Math.max(oldest, options.modifiedAfter ?? oldest);
	const table = context.catalog.find("TABLE", pipeSettings(pipe).table);
	const copied = table ? await loadedByCopy(context, table.id) : new Set<string>();
	const chosen = files.filter(
		(file) =>
			file.lastModified >= after && !copied.has(loadKey(displayName(location, file), file.etag)),
	);
	const names = await notLoaded(
		context,
		pipe,
		chosen.map((file) => displayName(location, file)),
	);
	await enqueue(context, pipe, names, {});
	const queued = new Set(names);
	return chosen
		.filter((file) => queued.has(displayName(location, file)))
		.map((file) => relativeName(location, file));
}

/** Forgets everything a pipe knew: its history, its queue, what was announced to it. */
export async function forgetPipe(context: Context, pipe: CatalogObject): Promise<void> {
	for (const table of ["history", "queue", "announced"])
		await context.engine(`DELETE FROM _load.${table} WHERE pipe_id = ?`, [BigInt(pipe.id)]);
}
