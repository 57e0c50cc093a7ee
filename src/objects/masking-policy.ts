import { textSource } from "../diagnostics/source.ts";
import { canonicalType } from "../model/data-type.ts";
import { formatIdentifier } from "../model/identifier.ts";
import type { Properties, Value } from "../model/value.ts";
import { canonicalSql } from "../parse/canonical.ts";
import { Cursor } from "../parse/cursor.ts";
import { lex } from "../parse/lexer.ts";
import { rule } from "./define/constraint.ts";
import { samples } from "./define/domain.ts";
import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { comment, flag } from "./define/properties.ts";
import { type Clause, type Property, property } from "./define/property.ts";
import { given, shown } from "./define/rows.ts";
import { takeDataType } from "./shared/data-type.ts";
import { CLONED, TAGGED, TEMPORARY } from "./shared/refused.ts";

/** An argument of the signature. A type alias, not an interface, so that it is a property's value. */
type Argument = { readonly name: string; readonly type: string };

function argumentsOf(value: Value | undefined): readonly Argument[] {
	return (value ?? []) as readonly Argument[];
}

/** A type as signatures tell it: lengths and digits do not belong to one. */
function bareType(type: Value | undefined): string {
	return String(type ?? "").replace(/\(.*\)$/s, "");
}

function readArguments(cursor: Cursor): readonly Argument[] {
	return cursor
		.expectGroup("( with the columns it takes )")
		.splitAt(",")
		.map((part) => {
			const name = part.expectIdentifier("an argument's name");
			const type = takeDataType(part);
			if (!part.done) throw part.error("a comma or )");
			return { name, type };
		});
}

function printArguments(value: Value): string {
	const list = argumentsOf(value).map(({ name, type }) => `${formatIdentifier(name)} ${type}`);
	return `AS (${list.join(", ")})`;
}

const signatureClause: Clause = {
	place: "clause",
	attached: true,
	keywords: ["AS"],
	starts: (cursor) => cursor.looksAt("AS", "("),
	read(cursor) {
		cursor.expect("AS");
		return readArguments(cursor);
	},
	print: printArguments,
	verbatim: false,
	domain: samples(),
	shape: "AS ( <column> <type> [, …] )",
};

const returnsClause: Clause = {
	place: "clause",
	keywords: ["RETURNS"],
	starts: (cursor) => cursor.looksAt("RETURNS"),
	read(cursor) {
		cursor.expect("RETURNS");
		return takeDataType(cursor);
	},
	print: (value) => `RETURNS ${String(value)}`,
	verbatim: false,
	domain: samples(),
	shape: "RETURNS <type>",
};

/** Words that end a body, with an equals sign behind them. */
const AFTER_BODY = ["COMMENT", "EXEMPT_OTHER_POLICIES"];

/** An expression as written, up to the policy's next property; CASE … END and parentheses hide what is in them. */
function takeBody(cursor: Cursor): string {
	const first = cursor.peek();
	let depth = 0;
	while (!cursor.done) {
		const token = cursor.peek();
		if (depth === 0 && AFTER_BODY.some((word) => cursor.looksAt(word, "="))) break;
		if (token?.text === "(" || (token?.type === "word" && token.value === "CASE")) depth++;
		if (token?.text === ")" || (token?.type === "word" && token.value === "END")) depth--;
		cursor.next();
	}
	const span = first && cursor.spanFrom(first);
	if (!span || span.end <= span.start || cursor.peek() === first)
		throw cursor.error("an expression");
	return span.source.text.slice(span.start, span.end);
}

const bodyClause: Clause = {
	place: "clause",
	keywords: ["->"],
	starts: (cursor) => cursor.looksAt("->"),
	read(cursor) {
		cursor.expect("->");
		return takeBody(cursor);
	},
	print: (value) => `->\n${String(value)}`,
	verbatim: true,
	domain: samples(
		"NULL",
		"CASE WHEN CURRENT_ROLE() IN ('ANALYST') THEN VAL ELSE NULL END",
		"case -- by role\n    when current_role() = 'it''s' then val\n  end",
	),
	shape: "-> <expression>",
};

