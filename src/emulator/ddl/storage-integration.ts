import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Statement } from "../../parse/statement.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import { CLOUD, consentUrl, externalId } from "../load/cloud.ts";
import {
	booleanValue,
	invalidProperty,
	invalidValue,
	missingProperty,
	type Property,
	positionOf,
	readProperties,
	refuseDuplicates,
	stringsValue,
	stringValue,
	wordValue,
} from "../load/property-list.ts";
import { parseStorageUrl } from "../load/storage.ts";
import type { CatalogObject, Context, Kind } from "../types.ts";
import {
	CREATED_ON,
	commentOf,
	createObject,
	type Definition,
	DONE,
	PROPERTY_COLUMNS,
	shown,
} from "./lifecycle.ts";
import { textResult } from "./result.ts";
import { findObject } from "./shared.ts";

/** Kinds of integrations; their names are unique in the account. */
export const INTEGRATIONS = ["STORAGE INTEGRATION", "NOTIFICATION INTEGRATION"] as const;

const OWNER = "STORAGE INTEGRATION";
const PROVIDERS = ["S3", "S3GOV", "S3CHINA", "GCS", "AZURE"] as const;
type Provider = (typeof PROVIDERS)[number];

interface Settings {
	readonly provider: Provider;
	readonly enabled: boolean;
	readonly allowed: readonly string[];
	readonly blocked: readonly string[];
	readonly roleArn: string | null;
	/** Null until the object has an id to make one from. */
	readonly externalId: string | null;
	readonly objectAcl: string | null;
	readonly tenant: string | null;
	readonly privateLink: boolean;
}

function settings(object: CatalogObject): Settings {
	return object.properties as unknown as Settings;
}

function toProperties(value: Settings): Definition["properties"] {
	return { ...value, allowed: [...value.allowed], blocked: [...value.blocked] };
}

function cloud(provider: Provider): "S3" | "GCS" | "AZURE" {
	return provider === "GCS" || provider === "AZURE" ? provider : "S3";
}

function locations(property: Property, provider: Provider): readonly string[] {
	const urls = stringsValue(property);
	for (const url of urls) {
		if (url === "*") continue;
		if (parseStorageUrl(url)?.provider !== provider) throw invalidValue(property);
	}
	return urls;
}

/** Applies `NAME = value` to settings; a property of another cloud, or a misspelt one, is refused. */
function apply(before: Settings, property: Property): Settings {
	const on = (...clouds: readonly ("S3" | "GCS" | "AZURE")[]): void => {
		if (!clouds.includes(cloud(before.provider))) throw invalidProperty(property, OWNER);
	};
	switch (property.name) {
		case "ENABLED":
			return { ...before, enabled: booleanValue(property) };
		case "STORAGE_ALLOWED_LOCATIONS":
			return { ...before, allowed: locations(property, before.provider) };
		case "STORAGE_BLOCKED_LOCATIONS":
			return { ...before, blocked: locations(property, before.provider) };
		case "STORAGE_AWS_ROLE_ARN":
			on("S3");
			return { ...before, roleArn: stringValue(property) };
		case "STORAGE_AWS_EXTERNAL_ID":
			on("S3");
			return { ...before, externalId: stringValue(property) };
		case "STORAGE_AWS_OBJECT_ACL":
			on("S3");
			if (stringValue(property) !== "bucket-owner-full-control") throw invalidValue(property);
			return { ...before, objectAcl: stringValue(property) };
		case "AZURE_TENANT_ID":
			on("AZURE");
			return { ...before, tenant: stringValue(property) };
		case "USE_PRIVATELINK_ENDPOINT":
			on("S3", "AZURE");
			return { ...before, privateLink: booleanValue(property) };
		default:
			throw invalidProperty(property, OWNER);
	}
}

