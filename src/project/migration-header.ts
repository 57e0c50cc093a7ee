import { type Diagnostic, errorAt, warningAt } from "../diagnostics/diagnostic.ts";
import { didYouMean, nearest } from "../diagnostics/nearest.ts";
import type { Source, Span } from "../diagnostics/source.ts";
import { parseName, type QualifiedName } from "../model/identifier.ts";

/** A name in a `-- touches:` comment, as far as it is qualified there. */
export interface TouchedName {
	readonly name: QualifiedName;
	readonly span: Span;
}

/** What the comments of a migration say about it. */
export interface MigrationHeader {
	/** Whether it runs before or after the declarative changes. */
	readonly phase: "before" | "after";
	/** What happens in an environment without migration records; decided by its phase and objects when absent. */
	readonly newEnvironment?: "run" | "skip";
	/** What it changes where its statements do not tell. */
	readonly touches: readonly TouchedName[];
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
	phase: ["before", "after"],
	"new environment": ["run", "skip"],
};
const KEYS = [...Object.keys(VALUES), "touches"];

interface Line {
	readonly key: string;
	readonly keySpan: Span;
	readonly value: string;
	readonly valueSpan: Span;
	/** Whether only comments and blank lines stand before it. */
	readonly inHeader: boolean;
}

/** The `-- key: value` lines of a text. */
function* commentLines(source: Source): Generator<Line> {
	let start = 0;
	let inHeader = true;
	for (const text of source.text.split("\n")) {
		const match = /^(\s*--\s*)([A-Za-z][A-Za-z ]*?)(\s*:\s*)(.*?)\s*$/.exec(text);
		if (match) {
			const [, lead = "", key = "", colon = "", value = ""] = match;
			const keyStart = start + lead.length;
			const valueStart = keyStart + key.length + colon.length;
			yield {
				key: key.toLowerCase().replace(/\s+/g, " "),
				keySpan: { source, start: keyStart, end: keyStart + key.length },
				value,
				valueSpan: { source, start: valueStart, end: valueStart + Math.max(1, value.length) },
				inHeader,
			};
		} else if (!/^\s*(--.*)?$/.test(text)) inHeader = false;
		start += text.length + 1;
	}
}

/** The names of a list such as `LAKE.S.A, "odd, name"`, with their places. */
function touched(line: Line, report: (diagnostic: Diagnostic) => void): readonly TouchedName[] {
	const names: TouchedName[] = [];
	for (const match of line.value.matchAll(/(?:"(?:[^"]|"")*"|[^,"]|")+/g)) {
		const text = match[0].trim();
		const start = line.valueSpan.start + match.index + match[0].indexOf(text);
		const span = { ...line.valueSpan, start, end: start + Math.max(1, text.length) };
		const name = parseName(text);
		if (name && name.length <= 3) names.push({ name, span });
		else
			report(
				errorAt(span, "WRONG_VALUE", `${text === "" ? "nothing" : text} is not a name`, {
					hint: "write names separated by commas, such as -- touches: LAKE.SILVER.ORDERS",
				}),
			);
	}
	if (names.length === 0 && line.value === "")
		report(errorAt(line.keySpan, "WRONG_VALUE", "touches names no object"));
	return names;
}

/**
 * Reads the comments that steer a migration: `phase` and `new environment` at its top, `touches` anywhere.
 * A wrong value is an error. Any other comment is prose, but one that looks like a misspelt key is warned about.
 */
export function parseMigrationHeader(
	source: Source,
	report: (diagnostic: Diagnostic) => void,
): MigrationHeader {
	const found = new Map<string, string>();
	const touches: TouchedName[] = [];
	for (const line of commentLines(source)) {
		const { key, keySpan, value, valueSpan, inHeader } = line;
		if (key === "touches") {
			touches.push(...touched(line, report));
			continue;
		}
		const values = VALUES[key];
		if (!values) {
			const guess = inHeader && value !== "" ? nearest(key, KEYS) : undefined;
			if (guess !== undefined)
				report(
					warningAt(keySpan, "UNKNOWN_HEADER", `${key} means nothing here`, {
						hint: `did you mean ${guess}?`,
					}),
				);
		} else if (!inHeader) {
			if (values.includes(value.toLowerCase()))
				report(
					errorAt(keySpan, "MISPLACED_HEADER", `${key} stands after the first statement`, {
						hint: "move it to the top of the file",
					}),
				);
		} else if (!values.includes(value.toLowerCase())) {
			const guess = didYouMean(value, values);
			report(
				errorAt(
					valueSpan,
					"WRONG_VALUE",
					`${key} is ${values.join(" or ")}, not ${value || "nothing"}`,
					guess,
				),
			);
		} else if (found.has(key)) {
			report(errorAt(keySpan, "WRONG_VALUE", `${key} is written twice`));
		} else found.set(key, value.toLowerCase());
	}
	const newEnvironment = found.get("new environment");
	return {
		phase: found.get("phase") === "after" ? "after" : "before",
		...(newEnvironment === "run" || newEnvironment === "skip" ? { newEnvironment } : {}),
		touches,
	};
}
