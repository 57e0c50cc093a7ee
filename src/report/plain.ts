function words(markdown: string): string {
	return markdown
		.replace(/\*\*([^*]+)\*\*/g, "$1")
		.replaceAll("`", "")
		.replaceAll("\\|", "|");
}

/** A table's rows with their columns under each other; empty columns and the rule are left out. */
function aligned(lines: readonly string[]): readonly string[] {
	const rows = lines
		.filter((line) => !/^\|[-|\s:]+$/.test(line))
		.map((line) =>
			line
				.slice(1, line.lastIndexOf("|"))
				.split(/(?<!\\)\|/)
				.map((cell) => words(cell.trim())),
		);
	const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	return rows.map((row) =>
		row
			.flatMap((cell, i) => (widths[i] ? [cell.padEnd(widths[i])] : []))
			.join("  ")
			.trimEnd(),
	);
}

/** A page of docs/ for a terminal: its tables aligned, without the marks of Markdown. */
export function plain(markdown: string): string {
	const out: string[] = [];
	let rows: string[] = [];
	for (const line of [...markdown.trimEnd().split("\n"), ""]) {
		if (line.startsWith("|")) {
			rows.push(line);
			continue;
		}
		out.push(...aligned(rows), words(line.replace(/^#+ /, "")));
		rows = [];
	}
	return out.join("\n").trimEnd();
}
