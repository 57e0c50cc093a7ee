/** Counts of what was done to deployments, and of those that were whole afterwards. */
export interface Tally {
	/** Notes that faults of a kind were injected, before it is known how that ends. */
	injected(kind: string, faults?: number): void;
	survived(kind: string, faults?: number): void;
	/** How many faults of some kinds were survived. */
	total(kinds: readonly string[]): number;
	/** One line for each kind. */
	text(): string;
}

/** An empty tally. */
export function openTally(title: string): Tally {
	const injected = new Map<string, number>();
	const survived = new Map<string, number>();
	const add = (to: Map<string, number>, kind: string, faults: number) =>
		to.set(kind, (to.get(kind) ?? 0) + faults);
	const began = Date.now();
	return {
		injected: (kind, faults = 1) => void add(injected, kind, faults),
		survived: (kind, faults = 1) => void add(survived, kind, faults),
		total: (kinds) => kinds.reduce((sum, kind) => sum + (survived.get(kind) ?? 0), 0),
		text: () =>
			[
				`${title}, ${Math.round((Date.now() - began) / 1000)} s`,
				...[...injected].map(
					([kind, n]) =>
						`  ${kind.padEnd(34)} ${String(n).padStart(5)} injected  ${String(survived.get(kind) ?? 0).padStart(5)} survived`,
				),
			].join("\n"),
	};
}

/** Runs work for each item, several at a time: a deployer mostly waits for its account. */
export async function each<T>(
	items: readonly T[],
	concurrency: number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	const left = [...items];
	const failures: unknown[] = [];
	await Promise.all(
		Array.from({ length: concurrency }, async () => {
			for (;;) {
				const item = left.shift();
				if (item === undefined || failures.length >= 10) return;
				try {
					await work(item);
				} catch (error) {
					failures.push(error);
					// A long run says at once what it has found.
					process.stdout.write(`✗ ${error instanceof Error ? error.message : error}\n\n`);
				}
			}
		}),
	);
	if (failures.length > 0)
		throw new Error(
			failures.map((f) => (f instanceof Error ? f.message : String(f))).join("\n\n――――\n\n"),
		);
}

/** Whether everything is tried, or a part that fits into the ordinary tests. */
export const LONG = process.env.SNOWLINE_CHAOS === "long";

/** Numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
	let x = (seed * 0x9e3779b1) >>> 0;
	return () => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return x / 2 ** 32;
	};
}

/** In the long form all of them; in the short one as many as said, the same for the same seed. */
export function sample<T>(items: readonly T[], count: number, seed = 1): readonly T[] {
	if (LONG || items.length <= count) return items;
	const random = randomOf(seed);
	return items
		.map((item, i) => ({ item, i, key: random() }))
		.sort((a, b) => a.key - b.key)
		.slice(0, count)
		.sort((a, b) => a.i - b.i)
		.map(({ item }) => item);
}
