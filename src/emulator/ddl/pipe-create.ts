import type { Cursor } from "../../parse/cursor.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import { queueArn } from "../load/cloud.ts";
import { compileCopy } from "../load/copy.ts";
import type { CopyIntoTable } from "../load/copy-statement.ts";
import { copyFormatReference } from "../load/formats.ts";
import { parseStageReference, referencedStage } from "../load/location.ts";
import {
	type PipeSettings,
	pipeProperties,
	pipeSettings,
	readDefinition,
} from "../load/pipe-settings.ts";
import { setPaused } from "../load/pipe-status.ts";
import {
	booleanValue,
	invalidProperty,
	invalidValue,
	missingProperty,
	type Property,
	refuseDuplicates,
	stringValue,
} from "../load/property-list.ts";
import { cloudOf, stageSettings } from "../load/stage-settings.ts";
import { parseStorageUrl } from "../load/storage.ts";
import type { CatalogObject, Context } from "../types.ts";
import { commentOf } from "./lifecycle.ts";
import { useNotificationIntegration } from "./notification-integration.ts";

const OWNER = "PIPE";

/** Copy options that a pipe cannot have. https://docs.snowflake.com/en/sql-reference/sql/create-pipe */
const FORBIDDEN = [
	"FILES",
	"SIZE_LIMIT",
	"PURGE",
	"FORCE",
	"RETURN_FAILED_ONLY",
	"VALIDATION_MODE",
];

function checkOptions(copy: CopyIntoTable): void {
	for (const property of copy.properties)
		if (FORBIDDEN.includes(property.name))
			throw compilationError(
				"002126",
				"0A000",
				`Copy option ${property.name} is not supported in a pipe definition.`,
			);
	if (copy.onError?.do === "abort")
		throw compilationError(
			"002126",
			"0A000",
			"Copy option ON_ERROR = ABORT_STATEMENT is not supported in a pipe definition.",
		);
}

type Bindings = Pick<PipeSettings, "table" | "stage" | "fileFormat" | "pattern">;

/** Resolves what a pipe's COPY names, in the pipe's own schema; everything must exist. */
function bind(context: Context, copy: CopyIntoTable): Bindings {
	const table = context.qualify(copy.table, "schema");
	if (!context.catalog.find("TABLE", table)) throw doesNotExist("TABLE", table);
	const text = copy.transformation?.stage.reference ?? copy.location;
	const reference =
		text === undefined
			? { kind: "table" as const, name: copy.table, path: "" }
			: parseStageReference(text);
	if (!reference) throw unsupported("a pipe that loads from a URL instead of a stage");
	if (reference.kind === "user")
		throw compilationError(
			"002126",
			"0A000",
			"A user stage is not supported in a pipe definition.",
		);
	const stage = referencedStage(context, reference);
	const format = copy.fileFormat && copyFormatReference(context, copy.fileFormat);
	const fileFormat = format && "name" in format ? format.name : null;
	return {
		table,
		stage: stage
			? {
					id: stage.id,
					name: [stage.database, stage.schema, stage.name].map(String),
					location: stageSettings(stage).location,
				}
			: null,
		fileFormat,
		pattern: copy.pattern ?? null,
	};
}

function nameValue(property: Property): string {
	const { value } = property;
	if (value.type === "string") return value.text;
	if (value.type === "name" && value.parts.length === 1) return value.parts[0] as string;
	throw invalidValue(property);
}

/** The integration that ERROR_INTEGRATION names. */
export function errorIntegration(context: Context, property: Property): string {
	return useNotificationIntegration(context, [nameValue(property).toUpperCase()], "OUTBOUND").name;
}

/** The channel on which a pipe hears of new files: the queue of the bucket, or what its integration reads. */
function channelOf(
	stage: CatalogObject | undefined,
	integration: CatalogObject | undefined,
): string | null {
	const url = stage && stageSettings(stage).url;
	if (integration) {
		const { values } = integration.properties as unknown as {
			readonly values: Readonly<Record<string, string>>;
		};
		return values.GCP_PUBSUB_SUBSCRIPTION_NAME ?? values.AZURE_STORAGE_QUEUE_PRIMARY_URI ?? null;
	}
	return queueArn((url && parseStorageUrl(url)?.bucket) || "internal");
}

