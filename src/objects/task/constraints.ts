import type { Properties } from "../../model/value.ts";
import { type Constraint, rule } from "../define/constraint.ts";
import { sizeRank } from "../shared/warehouse-size.ts";
import { isLinked } from "./graph.ts";

function has(properties: Properties, name: string): boolean {
	return (properties[name] ?? null) !== null;
}

const SERVERLESS = [
	"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
	"TARGET_COMPLETION_INTERVAL",
	"SERVERLESS_TASK_MIN_STATEMENT_SIZE",
	"SERVERLESS_TASK_MAX_STATEMENT_SIZE",
];

function atMost(properties: Properties, small: string, large: string): boolean {
	if (!has(properties, small) || !has(properties, large)) return true;
	return sizeRank(properties[small]) <= sizeRank(properties[large]);
}

/** A schedule-less task with nothing before it, which a stream sets off. */
function isTriggered(properties: Properties): boolean {
	return (
		!has(properties, "SCHEDULE") &&
		!isLinked(properties) &&
		/SYSTEM\$STREAM_HAS_DATA/i.test(String(properties.WHEN ?? ""))
	);
}

/** What the options of a task must have to do with each other, by create-task. */
export const TASK_CONSTRAINTS: readonly Constraint[] = [
	...SERVERLESS.map((name) =>
		rule(
			`WAREHOUSE and ${name} exclude each other: the option is for serverless tasks`,
			[name, "WAREHOUSE"],
			(p) => !(has(p, "WAREHOUSE") && has(p, name)),
		),
	),
	rule(
		"SCHEDULE is for tasks without AFTER and FINALIZE",
		["SCHEDULE", "AFTER", "FINALIZE"],
		(p) => !(has(p, "SCHEDULE") && isLinked(p)),
	),
	rule(
		"AFTER and FINALIZE exclude each other",
		["AFTER", "FINALIZE"],
		(p) => !(has(p, "AFTER") && has(p, "FINALIZE")),
	),
	rule(
		"CONFIG is for the root of a graph",
		["CONFIG", "AFTER", "FINALIZE"],
		(p) => !(has(p, "CONFIG") && isLinked(p)),
	),
	rule(
		"OVERLAP_POLICY is for the root of a graph",
		["OVERLAP_POLICY", "AFTER", "FINALIZE"],
		(p) => (p.OVERLAP_POLICY ?? "NO_OVERLAP") === "NO_OVERLAP" || !isLinked(p),
	),
	rule(
		"TASK_AUTO_RETRY_ATTEMPTS is for the root of a graph",
		["TASK_AUTO_RETRY_ATTEMPTS", "AFTER", "FINALIZE"],
		(p) => Number(p.TASK_AUTO_RETRY_ATTEMPTS ?? 0) === 0 || !isLinked(p),
	),
	rule(
		"a serverless task that a stream triggers needs TARGET_COMPLETION_INTERVAL",
		["TARGET_COMPLETION_INTERVAL", "WHEN"],
		(p) => has(p, "WAREHOUSE") || !isTriggered(p) || has(p, "TARGET_COMPLETION_INTERVAL"),
	),
	rule(
		"SERVERLESS_TASK_MIN_STATEMENT_SIZE is at most SERVERLESS_TASK_MAX_STATEMENT_SIZE",
		["SERVERLESS_TASK_MIN_STATEMENT_SIZE", "SERVERLESS_TASK_MAX_STATEMENT_SIZE"],
		(p) => atMost(p, "SERVERLESS_TASK_MIN_STATEMENT_SIZE", "SERVERLESS_TASK_MAX_STATEMENT_SIZE"),
	),
	rule(
		"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE lies between SERVERLESS_TASK_MIN_STATEMENT_SIZE and SERVERLESS_TASK_MAX_STATEMENT_SIZE",
		[
			"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
			"SERVERLESS_TASK_MIN_STATEMENT_SIZE",
			"SERVERLESS_TASK_MAX_STATEMENT_SIZE",
		],
		(p) =>
			atMost(p, "SERVERLESS_TASK_MIN_STATEMENT_SIZE", "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE") &&
			atMost(p, "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "SERVERLESS_TASK_MAX_STATEMENT_SIZE"),
	),
	rule(
		"AUTOCOMMIT = FALSE is not possible for a task",
		["AUTOCOMMIT"],
		(p) => p.AUTOCOMMIT !== false,
	),
];
