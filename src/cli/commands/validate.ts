import { EXIT, throwErrors } from "../../diagnostics/diagnostic.ts";
import { printDiagnostics } from "../../diagnostics/print.ts";
import { expiredPermits } from "../../operate/permits.ts";
import { checkReferences } from "../../resolve/check-references.ts";
import type { Command } from "../command.ts";
import { loadDesired } from "../load.ts";

/** Everything that can be said about a project without an account. */
export const validateCommand: Command = {
	name: "validate",
	summary: "render, parse and resolve references: no account, no network",
	async run({ globals, terminal, now }) {
		const { desired, environment, warnings } = loadDesired(globals);
		const all = [
			...warnings,
			...expiredPermits(environment.permit, now()),
			...throwErrors(
				checkReferences(desired, { live: undefined, external: environment.external }),
				EXIT.input,
			),
		];
		const counts = new Map<string, number>();
		for (const object of desired.objects.values())
			counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
		const kinds = [...counts];
		if (globals.json)
			terminal.out(
				JSON.stringify(
					{
						valid: true,
						environment: environment.name,
						objects: Object.fromEntries(kinds),
						diagnostics: all,
					},
					null,
					2,
				),
			);
		else {
			if (all.length > 0)
				terminal.error(printDiagnostics(all, { color: terminal.errChalk.level > 0 }));
			terminal.out(
				`${desired.objects.size} objects are valid: ${kinds.map(([kind, n]) => `${n} ${kind}`).join(", ")}`,
			);
		}
		return EXIT.ok;
	},
};
