import type { Span } from "../diagnostics/source.ts";
import type { Run } from "./assemble.ts";
import type { InlineHelper } from "./helpers.ts";

/** A path of the template that is looked up. */
export interface PathNode {
	readonly kind: "path";
	readonly span: Span;
	readonly path: hbs.AST.PathExpression;
	/** Block parameters that are in scope. */
	readonly blockParams: readonly string[];
	/** Asked about by `defined`: what is missing is an answer, not a mistake. */
	readonly asked: boolean;
}

/** A call of a helper inside an expression. */
export interface CallNode {
	readonly kind: "call";
	readonly span: Span;
	readonly helper: InlineHelper;
	/** Asked about by `defined`, like a path. */
	readonly asked: boolean;
}

/** A place where a value becomes text, is iterated over, or names a partial. */
export interface PlaceNode {
	readonly kind: "place";
	readonly span: Span;
	/** As the person wrote it. */
	readonly written: string;
}

/** A partial being used, with the indentation that its lines get. */
export interface PartialNode {
	readonly kind: "partial";
	readonly span: Span;
	readonly indent: Run | undefined;
}

export type TemplateNode = PathNode | CallNode | PlaceNode | PartialNode;

/** The helpers that instrumented templates call. A person cannot write these names: unknown helpers are refused. */
export const HOOKS = {
	call: "snowline:call",
	close: "snowline:close",
	each: "snowline:each",
	emit: "snowline:emit",
	get: "snowline:get",
	nothing: "snowline:nothing",
	open: "snowline:open",
	partial: "snowline:partial",
	section: "snowline:section",
} as const;
