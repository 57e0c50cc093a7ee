import { PassThrough } from "node:stream";
import { Chalk } from "chalk";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Waiting, waitFor } from "../src/apply/ask.ts";
import type { OperationContext } from "../src/apply/run-operation.ts";
import type { CommandContext, Leftovers } from "../src/cli/command.ts";
import { watchRun } from "../src/cli/commands/apply-progress.ts";
import { progress } from "../src/cli/progress.ts";
import { openTerminal, type Terminal } from "../src/cli/terminal.ts";
import type { Finding } from "../src/operate/health.ts";
import type { Step } from "../src/plan/plan.ts";
import { type Applied, appliedText } from "../src/report/applied-text.ts";
import { startAccount } from "./support/account.ts";
import { openDeployer } from "./support/deploy.ts";

const STEP: Step = {
	id: "drain STREAM D.S.NEWS",
	action: "drain",
	kind: "STREAM",
	object: "D.S.NEWS",
	reason: "",
	dependsOn: [],
	changes: [],
	diff: "",
	hazards: [],
	operations: [],
	restore: [],
};

const WAITING: Waiting = {
	sql: "SELECT COUNT(*) FROM D.S.NEWS",
	answer: "3",
	until: "0",
	seconds: 12.4,
	deadlineSeconds: 300,
};

function terminalOf(options: { readonly tty?: boolean; readonly quiet?: boolean }): {
	readonly terminal: Terminal;
	readonly written: () => string;
} {
	let err = "";
	const terminal = openTerminal(
		{
			stdout: { write: () => true },
			stderr: { write: (text) => (err += text), isTTY: options.tty === true, columns: 60 },
			stdin: new PassThrough(),
			env: {},
		},
		{ color: false, quiet: options.quiet === true },
	);
	return { terminal, written: () => err };
}

describe("what takes long", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	function watched(options: Parameters<typeof terminalOf>[0], seconds: number): string {
		const { terminal, written } = terminalOf(options);
		const report = watchRun({ terminal, leftovers: {} } as CommandContext);
		report({ type: "start", step: STEP });
		report({ type: "waiting", step: STEP, ...WAITING });
		vi.advanceTimersByTime(seconds * 1000);
		report({ type: "done", step: STEP, milliseconds: seconds * 1000 });
		vi.advanceTimersByTime(5000);
		return written();
	}

	test("is told in a log with what is waited for and until when, seldom", () => {
		const line =
			"… drain STREAM D.S.NEWS: waits until 0, now 3, for 12 of at most 300 s: SELECT COUNT(*) FROM D.S.NEWS";
		const lines = watched({}, 95).trimEnd().split("\n");
		// After 1, 2, 5, 10, 20, 30, 60 and 90 seconds.
		expect(lines).toEqual([...Array(8).fill(line), "  done     drain STREAM D.S.NEWS 95.0 s"]);
	});

	test("has one line on a terminal that is taken away at the end", () => {
		const written = watched({ tty: true }, 3);
		const shown = "… drain STREAM D.S.NEWS: waits until 0, now 3, for 12 of at";
		expect(written.split("\r\u001b[2K")).toEqual([
			shown,
			shown,
			shown,
			"  ✓ drain STREAM D.S.NEWS 3.0 s\n",
		]);
	});

	test("is not told where nobody wants to hear it, nor when it is quick", () => {
		expect(watched({ quiet: true }, 95)).toBe("");
		expect(watched({ tty: true, quiet: true }, 95)).toBe("");
		expect(watched({}, 0.9)).toBe("  done     drain STREAM D.S.NEWS 900 ms\n");
	});

	test("of other things too: reading an account", () => {
		const { terminal, written } = terminalOf({});
		const reading = progress(terminal, "reading PROD");
		vi.advanceTimersByTime(6500);
		reading.end();
		vi.advanceTimersByTime(5000);
		expect(written().split("\n")).toEqual([
			"… reading PROD (1 s)",
			"… reading PROD (2 s)",
			"… reading PROD (5 s)",
			"  reading PROD: 6.5 s",
			"",
		]);
	});
});

