import { type Diagnostic, errorAt, warningAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import { type Catalog, type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { matchesGlob } from "../model/glob.ts";
import { formatIdentifier, formatName, type QualifiedName } from "../model/identifier.ts";
import type { Reference, Stretch } from "../objects/define/property.ts";
import { OBJECT_TYPES, objectType } from "../objects/index.ts";
import { bodyNames } from "./body-names.ts";
import { checkAdmission } from "./check-admission.ts";
import { referencesOf } from "./dependencies.ts";

/** Where names may come from besides the files. */
export interface Known {
	/** The account's objects; undefined when there is no account to ask (validate). */
	readonly live: Catalog | undefined;
	/** Name patterns that others provide. */
	readonly external: readonly string[];
}

function exists(reference: Reference, desired: Catalog, known: Known): boolean {
	const keys = reference.kinds.map((kind) => objectKey({ kind, name: reference.name }));
	if (keys.some((key) => desired.objects.has(key) || known.live?.objects.has(key))) return true;
	return isProvided(reference.name, desired, known);
}

/** Columns that are named of something declared, which says that it has no such column. */
function checkNamedColumns(
	object: ObjectModel,
	reference: Reference,
	desired: Catalog,
): readonly Diagnostic[] {
	return reference.kinds.flatMap((kind) => {
		const target = desired.objects.get(objectKey({ kind, name: reference.name }));
		const names = target && objectType(kind).columns?.names(target);
		if (!target || !names) return [];
		return (reference.columns ?? [])
			.filter((column) => !names.includes(column))
			.map((column) =>
				errorAt(
					placeOf(object, reference.property, reference.at),
					"REFERENCE",
					`${objectKey(object)} names ${formatIdentifier(column)} of ${objectKey(target)}, which has no such column`,
					didYouMean(column, names),
				),
			);
	});
}

/**
 * What still names objects that a plan drops, or that it renames. A structural reference cannot be: what needs
 * them breaks with them. A body is looked up when it runs, so that is a warning.
 */
export function checkLeaving(
	desired: Catalog,
	known: Known,
	leaving: ReadonlyMap<ObjectKey, string>,
): readonly Diagnostic[] {
	if (leaving.size === 0) return [];
	const staying = new Set([...desired.objects.values()].map(({ name }) => formatName(name)));
	const gone = new Map(
		[...(known.live?.objects.values() ?? [])].flatMap((object) => {
			const what = leaving.get(objectKey(object));
			const name = formatName(object.name);
			return what === undefined || staying.has(name)
				? []
				: [[name, `${objectKey(object)}, which ${what}`]];
		}),
	);
	return [...desired.objects.values()].flatMap((object) => {
		const needs = referencesOf(object).flatMap((reference) => {
			const key = reference.kinds.map((kind) => objectKey({ kind, name: reference.name }));
			const found = key.find((k) => leaving.has(k));
			if (
				!reference.structural ||
				found === undefined ||
				exists(reference, desired, { ...known, live: undefined })
			)
				return [];
			return [
				errorAt(
					placeOf(object, reference.property, reference.at),
					"REFERENCE",
					`${objectKey(object)} needs ${found}, which ${leaving.get(found)}`,
					{ hint: "put its CREATE back, or take away what needs it too" },
				),
			];
		});
		const names = bodyNames(object).flatMap(({ name, property, at }) => {
			const what = gone.get(formatName(name));
			return what === undefined
				? []
				: [
						warningAt(
							placeOf(object, property, at),
							"BODY_REFERENCE",
							`${objectKey(object)} names ${what}`,
						),
					];
		});
		return [...needs, ...names];
	});
}

/** Whether others provide a name, or Snowflake makes it along with what is declared. */
function isProvided(name: QualifiedName, desired: Catalog, known: Known): boolean {
	const text = formatName(name);
	return (
		known.external.some((pattern) => matchesGlob(pattern, text)) || impliedNames(desired).has(text)
	);
}

/** Names that Snowflake makes along with what is declared, such as a new database's PUBLIC schema. */
function impliedNames(desired: Catalog): ReadonlySet<string> {
	const refs = [...desired.objects.values()].flatMap(
		(o) => OBJECT_TYPES.get(o.kind)?.implied?.(o) ?? [],
	);
	return new Set(refs.map((ref) => formatName(ref.name)));
}

function candidates(
	kinds: readonly string[],
	desired: Catalog,
	live: Catalog | undefined,
): readonly string[] {
	const all = [...desired.objects.values(), ...(live?.objects.values() ?? [])];
	return all.filter((o) => kinds.includes(o.kind)).map((o) => formatName(o.name));
}

const PROVIDE =
	"declare it in sql/, create it in the account, or list it under external in the environment";

/** Where a property was written; of a name inside a body, where that name stands. */
export function placeOf(
	object: ObjectModel,
	property: string,
	at: Stretch | undefined,
): Span | undefined {
	const written = object.declared?.properties.get(property);
	if (!written) return object.declared?.name;
	const text = object.properties[property];
	if (!at || typeof text !== "string") return written;
	const body = written.source.text.indexOf(text, written.start);
	if (body < 0 || body + text.length > written.end) return written;
	const start = body + at.offset;
	return { source: written.source, start, end: start + at.length };
}

/**
 * Every structural reference must be declared, exist in the account, or be external. Without an account
 * (validate) what is not declared is only a warning, for the account may have it. A kind Snowline does not
 * manage cannot be looked up; Snowflake decides there.
 */
export function checkReferences(desired: Catalog, known: Known): readonly Diagnostic[] {
	const check = (object: ObjectModel): readonly Diagnostic[] =>
		referencesOf(object).flatMap((reference) => {
			if (!reference.structural || !reference.kinds.some((kind) => OBJECT_TYPES.has(kind)))
				return [];
			if (exists(reference, desired, known)) return checkNamedColumns(object, reference, desired);
			const name = formatName(reference.name);
			const span = placeOf(object, reference.property, reference.at);
			const kinds = reference.kinds.join(" or ");
			const near = didYouMean(name, candidates(reference.kinds, desired, known.live));
			const hint = near.hint ?? PROVIDE;
			return known.live
				? [
						errorAt(
							span,
							"REFERENCE",
							`${objectKey(object)} needs ${kinds} ${name}, which is neither declared nor in the account`,
							{ hint },
						),
					]
				: [
						warningAt(
							span,
							"REFERENCE",
							`${objectKey(object)} needs ${kinds} ${name}, which is not declared here`,
							{ hint },
						),
					];
		});
	return [...[...desired.objects.values()].flatMap(check), ...checkAdmission(desired, known.live)];
}

/** What Snowflake itself provides in every database. */
const SYSTEM_SCHEMA = "INFORMATION_SCHEMA";

/**
 * Names in bodies are looked up when the body runs, so one that nothing provides is only a warning. It is
 * given for databases that are read or declared here: of others nothing is known.
 */
export function checkBodies(
	desired: Catalog,
	known: Known,
	databases: ReadonlySet<string>,
): readonly Diagnostic[] {
	const names = new Set(
		[...desired.objects.values(), ...(known.live?.objects.values() ?? [])].map((o) =>
			formatName(o.name),
		),
	);
	return [...desired.objects.values()].flatMap((object) =>
		bodyNames(object).flatMap(({ name, property, at }) => {
			const text = formatName(name);
			const unknown = databases.has(name[0] ?? "") && name[1] !== SYSTEM_SCHEMA;
			if (!unknown || names.has(text) || isProvided(name, desired, known)) return [];
			return [
				warningAt(
					placeOf(object, property, at),
					"BODY_REFERENCE",
					`${objectKey(object)} names ${text}, which is neither declared nor in the account`,
					{ hint: didYouMean(text, names).hint ?? PROVIDE },
				),
			];
		}),
	);
}
