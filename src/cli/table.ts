import type { Row } from "../model/port.ts";

const WIDEST = 60;

function shorten(text: string): string {
	const line = text.replace(/\s*\n\s*/g, " ");
	return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
}

/** Rows as a table for a terminal; long cells are cut, missing ones say NULL. */
export function table(columns: readonly string[], rows: readonly Row[]): string {
	const cells = rows.map((row) => columns.map((column) => shorten(row[column] ?? "NULL")));
	const widths = columns.map((column, i) =>
		Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)),
	);
	const line = (parts: readonly string[]) =>
		parts
			.map((part, i) => part.padEnd(widths[i] ?? 0))
			.join("  ")
			.trimEnd();
	const rule = widths.map((width) => "─".repeat(width)).join("  ");
	return [
		line(columns),
		rule,
		...cells.map(line),
		`${rows.length} row${rows.length === 1 ? "" : "s"}`,
	].join("\n");
}
