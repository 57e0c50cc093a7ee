import type { Cursor } from "../../../parse/cursor.ts";
import { doesNotExist } from "../../account/errors.ts";
import { parameterFor, parameterValue } from "../../account/parameters.ts";
import { SnowflakeError, unsupported } from "../../error.ts";
import {
	booleanValue,
	invalidProperty,
	invalidValue,
	type Property,
	refuseDuplicates,
	stringValue,
	takeProperties,
	wordValue,
} from "../../load/property-list.ts";
import { parseInterval, parseSchedule } from "../../run/schedule.ts";
import type { Context } from "../../types.ts";
import { valueText } from "../settings.ts";
import { invalidTask, type TaskOptions, type TaskProperties } from "./properties.ts";

/** What a list of task options says; absent is not said. FINALIZE and COMMENT are not options of the catalog's task. */
export interface WrittenOptions {
	readonly options: Partial<TaskOptions>;
	readonly comment: string | undefined;
	readonly finalize: readonly string[] | undefined;
}

const OVERLAP = ["NO_OVERLAP", "ALLOW_CHILD_OVERLAP", "ALLOW_ALL_OVERLAP"] as const;
const SIZES = ["XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "X2LARGE"];

/** A parameter a task can have: those of tasks, and every session parameter but SEARCH_PATH. */
function taskParameter(property: Property): string | undefined {
	const { name } = property;
	const parameter = parameterFor("TASK", name) ?? parameterFor("SESSION", name);
	if (!parameter) return undefined;
	const value = parameterValue(parameter, valueText(property));
	if (name === "AUTOCOMMIT" && value === "false") throw invalidValue(property);
	if (!name.endsWith("_SIZE") || parameter.kinds.includes("SESSION")) return value;
	const size = value.toUpperCase().replaceAll("-", "");
	if (!SIZES.includes(size)) throw invalidValue(property);
	return size === "X2LARGE" ? "XXLARGE" : size;
}

/** The name of an object of the account that an option refers to. */
function accountObject(context: Context, kind: string, property: Property): string {
	const { value } = property;
	const name = value.type === "name" ? value.parts.join(".") : stringValue(property).toUpperCase();
	if (!context.catalog.find(kind, [name])) throw doesNotExist(kind, [name]);
	return name;
}

function readConfig(property: Property): string {
	const text = stringValue(property);
	try {
		const config: unknown = JSON.parse(text);
		if (typeof config === "object" && config !== null && !Array.isArray(config)) return text;
	} catch {
		// Falls through to the error below.
	}
	throw invalidValue(property);
}

function readOption(context: Context, property: Property): Partial<TaskOptions> | undefined {
	switch (property.name) {
		case "WAREHOUSE":
			return { warehouse: accountObject(context, "WAREHOUSE", property) };
		case "SCHEDULE": {
			const schedule = stringValue(property);
			if (!parseSchedule(schedule)) throw invalidValue(property);
			return { schedule };
		}
		case "CONFIG":
			return { config: readConfig(property) };
		case "OVERLAP_POLICY": {
			const overlapPolicy = OVERLAP.find((policy) => policy === wordValue(property));
			if (!overlapPolicy) throw invalidValue(property);
			return { overlapPolicy };
		}
		// "ALLOW_OVERLAPPING_EXECUTION = TRUE maps to OVERLAP_POLICY = ALLOW_CHILD_OVERLAP"
		case "ALLOW_OVERLAPPING_EXECUTION":
			return { overlapPolicy: booleanValue(property) ? "ALLOW_CHILD_OVERLAP" : "NO_OVERLAP" };
		case "ERROR_INTEGRATION":
			return { errorIntegration: accountObject(context, "NOTIFICATION INTEGRATION", property) };
		case "SUCCESS_INTEGRATION":
			return { successIntegration: accountObject(context, "NOTIFICATION INTEGRATION", property) };
		case "TARGET_COMPLETION_INTERVAL": {
			const interval = stringValue(property);
			const length = parseInterval(interval);
			if (length === undefined || length < 10_000 || length > 24 * 3_600_000)
				throw invalidValue(property);
			return { targetCompletionInterval: interval };
		}
		default:
			return undefined;
	}
}

/** Takes the `NAME = value` options that come next. */
export function takeOptions(context: Context, rest: Cursor): WrittenOptions {
	const properties = takeProperties(rest);
	refuseDuplicates(properties, "TASK");
	let options: Partial<TaskOptions> = {};
	const parameters: Record<string, string> = {};
	let comment: string | undefined;
	let finalize: readonly string[] | undefined;
	for (const property of properties) {
		const option = readOption(context, property);
		if (option) options = { ...options, ...option };
		else if (property.name === "COMMENT") comment = stringValue(property);
		else if (property.name === "FINALIZE") {
			if (property.value.type !== "name") throw invalidValue(property);
			finalize = property.value.parts;
		} else {
			const value = taskParameter(property);
			if (value === undefined) throw invalidProperty(property, "TASK");
			parameters[property.name] = value;
		}
	}
	if (Object.keys(parameters).length > 0) options = { ...options, parameters };
	return { options, comment, finalize };
}

/** The options that UNSET resets, by name. https://docs.snowflake.com/en/sql-reference/sql/alter-task */
const UNSET: Readonly<Record<string, Partial<TaskOptions>>> = {
	WAREHOUSE: { warehouse: null },
	SCHEDULE: { schedule: null },
	CONFIG: { config: null },
	OVERLAP_POLICY: { overlapPolicy: null },
	TARGET_COMPLETION_INTERVAL: { targetCompletionInterval: null },
};

/** Task parameters with a documented UNSET; session parameters all have one. */
const UNSET_PARAMETERS: readonly string[] = [
	"USER_TASK_TIMEOUT_MS",
	"SUSPEND_TASK_AFTER_NUM_FAILURES",
	"LOG_LEVEL",
	"SERVERLESS_TASK_MIN_STATEMENT_SIZE",
	"SERVERLESS_TASK_MAX_STATEMENT_SIZE",
];

/** Reads the names behind UNSET and gives the task without them. */
export function unsetOptions(
	task: TaskProperties,
	rest: Cursor,
): { changes: Partial<TaskProperties>; comment: boolean } {
	let changes: Partial<TaskProperties> = {};
	const parameters = { ...task.parameters };
	let comment = false;
	do {
		if (rest.looksAt("EXECUTE", "AS", "USER")) throw unsupported("EXECUTE AS USER on TASK");
		if (rest.looksAt("CONTACT")) throw unsupported("contacts on TASK");
		const name = rest.expectIdentifier("the name of an option");
		if (name === "COMMENT") comment = true;
		else if (UNSET[name]) changes = { ...changes, ...UNSET[name] };
		else if (UNSET_PARAMETERS.includes(name) || parameterFor("SESSION", name))
			delete parameters[name];
		else
			throw new SnowflakeError(
				"001006",
				"22023",
				`SQL compilation error:\ninvalid property '${name}' for 'TASK'`,
			);
	} while (rest.take(",") || rest.peek()?.type === "word");
	return { changes: { ...changes, parameters }, comment };
}

/** Checks what the options of a task say together. */
export function checkTask(name: string, task: TaskProperties): void {
	const child = task.predecessors.length > 0;
	const finalizer = task.finalizes !== null;
	const has = (parameter: string): boolean => task.parameters[parameter] !== undefined;
	if (child && task.schedule !== null)
		throw invalidTask(`Task '${name}' cannot have both a schedule and a predecessor.`);
	if (finalizer && task.schedule !== null)
		throw invalidTask(`Finalizer task '${name}' cannot have a schedule.`);
	if (finalizer && child) throw invalidTask(`Finalizer task '${name}' cannot have a predecessor.`);
	if (task.warehouse !== null && has("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE"))
		throw invalidTask(
			`Task '${name}' cannot have both WAREHOUSE and USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE.`,
		);
	if (task.warehouse !== null && task.targetCompletionInterval !== null)
		throw new SnowflakeError(
			"091857",
			"22023",
			`SQL compilation error:\nTARGET_COMPLETION_INTERVAL applies to serverless tasks only, and task '${name}' has a warehouse.`,
		);
	if (!child && !finalizer) return;
	if (task.config !== null)
		throw invalidTask(`CONFIG can only be set on a root task, not on '${name}'.`);
	if (task.overlapPolicy !== null)
		throw invalidTask(`OVERLAP_POLICY can only be set on a root task, not on '${name}'.`);
	if (has("TASK_AUTO_RETRY_ATTEMPTS"))
		throw invalidTask(`TASK_AUTO_RETRY_ATTEMPTS can only be set on a root task, not on '${name}'.`);
}
