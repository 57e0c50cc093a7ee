import fc from "fast-check";
import Handlebars from "handlebars";
import { expect, test } from "vitest";
import type { Location } from "../src/diagnostics/source.ts";
import { render } from "../src/render/render.ts";
import type { Template } from "../src/render/template.ts";

/** Content of a template; each `c` becomes a character that occurs nowhere else. */
type Content = readonly string[];
interface Node {
	readonly type: string;
	readonly content?: Content;
	readonly open?: string;
	readonly close?: string;
	readonly body?: readonly Node[];
	readonly other?: readonly Node[] | undefined;
	readonly name?: string;
}

const strip = fc.constantFrom("", "", "", "~");
const content = fc.array(
	fc.constantFrom("c", "c", "c", " ", "\t", "\n", "\n", "\r\n", "\\{{c}}", "{ ", " }} "),
	{ maxLength: 6 },
);

const tree = (partials: readonly string[]) =>
	fc.letrec<{ nodes: readonly Node[]; node: Node }>((tie) => ({
		nodes: fc.array(tie("node"), { maxLength: 4, depthIdentifier: "template" }),
		node: fc.oneof(
			{ depthIdentifier: "template", depthSize: "small", withCrossShrink: true },
			fc.record({ type: fc.constant("content"), content }),
			fc.record({
				type: fc.constantFrom("value", "raw", "lines", "empty", "comment", "helper"),
				open: strip,
				close: strip,
			}),
			fc.record({
				type: fc.constantFrom("if", "unless", "each", "nothing", "with", "params", "section"),
				open: strip,
				close: strip,
				body: tie("nodes"),
				other: fc.option(tie("nodes"), { nil: undefined }),
			}),
			...(partials.length > 0
				? [
						fc.record({
							type: fc.constantFrom("partial", "standalone", "dynamic"),
							name: fc.constantFrom(...partials),
							open: strip,
							close: strip,
						}),
						fc.record({
							type: fc.constant("layout"),
							name: fc.constantFrom(...partials),
							open: strip,
							close: strip,
							body: tie("nodes"),
						}),
					]
				: []),
		),
	})).nodes;

/** A model of a template as text, with characters from `next` where it says `c`. */
function write(nodes: readonly Node[], next: () => string): string {
	return nodes.map((node) => writeNode(node, next)).join("");
}

const SIMPLE: Readonly<Record<string, string>> = {
	value: "@root.v",
	raw: "{@root.v}",
	lines: "@root.lines",
	empty: "@root.empty",
	comment: "! a comment ",
	helper: "literal @root.v",
};
const BLOCKS: Readonly<Record<string, readonly [string, string]>> = {
	if: ["#if @root.yes", "if"],
	unless: ["#unless @root.yes", "unless"],
	each: ["#each @root.xs", "each"],
	nothing: ["#each @root.none", "each"],
	with: ["#with @root.map", "with"],
	params: ["#each @root.xs as |x i|", "each"],
	section: ["#@root.xs", "@root.xs"],
};

function writeNode(node: Node, next: () => string): string {
	const { type, open = "", close = "", name } = node;
	const tag = (inner: string) => `{{${open}${inner}${close}}}`;
	const simple = SIMPLE[type];
	if (simple !== undefined) return tag(simple);
	if (node.content) return node.content.map((c) => c.replace(/c/g, next)).join("");
	if (type === "partial") return tag(`> ${name}`);
	if (type === "dynamic") return tag(`> (lookup @root.names "${name}")`);
	if (type === "standalone") return `\n \t${tag(`> ${name}`)}\n`;
	const body = write(node.body ?? [], next);
	if (type === "layout") return `${tag(`#> ${name}`)}${body}${tag(`/${name}`)}`;
	const [start, end] = BLOCKS[type] ?? ["", ""];
	const other = node.other ? `${tag("else")}${write(node.other, next)}` : "";
	return `${tag(start)}${body}${other}${tag(`/${end}`)}`;
}

const variables = {
	v: "12'3",
	lines: "45\n67\n",
	empty: "",
	yes: true,
	xs: [{ a: 1 }, { a: 2 }],
	none: [],
	map: { a: 1 },
	names: { p0: "p0", p1: "p1" },
};

