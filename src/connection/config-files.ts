import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import type { Location } from "../diagnostics/source.ts";

/** Environment variables, given so that tests have their own. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A connection as a file has it. */
export interface Section {
	readonly name: string;
	readonly file: string;
	readonly values: Readonly<Record<string, unknown>>;
	/** The line of the section's head or of one of its keys; the text of values is left out, it may be secret. */
	locate(key?: string): Location;
}

/** The connections of a person, as the Snowflake tools share them. */
export interface ConnectionFiles {
	/** Where connections are looked for. */
	readonly directory: string;
	/** The file that they come from; undefined where there is none. */
	readonly file: string | undefined;
	readonly sections: ReadonlyMap<string, Section>;
	/** The connection used where none is named. */
	readonly defaultName: string | undefined;
	readonly warnings: readonly Diagnostic[];
}

function homeOf(env: Variables): string {
	return env.HOME || env.USERPROFILE || homedir();
}

/** A path in which `~` is the home directory. */
export function expandHome(path: string, env: Variables): string {
	return /^~(?=$|[/\\])/.test(path) ? homeOf(env) + path.slice(1) : path;
}

function isDirectory(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * The directory of config.toml and connections.toml: SNOWFLAKE_HOME, else ~/.snowflake where that exists, else
 * the platform's own place.
 * https://docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-cli
 */
export function configDirectory(
	env: Variables,
	platform: NodeJS.Platform = process.platform,
): string {
	if (env.SNOWFLAKE_HOME) return expandHome(env.SNOWFLAKE_HOME, env);
	const home = homeOf(env);
	const own = join(home, ".snowflake");
	if (isDirectory(own)) return own;
	if (platform === "darwin") return join(home, "Library", "Application Support", "snowflake");
	if (platform === "win32")
		return join(env.LOCALAPPDATA || join(home, "AppData", "Local"), "snowflake");
	return join(env.XDG_CONFIG_HOME || join(home, ".config"), "snowflake");
}

function fail(code: string, summary: string, extra: Partial<Diagnostic> = {}): never {
	throw new DeployError(EXIT.environment, { severity: "error", code, summary, ...extra });
}

/**
 * A file with credentials is for its owner only. Readable by others is a warning where the Snowflake tools'
 * variable says so; writable by others never is.
 */
export function checkPermissions(file: string, env: Variables): readonly Diagnostic[] {
	if (process.platform === "win32") return [];
	const mode = statSync(file).mode & 0o777;
	if ((mode & 0o077) === 0) return [];
	const relaxed =
		env.SF_SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION ?? env.SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION;
	const summary = `${file} can be ${mode & 0o022 ? "written" : "read"} by others (mode 0${mode.toString(8)})`;
	const hint = `run: chmod 0600 ${/\s/.test(file) ? JSON.stringify(file) : file}`;
	if ((mode & 0o022) === 0 && relaxed?.toLowerCase() === "true")
		return [{ severity: "warning", code: "FILE_PERMISSIONS", summary, hint }];
	return fail("FILE_PERMISSIONS", summary, { hint });
}

/** A line without what stands behind its `=`. */
function withoutValue(line: string): string {
	const equals = line.indexOf("=");
	return equals < 0 || line.trimStart().startsWith("[") ? line : `${line.slice(0, equals + 1)} …`;
}

function locationAt(file: string, lines: readonly string[], line: number): Location {
	const lineText = withoutValue(lines[line - 1] ?? "");
	const column = lineText.length - lineText.trimStart().length + 1;
	const word = /^[^=]*[^=\s]/.exec(lineText.trimStart())?.[0].length ?? 1;
	return { file, line, column, lineText, length: Math.max(1, word) };
}

function readToml(
	file: string,
	env: Variables,
): {
	readonly values: Readonly<Record<string, unknown>>;
	readonly lines: readonly string[];
	readonly warnings: readonly Diagnostic[];
} {
	const warnings = checkPermissions(file, env);
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		return fail("CONNECTION_FILE", `${file} cannot be read: ${(error as Error).message}`);
	}
	const lines = text.split(/\r?\n/);
	try {
		return { values: parse(text), lines, warnings };
	} catch (error) {
		if (!(error instanceof TomlError)) throw error;
		// The library's message goes on with the lines themselves, and they may hold a password.
		const reason = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "");
		return fail("CONNECTION_FILE", `not TOML: ${reason}`, {
			at: locationAt(file, lines, error.line),
		});
	}
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The line of `[name]`, and below it the line of a key. The parser does not say where it found what. */
function lineOf(lines: readonly string[], head: readonly string[], key?: string): number {
	const heads = lines.map((line) =>
		/^\s*\[(?!\[)\s*(.*?)\s*\]\s*(?:#.*)?$/
			.exec(line)?.[1]
			?.split(".")
			.map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2"))
			.join("."),
	);
	const start = heads.indexOf(head.join("."));
	if (start < 0) return 1;
	if (key === undefined) return start + 1;
	for (let line = start + 1; line < lines.length && heads[line] === undefined; line++)
		if (/^\s*["']?([\w-]+)["']?\s*=/.exec(lines[line] ?? "")?.[1]?.toLowerCase() === key)
			return line + 1;
	return start + 1;
}

/** Reads the connections of connections.toml, or where that does not exist, those of config.toml. */
export function readConnectionFiles(env: Variables): ConnectionFiles {
	const directory = configDirectory(env);
	const configFile = join(directory, "config.toml");
	const ownFile = join(directory, "connections.toml");
	const config = existsSync(configFile) ? readToml(configFile, env) : undefined;
	const own = existsSync(ownFile) ? readToml(ownFile, env) : undefined;
	const file = own ? ownFile : config ? configFile : undefined;
	const from = own ?? config;
	const tables = own ? own.values : config?.values.connections;
	const sections = new Map<string, Section>();
	for (const [name, values] of Object.entries(isTable(tables) ? tables : {}))
		if (from && file !== undefined && isTable(values))
			sections.set(name, {
				name,
				file,
				values,
				locate: (key) =>
					locationAt(
						file,
						from.lines,
						lineOf(from.lines, own ? [name] : ["connections", name], key),
					),
			});
	const configured = config?.values.default_connection_name;
	return {
		directory,
		file,
		sections,
		defaultName:
			env.SNOWFLAKE_DEFAULT_CONNECTION_NAME ||
			(typeof configured === "string" ? configured : undefined),
		warnings: [...(config?.warnings ?? []), ...(own?.warnings ?? [])],
	};
}
