import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coverage, coveragePage } from "../../src/emulator/index.ts";

const PAGE = new URL("../../docs/emulator.md", import.meta.url).pathname;

/** What is above the first part of the list is written by hand. */
const head = (page: string): string => page.split(/^### /m)[0] as string;

/** `npm run test:update` writes the list anew. */
test("docs/emulator.md has the list of what is answered", async () => {
	await expect(head(readFileSync(PAGE, "utf8")) + coveragePage()).toMatchFileSnapshot(PAGE);
});

test("nothing is both answered and refused", () => {
	const answered = new Map<string, boolean>();
	for (const { area, construct, answered: yes } of coverage()) {
		const name = `${area}: ${construct}`;
		expect(answered.get(name) ?? yes, name).toBe(yes);
		answered.set(name, yes);
	}
});
