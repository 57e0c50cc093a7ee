import type { Span } from "../../diagnostics/source.ts";
import type { Comment } from "../../parse/lexer.ts";

/** The text with its comments blanked out, so that offsets stay. */
function withoutComments(text: string, comments: readonly Comment[]): string {
	return comments.reduce(
		(rest, { start, end }) =>
			rest.slice(0, start) + rest.slice(start, end).replaceAll(/[^\n]/g, " ") + rest.slice(end),
		text,
	);
}

/**
 * The comments that speak of a stretch of SQL: those within it, the one behind it on its last line (also
 * behind a comma), and those that stand alone on the lines right above it.
 */
export function commentsNear(comments: readonly Comment[], span: Span): readonly Comment[] {
	if (comments.length === 0) return [];
	const text = withoutComments(span.source.text, comments);
	return comments.filter((comment) => {
		if (comment.start >= span.start && comment.end <= span.end) return true;
		if (comment.start >= span.end)
			return /^[ \t]*,?[ \t)]*$/.test(text.slice(span.end, comment.start));
		const line = text.slice(text.lastIndexOf("\n", comment.start) + 1, comment.start);
		const between = text.slice(comment.end, span.start);
		const paragraph = /\n[ \t]*\n/.test(span.source.text.slice(comment.end, span.start));
		return line.trim() === "" && /^[\s,]*$/.test(between) && !paragraph;
	});
}
