import { compilationError, doesNotExist } from "../account/errors.ts";
import { checkLocation, integrationEnabled } from "../ddl/storage-integration.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Context } from "../types.ts";
import { stageSettings } from "./stage-settings.ts";
import {
	type Bucket,
	bucketOf,
	directoryBucket,
	internalDirectory,
	parseStorageUrl,
	type StoredFile,
	stageFailure,
	tableDirectory,
} from "./storage.ts";

/** What `@…` or a storage URL stands for. */
export interface Location {
	/** The named stage; undefined for a table's, a user's, and for a bare URL. */
	readonly stage: CatalogObject | undefined;
	readonly bucket: Bucket;
	/** Before every key, as LIST prints it: `s3://bucket/`, `mystage/`. */
	readonly display: string;
	/** The key that the stage's own location begins with; empty for internal stages. */
	readonly root: string;
	/** Root and written path: what every file's key begins with. */
	readonly prefix: string;
	readonly external: boolean;
	/** The directory of the account that holds an internal stage's files. */
	readonly directory: string | undefined;
}

/** A stage reference taken apart. */
export interface StageReference {
	readonly kind: "named" | "table" | "user";
	readonly name: readonly string[];
	readonly path: string;
}

/** Reads `@db.schema.stage/path`, `@%table/path`, `@~/path`; undefined for anything else. */
export function parseStageReference(text: string): StageReference | undefined {
	if (!text.startsWith("@")) return undefined;
	if (/^@~(?:\/|$)/.test(text)) return { kind: "user", name: [], path: text.slice(3) };
	const parts: string[] = [];
	let kind: StageReference["kind"] = "named";
	const part = /(%?)(?:"((?:[^"]|"")*)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))/y;
	let at = 1;
	for (;;) {
		part.lastIndex = at;
		const match = part.exec(text);
		if (!match) return undefined;
		if (match[1] === "%") kind = "table";
		parts.push(match[2]?.replaceAll('""', '"') ?? (match[3] as string).toUpperCase());
		at = part.lastIndex;
		if (kind === "table" || text[at] !== ".") break;
		at++;
		if (text[at] === ".") {
			parts.push("PUBLIC");
			at++;
		}
	}
	if (at < text.length && text[at] !== "/") return undefined;
	return { kind, name: parts, path: text.slice(at + 1) };
}

function join(root: string, path: string): string {
	return path !== "" && root !== "" && !root.endsWith("/") ? `${root}/${path}` : root + path;
}

function internal(
	context: Context,
	directory: string,
	display: string,
	path: string,
	stage?: CatalogObject,
): Location {
	return {
		stage,
		bucket: directoryBucket(internalDirectory(context.account.options, directory)),
		display,
		root: "",
		prefix: path,
		external: false,
		directory,
	};
}

/** The name of the directory that holds the files of an internal stage. */
export function stageDirectory(stage: CatalogObject): string {
	return `stage-${stage.id}`;
}

/** The place a stage stands for. Fails where its integration was replaced, dropped or disabled. */
export function stageLocation(context: Context, stage: CatalogObject, path: string): Location {
	const settings = stageSettings(stage);
	if (settings.url === null)
		return internal(context, stageDirectory(stage), `${stage.name.toLowerCase()}/`, path, stage);
	if (settings.integration) {
		const integration = context.catalog.byId(settings.integration.id);
		if (!integration)
			throw stageFailure(
				`The storage integration '${settings.integration.name}' that the stage was created with does not exist any more; run ALTER STAGE … SET STORAGE_INTEGRATION to link the stage again`,
			);
		if (!integrationEnabled(integration))
			throw stageFailure(`Integration '${integration.name}' is not enabled`);
		checkLocation(integration, settings.url);
	}
	return { ...urlLocation(context, settings.url, path), stage };
}

/** The place of a storage URL. */
function urlLocation(context: Context, url: string, path = ""): Location {
	const parsed = parseStorageUrl(url);
	if (!parsed) throw compilationError("001008", "22023", `invalid URL prefix found in: '${url}'`);
	return {
		stage: undefined,
		bucket: bucketOf(context.account.options, parsed),
		display: parsed.origin,
		root: parsed.path,
		prefix: join(parsed.path, path),
		external: true,
		directory: undefined,
	};
}

/** The named stage of a reference; undefined for a table's and a user's. */
export function referencedStage(
	context: Context,
	reference: StageReference,
): CatalogObject | undefined {
	if (reference.kind !== "named") return undefined;
	const name = context.qualify(reference.name, "schema");
	const stage = context.catalog.find("STAGE", name);
	if (!stage) throw doesNotExist("STAGE", name);
	return stage;
}

/** The place that `@…` or a URL in a statement stands for. */
export function resolveLocation(context: Context, text: string): Location {
	const reference = parseStageReference(text);
	if (!reference) {
		if (text.startsWith("@")) throw unsupported(`the stage reference ${text}`);
		return urlLocation(context, text);
	}
	const stage = referencedStage(context, reference);
	if (stage) return stageLocation(context, stage, reference.path);
	if (reference.kind === "user")
		return internal(context, `user-${context.session.user.toLowerCase()}`, "", reference.path);
	const name = context.qualify(reference.name, "schema");
	const table = context.catalog.find("TABLE", name);
	if (!table) throw doesNotExist("TABLE", name);
	return internal(context, tableDirectory(table), "", reference.path);
}

/** A file's name as LIST and COPY print it. */
export function displayName(location: Location, file: Pick<StoredFile, "key">): string {
	return location.display + file.key;
}

/** A file's path without what the stage's own URL says. */
export function relativeName(location: Location, file: Pick<StoredFile, "key">): string {
	return file.key.slice(location.root.length).replace(/^\//, "");
}

/** A PATTERN as Snowflake matches it: a regular expression for the whole text. */
export function filePattern(pattern: string): RegExp {
	try {
		return new RegExp(`^(?:${pattern})$`, "s");
	} catch {
		throw compilationError("002213", "2201B", `Invalid regular expression: '${pattern}'`);
	}
}

/** What a bulk PATTERN is matched with: "the entire storage location", without the bucket. */
function patternSubject(location: Location, file: StoredFile): string {
	return location.external ? file.key : displayName(location, file);
}

/** The files of a location, filtered by PATTERN. */
export async function listFiles(
	location: Location,
	pattern?: string,
): Promise<readonly StoredFile[]> {
	const files = await location.bucket.list(location.prefix);
	if (pattern === undefined) return files;
	const regex = filePattern(pattern);
	return files.filter((file) => regex.test(patternSubject(location, file)));
}
