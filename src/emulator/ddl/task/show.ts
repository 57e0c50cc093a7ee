import { formatIdentifier, formatString } from "../../../model/identifier.ts";
import { momentCell } from "../../account/wire.ts";
import type { CatalogObject, Context, ShowColumn } from "../../types.ts";
import { fullName } from "../shared.ts";
import { finalizer, isRoot, predecessors } from "./graph.ts";
import { taskOf, taskUuid } from "./properties.ts";

const text = (name: string, value: ShowColumn["value"]): ShowColumn => ({
	name,
	type: "text",
	value,
});

const moment = (name: string, at: (object: CatalogObject) => number | null): ShowColumn => ({
	name,
	type: "timestamp",
	value: (object) => {
		const time = at(object);
		return time === null ? null : momentCell(time);
	},
});

function predecessorNames(object: CatalogObject, context: Context): readonly string[] {
	return predecessors(context, object).map(fullName);
}

/** `{"Predecessors":[],"FinalizerTask":"…"}`, as on the page of SHOW TASKS. */
function relations(object: CatalogObject, context: Context): string {
	const { finalizes } = taskOf(object);
	const root = finalizes === null ? undefined : context.catalog.byId(finalizes);
	const last = finalizer(context, object);
	return JSON.stringify({
		...(root && { FinalizedRootTask: fullName(root) }),
		Predecessors: predecessorNames(object, context),
		...(last && { FinalizerTask: fullName(last) }),
	});
}

function schedulingMode(object: CatalogObject): string | null {
	const { warehouse, targetCompletionInterval } = taskOf(object);
	if (warehouse !== null) return null;
	return targetCompletionInterval === null ? "FIXED" : "FLEXIBLE";
}

/** The columns of SHOW TASKS. https://docs.snowflake.com/en/sql-reference/sql/show-tasks */
export const TASK_COLUMNS: readonly ShowColumn[] = [
	moment("created_on", (o) => o.createdOn),
	text("name", (o) => o.name),
	text("id", (o) => taskUuid(o.id)),
	text("database_name", (o) => o.database ?? null),
	text("schema_name", (o) => o.schema ?? null),
	text("owner", (o) => o.owner),
	text("comment", (o) => o.comment ?? ""),
	text("warehouse", (o) => taskOf(o).warehouse),
	text("schedule", (o) => taskOf(o).schedule),
	text("predecessors", (o, context) => JSON.stringify(predecessorNames(o, context))),
	text("state", (o) => taskOf(o).state),
	text("definition", (o) => taskOf(o).definition),
	text("condition", (o) => taskOf(o).condition),
	text("allow_overlapping_execution", (o) =>
		isRoot(o) ? String((taskOf(o).overlapPolicy ?? "NO_OVERLAP") !== "NO_OVERLAP") : null,
	),
	text("error_integration", (o) => taskOf(o).errorIntegration),
	moment("last_committed_on", (o) => taskOf(o).lastCommittedOn),
	moment("last_suspended_on", (o) => taskOf(o).lastSuspendedOn),
	text("owner_role_type", () => "ROLE"),
	text("config", (o) => taskOf(o).config),
	text("budget", () => null),
	text("task_relations", relations),
	text("last_suspended_reason", (o) => taskOf(o).lastSuspendedReason),
	text("success_integration", (o) => taskOf(o).successIntegration),
	text("scheduling_mode", schedulingMode),
	text("target_completion_interval", (o) => taskOf(o).targetCompletionInterval),
	text("execute_as_user", () => null),
];

/** The text GET_DDL gives for a task: options in lower case, one to a line. */
export function taskDdl(context: Context, object: CatalogObject): string {
	const task = taskOf(object);
	const root = task.finalizes === null ? undefined : context.catalog.byId(task.finalizes);
	const option = (name: string, value: string | null): string[] =>
		value === null ? [] : [`${name}=${formatString(value)}`];
	const lines = [
		...(task.warehouse === null ? [] : [`warehouse=${formatIdentifier(task.warehouse)}`]),
		...option("schedule", task.schedule),
		...option("config", task.config),
		...(task.overlapPolicy === null ? [] : [`overlap_policy=${task.overlapPolicy}`]),
		...Object.entries(task.parameters).map(
			([name, value]) =>
				`${name.toLowerCase()}=${/^(?:\d+|true|false)$/.test(value) ? value : formatString(value)}`,
		),
		...(task.errorIntegration === null
			? []
			: [`error_integration=${formatIdentifier(task.errorIntegration)}`]),
		...(task.successIntegration === null
			? []
			: [`success_integration=${formatIdentifier(task.successIntegration)}`]),
		...option("target_completion_interval", task.targetCompletionInterval),
		...option("comment", object.comment),
		...(root ? [`finalize=${fullName(root)}`] : []),
		...(task.predecessors.length > 0
			? [`after ${predecessorNames(object, context).join(", ")}`]
			: []),
		...(task.condition === null ? [] : [`when ${task.condition}`]),
		`as ${task.definition}`,
	];
	return `create or replace task ${formatIdentifier(object.name)}\n\t${lines.join("\n\t")};`;
}
