import { compilationError } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import { dropDirectory, refreshDirectory } from "../load/directory-table.ts";
import { stageDirectory } from "../load/location.ts";
import {
	booleanValue,
	groupValue,
	invalidProperty,
	invalidValue,
	type Property,
	positionOf,
	readProperties,
	refuseDuplicates,
	stringValue,
	takeProperty,
} from "../load/property-list.ts";
import {
	emptyStage,
	NO_DIRECTORY,
	readCredentials,
	readDirectory,
	readEncryption,
	readFormatReference,
	readUrl,
	type StageSettings,
	stageProperties,
	stageSettings,
} from "../load/stage-settings.ts";
import { removeInternal } from "../load/storage.ts";
import type { CatalogObject, Context, Kind } from "../types.ts";
import { findFileFormat } from "./file-format.ts";
import { commentOf, createObject, DONE } from "./lifecycle.ts";
import { useNotificationIntegration } from "./notification-integration.ts";
import { textResult } from "./result.ts";
import { renameObject } from "./shared.ts";
import { describeStage, STAGE_COLUMNS } from "./stage-show.ts";
import { useStorageIntegration } from "./storage-integration.ts";

const OWNER = "STAGE";

/** Properties in the order in which they must be read: the URL decides what the others may be. */
const ORDER = ["URL", "ENDPOINT", "STORAGE_INTEGRATION", "CREDENTIALS"];

function inOrder(properties: readonly Property[]): readonly Property[] {
	const rank = (p: Property): number =>
		(ORDER.indexOf(p.name) + ORDER.length + 1) % (ORDER.length + 1);
	return [...properties].sort((a, b) => rank(a) - rank(b));
}

function integrationOf(
	context: Context,
	property: Property,
	settings: StageSettings,
): StageSettings["integration"] {
	const { value } = property;
	if (settings.url === null || settings.provider === "S3COMPAT")
		throw invalidProperty(property, OWNER);
	if (value.type !== "name" && value.type !== "string") throw invalidValue(property);
	const name = value.type === "name" ? value.parts : [value.text.toUpperCase()];
	const found = useStorageIntegration(context, name, settings.url);
	return { id: found.id, name: found.name };
}

/** Applies one property to a stage's settings; what does not go with the stage's kind is refused. */
function apply(context: Context, before: StageSettings, property: Property): StageSettings {
	const external = before.url !== null;
	switch (property.name) {
		case "URL":
			return { ...before, ...readUrl(property) };
		case "ENDPOINT":
			if (before.provider !== "S3COMPAT") throw invalidProperty(property, OWNER);
			return { ...before, endpoint: stringValue(property) };
		case "AWS_ACCESS_POINT_ARN":
			if (!before.provider?.startsWith("S3")) throw invalidProperty(property, OWNER);
			return { ...before, accessPoint: stringValue(property) };
		case "STORAGE_INTEGRATION":
			return {
				...before,
				integration: integrationOf(context, property, before),
				credentials: {},
			};
		case "CREDENTIALS":
			return {
				...before,
				credentials: readCredentials(property, before.provider),
				integration: null,
			};
		case "ENCRYPTION":
			return { ...before, encryption: readEncryption(property, before.provider) };
		case "USE_PRIVATELINK_ENDPOINT":
			if (!external) throw invalidProperty(property, OWNER);
			return { ...before, privateLink: booleanValue(property) };
		case "FILE_FORMAT":
			return {
				...before,
				format: readFormatReference(property, (name) => {
					const found = findFileFormat(context, name);
					return [found.database, found.schema, found.name].map(String);
				}),
			};
		case "COPY_OPTIONS":
			throw unsupported("COPY_OPTIONS on stages", property.at);
		default:
			throw invalidProperty(property, OWNER);
	}
}

interface Written {
	readonly settings: StageSettings;
	readonly comment: string | undefined;
}

/** Reads all properties over settings to start from. */
function read(
	context: Context,
	properties: readonly Property[],
	start: StageSettings = emptyStage(),
): Written {
	refuseDuplicates(properties, OWNER);
	const names = properties.map((p) => p.name);
	if (names.includes("STORAGE_INTEGRATION") && names.includes("CREDENTIALS"))
		throw compilationError(
			"001008",
			"22023",
			"STORAGE_INTEGRATION and CREDENTIALS cannot be specified together.",
		);
	let settings = start;
	let comment: string | undefined;
	for (const property of inOrder(properties)) {
		if (property.name === "COMMENT") comment = stringValue(property);
		else if (property.name === "DIRECTORY") {
			const directory = readDirectory(property, settings.provider);
			if (directory.notificationIntegration !== null)
				useNotificationIntegration(context, [directory.notificationIntegration], "INBOUND");
			settings = { ...settings, directory };
		} else settings = apply(context, settings, property);
	}
	if (settings.provider === "S3COMPAT" && settings.endpoint === null)
		throw compilationError("002029", "42601", "Missing option(s): [ENDPOINT]");
	return { settings, comment };
}

