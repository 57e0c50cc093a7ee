import { compilationError } from "../account/errors.ts";
import { SECRET_OPTIONS } from "../account/redact.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Json } from "../types.ts";
import { type FileFormat, formatToJson, readFormat } from "./file-format.ts";
import {
	booleanValue,
	groupValue,
	invalidProperty,
	invalidValue,
	type Property,
	refuseDuplicates,
	stringValue,
	wordValue,
} from "./property-list.ts";
import { type Provider, parseStorageUrl } from "./storage.ts";

/** A file format as a stage or a COPY names or spells it. */
export type FormatReference =
	| { readonly name: readonly string[] }
	| { readonly inline: FileFormat };

/** The directory table of a stage. */
export interface Directory {
	readonly enable: boolean;
	readonly autoRefresh: boolean;
	readonly refreshOnCreate: boolean;
	readonly snsTopic: string | null;
	readonly notificationIntegration: string | null;
	/** Milliseconds since the epoch; null until the first refresh. */
	readonly lastRefreshedOn: number | null;
}

/** What the catalog keeps about a stage. */
export interface StageSettings {
	/** Null for an internal stage. */
	readonly url: string | null;
	readonly provider: Provider | null;
	readonly endpoint: string | null;
	readonly accessPoint: string | null;
	/** The integration by its hidden id: one that is replaced is another one. */
	readonly integration: { readonly id: number; readonly name: string } | null;
	readonly credentials: Readonly<Record<string, string>>;
	readonly encryption: Readonly<Record<string, string>>;
	readonly format: FormatReference;
	readonly directory: Directory;
	readonly privateLink: boolean;
	/** Counts changes of URL, integration and encryption, after which pipes must be recreated. */
	readonly location: number;
}

/** The settings of a stage in the catalog. */
export function stageSettings(stage: CatalogObject): StageSettings {
	return stage.properties as unknown as StageSettings;
}

/** Settings as the catalog keeps them. */
export function stageProperties(settings: StageSettings): { readonly [key: string]: Json } {
	const { format } = settings;
	return {
		...settings,
		credentials: { ...settings.credentials },
		encryption: { ...settings.encryption },
		directory: { ...settings.directory },
		integration: settings.integration && { ...settings.integration },
		format: "name" in format ? { name: [...format.name] } : { inline: formatToJson(format.inline) },
	};
}

/** No directory table. */
export const NO_DIRECTORY: Directory = {
	enable: false,
	autoRefresh: false,
	refreshOnCreate: true,
	snsTopic: null,
	notificationIntegration: null,
	lastRefreshedOn: null,
};

/** A stage with nothing set. */
export function emptyStage(): StageSettings {
	return {
		url: null,
		provider: null,
		endpoint: null,
		accessPoint: null,
		integration: null,
		credentials: {},
		encryption: {},
		format: { inline: readFormat([], "STAGE") },
		directory: NO_DIRECTORY,
		privateLink: false,
		location: 0,
	};
}

/** How `FILE_FORMAT = …` is resolved by whoever knows the catalog: the full name of a format that exists. */
export type FindFormat = (name: readonly string[]) => readonly string[];

