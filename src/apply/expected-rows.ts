import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Row } from "../model/port.ts";
import type { Operation } from "../plan/plan.ts";

type Cells = Readonly<Record<string, string>>;

function matches(row: Row, cells: Cells): boolean {
	return Object.entries(cells).every(([column, value]) => row[column] === value);
}

function text(cells: Cells): string {
	return Object.values(cells).join(" ");
}

/** The cells of a row that a check speaks of. */
function spokenOf(row: Row, columns: readonly string[]): string {
	return columns.map((column) => row[column] ?? "").join(" ");
}

/** Fails where an answer lacks a row it must have, or has one it must not have. Throws a DeployError (exit 1). */
export function checkRows(operation: Operation, rows: readonly Row[]): void {
	const { present = [], absent = [], only } = operation.rows ?? {};
	const columns = [...new Set(present.flatMap((cells) => Object.keys(cells)))];
	const problems = [
		...present
			.filter((cells) => !rows.some((row) => matches(row, cells)))
			.map((cells) => `missing: ${text(cells)}`),
		...absent
			.filter((cells) => rows.some((row) => matches(row, cells)))
			.map((cells) => `still there: ${text(cells)}`),
		...(only ? rows.filter((row) => !present.some((cells) => matches(row, cells))) : []).map(
			(row) => `unexpected: ${spokenOf(row, columns)}`,
		),
	];
	if (problems.length > 0)
		throw new DeployError(EXIT.failed, {
			severity: "error",
			code: "CHECK",
			summary: `the account is not as the plan needs it: ${problems[0]}`,
			detail: [...problems, operation.sql].join("\n"),
		});
}
