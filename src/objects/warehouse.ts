import type { HazardDraft } from "../model/hazard.ts";
import type { Row } from "../model/port.ts";
import type { Properties, Value } from "../model/value.ts";
import { rule } from "./define/constraint.ts";
import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { assignment, comment, flag, integer, reference, word } from "./define/properties.ts";
import { accountName, given, numeric, shown, yes } from "./define/rows.ts";
import { integerValue, type ValueSyntax, wordValue } from "./define/value-syntax.ts";
import { INHERITED, parameterDetail, valueFromText } from "./shared/parameters.ts";
import { TAGGED } from "./shared/refused.ts";
import { sizeRank, sizeValue } from "./shared/warehouse-size.ts";

const CONSTRAINTS_BY_TYPE = {
	STANDARD: ["STANDARD_GEN_1", "STANDARD_GEN_2"],
	"SNOWPARK-OPTIMIZED": [
		"MEMORY_1X",
		"MEMORY_1X_x86",
		"MEMORY_16X",
		"MEMORY_16X_x86",
		"MEMORY_64X",
		"MEMORY_64X_x86",
	],
} as const;

const RESOURCE_CONSTRAINTS = Object.values(CONSTRAINTS_BY_TYPE).flat();

/** `{ <seconds> | NULL }`; 0 and NULL both mean that it never suspends, so one of them stands for both. */
const autoSuspend: ValueSyntax = {
	...integerValue({ min: 0 }),
	read(cursor, context) {
		if (cursor.take("NULL")) return 0;
		return integerValue({ min: 0 }).read(cursor, context);
	},
	domain: { type: "integer", min: 0, max: 3600 },
	shape: "<seconds> | NULL",
};

/** More compute costs more, from the moment it is set. */
function sizeHazards(from: Value | undefined, to: Value | undefined): readonly HazardDraft[] {
	return sizeRank(to) > sizeRank(from)
		? [{ code: "COST", message: `the warehouse grows from ${String(from)} to ${String(to)}` }]
		: [];
}

function clusterHazards(from: Value | undefined, to: Value | undefined): readonly HazardDraft[] {
	return Number(to) > Number(from)
		? [{ code: "COST", message: `it may run ${String(to)} clusters at once, not ${String(from)}` }]
		: [];
}

function typeOf(properties: Properties): string {
	return String(properties.WAREHOUSE_TYPE ?? "STANDARD");
}

const size = assignment(
	"WAREHOUSE_SIZE",
	sizeValue({
		largest: "X6LARGE",
		quoted: false,
		domain: { type: "enum", values: ["XSMALL", "SMALL", "MEDIUM", "LARGE"] },
	}),
	{ change: "alter", compare: "declared", hazards: sizeHazards },
);

/** Columns of SHOW that only some accounts have, by the property each tells. */
function reportedColumns(row: Row): Properties {
	const generation = given(row.generation);
	const constraint =
		given(row.resource_constraint) ?? (generation === null ? null : `STANDARD_GEN_${generation}`);
	const known = RESOURCE_CONSTRAINTS.find((c) => c.toUpperCase() === constraint?.toUpperCase());
	return {
		...(row.generation !== undefined && { GENERATION: generation }),
		...(row.resource_constraint !== undefined && { RESOURCE_CONSTRAINT: known ?? constraint }),
		...(row.enable_query_acceleration !== undefined && {
			ENABLE_QUERY_ACCELERATION: yes(row.enable_query_acceleration),
			QUERY_ACCELERATION_MAX_SCALE_FACTOR: numeric(row.query_acceleration_max_scale_factor),
		}),
	};
}

const parameters = [
	assignment(
		"MAX_CONCURRENCY_LEVEL",
		{ ...integerValue({ min: 1 }), domain: { type: "integer", min: 1, max: 32 } },
		INHERITED,
	),
	integer("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", { min: 0 }, INHERITED),
	integer("STATEMENT_TIMEOUT_IN_SECONDS", { min: 0, max: 604_800 }, INHERITED),
];

/** A number of clusters. The upper limit depends on the size; every size may have 10. */
function clusters(): ValueSyntax {
	return { ...integerValue({ min: 1, max: 300 }), domain: { type: "integer", min: 1, max: 10 } };
}

/**
 * A warehouse is compute. Everything about it is altered in place, while it runs.
 *
 * Defaults that depend on its type (the size) or on the region and the age of the account (its generation,
 * query acceleration) are compared only where files say them. Whether it runs at the moment is no property: AUTO_RESUME decides.
 * https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
 * https://docs.snowflake.com/en/sql-reference/sql/alter-warehouse
 */
