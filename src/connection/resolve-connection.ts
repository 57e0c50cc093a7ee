import { isAbsolute, relative, resolve } from "node:path";
import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Location } from "../diagnostics/source.ts";
import { formatIdentifier } from "../model/identifier.ts";
import {
	type ConnectionFiles,
	expandHome,
	readConnectionFiles,
	type Section,
	type Variables,
} from "./config-files.ts";
import {
	type DriverOptions,
	KEY_NAMES,
	overlay,
	readLayer,
	SECRET_OPTIONS,
	type Settings,
} from "./keys.ts";

/** What an environment file says about the way into its account. */
export interface ConnectionRequest {
	/** A section of connections.toml or config.toml. */
	readonly name?: string;
	/** Options of the driver written in the environment file. */
	readonly inline?: DriverOptions;
	/** The environment file's name, for messages. */
	readonly file: string;
	/** Where the connection is named. */
	readonly at?: Location;
	/** Used where the connection itself names no account. */
	readonly account?: string;
	/** The environment's own, stronger than any other. */
	readonly role?: string;
	readonly warehouse?: string;
	readonly env: Variables;
	/** The project's directory: paths in its environment files start there. */
	readonly dir: string;
}

/** Options for the driver, and where each comes from. Holds secrets: show `describeSource`, never this. */
export interface ResolvedConnection {
	readonly options: DriverOptions;
	readonly settings: Settings;
	readonly warnings: readonly Diagnostic[];
	/** Who and where, for messages. */
	readonly description: string;
}

/** SNOWFLAKE_ACCOUNT and the like: for any connection, and weaker than all else. */
function genericLayer(env: Variables) {
	const entries = KEY_NAMES.flatMap((name) => {
		const value = env[`SNOWFLAKE_${name.toUpperCase()}`];
		return value ? [[name, value] as const] : [];
	});
	return readLayer({ entries, from: (name) => `SNOWFLAKE_${name.toUpperCase()}` }).settings;
}

/** The Snowflake CLI reads the passphrase of a private key from a variable without prefix. */
function passphraseLayer(env: Variables): Settings {
	return readLayer({
		entries: [["private_key_passphrase", env.PRIVATE_KEY_PASSPHRASE]],
		from: () => "PRIVATE_KEY_PASSPHRASE",
	}).settings;
}

/** How a connection's variables begin; characters that a shell's variables cannot have become `_`. */
function prefixesOf(name: string): readonly string[] {
	const upper = name.toUpperCase();
	return [...new Set([upper, upper.replace(/\W/g, "_")])].map((n) => `SNOWFLAKE_CONNECTIONS_${n}_`);
}

/** SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>: for one connection, and stronger than its file. */
function namedLayer(name: string, env: Variables, others: Iterable<string>) {
	const prefixes = prefixesOf(name);
	// PROD_EU_USER is a variable of the connection `prod_eu`, not the parameter EU_USER of `prod`.
	const longer = [...others]
		.flatMap(prefixesOf)
		.filter((other) => prefixes.some((p) => other.length > p.length && other.startsWith(p)));
	const variables = new Map<string, string>();
	const entries = Object.entries(env).flatMap(([variable, value]) => {
		const prefix = prefixes.find((p) => variable.startsWith(p));
		if (prefix === undefined || !value || longer.some((p) => variable.startsWith(p))) return [];
		const key = variable.slice(prefix.length).toLowerCase();
		variables.set(key, variable);
		return [[key, value] as const];
	});
	return readLayer({ entries, from: (key) => variables.get(key) ?? key });
}

function sectionLayer(section: Section) {
	const from = (key: string) => `${section.file}:${section.locate(key).line}`;
	return readLayer({
		entries: Object.entries(section.values),
		from,
		locate: section.locate,
	});
}