function namedFormat(property: Property, find: FindFormat): FormatReference {
	const { value } = property;
	if (value.type === "name") return { name: find(value.parts) };
	if (value.type !== "string") throw invalidValue(property);
	const parts = [...value.text.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map((m) =>
		m[1] === undefined ? (m[2] as string).toUpperCase() : m[1].replaceAll('""', '"'),
	);
	if (parts.length === 0 || parts.length > 3) throw invalidValue(property);
	return { name: find(parts) };
}

/** Reads `FILE_FORMAT = name`, `( FORMAT_NAME = … )` or `( TYPE = … options )`. */
export function readFormatReference(property: Property, find: FindFormat): FormatReference {
	const { value } = property;
	if (value.type !== "group" && value.type !== "list") return namedFormat(property, find);
	const properties = groupValue(property);
	const name = properties.find((p) => p.name === "FORMAT_NAME");
	if (!name) return { inline: readFormat(properties, "FILE_FORMAT") };
	if (properties.length > 1)
		throw compilationError(
			"001008",
			"22023",
			"FORMAT_NAME and TYPE are mutually exclusive; you can only specify one or the other.",
		);
	return namedFormat(name, find);
}

const ENCRYPTION_TYPES: Readonly<Record<"internal" | "S3" | "GCS" | "AZURE", readonly string[]>> = {
	internal: ["SNOWFLAKE_FULL", "SNOWFLAKE_SSE"],
	S3: ["AWS_CSE", "AWS_SSE_S3", "AWS_SSE_KMS", "NONE"],
	GCS: ["GCS_SSE_KMS", "NONE"],
	AZURE: ["AZURE_CSE", "NONE"],
};

/** The cloud of a provider, for what is the same in all of its regions. */
export function cloudOf(provider: Provider | null): "internal" | "S3" | "GCS" | "AZURE" {
	if (provider === null) return "internal";
	return provider === "GCS" || provider === "AZURE" ? provider : "S3";
}

/** Reads `ENCRYPTION = ( TYPE = … MASTER_KEY = … KMS_KEY_ID = … )`. */
export function readEncryption(
	property: Property,
	provider: Provider | null,
): Readonly<Record<string, string>> {
	const cloud = cloudOf(provider);
	const encryption: Record<string, string> = {};
	for (const option of groupValue(property)) {
		if (option.name === "TYPE") {
			const type = wordValue(option);
			if (!ENCRYPTION_TYPES[cloud].includes(type)) throw invalidValue(option);
			encryption.TYPE = type;
		} else if (["MASTER_KEY", "KMS_KEY_ID"].includes(option.name) && cloud !== "internal")
			encryption[option.name] = SECRET_OPTIONS.has(option.name) ? "****" : stringValue(option);
		else throw invalidProperty(option, "ENCRYPTION");
	}
	if (encryption.MASTER_KEY !== undefined)
		encryption.TYPE ??= cloud === "AZURE" ? "AZURE_CSE" : "AWS_CSE";
	const { TYPE: type } = encryption;
	if ((type?.endsWith("_CSE") ?? false) !== (encryption.MASTER_KEY !== undefined))
		throw invalidValue(property);
	if (encryption.KMS_KEY_ID !== undefined && !type?.endsWith("_KMS")) throw invalidValue(property);
	return encryption;
}

/** Reads `CREDENTIALS = ( … )` with the keys that a cloud has. */
export function readCredentials(
	property: Property,
	provider: Provider | null,
): Readonly<Record<string, string>> {
	const known: Readonly<Record<string, readonly string[]>> = {
		S3: ["AWS_KEY_ID", "AWS_SECRET_KEY", "AWS_TOKEN", "AWS_ROLE"],
		AZURE: ["AZURE_SAS_TOKEN"],
	};
	const allowed = known[cloudOf(provider)];
	if (!allowed) throw invalidProperty(property, "STAGE");
	const credentials: Record<string, string> = {};
	for (const option of groupValue(property)) {
		if (!allowed.includes(option.name)) throw invalidProperty(option, "CREDENTIALS");
		const value = stringValue(option);
		// Only that there is one: a directory stands for the bucket, and nothing here needs the secret.
		credentials[option.name] = SECRET_OPTIONS.has(option.name) ? "****" : value;
	}
	const hasKey = credentials.AWS_KEY_ID !== undefined;
	if (hasKey !== (credentials.AWS_SECRET_KEY !== undefined)) throw invalidValue(property);
	if (hasKey && credentials.AWS_ROLE !== undefined) throw invalidValue(property);
	return credentials;
}

/** Reads `DIRECTORY = ( ENABLE = … )` with what the stage's cloud allows. */
export function readDirectory(property: Property, provider: Provider | null): Directory {
	const cloud = cloudOf(provider);
	let directory = NO_DIRECTORY;
	const options = groupValue(property);
	refuseDuplicates(options, "DIRECTORY");
	for (const option of options) {
		if (option.name === "ENABLE") directory = { ...directory, enable: booleanValue(option) };
		else if (option.name === "AUTO_REFRESH") {
			if (provider === "S3COMPAT") throw invalidProperty(option, "DIRECTORY");
			directory = { ...directory, autoRefresh: booleanValue(option) };
		} else if (option.name === "REFRESH_ON_CREATE" && cloud !== "internal")
			directory = { ...directory, refreshOnCreate: booleanValue(option) };
		else if (option.name === "AWS_SNS_TOPIC" && cloud === "S3")
			directory = { ...directory, snsTopic: stringValue(option) };
		else if (option.name === "NOTIFICATION_INTEGRATION" && (cloud === "GCS" || cloud === "AZURE"))
			directory = { ...directory, notificationIntegration: stringValue(option) };
		else throw invalidProperty(option, "DIRECTORY");
	}
	return directory;
}

/** Reads a stage's URL; Snowflake checks its form, not whether it is there. */
export function readUrl(property: Property): { readonly url: string; readonly provider: Provider } {
	const url = stringValue(property);
	const parsed = parseStorageUrl(url);
	if (!parsed) throw invalidValue(property);
	if (url.includes("onelake.blob.fabric")) throw unsupported("stages on OneLake", property.at);
	return { url, provider: parsed.provider };
}