export const warehouse = defineObjectType({
	kind: "WAREHOUSE",
	level: "account",
	page: "sql-reference/sql/create-warehouse",
	properties: [
		word("WAREHOUSE_TYPE", ["STANDARD", "SNOWPARK-OPTIMIZED"], {
			change: "alter",
			default: "STANDARD",
			quoted: true,
			note: "Adaptive warehouses have properties of their own and are not managed yet.",
		}),
		size,
		word("GENERATION", ["1", "2"], {
			change: "alter",
			compare: "reported",
			quoted: true,
			when: { property: "WAREHOUSE_TYPE", in: ["STANDARD", null] },
		}),
		assignment(
			"RESOURCE_CONSTRAINT",
			wordValue(RESOURCE_CONSTRAINTS, {
				synonyms: Object.fromEntries(RESOURCE_CONSTRAINTS.map((c) => [c.toUpperCase(), c])),
			}),
			{ change: "alter", compare: "reported" },
		),
		assignment("MAX_CLUSTER_COUNT", clusters(), {
			change: "alter",
			default: 1,
			hazards: clusterHazards,
		}),
		assignment("MIN_CLUSTER_COUNT", clusters(), {
			change: "alter",
			default: 1,
			hazards: clusterHazards,
		}),
		word("SCALING_POLICY", ["STANDARD", "ECONOMY"], { change: "alter", default: "STANDARD" }),
		assignment("AUTO_SUSPEND", autoSuspend, { change: "alter", default: 600 }),
		flag("AUTO_RESUME", { change: "alter", default: true }),
		flag("INITIALLY_SUSPENDED", { change: "alter", compare: "never" }),
		reference("RESOURCE_MONITOR", "RESOURCE MONITOR", "account", {
			change: "alter",
			default: null,
		}),
		comment(),
		flag("ENABLE_QUERY_ACCELERATION", {
			change: "alter",
			compare: "reported",
			when: { property: "WAREHOUSE_TYPE", in: ["STANDARD", null] },
		}),
		integer(
			"QUERY_ACCELERATION_MAX_SCALE_FACTOR",
			{ min: 0, max: 100 },
			{
				change: "alter",
				compare: "reported",
				when: { property: "WAREHOUSE_TYPE", in: ["STANDARD", null] },
			},
		),
		...parameters,
	],
	constraints: [
		rule(
			"MIN_CLUSTER_COUNT is at most MAX_CLUSTER_COUNT",
			["MIN_CLUSTER_COUNT", "MAX_CLUSTER_COUNT"],
			(p) => Number(p.MIN_CLUSTER_COUNT ?? 1) <= Number(p.MAX_CLUSTER_COUNT ?? 1),
		),
		rule(
			"STANDARD warehouses have RESOURCE_CONSTRAINT STANDARD_GEN_1 or STANDARD_GEN_2, SNOWPARK-OPTIMIZED ones MEMORY_…",
			["RESOURCE_CONSTRAINT", "WAREHOUSE_TYPE"],
			(p) =>
				p.RESOURCE_CONSTRAINT === undefined ||
				p.RESOURCE_CONSTRAINT === null ||
				String(p.RESOURCE_CONSTRAINT).startsWith("STANDARD_") === (typeOf(p) === "STANDARD"),
		),
		rule(
			"GENERATION and RESOURCE_CONSTRAINT name the same generation",
			["GENERATION", "RESOURCE_CONSTRAINT"],
			(p) =>
				typeof p.GENERATION !== "string" ||
				typeof p.RESOURCE_CONSTRAINT !== "string" ||
				p.RESOURCE_CONSTRAINT === `STANDARD_GEN_${p.GENERATION}`,
		),
		rule(
			"MEMORY_16X and its x86 form need WAREHOUSE_SIZE MEDIUM or more, MEMORY_64X LARGE or more",
			["RESOURCE_CONSTRAINT", "WAREHOUSE_SIZE"],
			(p) => {
				const constraint = String(p.RESOURCE_CONSTRAINT ?? "");
				const rank = sizeRank(p.WAREHOUSE_SIZE ?? (typeOf(p) === "STANDARD" ? "XSMALL" : "MEDIUM"));
				if (constraint.startsWith("MEMORY_64X")) return rank >= sizeRank("LARGE");
				return !constraint.startsWith("MEMORY_16X") || rank >= sizeRank("MEDIUM");
			},
		),
		rule(
			"X5LARGE and X6LARGE are not for STANDARD_GEN_2, and of the MEMORY constraints only for MEMORY_16X",
			["WAREHOUSE_SIZE", "RESOURCE_CONSTRAINT", "GENERATION"],
			(p) => {
				if (sizeRank(p.WAREHOUSE_SIZE) <= sizeRank("X4LARGE")) return true;
				if (p.GENERATION === "2") return false;
				return [undefined, null, "STANDARD_GEN_1", "MEMORY_16X"].some(
					(allowed) => p.RESOURCE_CONSTRAINT === allowed,
				);
			},
		),
	],
	noise: ["WITH"],
	refused: {
		...TAGGED,
		INTERACTIVE: "interactive warehouses have properties of their own and are not managed yet",
		WAIT_FOR_COMPLETION: "it makes one ALTER wait and is nothing that the warehouse keeps",
	},
	grants: { privileges: privileges("APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE") },
	read: {
		show: "WAREHOUSES",
		row(row) {
			const type = given(row.type) ?? "STANDARD";
			// Adaptive and interactive warehouses are other things under the same name.
			if (!(type in CONSTRAINTS_BY_TYPE) || yes(row.is_interactive)) return undefined;
			return {
				...shown(row),
				properties: {
					WAREHOUSE_TYPE: type,
					WAREHOUSE_SIZE: valueFromText(size, row.size ?? ""),
					...reportedColumns(row),
					MAX_CLUSTER_COUNT: numeric(row.max_cluster_count),
					MIN_CLUSTER_COUNT: numeric(row.min_cluster_count),
					SCALING_POLICY: given(row.scaling_policy)?.toUpperCase() ?? null,
					AUTO_SUSPEND: numeric(row.auto_suspend) ?? 0,
					AUTO_RESUME: yes(row.auto_resume),
					RESOURCE_MONITOR: accountName(row.resource_monitor),
					COMMENT: given(row.comment),
				},
				runtime: { state: given(row.state) },
			};
		},
		details: [parameterDetail("WAREHOUSE", parameters)],
	},
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "queries running on it are aborted, and tasks that name it fail",
		},
	],
});
