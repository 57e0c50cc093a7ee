import type { ObjectModel } from "../../model/catalog.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { formatIdentifier, formatName, parseName } from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";
import type { Properties, Value } from "../../model/value.ts";
import { asGroup } from "../define/group-value.ts";
import { defineObjectType, type Setting } from "../define/object-type.ts";
import { comment, flag, reference, text } from "../define/properties.ts";
import { described, given, shown, yes } from "../define/rows.ts";
import { fileFormatClause, formatToSet } from "../shared/file-format-clause.ts";
import { CLONED, TAGGED, TEMPORARY } from "../shared/refused.ts";
import { optionsOfRows } from "../shared/reported-format.ts";
import { credentials, encryption, internalEncryption } from "./access.ts";
import { STAGE_CONSTRAINTS } from "./constraints.ts";
import { directory, reportedDirectory } from "./directory.ts";
import { stageGrants } from "./grants.ts";
import { hasPrivateLink, isS3, schemeOf, stageUrl } from "./location.ts";

const storageIntegration = reference("STORAGE_INTEGRATION", "STORAGE INTEGRATION", "account", {
	change: "alter",
	unset: "replace",
	default: null,
	emits: ["relocated"],
});

/** Clauses before which ALTER STAGE wants the URL of an Amazon S3 stage once more, changed or not. */
const AFTER_URL = [
	"STORAGE_INTEGRATION",
	"ENCRYPTION",
	"AWS_ACCESS_POINT_ARN",
	"USE_PRIVATELINK_ENDPOINT",
];

/**
 * One ALTER for all that changes, so that URL, integration and encryption are never half changed. The grammar
 * for S3 has the URL as mandatory; CREDENTIALS stand alone, as in the documentation's example of a new key.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-stage
 */
function alterStage(
	object: string,
	from: ObjectModel,
	to: ObjectModel,
	settings: readonly Setting[],
): readonly string[] {
	const names = settings.map((s) => s.property.name);
	const repeatsUrl =
		isS3(schemeOf(to.properties)) &&
		!names.includes("URL") &&
		names.some((name) => AFTER_URL.includes(name));
	const clauses = settings.map(({ property, value = null }) =>
		property.clause.print(
			property.name === "FILE_FORMAT"
				? formatToSet(from.properties.FILE_FORMAT, value ?? {})
				: value,
			to.properties,
		),
	);
	if (repeatsUrl) clauses.unshift(stageUrl.clause.print(to.properties.URL ?? null, to.properties));
	return [
		clauses.length > 1
			? `ALTER ${object} SET\n  ${clauses.join("\n  ")}`
			: `ALTER ${object} SET ${clauses.join("")}`,
	];
}

/** Sets again what a stage holds by hidden id. */
function relink(stage: ObjectModel): readonly string[] {
	const object = `STAGE ${formatName(stage.name)}`;
	const { URL, STORAGE_INTEGRATION, FILE_FORMAT } = stage.properties;
	const statements: string[] = [];
	if (typeof STORAGE_INTEGRATION === "string") {
		const location = isS3(schemeOf(stage.properties))
			? `${stageUrl.clause.print(URL ?? null, {})} `
			: "";
		statements.push(
			`ALTER ${object} SET ${location}${storageIntegration.clause.print(STORAGE_INTEGRATION, {})}`,
		);
	}
	if (FILE_FORMAT !== undefined && asGroup(FILE_FORMAT).FORMAT_NAME !== undefined)
		statements.push(`ALTER ${object} SET ${format.clause.print(FILE_FORMAT, {})}`);
	return statements;
}

const format = fileFormatClause({
	change: "alter",
	unset: "default",
	default: { TYPE: "CSV" },
	custom: true,
});

const INTERNAL_FILES: HazardDraft = {
	code: "DATA_LOSS",
	message: "the files in the internal stage are deleted, and nothing brings them back",
};

/** The format of DESCRIBE STAGE's STAGE_FILE_FORMAT rows; a name is printed with its quotes escaped. */
function reportedFormat(rows: readonly Row[]): Value {
	const cells = described(rows);
	const name = given(cells.get("FORMAT_NAME"))?.replaceAll('\\"', '"');
	if (name === undefined) return optionsOfRows(cells);
	return { FORMAT_NAME: formatName(parseName(name) ?? [name]) };
}

