import { type Catalog, type ObjectKey, objectKey } from "../model/catalog.ts";
import { dependenciesOf } from "../resolve/dependencies.ts";

/** What each object of a catalog needs at once, as keys. */
export function needs(catalog: Catalog): (key: ObjectKey) => readonly ObjectKey[] {
	return (key) => {
		const object = catalog.objects.get(key);
		return object ? dependenciesOf(object, catalog).map(objectKey) : [];
	};
}

/** Everything an object needs, and what that needs, and so on. */
export function transitive(
	key: ObjectKey,
	next: (key: ObjectKey) => readonly ObjectKey[],
): ReadonlySet<ObjectKey> {
	const found = new Set<ObjectKey>();
	const queue = [...next(key)];
	for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
		if (found.has(at)) continue;
		found.add(at);
		queue.push(...next(at));
	}
	return found;
}
