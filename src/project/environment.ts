import { join } from "node:path";
import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { type Location, locate } from "../diagnostics/source.ts";
import { isHazardCode, unknownHazard } from "../model/hazard.ts";
import {
	type Identifier,
	parseIdentifier,
	parseName,
	type QualifiedName,
} from "../model/identifier.ts";
import { checkFile, maskSecrets } from "./check-file.ts";
import { describeIssue } from "./describe-issues.ts";
import { isDirectory, listNames, readText } from "./files.ts";
import { overrideVariables } from "./overrides.ts";
import { type EnvironmentFile, environmentFile, environmentJsonSchema } from "./schema.ts";
import { keyAt, type LocatedMap, mergeMaps, nodeAt, parseYaml, plainValue } from "./yaml-tree.ts";

/** How the account is reached. */
export type ConnectionSettings =
	| { readonly kind: "named"; readonly name: string }
	| {
			readonly kind: "emulator";
			readonly path: string;
			readonly buckets: Readonly<Record<string, string>>;
	  }
	| { readonly kind: "driver"; readonly options: Readonly<Record<string, unknown>> };

/** A hazard that the environment accepts. */
export interface Permit {
	readonly hazard: string;
	/** As written; accepted for every object when absent. */
	readonly object?: string;
	/** The last day, `2026-12-31`. */
	readonly until?: string;
	readonly reason: string;
	readonly at: Location;
}

/** One environment, complete: names in the form Snowflake stores them, defaults filled in. */
export interface Environment {
	readonly name: string;
	/** The file it comes from, relative to the project's directory. */
	readonly file: string;
	readonly project: string;
	/** Upper-case; absent only on the local account. */
	readonly account?: string;
	readonly connection: ConnectionSettings;
	readonly role?: Identifier;
	readonly warehouse?: Identifier;
	/** Kind in upper case → role. */
	readonly owners: Readonly<Record<string, Identifier>>;
	readonly variables: Readonly<Record<string, unknown>>;
	readonly context: { readonly database?: Identifier; readonly schema?: Identifier };
	readonly manage: {
		readonly databases: readonly Identifier[];
		readonly roles: readonly Identifier[];
	};
	/** Name patterns, `*` for anything. */
	readonly external: readonly string[];
	/** Database and schema of the deployment records. */
	readonly records: QualifiedName;
	readonly permit: readonly Permit[];
	readonly concurrency: number;
	/** Where a key or value was written, for messages about it. */
	locate(...path: readonly PropertyKey[]): Location | undefined;
}

const FOLDER = "environments";
const DEFAULTS = "_defaults.yaml";
const SCHEMA = environmentJsonSchema();

function refuse(...diagnostics: readonly Diagnostic[]): never {
	throw new DeployError(EXIT.environment, diagnostics.map(maskSecrets));
}

/** The names of the environments of a project, in order. */
export function environmentNames(dir: string): readonly string[] {
	const folder = join(dir, FOLDER);
	if (!isDirectory(folder)) return [];
	return listNames(folder)
		.filter((name) => name.endsWith(".yaml") && !name.startsWith("_"))
		.map((name) => name.slice(0, -".yaml".length));
}

function checkName(dir: string, name: string): void {
	const names = environmentNames(dir);
	if (names.includes(name)) return;
	if (!isDirectory(join(dir, FOLDER)))
		refuse(
			errorAt(undefined, "NO_ENVIRONMENTS", `there is no directory ${FOLDER}/ in ${dir}`, {
				hint: "run snowline init to make a project, or say where it is with -C DIR",
			}),
		);
	const guess = didYouMean(name, names);
	const otherwise = listNames(join(dir, FOLDER)).includes(`${name}.yml`)
		? `rename ${FOLDER}/${name}.yml to ${name}.yaml`
		: `write ${FOLDER}/${name}.yaml, or choose one with -e NAME`;
	refuse(
		errorAt(undefined, "UNKNOWN_ENVIRONMENT", `there is no environment ${name}`, {
			detail: names.length > 0 ? `environments: ${names.join(", ")}` : "there is none at all yet",
			hint: guess.hint ?? otherwise,
		}),
	);
}

