import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { assignment, comment, word } from "./define/properties.ts";
import type { Property } from "./define/property.ts";
import { given, shown } from "./define/rows.ts";
import {
	FORMAT_CONSTRAINTS,
	FORMAT_OPTIONS,
	FORMAT_TYPES,
	type FormatOption,
	formatType,
	optionDefault,
	REFUSED_OPTIONS,
} from "./shared/format-options.ts";
import { CLONED, TEMPORARY } from "./shared/refused.ts";
import { optionsOfJson } from "./shared/reported-format.ts";

function optionProperty(option: FormatOption): Property {
	const types = Object.keys(option.defaults);
	return assignment(option.name, option.value, {
		when: { property: "TYPE", in: [...types, ...(types.includes("CSV") ? [null] : [])] },
		default: (properties) => optionDefault(option, formatType(properties)),
		change: "alter",
		unset: "default",
		...(option.canonical && { canonical: option.canonical }),
		...(option.note !== undefined && { note: option.note }),
	});
}

/**
 * A file format says how files of one type are read and written.
 *
 * Everything but its type is altered in place, for later loads only; there is no UNSET, so a default is
 * written out. A replaced format keeps its name, but external tables hold on to the old one's hidden id.
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format
 * https://docs.snowflake.com/en/sql-reference/sql/alter-file-format
 */
export const fileFormat = defineObjectType({
	kind: "FILE FORMAT",
	level: "schema",
	page: "sql-reference/sql/create-file-format",
	properties: [
		word("TYPE", FORMAT_TYPES, { change: "replace", unset: "replace", default: "CSV" }),
		...FORMAT_OPTIONS.map(optionProperty),
		comment({ unset: "empty" }),
	],
	constraints: FORMAT_CONSTRAINTS,
	refused: { ...REFUSED_OPTIONS, ...TEMPORARY, ...CLONED },
	grants: { privileges: privileges("USAGE") },
	read: {
		show: "FILE FORMATS",
		row: (row) => ({
			...shown(row),
			properties: {
				TYPE: (row.type ?? "CSV").toUpperCase(),
				...optionsOfJson(row.format_options),
				COMMENT: given(row.comment),
			},
		}),
	},
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the file format is dropped: pipes, stages and external tables that name it fail",
		},
	],
});
