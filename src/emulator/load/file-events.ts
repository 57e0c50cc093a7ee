import { contextIn, cursorOver } from "../account/scope/scope.ts";
import { fullName } from "../ddl/shared.ts";
import { SnowflakeError } from "../error.ts";
import { asSystem } from "../run/task-run.ts";
import type { Delivered, FileEvents } from "../run/tick.ts";
import type { Account, CatalogObject, Context } from "../types.ts";
import { compileCopy, loadTarget } from "./copy.ts";
import { type FileOutcome, loadFiles } from "./copy-into-table.ts";
import { recordLoad } from "./load-history.ts";
import { displayName, relativeName } from "./location.ts";
import { announceFiles, type Delivery, pipeLocation } from "./pipe-queue.ts";
import { type PipeFailure, pipeProperties, pipeSettings, readDefinition } from "./pipe-settings.ts";
import { executionState, queuedFiles } from "./pipe-status.ts";
import type { StoredFile } from "./storage.ts";

/** What a pipe does with files that have errors, where its COPY does not say. */
const SKIP_FILE = { do: "skip", rows: 1 } as const;

async function remember(
	context: Context,
	pipe: CatalogObject,
	failure: PipeFailure | null,
): Promise<void> {
	const settings = pipeSettings(pipe);
	if (JSON.stringify(settings.failure) === JSON.stringify(failure)) return;
	await context.catalog.update({ ...pipe, properties: pipeProperties({ ...settings, failure }) });
}

/** What is wrong with a pipe's COPY now, tried without files. */
async function compilationFailure(
	context: Context,
	pipe: CatalogObject,
): Promise<string | undefined> {
	try {
		const { copy, cursor } = readDefinition(cursorOver(pipeSettings(pipe).definition));
		if (!copy) return "not a COPY INTO a table";
		const { stage } = pipeSettings(pipe);
		await compileCopy(
			context,
			copy,
			cursor.here(),
			stage ? context.catalog.byId(stage.id) : undefined,
		);
		return undefined;
	} catch (error) {
		if (!(error instanceof SnowflakeError)) throw error;
		return error.message;
	}
}

/** Whether a pipe can load now. One whose COPY no longer compiles stalls, until it compiles again. */
async function isRunning(context: Context, pipe: CatalogObject): Promise<boolean> {
	const state = executionState(context, pipe);
	if (state !== "RUNNING" && state !== "STALLED_COMPILATION_ERROR") return false;
	const message = await compilationFailure(contextIn(context, pipe), pipe);
	const before = pipeSettings(pipe).failure;
	if (message === undefined) await remember(context, pipe, null);
	else if (before?.message !== message)
		await remember(context, pipe, { message, at: context.clock.now(), compilation: true });
	return message === undefined;
}

/** States in which no event of the stage can be for a pipe any more. */
function listens(context: Context, pipe: CatalogObject): boolean {
	const state = executionState(context, pipe);
	return !state.startsWith("STOPPED_STAGE") && state !== "STALLED_STAGE_PERMISSION_ERROR";
}

interface Due {
	readonly pipe: CatalogObject;
	readonly at: number;
	readonly locations: readonly string[];
}

async function nextDue(context: Context, delivery: Delivery): Promise<Due | undefined> {
	let first: Due | undefined;
	for (const { id } of context.catalog.list("PIPE")) {
		const found = context.catalog.byId(id) as CatalogObject;
		if (pipeSettings(found).autoIngest && listens(context, found))
			await announceFiles(contextIn(context, found), found, delivery);
		const pipe = context.catalog.byId(id) as CatalogObject;
		const queue = await queuedFiles(context, pipe);
		const at = queue[0]?.due;
		if (at === undefined || (first && first.at <= at)) continue;
		if (!(await isRunning(context, pipe))) continue;
		const locations = queue.filter(({ due }) => due === at).map(({ location }) => location);
		first = { pipe, at, locations };
	}
	return first;
}

interface LoadedFiles {
	readonly outcomes: readonly FileOutcome[];
	readonly missing: number;
}

async function unqueue(
	context: Context,
	pipe: CatalogObject,
	locations: readonly string[],
): Promise<void> {
	for (const location of locations)
		await context.engine("DELETE FROM _load.queue WHERE pipe_id = ? AND location = ?", [
			BigInt(pipe.id),
			location,
		]);
}

