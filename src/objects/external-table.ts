import { parseName } from "../model/identifier.ts";
import { defineObjectType } from "./define/object-type.ts";
import type { EventName, Reference } from "./define/property.ts";
import { given, qualifiedName, shown } from "./define/rows.ts";

/** What an external table does not survive: it holds both by a hidden id. */
const BREAKING: Readonly<Record<string, readonly EventName[]>> = {
	STAGE: ["identityLost", "dropped"],
	"FILE FORMAT": ["identityLost", "dropped"],
};

function needs(kind: string, cell: unknown): readonly Reference[] {
	const name = typeof cell === "string" ? parseName(cell) : undefined;
	return name ? [{ kinds: [kind], name, level: "schema", structural: true, property: "" }] : [];
}

/**
 * An external table, which is not declared yet: it is seen, so that a stage or a file format is not made anew
 * under one without a word.
 *
 * It is bound to both by hidden ids, and recreating them breaks it. Where it refreshes itself, it is among
 * what a stage's new URL, integration or encryption stops.
 * https://docs.snowflake.com/en/sql-reference/sql/create-stage#usage-notes
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format#usage-notes
 * https://docs.snowflake.com/en/sql-reference/sql/alter-stage#usage-notes
 */
export const externalTable = defineObjectType({
	kind: "EXTERNAL TABLE",
	level: "schema",
	page: "sql-reference/sql/create-external-table",
	properties: [],
	rename: "refused",
	read: {
		show: "EXTERNAL TABLES",
		row: (row) => ({
			...shown(row),
			properties: {},
			runtime: {
				STAGE: qualifiedName(row.stage),
				FILE_FORMAT: qualifiedName(row.file_format_name),
				NOTIFICATION_CHANNEL: given(row.notification_channel),
			},
		}),
	},
	references: ({ runtime }) => [
		...needs("STAGE", runtime?.STAGE),
		...needs("FILE FORMAT", runtime?.FILE_FORMAT),
	],
	lost: ({ runtime }, of, event) => {
		const refreshed = of.kind === "STAGE" && event === "relocated" && runtime?.NOTIFICATION_CHANNEL;
		if (!refreshed && !BREAKING[of.kind]?.includes(event)) return [];
		return [
			{
				code: "EXTERNAL_TABLE_BROKEN",
				message: refreshed
					? "it is no longer refreshed by itself until it is created again"
					: `it holds its ${of.kind.toLowerCase()} by a hidden id: it cannot be queried until it is created again`,
			},
		];
	},
});