const SIGNATURE_FIXED =
	"a policy's signature cannot change; declare a policy of another name, name it on the columns (each changes over in one statement, never unmasked), and drop this one";

/** The part of a policy that only another policy can have. */
function fixed(base: Property, same: (a: Value, b: Value) => boolean): Property {
	return {
		...base,
		differences: (from, to) =>
			from === undefined || to === undefined || from === null || to === null || same(from, to)
				? []
				: [
						{
							property: base.name,
							from: base.clause.print(from, {}),
							to: base.clause.print(to, {}),
							how: "replace",
							hazards: [],
							emits: [],
							refused: SIGNATURE_FIXED,
						},
					],
	};
}

function signatureText(value: Value | undefined): string {
	return argumentsOf(value)
		.map(({ name, type }) => `${formatIdentifier(name)} ${bareType(type)}`)
		.join(", ");
}

/** The signature that DESCRIBE prints: `(VAL VARCHAR)`. */
function reportedSignature(text: string): readonly Argument[] {
	const source = textSource("signature", text);
	return readArguments(new Cursor(source, lex(source).tokens));
}

function firstType(properties: Properties): string {
	return bareType(argumentsOf(properties.AS)[0]?.type);
}

/**
 * A masking policy decides, whenever a masked column is read, what of its values is seen.
 *
 * Its body changes in place while columns have it. Its signature does not change at all, and Snowflake neither
 * drops nor replaces a policy that a column has, so another signature is another policy.
 * https://docs.snowflake.com/en/sql-reference/sql/create-masking-policy
 * https://docs.snowflake.com/en/sql-reference/sql/alter-masking-policy
 */
export const maskingPolicy = defineObjectType({
	kind: "MASKING POLICY",
	level: "schema",
	page: "sql-reference/sql/create-masking-policy",
	properties: [
		fixed(
			property("AS", signatureClause, {
				change: "replace",
				required: true,
				note: "The first column is the one that is masked. Lengths of types are not compared.",
			}),
			(a, b) => signatureText(a) === signatureText(b),
		),
		fixed(
			property("RETURNS", returnsClause, { change: "replace", required: true }),
			(a, b) => bareType(a) === bareType(b),
		),
		property("BODY", bodyClause, {
			change: "alter",
			required: true,
			canonical: (value) => canonicalSql(String(value)),
			alter: ({ to }, object) => [`ALTER ${object} SET BODY ->\n${String(to)}`],
		}),
		comment(),
		flag("EXEMPT_OTHER_POLICIES", {
			change: "replace",
			default: false,
			note: "Snowflake changes it only while no column has the policy.",
		}),
	],
	constraints: [
		rule(
			"RETURNS is the type of the first column",
			["RETURNS", "AS"],
			(p) => p.AS === undefined || firstType(p) === bareType(p.RETURNS),
		),
	],
	refused: { ...TEMPORARY, ...CLONED, ...TAGGED },
	alterations: [
		{
			keywords: ["SET", "BODY"],
			apply(properties, cursor) {
				cursor.expect("->");
				return { ...properties, BODY: takeBody(cursor) };
			},
		},
	],
	grants: { privileges: privileges("APPLY") },
	read: {
		show: "MASKING POLICIES",
		row: (row) => ({
			...shown(row),
			properties: {
				COMMENT: given(row.comment),
				// The documentation's sample has typographic quotes around the name.
				EXEMPT_OTHER_POLICIES: /EXEMPT_OTHER_POLICIES\W*TRUE/i.test(row.options ?? ""),
			},
		}),
		details: [
			{
				per: "object",
				sql: (name) => `DESC MASKING POLICY ${name}`,
				read([row]) {
					const returns = row?.return_type ?? "";
					return {
						properties: {
							AS: reportedSignature(row?.signature ?? "()"),
							RETURNS: canonicalType(returns) ?? returns,
							BODY: row?.body ?? "",
						},
					};
				},
			},
		],
	},
	replaceHazards: () => [
		{
			code: "PROTECTION_LOST",
			message:
				"columns that have the old policy must be given the new one; until then nothing masks them",
		},
	],
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the policy is dropped; Snowflake refuses it while a column or a tag has it",
		},
	],
});
