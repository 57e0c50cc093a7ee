import Handlebars from "handlebars";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type Source, textSource } from "../diagnostics/source.ts";
import { assemble, type Piece } from "./assemble.ts";
import { BLOCK_HELPERS } from "./helpers.ts";
import { hooksOf, RenderAborted, type Session } from "./hooks.ts";
import { type Instrumentation, instrument } from "./instrument.ts";
import { HOOKS, type TemplateNode } from "./nodes.ts";
import { parseTemplate, type Template } from "./template.ts";

/** What a template is rendered with. */
export interface RenderOptions {
	readonly variables: Readonly<Record<string, unknown>>;
	/** The environment's name: `{{environment}}`. */
	readonly environment: string;
	/** Partials by the name that `{{> name}}` calls them. */
	readonly partials: ReadonlyMap<string, Template>;
}

/** Where in rendered text a secret stands. */
export interface SecretMark {
	readonly name: string;
	readonly offset: number;
}

/** Rendered text that leads back to its templates, its secrets, and what was wrong. With an error, the text is not whole. */
export interface Rendered {
	readonly source: Source;
	readonly secrets: readonly SecretMark[];
	readonly diagnostics: readonly Diagnostic[];
}

const handlebars = Handlebars.create();

const COMPILE_OPTIONS = {
	noEscape: true,
	knownHelpersOnly: true,
	knownHelpers: Object.fromEntries(
		[...BLOCK_HELPERS.keys(), ...Object.values(HOOKS)].map((name) => [name, true]),
	),
};

function partialNames(template: Template, partials: ReadonlyMap<string, Template>): Set<string> {
	const names = new Set(partials.keys());
	for (const file of [template, ...partials.values()])
		for (const name of parseTemplate(file).inlineNames) names.add(name);
	return names;
}

/** Collects diagnostics, each place and text once: a loop comes by a mistake many times. */
function collector(): { diagnostics: Diagnostic[]; report(diagnostic: Diagnostic): void } {
	const seen = new Set<string>();
	const diagnostics: Diagnostic[] = [];
	const report = (diagnostic: Diagnostic): void => {
		const { code, summary, at } = diagnostic;
		const key = JSON.stringify([code, summary, at?.file, at?.line, at?.column]);
		if (!seen.has(key)) diagnostics.push(diagnostic);
		seen.add(key);
	};
	return { diagnostics, report };
}

/** The mistakes of a template that show without rendering it: syntax, unknown helpers and partials. */
export function checkTemplate(
	template: Template,
	partials: ReadonlyMap<string, Template>,
): readonly Diagnostic[] {
	const parsed = parseTemplate(template);
	if (!parsed.program) return parsed.diagnostics;
	const { diagnostics, report } = collector();
	const names = partialNames(template, partials);
	instrument(parsed, { nodes: [], pieces: [], partialNames: names, report });
	return diagnostics;
}

/**
 * Renders a template with Handlebars, without HTML escaping.
 *
 * Every mistake is reported, not only the first; nothing is thrown. Text without `{{` is left untouched; in other
 * files `{{` that is meant as text is written `\\{{`, as everywhere in Handlebars.
 */
export function render(template: Template, options: RenderOptions): Rendered {
	if (!template.text.includes("{{"))
		return { source: textSource(template.file, template.text), secrets: [], diagnostics: [] };
	const { diagnostics, report } = collector();
	const pieces: Piece[] = [];
	const nodes: TemplateNode[] = [];
	const context = { ...options.variables, environment: options.environment };
	const session: Session = {
		main: template.file,
		variables: context,
		environment: options.environment,
		nodes,
		pieces,
		open: [],
		partialNames: partialNames(template, options.partials),
		report,
	};
	const main = compile(template, session);
	const partials: Record<string, Handlebars.TemplateDelegate> = { [HOOKS.nothing]: () => "" };
	for (const [name, partial] of options.partials) {
		let compiled: Handlebars.TemplateDelegate | undefined;
		partials[name] = (data, runtime) => {
			compiled ??= compile(partial, session);
			return compiled(data, runtime);
		};
	}
	let markers = "";
	try {
		markers = main(context, {
			helpers: hooksOf(session),
			partials,
			allowProtoMethodsByDefault: false,
			allowProtoPropertiesByDefault: false,
		});
	} catch (error) {
		if (!(error instanceof RenderAborted)) report(unforeseen(error, session));
	}
	const order = markers.split(",").slice(0, -1);
	const { source, secrets } = assemble(
		parseTemplate(template).source,
		order.map((index) => pieces[Number(index)] as Piece),
	);
	return { source, secrets, diagnostics };
}

function compile(template: Template, into: Instrumentation): Handlebars.TemplateDelegate {
	const parsed = parseTemplate(template);
	for (const diagnostic of parsed.diagnostics) into.report(diagnostic);
	if (!parsed.program) return () => "";
	return handlebars.compile(instrument(parsed, into), COMPILE_OPTIONS);
}

/** What only Handlebars' runtime can find: a partial that is called by a name nobody has given in that place. */
function unforeseen(error: unknown, session: Session): Diagnostic {
	const missing =
		error instanceof Error && /The partial (.*) could not be found/.exec(error.message)?.[1];
	if (!missing) throw error;
	return errorAt(
		session.open.at(-1)?.span,
		"UNKNOWN_PARTIAL",
		missing === "@partial-block"
			? "there is no block here: this partial was not used as {{#> name}}…{{/name}}"
			: `there is no partial ${missing} here`,
	);
}
