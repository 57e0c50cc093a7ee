import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Piece, Run } from "./assemble.ts";
import { BLOCK_HELPERS, HELPER_NAMES, INLINE_HELPERS } from "./helpers.ts";
import { HOOKS, type TemplateNode } from "./nodes.ts";
import {
	asPath,
	type Call,
	emptyHash,
	hook,
	hookPath,
	isSimple,
	number,
	type Path,
	statement,
} from "./syntax.ts";
import type { ParsedTemplate } from "./template.ts";

/** What instrumenting a template adds to: the tables its markers index, and the mistakes found without running it. */
export interface Instrumentation {
	readonly nodes: TemplateNode[];
	readonly pieces: Piece[];
	readonly partialNames: ReadonlySet<string>;
	report(diagnostic: Diagnostic): void;
}

/**
 * The template's syntax tree, changed so that running it writes nothing but markers, `12,` for piece 12.
 *
 * Text becomes the marker of a piece that is known beforehand; what an expression yields is put into a piece when
 * it is known. No text of the template or of a variable is therefore in Handlebars' output, nothing can be mistaken
 * for a marker, and the pieces in the order of the markers are the rendered text with its origins. Every path is
 * looked up step by step by a hook of ours, which knows the place of the path and so can say what is undefined where.
 * (Handlebars' own strict mode lets helper arguments, block conditions and partial arguments through.)
 */
