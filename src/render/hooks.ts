import Handlebars from "handlebars";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import { describe, isSecret } from "./helpers.ts";
import type { Instrumentation } from "./instrument.ts";
import { type CallNode, HOOKS, type PartialNode, type PathNode, type PlaceNode } from "./nodes.ts";

/** Partials within partials, after which we speak of a loop. */
const MAX_DEPTH = 100;

/** Thrown to leave Handlebars when going on makes no sense; what is wrong has been reported. */
export class RenderAborted extends Error {}

/** One run of a template: its tables, and the partials that are being rendered now, outermost first. */
export interface Session extends Instrumentation {
	readonly main: string;
	readonly variables: Readonly<Record<string, unknown>>;
	readonly environment: string;
	readonly open: PartialNode[];
}

type Options = Handlebars.HelperOptions & { readonly data?: Readonly<Record<string, unknown>> };

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !isSecret(value);
}

/** Reports a mistake that shows while rendering; one in a partial also says who used the partial. */
function complain(
	session: Session,
	span: Span,
	code: string,
	summary: string,
	extra: { hint?: string } = {},
): undefined {
	const user = session.open[0]?.span;
	const at = user?.source.locate(user.start, user.end);
	const detail =
		at && span.source.file !== session.main
			? { detail: `rendered for ${at.file}:${at.line}:${at.column}` }
			: {};
	const diagnostic: Diagnostic = errorAt(span, code, summary, { ...detail, ...extra });
	session.report(diagnostic);
	return undefined;
}

function undefinedPath(
	session: Session,
	node: PathNode,
	values: readonly unknown[],
	data: Readonly<Record<string, unknown>>,
): undefined {
	const { path, span } = node;
	const steps = values.slice(1);
	const missing = steps.findIndex(
		(step, i) => step === undefined || (i > 0 && steps[i - 1] === null),
	);
	const name = path.parts[missing] ?? path.original;
	const before = span.source.text.slice(span.start, span.end);
	const parent = missing > 0 ? steps[missing - 1] : values[0];
	const known = missing > 0 || !path.data ? parent : data;
	const names = isContainer(known) ? Object.keys(known) : [];
	if (missing === 0 && path.depth === 0 && !path.data) names.push(...node.blockParams);
	if (missing === 0 && path.data) names.push("root");
	const owner = path.parts.slice(0, missing).join(".");
	const summary =
		missing <= 0
			? `${before} is not defined`
			: isContainer(parent)
				? `there is no ${name} in ${owner}`
				: `there is no ${name} in ${owner}, which is ${describe(parent)}`;
	const guess = didYouMean(name, names);
	const outside = missing === 0 && !path.data && Object.hasOwn(session.variables, name);
	const atTop = missing === 0 && parent === session.variables;
	const hint = outside
		? `${name} is a top-level variable: inside this block write @root.${path.parts.join(".")}`
		: (guess.hint ??
			(atTop
				? `add it to variables in environments/${session.environment}.yaml, or ask with {{#if (defined ${before})}}`
				: names.length > 0 && names.length <= 12
					? `known here: ${names.join(", ")}`
					: `ask with {{#if (defined ${before})}}`));
	return complain(session, span, "UNDEFINED_VARIABLE", summary, { hint });
}

/** Text where a value is missing, so that the mistakes of the rest can be told too: an identifier. */
function gap(session: Session, { span }: PlaceNode): string {
	const { start, end, source: origin } = span;
	const run = { text: "MISSING_VALUE", origin, start, end, exact: false, gap: true };
	return `${session.pieces.push({ kind: "run", run }) - 1},`;
}

