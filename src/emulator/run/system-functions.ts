import { parseName } from "../../model/identifier.ts";
import { doesNotExist } from "../account/errors.ts";
import { resumeTask } from "../ddl/task/alter.ts";
import { graphMembers, isRoot } from "../ddl/task/graph.ts";
import { invalidTask } from "../ddl/task/properties.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { CatalogObject, Context, Json } from "../types.ts";
import { type CurrentRun, currentRun } from "./current-run.ts";
import { findStream } from "./stream-point.ts";
import { streamHasData, streamTableTimestamp } from "./stream-read.ts";
import { returnedValue } from "./task-run.ts";

/** The answer of a system function: a Boolean, or text; null is NULL. */
export type SystemValue = boolean | string | null;

type SystemFunction = (context: Context, given: readonly (string | null)[]) => Promise<SystemValue>;

function text(given: readonly (string | null)[], index = 0): string {
	const value = given[index];
	if (value === null || value === undefined)
		throw new SnowflakeError(
			"000938",
			"22023",
			"SQL compilation error:\nnot enough arguments for function",
		);
	return value;
}

function running(context: Context): CurrentRun {
	const run = currentRun(context.session);
	if (run) return run;
	throw new SnowflakeError("090227", "P0000", "This function must be called from within a task.");
}

function findTask(context: Context, written: string): CatalogObject {
	const name = context.qualify(parseName(written) ?? [written], "schema");
	const found = context.catalog.find("TASK", name);
	if (!found) throw doesNotExist("TASK", name);
	return found;
}

/** A value of a graph's configuration: without a path all of it, as JSON. */
function configValue(run: CurrentRun, path: string | undefined): string | null {
	let value: Json | undefined = run.config;
	for (const key of path === undefined ? [] : path.split(".")) {
		if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
		value = (value as { readonly [key: string]: Json })[key];
	}
	if (value === undefined || value === null) return null;
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** The functions that tell of streams and tasks, by name. */
const FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
	SYSTEM$STREAM_HAS_DATA: async (context, given) =>
		streamHasData(context, findStream(context, text(given))),
	SYSTEM$STREAM_GET_TABLE_TIMESTAMP: async (context, given) =>
		streamTableTimestamp(context, findStream(context, text(given))),
	SYSTEM$TASK_DEPENDENTS_ENABLE: async (context, given) => {
		const root = findTask(context, text(given));
		if (!isRoot(root)) throw invalidTask(`Task '${root.name}' is not a root task.`);
		// Children first: with a started root no child could be resumed.
		for (const member of [...graphMembers(context, root)].reverse())
			await resumeTask(context, context.catalog.byId(member.id) ?? member);
		return null;
	},
	SYSTEM$SET_RETURN_VALUE: async (context, given) => {
		running(context).returnValue = text(given);
		return null;
	},
	SYSTEM$GET_PREDECESSOR_RETURN_VALUE: async (context, given) =>
		returnedValue(running(context), given[0] ?? undefined),
	SYSTEM$GET_TASK_GRAPH_CONFIG: async (context, given) =>
		configValue(running(context), given[0] ?? undefined),
	SYSTEM$CURRENT_USER_TASK_NAME: async (context) => currentRun(context.session)?.name ?? null,
	SYSTEM$TASK_RUNTIME_INFO: async (context, given) => {
		const run = running(context);
		switch (text(given).toUpperCase()) {
			case "CURRENT_TASK_NAME":
				return run.name;
			case "CURRENT_ROOT_TASK_NAME":
				return run.rootName;
			case "CURRENT_ROOT_TASK_UUID":
				return run.rootUuid;
			case "CURRENT_TASK_GRAPH_RUN_GROUP_ID":
				return run.groupId;
			case "CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP":
				return new Date(run.scheduledTime).toISOString();
			default:
				throw unsupported(`SYSTEM$TASK_RUNTIME_INFO('${text(given)}')`);
		}
	},
};

/** Their names. */
export const SYSTEM_FUNCTIONS: readonly string[] = Object.keys(FUNCTIONS);

/**
 * Answers a system function of streams and tasks; undefined where the name is none of them. The arguments are
 * constants.
 */
export async function callSystemFunction(
	context: Context,
	name: string,
	given: readonly (string | null)[],
): Promise<SystemValue | undefined> {
	return FUNCTIONS[name]?.(context, given);
}
