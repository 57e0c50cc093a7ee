import { afterAll, beforeAll, expect, test } from "vitest";
import { EXPECTED_AFTER } from "./checks.ts";
import { disturbAll, frozen, undisturbed } from "./exhaustive.ts";
import { openTally } from "./tally.ts";
import { AFTER, BEFORE, MECHANISMS } from "./worked-change.ts";

const tally = openTally("every statement of a change disturbed");
let site: Awaited<ReturnType<typeof frozen>>;

beforeAll(async () => {
	site = await frozen(BEFORE);
});

afterAll(() => {
	site.remove();
	process.stdout.write(`${tally.text()}\n`);
});

test("a change that goes every way apply has", async () => {
	// The integration is another one by then, the stage not linked to it, and the view not made anew.
	const weak = /^ALTER STAGE LAKE\.RAW\.LANDING SET/;
	const scenario = { version: AFTER, expected: EXPECTED_AFTER, template: site.template, weak };
	const { statements } = await undisturbed(scenario);
	const missing = Object.entries(MECHANISMS).filter(
		([, sent]) => !statements.some((sql) => sent.test(sql)),
	);
	expect(missing.map(([mechanism]) => mechanism)).toEqual([]);
	await disturbAll(scenario, statements, tally);
}, 1_200_000);
