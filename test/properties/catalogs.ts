import { readFileSync } from "node:fs";
import fc from "fast-check";
import { textSource } from "../../src/diagnostics/source.ts";
import { type Catalog, type ObjectModel, objectKey } from "../../src/model/catalog.ts";
import { formatIdentifier, formatName } from "../../src/model/identifier.ts";
import { OBJECT_TYPES, objectType } from "../../src/objects/index.ts";
import { parse } from "../../src/parse/statement.ts";
import { resolveFiles } from "../../src/resolve/resolve-files.ts";
import { editsOf, type World } from "../support/generate.ts";
import { alterations, canonical, differences } from "../support/objects.ts";
import { pick } from "./project-items.ts";
import type { Project } from "./project-sql.ts";

/** Sets one property of one object to another value, whatever kinds and properties there are. */
export interface PropertyEdit {
	readonly kind: number;
	readonly object: number;
	/** Also parameters that are inherited: there are many of them, and they are all alike. */
	readonly inherited: boolean;
	readonly value: number;
}

/** What a property edit came to, for failure messages. */
export interface Edited {
	readonly key: string;
	readonly part: string;
}

const number = fc.nat({ max: 1000 });

/** Any edit of a property. */
export const propertyEdit: fc.Arbitrary<PropertyEdit> = fc.record({
	kind: number,
	object: number,
	inherited: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
	value: number,
});

/** Properties that no base of a kind varies on the local account, by its `-- keep: A, B` comments. */
function never(kind: string): ReadonlySet<string> {
	const folder = kind.toLowerCase().replaceAll(" ", "-");
	const sql = readFileSync(new URL(`../cases/${folder}/bases.sql`, import.meta.url), "utf8");
	const bases = parse(textSource("bases.sql", sql), [...OBJECT_TYPES.keys()]).map(
		(statement) =>
			new Set(
				statement.comments.flatMap((c) => /^-- keep: (.*)$/.exec(c.text)?.[1]?.split(/,\s*/) ?? []),
			),
	);
	const [first = new Set<string>(), ...others] = bases;
	return new Set([...first].filter((name) => others.every((names) => names.has(name))));
}

const NEVER = new Map([...OBJECT_TYPES.keys()].map((kind) => [kind, never(kind)] as const));

/** What a project's statements declare. */
export function catalogOf(project: Project, database: string): Catalog {
	const sql = [
		`CREATE DATABASE ${database};\nCREATE SCHEMA BRONZE;\nUSE SCHEMA ${database}.BRONZE;\n`,
		...project.items.map((item) => item.sql),
	].join("");
	const { catalog, diagnostics } = resolveFiles([textSource("project.sql", sql)], {
		context: {},
		owners: {},
	});
	const wrong = diagnostics.filter((d) => d.severity === "error");
	if (wrong.length > 0) throw new Error(`${wrong.map((d) => d.summary).join("\n")}\n${sql}`);
	return catalog;
}

/** The columns that the project's own statements fill and read by name stay, and take what they are given. */
function keepsColumns(from: ObjectModel, to: ObjectModel): boolean {
	const columns = (model: ObjectModel) =>
		(model.properties.COLUMN ?? []) as readonly {
			readonly name: string;
			readonly nullable: boolean;
		}[];
	const used = ["ID", "FILE", "ACTION", "ISUPDATE"];
	return (
		from.kind !== "TABLE" ||
		columns(from)
			.filter(({ name }) => used.includes(name))
			.every(({ name, nullable }) =>
				columns(to).some((c) => c.name === name && (c.nullable || !nullable)),
			)
	);
}

/**
 * What would be another test: containers made anew, with which everything in them goes; and mistakes that only
 * Snowflake tells: stages in clouds whose pipes need integrations, streams on stages without a directory, tasks
 * that nothing starts, or in a circle (other links are structural changes).
 */
function stays(from: ObjectModel, to: ObjectModel): boolean {
	const { URL } = to.properties;
	if (from.kind === "STAGE" && URL !== undefined && !String(URL).startsWith("s3://")) return false;
	if (String(to.properties.ON).startsWith("STAGE ")) return false;
	const links = ["AFTER", "FINALIZE"];
	if (links.some((name) => from.properties[name] !== to.properties[name])) return false;
	const starts = ["SCHEDULE", "AFTER", "WHEN", "FINALIZE"];
	if (from.kind === "TASK" && starts.every((name) => !to.properties[name])) return false;
	return (
		objectType(from.kind).opens === undefined ||
		differences(from, to).every(({ how }) => how === "alter")
	);
}

