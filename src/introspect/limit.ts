/** Runs a task for each item, at most `limit` at a time, starting them in order. */
export async function eachLimited<T>(
	limit: number,
	items: readonly T[],
	run: (item: T) => Promise<void>,
): Promise<void> {
	const queue = items.values();
	const worker = async () => {
		for (const item of queue) await run(item);
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
