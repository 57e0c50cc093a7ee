import {
	type Document,
	isAlias,
	isMap,
	isScalar,
	isSeq,
	type Node,
	parseDocument,
	type YAMLError,
} from "yaml";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type Source, type Span, textSource } from "../diagnostics/source.ts";
import type { TextFile } from "./files.ts";

/** A value of a YAML file with the place where it was written. */
export type Located =
	| {
			readonly kind: "scalar";
			readonly span: Span;
			readonly value: unknown;
			/** Whether it was written without quotes. */
			readonly plain: boolean;
	  }
	| { readonly kind: "list"; readonly span: Span; readonly items: readonly Located[] }
	| LocatedMap;

export interface LocatedMap {
	readonly kind: "map";
	readonly span: Span;
	readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
	readonly key: Span;
	readonly value: Located;
}

const CODE = "YAML_SYNTAX";

function yamlError(source: Source, error: YAMLError): Diagnostic {
	const [start, end] = error.pos;
	const span = { source, start, end };
	if (error.code === "TAB_AS_INDENT")
		return errorAt(span, CODE, "a tab cannot indent YAML", { hint: "use spaces" });
	if (error.code === "MULTIPLE_DOCS")
		return errorAt(span, CODE, "a second document begins here", { hint: "keep one per file" });
	if (error.code === "DUPLICATE_KEY") {
		const key = /^(?:"[^"]*"|'[^']*'|[^\s:,}]+)/.exec(source.text.slice(start))?.[0] ?? "";
		return errorAt(
			{ source, start, end: start + Math.max(1, key.length) },
			CODE,
			`${key} is written twice in this map`,
			{ hint: "keep one of them" },
		);
	}
	return errorAt(span, CODE, error.message.charAt(0).toLowerCase() + error.message.slice(1));
}

/** Reads one YAML document with its places. An empty one is an empty map. */
export function parseYaml(
	file: TextFile,
	report: (diagnostic: Diagnostic) => void,
): LocatedMap | undefined {
	const source = textSource(file.file, file.text);
	const document = parseDocument(file.text, { prettyErrors: false });
	const problems = [...document.errors, ...document.warnings];
	for (const problem of problems) report(yamlError(source, problem));
	if (problems.length > 0) return undefined;
	const whole: Span = { source, start: 0, end: 0 };
	const { contents } = document;
	if (contents === null || (isScalar(contents) && contents.value === null))
		return { kind: "map", span: whole, entries: new Map() };
	const tree = locateNode(source, document, contents as Node, whole, report);
	if (tree.kind === "map") return tree;
	report(errorAt(tree.span, CODE, "an environment is a map of keys and values"));
	return undefined;
}

function locateNode(
	source: Source,
	document: Document,
	node: Node | null,
	around: Span,
	report: (diagnostic: Diagnostic) => void,
): Located {
	const [start, end] = node?.range ?? [around.end, around.end];
	const span: Span = { source, start, end };
	if (isAlias(node)) {
		const target = node.resolve(document);
		if (target) return { ...locateNode(source, document, target, span, report), span };
		report(errorAt(span, CODE, `there is no anchor &${node.source}`));
		return { kind: "scalar", span, value: null, plain: true };
	}
	if (isSeq(node)) {
		const items = node.items.map((item) =>
			locateNode(source, document, item as Node | null, span, report),
		);
		return { kind: "list", span, items };
	}
	if (isMap(node)) {
		const entries = new Map<string, LocatedEntry>();
		for (const { key, value } of node.items) {
			const keyNode = key as Node;
			const [keyStart, keyEnd] = keyNode.range ?? [start, end];
			const keySpan: Span = { source, start: keyStart, end: keyEnd };
			if (!isScalar(keyNode)) {
				report(errorAt(keySpan, CODE, "a key is a word, not a list, map or alias"));
				continue;
			}
			const inner = locateNode(source, document, value as Node | null, keySpan, report);
			entries.set(String(keyNode.value), { key: keySpan, value: inner });
		}
		return { kind: "map", span, entries };
	}
	const scalar = isScalar(node) ? node : undefined;
	const plain = scalar?.type === undefined || scalar.type === "PLAIN";
	return { kind: "scalar", span, value: scalar?.value ?? null, plain };
}

/** `over` laid upon `under`: maps are merged deeply, everything else is replaced. */
export function mergeMaps(under: LocatedMap, over: LocatedMap): LocatedMap {
	const entries = new Map(under.entries);
	for (const [name, { key, value }] of over.entries) {
		const below = entries.get(name)?.value;
		const both = below?.kind === "map" && value.kind === "map";
		entries.set(name, { key, value: both ? mergeMaps(below, value) : value });
	}
	return { kind: "map", span: over.span, entries };
}

/** The values of a tree, without their places. */
export function plainValue(tree: Located): unknown {
	if (tree.kind === "scalar") return tree.value;
	if (tree.kind === "list") return tree.items.map(plainValue);
	return Object.fromEntries(
		[...tree.entries].map(([name, { value }]) => [name, plainValue(value)]),
	);
}

/** The node at a path, or the nearest one around it. */
export function nodeAt(tree: Located, path: readonly PropertyKey[]): Located {
	let node = tree;
	for (const step of path) {
		const next =
			node.kind === "map"
				? node.entries.get(String(step))?.value
				: node.kind === "list"
					? node.items[Number(step)]
					: undefined;
		if (!next) return node;
		node = next;
	}
	return node;
}

/** The key that a path ends in, as it was written. */
export function keyAt(tree: Located, path: readonly PropertyKey[]): Span | undefined {
	const map = nodeAt(tree, path.slice(0, -1));
	return map.kind === "map" ? map.entries.get(String(path.at(-1)))?.key : undefined;
}