/** Loads files of a pipe's queue by its COPY; what is no longer there is left out. */
async function load(
	context: Context,
	id: number,
	locations: readonly string[],
): Promise<LoadedFiles> {
	const pipe = context.catalog.byId(id);
	if (!pipe) return { outcomes: [], missing: 0 };
	const within = contextIn(context, pipe);
	const { copy, cursor } = readDefinition(cursorOver(pipeSettings(pipe).definition));
	if (!copy) throw new Error("a pipe without a COPY");
	const base = await loadTarget(within, copy, cursor.here());
	const location = pipeLocation(within, pipe);
	const wanted = new Set(locations);
	const files: StoredFile[] = (await location.bucket.list(location.prefix)).filter((file) =>
		wanted.has(displayName(location, file)),
	);
	const settings = pipeSettings(pipe);
	const outcomes = await loadFiles(
		within,
		{
			...base,
			copy,
			onError: copy.onError ?? SKIP_FILE,
			pipe: { id, receivedAt: settings.activity.receivedAt ?? context.clock.now() },
		},
		location,
		files,
	);
	await unqueue(context, pipe, locations);
	const loaded = outcomes.filter(({ status }) => status !== "Load failed").at(-1);
	if (loaded)
		await context.catalog.update({
			...pipe,
			properties: pipeProperties({
				...settings,
				activity: {
					...settings.activity,
					ingestedAt: context.clock.now(),
					ingestedPath: displayName(location, loaded.file),
				},
			}),
		});
	return { outcomes, missing: wanted.size - files.length };
}

/** Files that made the load itself fail are failed files: they do not hold up those behind them. */
async function giveUp(
	context: Context,
	id: number,
	locations: readonly string[],
	message: string,
): Promise<void> {
	const pipe = context.catalog.byId(id);
	if (!pipe) return;
	await unqueue(context, pipe, locations);
	const settings = pipeSettings(pipe);
	const table = context.catalog.find("TABLE", settings.table);
	const within = contextIn(context, pipe);
	const location = pipeLocation(within, pipe);
	const files = await location.bucket.list(location.prefix);
	for (const file of files) {
		if (!locations.includes(displayName(location, file)) || !table) continue;
		await recordLoad(context, {
			tableId: table.id,
			stageId: settings.stage?.id ?? null,
			pipeId: id,
			at: context.clock.now(),
			receivedAt: settings.activity.receivedAt,
			location: displayName(location, file),
			file: relativeName(location, file),
			etag: file.etag,
			size: file.size,
			lastModified: file.lastModified,
			status: "Load failed",
			rowCount: 0,
			rowParsed: 0,
			errorLimit: 1,
			errorCount: 1,
			firstError: message,
			firstErrorLine: null,
			firstErrorCharacter: null,
			firstErrorColumn: null,
		});
	}
}

function report({ outcomes, missing }: LoadedFiles): Delivered {
	const failed = outcomes.filter(({ status }) => status === "Load failed");
	const rows = outcomes.reduce((sum, { loaded }) => sum + loaded, 0);
	const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
	const parts = [`${count(outcomes.length - failed.length, "file")}, ${count(rows, "row")}`];
	if (failed.length > 0) parts.push(`${count(failed.length, "file")} failed`);
	if (missing > 0) parts.push(`${count(missing, "file")} gone`);
	return {
		state: failed.length > 0 ? "FAILED" : "LOADED",
		detail: parts.join(", "),
		error: failed[0]?.first?.error.message ?? null,
	};
}

/**
 * New files on the stages of pipes, as events. They are queued when they are looked for, also for a paused pipe,
 * whose pending count grows; each delivery loads the files of one pipe that are due at one time.
 */
export function fileEvents(delivery: Delivery = {}): FileEvents {
	return {
		async next(context) {
			const due = await nextDue(context, delivery);
			if (!due) return undefined;
			const { pipe, at, locations } = due;
			return {
				at,
				name: fullName(pipe),
				async deliver(account: Account) {
					try {
						return report(await asSystem(account, (inner) => load(inner, pipe.id, locations)));
					} catch (error) {
						if (!(error instanceof SnowflakeError)) throw error;
						await asSystem(account, (inner) => giveUp(inner, pipe.id, locations, error.message));
						return { state: "FAILED", detail: null, error: error.message };
					}
				},
			};
		},
	};
}
