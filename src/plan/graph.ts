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

/** Puts a node into its place in a sorted list. */
function insert(sorted: string[], node: string, place: (node: string) => number): void {
	let from = 0;
	let to = sorted.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (place(sorted[middle] as string) < place(node)) from = middle + 1;
		else to = middle;
	}
	sorted.splice(from, 0, node);
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
	const after = new Map<string, string[]>();
	for (const [first, second] of edges) {
		if (first === second || !waiting.has(first) || !waiting.has(second)) continue;
		const known = before.get(second) ?? new Set();
		if (known.has(first)) continue;
		before.set(second, known.add(first));
		const following = after.get(first) ?? [];
		following.push(second);
		after.set(first, following);
	}
	const next = (a: string, b: string) => rank(a) - rank(b) || compareText(a, b);
	const places = new Map([...waiting].sort(next).map((node, place) => [node, place]));
	const missing = new Map([...waiting].map((node) => [node, before.get(node)?.size ?? 0]));
	const ready = [...places.keys()].filter((node) => missing.get(node) === 0);
	const result: string[] = [];
	for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
		waiting.delete(node);
		result.push(node);
		for (const freed of after.get(node) ?? []) {
			const left = (missing.get(freed) ?? 0) - 1;
			missing.set(freed, left);
			if (left === 0) insert(ready, freed, (one) => places.get(one) ?? 0);
		}
	}
	if (waiting.size > 0) throw new CycleError(findCycle(waiting, before));
	return result;
}
