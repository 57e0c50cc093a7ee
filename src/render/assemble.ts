import { type Location, locate, type Source } from "../diagnostics/source.ts";

/** A stretch of rendered text and where it came from. */
export interface Run {
	readonly text: string;
	/** The file it came from. */
	readonly origin: Source;
	readonly start: number;
	readonly end: number;
	/** Whether character n of the text is character `start + n` of the origin; otherwise all of it came from all of that stretch. */
	readonly exact: boolean;
	/** The name of the secret this stretch stands for. */
	readonly secret?: string;
	/** Stands for a value that there is none of. */
	readonly gap?: boolean;
}

/** What rendering leaves in order: text, and the ends of partials, whose lines may be indented. */
export type Piece =
	| { readonly kind: "run"; readonly run: Run }
	| { readonly kind: "open"; readonly indent: Run | undefined }
	| { readonly kind: "close" };

/** The runs of a partial with its indentation before every line but an empty last one, as Handlebars does it. */
function indentLines(runs: readonly Run[], indent: Run): readonly Run[] {
	const result: Run[] = [];
	let lineStart = true;
	for (const run of runs) {
		let from = 0;
		while (from < run.text.length) {
			if (lineStart) result.push(indent);
			const newline = run.text.indexOf("\n", from);
			const to = newline < 0 ? run.text.length : newline + 1;
			result.push(
				run.exact
					? { ...run, text: run.text.slice(from, to), start: run.start + from, end: run.start + to }
					: { ...run, text: run.text.slice(from, to) },
			);
			lineStart = newline >= 0;
			from = to;
		}
	}
	return result;
}

/** Lays the pieces out as runs, partials indented. */
function layOut(pieces: readonly Piece[]): readonly Run[] {
	const outer: { runs: Run[]; indent: Run | undefined }[] = [];
	let runs: Run[] = [];
	for (const piece of pieces) {
		if (piece.kind === "run") {
			if (piece.run.text !== "") runs.push(piece.run);
		} else if (piece.kind === "open") {
			outer.push({ runs, indent: piece.indent });
			runs = [];
		} else {
			const partial = outer.pop();
			if (!partial) continue;
			const inner = partial.indent ? indentLines(runs, partial.indent) : runs;
			for (const run of inner) partial.runs.push(run);
			runs = partial.runs;
		}
	}
	return runs;
}

/** Rendered text whose every character knows its place in a template, and the secrets in it. */
export function assemble(
	template: Source,
	pieces: readonly Piece[],
): { source: Source; secrets: readonly { name: string; offset: number }[] } {
	const runs = layOut(pieces);
	const starts: number[] = [];
	const secrets: { name: string; offset: number }[] = [];
	const gaps: number[] = [];
	let length = 0;
	for (const run of runs) {
		starts.push(length);
		if (run.gap) gaps.push(length);
		if (run.secret !== undefined) secrets.push({ name: run.secret, offset: length });
		length += run.text.length;
	}
	/** The run that holds a rendered offset; the last run for the end of the text. */
	const runAt = (offset: number): number => {
		let low = 0;
		let high = starts.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((starts[middle] as number) <= offset) low = middle;
			else high = middle - 1;
		}
		return low;
	};
	const locateRendered = (start: number, end: number): Location => {
		const at = Math.max(0, Math.min(start, length));
		const index = runAt(at);
		const run = runs[index];
		if (!run) return template.locate(0, 0);
		const from = run.exact ? run.start + at - (starts[index] as number) : run.start;
		const lastIndex = runAt(Math.max(at, Math.min(end, length) - 1));
		const last = runs[lastIndex] as Run;
		const to = last.exact
			? last.start + Math.max(at, Math.min(end, length) - 1) - (starts[lastIndex] as number) + 1
			: last.end;
		const same = last.origin === run.origin && to > from;
		return locate({ source: run.origin, start: from, end: same ? to : run.end });
	};
	return {
		source: {
			file: template.file,
			text: runs.map((run) => run.text).join(""),
			...(gaps.length > 0 && { gaps }),
			locate: locateRendered,
		},
		secrets,
	};
}
