import fc from "fast-check";
import { expect, test } from "vitest";
import { narrowestPrefixes, outcome, split } from "../src/apply/file-window.ts";

/** Short names over a small alphabet, so that they share beginnings and are prefixes of each other. */
const name = fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 6 });
const sets = fc
	.tuple(fc.uniqueArray(name, { maxLength: 8 }), fc.uniqueArray(name, { maxLength: 8 }))
	.map(([wanted, others]) => ({ wanted, others: others.filter((o) => !wanted.includes(o)) }));

/** The fewest prefixes that cover all names and no other, by trying every set of prefixes of growing size. */
function fewest(wanted: readonly string[], others: readonly string[]): number {
	const every = new Set(
		wanted.flatMap((w) => Array.from({ length: w.length + 1 }, (_, i) => w.slice(0, i))),
	);
	const safe = [...every].filter((p) => !others.some((o) => o.startsWith(p)));
	const covers = (left: readonly string[], count: number): boolean => {
		const [first] = left;
		if (first === undefined) return true;
		if (count === 0) return false;
		return safe
			.filter((p) => first.startsWith(p))
			.some((p) =>
				covers(
					left.filter((w) => !w.startsWith(p)),
					count - 1,
				),
			);
	};
	let count = 0;
	while (!covers(wanted, count)) count++;
	return count;
}

test("prefixes cover every wanted name and no other, and there are no fewer that do", () => {
	fc.assert(
		fc.property(sets, ({ wanted, others }) => {
			const { prefixes, blocked } = narrowestPrefixes(wanted, others);
			const covered = (n: string) => prefixes.some((p) => n.startsWith(p));
			expect(others.filter(covered)).toEqual([]);
			expect(wanted.filter((n) => !covered(n)).sort()).toEqual([...blocked].sort());
			expect([...blocked].sort()).toEqual(
				wanted.filter((w) => others.some((o) => o.startsWith(w))).sort(),
			);
			const open = wanted.filter((w) => !blocked.includes(w));
			expect(prefixes.length).toBe(fewest(open, others));
		}),
		{ numRuns: 500 },
	);
});

test("a prefix is as long as what it covers has in common", () => {
	expect(narrowestPrefixes(["2026/b1.csv", "2026/b2.csv", "2027/c.csv"], ["2026/a.csv"])).toEqual({
		prefixes: ["2026/b", "2027/c.csv"],
		blocked: [],
	});
	expect(narrowestPrefixes(["day"], ["day.csv"])).toEqual({ prefixes: [], blocked: ["day"] });
});

test("only files that came after the object was made, not older than seven days, can be asked for", () => {
	const now = new Date("2026-11-20T12:00:00Z");
	const file = (n: string, modified: string) => ({ name: n, modified: new Date(modified) });
	const listing = [
		file("before", "2026-11-01T00:00:00Z"),
		file("old", "2026-11-13T11:59:59Z"),
		file("loaded", "2026-11-19T00:00:00Z"),
		file("failed", "2026-11-19T00:00:00Z"),
		file("new", "2026-11-13T12:00:00Z"),
	];
	const window = { since: "2026-11-02T00:00:00.500Z", loaded: ["loaded"], failed: ["failed"] };
	expect(split(listing, window, now)).toEqual({
		files: ["loaded", "failed", "new"],
		missing: ["new"],
		old: ["old"],
		others: ["before", "old", "loaded", "failed"],
	});
});

test("each file is loaded once, twice, not yet, or cannot be loaded", () => {
	const window = { since: "2026-11-02T00:00:00Z", loaded: ["a", "b"], failed: ["bad"] };
	const load = (n: string, loaded = true, bulk = false) => ({ name: n, loaded, bulk });
	const after = [load("b"), load("c"), load("d", false), load("a", true, true), load("elsewhere")];
	expect(outcome(["a", "b", "c", "d", "e", "bad"], window, after)).toEqual({
		once: ["a", "c"],
		missing: ["e"],
		twice: ["b"],
		failed: ["d"],
	});
});
