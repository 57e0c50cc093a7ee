import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { Change } from "../diff/diff.ts";
import { type Catalog, type ObjectKey, objectKey } from "../model/catalog.ts";
import { matchesGlob } from "../model/glob.ts";
import { formatName } from "../model/identifier.ts";
import type { Environment } from "../project/environment.ts";
import { checkColumns, type Reshaped } from "../resolve/check-columns.ts";

/** The account now, as pending migrations leave it, and as it is to be. */
export interface Stages {
	readonly live: Catalog;
	readonly seen: Catalog;
	readonly desired: Catalog;
}

/** What the changes are once those who use their columns are looked at. */
export interface WithUsers {
	readonly changes: readonly Change[];
	/** Errors in the files, and warnings. */
	readonly diagnostics: readonly Diagnostic[];
}

/** The objects that are no longer there under their names, and what becomes of them. */
export function leavingOf(changes: readonly Change[]): ReadonlyMap<ObjectKey, string> {
	return new Map(
		changes.flatMap((change): readonly (readonly [ObjectKey, string])[] => {
			if (change.action === "drop") return [[objectKey(change), "this plan drops"]];
			return change.renamedFrom
				? [[objectKey(change.renamedFrom), `this plan renames to ${formatName(change.name)}`]]
				: [];
		}),
	);
}

/** What pending migrations make of objects that files declare. */
function migrated({ live, seen, desired }: Stages): readonly Reshaped[] {
	if (live === seen) return [];
	return [...desired.objects.keys()].flatMap((key) => {
		const from = live.objects.get(key);
		const to = seen.objects.get(key);
		return from && to ? [{ from, to }] : [];
	});
}

/**
 * Looks at who uses the columns that go. Throws a DeployError (exit 3) where something that is not of this
 * project would be broken by it, or a migration takes away what a declared object loses by.
 */
export function withColumnUsers(
	changes: readonly Change[],
	stages: Stages,
	environment: Environment,
): WithUsers {
	const dropped = new Set<ObjectKey>(
		changes.filter((change) => change.action === "drop").map(objectKey),
	);
	const found = checkColumns({
		reshaped: [
			...changes.flatMap(({ from, to }) => (from && to ? [{ from, to }] : [])),
			...migrated(stages),
		],
		shapeChanged: changes.flatMap(({ to, events }) =>
			to && events.includes("shapeChanged") ? [to] : [],
		),
		live: stages.live,
		desired: stages.desired,
		stays: (key) => stages.seen.objects.has(key) && !dropped.has(key),
		isExternal: ({ name }) =>
			environment.external.some((pattern) => matchesGlob(pattern, formatName(name))),
	});
	const changed = new Set(changes.map(objectKey));
	const unanswered = [...found.hazards].flatMap(([key, hazards]) =>
		changed.has(key)
			? []
			: hazards.map(({ code, object, message }) =>
					errorAt(undefined, code, `${object}: ${message}`, {
						hint: `a pending migration changes ${key}`,
					}),
				),
	);
	const refused = [...found.refused, ...unanswered];
	// Mistakes in the files are told first.
	const isMistaken = found.diagnostics.some(({ severity }) => severity === "error");
	if (refused.length > 0 && !isMistaken) throw new DeployError(EXIT.refused, refused);
	return {
		changes: changes.map((change) => {
			const more = found.hazards.get(objectKey(change)) ?? [];
			return more.length > 0 ? { ...change, hazards: [...change.hazards, ...more] } : change;
		}),
		diagnostics: found.diagnostics,
	};
}
