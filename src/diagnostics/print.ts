import { Chalk, type ChalkInstance } from "chalk";
import { compareText } from "../model/compare.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Location } from "./source.ts";

const TAB = 4;
const WIDTH = 100;

const ORDER: Readonly<Record<Diagnostic["severity"], number>> = { error: 0, warning: 1, notice: 2 };

/** Errors first, then by place; those without a place come before those with one. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
	return [...diagnostics].sort(
		(a, b) =>
			ORDER[a.severity] - ORDER[b.severity] ||
			compareText(a.at?.file ?? "", b.at?.file ?? "") ||
			(a.at?.line ?? 0) - (b.at?.line ?? 0) ||
			(a.at?.column ?? 0) - (b.at?.column ?? 0),
	);
}

/** `3 errors, 1 warning`; severities that do not occur are left out. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
	return (["error", "warning", "notice"] as const)
		.map((severity) => {
			const count = diagnostics.filter((d) => d.severity === severity).length;
			return count === 0 ? "" : `${count} ${severity}${count === 1 ? "" : "s"}`;
		})
		.filter((text) => text !== "")
		.join(", ");
}

/** East Asian wide characters and emoji take two columns of a terminal. */
function isWide(char: string): boolean {
	return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
		char,
	);
}

/** How many columns a character takes when it begins in this one. */
function columns(char: string, column: number): number {
	if (char === "\t") return TAB - (column % TAB);
	if (/\p{M}|\u200d/u.test(char)) return 0;
	return isWide(char) ? 2 : 1;
}

/** Text as a terminal shows it: tabs as spaces, other control characters as a dot. */
function expand(text: string, from = 0): { readonly shown: string; readonly width: number } {
	let shown = "";
	let column = from;
	for (const char of text) {
		const width = columns(char, column);
		shown += char === "\t" ? " ".repeat(width) : /\p{Cc}/u.test(char) ? "·" : char;
		column += width;
	}
	return { shown, width: column - from };
}

/** The line and the caret under it; a line that is too wide is cut around the caret. */
function excerpt({ lineText, column, length }: Location): { line: string; caret: string } {
	const start = Math.min(column - 1, lineText.length);
	let before = lineText.slice(0, start);
	let marked = lineText.slice(start, start + length);
	let after = lineText.slice(start + length);
	if (expand(lineText).width > WIDTH) {
		const head = [...before];
		const tail = [...after];
		if (head.length > WIDTH / 2) before = `…${head.slice(-WIDTH / 2).join("")}`;
		const middle = [...marked];
		if (middle.length > WIDTH / 2) marked = `${middle.slice(0, WIDTH / 2).join("")}…`;
		const room = Math.max(0, WIDTH - expand(before + marked).width);
		if (tail.length > room) after = `${tail.slice(0, room).join("")}…`;
	}
	const first = expand(before);
	const second = expand(marked, first.width);
	const third = expand(after, first.width + second.width);
	return {
		line: `${first.shown}${second.shown}${third.shown}`.trimEnd(),
		caret: " ".repeat(first.width) + "^".repeat(Math.max(1, second.width)),
	};
}

function printOne(diagnostic: Diagnostic, chalk: ChalkInstance): string {
	const { severity, code, summary, detail, hint, at } = diagnostic;
	const tone =
		severity === "error" ? chalk.red : severity === "warning" ? chalk.yellow : chalk.cyan;
	const gutter = at ? " ".repeat(String(at.line).length) : "";
	const lines = [`${tone.bold(`${severity}[${code}]`)}${chalk.bold(`: ${summary}`)}`];
	if (at) {
		const { line, caret } = excerpt(at);
		lines.push(
			`${gutter}${chalk.blue("-->")} ${at.file}:${at.line}:${at.column}`,
			chalk.blue(`${gutter} |`),
			`${chalk.blue(`${at.line} |`)} ${line}`.trimEnd(),
			`${chalk.blue(`${gutter} |`)} ${tone(caret)}`,
		);
	}
	for (const line of detail?.split("\n") ?? []) lines.push(`${gutter} ${chalk.blue("=")} ${line}`);
	if (hint !== undefined) {
		const [first = "", ...rest] = hint.split("\n");
		lines.push(`${gutter} ${chalk.blue("=")} ${chalk.bold("help")}: ${first}`);
		const under = " ".repeat(`${gutter} = help: `.length);
		for (const line of rest) lines.push(`${under}${line}`.trimEnd());
	}
	if (diagnostic.paste !== undefined) lines.push("", diagnostic.paste);
	return lines.join("\n");
}

/** Diagnostics for people: each with its line and a caret, errors first, and how many there are in the last line. */
export function printDiagnostics(
	diagnostics: readonly Diagnostic[],
	{ color }: { readonly color: boolean },
): string {
	if (diagnostics.length === 0) return "";
	const chalk = new Chalk({ level: color ? 1 : 0 });
	const blocks = sortDiagnostics(diagnostics).map((diagnostic) => printOne(diagnostic, chalk));
	return `${[...blocks, countDiagnostics(diagnostics)].join("\n\n")}\n`;
}
