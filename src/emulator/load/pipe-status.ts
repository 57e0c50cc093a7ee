import { parseName } from "../../model/identifier.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import type { CatalogObject, Context } from "../types.ts";
import { type PipeSettings, pipeProperties, pipeSettings } from "./pipe-settings.ts";
import { stageSettings } from "./stage-settings.ts";

const DAY = 86_400_000;
/** How long events wait for a paused pipe. */
const RETENTION_DAYS = 14;

/** What a pipe is doing, as SYSTEM$PIPE_STATUS calls it. */
export type ExecutionState =
	| "RUNNING"
	| "PAUSED"
	| "STOPPED_STAGE_DROPPED"
	| "STOPPED_STAGE_ALTERED"
	| "STOPPED_FILE_FORMAT_DROPPED"
	| "STOPPED_NOTIFICATION_INTEGRATION_DROPPED"
	| "STOPPED_MISSING_TABLE"
	| "STALLED_COMPILATION_ERROR"
	| "STALLED_EXECUTION_ERROR"
	| "STALLED_STAGE_PERMISSION_ERROR";

/**
 * The state of a pipe, by what has become of the objects its COPY names. A stage that was replaced or renamed is not
 * the one the pipe was made with: "pipe definitions are not dynamic". After a change of the stage's URL,
 * integration or encryption "you must recreate the pipe".
 * https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
 */
export function executionState(context: Context, pipe: CatalogObject): ExecutionState {
	const settings = pipeSettings(pipe);
	const { catalog } = context;
	if (settings.stage) {
		const stage = catalog.find("STAGE", settings.stage.name);
		if (stage?.id !== settings.stage.id) return "STOPPED_STAGE_DROPPED";
		const { location, integration } = stageSettings(stage);
		if (location !== settings.stage.location) return "STOPPED_STAGE_ALTERED";
		if (integration && !catalog.byId(integration.id)) return "STALLED_STAGE_PERMISSION_ERROR";
	}
	if (!catalog.find("TABLE", settings.table)) return "STOPPED_MISSING_TABLE";
	if (settings.fileFormat && !catalog.find("FILE FORMAT", settings.fileFormat))
		return "STOPPED_FILE_FORMAT_DROPPED";
	if (settings.integration && !catalog.byId(settings.integration.id))
		return "STOPPED_NOTIFICATION_INTEGRATION_DROPPED";
	if (settings.paused) return "PAUSED";
	if (settings.failure)
		return settings.failure.compilation ? "STALLED_COMPILATION_ERROR" : "STALLED_EXECUTION_ERROR";
	return "RUNNING";
}

/** Files that wait in a pipe, oldest first. */
export async function queuedFiles(
	context: Context,
	pipe: Pick<CatalogObject, "id">,
): Promise<readonly { readonly location: string; readonly at: number; readonly due: number }[]> {
	const rows = await context.engine(
		"SELECT location, queued_at, due FROM _load.queue WHERE pipe_id = ? ORDER BY due, place",
		[BigInt(pipe.id)],
	);
	return rows.map(([location, at, due]) => ({
		location: String(location),
		at: Number(at),
		due: Number(due),
	}));
}

/** Whether a pipe was paused for longer than its events are kept. */
function isStale(context: Context, { autoIngest, pausedAt }: PipeSettings): boolean {
	return autoIngest && pausedAt !== null && context.clock.now() - pausedAt > RETENTION_DAYS * DAY;
}

function moment(time: number | null): string | undefined {
	return time === null ? undefined : new Date(time).toISOString();
}

/** SYSTEM$PIPE_STATUS. https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status */
export async function pipeStatus(context: Context, pipe: CatalogObject): Promise<string> {
	const settings = pipeSettings(pipe);
	const queue = await queuedFiles(context, pipe);
	const live = settings.paused
		? queue.filter(({ at }) => context.clock.now() - at <= RETENTION_DAYS * DAY)
		: queue;
	const [oldest] = [...live].sort((a, b) => a.at - b.at);
	const { activity, failure } = settings;
	return JSON.stringify({
		executionState: executionState(context, pipe),
		oldestPendingFilePath: oldest?.location,
		oldestFileTimestamp: oldest && moment(oldest.at),
		pendingFileCount: live.length,
		lastPipeErrorTimestamp: failure?.compilation ? moment(failure.at) : undefined,
		lastIngestedTimestamp: moment(activity.ingestedAt),
		lastIngestedFilePath: activity.ingestedPath ?? undefined,
		notificationChannelName: settings.channel ?? undefined,
		numOutstandingMessagesOnChannel: settings.autoIngest ? 0 : undefined,
		lastReceivedMessageTimestamp: moment(activity.receivedAt),
		lastForwardedMessageTimestamp: moment(activity.receivedAt),
		error: failure?.message,
		lastForwardedFilePath: activity.forwardedPath ?? undefined,
	});
}

/** The pipe a name stands for. */
export function findPipe(context: Context, written: string): CatalogObject {
	const name = context.qualify(parseName(written) ?? [written], "schema");
	const found = context.catalog.find("PIPE", name);
	if (!found) throw doesNotExist("PIPE", name);
	return found;
}

/** Pauses or resumes a pipe; without `override` a stale or transferred one cannot be resumed. */
export async function setPaused(
	context: Context,
	pipe: CatalogObject,
	paused: boolean,
	override: { readonly stale?: boolean; readonly transferred?: boolean } = {},
): Promise<CatalogObject> {
	const settings = pipeSettings(pipe);
	const refuse = (why: string, word: string): Error =>
		compilationError(
			"093018",
			"55000",
			`Pipe ${pipe.name} cannot be resumed as ${why}. Use SYSTEM$PIPE_FORCE_RESUME('${pipe.name}', '${word}') to resume it.`,
		);
	if (!paused && settings.paused) {
		if (settings.pausedOwner !== pipe.owner && !override.transferred)
			throw refuse("its ownership has been transferred", "ownership_transfer_check_override");
		if (isStale(context, settings) && !override.stale)
			throw refuse("it has been stale", "staleness_check_override");
	}
	const changed: PipeSettings = {
		...settings,
		paused,
		pausedAt: paused ? (settings.pausedAt ?? context.clock.now()) : null,
		pausedOwner: paused ? (settings.pausedOwner ?? pipe.owner) : null,
		failure: paused ? settings.failure : null,
	};
	const object = { ...pipe, properties: pipeProperties(changed) };
	await context.catalog.update(object);
	return object;
}

/** SYSTEM$PIPE_FORCE_RESUME. https://docs.snowflake.com/en/sql-reference/functions/system_pipe_force_resume */
export async function forceResume(
	context: Context,
	pipe: CatalogObject,
	overrides: string | undefined,
): Promise<string> {
	const words = (overrides ?? "ownership_transfer_check_override")
		.split(",")
		.map((word) => word.trim().toUpperCase())
		.filter((word) => word !== "");
	const known = ["STALENESS_CHECK_OVERRIDE", "OWNERSHIP_TRANSFER_CHECK_OVERRIDE"];
	const unknown = words.find((word) => !known.includes(word));
	if (unknown !== undefined)
		throw compilationError(
			"001008",
			"22023",
			`invalid value [${unknown}] for SYSTEM$PIPE_FORCE_RESUME`,
		);
	await setPaused(context, pipe, false, {
		stale: words.includes("STALENESS_CHECK_OVERRIDE"),
		transferred: words.includes("OWNERSHIP_TRANSFER_CHECK_OVERRIDE"),
	});
	return "true";
}