test("what a run that ends now would leave held is what was not let go or given back", () => {
	const leftovers: Leftovers = {};
	const { terminal } = terminalOf({});
	const report = watchRun({ terminal, leftovers } as CommandContext);
	const pause = {
		do: "execute",
		sql: "ALTER PIPE D.S.P SET PIPE_EXECUTION_PAUSED = TRUE",
	} as const;
	const step = (action: Step["action"], more: Partial<Step> = {}): Step => ({
		...STEP,
		id: `${action} PIPE D.S.P`,
		action,
		kind: "PIPE",
		object: "D.S.P",
		...more,
	});
	const hold = step("hold", { operations: [pause], restore: [pause] });
	const held = () => leftovers.describe?.().filter((line) => line.startsWith("still held"));
	for (const one of [hold, step("capture"), step("replace")]) {
		report({ type: "start", step: one });
		report({ type: "done", step: one, milliseconds: 1 });
		expect(held()).toEqual(["still held: PIPE D.S.P"]);
	}
	report({ type: "start", step: step("release") });
	expect(held()).toEqual(["still held: PIPE D.S.P"]);
	report({ type: "done", step: step("release"), milliseconds: 1 });
	expect(held()).toEqual([]);
	report({ type: "start", step: hold });
	report({ type: "restored", step: hold });
	expect(held()).toEqual([]);
});

test("a wait tells what it sees each time, and until when it goes on", async () => {
	const account = await startAccount();
	const deployer = await openDeployer(account.port, []);
	const told: Waiting[] = [];
	const context = {
		signal: new AbortController().signal,
		waiting: (step, waiting) => {
			expect(step).toBe(STEP);
			told.push(waiting);
		},
	} satisfies Pick<OperationContext, "signal" | "waiting">;
	try {
		await expect(
			waitFor(
				deployer.connection,
				{ do: "wait", sql: "SELECT 'RUNNING'", until: "PAUSED", timeoutSeconds: 1 },
				"tag",
				context as unknown as OperationContext,
				STEP,
			),
		).rejects.toThrow("waited for PAUSED, and it is still RUNNING");
	} finally {
		await deployer.close();
		await account.close();
	}
	expect(told.length).toBeGreaterThan(1);
	for (const waiting of told)
		expect(waiting).toMatchObject({
			sql: "SELECT 'RUNNING'",
			answer: "RUNNING",
			until: "PAUSED",
			deadlineSeconds: 1,
		});
	const seconds = told.map((waiting) => waiting.seconds);
	expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
});

describe("what was applied", () => {
	const found = (object: string, more: Partial<Finding> = {}): Finding => ({
		object,
		what: "state",
		before: "RUNNING",
		after: "RUNNING",
		verdict: "healthy",
		declared: false,
		...more,
	});
	const applied = (health: readonly Finding[]): Applied => ({
		deployment: "id",
		done: ["a", "b"],
		failed: [],
		notStarted: [],
		failures: [],
		proof: [
			{ object: "STREAM D.S.NEWS", what: "offset", before: "17", after: "17" },
			{ object: "TABLE D.S.T", what: "rows that do not fit", before: null, after: "0" },
			{ object: "PIPE D.S.P", what: "window", before: "7 files", after: "7 loaded once" },
		],
		leaseLost: false,
		verified: true,
		differences: 0,
		health,
	});
	const text = (health: readonly Finding[], marks: boolean) =>
		appliedText(applied(health), new Chalk({ level: 0 }), { marks, quiet: false }).split("\n");

	test("is aligned, by object, with marks only where a terminal is", () => {
		const health = [
			found("PIPE D.S.P"),
			found("STREAM D.S.NEWS", { before: "stale", after: "stale", verdict: "unhealthy before" }),
			found("TASK D.S.LONGER_NAME", { after: "started", declared: true }),
		];
		expect(text(health, true)).toEqual([
			"2 steps done; verified: 0 differences",
			"  ✓ PIPE D.S.P            window: 7 files, 7 loaded once",
			"  ✓ PIPE D.S.P            state: RUNNING",
			"  ✓ STREAM D.S.NEWS       offset: 17 before = after",
			"  ✗ STREAM D.S.NEWS       state: stale, as before",
			"  ✓ TABLE D.S.T           rows that do not fit: 0",
			"  ✓ TASK D.S.LONGER_NAME  state: started, as declared",
		]);
		expect(text(health, false)[1]).toBe("  PIPE D.S.P            window: 7 files, 7 loaded once");
	});

	test("counts what is well where there is much of it, and names what is not", () => {
		const pipes = Array.from({ length: 20 }, (_, i) => found(`PIPE D.S.P${i}`));
		const broken = found("PIPE D.S.Q", { after: "PAUSED", verdict: "announced" });
		expect(text([...pipes, broken, found("TASK D.S.T")], true)).toEqual([
			"2 steps done; verified: 0 differences",
			"  ✓ 20 of kind PIPE  state: RUNNING",
			"  ✓ PIPE D.S.P       window: 7 files, 7 loaded once",
			"  ✗ PIPE D.S.Q       state: PAUSED, as announced",
			"  ✓ STREAM D.S.NEWS  offset: 17 before = after",
			"  ✓ TABLE D.S.T      rows that do not fit: 0",
			"  ✓ TASK D.S.T       state: RUNNING",
		]);
	});
});
