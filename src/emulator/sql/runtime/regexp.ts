import { SnowflakeError } from "../../error.ts";

/** Classes of POSIX that JavaScript has no name for. */
const CLASSES: Readonly<Record<string, string>> = {
	alnum: "A-Za-z0-9",
	alpha: "A-Za-z",
	blank: " \\t",
	cntrl: "\\x00-\\x1f\\x7f",
	digit: "0-9",
	graph: "\\x21-\\x7e",
	lower: "a-z",
	print: "\\x20-\\x7e",
	punct: "!-\\/:-@\\[-`{-~",
	space: "\\s",
	upper: "A-Z",
	word: "\\w",
	xdigit: "0-9A-Fa-f",
};

const compiled = new Map<string, RegExp>();

/**
 * A pattern as a regular expression. Parameters: c case-sensitive, i not, m ^ and $ at every line, s dot takes newlines.
 * https://docs.snowflake.com/en/sql-reference/functions-regexp
 */
export function regularExpression(pattern: string, parameters: string): RegExp {
	const key = `${parameters}/${pattern}`;
	const known = compiled.get(key);
	if (known) return known;
	// Of c and i the last one counts.
	const insensitive = parameters.lastIndexOf("i") > parameters.lastIndexOf("c");
	const flags = `g${insensitive ? "i" : ""}${parameters.includes("m") ? "m" : ""}${parameters.includes("s") ? "s" : ""}`;
	const source = pattern.replaceAll(/\[:(\w+):\]/g, (whole, name) => CLASSES[name] ?? whole);
	try {
		const made = new RegExp(source, flags);
		compiled.set(key, made);
		return made;
	} catch {
		throw new SnowflakeError("100048", "2201B", `Invalid regular expression: '${pattern}'`);
	}
}

/** All matches from a position (from 1) on. */
function matches(text: string, pattern: string, position: number, parameters: string) {
	const expression = regularExpression(pattern, parameters);
	return [...text.slice(position - 1).matchAll(expression)];
}

/** REGEXP_LIKE and RLIKE: the whole text must match. */
export function regexpLike(text: string, pattern: string, parameters: string): boolean {
	const expression = regularExpression(`^(?:${pattern})$`, parameters.replaceAll("m", ""));
	return text.search(expression) >= 0;
}

/** REGEXP_REPLACE: `\1` in the replacement is what the first group matched; occurrence 0 is all of them. */
export function regexpReplace(
	text: string,
	pattern: string,
	replacement: string,
	position: number,
	occurrence: number,
	parameters: string,
): string {
	const expression = regularExpression(pattern, parameters);
	let seen = 0;
	const start = text.slice(0, position - 1);
	const rest = text.slice(position - 1).replace(expression, (...found) => {
		seen++;
		if (occurrence !== 0 && seen !== occurrence) return String(found[0]);
		return replacement.replaceAll(/\\(\d)/g, (_, group) => String(found[Number(group)] ?? ""));
	});
	return start + rest;
}

/** REGEXP_SUBSTR: the match, or one of its groups with `e` or a group number. */
export function regexpSubstring(
	text: string,
	pattern: string,
	position: number,
	occurrence: number,
	parameters: string,
	group: number | null,
): string | null {
	const match = matches(text, pattern, position, parameters)[occurrence - 1];
	if (!match) return null;
	const wanted = group ?? (parameters.includes("e") && match.length > 1 ? 1 : 0);
	return match[wanted] ?? null;
}

/** REGEXP_COUNT. */
export function regexpCount(
	text: string,
	pattern: string,
	position: number,
	parameters: string,
): number {
	return matches(text, pattern, position, parameters).length;
}

/** What REGEXP_INSTR is asked beside its pattern. */
interface Sought {
	readonly position: number;
	readonly occurrence: number;
	/** Where the match ends rather than where it begins. */
	readonly after: boolean;
	readonly parameters: string;
	readonly group: number | null;
}

/** REGEXP_INSTR: where the match or one of its groups begins, from 1; 0 when there is none. */
export function regexpPosition(text: string, pattern: string, sought: Sought): number {
	const { position, occurrence, after, parameters, group } = sought;
	const plain = regularExpression(pattern, parameters);
	const expression = new RegExp(plain.source, `${plain.flags}d`);
	const match = [...text.slice(position - 1).matchAll(expression)][occurrence - 1];
	if (!match) return 0;
	const wanted = group ?? (parameters.includes("e") && match.length > 1 ? 1 : 0);
	const [start = 0, end = 0] = match.indices?.[wanted] ?? [];
	return (after ? end : start) + position;
}
