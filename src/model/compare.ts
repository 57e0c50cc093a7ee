/** Orders strings by code unit, so that output does not depend on a machine's locale. */
export function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy, by the code units of a key. */
export function sortBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
	return [...items].sort((a, b) => compareText(key(a), key(b)));
}