/** The environment file's own options have the driver's names already; paths in it start at the project. */
function inlineLayer(request: ConnectionRequest): Settings {
	const { user, ...options } = request.inline ?? {};
	const all = { ...(user === undefined ? {} : { username: user }), ...options };
	return new Map(
		Object.entries(all).map(([option, value]) => [
			option,
			{
				value:
					/Path$/.test(option) && typeof value === "string"
						? resolve(request.dir, expandHome(value, request.env))
						: value,
				from: request.file,
			},
		]),
	);
}

function fixedLayer(request: ConnectionRequest): Settings {
	const { file, role, warehouse } = request;
	return new Map(
		Object.entries({ role, warehouse }).flatMap(([option, name]) =>
			name === undefined ? [] : [[option, { value: formatIdentifier(name), from: file }] as const],
		),
	);
}

function unknown(request: ConnectionRequest, name: string, files: ConnectionFiles): never {
	const names = [...files.sections.keys()];
	const variable = `${prefixesOf(name).at(-1)}USER`;
	const guess = didYouMean(name, names);
	throw new DeployError(EXIT.environment, {
		severity: "error",
		code: "UNKNOWN_CONNECTION",
		summary:
			files.file === undefined
				? `there is no connection ${name}: neither connections.toml nor config.toml is in ${files.directory}`
				: `there is no connection ${name} in ${files.file}`,
		...(names.length > 0 ? { detail: `connections: ${names.join(", ")}` } : {}),
		hint: guess.hint ?? `write a section [${name}], or set ${variable} and the like`,
		...(request.at && { at: request.at }),
	});
}

/**
 * The section a name means. `default` is the connection the Snowflake tools take where none is named, unless a
 * section has that very name. A connection may also consist of variables only, as in CI.
 */
function namedLayers(request: ConnectionRequest, wanted: string) {
	const { env } = request;
	const files = readConnectionFiles(env);
	const name =
		wanted === "default" && !files.sections.has(wanted) && files.defaultName !== undefined
			? files.defaultName
			: wanted;
	const section = files.sections.get(name);
	const others = [...files.sections.keys()].filter((other) => other !== name);
	const variables = namedLayer(name, env, others);
	if (!section && variables.settings.size === 0) unknown(request, name, files);
	const own = section && sectionLayer(section);
	return {
		layers: [...(own ? [own.settings] : []), variables.settings],
		warnings: [...files.warnings, ...(own?.warnings ?? []), ...variables.warnings],
	};
}

/**
 * Finds everything about a connection: generic variables, then the environment file or the connection's section,
 * then the connection's own variables, and at last the environment's role and warehouse, each stronger than those before.
 * Throws a DeployError (exit 78).
 */
export function resolveConnection(request: ConnectionRequest): ResolvedConnection {
	const { env, account, file } = request;
	const own =
		request.name === undefined
			? { layers: [inlineLayer(request)], warnings: [] }
			: namedLayers(request, request.name);
	const settings = overlay([
		passphraseLayer(env),
		genericLayer(env),
		new Map(account === undefined ? [] : [["account", { value: account, from: file }]]),
		...own.layers,
		fixedLayer(request),
	]);
	const options = Object.fromEntries([...settings].map(([option, { value }]) => [option, value]));
	const { database: _database, schema: _schema, ...used } = options;
	for (const option of ["privateKeyPath", "tokenFilePath"])
		if (typeof used[option] === "string") used[option] = expandHome(used[option], env);
	const where = String(used.account ?? used.accessUrl ?? used.host ?? "the account");
	return { options: used, settings, warnings: own.warnings, description: where };
}

/** Where the parameters come from, line by line, without the values of secrets. */
export function describeSource(connection: ResolvedConnection): readonly string[] {
	const here = process.cwd();
	const place = (from: string) =>
		isAbsolute(from) && !relative(here, from).startsWith("..") ? relative(here, from) : from;
	return [...connection.settings]
		.filter(([option]) => option in connection.options)
		.map(
			([option, { value, from }]) =>
				`${option} = ${SECRET_OPTIONS.has(option) ? "<secret>" : String(value)} (${place(from)})`,
		);
}