function define(properties: readonly Property[]): Definition {
	refuseDuplicates(properties, OWNER);
	const find = (name: string): Property | undefined => properties.find((p) => p.name === name);
	const missing = ["TYPE", "STORAGE_PROVIDER", "STORAGE_ALLOWED_LOCATIONS"].filter((n) => !find(n));
	const type = find("TYPE");
	const providerProperty = find("STORAGE_PROVIDER");
	if (!type || !providerProperty || missing.length > 0) throw missingProperty(...missing);
	const typeWord = wordValue(type);
	if (typeWord.startsWith("POSTGRES_"))
		throw unsupported(`STORAGE INTEGRATION TYPE = ${typeWord}`, type.at);
	if (typeWord !== "EXTERNAL_STAGE") throw invalidValue(type);
	const provider = PROVIDERS.find((p) => p === wordValue(providerProperty));
	if (!provider) throw invalidValue(providerProperty);
	const required = { S3: "STORAGE_AWS_ROLE_ARN", AZURE: "AZURE_TENANT_ID", GCS: undefined };
	const needed = required[cloud(provider)];
	if (needed !== undefined && !find(needed)) throw missingProperty(needed);
	let value: Settings = {
		provider,
		enabled: true,
		allowed: [],
		blocked: [],
		roleArn: null,
		externalId: null,
		objectAcl: null,
		tenant: null,
		privateLink: false,
	};
	const comment = find("COMMENT");
	for (const property of properties)
		if (![type, providerProperty, comment].includes(property)) value = apply(value, property);
	return {
		comment: commentOf(comment && stringValue(comment)),
		properties: toProperties(value),
	};
}

async function alter(
	context: Context,
	statement: Statement & { verb: "ALTER" },
	object: CatalogObject,
): Promise<void> {
	const rest = statement.rest();
	const token = rest.peek();
	if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
		throw unsupported("tags on STORAGE INTEGRATION", token && positionOf(rest, token));
	let value = settings(object);
	let { comment } = object;
	if (rest.take("UNSET")) {
		do {
			const at = rest.peek();
			const name = rest.expectIdentifier("a property");
			if (name === "ENABLED") value = { ...value, enabled: true };
			else if (name === "STORAGE_BLOCKED_LOCATIONS") value = { ...value, blocked: [] };
			else if (name === "COMMENT") comment = null;
			else
				throw invalidProperty(
					{
						name,
						value: { type: "string", text: "" },
						at: at ? positionOf(rest, at) : { line: 1, pos: 0 },
					},
					OWNER,
				);
		} while (rest.take(","));
		if (!rest.done) throw rest.error(", or the end of the statement");
	} else {
		rest.expect("SET");
		const properties = readProperties(rest);
		refuseDuplicates(properties, OWNER);
		for (const property of properties) {
			if (property.name === "ACTIVE")
				throw unsupported("multi-location storage integrations", property.at);
			if (property.name === "COMMENT") comment = commentOf(stringValue(property));
			else value = apply(value, property);
		}
	}
	await context.catalog.update({ ...object, comment, properties: toProperties(value) });
}

