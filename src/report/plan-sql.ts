import type { Operation, Plan } from "../plan/plan.ts";

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
	const remarks = [
		...(operation.uses ? [`-- only if ${operation.uses.name} was ${operation.uses.equals}`] : []),
		...(operation.do === "wait" ? [`-- repeated until the answer is ${operation.until}`] : []),
		...(operation.saveAs === undefined ? [] : [`-- kept as: ${operation.saveAs}`]),
	];
	return [...lines, ...remarks, `${operation.sql};`];
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
		return [`-- ${step.id}: ${step.reason}`, ...hazards, ...operations].join("\n");
	});
	return steps.join("\n\n");
}
