import { parseName } from "../../model/identifier.ts";
import { textType, timeType } from "../account/data-type.ts";
import { doesNotExist } from "../account/errors.ts";
import { type RowsColumn, relationOfRows } from "../account/scope/relation-of-rows.ts";
import { fullName } from "../ddl/shared.ts";
import { children, graphMembers, predecessors } from "../ddl/task/graph.ts";
import { taskOf } from "../ddl/task/properties.ts";
import type { Relation } from "../sql/scope.ts";
import type { CatalogObject, Context } from "../types.ts";

function text(
	name: string,
	value: (task: CatalogObject) => string | null,
): RowsColumn<CatalogObject> {
	return { name, type: textType(), value };
}

/**
 * TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => '…', RECURSIVE => …)): the task first, then those that run
 * after it. https://docs.snowflake.com/en/sql-reference/functions/task_dependents
 */
export async function taskDependents(
	context: Context,
	given: ReadonlyMap<string, string | null>,
): Promise<Relation> {
	const written = given.get("TASK_NAME") ?? given.get("1") ?? "";
	const name = context.qualify(parseName(written) ?? [written], "schema");
	const task = context.catalog.find("TASK", name);
	if (!task) throw doesNotExist("TASK", name);
	const recursive = (given.get("RECURSIVE") ?? given.get("2") ?? "true").toLowerCase() === "true";
	const tasks = recursive ? graphMembers(context, task) : [task, ...children(context, task)];
	return relationOfRows(tasks, [
		{ name: "CREATED_ON", type: timeType("TIMESTAMP_LTZ", 3), value: (one) => one.createdOn },
		text("NAME", (one) => one.name),
		text("DATABASE_NAME", (one) => one.database ?? null),
		text("SCHEMA_NAME", (one) => one.schema ?? null),
		text("OWNER", (one) => one.owner),
		text("COMMENT", (one) => one.comment),
		text("WAREHOUSE", (one) => taskOf(one).warehouse),
		text("SCHEDULE", (one) => taskOf(one).schedule),
		text("PREDECESSORS", (one) => JSON.stringify(predecessors(context, one).map(fullName))),
		text("STATE", (one) => taskOf(one).state),
		text("DEFINITION", (one) => taskOf(one).definition),
		text("CONDITION", (one) => taskOf(one).condition),
	]);
}
