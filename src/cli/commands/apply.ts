import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { LEASE_SECONDS } from "../../apply/lease.ts";
import {
	type ApplyEvent,
	type ApplyOptions,
	type ApplyResult,
	runPlan,
} from "../../apply/run-plan.ts";
import { DeployError, EXIT, type ExitCode } from "../../diagnostics/diagnostic.ts";
import { printDiagnostics } from "../../diagnostics/print.ts";
import { runMigration } from "../../migrate/run-migration.ts";
import { type Accepted, refuseHazards } from "../../operate/refuse.ts";
import { secretHashes } from "../../operate/secret-values.ts";
import { objectHash } from "../../plan/fingerprint.ts";
import { type Plan, planSchema } from "../../plan/plan.ts";
import { planText } from "../../report/plan-text.ts";
import type { Command, CommandContext } from "../command.ts";
import type { Access } from "../connect.ts";
import { makePlanOn, OUT_OF_ORDER, type Planned, planned } from "../planning.ts";
import { TARGET } from "./plan.ts";

/** Reads a saved plan; anything but a whole plan of this version is refused. */
function readPlan(file: string): Plan {
	const refuse = (summary: string, hint: string): never => {
		throw new DeployError(EXIT.input, { severity: "error", code: "PLAN_FILE", summary, hint });
	};
	let json: unknown;
	try {
		json = JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		return refuse(
			`${file} is not a plan: ${error instanceof Error ? error.message : String(error)}`,
			"make one with `snowline plan --out FILE`",
		);
	}
	const parsed = planSchema.safeParse(json);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	return refuse(
		`${file} is not a plan: ${issue?.path.join(".")}: ${issue?.message}`,
		"make a new one with `snowline plan --out FILE`; plan files are not edited by hand",
	);
}

/** A saved plan runs only where and as it was made: same project, environment, account and state. */
function checkSaved(plan: Plan, current: Planned): void {
	const pairs = [
		["project", plan.project, current.plan.project],
		["environment", plan.environment, current.plan.environment],
		["account", plan.account, current.plan.account],
	] as const;
	const other = pairs.find(([, a, b]) => a !== b);
	if (other)
		throw new DeployError(EXIT.environment, {
			severity: "error",
			code: "OTHER_PLAN",
			summary: `this plan is for ${other[0]} ${other[1]}, and this is ${other[2]}`,
		});
	const moved = Object.entries(plan.fingerprint.objects).filter(
		([key, hash]) => objectHash(current.live.objects.get(key)) !== hash,
	);
	const stale = moved.map(([key]) => ({
		severity: "error" as const,
		code: "STALE_PLAN",
		summary: `${key} is not as it was when the plan was made`,
	}));
	if (plan.fingerprint.migrations !== current.plan.fingerprint.migrations)
		stale.push({
			severity: "error",
			code: "STALE_PLAN",
			summary: "migrations were run since the plan was made",
		});
	if (stale.length > 0)
		throw new DeployError(
			EXIT.stale,
			stale.map((d, i) =>
				i === stale.length - 1 ? { ...d, hint: "plan again, and have the new plan reviewed" } : d,
			),
		);
}

function reporter(context: CommandContext): (event: ApplyEvent) => void {
	const { terminal } = context;
	return (event) => {
		if (event.type === "interrupted") terminal.note("interrupted: starting nothing new");
		else if (event.type === "done")
			terminal.note(
				`  ${terminal.errChalk.green("✓")} ${event.step.id} ${terminal.errChalk.dim(`${event.milliseconds} ms`)}`,
			);
		else if (event.type === "failed")
			terminal.note(`  ${terminal.errChalk.red("✗")} ${event.step.id}`);
		else if (event.type === "restored")
			terminal.note(`  ${terminal.errChalk.yellow("↺")} ${event.step.id}: state restored`);
	};
}

function lineReader(dir: string): (file: string, line: number) => string | undefined {
	return (file, line) => {
		try {
			return readFileSync(join(dir, file), "utf8").split("\n")[line - 1]?.replace(/\r$/, "");
		} catch {
			return undefined;
		}
	};
}

/** For how long a lease lasts without a sign of life: SNOWLINE_LEASE_SECONDS, or five minutes. */
function leaseOf(context: CommandContext, access: Access): ApplyOptions["lease"] {
	const given = context.streams.env.SNOWLINE_LEASE_SECONDS;
	const seconds = given === undefined ? LEASE_SECONDS : Number(given);
	if (!(seconds >= 1))
		throw new DeployError(EXIT.usage, {
			severity: "error",
			code: "USAGE",
			summary: `SNOWLINE_LEASE_SECONDS is ${given}, and has to be a number of at least 1`,
		});
	return { seconds, alone: access.account !== undefined };
}

