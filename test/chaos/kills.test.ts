import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, test } from "vitest";
import type { Point } from "./account-process.ts";
import { differences, leftOpen, succeeded } from "./checks.ts";
import { openProcessSite, type ProcessSite } from "./process-site.ts";
import { each, LONG, openTally, randomOf } from "./tally.ts";
import { auditOfRound, copyWorkedProject, filesOfRound, ROUND_HAZARDS } from "./worked-project.ts";

const APPLY = ["apply", "--yes", "--allow-hazards", ROUND_HAZARDS];
const tally = openTally("processes killed on the worked project");

afterAll(() => void process.stdout.write(`${tally.text()}\n`));

/** What an apply sends once it has the lease, about; a fifth of the deaths comes before that, or after the end. */
function pointOf(random: () => number): Point {
	const when = random() < 0.5 ? "before" : "after";
	return random() < 0.8
		? { in: Math.floor(random() * 75), from: "SNOWLINE.LEASES SET", when }
		: { in: 1 + Math.floor(random() * 150), when };
}

const NEVER: Point = { in: 1e9, when: "after" };

/** Whether anything was killed: a deployment may have ended before. */
type Kill = (site: ProcessSite, random: () => number) => Promise<boolean>;

/** The deployer dies at a statement, which ran or did not. */
const atStatement: Kill = async (site, random) => {
	await site.tell({ hold: pointOf(random) });
	const deployer = site.spawn(...APPLY);
	const held = await Promise.race([site.reached(), deployer.ended.then(() => undefined)]);
	deployer.kill("SIGKILL");
	await deployer.ended;
	await site.tell(
		held === undefined ? { hold: NEVER } : { release: random() < 0.5 ? "run" : "refuse" },
	);
	return held !== undefined;
};

/** The deployer dies after a time; what it had sent still runs. */
const afterTime: Kill = async (site, random) => {
	const deployer = site.spawn(...APPLY);
	const dead = sleep(300 + random() * 1700);
	await Promise.race([dead, deployer.ended]);
	deployer.kill("SIGKILL");
	return (await deployer.ended).code === -1;
};

/** The account dies under a deployer, and comes back at the same place with what it had committed. */
const account: Kill = async (site, random) => {
	await site.tell({ die: pointOf(random) });
	const deployer = site.spawn(...APPLY);
	const { ended } = deployer;
	let died = false;
	while (!died) {
		died = await site.revive();
		if (!died && (await Promise.race([ended, sleep(20)])) !== undefined) break;
	}
	await ended;
	await site.tell({ die: NEVER });
	return died;
};

/** Both die at once. */
const both: Kill = async (site, random) => {
	const deployer = site.spawn(...APPLY);
	await Promise.race([sleep(300 + random() * 1700), deployer.ended]);
	site.killAccount();
	deployer.kill("SIGKILL");
	await deployer.ended;
	while (!(await site.revive())) await sleep(20);
	return true;
};

const KILLS: Readonly<Record<string, Kill>> = {
	"deployer killed at a statement": atStatement,
	"deployer killed after a time": afterTime,
	"account killed at a statement": account,
	"deployer and account killed": both,
};

/** One order arrives in each round, so that what pipe, stream and task lose is seen. */
async function deliver(site: ProcessSite, round: number): Promise<void> {
	const folder = join(site.dir, ".snowline/s3/acme-lake/landing/orders");
	mkdirSync(folder, { recursive: true });
	const order = {
		order_id: 1000 + round,
		customer_id: 1,
		status: "placed",
		amount: 10,
		updated_at: "2026-01-01T00:00:00",
		items: [],
	};
	writeFileSync(join(folder, `${1000 + round}.json`), JSON.stringify(order));
	await site.tell({ tick: 5 });
}

