import { sortBy } from "../model/compare.ts";
import type { Edge } from "../model/edge.ts";
import { sameValue } from "../model/value.ts";

/** One edge's difference: it comes (`to` alone), goes (`from` alone), or its value changes. */
export interface EdgeChange<E extends Edge> {
	readonly from?: E;
	readonly to?: E;
}

/**
 * What turns the edges of one side into those of the other. What only `from` has goes if it is `ours` to
 * take away, and is left alone if not: others make edges on our objects too.
 */
export function diffEdges<E extends Edge>(
	from: Iterable<E>,
	to: Iterable<E>,
	ours: (edge: E) => boolean,
): readonly EdgeChange<E>[] {
	const before = new Map([...from].map((edge) => [edge.key, edge]));
	const after = new Map([...to].map((edge) => [edge.key, edge]));
	const kept = [...after.values()].flatMap((edge): EdgeChange<E>[] => {
		const old = before.get(edge.key);
		if (!old) return [{ to: edge }];
		return sameValue(old.value, edge.value) ? [] : [{ from: old, to: edge }];
	});
	const gone = [...before.values()].flatMap((edge): EdgeChange<E>[] =>
		!after.has(edge.key) && ours(edge) ? [{ from: edge }] : [],
	);
	return sortBy([...kept, ...gone], (change) => (change.to ?? change.from)?.key ?? "");
}
