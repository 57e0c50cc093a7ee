import { afterAll, expect, test } from "vitest";
import { EXPECTED_AFTER, EXPECTED_BEFORE } from "./checks.ts";
import { bear, die, frozen, isWrite, refuse, type Scenario, undisturbed } from "./exhaustive.ts";
import { each, openTally, sample } from "./tally.ts";
import { AFTER, BEFORE } from "./worked-change.ts";

const CONCURRENCY = 3;
const tally = openTally("every statement of an apply disturbed");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

/** Statements that a plan's operations and migrations consist of, but for the records. */
function isOperation(sql: string): boolean {
	return isWrite(sql) && !/SNOWLINE\./.test(sql);
}

/** Every fault of one scenario. Faults of kinds that an apply gets over are spread: no two runs have the same statement. */
async function everything(scenario: Scenario): Promise<void> {
	const { statements } = await undisturbed(scenario);
	const numbered = statements.map((sql, i) => ({ statement: i + 1, sql }));
	const deaths = [
		...numbered.filter(({ sql }) => isWrite(sql)).map((s) => ({ ...s, when: "after" as const })),
		...numbered
			.filter(({ sql }) => isOperation(sql))
			.map((s) => ({ ...s, when: "before" as const })),
	];
	await each(sample(deaths, 4), CONCURRENCY, (death) => die(scenario, tally, death));
	const operations = numbered.filter(({ sql }) => isOperation(sql));
	await each(sample(operations, 2), CONCURRENCY, (at) => refuse(scenario, tally, at));
	const runs = 12;
	const kinds = ["drop-before", "drop-after", "unavailable", "expired"] as const;
	const spread = kinds.flatMap((kind) =>
		Array.from({ length: runs }, (_, run) => ({
			kind,
			faults: numbered
				.filter(({ statement }) => statement % runs === run)
				.map(({ statement }) => ({ statement, do: kind })),
		})),
	);
	await each(sample(spread, 2), CONCURRENCY + 3, ({ kind, faults }) =>
		bear(scenario, tally, NAMES[kind], faults),
	);
	await bear(scenario, tally, "slow answer", [], { latency: 20 });
}

const NAMES = {
	"drop-before": "connection severed before",
	"drop-after": "connection severed after",
	unavailable: "503",
	expired: "token expired",
} as const;

test("the first apply", async () => {
	await everything({ version: BEFORE, expected: EXPECTED_BEFORE });
	expect(tally.text()).toContain("gone");
}, 1_200_000);

test("a change", async () => {
	const { template, remove } = await frozen(BEFORE, async () => undefined);
	try {
		await everything({ version: AFTER, expected: EXPECTED_AFTER, template });
	} finally {
		remove();
	}
}, 1_200_000);
