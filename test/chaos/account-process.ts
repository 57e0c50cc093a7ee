import { createInterface } from "node:readline";
import { announceServing } from "../../src/cli/connect.ts";
import { openAccount, serve, tick } from "../../src/emulator/index.ts";

/** A statement: so many from now, or from the first one that contains a text. */
export interface Point {
	readonly in: number;
	readonly from?: string;
	readonly when: "before" | "after";
}

/**
 * Serves an account as `emulator start` does, in a process that can be killed, with the clock in the test's hands
 * unless it is live. It takes orders as lines of JSON on stdin, and answers each with a line.
 */
export interface Order {
	readonly wait?: number;
	readonly tick?: number;
	/** Hold a statement or its answer, and say so with `reached`. */
	readonly hold?: Point;
	/** Let go what is held: `run` as if nothing had happened, `refuse` so that it never runs. */
	readonly release?: "run" | "refuse";
	readonly die?: Point;
	/** Give the statements that came since this was last asked. */
	readonly log?: true;
}

export interface Answer {
	readonly ok?: true;
	readonly port?: number;
	readonly reached?: string;
	readonly log?: readonly string[];
}

const [path = "", buckets = "{}", live = "", port = "0"] = process.argv.slice(2);
const account = await openAccount({
	path,
	buckets: JSON.parse(buckets) as Record<string, string>,
	live: live === "live",
});

interface Awaited extends Point {
	/** The number of the statement; undefined until the one it is counted from has come. */
	at: number | undefined;
}

const say = (answer: Answer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
let count = 0;
let hold: Awaited | undefined;
let die: Awaited | undefined;
let release: ((how: "run" | "refuse") => void) | undefined;
let log: string[] = [];

async function point(when: "before" | "after", n: number, sql: string): Promise<void> {
	if (die?.at === n && die.when === when) process.kill(process.pid, "SIGKILL");
	if (hold?.at !== n || hold.when !== when) return;
	hold = undefined;
	const how = await new Promise<"run" | "refuse">((resolve) => {
		release = resolve;
		say({ reached: sql });
	});
	if (how === "refuse") throw new Error("its client is gone");
}

const awaited = (point: Point): Awaited => ({
	...point,
	at: point.from === undefined ? count + point.in : undefined,
});

const server = await serve(account, {
	port: Number(port),
	beforeStatement(n, sql) {
		count = n;
		log.push(sql);
		for (const point of [hold, die])
			if (point?.from !== undefined && sql.includes(point.from)) point.at ??= n + point.in;
		return point("before", n, sql);
	},
	afterStatement: (n, sql) => point("after", n, sql),
});
announceServing(path, server.port);
say({ port: server.port });

for await (const line of createInterface({ input: process.stdin })) {
	const order = JSON.parse(line) as Order;
	if (order.wait !== undefined) account.clock.advanceTo(account.clock.now() + order.wait * 60_000);
	if (order.tick !== undefined) await tick(account, { forMillis: order.tick * 60_000 });
	if (order.hold) hold = awaited(order.hold);
	if (order.die) die = awaited(order.die);
	if (order.release) release?.(order.release);
	const given = log;
	if (order.log) log = [];
	say({ ok: true, ...(order.log ? { log: given } : {}) });
}
await server.close();
await account.close();
