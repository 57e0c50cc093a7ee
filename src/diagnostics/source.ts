/** Where a piece of text came from, in the file a person wrote: 1-based line and column. */
export interface Location {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	/** The whole line, for showing with a caret. */
	readonly lineText: string;
	/** How many characters the caret underlines; at least 1, never past the line's end. */
	readonly length: number;
}

/**
 * Text together with the way back to what a person wrote.
 *
 * For a plain file `locate` counts lines; for a rendered template it goes through the line map,
 * so everything after rendering can speak of offsets in the SQL and still point into the template.
 */
export interface Source {
	readonly file: string;
	readonly text: string;
	/** Offsets where a mistake in the template left a placeholder in place of a value. */
	readonly gaps?: readonly number[];
	locate(start: number, end: number): Location;
}

/** A stretch of a source: offsets into `source.text`, `end` exclusive. */
export interface Span {
	readonly source: Source;
	readonly start: number;
	readonly end: number;
}

/** The location of offsets in a text that is its own original. */
export function locateIn(file: string, text: string, start: number, end: number): Location {
	const at = Math.max(0, Math.min(start, text.length));
	const lineStart = text.lastIndexOf("\n", at - 1) + 1;
	const next = text.indexOf("\n", lineStart);
	const lineEnd = next < 0 ? text.length : next;
	const lineText = text.slice(lineStart, lineEnd).replace(/\r$/, "");
	let line = 1;
	for (let i = text.indexOf("\n"); i >= 0 && i < lineStart; i = text.indexOf("\n", i + 1)) line++;
	const length = Math.max(1, Math.min(end, lineStart + lineText.length) - at);
	return { file, line, column: at - lineStart + 1, lineText, length };
}

/** A source whose text is exactly the file's content. */
export function textSource(file: string, text: string): Source {
	return { file, text, locate: (start, end) => locateIn(file, text, start, end) };
}

/** The location of a span in the file a person wrote. */
export function locate(span: Span): Location {
	return span.source.locate(span.start, span.end);
}
