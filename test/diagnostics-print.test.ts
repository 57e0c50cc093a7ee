import { describe, expect, test } from "vitest";
import { type Diagnostic, errorAt, warningAt } from "../src/diagnostics/diagnostic.ts";
import { printDiagnostics } from "../src/diagnostics/print.ts";
import { textSource } from "../src/diagnostics/source.ts";

const print = (...diagnostics: Diagnostic[]) => printDiagnostics(diagnostics, { color: false });

function at(text: string, word: string, file = "sql/x.sql") {
	const start = text.indexOf(word);
	return { source: textSource(file, text), start, end: start + word.length };
}

test("shows place, line, caret, detail and help", () => {
	const text = "a\nb\ncreate table {{lak}};";
	const diagnostic = errorAt(at(text, "lak"), "UNDEFINED_VARIABLE", "lak is not defined", {
		detail: "first\nsecond",
		hint: "did you mean lake?",
	});
	expect(print(diagnostic)).toBe(`error[UNDEFINED_VARIABLE]: lak is not defined
 --> sql/x.sql:3:16
  |
3 | create table {{lak}};
  |                ^^^
  = first
  = second
  = help: did you mean lake?

1 error
`);
});

test("lines of a help stand under each other, with their own indentation", () => {
	const hint = "add to the file:\npermit:\n  - { hazard: COST }";
	expect(print(errorAt(undefined, "E", "nowhere", { hint }))).toBe(`error[E]: nowhere
 = help: add to the file:
         permit:
           - { hazard: COST }

1 error
`);
	expect(print(errorAt(at("abc", "b"), "E", "here", { hint: "one\ntwo" }))).toContain(
		"\n  = help: one\n          two\n",
	);
});

test("sorts errors before warnings, then by file and line, and counts them", () => {
	const text = "x\ny\nz";
	const shown = print(
		warningAt(at(text, "x", "a.sql"), "W", "first warning"),
		errorAt(at(text, "z", "b.sql"), "E", "second"),
		errorAt(at(text, "y", "b.sql"), "E", "first"),
		errorAt(undefined, "E", "nowhere"),
	);
	expect(shown.match(/^(error|warning).*$/gm)).toEqual([
		"error[E]: nowhere",
		"error[E]: first",
		"error[E]: second",
		"warning[W]: first warning",
	]);
	expect(shown.trimEnd().split("\n").at(-1)).toBe("3 errors, 1 warning");
	expect(print()).toBe("");
});

describe("the caret stands under its word", () => {
	const caretColumn = (shown: string) => {
		const lines = shown.split("\n");
		return { line: lines[3]?.slice(4), caret: lines[4]?.slice(4) };
	};

	test("after tabs", () => {
		const { line, caret } = caretColumn(print(errorAt(at("\tab\tcd", "cd"), "E", "e")));
		expect(line).toBe("    ab  cd");
		expect(caret).toBe("        ^^");
	});

	test("after wide characters, which take two columns", () => {
		const { caret } = caretColumn(print(errorAt(at("日本 cd", "cd"), "E", "e")));
		expect(caret).toBe("     ^^");
	});

	test("in a line that is too wide, which is cut around it", () => {
		const wide = `${"a".repeat(300)} HERE ${"b".repeat(300)}`;
		const { line = "", caret = "" } = caretColumn(print(errorAt(at(wide, "HERE"), "E", "e")));
		expect(line.length).toBeLessThanOrEqual(102);
		expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("HERE");
		expect(line.startsWith("…") && line.endsWith("…")).toBe(true);
	});

	test("at the end of a line", () => {
		const source = textSource("a.sql", "ab");
		const { caret } = caretColumn(print(errorAt({ source, start: 2, end: 2 }, "E", "e")));
		expect(caret).toBe("  ^");
	});
});

test("colour only when asked for", () => {
	const csi = "\u001b[";
	const diagnostic = errorAt(undefined, "E", "e");
	expect(print(diagnostic)).not.toContain(csi);
	expect(printDiagnostics([diagnostic], { color: true })).toContain(`${csi}31m`);
});