/** The environment's file laid upon the defaults. Throws where one of them is not YAML. */
function readTree(dir: string, name: string, report: (diagnostic: Diagnostic) => void): LocatedMap {
	const problems: Diagnostic[] = [];
	const read = (file: string): LocatedMap | undefined => {
		const text = readText(dir, `${FOLDER}/${file}`, (diagnostic) => problems.push(diagnostic));
		return text && parseYaml(text, (diagnostic) => problems.push(diagnostic));
	};
	const defaults = listNames(join(dir, FOLDER)).includes(DEFAULTS) ? read(DEFAULTS) : undefined;
	const own = read(`${name}.yaml`);
	for (const tree of [defaults, own])
		if (tree) for (const diagnostic of checkFile(tree)) report(diagnostic);
	if (problems.length > 0 || !own) refuse(...problems);
	return defaults ? mergeMaps(defaults, own) : own;
}

/** The names of variables that a file gives; none where it cannot be read, which is not the question here. */
function variablesIn(tree: LocatedMap | undefined): readonly string[] {
	const node = tree && nodeAt(tree, ["variables"]);
	return node?.kind === "map" ? [...node.entries.keys()] : [];
}

/**
 * A variable that no environment file declares is mistyped: nothing would use it. One that only another
 * environment declares may be asked about with `defined`. Throws a DeployError (exit 64).
 */
function checkOverrides(
	dir: string,
	tree: LocatedMap,
	overrides: ReadonlyMap<string, string>,
): void {
	const own = variablesIn(tree);
	const unknown = [...overrides.keys()].filter((name) => !own.includes(name));
	if (unknown.length === 0) return;
	const elsewhere = environmentNames(dir).flatMap((name) => {
		const text = readText(dir, `${FOLDER}/${name}.yaml`, () => {});
		return variablesIn(text && parseYaml(text, () => {}));
	});
	const known = new Set([...own, ...elsewhere]);
	const mistyped = unknown.filter((name) => !known.has(name));
	if (mistyped.length > 0)
		throw new DeployError(
			EXIT.usage,
			mistyped.map((name) =>
				errorAt(
					undefined,
					"UNKNOWN_VARIABLE",
					`--var ${name}: no environment file has this variable`,
					{
						hint: didYouMean(name, known).hint ?? `add it to variables in ${FOLDER}/${DEFAULTS}`,
					},
				),
			),
		);
}

function connectionOf(
	connection: NonNullable<EnvironmentFile["connection"]>,
): ConnectionSettings | undefined {
	const { name, emulator, ...options } = connection;
	const forms = [name, emulator, Object.keys(options).length > 0 ? options : undefined];
	if (forms.filter((form) => form !== undefined).length !== 1) return undefined;
	if (name !== undefined) return { kind: "named", name };
	if (emulator) return { kind: "emulator", path: emulator.path, buckets: emulator.buckets ?? {} };
	return { kind: "driver", options };
}

/** What must be there, and is not: the key and what to write. */
function missingKeys(tree: LocatedMap): readonly (readonly [string, string])[] {
	const { entries } = tree;
	const missing: (readonly [string, string])[] = [];
	const need = (key: string, example: string): void => {
		if (!entries.has(key)) missing.push([key, `${key}: ${example}`]);
	};
	const connection = entries.get("connection")?.value;
	const databases = nodeAt(tree, ["manage", "databases"]);
	need("project", "NAME");
	need("connection", "{ name: SECTION }");
	if (connection?.kind === "map" && !connection.entries.has("emulator")) {
		need("account", "ORGANIZATION-ACCOUNT");
		need("role", "ROLE");
		need("warehouse", "WAREHOUSE");
	}
	if (databases.kind !== "list" || databases.items.length === 0) need("records", "DATABASE.SCHEMA");
	return missing;
}

function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
	const entries = Object.entries(values).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

