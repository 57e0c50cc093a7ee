/** Levenshtein distance with transpositions, over short words. */
function distance(a: string, b: string): number {
	const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [
		i,
		...new Array<number>(b.length).fill(0),
	]);
	for (let j = 0; j <= b.length; j++) (rows[0] as number[])[j] = j;
	const at = (i: number, j: number) => rows[i]?.[j] as number;
	for (let i = 1; i <= a.length; i++) {
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let d = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				d = Math.min(d, at(i - 2, j - 2) + 1);
			(rows[i] as number[])[j] = d;
		}
	}
	return at(a.length, b.length);
}

/** The known word a person most likely meant, or undefined when none is near. Case does not count. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
	let best: string | undefined;
	let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
	for (const candidate of known) {
		const d = distance(word.toUpperCase(), candidate.toUpperCase());
		if (d < bestDistance) {
			best = candidate;
			bestDistance = d;
		}
	}
	return best;
}

/** The hint `did you mean X?`, or nothing when no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): { hint?: string } {
	const guess = nearest(word, known);
	return guess === undefined ? {} : { hint: `did you mean ${guess}?` };
}
