import { errorAt } from "../../diagnostics/diagnostic.ts";
import { type ObjectModel, objectKey } from "../../model/catalog.ts";
import { formatIdentifier } from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";
import type { Properties } from "../../model/value.ts";
import { rule } from "../define/constraint.ts";
import { defineObjectType, type Reacts } from "../define/object-type.ts";
import { privileges } from "../define/privilege.ts";
import { body, comment, flag, presenceClause } from "../define/properties.ts";
import { type Property, property } from "../define/property.ts";
import { given, qualifiedName, shown, yes } from "../define/rows.ts";
import { columnPart } from "../shared/column-part.ts";
import { maskingLost } from "../shared/masking.ts";
import { TAGGED, TEMPORARY } from "../shared/refused.ts";
import { duplicateColumn, type ViewColumn, viewColumns, viewColumnsOf } from "./columns.ts";
import { createdAs, selectsStar } from "./query.ts";

/** ALTER VIEW sets one property at a time: "You must set each view property individually". */
function alone(base: Property): Property {
	return {
		...base,
		alter: ({ to }, object) => [
			to === null || to === undefined
				? `ALTER ${object} UNSET ${base.name}`
				: `ALTER ${object} SET ${base.clause.print(to, {})}`,
		],
	};
}

const secure = property("SECURE", presenceClause("SECURE", "modifier"), {
	change: "alter",
	default: false,
	alter: ({ to }, object) => [`ALTER ${object} ${to === true ? "SET" : "UNSET"} SECURE`],
	hazards: (_from, to) =>
		to === true
			? []
			: [
					{
						code: "PROTECTION_LOST",
						message:
							"its definition, and rows that its query hides, can be found out by who may read it",
					},
				],
});

/** Like that of tables: a stream on the view turns it on, so that only a view that declares it is compared. */
const changeTracking = alone(
	flag("CHANGE_TRACKING", {
		change: "alter",
		unset: "default",
		default: false,
		compare: "declared",
		note: "It holds for the tables under the view too, which are locked while it changes.",
		hazards: (_from, to) =>
			to === true
				? [
						{
							code: "LOCKS_TABLE",
							message: "the tables under the view are locked while change tracking is turned on",
						},
					]
				: [
						{
							code: "STREAM_STALE",
							message:
								"without change tracking, streams on it and on the tables under it can no longer be read",
						},
					],
	}),
);

const query = body(
	"AS",
	[
		"SELECT ID, NOTE FROM LAKE.BRONZE.ORDERS",
		"SELECT ID, NOTE -- those that came back\n  FROM LAKE.BRONZE.RETURNS\n  WHERE NOTE <> 'it''s'",
		"(SELECT * FROM LAKE.BRONZE.RETURNS)",
	],
	{ change: "replace", emits: ["shapeChanged"] },
);

/** What cannot be read (a secure view of another owner) is no difference. */
const readableQuery: Property = {
	...query,
	differences: (from, to) =>
		from === undefined || from === null
			? []
			: [
					{
						property: "AS",
						from,
						to,
						how: "replace",
						hazards: [],
						emits: ["shapeChanged"],
					},
				],
};

const takesStar = (object: ObjectModel): boolean => selectsStar(String(object.properties.AS ?? ""));

/** A view is bound to its tables by name, so it stays valid; only what `*` stood for at its creation does not. */
const frozenStar: Reacts = {
	where: "where it selects *",
	react: (object) => (takesStar(object) ? "replace" : undefined),
};

const starOrRelay: Reacts = {
	where: "where it selects *; else streams on it are told",
	react: (object) => (takesStar(object) ? "replace" : "relay"),
};

function read(row: Row, text: string | null): Properties {
	const created = text === null ? undefined : createdAs(text);
	return {
		SECURE: yes(row.is_secure),
		...(created && { RECURSIVE: created.recursive, COLUMN: created.listed ? [] : null }),
		CHANGE_TRACKING: yes(row.change_tracking),
		COMMENT: given(row.comment),
		...(created?.query !== undefined && { AS: created.query }),
	};
}

/** Comments and policies are those of now; the text that created the view has those of then. */
function described(properties: Properties, rows: readonly Row[]): Properties {
	if (properties.COLUMN === undefined) return {};
	const columns = rows.map((row): ViewColumn => {
		const policy = qualifiedName(row["policy name"]);
		return {
			name: row.name ?? "",
			comment: given(row.comment),
			masking: policy === null ? null : { policy, using: [] },
		};
	});
	const listed = properties.COLUMN !== null;
	return listed || columns.some(({ comment, masking }) => comment !== null || masking !== null)
		? { COLUMN: columns }
		: {};
}

/** "View definition … declared n column(s), but view query produces m", and "Failure during expansion of view". */
const NO_LONGER_FITS = new Set(["002057", "002037"]);

const ELSEWHERE = "policies on this kind are not managed; set them with ALTER VIEW in a migration";
const OTHER_KIND = "it is a kind of its own, which is not managed yet";

/**
 * A view is a query under a name.
 *
 * Its query is looked up by name whenever it is read, but its columns are those of its creation: a view that
 * selects `*` fails once the columns of its table change, and is made anew in the same plan. Making it anew
 * gives it another identity, so streams on it go stale; so does making anew any table under it.
 * https://docs.snowflake.com/en/sql-reference/sql/create-view
 * https://docs.snowflake.com/en/sql-reference/sql/alter-view
 * https://docs.snowflake.com/en/user-guide/streams-intro#data-retention-period-and-staleness
 */
