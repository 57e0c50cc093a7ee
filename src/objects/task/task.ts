import { errorAt } from "../../diagnostics/diagnostic.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { formatName, formatString, parseName } from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";
import type { Value } from "../../model/value.ts";
import { defineObjectType } from "../define/object-type.ts";
import { privileges } from "../define/privilege.ts";
import { body, comment } from "../define/properties.ts";
import type { Property } from "../define/property.ts";
import { readDdl } from "../define/read-create.ts";
import { accountName, given, qualifiedName, shown, yes } from "../define/rows.ts";
import { parameterDetail } from "../shared/parameters.ts";
import { namesByPosition } from "../shared/positions.ts";
import { CLONED, TAGGED } from "../shared/refused.ts";
import { taskAlterations } from "./alterations.ts";
import { taskStatements } from "./arrange.ts";
import { after, condition, executeAs, finalize, overlapPolicy, state } from "./clauses.ts";
import { TASK_CONSTRAINTS } from "./constraints.ts";
import { dependentsEnabled, rootsOf, taskLinks } from "./graph.ts";
import {
	completionInterval,
	config,
	errorIntegration,
	schedule,
	successIntegration,
	TASK_PARAMETERS,
	taskWarehouse,
} from "./options.ts";
import { scheduleText } from "./schedule.ts";

/** What ALTER TASK sets, unsets or links; the condition, the body and the state have statements of their own. */
const ARRANGED: readonly Property[] = [
	taskWarehouse,
	schedule,
	config,
	overlapPolicy,
	...TASK_PARAMETERS,
	errorIntegration,
	successIntegration,
	comment(),
	finalize,
	completionInterval,
	after,
	executeAs,
];

const definition: Property = body("AS", ["SELECT CURRENT_TIMESTAMP", "SELECT 1"], {
	change: "alter",
	alter: ({ to }, object) => [`ALTER ${object} MODIFY AS\n${String(to)}`],
});

/** A task's state as SHOW TASKS has it. */
function stateWord(state: Value | undefined): string | undefined {
	return typeof state === "string" ? state.toLowerCase() : undefined;
}

/** `SUSPENDED_DUE_TO_ERRORS`, and nothing for a task that is as a person left it. */
function stateReason(reason: Value | undefined): string | undefined {
	return typeof reason === "string" && reason !== "" ? reason : undefined;
}

interface Relations {
	readonly Predecessors?: readonly string[];
	readonly FinalizedRootTask?: string;
}

function jsonCell(cell: string | null | undefined): unknown {
	const text = given(cell);
	return text === null ? null : JSON.parse(text);
}

/** The names of predecessors, sorted; null where there are none. */
function predecessorNames(row: Row): readonly string[] | null {
	const names = (jsonCell(row.predecessors) ?? []) as readonly string[];
	const sorted = names.flatMap((name) => qualifiedName(name) ?? []).sort();
	return sorted.length > 0 ? sorted : null;
}

function spanCell(cell: string | null | undefined): string | null {
	const text = given(cell);
	return text === null ? null : scheduleText(text);
}

/** What a task loses with something it goes on needing, by the kind of that. */
const ORPHANED: Readonly<Record<string, readonly HazardDraft[]>> = {
	TASK: [
		{
			code: "TASK_LINKS_LOST",
			message:
				"it runs after a task that is dropped, or finalizes it, and this plan gives it no other: without any it is suspended",
		},
	],
	STREAM: [
		{
			code: "OBJECT_DROPPED",
			message: "it names a stream that is dropped, and this plan does not change that",
		},
	],
};

/** How long runs that are under way get to end. */
const DEADLINE_SECONDS = 300;

/**
 * Counts the runs of a task graph that are under way: suspending its root lets them go on.
 * https://docs.snowflake.com/en/sql-reference/functions/task_history
 */
function runsOf(root: string): string {
	const [database = "", schema = "", name = ""] = parseName(root) ?? [];
	const place = [database, schema].map((part) => formatString(`"${part.replaceAll('"', '""')}"`));
	const history = `TABLE(${formatName([database])}.INFORMATION_SCHEMA.TASK_HISTORY(SCHEDULED_TIME_RANGE_START => DATEADD(DAY, -1, CURRENT_TIMESTAMP()), SCHEDULED_TIME_RANGE_END => CURRENT_TIMESTAMP(), RESULT_LIMIT => 10000, DATABASE_NAME => ${place[0]}, SCHEMA_NAME => ${place[1]}))`;
	return `SELECT COUNT(*) FROM ${history} WHERE STATE = 'EXECUTING' AND ROOT_TASK_ID IN (SELECT ROOT_TASK_ID FROM ${history} WHERE NAME = ${formatString(name)})`;
}

/**
 * A task runs SQL by a schedule, after other tasks, or when a stream has rows. Everything but its name is
 * altered in place; nothing in its graph may change while the graph's root is started.
 *
 * SHOW TASKS tells most; parameters come from SHOW PARAMETERS, and which of the two overlapping policies
 * a task has only from GET_DDL.
 * https://docs.snowflake.com/en/sql-reference/sql/create-task
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task
 * https://docs.snowflake.com/en/user-guide/tasks-graphs
 */
