import { afterAll, test } from "vitest";
import { EXPECTED_BEFORE } from "./checks.ts";
import { disturbAll } from "./exhaustive.ts";
import { openTally } from "./tally.ts";
import { BEFORE } from "./worked-change.ts";

const tally = openTally("every statement of a first apply disturbed");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

test("a first apply, whose records have no place yet", async () => {
	await disturbAll({ version: BEFORE, expected: EXPECTED_BEFORE }, tally);
}, 1_200_000);
