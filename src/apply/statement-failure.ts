import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import type { Location } from "../diagnostics/source.ts";
import type { StatementError } from "../model/port.ts";
import type { Operation, Origin, Step } from "../plan/plan.ts";

/** Reads a line of a project file, for the caret; undefined when the file is not at hand (a saved plan elsewhere). */
export type LineReader = (file: string, line: number) => string | undefined;

/** The offset in a statement that Snowflake speaks of: 1-based line, 0-based position. */
function offsetOf(sql: string, line: number, position: number): number {
	const lines = sql.split("\n");
	const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
	return before + position;
}

function originAt(origins: readonly Origin[], offset: number): Origin | undefined {
	return (
		origins.find((o) => o.start <= offset && offset < Math.max(o.end, o.start + 1)) ?? origins[0]
	);
}

/** Where in the user's files a statement failed. */
function locationOf(
	operation: Operation,
	error: StatementError,
	readLine: LineReader,
): Location | undefined {
	const origins = operation.origin ?? [];
	const known =
		error.line !== undefined &&
		error.line > 0 &&
		error.position !== undefined &&
		error.position >= 0;
	const offset = known ? offsetOf(operation.sql, error.line ?? 1, error.position ?? 0) : undefined;
	const origin = offset === undefined ? origins[0] : originAt(origins, offset);
	if (!origin) return undefined;
	const inside =
		offset === undefined ? 0 : Math.max(0, Math.min(offset, origin.end) - origin.start);
	const multiline = operation.sql.slice(origin.start, origin.end).includes("\n");
	const column = origin.column + (multiline ? 0 : inside);
	const lineText = readLine(origin.file, origin.line) ?? "";
	const word = /^(?:\{\{.*?\}\}|[\w$."])+/.exec(lineText.slice(column - 1))?.[0].length ?? 1;
	return { file: origin.file, line: origin.line, column, lineText, length: word };
}

/** A statement of the plan that Snowflake refused, shown at the line a person wrote. */
export function statementFailure(
	step: Step,
	operation: Operation,
	error: StatementError,
	readLine: LineReader,
): Diagnostic {
	const at = locationOf(operation, error, readLine);
	const query = error.queryId ? ` (query ${error.queryId})` : "";
	return {
		severity: "error",
		code: `SNOWFLAKE_${error.code}`,
		summary: `${step.action} ${step.kind} ${step.object}: ${error.message.replace(/\s*\n\s*/g, " ")}`,
		detail: `Snowflake refused${query}:\n${operation.sql}`,
		...(at && { at }),
	};
}

/** The failure as an error of apply. */
export function applyFailure(diagnostics: readonly Diagnostic[], cause: unknown): DeployError {
	return new DeployError(EXIT.failed, diagnostics, { cause });
}
