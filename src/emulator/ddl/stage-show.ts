import { formatIdentifier } from "../../model/identifier.ts";
import { CLOUD, queueArn } from "../load/cloud.ts";
import { describeFormat } from "../load/file-format.ts";
import { cloudOf, stageSettings } from "../load/stage-settings.ts";
import { parseStorageUrl } from "../load/storage.ts";
import type { CatalogObject, Context, ShowColumn } from "../types.ts";
import { SCHEMA_OBJECT, shown } from "./lifecycle.ts";

const yes = (value: boolean): string => (value ? "Y" : "N");

/** Clouds as SHOW calls them. */
export const CLOUD_NAMES = { internal: null, S3: "AWS", GCS: "GCP", AZURE: "AZURE" } as const;

function integrationName(object: CatalogObject, context: Context): string | null {
	const { integration } = stageSettings(object);
	// Bound by id: an integration that was replaced under the same name is not this one.
	return integration === null ? null : (context.catalog.byId(integration.id)?.name ?? null);
}

/** The columns of SHOW STAGES. https://docs.snowflake.com/en/sql-reference/sql/show-stages */
export const STAGE_COLUMNS: readonly ShowColumn[] = [
	...SCHEMA_OBJECT,
	shown("url", (object) => stageSettings(object).url ?? ""),
	shown("has_credentials", (object) =>
		yes(Object.keys(stageSettings(object).credentials).length > 0),
	),
	shown("has_encryption_key", (object) =>
		yes(stageSettings(object).encryption.MASTER_KEY !== undefined),
	),
	shown("owner", (object) => object.owner),
	shown("comment", (object) => object.comment ?? ""),
	shown("region", (object) =>
		cloudOf(stageSettings(object).provider) === "S3" ? CLOUD.region : null,
	),
	shown("type", (object) => {
		const { url, encryption } = stageSettings(object);
		if (url !== null) return "EXTERNAL";
		return encryption.TYPE === "SNOWFLAKE_SSE" ? "INTERNAL NO CSE" : "INTERNAL";
	}),
	shown("cloud", (object) => CLOUD_NAMES[cloudOf(stageSettings(object).provider)]),
	shown("notification_channel", () => null),
	shown("storage_integration", integrationName),
	shown("endpoint", (object) => stageSettings(object).endpoint),
	shown("owner_role_type", () => "ROLE"),
	shown("directory_enabled", (object) => yes(stageSettings(object).directory.enable)),
];

type Row = readonly [string, string, string, string, string];

/** The copy options that a stage could once carry, at their defaults. */
const COPY_OPTIONS: readonly Row[] = [
	["STAGE_COPY_OPTIONS", "ON_ERROR", "String", "ABORT_STATEMENT", "ABORT_STATEMENT"],
	["STAGE_COPY_OPTIONS", "SIZE_LIMIT", "Long", "", ""],
	["STAGE_COPY_OPTIONS", "PURGE", "Boolean", "false", "false"],
	["STAGE_COPY_OPTIONS", "RETURN_FAILED_ONLY", "Boolean", "false", "false"],
	["STAGE_COPY_OPTIONS", "ENFORCE_LENGTH", "Boolean", "true", "true"],
	["STAGE_COPY_OPTIONS", "TRUNCATECOLUMNS", "Boolean", "false", "false"],
	["STAGE_COPY_OPTIONS", "FORCE", "Boolean", "false", "false"],
];

/** `2023-05-03 12:50:28.000 +0000`, as DESCRIBE prints a moment. */
function moment(time: number): string {
	return new Date(time).toISOString().replace("T", " ").replace("Z", " +0000");
}

/**
 * The rows of DESCRIBE STAGE. Secrets are never shown, of credentials only the key id; whether a directory table
 * was refreshed on creation is not shown either. https://docs.snowflake.com/en/sql-reference/sql/desc-stage
 */
export function describeStage(context: Context, object: CatalogObject): readonly Row[] {
	const settings = stageSettings(object);
	const { directory, encryption, format, url } = settings;
	const rows: Row[] = [];
	if ("name" in format) {
		const quoted = format.name.map((part) => `\\"${part}\\"`).join(".");
		rows.push(["STAGE_FILE_FORMAT", "FORMAT_NAME", "String", quoted, ""]);
	} else for (const row of describeFormat(format.inline)) rows.push(["STAGE_FILE_FORMAT", ...row]);
	rows.push(...COPY_OPTIONS);
	const urls = url === null ? "" : JSON.stringify([url]);
	rows.push(["STAGE_LOCATION", "URL", "String", urls, ""]);
	if (url !== null) {
		const cloud = cloudOf(settings.provider);
		if (cloud === "S3")
			rows.push(
				["STAGE_LOCATION", "AWS_ACCESS_POINT_ARN", "String", settings.accessPoint ?? "", ""],
				["STAGE_CREDENTIALS", "AWS_KEY_ID", "String", settings.credentials.AWS_KEY_ID ?? "", ""],
			);
		const integration = integrationName(object, context);
		if (integration !== null)
			rows.push([
				"STAGE_INTEGRATION",
				"STORAGE_INTEGRATION",
				"String",
				formatIdentifier(integration),
				"",
			]);
		rows.push([
			"PRIVATELINK",
			"USE_PRIVATELINK_ENDPOINT",
			"Boolean",
			String(settings.privateLink),
			"false",
		]);
	}
	if (encryption.TYPE !== undefined)
		rows.push(["STAGE_ENCRYPTION", "TYPE", "String", encryption.TYPE, ""]);
	if (encryption.KMS_KEY_ID !== undefined)
		rows.push(["STAGE_ENCRYPTION", "KMS_KEY_ID", "String", encryption.KMS_KEY_ID, ""]);
	if (directory.lastRefreshedOn !== null)
		rows.push([
			"DIRECTORY",
			"LAST_REFRESHED_ON",
			"Timestamp",
			moment(directory.lastRefreshedOn),
			"",
		]);
	rows.push(
		["DIRECTORY", "ENABLE", "Boolean", String(directory.enable), "false"],
		["DIRECTORY", "AUTO_REFRESH", "Boolean", String(directory.autoRefresh), "false"],
	);
	if (directory.autoRefresh && cloudOf(settings.provider) === "S3" && url !== null)
		rows.push([
			"DIRECTORY",
			"DIRECTORY_NOTIFICATION_CHANNEL",
			"String",
			queueArn(parseStorageUrl(url)?.bucket ?? ""),
			"",
		]);
	if (directory.snsTopic !== null)
		rows.push(["DIRECTORY", "AWS_SNS_TOPIC", "String", directory.snsTopic, ""]);
	return rows;
}