const identifiers = (texts: readonly string[] = []): readonly Identifier[] =>
	texts.map(parseIdentifier);
const optionalIdentifier = (text: string | undefined): Identifier | undefined =>
	text === undefined ? undefined : parseIdentifier(text);

/**
 * Reads `environments/<name>.yaml` over `_defaults.yaml`, with `overrides` (`--var k=v`) over its variables.
 * Throws one DeployError (exit 78) with everything that is wrong; an override of a variable that no file has is exit 64.
 */
export function loadEnvironment(
	dir: string,
	name: string,
	overrides: ReadonlyMap<string, string> = new Map(),
): Environment {
	checkName(dir, name);
	const file = `${FOLDER}/${name}.yaml`;
	const diagnostics: Diagnostic[] = [];
	const report = (diagnostic: Diagnostic): void => {
		// A secret is an unknown key too; once is enough.
		const again = (known: Diagnostic) =>
			known.at?.file === diagnostic.at?.file &&
			known.at?.line === diagnostic.at?.line &&
			known.at?.column === diagnostic.at?.column &&
			known.code === "SECRET_IN_FILE";
		if (!diagnostics.some(again)) diagnostics.push(diagnostic);
	};
	const tree = readTree(dir, name, report);
	const parsed = environmentFile.safeParse(plainValue(tree));
	for (const issue of parsed.error?.issues ?? [])
		for (const diagnostic of describeIssue(issue, tree, SCHEMA)) report(diagnostic);
	const connection = parsed.data?.connection && connectionOf(parsed.data.connection);
	if (parsed.data?.connection && !connection)
		report(
			errorAt(
				keyAt(tree, ["connection"]),
				"WRONG_VALUE",
				"connection is one of: name, emulator, or options of the driver",
				{ hint: `keep one of the three; keys of ${FOLDER}/${DEFAULTS} count too` },
			),
		);
	for (const [key, example] of missingKeys(tree)) {
		const hint = `add ${example} to ${key === "project" ? `${FOLDER}/${DEFAULTS}` : file}`;
		const top = { ...tree.span, start: 0, end: 0 };
		report(errorAt(top, "MISSING_KEY", `${key} is missing`, { hint }));
	}
	for (const [i, { hazard }] of (parsed.data?.permit ?? []).entries())
		if (!isHazardCode(hazard))
			report(unknownHazard(hazard, nodeAt(tree, ["permit", i, "hazard"]).span));
	const variables = overrideVariables(tree, parsed.data?.variables ?? {}, overrides, report);
	const values = parsed.data;
	if (diagnostics.length > 0 || !connection || values?.project === undefined)
		refuse(...diagnostics);
	checkOverrides(dir, tree, overrides);
	const databases = identifiers(values.manage?.databases);
	const owners = Object.entries(values.owners ?? {}).map(
		([kind, role]) => [kind.toUpperCase(), parseIdentifier(role)] as const,
	);
	return {
		...defined({
			account: values.account?.toUpperCase(),
			role: optionalIdentifier(values.role),
			warehouse: optionalIdentifier(values.warehouse),
		}),
		name,
		file,
		project: values.project,
		connection,
		owners: Object.fromEntries(owners),
		variables,
		context: defined({
			database: optionalIdentifier(values.context?.database),
			schema: optionalIdentifier(values.context?.schema),
		}),
		manage: { databases, roles: identifiers(values.manage?.roles) },
		external: values.external ?? [],
		records: (values.records === undefined ? undefined : parseName(values.records)) ?? [
			databases[0] ?? "",
			"SNOWLINE",
		],
		permit: (values.permit ?? []).map((permit, i) => ({
			...defined({ object: permit.object, until: permit.until }),
			hazard: permit.hazard,
			reason: permit.reason,
			at: locate(nodeAt(tree, ["permit", i]).span),
		})),
		concurrency: values.concurrency ?? 8,
		locate: (...path) => {
			const key = keyAt(tree, path);
			return key && locate(key);
		},
	};
}
