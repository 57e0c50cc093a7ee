/** A property's value: anything that survives being written as JSON. */
export type Value =
	| string
	| number
	| boolean
	| null
	| readonly Value[]
	| { readonly [key: string]: Value };

/** The properties of an object by name. A property that is absent was not written, or not reported. */
export interface Properties {
	readonly [name: string]: Value;
}

/** Whether two values are the same, whatever the order of their keys. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
	if (a === b) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (Array.isArray(a) || Array.isArray(b)) {
		if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
		return a.every((item, i) => sameValue(item, b[i]));
	}
	const left = a as { readonly [key: string]: Value };
	const right = b as { readonly [key: string]: Value };
	const keys = Object.keys(left);
	return (
		keys.length === Object.keys(right).length &&
		keys.every((key) => key in right && sameValue(left[key], right[key]))
	);
}

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: Value | undefined): string {
	return JSON.stringify(value, (_key, v: unknown) =>
		typeof v === "object" && v !== null && !Array.isArray(v)
			? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
			: v,
	);
}
