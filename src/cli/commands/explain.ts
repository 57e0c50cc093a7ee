import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { HAZARDS, type HazardCode } from "../../model/hazard.ts";
import { KINDS, OBJECT_TYPES } from "../../objects/index.ts";
import { HAZARD_HELP, hazardPage } from "../../report/hazard-help.ts";
import { plain } from "../../report/plain.ts";
import { referencePage } from "../../report/reference-page.ts";
import type { Command } from "../command.ts";

const CODES = Object.keys(HAZARDS) as readonly HazardCode[];

/** How each property of a kind changes, or what a hazard means: the pages of docs/, at hand. */
export const explainCommand: Command = {
	name: "explain",
	args: "<kind-or-hazard...>",
	summary: "how each property of a kind changes; what a hazard means",
	async run({ globals, terminal }, words) {
		const asked = words.join(" ").toUpperCase();
		const type = OBJECT_TYPES.get(asked);
		const code = CODES.find((c) => c === asked);
		if (code)
			terminal.out(
				globals.json
					? JSON.stringify({ code, level: HAZARDS[code], ...HAZARD_HELP[code] }, null, 2)
					: plain(hazardPage(code)),
			);
		else if (type)
			terminal.out(
				globals.json
					? JSON.stringify(
							{
								kind: type.kind,
								page: type.page,
								properties: type.properties.map((p) => ({
									name: p.name,
									written: p.clause.shape,
									required: p.required,
									compare: p.compare,
									change: typeof p.change === "function" ? "depends" : p.change,
								})),
							},
							null,
							2,
						)
					: plain(referencePage(type)),
			);
		else
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "USAGE",
				summary: `${asked} is neither a kind of object nor a hazard`,
				hint:
					didYouMean(asked, [...KINDS, ...CODES]).hint ??
					`kinds: ${KINDS.join(", ")}; hazards: ${CODES.join(", ")}`,
			});
		return EXIT.ok;
	},
};
