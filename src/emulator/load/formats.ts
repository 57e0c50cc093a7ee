import { parseName } from "../../model/identifier.ts";
import { doesNotExist } from "../account/errors.ts";
import type { CatalogObject, Context } from "../types.ts";
import { defaultFormat, type FileFormat, formatFromJson, readFormat } from "./file-format.ts";
import type { Property } from "./property-list.ts";
import { type FormatReference, readFormatReference, stageSettings } from "./stage-settings.ts";

/** The full name of a file format that exists. */
function fullFormatName(context: Context, name: readonly string[]): readonly string[] {
	const full = context.qualify(name, "schema");
	if (!context.catalog.find("FILE FORMAT", full)) throw doesNotExist("FILE FORMAT", full);
	return full;
}

/** The format that a reference stands for now: a named one is looked up by name each time. */
function resolveFormat(context: Context, reference: FormatReference): FileFormat {
	if ("inline" in reference) return reference.inline;
	const found = context.catalog.find("FILE FORMAT", reference.name);
	if (!found) throw doesNotExist("FILE FORMAT", reference.name);
	return formatFromJson(found.properties.format);
}

/** A name in `FILE_FORMAT = ( FORMAT_NAME = … )` apart from the options that the examples of COPY write beside it. */
function splitFormatName(written: Property): {
	readonly named: Property;
	readonly options: readonly Property[];
} {
	const { value } = written;
	const name = value.type === "group" && value.properties.find((p) => p.name === "FORMAT_NAME");
	if (value.type !== "group" || !name) return { named: written, options: [] };
	return {
		named: { ...written, value: { type: "group", properties: [name] } },
		options: value.properties.filter((property) => property !== name),
	};
}

/** What a COPY's FILE_FORMAT names or spells. */
export function copyFormatReference(context: Context, written: Property): FormatReference {
	const { named } = splitFormatName(written);
	return readFormatReference(named, (name) => fullFormatName(context, name));
}

/** The format of a COPY: its own replaces the stage's altogether, which replaces the default. */
export function copyFormat(
	context: Context,
	written: Property | undefined,
	stage: CatalogObject | undefined,
): FileFormat {
	if (written) {
		const format = resolveFormat(context, copyFormatReference(context, written));
		const { options } = splitFormatName(written);
		return options.length > 0 ? readFormat(options, "FILE_FORMAT", format) : format;
	}
	return stage ? resolveFormat(context, stageSettings(stage).format) : defaultFormat();
}

/** The format of `FROM @stage (FILE_FORMAT => name)`. */
export function queryFormat(
	context: Context,
	name: string | undefined,
	stage: CatalogObject | undefined,
): FileFormat {
	if (name === undefined) return copyFormat(context, undefined, stage);
	const parts = parseName(name);
	if (!parts) throw doesNotExist("FILE FORMAT", [name]);
	return resolveFormat(context, { name: fullFormatName(context, parts) });
}
