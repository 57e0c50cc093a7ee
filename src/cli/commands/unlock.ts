import { breakLease, type LeaseState, readLease } from "../../apply/lease.ts";
import { readRecords } from "../../apply/records.ts";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import type { Command, CommandContext } from "../command.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";

async function isWanted(
	context: CommandContext,
	{ holder, deployment }: LeaseState,
	yes: boolean,
): Promise<boolean> {
	if (yes) return true;
	const { terminal } = context;
	if (!terminal.interactive)
		throw new DeployError(EXIT.usage, {
			severity: "error",
			code: "USAGE",
			summary: "this is not a terminal, so nobody can be asked",
			hint: "make sure that run is dead, then give --yes",
		});
	const answer = await terminal.ask(
		`Make sure that the run of ${holder} (${deployment}) is dead. Take its lease away? [y/N] `,
	);
	return /^y(es)?$/i.test(answer.trim());
}

/** Takes the lease away from a run that is dead, before it expires. */
export const unlockCommand: Command = {
	name: "unlock",
	summary: "break the lease of a deployment that is dead",
	options: [{ flags: "--yes", summary: "do not ask" }],
	run(context, _args, options) {
		const { globals, terminal } = context;
		const environment = environmentOf(globals);
		const { records: schema, project } = environment;
		return withAccess(context, { environment }, async ({ connector }) => {
			const connection = await connector.connect({});
			try {
				const records = await readRecords(connection, schema, project);
				const state = records.exist ? await readLease(connection, schema, project) : undefined;
				const tell = (broken: boolean, words: string) =>
					terminal.out(
						globals.json ? JSON.stringify({ lease: state ?? null, broken }, null, 2) : words,
					);
				if (!state) {
					tell(false, "nobody holds the lease");
					return EXIT.ok;
				}
				terminal.note(
					`${state.holder} holds the lease (deployment ${state.deployment}) ${state.expired ? "and it expired" : "until"} ${state.until} UTC`,
				);
				if (!(await isWanted(context, state, options.yes === true))) {
					terminal.note("nothing was changed");
					return EXIT.failed;
				}
				const broken = await breakLease(connection, schema, project, state);
				tell(
					broken,
					broken ? "the lease is free" : "it changed hands meanwhile: nothing was changed",
				);
				return broken ? EXIT.ok : EXIT.failed;
			} finally {
				await connection.close();
			}
		});
	},
};
