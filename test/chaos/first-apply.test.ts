import { afterAll, test } from "vitest";
import { EXPECTED_FIRST } from "./checks.ts";
import { disturbAll, undisturbed } from "./exhaustive.ts";
import { openTally } from "./tally.ts";
import { FIRST } from "./worked-change.ts";

const tally = openTally("every statement of a first apply disturbed");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

test("a first apply, whose records have no place yet", async () => {
	const scenario = { version: FIRST, expected: EXPECTED_FIRST };
	const { statements } = await undisturbed(scenario);
	await disturbAll(scenario, statements, tally);
}, 1_200_000);