/** What a CREATE PIPE says. */
export interface WrittenPipe {
	readonly settings: PipeSettings;
	readonly comment: string | undefined;
}

/** Reads a CREATE PIPE in the pipe's own schema; `definition` is a cursor over its COPY. */
export async function readPipe(
	context: Context,
	properties: readonly Property[],
	definition: Cursor,
	orAlter: boolean,
): Promise<WrittenPipe> {
	refuseDuplicates(properties, OWNER);
	const { text } = definition.clone().takeRest();
	const { copy, cursor } = readDefinition(definition.clone());
	if (!copy)
		throw compilationError("002126", "0A000", "A pipe definition must be COPY INTO a table.");
	checkOptions(copy);
	const bindings = bind(context, copy);
	const stage = bindings.stage ? context.catalog.byId(bindings.stage.id) : undefined;
	await compileCopy(context, copy, cursor.here(), stage);
	let autoIngest = false;
	let comment: string | undefined;
	let errors: string | null = null;
	let snsTopic: string | null = null;
	let integration: CatalogObject | undefined;
	let paused = false;
	for (const property of properties) {
		if (property.name === "AUTO_INGEST") autoIngest = booleanValue(property);
		else if (property.name === "COMMENT") comment = stringValue(property);
		else if (property.name === "AWS_SNS_TOPIC") snsTopic = stringValue(property);
		else if (property.name === "ERROR_INTEGRATION") errors = errorIntegration(context, property);
		else if (property.name === "INTEGRATION") {
			// "The integration name must be typed in all uppercase."
			integration = useNotificationIntegration(context, [nameValue(property)], "INBOUND");
		} else if (property.name === "PIPE_EXECUTION_PAUSED" && orAlter)
			paused = booleanValue(property);
		else throw invalidProperty(property, OWNER);
	}
	if (snsTopic !== null && integration)
		throw compilationError(
			"001008",
			"22023",
			"AWS_SNS_TOPIC and INTEGRATION cannot be specified together.",
		);
	const cloud = cloudOf(stage ? stageSettings(stage).provider : null);
	if (stage && stageSettings(stage).provider === "S3COMPAT" && autoIngest)
		throw compilationError(
			"001008",
			"22023",
			"AUTO_INGEST is not supported for S3-compatible stages.",
		);
	if (autoIngest && (cloud === "GCS" || cloud === "AZURE") && !integration)
		throw missingProperty("INTEGRATION");
	if (autoIngest && !stage) throw unsupported("AUTO_INGEST on a table's stage");
	const now = context.clock.now();
	return {
		comment,
		settings: {
			definition: text,
			autoIngest,
			errorIntegration: errors,
			snsTopic,
			integration: integration ? { id: integration.id, name: integration.name } : null,
			...bindings,
			channel: autoIngest ? channelOf(stage, integration) : null,
			paused,
			pausedAt: paused ? now : null,
			pausedOwner: paused ? context.session.role : null,
			failure: null,
			activity: { receivedAt: null, forwardedPath: null, ingestedAt: null, ingestedPath: null },
		},
	};
}

/** CREATE OR ALTER changes only whether the pipe is paused, and its comment. */
export async function changePipe(
	context: Context,
	pipe: CatalogObject,
	written: WrittenPipe,
): Promise<void> {
	const before = pipeSettings(pipe);
	const { settings } = written;
	const same = (key: keyof PipeSettings): boolean =>
		JSON.stringify(before[key]) === JSON.stringify(settings[key]);
	for (const key of ["definition", "autoIngest", "snsTopic", "integration"] as const)
		if (!same(key))
			throw compilationError(
				"001008",
				"22023",
				"The COPY statement, AUTO_INGEST, AWS_SNS_TOPIC and INTEGRATION of a pipe cannot be changed.",
			);
	const kept = { ...before, errorIntegration: settings.errorIntegration };
	const object = {
		...pipe,
		comment: commentOf(written.comment),
		properties: pipeProperties(kept),
	};
	await context.catalog.update(object);
	if (before.paused !== settings.paused) await setPaused(context, object, settings.paused);
}
