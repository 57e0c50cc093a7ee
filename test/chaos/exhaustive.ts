import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultPlan } from "../../src/emulator/index.ts";
import { differences, type Expected, LAST_FILE, leftOpen, stateOf, succeeded } from "./checks.ts";
import { type Death, openSite, type Site } from "./site.ts";
import { each, LONG, sample, type Tally } from "./tally.ts";
import { ACCEPTED, GRANTED_BY_HAND, type Version } from "./worked-change.ts";

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

/** Statements that change nothing but the session, which dies with its deployer. */
const READS = /^\s*(?:SELECT|SHOW|DESC|DESCRIBE|LIST|ALTER SESSION|USE)\b/i;

/** Whether a statement leaves something behind: a death after any other is one after the last that did. */
export function isWrite(sql: string): boolean {
	return !READS.test(sql);
}

function opened(scenario: Scenario): Promise<Site> {
	const { template } = scenario;
	return openSite(scenario.version, { lively: true, ...(template !== undefined && { template }) });
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

/** In minutes: the tasks of the project run once in this time. */
const HALF_DAY = 12 * 60 + 5;

/** Checks that a plan finds nothing to do, and the account, when one more file has gone all the way, against what is expected. */
export async function checkWhole(site: Site, expected: Expected): Promise<void> {
	succeeded("the plan afterwards", await site.run(["plan", "--detailed-exitcode"]));
	const open = await leftOpen(site.query);
	site.deliver(LAST_FILE, '{"id": 99}');
	await site.tick(HALF_DAY);
	const wrong = [...open, ...differences(await stateOf(site.query), expected)];
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

/** A statement of an undisturbed run: what it says, and the how many-th it is that says so. */
interface Target {
	readonly sql: string;
	readonly nth: number;
}

/** Without what is another in every run: the ids of deployments and lease holders. */
function textOf(sql: string): string {
	return sql.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…");
}

function targetsIn(statements: readonly string[]): readonly Target[] {
	const seen = new Map<string, number>();
	return statements.map((statement) => {
		const sql = textOf(statement);
		const nth = (seen.get(sql) ?? 0) + 1;
		seen.set(sql, nth);
		return { sql, nth };
	});
}

/** Tells the statements that are meant as they come, and in the end which did not. */
interface Aim {
	/** `runs`: whether the statement runs although it is hit, and does not come again. */
	hits(sql: string, runs: boolean): boolean;
	readonly missed: () => readonly string[];
}

function aimAt(targets: readonly Target[]): Aim {
	const keyOf = ({ sql, nth }: Target): string => `${nth} ${sql}`;
	const left = new Map(targets.map((target) => [keyOf(target), target.sql]));
	const seen = new Map<string, number>();
	return {
		hits(statement, runs) {
			const sql = textOf(statement);
			const nth = (seen.get(sql) ?? 0) + 1;
			const hit = left.delete(keyOf({ sql, nth }));
			if (runs || !hit) seen.set(sql, nth);
			return hit;
		},
		missed: () => [...left.values()],
	};
}

function short(sql: string): string {
	return sql.replaceAll(/\s+/g, " ").slice(0, 100);
}

/** The deployer dies at a statement. */
async function die(
	scenario: Scenario,
	tally: Tally,
	{ when, ...target }: Target & Pick<Death, "when">,
): Promise<void> {
	const kind = `deployer gone ${when} a statement`;
	tally.injected(kind);
	const aim = aimAt([target]);
	const statement = (sql: string) => aim.hits(sql, true);
	await disturbed(scenario, `gone ${when} ${short(target.sql)} (${target.nth})`, async (site) => {
		const outcome = await site.runUntil(APPLY, { statement, when });
		if (outcome !== "gone") throw new Error("the statement never came");
		await recover(site, scenario);
	});
	tally.survived(kind);
}

/** A statement is refused: the apply fails, brings back what it held and ends by itself. */
async function refuse(scenario: Scenario, tally: Tally, target: Target): Promise<void> {
	const kind = "statement refused";
	tally.injected(kind);
	const aim = aimAt([target]);
	await disturbed(scenario, `refused ${short(target.sql)} (${target.nth})`, async (site) => {
		const ran = await site.run(APPLY, {
			beforeStatement(_n, sql) {
				if (aim.hits(sql, true)) throw new Error("refused by the test");
			},
		});
		if (aim.missed().length > 0) throw new Error("the statement never came");
		if (ran.code === 70) succeeded("the refused apply", ran);
		await recover(site, scenario);
	});
	tally.survived(kind);
}

/**
 * Faults that an apply gets over by itself, many in one run. How many sessions it opens depends on what runs side
 * by side, so what it says to each may not come as often as it did: only faults that happened count.
 */
async function bear(
	scenario: Scenario,
	tally: Tally,
	kind: string,
	targets: readonly Target[],
	planOf: (aim: Aim) => FaultPlan,
): Promise<void> {
	const aim = aimAt(targets);
	await disturbed(scenario, kind, async (site) => {
		const ran = await site.run(APPLY, planOf(aim));
		tally.injected(kind, targets.length - aim.missed().length);
		succeeded("the apply", ran);
		const missed = aim.missed().filter(isOperation);
		if (missed.length > 0) throw new Error(`never came: ${missed.map(short).join("\n")}`);
		await checkWhole(site, scenario.expected);
	});
	tally.survived(kind, targets.length - aim.missed().length);
}

/** How many runs share the faults of one kind, so that no two of a run are close to each other. */
const RUNS = 8;

/** How many of the faults that an apply gets over by itself the short form has, of each kind. */
const BORNE_SHORT = 5;

/** A lease so short that an answer can be slow: after a third of it, it has to be asked for again before anything is sent. */
const SHORT_LEASE = { SNOWLINE_LEASE_SECONDS: "3" };
const SLOW = 1100;

function faulty(fault: Fault["do"]): (aim: Aim) => FaultPlan {
	const runs = fault === "drop-after";
	return (aim) => ({ faultOf: (sql) => (aim.hits(sql, runs) ? fault : undefined) });
}

const BORNE: Readonly<Record<string, (aim: Aim) => FaultPlan>> = {
	"connection severed before": faulty("drop-before"),
	"connection severed after": faulty("drop-after"),
	"503": faulty("unavailable"),
	"token expired": faulty("expired"),
	"slow answer": (aim) => ({
		afterStatement: async (_n, sql) => void (aim.hits(sql, true) && (await sleep(SLOW))),
	}),
};

/** What is not the deployer's own record-keeping: the plan's operations and the statements of migrations. */
function isOperation(sql: string): boolean {
	return isWrite(sql) && !/SNOWLINE\./.test(sql);
}

/** The statements spread over runs; in the short form a few of them, for one run. */
function spread(targets: readonly Target[], seed: number): readonly (readonly Target[])[] {
	if (!LONG) return [sample(targets, BORNE_SHORT, seed)];
	return Array.from({ length: RUNS }, (_, run) => targets.filter((_t, i) => i % RUNS === run));
}

/** Every moment at which a deployer can die and leave something behind that it did not leave a moment before. */
function deathsOf(targets: readonly Target[]): readonly (Target & Pick<Death, "when">)[] {
	return targets.flatMap((target, i) => {
		const after = isWrite(target.sql) ? [{ ...target, when: "after" as const }] : [];
		// After the statement before it is the same moment, if that was one that leaves something behind.
		const same = isWrite(targets[i - 1]?.sql ?? "SELECT");
		return same || !isOperation(target.sql)
			? after
			: [{ ...target, when: "before" as const }, ...after];
	});
}

/**
 * Every fault at every statement of a scenario. The short form takes, by seed, one death before and two after a
 * statement, one refusal, and five statements for each kind of fault that an apply gets over by itself.
 * Several accounts live side by side.
 */
export async function disturbAll(
	scenario: Scenario,
	statements: readonly string[],
	tally: Tally,
): Promise<void> {
	const targets = targetsIn(statements);
	const deaths = deathsOf(targets);
	const at = (when: Death["when"]) => deaths.filter((death) => death.when === when);
	const operations = targets.filter(({ sql }) => isOperation(sql));
	const ends = [
		...[...sample(at("before"), 1), ...sample(at("after"), 2)].map(
			(death) => () => die(scenario, tally, death),
		),
		...sample(operations, 1).map((target) => () => refuse(scenario, tally, target)),
	];
	const { version } = scenario;
	const hurried = { ...version, secrets: { ...version.secrets, ...SHORT_LEASE } };
	const borne = Object.entries(BORNE).flatMap(([kind, planOf], seed) =>
		spread(targets, seed).map(
			(some) => () => bear({ ...scenario, version: hurried }, tally, kind, some, planOf),
		),
	);
	// Who bears a fault mostly sleeps until it tries again.
	await Promise.all([each(ends, 3, (one) => one()), each(borne, 8, (one) => one())]);
}

/** The first version applied, two files loaded and unread, and one that waits for its pipe: what the change begins from. */
export async function frozen(
	version: Version,
): Promise<{ readonly template: string; remove(): void }> {
	const site = await openSite(version);
	succeeded("the first apply", await site.run(APPLY));
	for (const grant of GRANTED_BY_HAND) await site.query(grant);
	site.deliver("landing/orders/1.json", '{"id": 1}');
	site.deliver("landing/orders/2.json", '{"id": 2}');
	await site.tick(5);
	site.deliver("landing/orders/3.json", '{"id": 3}');
	await site.freeze();
	return {
		template: site.dir,
		remove: () => rmSync(site.dir, { recursive: true, force: true }),
	};
}
