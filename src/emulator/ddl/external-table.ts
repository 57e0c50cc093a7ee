import { formatName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { compilationError } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import { CLOUD, queueArn } from "../load/cloud.ts";
import { parseStageReference, referencedStage } from "../load/location.ts";
import {
	booleanValue,
	invalidProperty,
	missingProperty,
	type Property,
	refuseDuplicates,
	stringValue,
	takeProperty,
} from "../load/property-list.ts";
import { cloudOf, readFormatReference, stageSettings } from "../load/stage-settings.ts";
import { parseStorageUrl } from "../load/storage.ts";
import type { CatalogObject, Context, Json, Kind } from "../types.ts";
import { findFileFormat } from "./file-format.ts";
import { commentOf, createObject, DONE, SCHEMA_OBJECT, shown } from "./lifecycle.ts";
import { fullName, requireEnd, unexpectedAt } from "./shared.ts";
import { CLOUD_NAMES } from "./stage-show.ts";

const OWNER = "EXTERNAL TABLE";

/** What an external table is bound to: its stage and its named file format, by id. */
interface Bindings {
	readonly stage: number;
	readonly location: string;
	readonly format: { readonly id: number } | { readonly type: string };
	readonly autoRefresh: boolean;
}

function bindings(object: CatalogObject): Bindings {
	return object.properties as unknown as Bindings;
}

/** Takes `[WITH] LOCATION = @stage/path`, the one value that is no value of any other statement's. */
function takeLocation(rest: Cursor): string | undefined {
	const at = rest.clone();
	at.take("WITH");
	if (!at.take("LOCATION", "=")) return undefined;
	if (at.peek()?.type !== "stage") throw unexpectedAt(at);
	rest.take("WITH");
	rest.take("LOCATION", "=");
	return rest.next().text;
}

function locationOf(context: Context, text: string): Pick<Bindings, "stage" | "location"> {
	const reference = parseStageReference(text);
	const stage = reference && referencedStage(context, reference);
	if (!reference || !stage || stageSettings(stage).url === null)
		throw compilationError("001008", "22023", "An external table needs an external stage.");
	return { stage: stage.id, location: `@${fullName(stage)}/${reference.path}` };
}

function formatOf(context: Context, property: Property): Bindings["format"] {
	let id: number | undefined;
	const format = readFormatReference(property, (name) => {
		const found = findFileFormat(context, name);
		id = found.id;
		return [found.database, found.schema, found.name].map(String);
	});
	if (id !== undefined) return { id };
	return { type: "inline" in format ? format.inline.type : "CSV" };
}

interface Written {
	readonly comment: string | undefined;
	readonly bindings: Bindings;
}

function read(context: Context, rest: Cursor): Written {
	if (rest.looksAt("(")) throw unsupported("columns of an EXTERNAL TABLE");
	let location: string | undefined;
	const properties: Property[] = [];
	while (!rest.done) {
		const found = takeLocation(rest);
		const property = found === undefined ? takeProperty(rest) : undefined;
		if (found !== undefined) location = found;
		else if (property) properties.push(property);
		else throw unexpectedAt(rest);
	}
	refuseDuplicates(properties, OWNER);
	let format: Bindings["format"] | undefined;
	let comment: string | undefined;
	let autoRefresh = true;
	for (const property of properties)
		switch (property.name) {
			case "FILE_FORMAT":
				format = formatOf(context, property);
				break;
			case "COMMENT":
				comment = stringValue(property);
				break;
			case "AUTO_REFRESH":
				autoRefresh = booleanValue(property);
				break;
			case "REFRESH_ON_CREATE":
				// What is refreshed can only be queried, and queries of it are refused.
				booleanValue(property);
				break;
			case "PATTERN":
			case "PARTITION_TYPE":
			case "TABLE_FORMAT":
			case "AWS_SNS_TOPIC":
			case "INTEGRATION":
				throw unsupported(`${property.name} of an EXTERNAL TABLE`, property.at);
			default:
				throw invalidProperty(property, OWNER);
		}
	if (location === undefined) throw missingProperty("LOCATION");
	if (!format) throw missingProperty("FILE_FORMAT");
	return { comment, bindings: { ...locationOf(context, location), format, autoRefresh } };
}

/** "TRUE if either the stage or file format referenced in the external table description is dropped." */
function missing(object: CatalogObject, context: Context): string | null {
	const { stage, format } = bindings(object);
	if (!context.catalog.byId(stage)) return "Stage was dropped";
	return "id" in format && !context.catalog.byId(format.id) ? "File format was dropped" : null;
}

function formatObject(object: CatalogObject, context: Context): CatalogObject | undefined {
	const { format } = bindings(object);
	return "id" in format ? context.catalog.byId(format.id) : undefined;
}

/**
 * A table over the files of an external stage: made, shown and dropped, and bound to its stage and its file
 * format by their ids, so that it is lost with them. Queries of it are refused by name.
 * https://docs.snowflake.com/en/sql-reference/sql/create-external-table
 * https://docs.snowflake.com/en/sql-reference/sql/show-external-tables
 */
export const externalTable: Kind = {
	kind: "EXTERNAL TABLE",
	plural: "EXTERNAL TABLES",
	level: "schema",
	create: (context, statement) =>
		createObject(context, externalTable, statement, {
			label: "Table",
			async define() {
				const written = read(context, statement.rest());
				return {
					comment: commentOf(written.comment),
					properties: { ...written.bindings } as { readonly [key: string]: Json },
				};
			},
		}),
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (!rest.take("SET")) throw unsupported(`ALTER EXTERNAL TABLE … ${rest.peek()?.value ?? ""}`);
		const property = takeProperty(rest);
		if (property?.name !== "AUTO_REFRESH") throw unexpectedAt(statement.rest());
		requireEnd(rest);
		const autoRefresh = booleanValue(property);
		await context.catalog.update({
			...object,
			properties: { ...object.properties, autoRefresh },
		});
		return DONE;
	},
	show: [
		...SCHEMA_OBJECT,
		shown("invalid", (object, context) => String(missing(object, context) !== null)),
		shown("invalid_reason", (object, context) => missing(object, context)),
		shown("owner", (object) => object.owner),
		shown("comment", (object) => object.comment ?? ""),
		shown("stage", (object, context) => {
			const stage = context.catalog.byId(bindings(object).stage);
			return stage ? fullName(stage) : null;
		}),
		shown("location", (object) => bindings(object).location),
		shown("file_format_name", (object, context) => {
			const format = formatObject(object, context);
			return format ? formatName([format.database, format.schema, format.name].map(String)) : null;
		}),
		shown("file_format_type", (object, context) => {
			const { format } = bindings(object);
			if ("type" in format) return format.type;
			const named = formatObject(object, context)?.properties.format as
				| { readonly type?: string }
				| undefined;
			return named?.type ?? null;
		}),
		shown("cloud", (object, context) => {
			const stage = context.catalog.byId(bindings(object).stage);
			return stage ? CLOUD_NAMES[cloudOf(stageSettings(stage).provider)] : null;
		}),
		shown("region", () => CLOUD.region),
		shown("notification_channel", (object, context) => {
			const { stage, autoRefresh } = bindings(object);
			const found = context.catalog.byId(stage);
			const bucket = found && parseStorageUrl(stageSettings(found).url ?? "")?.bucket;
			return autoRefresh && bucket !== undefined ? queueArn(bucket) : null;
		}),
		shown("last_refreshed_on", () => null),
		shown("table_format", () => "UNSPECIFIED"),
		shown("last_refresh_details", () => null),
		shown("owner_role_type", () => "ROLE"),
	],
};
