import { compareText } from "../model/compare.ts";

/** Thrown when edges form a cycle; `cycle` lists its nodes, the first one again at the end. */
export class CycleError extends Error {
	override readonly name = "CycleError";
	readonly cycle: readonly string[];

	constructor(cycle: readonly string[]) {
		super(`these wait for each other: ${cycle.join(" → ")}`);
		this.cycle = cycle;
	}
}

/** `[a, b]`: a must run before b. */
export type Edge = readonly [before: string, after: string];

/** `mustRun(a).before(b)` reads as a sentence and gives an edge. */
export function mustRun(first: string): { before(second: string): Edge } {
	return { before: (second) => [first, second] };
}

function findCycle(
	waiting: ReadonlySet<string>,
	after: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
	const path: string[] = [];
	let node = [...waiting].sort(compareText)[0] as string;
	while (!path.includes(node)) {
		path.push(node);
		node = [...(after.get(node) ?? [])]
			.filter((n) => waiting.has(n))
			.sort(compareText)[0] as string;
	}
	return [...path.slice(path.indexOf(node)), node].reverse();
}

/**
 * Orders nodes so that every edge is respected; among those that could come next the lowest by `rank`,
 * then by code units, does. Edges to unknown nodes and from a node to itself do not count.
 * The result depends on the set of nodes and edges only, not on their order.
 */
export function order(
	nodes: Iterable<string>,
	edges: Iterable<Edge>,
	rank: (node: string) => number = () => 0,
): readonly string[] {
	const waiting = new Set(nodes);
	const before = new Map<string, Set<string>>();
	for (const [first, second] of edges) {
		if (first === second || !waiting.has(first) || !waiting.has(second)) continue;
		before.set(second, (before.get(second) ?? new Set()).add(first));
	}
	const next = (a: string, b: string) => rank(a) - rank(b) || compareText(a, b);
	const queue = [...waiting].sort(next);
	const result: string[] = [];
	while (waiting.size > 0) {
		const ready = queue.find(
			(node) => waiting.has(node) && ![...(before.get(node) ?? [])].some((n) => waiting.has(n)),
		);
		if (ready === undefined) throw new CycleError(findCycle(waiting, before));
		waiting.delete(ready);
		result.push(ready);
	}
	return result;
}