/** Main template, then partials; a partial only uses those after it, and may put the block it was given. */
const project = fc
	.tuple(tree(["p0", "p1"]), tree(["p1"]), tree([]), fc.boolean(), fc.boolean())
	.map(([main, p0, p1, block0, block1]) => {
		let code = 0x4e00;
		const next = () => String.fromCharCode(code++);
		const block = "{{#if (defined @partial-block)}}{{> @partial-block}}{{/if}}";
		const text = write(main, next);
		const text0 = write(p0, next) + (block0 ? `${next()}${block}` : "");
		const text1 = (block1 ? `${block}\n${next()}` : "") + write(p1, next);
		return new Map([
			["main.sql", text],
			["p0", text0],
			["p1", text1],
		]);
	});

function offsetOf(text: string, { line, column }: Location): number {
	let start = 0;
	for (let n = 1; n < line; n++) start = text.indexOf("\n", start) + 1;
	return start + column - 1;
}

function renderProject(files: ReadonlyMap<string, string>) {
	const template = (file: string): Template => ({ file, text: files.get(file) ?? "" });
	return render(template("main.sql"), {
		variables,
		environment: "test",
		partials: new Map(["p0", "p1"].map((name) => [name, template(name)])),
	});
}

function renderByHandlebars(files: ReadonlyMap<string, string>): string {
	const env = Handlebars.create();
	env.registerHelper("literal", (value: string) => `'${value.replaceAll("'", "''")}'`);
	env.registerHelper("defined", (value: unknown) => value !== undefined);
	for (const name of ["p0", "p1"])
		env.registerPartial(name, env.compile(files.get(name) ?? "", { noEscape: true }));
	const text = files.get("main.sql") ?? "";
	return env.compile(text, { noEscape: true })({ ...variables, environment: "test" });
}

test("renders the same text as Handlebars itself", () => {
	fc.assert(
		fc.property(project, (files) => {
			const { source, diagnostics } = renderProject(files);
			expect(diagnostics).toEqual([]);
			expect(source.text).toBe(renderByHandlebars(files));
		}),
		{ numRuns: 1000 },
	);
});

test("every character of content leads back to itself, every other to its expression", () => {
	fc.assert(
		fc.property(project, (files) => {
			const { source } = renderProject(files);
			for (let at = 0; at < source.text.length; at++) {
				const location = source.locate(at, at + 1);
				const text = files.get(location.file) ?? "";
				const offset = offsetOf(text, location);
				const there = text.slice(offset, offset + location.length);
				if (text[offset] === source.text[at] && !/^\{\{[~{]*(@root|literal)/.test(there)) continue;
				expect(there).toMatch(/^\{\{~?(\{?@root\.(v|lines)\}?|literal @root.v)~?\}\}$/);
				expect(source.text[at]).toMatch(/[1-7'\n]/);
			}
		}),
		{ numRuns: 1000 },
	);
});

test("without loops and partials the way back never goes backwards", () => {
	const plain = tree([]).map((nodes) => {
		let code = 0x4e00;
		const once = nodes.filter(({ type }) => !["each", "params", "section"].includes(type));
		return write(once, () => String.fromCharCode(code++)).replace(
			/#each @root\.xs( as \|x i\|)?|#@root\.xs/g,
			(tag) => (tag.startsWith("#@") ? "#@root.map" : "#each @root.none"),
		);
	});
	fc.assert(
		fc.property(plain, (written) => {
			const text = written.replaceAll("/@root.xs", "/@root.map");
			const { source } = renderProject(new Map([["main.sql", text]]));
			let last = -1;
			for (let at = 0; at < source.text.length; at++) {
				const location = source.locate(at, at + 1);
				const offset = offsetOf(text, location);
				expect(offset).toBeGreaterThanOrEqual(last);
				last = location.length > 1 ? offset : offset + 1;
			}
		}),
		{ numRuns: 500 },
	);
});

test("a span over several stretches begins and ends in the template", () => {
	const text = "create table {{t}} (\n  id int{{c}}\n);";
	const { source } = render(
		{ file: "a.sql", text },
		{ variables: { t: "orders_of_the_year", c: "" }, environment: "x", partials: new Map() },
	);
	const start = source.text.indexOf("table");
	const end = source.text.indexOf("(") + 1;
	expect(source.locate(start, end)).toEqual({
		file: "a.sql",
		line: 1,
		column: 8,
		lineText: "create table {{t}} (",
		length: "table {{t}} (".length,
	});
	const end2 = source.text.length;
	expect(source.locate(end2, end2)).toMatchObject({ line: 3, column: 3, length: 1 });
});
