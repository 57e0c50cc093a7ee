import { EXIT } from "../../diagnostics/diagnostic.ts";
import { readDrift } from "../../operate/drift.ts";
import { driftMarkdown, driftText } from "../../report/drift-text.ts";
import type { Command } from "../command.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";
import { progress } from "../progress.ts";

/** What changed in the account since the last apply. */
export const driftCommand: Command = {
	name: "drift",
	summary: "what changed in the account since the last apply, as a diff (exit 2 if anything did)",
	options: [
		{
			flags: "--target <glob>",
			summary: "only objects whose name matches",
			many: true,
		},
		{
			flags: "--format <format>",
			summary: "how to show it",
			choices: ["text", "json", "markdown"],
			default: "text",
		},
	],
	run(context, _args, options) {
		const { globals, terminal } = context;
		const environment = environmentOf(globals);
		return withAccess(context, { environment }, async ({ connector }) => {
			const show = progress(terminal, `reading ${connector.description}`);
			const connection = await connector.connect({});
			try {
				const drift = await readDrift({
					environment,
					connection,
					connectAs: (role) => connector.connect({ role }),
					targets: (options.target as string[] | undefined) ?? [],
				});
				show.end();
				const format = globals.json ? "json" : options.format;
				if (format === "json") terminal.out(JSON.stringify(drift, null, 2));
				else if (format === "markdown") terminal.out(driftMarkdown(drift));
				else terminal.out(driftText(drift, terminal.chalk));
				return drift.drifted.length > 0 ? EXIT.changes : EXIT.ok;
			} finally {
				show.end();
				await connection.close();
			}
		});
	},
};
