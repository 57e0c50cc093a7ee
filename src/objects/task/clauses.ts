import type { Value } from "../../model/value.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import { samples } from "../define/domain.ts";
import { assignmentClause, nameReferences } from "../define/properties.ts";
import { type Clause, type Property, property } from "../define/property.ts";
import { nameValue, type ValueSyntax, wordValue } from "../define/value-syntax.ts";

const taskName = nameValue("TASK", "schema");

/** `a, b, …` without parentheses; the order means nothing. */
const taskNames: ValueSyntax = {
	read(cursor, context) {
		const names = [String(taskName.read(cursor, context))];
		while (cursor.take(",")) names.push(String(taskName.read(cursor, context)));
		return [...new Set(names)];
	},
	print: (value) => (value as readonly Value[]).join(", "),
	domain: { type: "list", of: taskName.domain, minimum: 1 },
	shape: "<task> [, …]",
};

/** The predecessors. Adding comes before removing, so that a child is never left without one. */
export const after: Property = property(
	"AFTER",
	{
		place: "clause",
		keywords: ["AFTER"],
		starts: (cursor) => cursor.looksAt("AFTER"),
		read(cursor, context) {
			cursor.expect("AFTER");
			return taskNames.read(cursor, context);
		},
		print: (value) => `AFTER ${taskNames.print(value)}`,
		verbatim: false,
		domain: taskNames.domain,
		shape: `AFTER ${taskNames.shape}`,
	},
	{
		change: "alter",
		default: null,
		canonical: (value) => [...predecessors(value)].sort(),
		references: nameReferences("AFTER", ["TASK"], "schema"),
	},
);

/** The names in `AFTER`'s value. */
export function predecessors(value: Value | undefined): readonly string[] {
	return Array.isArray(value) ? value.map(String) : [];
}

/** The root after whose graph the task runs. A root has one finalizer, so the laws cannot try many at once. */
export const finalize: Property = property(
	"FINALIZE",
	{ ...assignmentClause("FINALIZE", taskName), domain: samples() },
	{
		change: "alter",
		default: null,
		sole: true,
		references: nameReferences("FINALIZE", ["TASK"], "schema"),
	},
);

const overlapWords = wordValue(["NO_OVERLAP", "ALLOW_CHILD_OVERLAP", "ALLOW_ALL_OVERLAP"]);
const overlapFlag = wordValue(["NO_OVERLAP", "ALLOW_CHILD_OVERLAP"], {
	synonyms: { TRUE: "ALLOW_CHILD_OVERLAP", FALSE: "NO_OVERLAP" },
});

/** The policy, also under its old name, where TRUE and FALSE were two of its values. */
export const overlapPolicy: Property = property(
	"OVERLAP_POLICY",
	{
		...assignmentClause("OVERLAP_POLICY", overlapWords),
		starts: (cursor) =>
			(cursor.looksAt("OVERLAP_POLICY") || cursor.looksAt("ALLOW_OVERLAPPING_EXECUTION")) &&
			cursor.peek(1)?.text === "=",
		read(cursor, context) {
			const old = cursor.next().value === "ALLOW_OVERLAPPING_EXECUTION";
			cursor.expect("=");
			return (old ? overlapFlag : overlapWords).read(cursor, context);
		},
	},
	{ change: "alter", default: "NO_OVERLAP" },
);

/** `WHEN <condition>`, up to the body; parentheses hide an AS inside it (`CAST(… AS …)`). */
const conditionClause: Clause = {
	place: "clause",
	keywords: ["WHEN"],
	starts: (cursor) => cursor.looksAt("WHEN"),
	read(cursor) {
		cursor.expect("WHEN");
		const first = cursor.peek();
		if (!first || cursor.looksAt("AS")) throw cursor.error("a condition");
		while (!cursor.done && !cursor.looksAt("AS") && !cursor.looksAt("EXECUTE", "AS"))
			if (!cursor.takeGroup()) cursor.next();
		const { start, end } = cursor.spanFrom(first);
		return cursor.source.text.slice(start, end);
	},
	print: (value) => `WHEN ${String(value)}`,
	verbatim: true,
	domain: samples("1 = 1", "SYSTEM$STREAM_HAS_DATA('LAKE.BRONZE.ORDERS_STREAM')"),
	shape: "WHEN <condition>",
};

/** The condition, kept as written and compared as tokens; the streams it asks are looked up when it runs. */
export const condition: Property = property("WHEN", conditionClause, {
	change: "alter",
	default: null,
	canonical: (value) => canonicalSql(String(value)),
	alter: ({ to }, object) =>
		to === undefined || to === null
			? [`ALTER ${object} REMOVE WHEN`]
			: [`ALTER ${object} MODIFY WHEN ${String(to)}`],
});

const userName = nameValue("USER", "account");

/** The user whose privileges it runs with; the system user where none is named. */
export const executeAs: Property = property(
	"EXECUTE AS USER",
	{
		place: "clause",
		keywords: ["EXECUTE", "AS", "USER"],
		starts: (cursor) => cursor.looksAt("EXECUTE", "AS", "USER"),
		read(cursor, context) {
			cursor.expect("EXECUTE", "AS", "USER");
			return userName.read(cursor, context);
		},
		print: (value) => `EXECUTE AS USER ${userName.print(value)}`,
		verbatim: false,
		domain: userName.domain,
		shape: "EXECUTE AS USER <user>",
	},
	{ change: "alter", default: null },
);

/** STARTED or SUSPENDED: what ALTER … RESUME and SUSPEND declare. A new task is suspended. */
export const state: Property = property(
	"STATE",
	{
		place: "alter",
		keywords: ["STATE"],
		starts: () => false,
		read: (cursor) => {
			throw cursor.error("RESUME or SUSPEND");
		},
		print: (value) => (value === "STARTED" ? "RESUME" : "SUSPEND"),
		verbatim: false,
		domain: { type: "enum", values: ["STARTED", "SUSPENDED"] },
		shape: "ALTER TASK … RESUME | SUSPEND",
	},
	{
		change: "alter",
		compare: "declared",
		default: "SUSPENDED",
		late: true,
		alter: ({ to }, object) => [`ALTER ${object} ${to === "STARTED" ? "RESUME" : "SUSPEND"}`],
	},
);
