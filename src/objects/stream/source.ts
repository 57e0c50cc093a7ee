import { parseName } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import { type Clause, type Property, property, type Reference } from "../define/property.ts";
import { nameValue } from "../define/value-syntax.ts";

/** What a stream can be on, longest words first. */
export const SOURCE_KINDS = [
	"EXTERNAL TABLE",
	"DYNAMIC TABLE",
	"EVENT TABLE",
	"TABLE",
	"VIEW",
	"STAGE",
] as const;

const name = nameValue(SOURCE_KINDS, "schema");

/** The kind and the name of a source such as `TABLE LAKE.BRONZE.ORDERS`. */
export function sourceOf(
	value: Value | undefined,
): { readonly kind: string; readonly name: string } | undefined {
	if (typeof value !== "string") return undefined;
	const kind = SOURCE_KINDS.find((k) => value.startsWith(`${k} `));
	return kind && { kind, name: value.slice(kind.length + 1) };
}

const clause: Clause = {
	place: "clause",
	keywords: ["ON"],
	starts: (cursor) => cursor.looksAt("ON"),
	read(cursor, context) {
		cursor.expect("ON");
		const kind = SOURCE_KINDS.find((k) => cursor.take(...k.split(" ")));
		if (kind === undefined) throw cursor.error(SOURCE_KINDS.join(", "));
		return `${kind} ${String(name.read(cursor, context))}`;
	},
	print: (value) => `ON ${String(value)}`,
	verbatim: false,
	domain: { type: "reference", kinds: SOURCE_KINDS, withKind: true },
	shape: `ON { ${[...SOURCE_KINDS].sort().join(" | ")} } <name>`,
};

function references(value: Value): readonly Reference[] {
	const source = sourceOf(value);
	const parts = source && parseName(source.name);
	return source && parts
		? [{ kinds: [source.kind], name: parts, level: "schema", structural: true, property: "ON" }]
		: [];
}

/**
 * The source: a stream is bound to it by hidden id and cannot be moved to another.
 *
 * SHOW STREAMS calls event tables tables, and leaves the name out for roles without a privilege on the
 * source; what cannot be seen is no difference, for a replacement would lose the offset.
 * https://docs.snowflake.com/en/sql-reference/sql/show-streams
 */
export const source: Property = property("ON", clause, {
	required: true,
	change: "replace",
	compare: "reported",
	unset: "replace",
	canonical: (value) => String(value).replace(/^EVENT TABLE /, "TABLE "),
	references,
});
