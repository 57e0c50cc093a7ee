/** Gives turns in the order they were asked for: resolves to the function that ends the turn. */
export function createMutex(): () => Promise<() => void> {
	let last: Promise<void> = Promise.resolve();
	return async () => {
		const before = last;
		let release = (): void => {};
		last = new Promise((resolve) => {
			release = resolve;
		});
		await before;
		return release;
	};
}