async function check(site: ProcessSite, round: number): Promise<readonly string[]> {
	const { ask } = site;
	const rounds = Array.from({ length: round + 1 }, (_, i) => i);
	const column = async (sql: string) =>
		(await ask(sql)).map((row) => Object.values(row).join(" ")).sort();
	const found = {
		audit: await column("SELECT STEP FROM LAKE_LOCAL.SILVER.AUDIT"),
		bronze: await column("SELECT PAYLOAD:order_id::VARCHAR FROM LAKE_LOCAL.BRONZE.ORDERS_RAW"),
		silver: await column("SELECT ORDER_ID FROM LAKE_LOCAL.SILVER.ORDERS"),
		tasks: (await ask("SHOW TASKS IN DATABASE LAKE_LOCAL")).map((t) => `${t.name} ${t.state}`),
		tables: (await ask("SHOW TABLES IN DATABASE LAKE_LOCAL"))
			.filter((t) => t.schema_name !== "SNOWLINE")
			.map((t) => String(t.name))
			.sort(),
		pipe: (await column("SELECT SYSTEM$PIPE_STATUS('LAKE_LOCAL.BRONZE.ORDERS_PIPE')")).map(
			(status) => String((JSON.parse(status) as { executionState: string }).executionState),
		),
	};
	const orders = rounds.map((r) => String(1000 + r)).sort();
	return [
		...(await leftOpen(ask, "LAKE_LOCAL.SNOWLINE")),
		...differences(found, {
			audit: rounds.flatMap(auditOfRound).sort(),
			bronze: orders,
			silver: orders,
			tasks: ["AUDITED started", "MIGRATE_TO_SILVER started"],
			tables: ["AUDIT", "CUSTOMERS", "ORDERS", "ORDERS_RAW", ...(round % 2 ? ["RETURNS"] : [])],
			pipe: ["RUNNING"],
		}),
	];
}

const MIDDLE = "of these, amid a deployment";

/** Whether a deployment was begun and not ended. */
async function isOpen({ ask }: ProcessSite): Promise<boolean> {
	try {
		return (await leftOpen(ask, "LAKE_LOCAL.SNOWLINE")).length > 0;
	} catch {
		return false;
	}
}

/** A project that goes through rounds of change, and is killed in each of them. */
async function life(seed: number, kinds: readonly string[]): Promise<void> {
	const random = randomOf(seed);
	const site = await openProcessSite(filesOfRound(0), "acme-lake", { prepare: copyWorkedProject });
	try {
		for (const [round, kind] of kinds.entries()) {
			site.write(filesOfRound(round));
			let middle = false;
			let killed = false;
			try {
				killed = (await KILLS[kind]?.(site, random)) ?? false;
				middle = killed && (await isOpen(site));
				if (killed) tally.injected(kind);
				if (middle) tally.injected(MIDDLE);
				await site.tell({ wait: 30 });
				succeeded("the next apply", await site.run(...APPLY));
				succeeded("the plan afterwards", await site.run("plan", "--detailed-exitcode"));
				await deliver(site, round);
				const wrong = await check(site, round);
				if (wrong.length > 0) throw new Error(wrong.join("\n"));
			} catch (error) {
				const what = error instanceof Error ? error.message : String(error);
				throw new Error(`seed ${seed}, round ${round}, ${kind}: ${what}`, { cause: error });
			}
			if (killed) tally.survived(kind);
			if (middle) tally.survived(MIDDLE);
		}
	} finally {
		await site.close();
	}
}

/** So many have to be killed. */
const KILLS_LONG = 100;
const ROUNDS = 10;

/**
 * The long form lives on until a hundred were killed: what had ended before does not count. The short form is
 * one life with a kill of each kind.
 */
test("deployments survive the death of processes", async () => {
	const names = Object.keys(KILLS);
	const [first = "", second = "", third = "", last = ""] = names;
	// Three of four kill the deployer alone.
	const rounds = (seed: number) =>
		Array.from({ length: ROUNDS }, (_, i) =>
			i % 4 === 3 ? ((i + seed) % 8 < 4 ? third : last) : i % 2 === 0 ? first : second,
		);
	if (!LONG) return life(1, names);
	let seed = 0;
	await each([1, 2], 2, async () => {
		while (tally.total(names) < KILLS_LONG) await life(++seed, rounds(seed));
	});
}, 1_200_000);
