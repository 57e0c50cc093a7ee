import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { HazardDraft } from "../model/hazard.ts";
import type { Value } from "../model/value.ts";
import { samples } from "./define/domain.ts";
import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { comment } from "./define/properties.ts";
import { type Clause, property } from "./define/property.ts";
import { given, shown, yes } from "./define/rows.ts";
import type { ValueSyntax } from "./define/value-syntax.ts";
import { CLONED, TEMPORARY } from "./shared/refused.ts";

const MINIMUM = -(2n ** 63n);
const MAXIMUM = 2n ** 63n - 1n;

/** A 64-bit whole number, kept as its digits: half of that range is beyond what a JavaScript number holds. */
function wholeNumber(options: { readonly zero: boolean }, ...examples: readonly string[]) {
	const syntax: ValueSyntax = {
		read(cursor) {
			const first = cursor.peek();
			const sign = cursor.take("-") ? -1n : 1n;
			const token = cursor.peek();
			if (!first || token?.type !== "number" || !/^\d+$/.test(token.value))
				throw cursor.error("a whole number");
			cursor.next();
			const number = sign * BigInt(token.value);
			if (number < MINIMUM || number > MAXIMUM || (number === 0n && !options.zero))
				throw new DeployError(
					EXIT.input,
					errorAt(
						cursor.spanFrom(first),
						"INVALID_VALUE",
						number === 0n
							? "a sequence cannot stand still: its increment is not 0"
							: `${number} is out of range: from ${MINIMUM} to ${MAXIMUM}`,
					),
				);
			return String(number);
		},
		print: String,
		domain: samples(...examples),
		shape: "<integer>",
	};
	return syntax;
}

/** `START [ WITH ] [ = ] <integer>` */
function numberClause(key: string, filler: string, value: ValueSyntax): Clause {
	return {
		place: "clause",
		keywords: [key],
		starts: (cursor) => cursor.looksAt(key),
		read(cursor, context) {
			cursor.expect(key);
			cursor.take(filler);
			cursor.take("=");
			return value.read(cursor, context);
		},
		print: (v) => `${key} ${filler} ${value.print(v)}`,
		verbatim: false,
		domain: value.domain,
		shape: `${key} ${filler} ${value.shape}`,
	};
}

const increment = wholeNumber({ zero: false }, "1", "5", "-2", "1000000");

const orderClause: Clause = {
	place: "clause",
	keywords: ["ORDER"],
	starts: (cursor) => cursor.looksAt("ORDER") || cursor.looksAt("NOORDER"),
	read: (cursor) => cursor.next().value,
	print: String,
	verbatim: false,
	domain: { type: "enum", values: ["ORDER", "NOORDER"] },
	shape: "ORDER | NOORDER",
};

const isNegative = (value: Value | undefined): boolean => String(value).startsWith("-");

/** A sequence that turns round comes again to numbers that it gave before. */
function turnHazards(from: Value | undefined, to: Value | undefined): readonly HazardDraft[] {
	return isNegative(from) === isNegative(to)
		? []
		: [
				{
					code: "SEQUENCE_RESET",
					message: "it changes direction, and gives numbers again that it gave before",
				},
			];
}

/**
 * A sequence gives unique numbers, and where it stands is its state.
 *
 * START is said once, at creation, and NOORDER never becomes ORDER: both need a new sequence, which starts over.
 * SHOW tells where it stands, not where it started; that is in the Information Schema. Whether an
 * unwritten order is ORDER or NOORDER is up to NOORDER_SEQUENCE_AS_DEFAULT, so it is not compared.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-sequence
 * https://docs.snowflake.com/en/user-guide/querying-sequences#sequence-semantics
 */
export const sequence = defineObjectType({
	kind: "SEQUENCE",
	level: "schema",
	page: "sql-reference/sql/create-sequence",
	properties: [
		property("START", numberClause("START", "WITH", wholeNumber({ zero: true }, "1", "0", "-7")), {
			change: "replace",
			compare: "reported",
		}),
		property("INCREMENT", numberClause("INCREMENT", "BY", increment), {
			change: "alter",
			unset: "default",
			default: "1",
			hazards: turnHazards,
			// ALTER takes the increment alone, not beside order and comment.
			alter: (change, object) => [`ALTER ${object} SET INCREMENT BY ${String(change.to)}`],
		}),
		property("ORDER", orderClause, {
			change: (from, to) => (from === "NOORDER" && to === "ORDER" ? "replace" : "alter"),
			compare: "declared",
			note: "Where it is not written, the account's NOORDER_SEQUENCE_AS_DEFAULT decides.",
		}),
		comment(),
	],
	noise: ["WITH"],
	alterations: [
		{
			// SET may be left out before it.
			keywords: ["INCREMENT"],
			apply(properties, cursor) {
				cursor.take("BY");
				cursor.take("=");
				return { ...properties, INCREMENT: increment.read(cursor, { qualify: (n) => n.parts }) };
			},
		},
	],
	refused: { ...TEMPORARY, ...CLONED },
	grants: { privileges: privileges("USAGE") },
	read: {
		show: "SEQUENCES",
		row: (row) => ({
			...shown(row),
			properties: {
				INCREMENT: given(row.interval) ?? "1",
				ORDER: yes(row.ordered) ? "ORDER" : "NOORDER",
				COMMENT: given(row.comment),
			},
			runtime: { nextValue: given(row.next_value) },
		}),
		details: [
			{
				per: "database",
				sql: (database) =>
					`SELECT SEQUENCE_SCHEMA, SEQUENCE_NAME, START_VALUE FROM ${database}.INFORMATION_SCHEMA.SEQUENCES`,
				read(rows, { name: [, schema, name] }) {
					// The view shows less than SHOW does to a role that only manages grants.
					const row = rows.find((r) => r.SEQUENCE_SCHEMA === schema && r.SEQUENCE_NAME === name);
					const start = given(row?.START_VALUE);
					return start === null ? {} : { properties: { START: start } };
				},
			},
		],
	},
	replaceHazards: () => [
		{
			code: "SEQUENCE_RESET",
			message: "the new sequence starts over, and gives numbers again that the old one gave",
		},
	],
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the sequence is dropped: inserts into columns that take their default from it fail",
		},
		{ code: "SEQUENCE_RESET", message: "where it stood is lost: made again, it starts over" },
	],
});
