import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { leaseHeld } from "../../apply/lease.ts";
import { runPlan } from "../../apply/run-plan.ts";
import { DeployError, EXIT, type ExitCode } from "../../diagnostics/diagnostic.ts";
import { printDiagnostics } from "../../diagnostics/print.ts";
import { runMigration } from "../../migrate/run-migration.ts";
import type { Connection } from "../../model/port.ts";
import type { Accepted } from "../../operate/permits.ts";
import type { PlanResult } from "../../operate/plan-project.ts";
import type { Interrupted } from "../../operate/recovery.ts";
import { refuseHazards } from "../../operate/refuse.ts";
import { progressOf, remainingPlan } from "../../operate/resume.ts";
import {
	checkSavedPlan,
	ownDeployment,
	readSavedPlan,
	type SealedPlan,
	sealed,
} from "../../operate/saved-plan.ts";
import { secretHashes } from "../../operate/secret-values.ts";
import { type Verification, verify } from "../../operate/verify.ts";
import { type Applied, appliedText, proofLines } from "../../report/applied-text.ts";
import { countSteps, planText, summaryLine } from "../../report/plan-text.ts";
import type { Command, CommandContext } from "../command.ts";
import type { Access } from "../connect.ts";
import { leaseOf, leaseSeconds } from "../lease.ts";
import { ciJob, gitCommit } from "../origin.ts";
import { makePlanOn, OUT_OF_ORDER, type Planned, type PlanOptions, planned } from "../planning.ts";
import { progress as progressLine } from "../progress.ts";
import { watchRun } from "./apply-progress.ts";
import { TARGET } from "./plan.ts";

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
interface Order {
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
	const progress =
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
		...(progress ? { resume: progress } : {}),
		async checkAgain(head) {
			if (!asked && head === current.past.head) return;
			// The lease is ours, so whatever is open was cut off.
			checkSavedPlan(plan, await planAgain(context, order, { outOfOrder, alone: true }));
		},
		async verify() {
			const show = progressLine(context.terminal, "verifying");
			try {
				// The lease is ours, and this deployment is still under way.
				const after = await planAgain(context, order, { outOfOrder, alone: false });
				verification = verify(plan, current.live, after, loaded.desired);
				return verification.failures;
			} finally {
				show.end();
			}
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
async function execute(context: CommandContext, order: Order): Promise<ExitCode> {
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

function usage(summary: string, hint: string): DeployError {
	return new DeployError(EXIT.usage, { severity: "error", code: "USAGE", summary, hint });
}

function concurrencyOf(given: unknown): number | undefined {
	if (given === undefined) return undefined;
	const number = Number(given);
	if (Number.isInteger(number) && number >= 1) return number;
	throw usage(`--concurrency ${String(given)}`, "it takes a whole number of at least 1");
}

function codesOf(options: Readonly<Record<string, unknown>>): readonly string[] {
	return ((options.allowHazards as string[] | undefined) ?? [])
		.flatMap((text) => text.split(","))
		.map((code) => code.trim().toUpperCase())
		.filter((code) => code !== "");
}

/** What there is to run: the saved plan or what is left of it, or the plan made just now. */
function orderOf(
	saved: SealedPlan | undefined,
	current: Planned,
): Pick<Order, "plan" | "current" | "own"> {
	if (!saved) return { plan: sealed(current.plan), current, own: undefined };
	checkSavedPlan(saved, current);
	const own = ownDeployment(saved, current);
	const plan = own ? remainingPlan(saved, current.plan, own.journal) : saved;
	return { plan, current, own };
}

/** Runs a saved plan, or plans, shows, asks and runs. */
export const applyCommand: Command = {
	name: "apply",
	args: "[planfile]",
	summary: "run a saved plan, or plan, show, ask and run",
	options: [
		{ flags: "--yes", summary: "do not ask" },
		{
			flags: "--allow-hazards <codes>",
			summary: "accept these hazards, separated by commas",
			many: true,
		},
		TARGET,
		OUT_OF_ORDER,
		{ flags: "--concurrency <n>", summary: "how many steps run at a time" },
	],
	async run(context, [file], options) {
		const { terminal, globals } = context;
		const saved = file === undefined ? undefined : readSavedPlan(file);
		const ask = !saved && options.yes !== true;
		if (ask && !terminal.interactive)
			throw usage(
				"this is not a terminal, so nobody can be asked",
				"give --yes, or a plan file made with `snowline plan --out FILE`",
			);
		// What runs out of order was allowed when the plan was made.
		const outOfOrder = saved !== undefined || options.outOfOrder === true;
		const concurrency = concurrencyOf(options.concurrency);
		leaseSeconds(context.streams.env);
		const targets = (options.target as string[] | undefined) ?? [];
		return planned(
			context,
			targets,
			async (current) => {
				if (current.running) throw leaseHeld(current.running);
				const order = orderOf(saved, current);
				const { plan } = order;
				const accepted: Accepted = {
					codes: codesOf(options),
					permits: current.loaded.environment.permit,
					today: context.now(),
				};
				// Who is asked has to see what about.
				if (!globals.json && (ask || !globals.quiet)) terminal.out(planText(plan, terminal.chalk));
				refuseHazards(plan, accepted);
				if (plan.steps.length === 0 && plan.adopts.length === 0) {
					if (globals.json)
						terminal.out(
							JSON.stringify({ done: [], failed: [], notStarted: [], verified: true }, null, 2),
						);
					else if (globals.quiet && !ask) terminal.out(summaryLine(plan));
					return EXIT.ok;
				}
				const asked = ask && plan.steps.length > 0;
				if (asked) {
					const answer = await terminal.ask(
						`\nApply ${countSteps(plan.steps.length)} to ${plan.environment} (${plan.account})? [y/N] `,
					);
					if (!/^y(es)?$/i.test(answer.trim())) {
						terminal.note("nothing was applied");
						return EXIT.failed;
					}
				}
				return execute(context, { ...order, asked, outOfOrder, concurrency });
			},
			{ outOfOrder },
		);
	},
};
