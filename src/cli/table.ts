import type { Row } from "../model/port.ts";

/** The narrowest that a column is cut to. */
const NARROWEST = 8;

const GAP = 2;

function oneLine(text: string): string {
	return text.replace(/\s*\n\s*/g, " ");
}

function cut(text: string, width: number): string {
	return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Takes from the widest columns, one character at a time, until the row fits or none can give any more. */
function fitted(widths: readonly number[], room: number): readonly number[] {
	const fitting = [...widths];
	let over = fitting.reduce((sum, width) => sum + width + GAP, -GAP) - room;
	while (over > 0) {
		const widest = Math.max(...fitting);
		if (widest <= NARROWEST) break;
		fitting[fitting.indexOf(widest)] = widest - 1;
		over--;
	}
	return fitting;
}

/**
 * Rows as a table; missing cells say NULL. Cells are cut only as far as the terminal's width asks for, and not
 * at all where there is no terminal: what a pipe reads has to be whole.
 */
export function table(columns: readonly string[], rows: readonly Row[], width?: number): string {
	const cells = rows.map((row) => columns.map((column) => oneLine(row[column] ?? "NULL")));
	const wanted = columns.map((column, i) =>
		Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)),
	);
	const widths = width === undefined ? wanted : fitted(wanted, width);
	const line = (parts: readonly string[]) =>
		parts
			.map((part, i) => cut(part, widths[i] ?? 0).padEnd(widths[i] ?? 0))
			.join(" ".repeat(GAP))
			.trimEnd();
	const rule = widths.map((w) => "─".repeat(w)).join(" ".repeat(GAP));
	return [
		line(columns),
		rule,
		...cells.map(line),
		`${rows.length} row${rows.length === 1 ? "" : "s"}`,
	].join("\n");
}

/** One row as a line for each column, its cells whole. */
function vertical(columns: readonly string[], row: Row): string {
	const width = Math.max(0, ...columns.map((column) => column.length));
	const under = `\n${" ".repeat(width + GAP)}`;
	const lines = columns.map((column) =>
		`${column.padEnd(width + GAP)}${(row[column] ?? "NULL").replaceAll("\n", under)}`.trimEnd(),
	);
	return [...lines, "1 row"].join("\n");
}

/** What a query answered: a table, or, where a single row does not fit in one, its cells under each other. */
export function answer(columns: readonly string[], rows: readonly Row[], width?: number): string {
	const [first] = rows;
	const text = table(columns, rows);
	const fits = (text.split("\n")[1]?.length ?? 0) <= (width ?? 100);
	const isFlat = columns.every((column) => !(first?.[column] ?? "").includes("\n"));
	return first && rows.length === 1 && !(fits && isFlat)
		? vertical(columns, first)
		: table(columns, rows, width);
}
