import type { Operation, Plan, Step } from "../plan/plan.ts";
import { remarksOf, terminated } from "./statement.ts";

function operationLines(
	operation: Operation,
	current: { role?: string; schema?: string },
): readonly string[] {
	const lines: string[] = [];
	if (operation.role !== undefined && operation.role !== current.role)
		lines.push(`USE ROLE ${operation.role};`);
	if (operation.schema !== undefined && operation.schema !== current.schema)
		lines.push(`USE SCHEMA ${operation.schema};`);
	if (operation.role !== undefined) current.role = operation.role;
	if (operation.schema !== undefined) current.schema = operation.schema;
	const remarks = remarksOf(operation).map((remark) => `-- ${remark}`);
	return [...lines, ...remarks, terminated(operation.sql)];
}

/** The step's name and reason; a baseline names the migrations that it only records. */
function heading(step: Step): string {
	const files = step.baselines ?? [];
	const name = files.length > 0 ? `${step.id}: ${files.map((f) => f.file).join(", ")}` : step.id;
	return `-- ${name}: ${step.reason}`;
}

/** The statements apply would send, in order, as a script for a reviewer. Secrets are markers. */
export function planSql(plan: Plan): string {
	const current = {};
	const steps = plan.steps.map((step) => {
		const hazards = step.hazards.map(
			(h) =>
				`-- ${h.level === "refuse" ? "HAZARD" : "notice"} ${h.code} (${h.object}): ${h.message}`,
		);
		const operations = step.operations.flatMap((operation) => operationLines(operation, current));
		return [heading(step), ...hazards, ...operations].join("\n");
	});
	return steps.join("\n\n");
}
