import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { sortBy } from "../model/compare.ts";

/** A file that was read: its path from the project's directory, with `/`, and its text without byte order mark. */
export interface TextFile {
	readonly file: string;
	readonly text: string;
}

function reason(error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code;
	if (code === "EACCES" || code === "EPERM") return "permission denied";
	if (code === "ENOENT") return "it does not exist";
	if (code === "EISDIR") return "it is a directory";
	return error instanceof Error ? error.message : String(error);
}

/** Reads a file as UTF-8; a file that is not is a mistake, since guessing would change names and literals. */
export function readText(
	dir: string,
	file: string,
	report: (diagnostic: Diagnostic) => void,
): TextFile | undefined {
	let bytes: Uint8Array;
	try {
		bytes = readFileSync(join(dir, file));
	} catch (error) {
		report(errorAt(undefined, "FILE_UNREADABLE", `${file} cannot be read: ${reason(error)}`));
		return undefined;
	}
	try {
		return { file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
	} catch {
		const utf16 =
			(bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
		const hint = `save it as UTF-8${utf16 ? " (it looks like UTF-16)" : ""}`;
		report(errorAt(undefined, "FILE_NOT_UTF8", `${file} is not UTF-8`, { hint }));
		return undefined;
	}
}

/** Whether a path is a directory, links followed. */
export function isDirectory(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The names in a directory, in order, without those that start with a point. */
export function listNames(dir: string): readonly string[] {
	return sortBy(
		readdirSync(dir).filter((name) => !name.startsWith(".")),
		(name) => name,
	);
}

/**
 * The files under a folder of the project, by code unit of their path. Links are followed, a folder that contains
 * itself by a link is entered once, and what starts with a point is left out.
 */
export function listFiles(
	dir: string,
	folder: string,
	report: (diagnostic: Diagnostic) => void,
): readonly string[] {
	const files: string[] = [];
	const walk = (path: string, within: ReadonlySet<string>): void => {
		const real = realpathSync(join(dir, path));
		if (within.has(real)) return;
		for (const name of listNames(join(dir, path))) {
			const child = `${path}/${name}`;
			const found = statSync(join(dir, child), { throwIfNoEntry: false });
			if (found?.isDirectory()) walk(child, new Set([...within, real]));
			else if (found?.isFile()) files.push(child);
			else if (!found)
				report(errorAt(undefined, "FILE_UNREADABLE", `${child} is a link to nothing`));
		}
	};
	try {
		walk(folder, new Set());
	} catch (error) {
		const summary = `${folder} cannot be listed: ${reason(error)}`;
		report(errorAt(undefined, "FILE_UNREADABLE", summary));
	}
	return sortBy(files, (file) => file);
}
