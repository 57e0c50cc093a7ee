import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Statement } from "../../parse/statement.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { contextIn } from "../account/scope/scope.ts";
import { unsupported } from "../error.ts";
import { queueArn } from "../load/cloud.ts";
import type { CopyIntoTable } from "../load/copy-statement.ts";
import { copyFormatReference } from "../load/formats.ts";
import { parseStageReference, referencedStage } from "../load/location.ts";
import { forgetPipe, markAnnounced, pipeFiles, refreshPipe } from "../load/pipe-queue.ts";
import {
	type PipeSettings,
	pipeProperties,
	pipeSettings,
	readDefinition,
} from "../load/pipe-settings.ts";
import { executionState, setPaused } from "../load/pipe-status.ts";
import {
	booleanValue,
	invalidProperty,
	invalidValue,
	missingProperty,
	type Property,
	positionOf,
	readProperties,
	refuseDuplicates,
	stringValue,
	takeProperties,
} from "../load/property-list.ts";
import { cloudOf, stageSettings } from "../load/stage-settings.ts";
import { parseStorageUrl } from "../load/storage.ts";
import type { CatalogObject, Context, Kind, Result } from "../types.ts";
import { commentOf, createObject, DONE, SCHEMA_OBJECT, shown } from "./lifecycle.ts";
import { useNotificationIntegration } from "./notification-integration.ts";
import { textResult } from "./result.ts";
import { describeAsShown } from "./shown.ts";

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

function errorIntegration(context: Context, property: Property): string {
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

interface Written {
	readonly settings: PipeSettings;
	readonly comment: string | undefined;
}

function read(
	context: Context,
	properties: readonly Property[],
	definition: string,
	orAlter: boolean,
): Written {
	refuseDuplicates(properties, OWNER);
	const { copy } = readDefinition(definition);
	if (!copy)
		throw compilationError("002126", "0A000", "A pipe definition must be COPY INTO a table.");
	checkOptions(copy);
	const bindings = bind(context, copy);
	const stage = bindings.stage ? context.catalog.byId(bindings.stage.id) : undefined;
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
			definition,
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
async function change(context: Context, pipe: CatalogObject, written: Written): Promise<void> {
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

async function refresh(
	context: Context,
	pipe: CatalogObject,
	properties: readonly Property[],
): Promise<Result> {
	let prefix: string | undefined;
	let modifiedAfter: number | undefined;
	for (const property of properties) {
		if (property.name === "PREFIX") prefix = stringValue(property);
		else if (property.name === "MODIFIED_AFTER") {
			modifiedAfter = Date.parse(stringValue(property));
			if (Number.isNaN(modifiedAfter)) throw invalidValue(property);
		} else throw invalidProperty(property, OWNER);
	}
	const state = executionState(context, pipe);
	if (state.startsWith("STOPPED") || state === "STALLED_STAGE_PERMISSION_ERROR")
		throw compilationError(
			"002126",
			"0A000",
			`Pipe ${pipe.name} cannot be refreshed: it is ${state}.`,
		);
	const files = await refreshPipe(context, pipe, {
		...(prefix !== undefined && { prefix }),
		...(modifiedAfter !== undefined && { modifiedAfter }),
	});
	return textResult(
		["File", "Status"],
		files.map((file) => [file, "SENT"]),
	);
}

async function alter(
	context: Context,
	statement: Statement & { verb: "ALTER" },
	pipe: CatalogObject,
): Promise<Result> {
	const rest = statement.rest();
	const token = rest.peek();
	if (rest.take("REFRESH")) return refresh(contextIn(context, pipe), pipe, readProperties(rest));
	if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
		throw unsupported("tags on PIPE", token && positionOf(rest, token));
	await context.lock(pipe.id, "define");
	let object = pipe;
	if (rest.take("UNSET")) {
		do {
			const at = rest.peek();
			const name = rest.expectIdentifier("a property");
			if (name === "COMMENT") object = { ...object, comment: null };
			else if (name === "ERROR_INTEGRATION")
				object = { ...object, properties: { ...object.properties, errorIntegration: null } };
			else if (name === "PIPE_EXECUTION_PAUSED") object = await setPaused(context, object, false);
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
			if (property.name === "COMMENT")
				object = { ...object, comment: commentOf(stringValue(property)) };
			else if (property.name === "ERROR_INTEGRATION") {
				const name = errorIntegration(context, property);
				object = { ...object, properties: { ...object.properties, errorIntegration: name } };
			} else if (property.name === "PIPE_EXECUTION_PAUSED")
				object = await setPaused(context, object, booleanValue(property));
			else throw invalidProperty(property, OWNER);
		}
	}
	await context.catalog.update(object);
	return DONE;
}

/** A pipe. https://docs.snowflake.com/en/sql-reference/sql/create-pipe */
export const pipe: Kind = {
	kind: "PIPE",
	plural: "PIPES",
	level: "schema",
	async create(context, statement) {
		const rest = statement.rest();
		const properties = takeProperties(rest);
		rest.expect("AS");
		const { text: definition } = rest.takeRest();
		const orAlter = statement.mode === "or alter";
		// Names in the COPY mean what they mean in the pipe's schema, where it will run.
		const inside = (name: readonly string[]): Context =>
			contextIn(context, {
				database: name[0],
				schema: name[1],
			} as CatalogObject);
		return createObject(context, pipe, statement, {
			label: "Pipe",
			async define(name) {
				const { settings, comment } = read(inside(name), properties, definition, orAlter);
				return { comment: commentOf(comment), properties: pipeProperties(settings) };
			},
			async change(existing) {
				const name = [existing.database, existing.schema].map(String);
				await change(context, existing, read(inside(name), properties, definition, true));
			},
			async created(object) {
				if (!pipeSettings(object).autoIngest) return;
				// Files that are there already were announced before anybody listened.
				const within = contextIn(context, object);
				const { location, files } = await pipeFiles(within, object);
				await markAnnounced(within, object, location, files);
			},
		});
	},
	alter,
	async dropped(context, object) {
		await forgetPipe(context, object);
	},
	show: [
		...SCHEMA_OBJECT,
		shown("definition", (object) => pipeSettings(object).definition),
		shown("owner", (object) => object.owner),
		shown("notification_channel", (object) => pipeSettings(object).channel),
		shown("comment", (object) => object.comment),
		shown("integration", (object) => pipeSettings(object).integration?.name ?? null),
		shown("pattern", (object) => pipeSettings(object).pattern),
		shown("error_integration", (object) => pipeSettings(object).errorIntegration),
		shown("owner_role_type", () => "ROLE"),
		shown("invalid_reason", (object, context) => {
			const state = executionState(context, object);
			return /^(?:STOPPED|STALLED)/.test(state) ? state : null;
		}),
		shown("kind", () => "STAGE"),
	],
	describe: (context, object) => describeAsShown(pipe, context, object),
	async ddl(_context, object) {
		const settings = pipeSettings(object);
		const parts = [`create or replace pipe ${formatIdentifier(object.name)}`];
		parts.push(`auto_ingest=${settings.autoIngest}`);
		if (settings.errorIntegration !== null)
			parts.push(`error_integration=${formatIdentifier(settings.errorIntegration)}`);
		if (settings.snsTopic !== null) parts.push(`aws_sns_topic=${formatString(settings.snsTopic)}`);
		if (settings.integration !== null)
			parts.push(`integration=${formatString(settings.integration.name)}`);
		if (object.comment !== null) parts.push(`comment=${formatString(object.comment)}`);
		return `${parts.join(" ")} as ${settings.definition};`;
	},
};
