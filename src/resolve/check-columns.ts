import { type Diagnostic, errorAt, warningAt } from "../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import type { HazardDraft } from "../model/hazard.ts";
import { formatIdentifier, formatName } from "../model/identifier.ts";
import type { GoneColumn } from "../objects/define/object-type.ts";
import { objectType } from "../objects/index.ts";
import { bodyNames } from "./body-names.ts";
import { placeOf } from "./check-references.ts";
import { type ColumnsByName, type ColumnUse, columnUses } from "./column-uses.ts";
import { referencesOf } from "./dependencies.ts";

/** An object before and after. */
export interface Reshaped {
	readonly from: ObjectModel;
	readonly to: ObjectModel;
}

/** What a plan does to columns, and who may be using them. */
export interface ColumnChanges {
	/** What changes, by files or by migrations. */
	readonly reshaped: readonly Reshaped[];
	/** What selects all columns of these fails until it is made anew. */
	readonly shapeChanged: readonly ObjectModel[];
	readonly live: Catalog;
	readonly desired: Catalog;
	/** Whether an object that no file declares stays as it is. */
	readonly stays: (key: ObjectKey) => boolean;
	/** Whether an object is somebody else's to look after. */
	readonly isExternal: (object: ObjectModel) => boolean;
}

/** What follows for those who use the columns. */
export interface ColumnFindings {
	/** Files that contradict themselves, and what may be meant. */
	readonly diagnostics: readonly Diagnostic[];
	/** What would break, and is not of this project. */
	readonly refused: readonly Diagnostic[];
	/** What is lost by the change of which object. */
	readonly hazards: ReadonlyMap<ObjectKey, readonly HazardDraft[]>;
}

/** What an object reads from by its columns. */
function sourcesOf(object: ObjectModel): readonly string[] {
	const named = referencesOf(object).filter((r) => r.structural && r.property !== "");
	return [...named, ...bodyNames(object)].map(({ name }) => formatName(name));
}

/** Lets what hands on the columns of others have theirs, until nothing new is found. */
function passedOn(
	columns: Map<string, Set<string>>,
	objects: readonly ObjectModel[],
): ReadonlyMap<string, ReadonlySet<string>> {
	const passing = objects
		.filter((object) => objectType(object.kind).columns?.passes?.(object))
		.map((object) => ({ name: formatName(object.name), sources: sourcesOf(object) }));
	for (let grown = true; grown; ) {
		grown = false;
		for (const { name, sources } of passing)
			for (const column of sources.flatMap((source) => [...(columns.get(source) ?? [])])) {
				const own = columns.get(name) ?? new Set();
				grown ||= !own.has(column);
				columns.set(name, own.add(column));
			}
	}
	return columns;
}

/** Whether an object of this project would be made anew by another shape of what it reads. */
function isMadeAnew(object: ObjectModel, source: ObjectModel): boolean {
	const reaction = objectType(object.kind).on[source.kind]?.shapeChanged;
	const answer = typeof reaction === "object" ? reaction.react(object, source) : reaction;
	return answer === "replace";
}

/** What became of a column, as a sentence ends. */
function fate(column: string, of: string, gone: readonly (Reshaped & GoneOf)[]): string {
	const there = gone.find((g) => formatName(g.from.name) === of) ?? gone[0];
	const found = there?.columns.find(({ name }) => name === column);
	return fateOf(found);
}

function fateOf(column: GoneColumn | undefined): string {
	const renamed = column?.renamed;
	return renamed === undefined ? "is dropped" : `is renamed to ${formatIdentifier(renamed)}`;
}

interface GoneOf {
	readonly columns: readonly GoneColumn[];
}

/** The keys that declared objects have in the account until they are renamed. */
function oldKeys({ objects }: Catalog): ReadonlySet<ObjectKey> {
	return new Set(
		[...objects.values()].flatMap(({ kind, directives: { renamedFrom } }) =>
			renamedFrom ? [objectKey({ kind, name: renamedFrom })] : [],
		),
	);
}

const OTHERS =
	"declare it in sql/ as it will be, change or drop it first, or list it under external in the environment: then it may fail";

/**
 * Who names columns that a plan drops or renames. Bodies are looked up by name when they run, so Snowflake
 * lets the change pass and they fail afterwards. A declared object that still names them is a mistake in the
 * files; one that is not of this project would be broken by it, which is refused; what loses by it otherwise
 * (a pipe) is a hazard of the change.
 */