function emit(session: Session, node: PlaceNode, value: unknown): string {
	const { span, written } = node;
	const expression = written.replace(/^\{+~?[&{]?\s*|\s*~?\}+$/g, "");
	let text: string;
	if (value === undefined) return gap(session, node);
	if (isSecret(value)) text = `<secret ${value.secret}>`;
	else if (value === null) {
		complain(session, span, "NULL_VARIABLE", `${expression} is null, which has no text`, {
			hint: `give it a value, or write {{literal ${expression}}} for NULL`,
		});
		return gap(session, node);
	} else if (typeof value === "object") {
		complain(
			session,
			span,
			"NOT_TEXT",
			`${expression} is ${describe(value)}, which has no text of its own`,
			{
				hint: Array.isArray(value)
					? `write {{list ${expression}}}, or {{#each ${expression}}}…{{/each}}`
					: `write one of its entries, such as {{${expression}.${Object.keys(value)[0] ?? "name"}}}; {{list …}} writes lists`,
			},
		);
		return gap(session, node);
	} else text = String(value);
	const run = {
		text,
		origin: span.source,
		start: span.start,
		end: span.end,
		exact: false,
		...(isSecret(value) && { secret: value.secret }),
	};
	return `${session.pieces.push({ kind: "run", run }) - 1},`;
}

/** What the hooks in an instrumented template do. */
export function hooksOf(session: Session): { [name: string]: Handlebars.HelperDelegate } {
	const node = <T>(id: number): T => session.nodes[id] as T;
	return {
		[HOOKS.get](id: number, ...rest: unknown[]) {
			const { data = {} } = rest.pop() as Options;
			const value = rest.at(-1);
			const { span, asked } = node<PathNode>(id);
			// Handlebars answers null for everything inside null.
			const missing = value === undefined || rest.slice(1, -1).includes(null);
			if (asked) return missing ? undefined : value;
			if (missing) return undefinedPath(session, node<PathNode>(id), rest, data);
			if (typeof value !== "function") return value;
			// Handlebars' only function that a path can reach is the block given to a partial.
			return complain(session, span, "NOT_TEXT", "@partial-block is a block, not a value", {
				hint: "write {{> @partial-block}}; ask for it with (defined @partial-block)",
			});
		},
		[HOOKS.call](id: number, ...rest: unknown[]) {
			const { hash } = rest.pop() as Options;
			const { helper, span, asked } = node<CallNode>(id);
			const given = [...rest, ...Object.values(hash)];
			// What is missing was reported where it was looked up; only `defined` wants to know.
			if (given.includes(undefined) && helper.usage !== "(defined PATH)") return undefined;
			const result = helper.run(rest, hash);
			if ("value" in result) return result.value;
			const { code, summary, hint } = result.complaint;
			if (asked && code === "UNDEFINED_VARIABLE") return undefined;
			return complain(session, span, code, summary, hint === undefined ? {} : { hint });
		},
		[HOOKS.emit]: (id: number, value: unknown) => emit(session, node<PlaceNode>(id), value),
		[HOOKS.each](id: number, value: unknown) {
			if (value === undefined || value === null || isContainer(value)) return value;
			const { span } = node<PlaceNode>(id);
			return complain(
				session,
				span,
				"HELPER_ARGUMENT",
				`each needs a list or a map; this is ${describe(value)}`,
			);
		},
		[HOOKS.section](this: unknown, value: unknown, options: Options) {
			return Handlebars.helpers.blockHelperMissing?.call(this, value, options);
		},
		[HOOKS.partial](id: number, name: unknown) {
			if (name === undefined) return HOOKS.nothing;
			if (typeof name === "string" && session.partialNames.has(name)) return name;
			const { span } = node<PlaceNode>(id);
			if (typeof name !== "string")
				complain(
					session,
					span,
					"UNKNOWN_PARTIAL",
					`a partial's name is a string; this is ${describe(name)}`,
				);
			else
				complain(
					session,
					span,
					"UNKNOWN_PARTIAL",
					`there is no partial ${name}`,
					didYouMean(name, session.partialNames),
				);
			return HOOKS.nothing;
		},
		[HOOKS.open](id: number) {
			const partial = node<PartialNode>(id);
			session.open.push(partial);
			if (session.open.length > MAX_DEPTH) {
				complain(
					session,
					partial.span,
					"PARTIAL_RECURSION",
					`partials are nested more than ${MAX_DEPTH} deep: this one uses itself without end`,
				);
				throw new RenderAborted();
			}
			const { indent } = partial;
			return `${session.pieces.push({ kind: "open", indent }) - 1},`;
		},
		[HOOKS.close]() {
			session.open.pop();
			return `${session.pieces.push({ kind: "close" }) - 1},`;
		},
		[HOOKS.nothing]: () => "",
	};
}
