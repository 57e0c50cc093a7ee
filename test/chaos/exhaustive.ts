import { rmSync } from "node:fs";
import type { Fault, FaultPlan } from "../../src/emulator/index.ts";
import { differences, type Expected, leftOpen, stateOf, succeeded } from "./checks.ts";
import { type Death, openSite, type Site } from "./site.ts";
import { each, LONG, sample, type Tally } from "./tally.ts";
import { ACCEPTED, type Version } from "./worked-change.ts";

/** A deployment that is disturbed: from an account in some state to a version of the project. */
export interface Scenario {
	readonly version: Version;
	readonly expected: Expected;
	/** A frozen site to begin from; an empty account where there is none. */
	readonly template?: string;
}

/** What an apply does when nothing disturbs it. */
export interface Undisturbed {
	/** The statements it sends, in order; the first is number 1. */
	readonly statements: readonly string[];
}

const APPLY = ["apply", "--yes", "--allow-hazards", ACCEPTED.join(",")];

/** Statements that change neither the account nor the session. */
const READS = /^\s*(?:SELECT|SHOW|DESC|ALTER SESSION|USE SECONDARY)\b/i;

/** Whether a statement leaves something behind: a death after any other is one after the last that did. */
export function isWrite(sql: string): boolean {
	return !READS.test(sql);
}

async function opened(scenario: Scenario): Promise<Site> {
	const site = await openSite(scenario.version, scenario.template);
	site.put(scenario.version);
	return site;
}

/** Runs a scenario as it should be, for the statements that it sends. */
export async function undisturbed(scenario: Scenario): Promise<Undisturbed> {
	const site = await opened(scenario);
	const statements: string[] = [];
	try {
		succeeded(
			"the undisturbed apply",
			await site.run(APPLY, { beforeStatement: (_n, sql) => void statements.push(sql) }),
		);
		await checkWhole(site, scenario.expected);
	} finally {
		await site.close();
	}
	return { statements };
}

/** Applies what is left and checks that nothing shows of what happened before. */
async function recover(site: Site, scenario: Scenario): Promise<void> {
	// Nobody is there to give the lease back, and transactions that were left open end as well.
	site.wait(30);
	succeeded("the next apply", await site.run(APPLY));
	await checkWhole(site, scenario.expected);
}

/** Checks the account against what is expected, and that a plan finds nothing to do. */
export async function checkWhole(site: Site, expected: Expected): Promise<void> {
	succeeded("the plan afterwards", await site.run(["plan", "--detailed-exitcode"]));
	const wrong = [
		...(await leftOpen(site.query)),
		...differences(await stateOf(site.query), expected),
	];
	await site.deliver("landing/orders/last.json", '{"id": 99}');
	const orders = [...expected.orders, "landing/orders/last.json"].sort();
	wrong.push(
		...differences(await stateOf(site.query), {
			...expected,
			orders,
			unread: expected.unread + 1,
		}).map((line) => `after one more file: ${line}`),
	);
	if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

async function disturbed(
	scenario: Scenario,
	what: string,
	work: (site: Site) => Promise<void>,
): Promise<void> {
	const site = await opened(scenario);
	try {
		await work(site);
	} catch (error) {
		throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
	} finally {
		await site.close();
	}
}

/** The deployer dies at a statement. */
export async function die(
	scenario: Scenario,
	tally: Tally,
	death: Death & { readonly statement: number; readonly sql: string },
): Promise<void> {
	const kind = `deployer gone ${death.when} a statement`;
	tally.injected(kind);
	await disturbed(
		scenario,
		`gone ${death.when} statement ${death.statement} (${death.sql.slice(0, 80)})`,
		async (site) => {
			await site.runUntil(APPLY, death);
			await recover(site, scenario);
		},
	);
	tally.survived(kind);
}

/** A statement is refused: the apply fails, brings back what it held and ends by itself. */
export async function refuse(
	scenario: Scenario,
	tally: Tally,
	{ statement, sql }: { readonly statement: number; readonly sql: string },
): Promise<void> {
	const kind = "statement refused";
	tally.injected(kind);
	await disturbed(
		scenario,
		`refused statement ${statement} (${sql.slice(0, 80)})`,
		async (site) => {
			const ran = await site.run(APPLY, {
				beforeStatement(n) {
					if (n === statement) throw new Error("refused by the test");
				},
			});
			if (ran.code === 70) succeeded("the refused apply", ran);
			await recover(site, scenario);
		},
	);
	tally.survived(kind);
}

/** Faults that an apply gets over by itself, many in one run. */
export async function bear(
	scenario: Scenario,
	tally: Tally,
	kind: string,
	faults: readonly Fault[],
	plan: FaultPlan = {},
	count = faults.length,
): Promise<void> {
	tally.injected(kind, count);
	const at = faults.map((fault) => fault.statement);
	await disturbed(scenario, `${kind} at ${at.join(", ")}`, async (site) => {
		succeeded("the apply", await site.run(APPLY, { ...plan, faults }));
		await checkWhole(site, scenario.expected);
	});
	tally.survived(kind, count);
}

/** How many runs share the faults of one kind, so that no two of a run are close to each other. */
const RUNS = 8;

const BORNE = {
	"drop-before": "connection severed before",
	"drop-after": "connection severed after",
	unavailable: "503",
	expired: "token expired",
} as const;

/** What is not the deployer's own record-keeping: the plan's operations and the statements of migrations. */
function isOperation(sql: string): boolean {
	return isWrite(sql) && !/SNOWLINE\./.test(sql);
}

/** Every fault at every statement of a scenario, or a sample of them. Several accounts live side by side. */
export async function disturbAll(scenario: Scenario, tally: Tally): Promise<void> {
	const { statements } = await undisturbed(scenario);
	const numbered = statements.map((sql, i) => ({ statement: i + 1, sql }));
	const deaths = numbered.flatMap(({ statement, sql }, i) => {
		const after = isWrite(sql) ? [{ statement, sql, when: "after" as const }] : [];
		// After the statement before it is the same moment, if that was one that leaves something behind.
		const same = isWrite(numbered[i - 1]?.sql ?? "SELECT");
		return same || !isOperation(sql)
			? after
			: [{ statement, sql, when: "before" as const }, ...after];
	});
	await each(sample(deaths, 3), 3, (death) => die(scenario, tally, death));
	const operations = numbered.filter(({ sql }) => isOperation(sql));
	await each(sample(operations, 1), 3, (at) => refuse(scenario, tally, at));
	const spread = (["drop-before", "drop-after", "unavailable", "expired"] as const).flatMap(
		(kind) =>
			Array.from({ length: RUNS }, (_, run) => ({
				kind,
				faults: numbered
					.filter(({ statement }) => statement % RUNS === run)
					.map(({ statement }) => ({ statement, do: kind })),
			})),
	);
	await each(sample(spread, 1), 6, ({ kind, faults }) =>
		bear(scenario, tally, BORNE[kind], faults),
	);
	if (LONG) await bear(scenario, tally, "slow answer", [], { latency: 20 }, numbered.length);
}

/** The first version applied, with two files loaded: what the change begins from. */
export async function frozen(
	version: Version,
): Promise<{ readonly template: string; remove(): void }> {
	const site = await openSite(version);
	succeeded("the first apply", await site.run(APPLY));
	await site.deliver("landing/orders/1.json", '{"id": 1}');
	await site.deliver("landing/orders/2.json", '{"id": 2}');
	await site.freeze();
	return {
		template: site.dir,
		remove: () => rmSync(site.dir, { recursive: true, force: true }),
	};
}
