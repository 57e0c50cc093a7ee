import { writeFileSync } from "node:fs";
import { EXIT } from "../../diagnostics/diagnostic.ts";
import { sealed } from "../../operate/saved-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import { planSql } from "../../report/plan-sql.ts";
import { planText } from "../../report/plan-text.ts";
import type { Command, CommandContext } from "../command.ts";
import { OUT_OF_ORDER, planned } from "../planning.ts";

/** The plan as one of its views. */
export function showPlan(
	context: CommandContext,
	plan: Plan,
	format: string,
	unmanaged: boolean,
): void {
	if (format === "json") context.terminal.out(JSON.stringify(sealed(plan), null, 2));
	else if (format === "sql") context.terminal.out(planSql(plan));
	else context.terminal.out(planText(plan, context.terminal.chalk, { unmanaged }));
}

/** Options that choose what is planned. */
export const TARGET = {
	flags: "--target <glob>",
	summary: "only objects whose name matches, and what they need",
	many: true,
} as const;

/** What apply would do. */
export const planCommand: Command = {
	name: "plan",
	summary: "what apply would do",
	options: [
		{ flags: "--out <file>", summary: "save the plan, for apply to run exactly" },
		{
			flags: "--format <format>",
			summary: "how to show it",
			choices: ["text", "sql", "json"],
			default: "text",
		},
		TARGET,
		OUT_OF_ORDER,
		{ flags: "--detailed-exitcode", summary: "exit 2 when there is something to do" },
		{ flags: "--unmanaged", summary: "list what exists and no file declares" },
	],
	run: (context, _args, options) =>
		planned(
			context,
			(options.target as string[] | undefined) ?? [],
			async ({ plan }) => {
				if (typeof options.out === "string") {
					writeFileSync(options.out, `${JSON.stringify(sealed(plan), null, 2)}\n`);
					context.terminal.note(`plan saved to ${options.out}`);
				}
				showPlan(
					context,
					plan,
					context.globals.json ? "json" : String(options.format),
					options.unmanaged === true,
				);
				return options.detailedExitcode === true && plan.steps.length > 0 ? EXIT.changes : EXIT.ok;
			},
			{ outOfOrder: options.outOfOrder === true },
		),
};