export function instrument(parsed: ParsedTemplate, into: Instrumentation): hbs.AST.Program {
	const { source } = parsed;

	const addNode = (node: TemplateNode): number => into.nodes.push(node) - 1;
	const written = (node: { loc: hbs.AST.SourceLocation }): string => {
		const { start, end } = parsed.span(node);
		return source.text.slice(start, end);
	};
	const place = (node: hbs.AST.Node): number =>
		addNode({ kind: "place", span: parsed.span(node), written: written(node) });
	const mistake = (
		node: hbs.AST.Node,
		code: string,
		summary: string,
		extra: { hint?: string } = {},
	): void => into.report(errorAt(parsed.span(node), code, summary, extra));

	function lookUp(path: Path, scope: readonly string[], asked: boolean): hbs.AST.Expression {
		const span = parsed.span(path);
		const id = addNode({ kind: "path", span, path, blockParams: scope, asked });
		const steps = path.parts.map((_, i) => ({ ...path, parts: path.parts.slice(0, i + 1) }));
		const context: Path = { ...path, data: false, parts: [] };
		return hook(HOOKS.get, path, [number(id, path), context, ...steps]);
	}

	/** An expression that yields a value, with everything in it checked. */
	function value(
		node: hbs.AST.Expression,
		scope: readonly string[],
		asked = false,
	): hbs.AST.Expression {
		if (node.type === "PathExpression") return lookUp(node as Path, scope, asked);
		if (node.type === "SubExpression") return call(node as hbs.AST.SubExpression, scope, asked);
		if (node.type === "UndefinedLiteral")
			mistake(node, "UNDEFINED_VARIABLE", "undefined is never defined");
		return node;
	}

	function hashOf(
		node: hbs.AST.Node & { hash?: hbs.AST.Hash },
		scope: readonly string[],
	): hbs.AST.Hash {
		if (!node.hash) return emptyHash(node);
		const pairs = node.hash.pairs.map((pair) => ({ ...pair, value: value(pair.value, scope) }));
		return { ...node.hash, pairs };
	}

	function checkOptions(node: Call, name: string, options: readonly string[]): void {
		for (const pair of node.hash?.pairs ?? [])
			if (!options.includes(pair.key))
				mistake(
					pair,
					"HELPER_ARGUMENT",
					`${name} has no option ${pair.key}`,
					didYouMean(pair.key, options),
				);
	}

	/** A call of an inline helper; a call that cannot be made is reported and yields nothing. */
	function call(
		node: hbs.AST.Node & Call,
		scope: readonly string[],
		asked: boolean,
	): hbs.AST.Expression {
		const path = asPath(node.path);
		const name = isSimple(path) ? (path.parts[0] as string) : path.original;
		const nothing: hbs.AST.Expression = { type: "UndefinedLiteral", loc: node.loc };
		const helper = isSimple(path) ? INLINE_HELPERS.get(name) : undefined;
		if (!helper) {
			const block = BLOCK_HELPERS.get(name);
			if (block)
				mistake(path, "UNKNOWN_HELPER", `${name} opens a block`, {
					hint: `write ${block.usage}`,
				});
			else unknownHelper(path, name);
			return nothing;
		}
		checkOptions(node, name, helper.options);
		if (node.params.length !== helper.parameters) {
			const plural = helper.parameters === 1 ? "argument" : "arguments";
			mistake(
				node,
				"HELPER_ARGUMENT",
				`${name} takes ${helper.parameters} ${plural}, not ${node.params.length}`,
				{ hint: `write ${helper.usage}` },
			);
			return nothing;
		}
		const params = node.params.map((param) => value(param, scope, name === "defined"));
		const id = addNode({ kind: "call", span: parsed.span(node), helper, asked });
		return hook(HOOKS.call, node, [number(id, node), ...params], hashOf(node, scope));
	}

	function unknownHelper(node: hbs.AST.Node, name: string): void {
		const guess = didYouMean(name, HELPER_NAMES);
		mistake(node, "UNKNOWN_HELPER", `there is no helper ${name}`, {
			hint: guess.hint ?? `the helpers are ${HELPER_NAMES.join(", ")}`,
		});
	}

	function mustache(
		node: hbs.AST.MustacheStatement,
		scope: readonly string[],
	): hbs.AST.Statement[] {
		const path = asPath(node.path);
		const name = path.parts[0] ?? "";
		const isCall =
			node.params.length > 0 ||
			node.hash !== undefined ||
			(isSimple(path) && !scope.includes(name) && HELPER_NAMES.includes(name));
		const inner = isCall ? call({ ...node, path }, scope, false) : lookUp(path, scope, false);
		return [statement(HOOKS.emit, node, [number(place(node), node), inner])];
	}

	function block(node: hbs.AST.BlockStatement, scope: readonly string[]): hbs.AST.Statement[] {
		const path = asPath(node.path);
		const name = isSimple(path) ? (path.parts[0] as string) : path.original;
		const bodies = {
			...(node.program && { program: program(node.program, scope) }),
			...(node.inverse && { inverse: program(node.inverse, scope) }),
		};
		const rebuilt = (
			helper: string,
			params: hbs.AST.Expression[],
			hash = emptyHash(node),
		): hbs.AST.Statement[] => {
			const result = { ...node, ...bodies, path: hookPath(helper, path), params, hash };
			return [result as hbs.AST.BlockStatement];
		};
		if (source.text.startsWith("{{{{", parsed.offset(node.loc.start))) {
			mistake(path, "TEMPLATE_SYNTAX", "raw blocks are not supported", {
				hint: "braces that are meant as text are written \\{{",
			});
			return rebuilt(HOOKS.nothing, []);
		}
		const helper = scope.includes(name) ? undefined : BLOCK_HELPERS.get(name);
		if (!helper && node.params.length === 0 && !node.hash && !INLINE_HELPERS.has(name))
			return rebuilt(HOOKS.section, [lookUp(path, scope, false)]);
		if (!helper) {
			if (INLINE_HELPERS.has(name))
				mistake(path, "UNKNOWN_HELPER", `${name} does not open a block`, {
					hint: `write ${INLINE_HELPERS.get(name)?.usage}`,
				});
			else unknownHelper(path, name);
			return rebuilt(HOOKS.nothing, []);
		}
		checkOptions(node, name, helper.options);
		const [param] = node.params;
		if (!param || node.params.length > 1) {
			mistake(path, "HELPER_ARGUMENT", `${name} takes 1 argument, not ${node.params.length}`, {
				hint: `write ${helper.usage}`,
			});
			return rebuilt(HOOKS.nothing, []);
		}
		const subject = value(param, scope);
		const checked =
			name === "each" ? hook(HOOKS.each, param, [number(place(param), param), subject]) : subject;
		return rebuilt(name, [checked], hashOf(node, scope));
	}

	/** The indentation of a standalone partial: the blanks before its tag, which Handlebars took off that text. */
	function indentOf(node: hbs.AST.PartialStatement, end: number): Run | undefined {
		if (!node.indent) return undefined;
		const start = end - node.indent.length;
		return { text: node.indent, origin: source, start, end, exact: true };
	}

	function partial(
		node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
		scope: readonly string[],
	): hbs.AST.Statement[] {
		let { name } = node;
		if (name.type === "SubExpression") {
			const id = place(name);
			name = hook(HOOKS.partial, name, [number(id, name), call(name, scope, false)]);
		} else if (name.original !== "@partial-block") {
			const called = String(name.original);
			if (!into.partialNames.has(called)) {
				const guess = didYouMean(called, into.partialNames);
				mistake(name, "UNKNOWN_PARTIAL", `there is no partial ${called}`, {
					hint: guess.hint ?? `write it as sql/_partials/${called}.sql`,
				});
				return [];
			}
		}
		if (node.params.length > 1) {
			mistake(node, "HELPER_ARGUMENT", "a partial takes 1 context, then key=value arguments");
			return [];
		}
		const span = parsed.span(node);
		const indent =
			node.type === "PartialStatement"
				? indentOf(node as hbs.AST.PartialStatement, span.start)
				: undefined;
		const id = addNode({ kind: "partial", span, indent });
		const used = {
			...node,
			name,
			params: node.params.map((param) => value(param, scope)),
			...(node.hash && { hash: hashOf(node, scope) }),
			...("program" in node && { program: program(node.program, scope) }),
			indent: "",
		};
		return [
			statement(HOOKS.open, node, [number(id, node)]),
			used,
			statement(HOOKS.close, node, [number(id, node)]),
		];
	}

	function decorator(node: hbs.AST.DecoratorBlock, scope: readonly string[]): hbs.AST.Statement[] {
		const [param] = node.params;
		if (
			(node.type as string) === "DecoratorBlock" &&
			node.path.original === "inline" &&
			node.params.length === 1 &&
			param?.type === "StringLiteral"
		)
			return [{ ...node, program: program(node.program, scope) } as hbs.AST.DecoratorBlock];
		mistake(node, "UNKNOWN_HELPER", "the only decorator is inline, with the name as a string", {
			hint: 'write {{#*inline "name"}}…{{/inline}}',
		});
		return [];
	}

	function content(node: hbs.AST.ContentStatement): hbs.AST.Statement[] {
		if (node.value === "") return [];
		const original = node.original as unknown as string;
		// Only blanks were taken off. At the left, any; at the right, all there were. So the last occurrence is the one.
		const start = parsed.offset(node.loc.start) + original.lastIndexOf(node.value);
		const end = start + node.value.length;
		if (source.text.slice(start, end) !== node.value)
			throw new Error(`${source.file}: content at ${start} is not where Handlebars says`);
		const run: Run = { text: node.value, origin: source, start, end, exact: true };
		const marker = `${into.pieces.push({ kind: "run", run }) - 1},`;
		return [{ ...node, value: marker, original: marker } as unknown as hbs.AST.Statement];
	}

	function statements(node: hbs.AST.Statement, scope: readonly string[]): hbs.AST.Statement[] {
		switch (node.type) {
			case "ContentStatement":
				return content(node as hbs.AST.ContentStatement);
			case "MustacheStatement":
				return mustache(node as hbs.AST.MustacheStatement, scope);
			case "BlockStatement":
				return block(node as hbs.AST.BlockStatement, scope);
			case "PartialStatement":
			case "PartialBlockStatement":
				return partial(node as hbs.AST.PartialStatement, scope);
			case "Decorator":
			case "DecoratorBlock":
				return decorator(node as hbs.AST.DecoratorBlock, scope);
			case "CommentStatement":
				return [];
			default:
				throw new Error(`${source.file}: unknown template node ${node.type}`);
		}
	}

	function program(node: hbs.AST.Program, scope: readonly string[]): hbs.AST.Program {
		const inner = [...scope, ...(node.blockParams ?? [])];
		return { ...node, body: node.body.flatMap((child) => statements(child, inner)) };
	}

	if (!parsed.program) throw new Error(`${source.file} could not be parsed`);
	return program(parsed.program, []);
}