/** Refuses what no ALTER can change, and counts a move so that pipes notice it. */
function changed(before: StageSettings, after: StageSettings): StageSettings {
	const refuse = (what: string): Error => compilationError("001008", "22023", what);
	if ((before.url === null) !== (after.url === null))
		throw refuse("An internal stage cannot be changed to an external stage, or the other way.");
	if (before.provider !== after.provider)
		throw refuse("The storage provider of a stage cannot be changed.");
	if (before.endpoint !== after.endpoint)
		throw refuse("The endpoint of a stage cannot be changed.");
	const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
	const encryptionChanged = !same(before.encryption, after.encryption);
	if (before.url === null && encryptionChanged)
		throw refuse("The encryption type of an internal stage cannot be changed.");
	const moved =
		before.url !== after.url ||
		encryptionChanged ||
		before.integration?.id !== after.integration?.id;
	return moved ? { ...after, location: before.location + 1 } : after;
}

async function save(
	context: Context,
	stage: CatalogObject,
	settings: StageSettings,
	comment = stage.comment,
): Promise<CatalogObject> {
	const object = { ...stage, comment, properties: stageProperties(settings) };
	await context.catalog.update(object);
	return object;
}

/** `SET DIRECTORY = ( ENABLE = … )`: the documented ALTER takes nothing else. */
async function setDirectory(
	context: Context,
	stage: CatalogObject,
	property: Property,
): Promise<void> {
	const other = groupValue(property).find((p) => p.name !== "ENABLE");
	if (other) throw invalidProperty(other, "DIRECTORY");
	const settings = stageSettings(stage);
	const { enable } = readDirectory(property, settings.provider);
	if (!enable) await dropDirectory(context, stage);
	const directory = enable ? { ...settings.directory, enable } : NO_DIRECTORY;
	await save(context, stage, { ...settings, directory });
}

async function createOrAlter(
	context: Context,
	stage: CatalogObject,
	{ settings, comment }: Written,
): Promise<void> {
	const before = stageSettings(stage);
	const { directory } = settings;
	if (before.directory.enable && directory.enable)
		for (const key of ["autoRefresh", "snsTopic", "notificationIntegration"] as const)
			if (before.directory[key] !== directory[key])
				throw compilationError(
					"001008",
					"22023",
					"Only ENABLE of a directory table can be changed by CREATE OR ALTER STAGE.",
				);
	if (!directory.enable) await dropDirectory(context, stage);
	const kept = directory.enable && before.directory.enable ? before.directory : directory;
	const after = changed(before, { ...settings, location: before.location, directory: kept });
	await save(context, stage, after, commentOf(comment));
}

/** A stage. https://docs.snowflake.com/en/sql-reference/sql/create-stage */
export const stage: Kind = {
	kind: "STAGE",
	plural: "STAGES",
	level: "schema",
	async create(context, statement) {
		const rest = statement.rest();
		if (rest.looksAt("CLONE")) throw unsupported("CREATE STAGE … CLONE");
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("CREATE STAGE … TAG");
		const properties = readProperties(rest);
		return createObject(context, stage, statement, {
			label: "Stage area",
			async define() {
				const { settings, comment } = read(context, properties);
				return { comment: commentOf(comment), properties: stageProperties(settings) };
			},
			async change(existing) {
				const directory = properties.find((p) => p.name === "DIRECTORY");
				const refresh =
					directory && groupValue(directory).find((p) => p.name === "REFRESH_ON_CREATE");
				if (refresh) throw invalidProperty(refresh, "DIRECTORY");
				await createOrAlter(context, existing, read(context, properties));
			},
			async created(object) {
				const { directory, url } = stageSettings(object);
				if (directory.enable && directory.refreshOnCreate && url !== null)
					if (statement.mode !== "or alter") await refreshDirectory(context, object);
			},
		});
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		const token = rest.peek();
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, stage, object, rest);
			return DONE;
		}
		if (rest.take("REFRESH")) {
			const subpath = takeProperty(rest);
			if (subpath && subpath.name !== "SUBPATH") throw invalidProperty(subpath, OWNER);
			if (!rest.done) throw rest.error("the end of the statement");
			if (!stageSettings(object).directory.enable)
				throw compilationError(
					"001008",
					"22023",
					`The stage '${object.name}' has no directory table.`,
				);
			return refreshDirectory(context, object, subpath && stringValue(subpath));
		}
		if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET"))
			throw unsupported("tags and DCM projects on STAGE", token && positionOf(rest, token));
		rest.expect("SET");
		const properties = readProperties(rest);
		await context.lock(object.id, "define");
		const [first] = properties;
		if (first?.name === "DIRECTORY" && properties.length === 1) {
			await setDirectory(context, object, first);
			return DONE;
		}
		const fixed = properties.find((p) => p.name === "DIRECTORY" || p.name === "ENDPOINT");
		if (fixed) throw invalidProperty(fixed, OWNER);
		const before = stageSettings(object);
		const { settings, comment } = read(context, properties, before);
		await save(
			context,
			object,
			changed(before, settings),
			comment === undefined ? object.comment : commentOf(comment),
		);
		return DONE;
	},
	async dropped(context, object) {
		await dropDirectory(context, object);
		if (stageSettings(object).url === null)
			await removeInternal(context.account.options, stageDirectory(object));
	},
	show: STAGE_COLUMNS,
	async describe(context, object) {
		return textResult(
			["parent_property", "property", "property_type", "property_value", "property_default"],
			describeStage(context, object),
		);
	},
};
