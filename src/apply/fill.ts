import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { formatString } from "../model/identifier.ts";
import type { Operation } from "../plan/plan.ts";

function literal(value: string): string {
	return /^-?\d+$/.test(value) ? value : formatString(value);
}

/**
 * An operation with captured values in the places of its marks: whole numbers as they are, all else as text in
 * quotes. Throws a DeployError (exit 1) where a value was not captured.
 */
export function filled(operation: Operation, captured: ReadonlyMap<string, string>): Operation {
	const { takes, ...rest } = operation;
	if (!takes) return operation;
	let { sql } = operation;
	for (const [mark, name] of Object.entries(takes)) {
		const value = captured.get(name);
		if (value === undefined)
			throw new DeployError(EXIT.failed, {
				severity: "error",
				code: "CHECK",
				summary: `${name} was not captured`,
				detail: operation.sql,
			});
		sql = sql.replaceAll(mark, () => literal(value));
	}
	return { ...rest, sql };
}