export const view = defineObjectType({
	kind: "VIEW",
	level: "schema",
	page: "sql-reference/sql/create-view",
	sharesNames: ["TABLE"],
	properties: [
		secure,
		property("RECURSIVE", presenceClause("RECURSIVE", "modifier"), {
			change: "replace",
			unset: "default",
			default: false,
			note: "The query then may read the view itself.",
		}),
		viewColumns,
		changeTracking,
		alone(comment()),
		readableQuery,
	],
	constraints: [
		rule(
			"RECURSIVE needs a list of columns",
			["RECURSIVE", "COLUMN"],
			(p) => p.RECURSIVE !== true || viewColumnsOf(p).length > 0,
		),
	],
	noise: ["WITH"],
	replaceWith: ["COPY GRANTS", "COPY TAGS"],
	alterations: [
		{ keywords: ["SET", "SECURE"], apply: (properties) => ({ ...properties, SECURE: true }) },
		{ keywords: ["UNSET", "SECURE"], apply: (properties) => ({ ...properties, SECURE: false }) },
	],
	refused: {
		...TEMPORARY,
		...TAGGED,
		LOCAL: TEMPORARY.TEMPORARY ?? "",
		GLOBAL: TEMPORARY.TEMPORARY ?? "",
		FORCE: "Snowflake accepts the word and does nothing by it; leave it out",
		MATERIALIZED: OTHER_KIND,
		SEMANTIC: OTHER_KIND,
		"ROW ACCESS POLICY": ELSEWHERE,
		"AGGREGATION POLICY": ELSEWHERE,
		"JOIN POLICY": ELSEWHERE,
		"DATA METRIC FUNCTION":
			"data metric functions are not managed; add them with ALTER VIEW … ADD DATA METRIC FUNCTION in a migration",
		CONTACT: "contacts are not managed; set them with ALTER VIEW … SET CONTACT in a migration",
	},
	grants: { privileges: privileges("REFERENCES", "SELECT") },
	read: {
		show: "VIEWS",
		row(row) {
			const other = yes(row.is_materialized) || row.schema_name === "INFORMATION_SCHEMA";
			return other ? undefined : { ...shown(row), properties: read(row, given(row.text)) };
		},
		details: [
			{
				// SHOW leaves out the text of secure views, except to their owner.
				per: "database",
				when: ({ properties }) => properties.AS === undefined,
				sql: (database) =>
					`SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM ${database}.INFORMATION_SCHEMA.VIEWS`,
				read(rows, { name: [, schema, name] }) {
					const row = rows.find((r) => r.TABLE_SCHEMA === schema && r.TABLE_NAME === name);
					const text = given(row?.VIEW_DEFINITION);
					if (text === null) return {};
					const { RECURSIVE, COLUMN, AS } = read({}, text);
					return { properties: { RECURSIVE, COLUMN, AS } as Properties };
				},
			},
			{
				per: "object",
				sql: (name) => `DESC VIEW ${name}`,
				read: (rows, { properties }) => ({ properties: described(properties, rows) }),
			},
			{
				// No SHOW or DESC tells that what `*` stood for has changed: only reading the view does.
				per: "object",
				when: ({ properties }) => selectsStar(String(properties.AS ?? "")),
				sql: (name) => `SELECT * FROM ${name} LIMIT 0`,
				read: () => ({}),
				failed: ({ code }) =>
					NO_LONGER_FITS.has(code) ? { runtime: { fits: false } } : { runtime: {} },
			},
		],
	},
	outdated: ({ runtime }) =>
		runtime?.fits === false ? "what its * stood for has changed since it was made" : undefined,
	validate(object) {
		const twice = duplicateColumn(object.properties);
		if (twice === undefined) return [];
		return [
			errorAt(
				object.declared?.properties.get(columnPart(twice)) ?? object.declared?.name,
				"CONSTRAINT",
				`${objectKey(object)}: column ${formatIdentifier(twice)} is listed twice`,
			),
		];
	},
	replaceHazards: (from, to) => [
		...maskingLost(viewColumnsOf(from.properties), viewColumnsOf(to.properties)),
		{
			code: "FUTURE_GRANTS_SKIPPED",
			message: "grants are copied; future grants of the schema do not reach the new view",
		},
	],
	dropHazards: (object) => [
		{ code: "OBJECT_DROPPED", message: "the view is dropped: whatever reads it fails" },
		...(object.properties.CHANGE_TRACKING === true
			? [{ code: "STREAM_STALE" as const, message: "streams on it can no longer be read" }]
			: []),
	],
	columns: {
		names: ({ properties }) => {
			const listed = viewColumnsOf(properties).map(({ name }) => name);
			return listed.length > 0 ? listed : undefined;
		},
		passes: (object) => viewColumnsOf(object.properties).length === 0 && takesStar(object),
		gone: ({ from, to }) => {
			const after = new Set(viewColumnsOf(to.properties).map(({ name }) => name));
			const before = viewColumnsOf(from.properties);
			return after.size > 0 ? before.filter(({ name }) => !after.has(name)) : [];
		},
	},
	on: {
		TABLE: { identityLost: "relay", shapeChanged: frozenStar, rewritten: "relay" },
		VIEW: { identityLost: starOrRelay, shapeChanged: frozenStar, rewritten: "relay" },
	},
});
