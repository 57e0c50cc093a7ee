import { textSource } from "../../diagnostics/source.ts";
import { type Catalog, type ObjectModel, objectKey } from "../../model/catalog.ts";
import { formatName, formatString, type QualifiedName } from "../../model/identifier.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { stageReference } from "../../parse/stage-reference.ts";
import type { Recipe, RecipeOperation } from "../define/recipe.ts";

/** How long what is pending gets to be loaded before the pipe is paused, and what is refreshed afterwards. */
const QUIET_SECONDS = 60;
const DEADLINE_SECONDS = 300;
/** COPY_HISTORY goes back 14 days, to the second. */
const HISTORY_DAYS = 13;

/** What a COPY statement says about its files. */
interface Source {
	readonly table: QualifiedName;
	readonly stage: QualifiedName;
	readonly path: string;
	readonly pattern: string | undefined;
}

function complete(name: readonly string[], pipe: ObjectModel): QualifiedName {
	return [...pipe.name.slice(0, pipe.name.length - name.length), ...name];
}

/** Regular expressions of Snowflake that mean something else here, or nothing. */
const FOREIGN = /\[\[|\(\?|[*+?}]\+|\\[AZzGQEpPhHRXb]/;

function isFamiliar(pattern: string): boolean {
	if (FOREIGN.test(pattern)) return false;
	try {
		new RegExp(pattern);
		return true;
	} catch {
		return false;
	}
}

/** Reads the table, the only stage, and the pattern. Undefined where files cannot be told by that. */
function sourceOf(pipe: ObjectModel): Source | undefined {
	const text = textSource("COPY", String(pipe.properties.COPY));
	const outer = new Cursor(text, lex(text).tokens);
	const cursor = outer.takeGroup() ?? outer;
	cursor.expect("COPY", "INTO");
	const table = complete(cursor.expectName("the table to load").parts, pipe);
	const found: { stages: (readonly [QualifiedName, string])[]; pattern?: string } = { stages: [] };
	while (!cursor.done) {
		const token = cursor.next();
		const quoted = token.type === "string" && token.value.startsWith("@");
		const reference = token.type === "stage" || quoted ? stageReference(token) : undefined;
		if (reference) {
			if (!reference.name) return undefined;
			found.stages.push([complete(reference.name, pipe), reference.path]);
		}
		if (token.type === "word" && token.value === "PATTERN" && cursor.take("=")) {
			const next = cursor.peek();
			if (next?.type !== "string" || !isFamiliar(next.value)) return undefined;
			found.pattern = next.value;
		}
	}
	const [first, ...more] = found.stages;
	if (!first || more.length > 0) return undefined;
	return { table, stage: first[0], path: first[1], pattern: found.pattern };
}

/** What the names of a stage's files begin with in LIST: its URL, or its own name. */
function rootOf(stage: ObjectModel, path: string): string {
	const { URL } = stage.properties;
	if (typeof URL !== "string") return `${stage.name.at(-1)?.toLowerCase()}/${path}`;
	return path === "" || URL.endsWith("/") ? `${URL}${path}` : `${URL}/${path}`;
}

function find(name: QualifiedName, catalogs: readonly Catalog[]): ObjectModel | undefined {
	const key = objectKey({ kind: "STAGE", name });
	return catalogs.map((catalog) => catalog.objects.get(key)).find((stage) => stage !== undefined);
}

/**
 * The loads of a table by this pipe and by COPY: what a REFRESH does not load again. Files of internal stages
 * have their names relative to the stage only.
 * https://docs.snowflake.com/en/sql-reference/functions/copy_history
 */
function historySql(pipe: ObjectModel, source: Source, what: string, where = ""): string {
	const [database, schema, name] = pipe.name.map(formatString);
	const table = formatString(formatName(source.table));
	return `SELECT ${what} FROM TABLE(${formatName(pipe.name.slice(0, 1))}.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => ${table}, START_TIME => DATEADD(DAY, -${HISTORY_DAYS}, CURRENT_TIMESTAMP()))) WHERE (PIPE_RECEIVED_TIME IS NULL OR (PIPE_CATALOG_NAME = ${database} AND PIPE_SCHEMA_NAME = ${schema} AND PIPE_NAME = ${name}))${where}`;
}

function loadsSql(pipe: ObjectModel, source: Source, stage: ObjectModel): string {
	const file =
		typeof stage.properties.URL === "string"
			? "STAGE_LOCATION || FILE_NAME"
			: `${formatString(`${stage.name.at(-1)?.toLowerCase()}/`)} || FILE_NAME`;
	return historySql(
		pipe,
		source,
		`${file} AS FILE, STATUS, IFF(PIPE_RECEIVED_TIME IS NULL, 'true', 'false') AS BULK`,
	);
}

/** A part of what SYSTEM$PIPE_STATUS tells. */
export function statusOf(pipe: string, part: string): string {
	return `PARSE_JSON(SYSTEM$PIPE_STATUS(${formatString(pipe)})):${part}::STRING`;
}

/**
 * Whether somebody has paused a pipe. One that has stalled or stopped has not been paused: it goes on, or is made
 * anew, once what it needs is there again, and must not be left paused then.
 */
export function pausedOrNot(pipe: string): string {
	return `SELECT IFF(${statusOf(pipe, "executionState")} = 'PAUSED', 'PAUSED', 'RUNNING')`;
}

/**
 * What is waited for before a pipe is paused, and until it loads nothing more: a pipe that has lost its stage reads
 * STALLED, paused or not.
 */
export const pauseWaits = {
	before: (pipe: string): readonly RecipeOperation[] => [
		{
			do: "wait",
			sql: `SELECT ${statusOf(pipe, "pendingFileCount")}`,
			until: "0",
			timeoutSeconds: QUIET_SECONDS,
			optional: true,
		},
	],
	after: (pipe: string): readonly RecipeOperation[] => [
		{
			do: "wait",
			sql: `SELECT IFF(${statusOf(pipe, "executionState")} = 'RUNNING', 'RUNNING', 'PAUSED')`,
			until: "PAUSED",
			timeoutSeconds: QUIET_SECONDS,
		},
	],
};

/** A pipe whose stage has lost its integration goes on, with all it knows, when the stage is linked again. */
const UNLINKED = "STALLED_STAGE_PERMISSION_ERROR";
const ACTIVE = ["RUNNING", "PAUSED", UNLINKED];

/**
 * Whether a pipe has stopped for good, because something it needs was made anew or linked to another place: it
 * keeps what it knows until it is made anew itself.
 */
export function hasStopped({ runtime }: ObjectModel): boolean {
	return String(runtime?.executionState).startsWith("STOPPED_");
}

/**
 * A new pipe knows nothing of what the old one loaded, and what waited in the old one is gone. So the loads
 * are kept, the stage is listed, and what was not loaded is refreshed: by prefixes that match no other file,
 * because a REFRESH of the new pipe would load those a second time.
 *
 * Only for pipes that are told of files by events: what REST calls would have named, nobody knows. Not where
 * the COPY reads from another place afterwards, nor where the pipe has stopped, except by a stage that is where it was.
 * https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
 */
export function pipeRecipe(
	from: ObjectModel,
	to: ObjectModel,
	{ live, desired }: { readonly live: Catalog; readonly desired: Catalog },
	change?: { readonly action: string },
): Recipe | undefined {
	// An ALTER leaves the pipe what it knows.
	if (change?.action === "alter") return undefined;
	const state = String(from.runtime?.executionState);
	const before = sourceOf(from);
	const after = sourceOf(to);
	const stopped = hasStopped(from);
	if (!before || !after || !(stopped || ACTIVE.includes(state))) return undefined;
	if (from.properties.AUTO_INGEST !== true || to.properties.AUTO_INGEST !== true) return undefined;
	const stageBefore = find(before.stage, [live]);
	const stageAfter = find(after.stage, [desired, live]);
	if (!stageBefore || !stageAfter) return undefined;
	// Other files, not the same ones elsewhere.
	const same = (source: Source) =>
		[formatName(source.stage), source.path, source.pattern].join("\n");
	if (same(before) !== same(after)) return undefined;

	const name = formatName(from.name);
	const key = objectKey(from);
	const rootBefore = rootOf(stageBefore, before.path);
	const rootAfter = rootOf(stageAfter, after.path);
	// Where the stage was when the pipe stopped is told by nothing, unless it stays.
	if (stopped && rootBefore !== rootAfter) return undefined;
	const leaves: { readonly leaves?: true } = rootBefore === rootAfter ? {} : { leaves: true };
	const list = `LIST ${formatString(`@${formatName(before.stage)}${before.path === "" ? "" : `/${before.path}`}`)}`;
	const pause = `ALTER PIPE ${name} SET PIPE_EXECUTION_PAUSED = TRUE`;
	const resume = `ALTER PIPE ${name} SET PIPE_EXECUTION_PAUSED = FALSE`;
	const pattern = before.pattern === undefined ? {} : { pattern: before.pattern };
	const window = `window of ${key}`;
	const listed = `files of ${key}`;
	const made = `creation of ${key}`;
	const loads = `loads of ${key}`;
	const status = (when: string): RecipeOperation => ({
		do: "capture",
		sql: `SELECT ${statusOf(name, "pendingFileCount")} AS WAITING, CURRENT_TIMESTAMP() AS NOW`,
		all: true,
		saveAs: `pending ${when} of ${key}`,
	});
	const describe = `DESCRIBE PIPE ${name}`;
	const refresh: readonly RecipeOperation[] = [
		{
			do: "capture",
			sql: list,
			saveAs: listed,
			files: { as: "listed", window, root: rootAfter, ...pattern, ...leaves },
		},
		{
			do: "execute",
			sql: `ALTER PIPE ${name} REFRESH PREFIX = {prefix}`,
			files: { as: "each", window, listed },
		},
		// What is left behind says nothing about the files at the new place.
		...(leaves.leaves
			? []
			: [
					{
						do: "capture",
						sql: describe,
						saveAs: `history of ${key}`,
						files: { as: "history", window },
					} as const,
				]),
	];
	const paused = to.properties.PIPE_EXECUTION_PAUSED === true;
	const linked = (object: ObjectModel): boolean =>
		typeof object.properties.STORAGE_INTEGRATION === "string" ||
		Array.isArray(object.properties.STORAGE_INTEGRATION);
	// Cut off between an integration made anew and its stage linked again, the stage cannot be listed until it is.
	const unlinked = rootBefore === rootAfter && !linked(stageBefore) && linked(stageAfter);
	const goesOn = (state === UNLINKED || stopped) && !paused;
	return {
		...(unlinked && { behind: objectKey(stageBefore) }),
		before: [
			{
				do: "wait",
				sql: historySql(from, before, "COUNT(*)", " AND STATUS = 'Load in progress'"),
				until: "0",
				timeoutSeconds: DEADLINE_SECONDS,
			},
			{ do: "capture", sql: describe, saveAs: made },
			{
				do: "capture",
				sql: loadsSql(from, before, stageBefore),
				all: true,
				saveAs: loads,
			},
			status("before"),
			{
				do: "capture",
				sql: list,
				saveAs: window,
				files: {
					as: "window",
					made,
					loads,
					status: `pending before of ${key}`,
					history: `history of ${key}`,
					refuses: "PIPE_HISTORY_LOST",
					root: rootBefore,
					...pattern,
					...leaves,
				},
			},
		],
		after: [{ do: "execute", sql: pause }, ...refresh],
		restore: [
			...(state === "PAUSED" ? [{ do: "execute", sql: pause } as const] : []),
			...refresh,
			...(goesOn ? [{ do: "execute", sql: resume } as const] : []),
		],
		proof: [
			...((state === "PAUSED" && !paused) || goesOn
				? [{ do: "execute", sql: resume } as const]
				: []),
			status("after"),
			{
				do: "check",
				sql: loadsSql(to, after, stageAfter),
				proves: "window",
				...(paused ? {} : { timeoutSeconds: DEADLINE_SECONDS }),
				files: { as: "proof", window, listed, status: `pending after of ${key}`, root: rootBefore },
			},
		],
		prevents: ["PIPE_HISTORY_LOST"],
		adds: [
			{
				code: "PIPE_RELOAD_WINDOW",
				message: leaves.leaves
					? "it is made anew once every file at the old place is loaded; what is at the new place by then is loaded only on request: ALTER PIPE … REFRESH"
					: "files of the last 7 days that came after the pipe was made and were not loaded are refreshed; every file is loaded once",
			},
		],
	};
}
