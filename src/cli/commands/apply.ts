import { leaseHeld } from "../../apply/lease.ts";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import type { Accepted } from "../../operate/permits.ts";
import { refuseHazards } from "../../operate/refuse.ts";
import { remainingPlan } from "../../operate/resume.ts";
import {
	checkSavedPlan,
	ownDeployment,
	readSavedPlan,
	type SealedPlan,
	sealed,
} from "../../operate/saved-plan.ts";
import { countSteps, planText, summaryLine } from "../../report/plan-text.ts";
import type { Command } from "../command.ts";
import { leaseSeconds } from "../lease.ts";
import { OUT_OF_ORDER, type Planned, planned } from "../planning.ts";
import { execute, type Order } from "./apply-run.ts";
import { TARGET } from "./plan.ts";

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
		const targets = (options.target as string[] | undefined) ?? [];
		if (saved && targets.length > 0)
			throw usage(
				"a plan file runs as a whole, without --target",
				"choose the objects when it is made: `snowline plan --target GLOB --out FILE`",
			);
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
							JSON.stringify(
								{ done: [], failed: [], notStarted: [], proof: [], health: [], verified: true },
								null,
								2,
							),
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
