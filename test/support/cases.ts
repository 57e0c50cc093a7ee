import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { locate, type Span } from "../../src/diagnostics/source.ts";
import { type Catalog, type ObjectKey, objectKey } from "../../src/model/catalog.ts";
import { HAZARDS, isHazardCode } from "../../src/model/hazard.ts";
import { OBJECT_TYPES } from "../../src/objects/index.ts";
import { parse } from "../../src/parse/statement.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { type Rendered, render } from "../../src/render/render.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";

/** Where kinds have their worlds, and the folders of their cases. */
export const CASES = new URL("../cases/", import.meta.url).pathname;

/** A change, as a folder of `test/cases/<kind>/` tells it. */
export interface Case {
	readonly kind: string;
	readonly name: string;
	readonly dir: string;
}

/** The folders of cases, by kind. */
export function casesOf(kind: string): readonly Case[] {
	const folder = join(CASES, kind.toLowerCase().replaceAll(" ", "-"));
	return readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => ({ kind, name, dir: join(folder, name) }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A kind that a case's world may have and no file can declare. */
const FOREIGN_KINDS = ["EXTERNAL TABLE", "NOTIFICATION INTEGRATION"];

/** Where unqualified names of a case are. */
export const CONTEXT = { database: "LAKE", schema: "BRONZE" } as const;

/** One file of a case, rendered; undefined where the case does without. */
export function readPart(
	{ dir }: Case,
	name: "world" | "from" | "others" | "to",
): Rendered["source"] | undefined {
	const file = join(dir, `${name}.sql`);
	if (!existsSync(file)) return undefined;
	const { source, diagnostics } = render(
		{ file: `${name}.sql`, text: readFileSync(file, "utf8") },
		{ variables: {}, environment: "test", partials: new Map() },
	);
	if (diagnostics.length > 0) throw new Error(`${file}: ${diagnostics[0]?.summary}`);
	return source;
}

/** The statements of a case's file, as texts. */
export function statementsOf(source: Rendered["source"]): readonly string[] {
	return parse(source, []).map(({ span }) => source.text.slice(span.start, span.end));
}

/** What a case's file declares; throws its mistakes. */
export function declaredBy(source: Rendered["source"]): Catalog {
	const { catalog, diagnostics } = resolveFiles([source], { context: CONTEXT, owners: {} });
	const wrong = diagnostics.filter((d) => d.severity === "error");
	if (wrong.length > 0)
		throw new Error(`${source.file}: ${wrong.map((d) => d.summary).join("; ")}`);
	return catalog;
}

/** A stretch of a file that speaks of one object. */
interface Place {
	readonly first: number;
	readonly last: number;
	readonly object: ObjectKey;
}

function placeOf(span: Span, object: ObjectKey): Place {
	const { source, start, end } = span;
	const line = (at: number) => locate({ source, start: at, end: at + 1 }).line;
	return { first: line(start), last: line(end - 1), object };
}

/** The objects that a file speaks of, with their lines: what it declares, and what it grants on. */
function placesIn(source: Rendered["source"]): readonly Place[] {
	if (source.file === "others.sql")
		return parse(source, [...OBJECT_TYPES.keys(), ...FOREIGN_KINDS]).flatMap((statement) =>
			statement.verb === "CREATE" && statement.kind && statement.name
				? [placeOf(statement.span, objectKey({ kind: statement.kind, name: statement.name.parts }))]
				: [],
		);
	const { objects, grants } = declaredBy(source);
	return [
		...[...objects.values()].flatMap((o) =>
			o.declared ? [placeOf(o.declared.statement, objectKey(o))] : [],
		),
		...[...(grants?.values() ?? [])].flatMap((grant) =>
			grant.declared ? [placeOf(grant.declared, objectKey(grant.on))] : [],
		),
	];
}

/** The hazards that a file's `-- expect: CODE` comments say, each `CODE KIND NAME` of the line's object. */
export function expectedIn(source: Rendered["source"]): readonly string[] {
	const places = placesIn(source);
	return source.text.split("\n").flatMap((line, i) => {
		const codes = /-- expect: (.+)$/.exec(line)?.[1]?.split(/,\s*/) ?? [];
		return codes.map((code) => {
			if (!isHazardCode(code)) throw new Error(`${source.file}:${i + 1}: ${code} is no hazard`);
			const at = places.find(({ first, last }) => first <= i + 1 && i + 1 <= last);
			if (!at) throw new Error(`${source.file}:${i + 1}: no object is on this line`);
			return `${code} ${at.object}`;
		});
	});
}

/** The hazards of a plan as `CODE KIND NAME`, those that are told as notes too. */
export function hazardsIn(plan: Plan): readonly string[] {
	return [
		...plan.steps.flatMap((step) => step.hazards),
		...plan.notes.filter((note) => Object.hasOwn(HAZARDS, note.code)),
	].map(({ code, object }) => `${code} ${object}`);
}