/** A storage integration. https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration */
export const storageIntegration: Kind = {
	kind: "STORAGE INTEGRATION",
	plural: "STORAGE INTEGRATIONS",
	aliases: ["INTEGRATION"],
	level: "account",
	async create(context, statement) {
		const properties = readProperties(statement.rest());
		return createObject(context, storageIntegration, statement, {
			label: "Integration",
			sharesNames: INTEGRATIONS.filter((kind) => kind !== OWNER),
			define: async () => define(properties),
			async created(object) {
				const value = settings(object);
				if (cloud(value.provider) !== "S3" || value.externalId !== null) return;
				const withId = { ...value, externalId: externalId(object.id) };
				await context.catalog.update({ ...object, properties: toProperties(withId) });
			},
		});
	},
	async alter(context, statement, object) {
		await alter(context, statement, object);
		return DONE;
	},
	show: [
		shown("name", (object) => object.name),
		shown("type", () => "EXTERNAL_STAGE"),
		shown("category", () => "STORAGE"),
		shown("enabled", (object) => String(settings(object).enabled)),
		shown("comment", (object) => object.comment),
		CREATED_ON,
	],
	async describe(_context, object) {
		const value = settings(object);
		const rows: [string, string, string, string][] = [
			["ENABLED", "Boolean", String(value.enabled), "true"],
			["STORAGE_PROVIDER", "String", value.provider, ""],
			["STORAGE_ALLOWED_LOCATIONS", "List", value.allowed.join(","), "[]"],
			["STORAGE_BLOCKED_LOCATIONS", "List", value.blocked.join(","), "[]"],
		];
		if (cloud(value.provider) === "S3")
			rows.push(
				["STORAGE_AWS_IAM_USER_ARN", "String", CLOUD.iamUserArn, ""],
				["STORAGE_AWS_ROLE_ARN", "String", value.roleArn ?? "", ""],
				["STORAGE_AWS_EXTERNAL_ID", "String", value.externalId ?? "", ""],
				["STORAGE_AWS_OBJECT_ACL", "String", value.objectAcl ?? "", ""],
			);
		if (cloud(value.provider) === "GCS")
			rows.push(["STORAGE_GCP_SERVICE_ACCOUNT", "String", CLOUD.gcpServiceAccount, ""]);
		if (cloud(value.provider) === "AZURE")
			rows.push(
				["AZURE_TENANT_ID", "String", value.tenant ?? "", ""],
				["AZURE_CONSENT_URL", "String", consentUrl(value.tenant ?? ""), ""],
				["AZURE_MULTI_TENANT_APP_NAME", "String", CLOUD.azureApplication, ""],
			);
		if (cloud(value.provider) !== "GCS")
			rows.push(["USE_PRIVATELINK_ENDPOINT", "Boolean", String(value.privateLink), "false"]);
		rows.push(["COMMENT", "String", object.comment ?? "", ""]);
		return textResult(PROPERTY_COLUMNS, rows);
	},
	async ddl(_context, object) {
		const value = settings(object);
		const list = (urls: readonly string[]): string => `(${urls.map(formatString).join(", ")})`;
		const lines = [
			`CREATE OR REPLACE STORAGE INTEGRATION ${formatIdentifier(object.name)}`,
			"TYPE = EXTERNAL_STAGE",
			`STORAGE_PROVIDER = ${formatString(value.provider)}`,
		];
		if (value.roleArn !== null) lines.push(`STORAGE_AWS_ROLE_ARN = ${formatString(value.roleArn)}`);
		if (value.externalId !== null)
			lines.push(`STORAGE_AWS_EXTERNAL_ID=${formatString(value.externalId)}`);
		if (value.objectAcl !== null)
			lines.push(`STORAGE_AWS_OBJECT_ACL = ${formatString(value.objectAcl)}`);
		if (value.tenant !== null) lines.push(`AZURE_TENANT_ID = ${formatString(value.tenant)}`);
		if (value.privateLink) lines.push("USE_PRIVATELINK_ENDPOINT = TRUE");
		lines.push(`ENABLED = ${value.enabled ? "TRUE" : "FALSE"}`);
		lines.push(`STORAGE_ALLOWED_LOCATIONS = ${list(value.allowed)}`);
		if (value.blocked.length > 0) lines.push(`STORAGE_BLOCKED_LOCATIONS = ${list(value.blocked)}`);
		if (object.comment !== null) lines.push(`COMMENT = ${formatString(object.comment)}`);
		return `${lines.join("\n  ")};`;
	},
};

/** The integration that a stage names; it must exist, be enabled and allow the URL. */
export function useStorageIntegration(
	context: Context,
	name: readonly string[],
	url: string,
): CatalogObject {
	const found = findObject(context, storageIntegration, name);
	if (!settings(found).enabled)
		throw new SnowflakeError(
			"003001",
			"42501",
			`SQL compilation error:\nIntegration '${found.name}' is not enabled.`,
		);
	checkLocation(found, url);
	return found;
}

/** Refuses a location outside of what an integration allows. */
export function checkLocation(integration: CatalogObject, url: string): void {
	const { allowed, blocked } = settings(integration);
	const covers = (prefix: string): boolean => prefix === "*" || `${url}/`.startsWith(prefix);
	if (allowed.some(covers) && !blocked.some((prefix) => url.startsWith(prefix))) return;
	throw new SnowflakeError(
		"003001",
		"42501",
		`SQL compilation error:\nLocation '${url}' is not allowed by integration '${integration.name}'. Please use DESC INTEGRATION to check out allowed and blocked locations.`,
	);
}

/** Whether stages may reach their files through an integration. */
export function integrationEnabled(integration: CatalogObject): boolean {
	return settings(integration).enabled;
}