function run(
	context: CommandContext,
	plan: Plan,
	{ loaded, access }: Planned,
): Promise<ApplyResult> {
	const { environment } = loaded;
	const secrets = (name: string) => context.streams.env[name];
	const readLine = lineReader(resolve(context.globals.dir));
	return runPlan(plan, {
		connector: access.connector,
		records: environment.records,
		secrets,
		readLine,
		now: context.now,
		deployment: randomUUID(),
		actor: userInfo().username,
		concurrency: environment.concurrency,
		report: reporter(context),
		signal: context.signal,
		lease: leaseOf(context, access),
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
}

/** The proof: a new plan, made with a session opened after the run, finds nothing to do. */
async function verify(context: CommandContext, current: Planned): Promise<Plan> {
	const connection = await current.access.connector.connect({});
	try {
		return (await makePlanOn(context, current.loaded, current.access, connection, [])).plan;
	} finally {
		await connection.close();
	}
}

function showResult(context: CommandContext, result: ApplyResult, left: Plan | undefined): void {
	const { terminal, globals } = context;
	const verified = left ? left.steps.length : undefined;
	if (globals.json) {
		terminal.out(
			JSON.stringify(
				{ ...result, verified: verified === 0, differences: left?.steps.map((s) => s.id) ?? [] },
				null,
				2,
			),
		);
		return;
	}
	terminal.out(
		`${result.done.length} steps done${verified === 0 ? "; verified: 0 differences" : ""}`,
	);
}

function interruptedCode(signal: AbortSignal): ExitCode {
	return signal.reason === "SIGTERM" ? 143 : 130;
}

/** Runs the plan and proves the result. */
async function execute(context: CommandContext, plan: Plan, current: Planned): Promise<ExitCode> {
	const result = await run(context, plan, current);
	const { terminal } = context;
	if (result.failures.length > 0 || context.signal.aborted) {
		if (context.globals.json) terminal.out(JSON.stringify(result, null, 2));
		else if (result.failures.length > 0)
			terminal.error(printDiagnostics(result.failures, { color: terminal.errChalk.level > 0 }));
		terminal.note(
			`done: ${result.done.length}, failed: ${result.failed.length}, not started: ${result.notStarted.length}`,
		);
		for (const id of result.done) terminal.note(`  done         ${id}`);
		for (const id of result.notStarted) terminal.note(`  not started  ${id}`);
		return context.signal.aborted ? interruptedCode(context.signal) : EXIT.failed;
	}
	const whole = await verify(context, current);
	showResult(context, result, whole);
	const touched = new Set(plan.steps.map((step) => `${step.kind} ${step.object}`));
	const left = whole.steps.filter((step) => touched.has(`${step.kind} ${step.object}`));
	if (left.length === 0) return EXIT.ok;
	const differences = left.flatMap((step) =>
		step.changes.map(
			(c) =>
				`${step.kind} ${step.object} ${c.property}: ${JSON.stringify(c.from)}, wanted ${JSON.stringify(c.to)}`,
		),
	);
	throw new DeployError(EXIT.failed, {
		severity: "error",
		code: "NOT_CONVERGED",
		summary: "the plan was run, and the account still differs",
		detail: (differences.length > 0 ? differences : left.map((s) => s.id)).join("\n"),
	});
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
		const saved = file === undefined ? undefined : readPlan(resolve(file));
		if (!saved && options.yes !== true && !terminal.interactive)
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "USAGE",
				summary: "this is not a terminal, so nobody can be asked",
				hint: "give --yes, or a plan file made with `snowline plan --out FILE`",
			});
		const codes = ((options.allowHazards as string[] | undefined) ?? [])
			.flatMap((text) => text.split(","))
			.map((code) => code.trim().toUpperCase())
			.filter((code) => code !== "");
		return planned(
			context,
			(options.target as string[] | undefined) ?? [],
			async (current) => {
				const plan = saved ?? current.plan;
				if (saved) checkSaved(saved, current);
				const accepted: Accepted = {
					codes,
					permits: current.loaded.environment.permit,
					today: context.now(),
				};
				if (!globals.json) terminal.out(planText(plan, terminal.chalk));
				refuseHazards(plan, accepted);
				if (plan.steps.length === 0 && plan.adopts.length === 0) {
					if (globals.json)
						terminal.out(
							JSON.stringify({ done: [], failed: [], notStarted: [], verified: true }, null, 2),
						);
					return EXIT.ok;
				}
				if (!saved && options.yes !== true && plan.steps.length > 0) {
					const answer = await terminal.ask(
						`\nApply these ${plan.steps.length} steps to ${plan.environment} (${plan.account})? [y/N] `,
					);
					if (!/^y(es)?$/i.test(answer.trim())) {
						terminal.note("nothing was applied");
						return EXIT.failed;
					}
				}
				return execute(context, plan, current);
			},
			// What runs out of order was allowed when the plan was made.
			{ outOfOrder: saved !== undefined || options.outOfOrder === true },
		);
	},
};
