import { afterAll, test } from "vitest";
import { EXPECTED_AFTER } from "./checks.ts";
import { disturbAll, frozen } from "./exhaustive.ts";
import { openTally } from "./tally.ts";
import { AFTER, BEFORE } from "./worked-change.ts";

const tally = openTally("every statement of a change disturbed");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

test("a change that goes every way apply has", async () => {
	const { template, remove } = await frozen(BEFORE);
	try {
		await disturbAll({ version: AFTER, expected: EXPECTED_AFTER, template }, tally);
	} finally {
		remove();
	}
}, 1_200_000);
