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
	/** Statements before and at which it once went wrong: where the short form ends the deployer. */
	readonly weak?: RegExp;
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
interface Aim<T extends Target> {
	hit(sql: string): T | undefined;
	readonly missed: () => readonly T[];
}

/** `runs`: whether a statement runs although it is hit, and does not come again. */
function aimAt<T extends Target>(targets: readonly T[], runs: (target: T) => boolean): Aim<T> {
	const keyOf = ({ sql, nth }: Target): string => `${nth} ${sql}`;
	const left = new Map(targets.map((target) => [keyOf(target), target]));
	const seen = new Map<string, number>();
	return {
		hit(statement) {
			const sql = textOf(statement);
			const nth = (seen.get(sql) ?? 0) + 1;
			const key = keyOf({ sql, nth });
			const target = left.get(key);
			left.delete(key);
			if (target === undefined || runs(target)) seen.set(sql, nth);
			return target;
		},
		missed: () => [...left.values()],
	};
}

function short({ sql, nth }: Target): string {
	return `${sql.replaceAll(/\s+/g, " ").slice(0, 100)} (${nth})`;
}

/** The deployer dies at a statement. */
async function die(
	scenario: Scenario,
	tally: Tally,
	{ when, ...target }: Target & Pick<Death, "when">,
): Promise<void> {
	const kind = `deployer gone ${when} a statement`;
	const aim = aimAt([target], () => true);
	const statement = (sql: string) => aim.hit(sql) !== undefined;
	let isGone = false;
	await disturbed(scenario, `gone ${when} ${short(target)}`, async (site) => {
		isGone = (await site.runUntil(APPLY, { statement, when })) === "gone";
		// How often the records are written depends on what runs side by side: such a one may never come.
		if (!isGone && isOperation(target.sql)) throw new Error("the statement never came");
		if (isGone) tally.injected(kind);
		await recover(site, scenario);
	});
	if (isGone) tally.survived(kind);
}

/** A statement is refused: the apply fails, brings back what it held and ends by itself. */
async function refuse(scenario: Scenario, tally: Tally, target: Target): Promise<void> {
	const kind = "statement refused";
	tally.injected(kind);
	const aim = aimAt([target], () => true);
	await disturbed(scenario, `refused ${short(target)}`, async (site) => {
		const ran = await site.run(APPLY, {
			beforeStatement(_n, sql) {
				if (aim.hit(sql)) throw new Error("refused by the test");
			},
		});
		if (aim.missed().length > 0) throw new Error("the statement never came");
		if (ran.code === 70) succeeded("the refused apply", ran);
		await recover(site, scenario);
	});
	tally.survived(kind);
}

/** What an apply gets over by itself, by the name it is counted under. */
const BORNE: Readonly<Record<string, Fault["do"] | "slow">> = {
	"connection severed before": "drop-before",
	"connection severed after": "drop-after",
	"503": "unavailable",
	"token expired": "expired",
	"slow answer": "slow",
};

interface Borne extends Target {
	/** A key of `BORNE`. */
	readonly kind: string;
}

/** A lease so short that an answer can be slow: after a third of it, it is asked for again before anything is sent. */
const SHORT_LEASE = { SNOWLINE_LEASE_SECONDS: "3" };
const SLOW = 1100;

function planOf(aim: Aim<Borne>): FaultPlan {
	const slow = new Set<string>();
	return {
		faultOf(sql) {
			const fault = BORNE[aim.hit(sql)?.kind ?? ""];
			if (fault !== "slow") return fault;
			slow.add(sql);
			return undefined;
		},
		afterStatement: async (_n, sql) => void (slow.delete(sql) && (await sleep(SLOW))),
	};
}

/**
 * Faults that an apply gets over by itself, many in one run. How many sessions it opens depends on what runs side
 * by side, so what it says to each may not come as often as it did: only faults that happened count.
 */
async function bear(scenario: Scenario, tally: Tally, targets: readonly Borne[]): Promise<void> {
	const aim = aimAt(
		targets,
		({ kind }) => kind === "connection severed after" || kind === "slow answer",
	);
	const kinds = [...new Set(targets.map(({ kind }) => kind))];
	const { version } = scenario;
	const hurried = { ...version, secrets: { ...version.secrets, ...SHORT_LEASE } };
	await disturbed({ ...scenario, version: hurried }, kinds.join(", "), async (site) => {
		const ran = await site.run(APPLY, planOf(aim));
		const missed = aim.missed();
		const happened = targets.filter((target) => !missed.includes(target));
		for (const { kind } of happened) tally.injected(kind);
		succeeded("the apply", ran);
		const lost = missed.filter(({ sql }) => isOperation(sql));
		if (lost.length > 0) throw new Error(`never came: ${lost.map(short).join("\n")}`);
		await checkWhole(site, scenario.expected);
		for (const { kind } of happened) tally.survived(kind);
	});
}

/** How many runs share the faults of one kind, so that no two of a run are close to each other. */
const RUNS = 8;

/** How many faults of each kind the short form has, all in one run. */
const BORNE_SHORT = 3;

/** What is not the deployer's own record-keeping: the plan's operations and the statements of migrations. */
function isOperation(sql: string): boolean {
	return isWrite(sql) && !/SNOWLINE\./.test(sql);
}

/** Every kind of fault at every statement, spread over runs; in the short form a few of each, in one. */
function spread(targets: readonly Target[]): readonly (readonly Borne[])[] {
	const kinds = Object.keys(BORNE);
	if (!LONG) {
		const some = sample(targets, kinds.length * BORNE_SHORT);
		return [some.map((target, i) => ({ ...target, kind: kinds[i % kinds.length] ?? "" }))];
	}
	return kinds.flatMap((kind) =>
		Array.from({ length: RUNS }, (_, run) =>
			targets.filter((_t, i) => i % RUNS === run).map((target) => ({ ...target, kind })),
		),
	);
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
 * Every fault at every statement of a scenario. The short form takes, by seed, one death before and one after a
 * statement, one refusal (where it once went wrong, if the scenario says so), and three statements for each kind of fault that an apply gets over by itself.
 * Several accounts live side by side.
 */
export async function disturbAll(
	scenario: Scenario,
	statements: readonly string[],
	tally: Tally,
): Promise<void> {
	const targets = targetsIn(statements);
	const deaths = deathsOf(targets);
	const weak = LONG ? [] : targets.filter(({ sql }) => scenario.weak?.test(sql) === true);
	const before = weak.map((target) => ({ ...target, when: "before" as const }));
	const at = (when: Death["when"]) => deaths.filter((death) => death.when === when);
	const operations = targets.filter(({ sql }) => isOperation(sql));
	const ends = [
		...[...sample(before.length > 0 ? before : at("before"), 1), ...sample(at("after"), 1)].map(
			(death) => () => die(scenario, tally, death),
		),
		...sample(weak.length > 0 ? weak : operations, 1).map(
			(target) => () => refuse(scenario, tally, target),
		),
	];
	const borne = spread(targets).map((some) => () => bear(scenario, tally, some));
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