/** A catalog with a property of one of its objects changed; the catalog itself where nothing came of it. */
export function edited(
	catalog: Catalog,
	edit: PropertyEdit,
	outside: readonly ObjectModel[],
): { readonly catalog: Catalog; readonly edited: readonly Edited[] } {
	const objects = [...catalog.objects.values()];
	// Kinds are as likely as each other, however many objects they have.
	const kind = pick([...new Set(objects.map((object) => object.kind))], edit.kind);
	const ofKind = objects.filter((object) => object.kind === kind);
	const base = pick(ofKind, edit.object);
	if (!base) return { catalog, edited: [] };
	const world = new Map<string, ObjectModel[]>();
	for (const object of [...objects, ...outside])
		world.set(object.kind, [...(world.get(object.kind) ?? []), object]);
	const pairs = objectType(base.kind)
		.properties.filter((p) => (p.origin === "inherited") === edit.inherited)
		.filter((p) => !NEVER.get(base.kind)?.has(p.name))
		.flatMap((property) => editsOf(base, property, world as World, edit.value))
		.filter(({ to }) => keepsColumns(base, to) && stays(base, to));
	const pair = pick(pairs, edit.value);
	if (!pair) return { catalog, edited: [] };
	const changed = new Map(catalog.objects);
	changed.set(objectKey(base), pair.to);
	return {
		catalog: { ...catalog, objects: changed },
		edited: [{ key: objectKey(base), part: pair.part }],
	};
}

/**
 * The catalog of a changed project, with the properties that were given to its objects before the change,
 * where the change left what they had been.
 */
export function carriedOver(plain: Catalog, given: Catalog, changed: Catalog): Catalog {
	const objects = new Map(changed.objects);
	for (const [key, object] of changed.objects) {
		const { renamedFrom } = object.directives;
		const old = renamedFrom ? objectKey({ kind: object.kind, name: renamedFrom }) : key;
		const was = plain.objects.get(old);
		const is = given.objects.get(old);
		if (!was || !is || was === is) continue;
		const properties = { ...object.properties };
		for (const name of new Set([...Object.keys(was.properties), ...Object.keys(is.properties)])) {
			const text = (o: ObjectModel) => JSON.stringify(o.properties[name]);
			const value = is.properties[name];
			if (text(was) === text(is) || text(was) !== text(object)) continue;
			if (value === undefined) delete properties[name];
			else properties[name] = value;
		}
		objects.set(key, { ...object, properties });
	}
	return { ...changed, objects };
}

function objectSql(model: ObjectModel): string {
	const { renamedFrom } = model.directives;
	const inCreate = objectType(model.kind).properties.filter((p) => p.clause.place !== "alter");
	const created = {
		...model,
		properties: Object.fromEntries(
			Object.entries(model.properties).filter(([name]) => inCreate.some((p) => p.name === name)),
		),
	};
	const columns = (model.properties.COLUMN ?? []) as readonly {
		readonly name: string;
		readonly renamedFrom?: string | null;
	}[];
	const hints = new Map(
		columns.flatMap((c) => (c.renamedFrom ? [[c.name, c.renamedFrom] as const] : [])),
	);
	const sql = canonical(created)
		.split("\n")
		.flatMap((line) => {
			const name = [...hints.keys()].find((n) =>
				line.trimStart().startsWith(`${formatIdentifier(n)} `),
			);
			return name === undefined ? [line] : [`  -- renamed from: ${hints.get(name)}`, line];
		})
		.join("\n");
	return [
		...(renamedFrom ? [`-- renamed from: ${formatName(renamedFrom)}`] : []),
		...[sql, ...alterations(created, model)].map((statement) => `${statement};`),
		"",
	].join("\n");
}

/** A catalog as the statements of a file. */
export function sqlOfCatalog(catalog: Catalog, database: string): string {
	const objects = [...catalog.objects.values()];
	const opens = (object: ObjectModel) => objectType(object.kind).opens !== undefined;
	return [
		...objects.filter(opens).map(objectSql),
		`USE SCHEMA ${database}.BRONZE;\n`,
		...objects.filter((object) => !opens(object)).map(objectSql),
	].join("\n");
}