export function checkColumns(changes: ColumnChanges): ColumnFindings {
	const { reshaped, shapeChanged, live, desired, stays, isExternal } = changes;
	const gone = reshaped.flatMap((pair) => {
		const columns = objectType(pair.to.kind).columns?.gone?.(pair) ?? [];
		return columns.length > 0 ? [{ ...pair, columns }] : [];
	});
	const diagnostics: Diagnostic[] = [];
	const refused: Diagnostic[] = [];
	const hazards = new Map<ObjectKey, HazardDraft[]>();
	if (gone.length + shapeChanged.length === 0) return { diagnostics, refused, hazards };
	const renamed = oldKeys(desired);
	const others = [...live.objects].flatMap(([key, object]) =>
		!desired.objects.has(key) && !renamed.has(key) && stays(key) ? [object] : [],
	);
	const breaks = (object: ObjectModel, sentence: string): void => {
		const broken = `${objectKey(object)} is not part of this plan, and ${sentence}`;
		if (isExternal(object))
			diagnostics.push(warningAt(undefined, "COLUMN_GONE", `${broken}: it will fail`));
		else
			refused.push(errorAt(undefined, "COLUMN_GONE", `${broken}: it would fail`, { hint: OTHERS }));
	};
	for (const object of others) {
		const sources = new Set(sourcesOf(object));
		const changed = shapeChanged.find(
			(source) => sources.has(formatName(source.name)) && isMadeAnew(object, source),
		);
		if (changed) breaks(object, `selects * from ${objectKey(changed)}, whose columns change`);
	}
	for (const { to, columns } of gone)
		for (const column of columns) {
			const part = objectType(to.kind).columns?.uses?.(to, column.name);
			if (part === undefined || !desired.objects.has(objectKey(to))) continue;
			const what = `column ${formatIdentifier(column.name)}, which ${fateOf(column)}`;
			diagnostics.push(
				errorAt(
					placeOf(to, part, undefined),
					"COLUMN_GONE",
					`${objectKey(to)}: ${part} names ${what}`,
				),
			);
		}
	if (gone.length === 0) return { diagnostics, refused, hazards };
	const users = [
		...[...desired.objects.values()].map((object) => ({ object, ours: true })),
		...others.map((object) => ({ object, ours: false })),
	];
	const objects = users.map(({ object }) => object);
	const byName = (entries: readonly (readonly [ObjectModel, readonly string[]])[]) =>
		new Map(entries.map(([{ name }, columns]) => [formatName(name), new Set(columns)]));
	const missing: ColumnsByName = passedOn(
		byName(
			gone.flatMap(({ from, to, columns }) => {
				const names = columns.map(({ name }) => name);
				return [from, to].map((object) => [object, names] as const);
			}),
		),
		objects,
	);
	const known: ColumnsByName = passedOn(
		byName(
			[...live.objects.values(), ...desired.objects.values()].flatMap((object) => {
				const names = objectType(object.kind).columns?.names(object);
				return names === undefined ? [] : [[object, names] as const];
			}),
		),
		objects,
	);
	for (const { object, ours } of users) {
		const type = objectType(object.kind);
		const uses = columnUses(object, missing, known);
		if (type.columnsLost) {
			const sources = new Set(sourcesOf(object));
			for (const { from, to, columns } of gone) {
				const names = [from, to].map((o) => formatName(o.name));
				if (!names.some((name) => sources.has(name))) continue;
				const named = new Set(uses.filter((u) => names.includes(u.of)).map((u) => u.column));
				const lost = type
					.columnsLost(object, to, columns, named)
					.map((hazard) => ({ ...hazard, object: objectKey(object) }));
				hazards.set(objectKey(to), [...(hazards.get(objectKey(to)) ?? []), ...lost]);
			}
			continue;
		}
		for (const use of distinct(uses)) {
			const what = `column ${formatIdentifier(use.column)} of ${use.of}`;
			const then = fate(use.column, use.of, gone);
			const span = placeOf(object, use.property, use.at);
			const sentence = `names ${what}, which ${then}`;
			if (!use.sure)
				diagnostics.push(
					warningAt(span, "COLUMN_GONE", `${objectKey(object)} may mean ${what}, which ${then}`),
				);
			else if (ours)
				diagnostics.push(
					errorAt(span, "COLUMN_GONE", `${objectKey(object)} ${sentence}`, {
						hint: "write it anew without that name, in the same plan",
					}),
				);
			else breaks(object, sentence);
		}
	}
	return { diagnostics, refused, hazards };
}

/** One use for each column of an object, the sure one if there is any. */
function distinct(uses: readonly ColumnUse[]): readonly ColumnUse[] {
	const found = new Map<string, ColumnUse>();
	for (const use of uses) {
		const key = `${use.of} ${use.column}`;
		if (!found.has(key) || (use.sure && !found.get(key)?.sure)) found.set(key, use);
	}
	return [...found.values()];
}
