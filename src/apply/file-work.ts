import * as z from "zod";
import { DeployError, EXIT, type ExitCode } from "../diagnostics/diagnostic.ts";
import { formatString } from "../model/identifier.ts";
import type { Row } from "../model/port.ts";
import type { Operation } from "../plan/plan.ts";
import {
	type FileWindow,
	type ListedFile,
	type Load,
	narrowestPrefixes,
	outcome,
	split,
} from "./file-window.ts";

type Files = NonNullable<Operation["files"]>;
type Work<As extends Files["as"]> = Extract<Files, { as: As }>;
type Captured = ReadonlyMap<string, string>;

const windowSchema = z.object({
	since: z.string(),
	loaded: z.array(z.string()),
	failed: z.array(z.string()),
	/** When it was read, by the account's clock. */
	now: z.string(),
});
const listedSchema = z.object({
	files: z.array(z.string()),
	prefixes: z.array(z.string()),
	/** Files at a new place, which nobody asked to load. */
	there: z.int(),
});
const historySchema = z.object({ made: z.string(), window: windowSchema });
const rowsSchema = z.array(z.record(z.string(), z.string().nullable()));

function failure(
	code: string,
	summary: string,
	detail: readonly string[],
	exit: ExitCode,
	hint?: string,
) {
	return new DeployError(exit, {
		severity: "error",
		code,
		summary,
		...(detail.length > 0 ? { detail: detail.join("\n") } : {}),
		...(hint === undefined ? {} : { hint }),
	});
}

function value(captured: Captured, name: string): string {
	const found = captured.get(name);
	if (found !== undefined) return found;
	throw failure("CHECK", `${name} was not captured`, [], EXIT.failed);
}

function rowsOf(captured: Captured, name: string): readonly Row[] {
	return rowsSchema.parse(JSON.parse(value(captured, name)));
}

function windowIn(captured: Captured, name: string): z.infer<typeof windowSchema> {
	return windowSchema.parse(JSON.parse(value(captured, name)));
}

function moment(text: string | null | undefined): Date {
	const at = new Date(text ?? "");
	if (!Number.isNaN(at.getTime())) return at;
	throw failure("CHECK", `${text ?? "nothing"} is not a point in time`, [], EXIT.failed);
}

