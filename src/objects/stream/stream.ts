import type { ObjectModel } from "../../model/catalog.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { formatName, formatString } from "../../model/identifier.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import { rule } from "../define/constraint.ts";
import { samples } from "../define/domain.ts";
import { defineObjectType } from "../define/object-type.ts";
import { privileges } from "../define/privilege.ts";
import { assignmentClause, comment, flag, presenceClause } from "../define/properties.ts";
import { type Clause, type EventName, type Property, property } from "../define/property.ts";
import { given, qualifiedName, shown, yes } from "../define/rows.ts";
import { booleanValue } from "../define/value-syntax.ts";
import { CLONED, TAGGED } from "../shared/refused.ts";
import { SOURCE_KINDS, source, sourceOf } from "./source.ts";

const OFFSET_LOST: HazardDraft = {
	code: "STREAM_OFFSET_LOST",
	message: "changes that nobody has read yet are lost, or come out differently",
};

const STALE: HazardDraft = {
	code: "STREAM_STALE",
	message:
		"its source is made anew, so changes that nobody has read yet cannot be read any more; the stream begins again there",
};

/** Sources whose history a stream can begin in: `AT ( … )` is documented for these only. */
const WITH_HISTORY = ["TABLE", "VIEW", "EXTERNAL TABLE"];

const startClause: Clause = {
	place: "clause",
	keywords: ["AT"],
	starts: (cursor) => cursor.looksAt("AT", "(") || cursor.looksAt("BEFORE", "("),
	read(cursor) {
		const first = cursor.next();
		cursor.expectGroup();
		const { start, end } = cursor.spanFrom(first);
		return cursor.source.text.slice(start, end);
	},
	print: String,
	verbatim: false,
	domain: samples(),
	shape: "{ AT | BEFORE } ( … )",
};

/** Where the stream begins; it means something at creation only, and nothing reports it. */
const start: Property = property("AT", startClause, {
	change: "replace",
	compare: "never",
	canonical: (value) => canonicalSql(String(value)),
});

/** Accepted, for existing worksheets have it; Snowflake does not support it, and the plan restores grants itself. */
const copyGrants: Property = property(
	"COPY GRANTS",
	{ ...presenceClause("COPY GRANTS"), print: () => "", domain: samples() },
	{
		change: "replace",
		compare: "never",
		note: "Grants are kept by every replacement, with or without it.",
	},
);

/** It follows from the source, except on tables that are externally managed Iceberg tables: not for the laws to choose. */
const insertOnly: Property = property(
	"INSERT_ONLY",
	{ ...assignmentClause("INSERT_ONLY", booleanValue), domain: samples() },
	{ change: "replace", default: false },
);

function isOn(value: unknown, kinds: readonly string[]): boolean {
	const kind = typeof value === "string" ? sourceOf(value)?.kind : undefined;
	return kind === undefined || kinds.includes(kind);
}

function sameSource(from: ObjectModel, to: ObjectModel): boolean {
	const before = from.properties.ON ?? to.properties.ON ?? "";
	const after = to.properties.ON ?? "";
	return source.canonical?.(before) === source.canonical?.(after);
}

/** Where a new stream cannot begin where an old one stands, and why. */
function lostWith(old: ObjectModel, to: ObjectModel): HazardDraft {
	const why =
		old.runtime?.stale === true
			? "the stream is stale"
			: sameSource(old, to)
				? `on a ${sourceOf(to.properties.ON)?.kind} no stream can begin where another one stands`
				: "the new stream is on another source";
	const message = `changes that nobody has read yet are lost: ${why}`;
	return { code: "STREAM_OFFSET_LOST", message, remains: true };
}

/**
 * What CREATE says of a stream in the place of an old one: it begins where the old one stands, on the same
 * source. On a stage, a dynamic or an event table, and where the old one is stale, it can only begin anew.
 */
function taking(from: ObjectModel, to: ObjectModel, event: EventName | undefined): ObjectModel {
	const kept = Object.entries(to.properties).filter(([key]) => key !== "SHOW_INITIAL_ROWS");
	const model = { ...to, properties: Object.fromEntries(kept) };
	const possible =
		event === undefined &&
		sameSource(from, to) &&
		from.runtime?.stale !== true &&
		isOn(to.properties.ON, WITH_HISTORY);
	if (!possible) return event === undefined && sameSource(from, to) ? model : to;
	const start = `AT (STREAM => ${formatString(formatName(from.name))})`;
	return { ...model, properties: { ...model.properties, AT: start } };
}

function keepsPosition(replacement: ObjectModel): boolean {
	return String(replacement.properties.AT ?? "").startsWith("AT (STREAM =>");
}

