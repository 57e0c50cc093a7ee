import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { parseName } from "../../model/identifier.ts";
import { sameValue, type Value } from "../../model/value.ts";
import { samples } from "../define/domain.ts";
import { asGroup, type GroupValue, groupValue, type SpanOfKey } from "../define/group-value.ts";
import { assignment } from "../define/properties.ts";
import type { Property, PropertyOptions, Reference } from "../define/property.ts";
import { nameValue, type ValueSyntax, wordValue } from "../define/value-syntax.ts";
import {
	FORMAT_CONSTRAINTS,
	FORMAT_OPTIONS,
	FORMAT_TYPES,
	formatType,
	optionDefault,
} from "./format-options.ts";

const named = nameValue("FILE FORMAT", "schema", { print: "string" });

function refuse(
	spanOf: SpanOfKey,
	key: string,
	summary: string,
	near: readonly string[] = [],
): never {
	throw new DeployError(
		EXIT.input,
		errorAt(spanOf(key), "INVALID_VALUE", summary, didYouMean(key, near)),
	);
}

/** Checks that the options belong to the type and go together; TYPE is written out where it was implied. */
function refine(value: GroupValue, spanOf: SpanOfKey): GroupValue {
	const keys = Object.keys(value);
	if (value.FORMAT_NAME !== undefined) {
		const other = keys.find((key) => key !== "FORMAT_NAME");
		if (other !== undefined)
			refuse(spanOf, other, "FORMAT_NAME and other options exclude each other");
		return value;
	}
	const type = String(value.TYPE ?? "CSV");
	const known = FORMAT_OPTIONS.filter((o) => type in o.defaults).map((o) => o.name);
	for (const key of keys)
		if (key !== "TYPE" && !known.includes(key))
			refuse(spanOf, key, `${key} is not an option of TYPE = ${type}`, known);
	const complete: GroupValue = { ...value, TYPE: type };
	for (const constraint of FORMAT_CONSTRAINTS)
		if (!constraint.holds(complete)) {
			const at = constraint.properties.find((name) => name in value) ?? "TYPE";
			refuse(spanOf, at, constraint.rule);
		}
	return complete;
}

function inline(types: readonly string[]): ValueSyntax {
	const options = FORMAT_OPTIONS.map((o) => [o.name, o.value] as const);
	return groupValue(
		{ FORMAT_NAME: named, TYPE: wordValue(types), ...Object.fromEntries(options) },
		{ refine },
	);
}

/** Examples that use every type, and the values that are hard to write. */
const EXAMPLES = samples(
	{ TYPE: "CSV" },
	{
		TYPE: "CSV",
		FIELD_DELIMITER: "|",
		SKIP_HEADER: 1,
		FIELD_OPTIONALLY_ENCLOSED_BY: '"',
		NULL_IF: ["\\N", ""],
	},
	{ TYPE: "CSV", FIELD_DELIMITER: "\t", ESCAPE_UNENCLOSED_FIELD: "NONE", COMPRESSION: "GZIP" },
	{ TYPE: "JSON", STRIP_OUTER_ARRAY: true },
	{ TYPE: "PARQUET", BINARY_AS_TEXT: false },
);

/**
 * Every option of the type with its default filled in, so that what is written or not makes no difference.
 * NULL_IF is compared as DESCRIBE prints it, `[a, b]`: where that is ambiguous, no difference is seen in it.
 */
function filledIn(format: Value): Value {
	const group = asGroup(format);
	if (group.FORMAT_NAME !== undefined || group.TYPE === "CUSTOM") return format;
	const type = formatType(group);
	const options = FORMAT_OPTIONS.flatMap((option): readonly (readonly [string, Value])[] => {
		const initial = optionDefault(option, type);
		if (initial === undefined) return [];
		const value = group[option.name] ?? initial;
		if (Array.isArray(value)) return [[option.name, value.join(", ")]];
		return [[option.name, option.canonical?.(value) ?? value]];
	});
	return { TYPE: type, ...Object.fromEntries(options) };
}

/**
 * The value to set in place. What `from` says and `to` leaves to its default is written out, so that it
 * holds whether ALTER keeps the options it does not name or not.
 */
export function formatToSet(from: Value | undefined, to: Value): Value {
	const before = asGroup(from);
	const after = asGroup(to);
	if (after.FORMAT_NAME !== undefined || before.TYPE !== after.TYPE) return to;
	const type = formatType(after);
	const back = FORMAT_OPTIONS.flatMap((option): readonly (readonly [string, Value])[] => {
		const initial = optionDefault(option, type);
		const was = before[option.name];
		const goesBack =
			initial !== undefined &&
			was !== undefined &&
			after[option.name] === undefined &&
			!sameValue(was, initial);
		return goesBack ? [[option.name, initial]] : [];
	});
	return { ...after, ...Object.fromEntries(back) };
}

function formatReferences(value: Value): readonly Reference[] {
	const { FORMAT_NAME } = asGroup(value);
	const name = typeof FORMAT_NAME === "string" ? parseName(FORMAT_NAME) : undefined;
	return name
		? [{ kinds: ["FILE FORMAT"], name, level: "schema", structural: true, property: "FILE_FORMAT" }]
		: [];
}

/**
 * `FILE_FORMAT = ( FORMAT_NAME = '<name>' | TYPE = … options )`, or `FILE_FORMAT = <name>` as the examples of
 * the documentation write it. The value is `{FORMAT_NAME}`, or `{TYPE, …}` with the options that are written.
 */
export function fileFormatClause(
	options: PropertyOptions & { readonly custom?: boolean },
): Property {
	const { custom, ...rest } = options;
	const group = inline(custom ? [...FORMAT_TYPES, "CUSTOM"] : FORMAT_TYPES);
	const value: ValueSyntax = {
		...group,
		read: (cursor, context) =>
			cursor.looksAt("(")
				? group.read(cursor, context)
				: { FORMAT_NAME: named.read(cursor, context) },
		domain: EXAMPLES,
		shape: "( FORMAT_NAME = '<name>' | TYPE = <type> [ options ] )",
	};
	return assignment("FILE_FORMAT", value, {
		canonical: filledIn,
		references: formatReferences,
		...rest,
	});
}