function describedStage(rows: readonly Row[]): { properties: Properties; runtime: Properties } {
	const of = (parent: string) =>
		rows.filter((row) => row.parent_property?.toUpperCase() === parent);
	const directoryRows = of("DIRECTORY");
	return {
		properties: {
			FILE_FORMAT: reportedFormat(of("STAGE_FILE_FORMAT")),
			DIRECTORY: reportedDirectory(directoryRows),
			AWS_ACCESS_POINT_ARN: given(described(of("STAGE_LOCATION")).get("AWS_ACCESS_POINT_ARN")),
			USE_PRIVATELINK_ENDPOINT: yes(described(of("PRIVATELINK")).get("USE_PRIVATELINK_ENDPOINT")),
		},
		runtime: {
			AWS_KEY_ID: given(described(of("STAGE_CREDENTIALS")).get("AWS_KEY_ID")),
			DIRECTORY_NOTIFICATION_CHANNEL: given(
				described(directoryRows).get("DIRECTORY_NOTIFICATION_CHANNEL"),
			),
			LAST_REFRESHED_ON: given(described(directoryRows).get("LAST_REFRESHED_ON")),
		},
	};
}

/**
 * A stage is where files are: in Snowflake's own storage, or at a URL.
 *
 * Pipes and external tables hold a stage by a hidden id, so making it anew stops them; changing its URL,
 * integration or encryption in place makes its pipes need recreation as well (`relocated`). New credentials,
 * another file format and another comment touch nothing else.
 * https://docs.snowflake.com/en/sql-reference/sql/create-stage
 * https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
 */
export const stage = defineObjectType({
	kind: "STAGE",
	level: "schema",
	page: "sql-reference/sql/create-stage",
	properties: [
		stageUrl,
		text("AWS_ACCESS_POINT_ARN", {
			change: "alter",
			unset: "replace",
			default: null,
			emits: ["relocated"],
		}),
		text("ENDPOINT", {
			change: "replace",
			unset: "replace",
			default: null,
			emits: ["relocated"],
		}),
		storageIntegration,
		credentials,
		internalEncryption,
		encryption,
		flag("USE_PRIVATELINK_ENDPOINT", {
			change: "alter",
			unset: "default",
			// Stages that cannot have it must not say FALSE either.
			default: (properties) => (hasPrivateLink(schemeOf(properties)) ? false : null),
			canonical: (value) => (value === false ? null : value),
		}),
		directory,
		format,
		comment({ unset: "empty" }),
	],
	constraints: STAGE_CONSTRAINTS,
	noise: ["WITH"],
	refused: {
		...TEMPORARY,
		...CLONED,
		...TAGGED,
		COPY_OPTIONS: "Snowflake advises against copy options on stages; write them in the COPY INTO",
		RELATIVE_URL: "stages of a multi-location storage integration are not managed",
	},
	alter: alterStage,
	grants: stageGrants,
	read: {
		show: "STAGES",
		row(row) {
			const type = (row.type ?? "").toUpperCase();
			if (type.includes("TEMPORARY")) return undefined;
			const url = given(row.url);
			const integration = given(row.storage_integration);
			return {
				...shown(row),
				properties: {
					URL: url,
					STORAGE_INTEGRATION: integration === null ? null : formatIdentifier(integration),
					ENDPOINT: given(row.endpoint),
					...(url === null && {
						"INTERNAL ENCRYPTION": type.includes("NO CSE") ? "SNOWFLAKE_SSE" : "SNOWFLAKE_FULL",
					}),
					COMMENT: given(row.comment),
				},
			};
		},
		details: [{ per: "object", sql: (name) => `DESCRIBE STAGE ${name}`, read: describedStage }],
	},
	replaceHazards: (from) => [
		...(schemeOf(from.properties) === "internal" ? [INTERNAL_FILES] : []),
		...(asGroup(from.properties.DIRECTORY).ENABLE === true
			? [
					{
						code: "DIRECTORY_RESET",
						message: "the directory table is dropped; the new one has to be refreshed",
					} as const,
				]
			: []),
	],
	lost: (_object, of, event) =>
		of.kind === "STORAGE INTEGRATION" && (event === "identityLost" || event === "dropped")
			? [
					{
						code: "STAGE_UNLINKED",
						message:
							"the stage has no access until its integration is set again, and nothing in this plan does that",
					},
				]
			: [],
	dropHazards: (object) => [
		{
			code: "OBJECT_DROPPED",
			message: "the stage is dropped: pipes and external tables on it stop",
		},
		...(schemeOf(object.properties) === "internal" ? [INTERNAL_FILES] : []),
	],
	on: {
		"STORAGE INTEGRATION": { identityLost: "relink" },
		"FILE FORMAT": { identityLost: "relink" },
		"NOTIFICATION INTEGRATION": { identityLost: "replace" },
	},
	relink,
	// To its pipes, a stage that is linked to a new integration is a stage with another integration.
	relinkEmits: { "STORAGE INTEGRATION": ["relocated"] },
});