/**
 * A stream is a position in the changes of its source. The position is its state: it cannot be set, only
 * taken over by a new stream on the same source, and it is lost with the source.
 * https://docs.snowflake.com/en/sql-reference/sql/create-stream
 * https://docs.snowflake.com/en/sql-reference/sql/alter-stream
 * https://docs.snowflake.com/en/user-guide/streams-intro
 */
export const stream = defineObjectType({
	kind: "STREAM",
	level: "schema",
	page: "sql-reference/sql/create-stream",
	properties: [
		copyGrants,
		source,
		start,
		flag("APPEND_ONLY", { change: "replace", default: false }),
		insertOnly,
		flag("SHOW_INITIAL_ROWS", { change: "replace", compare: "never" }),
		comment(),
	],
	constraints: [
		rule(
			"APPEND_ONLY and SHOW_INITIAL_ROWS are for streams on tables and views",
			["APPEND_ONLY", "SHOW_INITIAL_ROWS", "ON"],
			(p) => !(p.APPEND_ONLY || p.SHOW_INITIAL_ROWS) || isOn(p.ON, ["TABLE", "VIEW"]),
		),
		rule(
			"AT and BEFORE are for streams on tables, views and external tables",
			["AT", "ON"],
			(p) => !p.AT || isOn(p.ON, WITH_HISTORY),
		),
		rule(
			"INSERT_ONLY = TRUE is needed on external tables and possible on nothing else",
			["INSERT_ONLY", "ON"],
			// A stream on a table that is an externally managed Iceberg table needs it too.
			(p) =>
				p.INSERT_ONLY === true
					? isOn(p.ON, ["EXTERNAL TABLE", "TABLE"])
					: !isOn(p.ON, ["EXTERNAL TABLE"]) || p.ON === undefined,
		),
	],
	noise: ["WITH"],
	refused: { ...TAGGED, ...CLONED },
	rename: {
		made: taking,
		hazards(old, to, changes, event) {
			if (event !== undefined) return [STALE];
			if (!keepsPosition(to)) return [lostWith(old, to)];
			return changes.some((change) => change.how !== "alter") ? [OFFSET_LOST] : [];
		},
	},
	grants: { privileges: privileges("SELECT") },
	read: {
		show: "STREAMS",
		row(row) {
			const kind = given(row.source_type)?.toUpperCase().replace("DIRECTORY TABLE", "STAGE");
			const name = qualifiedName(row.table_name);
			const mode = given(row.mode);
			return {
				...shown(row),
				properties: {
					...(name === null ? {} : { ON: `${kind ?? "TABLE"} ${name}` }),
					APPEND_ONLY: mode === "APPEND_ONLY",
					INSERT_ONLY: mode === "INSERT_ONLY",
					COMMENT: given(row.comment),
				},
				runtime: {
					stale: yes(row.stale),
					staleAfter: given(row.stale_after),
					baseTables: given(row.base_tables),
				},
			};
		},
	},
	replacement: taking,
	replaceHazards(from, to, event) {
		if (event !== undefined) return [STALE];
		return [keepsPosition(taking(from, to, event)) ? OFFSET_LOST : lostWith(from, to)];
	},
	columns: { names: () => undefined, passes: () => true },
	lost: (_object, _of, event) =>
		event === "identityLost" || event === "dropped"
			? [
					{
						code: "STREAM_STALE",
						message:
							"the stream can no longer be read, what nobody has read yet is lost, and nothing in this plan makes it anew",
					},
				]
			: [],
	dropHazards: () => [
		{ code: "OBJECT_DROPPED", message: "the stream is dropped; there is no UNDROP for streams" },
		{ code: "STREAM_OFFSET_LOST", message: "changes that nobody has read yet are lost with it" },
	],
	on: Object.fromEntries(
		SOURCE_KINDS.map((kind) => [
			kind,
			{ identityLost: "replace" as const, rewritten: "drain" as const },
		]),
	),
	health: {
		what: "state",
		value: ({ runtime }) =>
			typeof runtime?.stale === "boolean" ? (runtime.stale ? "stale" : "not stale") : undefined,
		works: ["not stale"],
		rests: [],
		advice: (target) =>
			`nobody can read it any more: plan again, and where the plan does not make it anew, CREATE OR REPLACE STREAM ${target}; then fill in from its source what was not read`,
	},
	drain: {
		pending: (target) => `SELECT COUNT(*) FROM ${target}`,
		what: "offset",
		position: (target) => `SELECT SYSTEM$STREAM_GET_TABLE_TIMESTAMP(${formatString(target)})`,
		readable: (object) => object.runtime?.stale !== true,
		keeps: keepsPosition,
		prevents: ["STREAM_OFFSET_LOST", "STREAM_STALE"],
		unread: {
			code: "STREAM_STALE",
			message:
				"nothing that runs reads it before: changes that are unread come out in the new shape, deleted values among them as NULL, or cannot be read",
		},
	},
});