export const task = defineObjectType({
	kind: "TASK",
	level: "schema",
	page: "sql-reference/sql/create-task",
	properties: [...ARRANGED, condition, state, definition],
	constraints: TASK_CONSTRAINTS,
	noise: ["WITH"],
	refused: {
		...TAGGED,
		...CLONED,
		CONTACT: "contacts are not managed; set them with ALTER TASK … SET CONTACT in a migration",
		SEARCH_PATH: "Snowflake does not support it for tasks; qualify the names in the body",
	},
	alterations: taskAlterations(definition),
	calls: { SYSTEM$TASK_DEPENDENTS_ENABLE: dependentsEnabled },
	// "Renaming a task isn't supported. Instead, you can clone the task, and then drop the old task".
	rename: { made: "clone", hazards: () => [] },
	lost: (_object, { kind }, event) => (event === "dropped" ? (ORPHANED[kind] ?? []) : []),
	grants: { privileges: privileges("APPLYBUDGET", "MONITOR", "OPERATE") },
	read: {
		show: "TASKS",
		row(row) {
			const relations = (jsonCell(row.task_relations) ?? {}) as Relations;
			return {
				...shown(row),
				properties: {
					WAREHOUSE: accountName(row.warehouse),
					SCHEDULE: spanCell(row.schedule),
					CONFIG: given(row.config),
					OVERLAP_POLICY: yes(row.allow_overlapping_execution)
						? "ALLOW_CHILD_OVERLAP"
						: "NO_OVERLAP",
					ERROR_INTEGRATION: accountName(row.error_integration),
					SUCCESS_INTEGRATION: accountName(row.success_integration),
					COMMENT: given(row.comment),
					FINALIZE: qualifiedName(relations.FinalizedRootTask),
					TARGET_COMPLETION_INTERVAL: spanCell(row.target_completion_interval),
					AFTER: predecessorNames(row),
					"EXECUTE AS USER": accountName(row.execute_as_user),
					WHEN: given(row.condition),
					STATE: row.state?.toLowerCase() === "started" ? "STARTED" : "SUSPENDED",
					AS: row.definition ?? "",
				},
				runtime: { suspendedBecause: given(row.last_suspended_reason) },
			};
		},
		details: [
			parameterDetail("TASK", TASK_PARAMETERS),
			{
				per: "object",
				sql: (name) => `SELECT GET_DDL('TASK', ${formatString(name)}) AS "ddl"`,
				when: (object) => object.properties.OVERLAP_POLICY === "ALLOW_CHILD_OVERLAP",
				read(rows) {
					const policy = readDdl(task, rows[0]?.ddl ?? "").OVERLAP_POLICY;
					return policy === undefined ? {} : { properties: { OVERLAP_POLICY: policy } };
				},
			},
		],
	},
	replaceHazards: () => [
		{
			code: "TASK_LINKS_LOST",
			message: "the new task is suspended, and tasks that ran after the old one may have lost it",
		},
	],
	dropHazards: () => [
		{ code: "OBJECT_DROPPED", message: "the task is dropped: what it did is no longer done" },
	],
	validate: (object) =>
		taskLinks(object.properties)
			.filter((link) => formatName(link.name.slice(0, -1)) !== formatName(object.name.slice(0, -1)))
			.map((link) =>
				errorAt(
					object.declared?.properties.get("AFTER") ?? object.declared?.name,
					"TASK_GRAPH",
					`TASK ${formatName(object.name)} and ${formatName(link.name)} are in different schemas`,
					{ hint: "all tasks of a graph must be in one schema" },
				),
			),
	positional: (object) => namesByPosition(String(object.properties.AS ?? ""), object),
	arrange: {
		properties: ARRANGED.map((property) => property.name),
		statements: taskStatements(ARRANGED),
	},
	health: {
		what: "state",
		value: ({ properties }) => stateWord(properties.STATE),
		works: [],
		rests: ["started", "suspended"],
		declared: ({ properties }) => stateWord(properties.STATE),
		why: ({ runtime }) => stateReason(runtime?.suspendedBecause),
		advice: (target) =>
			`if somebody meant it so, declare it (ALTER TASK ${target} RESUME or SUSPEND in a file); otherwise run that, and look at TASK_HISTORY`,
	},
	hold: {
		targets: rootsOf,
		capture: (target) => `DESCRIBE TASK ${target}`,
		captureColumn: "state",
		captured: "started",
		running: (target) => target.properties.STATE === "STARTED",
		resumed: (target) => ({ ...target, properties: { ...target.properties, STATE: "STARTED" } }),
		hold: (target) => [`ALTER TASK ${target} SUSPEND`],
		still: (target) => [
			{ do: "wait", sql: runsOf(target), until: "0", timeoutSeconds: DEADLINE_SECONDS },
		],
		release: (target) => [`ALTER TASK ${target} RESUME`],
		run: (target) => [`EXECUTE TASK ${target}`],
		// Between UNSET FINALIZE and SET FINALIZE the task stands alone, and is suspended.
		stops: (changes) =>
			changes.some((change) => change.property === "FINALIZE" && (change.from ?? null) !== null),
		needs: () => true,
		hazard: {
			code: "TASK_GRAPH_PAUSE",
			message:
				"runs that fall into this time are missed, and an interval schedule counts anew from the end of it",
		},
	},
});