/** The files of LIST that count, by their names without the root. Folder markers are no files. */
function listing(
	rows: readonly Row[],
	{ root, pattern }: { readonly root: string; readonly pattern?: string | undefined },
): readonly ListedFile[] {
	const matches = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, "s");
	return rows.flatMap((row) => {
		const full = row.name ?? "";
		const name = full.slice(root.length);
		if (!full.startsWith(root) || full.endsWith("/")) return [];
		if (matches && !matches.test(name.replace(/^\//, ""))) return [];
		return [{ name, modified: moment(row.last_modified) }];
	});
}

/** The entries of a load history below the root. */
function loads(rows: readonly Row[], root: string): readonly Load[] {
	return rows.flatMap((row) => {
		const file = row.FILE ?? "";
		if (!file.startsWith(root)) return [];
		const loaded = row.STATUS === "Loaded" || row.STATUS === "Partially loaded";
		return [{ name: file.slice(root.length), loaded, bulk: row.BULK === "true" }];
	});
}

function names(files: readonly string[], root: string): readonly string[] {
	return files.map((file) => `  ${root}${file}`);
}

/** A history whose files are all elsewhere says nothing about those that are listed here. */
function checkHistory(rows: readonly Row[], work: Work<"window">): void {
	const elsewhere = rows.filter((row) => row.BULK !== "true" && !row.FILE?.startsWith(work.root));
	if (elsewhere.length > 0)
		throw failure(
			work.refuses,
			`${elsewhere.length} loaded files are not below ${work.root}, so that it cannot be told what was loaded`,
			elsewhere.map((row) => `  ${row.FILE}`),
			EXIT.refused,
		);
}

/**
 * What was loaded, by the history of the object that is replaced and, where that one had replaced another in the
 * same way, by what was kept of it then. Throws where files would be lost, before anything is touched.
 */
export function windowOf(
	work: Work<"window">,
	rows: readonly Row[],
	captured: Captured,
	earlier: string | undefined,
): string {
	const made = value(captured, work.made);
	const [status] = rowsOf(captured, work.status);
	const now = moment(status?.NOW);
	const waiting = Number(status?.WAITING ?? 0);
	const known = earlier === undefined ? undefined : historySchema.parse(JSON.parse(earlier));
	const before = known?.made === made ? known.window : undefined;
	const history = rowsOf(captured, work.loads);
	checkHistory(history, work);
	const entries = loads(history, work.root);
	const listed = listing(rows, work);
	const there = new Set(listed.map((file) => file.name));
	const all = (own: readonly string[], kept: readonly string[] = []) =>
		[...new Set([...own, ...kept])].filter((name) => there.has(name)).sort();
	const loaded = all(
		entries.filter((e) => e.loaded).map((e) => e.name),
		before?.loaded,
	);
	const tried = all(
		entries.filter((e) => !e.loaded).map((e) => e.name),
		before?.failed,
	);
	const failed = tried.filter((name) => !loaded.includes(name));
	const window: FileWindow = {
		since: before?.since ?? moment(made).toISOString(),
		loaded,
		failed,
	};
	const found = split(listed, window, now);
	const { blocked } = narrowestPrefixes(found.missing, found.others);
	if (work.leaves && found.missing.length > 0)
		throw failure(
			work.refuses,
			"files that are left behind have not been loaded yet",
			names(found.missing, work.root),
			EXIT.refused,
			"let them load first, or load them with COPY INTO, and apply again",
		);
	if (waiting > found.missing.length)
		throw failure(
			work.refuses,
			`${waiting} files are waiting, and ${found.missing.length} of them can be asked for again afterwards: let it load them first, or load them with COPY INTO`,
			names(found.old, work.root),
			EXIT.refused,
		);
	if (blocked.length > 0)
		throw failure(
			work.refuses,
			"files that were not loaded cannot be asked for alone, since their names begin those of others",
			names(blocked, work.root),
			EXIT.refused,
		);
	return JSON.stringify({ ...window, now: now.toISOString() });
}

/** What the window holds now, and how what is missing is asked for. */
export function listedNow(work: Work<"listed">, rows: readonly Row[], captured: Captured): string {
	const window = windowIn(captured, work.window);
	const files = listing(rows, work);
	if (work.leaves) {
		const left = [...window.loaded, ...window.failed];
		return JSON.stringify({ files: left, prefixes: [], there: files.length });
	}
	const found = split(files, window, new Date(window.now));
	const { prefixes, blocked } = narrowestPrefixes(found.missing, found.others);
	if (blocked.length > 0)
		throw failure(
			"CHECK",
			"files that were not loaded cannot be asked for alone, since their names begin those of others",
			names(blocked, work.root),
			EXIT.failed,
		);
	return JSON.stringify({ files: found.files, prefixes, there: 0 });
}

/** The statements for what is missing. */
export function statementsFor(
	work: Work<"each">,
	sql: string,
	captured: Captured,
): readonly string[] {
	const { prefixes } = listedSchema.parse(JSON.parse(value(captured, work.listed)));
	return prefixes.map((prefix) => sql.replace("{prefix}", () => formatString(prefix)));
}

/** What the next replacement has to know of this one. */
export function historyOf(work: Work<"history">, made: string, captured: Captured): string {
	return JSON.stringify({ made, window: windowIn(captured, work.window) });
}

/** How a proof stands: what it shows, or what is not yet there. */
export interface Standing {
	/** What there was, and what became of it. */
	readonly before: string;
	readonly after: string;
	readonly waiting: number;
	readonly problems: readonly string[];
}

/** Whether every file of the window was loaded once. */
export function standing(work: Work<"proof">, rows: readonly Row[], captured: Captured): Standing {
	const { files, there } = listedSchema.parse(JSON.parse(value(captured, work.listed)));
	const found = outcome(files, windowIn(captured, work.window), loads(rows, work.root));
	const [status] = rowsOf(captured, work.status);
	const waiting = Number(status?.WAITING ?? 0) >= found.missing.length ? found.missing.length : 0;
	const parts = [`${found.once.length} loaded once`];
	const failedBefore =
		files.length -
		found.once.length -
		found.missing.length -
		found.failed.length -
		found.twice.length;
	if (failedBefore > 0) parts.push(`${failedBefore} could not be loaded before either`);
	if (found.missing.length > 0) parts.push(`${found.missing.length} waiting`);
	if (there > 0) parts.push(`${there} at the new place are loaded only on request`);
	return {
		before: `${files.length} file${files.length === 1 ? "" : "s"}`,
		after: parts.join(", "),
		waiting,
		problems: [
			...found.twice.map((name) => `loaded twice: ${work.root}${name}`),
			...found.failed.map((name) => `not loaded, the load failed: ${work.root}${name}`),
			...found.missing.map((name) => `not loaded: ${work.root}${name}`),
		],
	};
}
