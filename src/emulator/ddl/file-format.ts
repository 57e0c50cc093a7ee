import { formatIdentifier, formatString } from "../../model/identifier.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import {
	describeFormat,
	formatFromJson,
	formatOptionsJson,
	formatSql,
	formatToJson,
	readFormat,
} from "../load/file-format.ts";
import {
	type Property,
	positionOf,
	readProperties,
	stringValue,
	takeProperties,
	wordValue,
} from "../load/property-list.ts";
import type { CatalogObject, Context, Kind } from "../types.ts";
import {
	commentOf,
	createObject,
	DONE,
	PROPERTY_COLUMNS,
	SCHEMA_OBJECT,
	shown,
} from "./lifecycle.ts";
import { textResult } from "./result.ts";
import { findObject, renameObject } from "./shared.ts";

const OWNER = "FILE FORMAT";

function splitComment(properties: readonly Property[]): {
	readonly options: readonly Property[];
	readonly comment: string | undefined;
} {
	const comment = properties.find((p) => p.name === "COMMENT");
	return {
		options: properties.filter((p) => p !== comment),
		comment: comment && stringValue(comment),
	};
}

function format(object: CatalogObject): ReturnType<typeof formatFromJson> {
	return formatFromJson(object.properties.format);
}

/** A named file format. https://docs.snowflake.com/en/sql-reference/sql/create-file-format */
export const fileFormat: Kind = {
	kind: "FILE FORMAT",
	plural: "FILE FORMATS",
	level: "schema",
	async create(context, statement) {
		const { options, comment } = splitComment(readProperties(statement.rest()));
		return createObject(context, fileFormat, statement, {
			label: "File format",
			define: async () => ({
				comment: commentOf(comment),
				properties: { format: formatToJson(readFormat(options, OWNER)) },
			}),
			// "The absence of a property that was previously set resets it"; the type cannot be changed.
			async change(existing) {
				const wanted = options.find((p) => p.name === "TYPE");
				const type = wanted ? wordValue(wanted) : "CSV";
				if (type !== format(existing).type)
					throw new SnowflakeError(
						"001008",
						"22023",
						"SQL compilation error:\nFile format type cannot be changed.",
					);
				await context.catalog.update({
					...existing,
					comment: commentOf(comment),
					properties: { format: formatToJson(readFormat(options, OWNER)) },
				});
			},
		});
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, fileFormat, object, rest);
			return DONE;
		}
		const token = rest.peek();
		if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
			throw unsupported("tags on FILE FORMAT", token && positionOf(rest, token));
		rest.expect("SET");
		// The examples of the documentation write the options both bare and in parentheses.
		const group = rest.takeGroup();
		const written = group ? readProperties(group) : [];
		const { options, comment } = splitComment([...written, ...takeProperties(rest)]);
		if (!rest.done) throw rest.error("NAME = value");
		await context.catalog.update({
			...object,
			comment: comment === undefined ? object.comment : commentOf(comment),
			properties: { format: formatToJson(readFormat(options, OWNER, format(object))) },
		});
		return DONE;
	},
	show: [
		...SCHEMA_OBJECT,
		shown("type", (object) => format(object).type),
		shown("owner", (object) => object.owner),
		shown("comment", (object) => object.comment ?? ""),
		shown("format_options", (object) => formatOptionsJson(format(object))),
		shown("owner_role_type", () => "ROLE"),
	],
	async describe(_context, object) {
		return textResult(PROPERTY_COLUMNS, describeFormat(format(object)));
	},
	async ddl(_context: Context, object) {
		const lines = [`TYPE = ${format(object).type}`, ...formatSql(format(object))];
		if (object.comment !== null) lines.push(`COMMENT = ${formatString(object.comment)}`);
		return `CREATE OR REPLACE FILE FORMAT ${formatIdentifier(object.name)}\n\t${lines.join("\n\t")}\n;`;
	},
};

/** The file format a name stands for, wherever a statement names one. */
export function findFileFormat(context: Context, name: readonly string[]): CatalogObject {
	return findObject(context, fileFormat, name);
}
