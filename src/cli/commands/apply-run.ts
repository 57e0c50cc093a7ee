import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { runPlan } from "../../apply/run-plan.ts";
import { EXIT, type ExitCode } from "../../diagnostics/diagnostic.ts";
import { printDiagnostics } from "../../diagnostics/print.ts";
import { runMigration } from "../../migrate/run-migration.ts";
import type { Connection } from "../../model/port.ts";
import type { PlanResult } from "../../operate/plan-project.ts";
import type { Interrupted } from "../../operate/recovery.ts";
import { progressOf } from "../../operate/resume.ts";
import { checkSavedPlan, type SealedPlan } from "../../operate/saved-plan.ts";
import { secretHashes } from "../../operate/secret-values.ts";
import { type Verification, verify } from "../../operate/verify.ts";
import { type Applied, appliedText, proofLines } from "../../report/applied-text.ts";
import type { CommandContext } from "../command.ts";
import type { Access } from "../connect.ts";
import { leaseOf } from "../lease.ts";
import { ciJob, gitCommit } from "../origin.ts";
import { makePlanOn, type Planned, type PlanOptions } from "../planning.ts";
import { progress } from "../progress.ts";
import { watchRun } from "./apply-progress.ts";

function lineReader(dir: string): (file: string, line: number) => string | undefined {
	return (file, line) => {
		try {
			return readFileSync(join(dir, file), "utf8").split("\n")[line - 1]?.replace(/\r$/, "");
		} catch {
			return undefined;
		}
	};
}

/** A plan that is to be run. */
export interface Order {
	readonly plan: SealedPlan;
	readonly current: Planned;
	/** Time has passed since the account was read: somebody was asked. */
	readonly asked: boolean;
	/** The deployment of this very plan that was cut off and goes on. */
	readonly own: Interrupted | undefined;
	readonly outOfOrder: boolean;
	readonly concurrency: number | undefined;
}

async function withSession<T>(
	{ connector }: Access,
	use: (connection: Connection) => Promise<T>,
): Promise<T> {
	const connection = await connector.connect({});
	try {
		return await use(connection);
	} finally {
		await connection.close();
	}
}

/** Says what is going on while something takes long. */
async function shown<T>(
	{ terminal }: CommandContext,
	what: string,
	work: () => Promise<T>,
): Promise<T> {
	const show = progress(terminal, what);
	try {
		return await work();
	} finally {
		show.end();
	}
}

/** Plans again with a session opened for it. */
function planAgain(
	context: CommandContext,
	{ current: { loaded, access } }: Order,
	options: PlanOptions,
): Promise<PlanResult> {
	return withSession(access, (connection) =>
		makePlanOn(context, loaded, access, connection, [], options),
	);
}

async function run(context: CommandContext, order: Order): Promise<Applied> {
	const { plan, current, own, asked, outOfOrder } = order;
	const { loaded, access } = current;
	const { environment } = loaded;
	const { env } = context.streams;
	const dir = resolve(context.globals.dir);
	const secrets = (name: string) => env[name];
	const commit = gitCommit(dir, env);
	const job = ciJob(env);
	const resume =
		own &&
		(await withSession(access, (connection) =>
			progressOf(connection, environment.records, own, plan.steps),
		));
	let verification: Verification | undefined;
	const result = await runPlan(plan, {
		connector: access.connector,
		records: environment.records,
		secrets,
		readLine: lineReader(dir),
		now: context.now,
		deployment: own?.id ?? randomUUID(),
		actor: userInfo().username,
		...(commit === undefined ? {} : { gitCommit: commit }),
		...(job === undefined ? {} : { ciJob: job }),
		planHash: plan.checksum,
		concurrency: order.concurrency ?? environment.concurrency,
		report: watchRun(context),
		signal: context.signal,
		lease: leaseOf(context, access),
		...(resume ? { resume } : {}),
		async checkAgain(head) {
			if (!asked && head === current.past.head) return;
			// The lease is ours, so whatever is open was cut off.
			const now = await shown(context, "reading the account again", () =>
				planAgain(context, order, { outOfOrder, alone: true }),
			);
			checkSavedPlan(plan, now);
		},
		async verify() {
			// The lease is ours, and this deployment is still under way.
			const after = await shown(context, "verifying", () =>
				planAgain(context, order, { outOfOrder, alone: false }),
			);
			verification = verify(plan, current.live, after, loaded.desired);
			return verification.failures;
		},
		migrate: (step, operation, connector) =>
			runMigration(step, operation, {
				connector,
				project: environment.project,
				now: context.now,
				signal: context.signal,
			}),
		secretHashes: (key) => {
			const model = loaded.desired.objects.get(key);
			return model ? secretHashes(model, secrets) : {};
		},
	});
	// What verification found is among the failures of the result.
	return {
		...verification,
		...result,
		verified: result.failures.length === 0 && verification?.next.length === 0,
	};
}

/** Tells what went wrong, what was proven until then, and what was applied. */
function showBroken({ terminal, globals, signal }: CommandContext, applied: Applied): ExitCode {
	const { done, failed, notStarted, failures } = applied;
	if (globals.json) terminal.out(JSON.stringify(applied, null, 2));
	else {
		if (failures.length > 0)
			terminal.error(printDiagnostics(failures, { color: terminal.errChalk.level > 0 }));
		for (const line of proofLines(applied, terminal.errChalk, terminal.marks.err))
			terminal.note(line);
	}
	terminal.error(
		`done: ${done.length}, failed: ${failed.length}, not started: ${notStarted.length}`,
	);
	for (const id of done) terminal.note(`  done         ${id}`);
	for (const id of failed) terminal.note(`  failed       ${id}`);
	for (const id of notStarted) terminal.note(`  not started  ${id}`);
	if (applied.leaseLost) return EXIT.locked;
	if (!signal.aborted) return EXIT.failed;
	return signal.reason === "SIGTERM" ? 143 : 130;
}

/** Runs the plan and shows what became of it. */
export async function execute(context: CommandContext, order: Order): Promise<ExitCode> {
	const applied = await run(context, order);
	const { terminal, globals, signal } = context;
	if (applied.failures.length > 0 || applied.leaseLost || signal.aborted)
		return showBroken(context, applied);
	if (globals.json) terminal.out(JSON.stringify(applied, null, 2));
	else {
		const { warnings = [] } = applied;
		if (warnings.length > 0)
			terminal.error(printDiagnostics(warnings, { color: terminal.errChalk.level > 0 }));
		const { quiet } = globals;
		terminal.out(appliedText(applied, terminal.chalk, { marks: terminal.marks.out, quiet }));
	}
	return EXIT.ok;
}
