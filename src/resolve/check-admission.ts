import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectKey, type ObjectModel, objectKey } from "../model/catalog.ts";
import { compareObject } from "../objects/define/compare.ts";
import { objectType } from "../objects/index.ts";
import { referencesOf } from "./dependencies.ts";

/** The objects that this one names and that have a say in who does, with the property that names them. */
function asked(user: ObjectModel, catalogs: readonly Catalog[]) {
	return referencesOf(user).flatMap(({ kinds, name, property }) =>
		kinds.flatMap((kind) => {
			const key = objectKey({ kind, name });
			const found = catalogs.map((c) => c.objects.get(key)).find((o) => o !== undefined);
			const why = found && objectType(kind).admits?.(found, user);
			return why === undefined ? [] : [{ key, property, why }];
		}),
	);
}

/** Whether an object is altered in place, if anything: made anew, it loses all that hold it, which is a hazard of its own. */
function staysItself(key: ObjectKey, desired: Catalog, live: Catalog): boolean {
	const [from, to] = [live.objects.get(key), desired.objects.get(key)];
	if (!from || !to) return false;
	const changes = compareObject(objectType(to.kind), from, to, () => undefined);
	return changes.every(({ how }) => how === "alter");
}

/**
 * What names another object has to be admitted by it. Of what files do not declare, only what the files would
 * lock out is told, and where they do it.
 */
export function checkAdmission(desired: Catalog, live: Catalog | undefined): readonly Diagnostic[] {
	const known = live ? [desired, live] : [desired];
	const own = [...desired.objects.values()].flatMap((user) =>
		asked(user, known).map(({ key, property, why }) =>
			errorAt(
				user.declared?.properties.get(property) ?? user.declared?.name,
				"NOT_ADMITTED",
				`${objectKey(user)} cannot have ${key}: ${why}`,
			),
		),
	);
	if (!live) return own;
	const others = [...live.objects.values()].filter((user) => !desired.objects.has(objectKey(user)));
	const lockedOut = others.flatMap((user) => {
		const before = new Set(asked(user, [live]).map(({ key }) => key));
		return asked(user, [desired])
			.filter(({ key }) => !before.has(key) && staysItself(key, desired, live))
			.map(({ key, why }) =>
				errorAt(
					desired.objects.get(key)?.declared?.name,
					"NOT_ADMITTED",
					`${objectKey(user)}, which files do not declare, would lose ${key}: ${why}`,
				),
			);
	});
	return [...own, ...lockedOut];
}
