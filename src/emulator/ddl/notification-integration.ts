import { SnowflakeError, unsupported } from "../error.ts";
import { CLOUD, externalId } from "../load/cloud.ts";
import {
	booleanValue,
	invalidProperty,
	missingProperty,
	type Property,
	positionOf,
	readProperties,
	refuseDuplicates,
	stringsValue,
	stringValue,
	wordValue,
} from "../load/property-list.ts";
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
import { INTEGRATIONS } from "./storage-integration.ts";

const OWNER = "NOTIFICATION INTEGRATION";

/** Required and optional strings by TYPE, DIRECTION and NOTIFICATION_PROVIDER; a `*` marks a list. */
const VARIANTS: Readonly<
	Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
	"QUEUE INBOUND GCP_PUBSUB": { required: ["GCP_PUBSUB_SUBSCRIPTION_NAME"], optional: [] },
	"QUEUE INBOUND AZURE_STORAGE_QUEUE": {
		required: ["AZURE_STORAGE_QUEUE_PRIMARY_URI", "AZURE_TENANT_ID"],
		optional: [],
	},
	"QUEUE OUTBOUND AWS_SNS": { required: ["AWS_SNS_TOPIC_ARN", "AWS_SNS_ROLE_ARN"], optional: [] },
	"QUEUE OUTBOUND GCP_PUBSUB": { required: ["GCP_PUBSUB_TOPIC_NAME"], optional: [] },
	"QUEUE OUTBOUND AZURE_EVENT_GRID": {
		required: ["AZURE_EVENT_GRID_TOPIC_ENDPOINT", "AZURE_TENANT_ID"],
		optional: [],
	},
	EMAIL: {
		required: [],
		optional: ["ALLOWED_RECIPIENTS*", "DEFAULT_RECIPIENTS*", "DEFAULT_SUBJECT"],
	},
};

interface Settings {
	readonly enabled: boolean;
	readonly variant: string;
	readonly values: Readonly<Record<string, string | readonly string[]>>;
}

function settings(object: CatalogObject): Settings {
	return object.properties as unknown as Settings;
}

function variantOf(properties: readonly Property[]): string {
	const find = (name: string): Property | undefined => properties.find((p) => p.name === name);
	const type = find("TYPE");
	if (!type) throw missingProperty("TYPE");
	const typeWord = wordValue(type);
	if (typeWord === "EMAIL") return "EMAIL";
	if (typeWord !== "QUEUE")
		throw unsupported(`NOTIFICATION INTEGRATION TYPE = ${typeWord}`, type.at);
	const provider = find("NOTIFICATION_PROVIDER");
	if (!provider) throw missingProperty("NOTIFICATION_PROVIDER");
	const direction = find("DIRECTION");
	const variant = `QUEUE ${direction ? wordValue(direction) : "INBOUND"} ${wordValue(provider)}`;
	if (!VARIANTS[variant]) throw unsupported(`NOTIFICATION INTEGRATION ${variant}`, provider.at);
	return variant;
}

function define(properties: readonly Property[]): Definition {
	refuseDuplicates(properties, OWNER);
	const variant = variantOf(properties);
	const known = VARIANTS[variant] ?? { required: [], optional: [] };
	const missing = ["ENABLED", ...known.required].filter(
		(name) => !properties.some((p) => p.name === name),
	);
	if (missing.length > 0) throw missingProperty(...missing);
	const values: Record<string, string | string[]> = {};
	let enabled = true;
	let comment: string | null = null;
	for (const property of properties) {
		const { name } = property;
		if (["TYPE", "DIRECTION", "NOTIFICATION_PROVIDER"].includes(name)) continue;
		if (name === "ENABLED") enabled = booleanValue(property);
		else if (name === "COMMENT") comment = commentOf(stringValue(property));
		else if (known.optional.includes(`${name}*`)) values[name] = stringsValue(property);
		else if ([...known.required, ...known.optional].includes(name))
			values[name] = stringValue(property);
		else throw invalidProperty(property, OWNER);
	}
	return { comment, properties: { enabled, variant, values } };
}

/**
 * A notification integration: enough of it for pipes and directory tables that name one. Nothing is sent.
 * https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration
 */
export const notificationIntegration: Kind = {
	kind: "NOTIFICATION INTEGRATION",
	plural: "NOTIFICATION INTEGRATIONS",
	aliases: ["INTEGRATION"],
	level: "account",
	async create(context, statement) {
		const properties = readProperties(statement.rest());
		return createObject(context, notificationIntegration, statement, {
			label: "Integration",
			sharesNames: INTEGRATIONS.filter((kind) => kind !== OWNER),
			define: async () => define(properties),
		});
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		const token = rest.peek();
		if (rest.take("UNSET", "COMMENT") && rest.done) {
			await context.catalog.update({ ...object, comment: null });
			return DONE;
		}
		rest.expect("SET");
		if (rest.looksAt("TAG"))
			throw unsupported("tags on NOTIFICATION INTEGRATION", token && positionOf(rest, token));
		let { comment } = object;
		let { enabled } = settings(object);
		for (const property of readProperties(rest)) {
			if (property.name === "ENABLED") enabled = booleanValue(property);
			else if (property.name === "COMMENT") comment = commentOf(stringValue(property));
			else throw unsupported(`ALTER NOTIFICATION INTEGRATION … SET ${property.name}`, property.at);
		}
		await context.catalog.update({
			...object,
			comment,
			properties: { ...object.properties, enabled },
		});
		return DONE;
	},
	show: [
		shown("name", (object) => object.name),
		shown("type", (object) => {
			const [type, , provider] = settings(object).variant.split(" ");
			return provider ? `${type} - ${provider}` : (type ?? "");
		}),
		shown("category", () => "NOTIFICATION"),
		shown("enabled", (object) => String(settings(object).enabled)),
		shown("comment", (object) => object.comment),
		CREATED_ON,
	],
	async describe(_context, object) {
		const { enabled, variant, values } = settings(object);
		const [, direction, provider] = variant.split(" ");
		const rows: [string, string, string, string][] = [
			["ENABLED", "Boolean", String(enabled), "false"],
		];
		if (provider !== undefined && direction !== undefined)
			rows.push(
				["NOTIFICATION_PROVIDER", "String", provider, ""],
				["DIRECTION", "String", direction, "INBOUND"],
			);
		for (const [name, value] of Object.entries(values))
			rows.push(
				typeof value === "string"
					? [name, "String", value, ""]
					: [name, "List", value.join(","), "[]"],
			);
		if (provider === "AWS_SNS")
			rows.push(
				["SF_AWS_IAM_USER_ARN", "String", CLOUD.iamUserArn, ""],
				["SF_AWS_EXTERNAL_ID", "String", externalId(object.id), ""],
			);
		if (provider === "GCP_PUBSUB")
			rows.push(["GCP_PUBSUB_SERVICE_ACCOUNT", "String", CLOUD.gcpServiceAccount, ""]);
		rows.push(["COMMENT", "String", object.comment ?? "", ""]);
		return textResult(PROPERTY_COLUMNS, rows);
	},
};

/** The notification integration that a pipe or a stage names; it must exist. */
export function useNotificationIntegration(
	context: Context,
	name: readonly string[],
	direction: "INBOUND" | "OUTBOUND",
): CatalogObject {
	const found = findObject(context, notificationIntegration, name);
	if (settings(found).variant.split(" ")[1] !== direction)
		throw new SnowflakeError(
			"001008",
			"22023",
			`SQL compilation error:\nNotification integration '${found.name}' is not ${direction.toLowerCase()}.`,
		);
	return found;
}
