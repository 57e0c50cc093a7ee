import { userInfo } from "node:os";
import { takeLease } from "../../apply/lease.ts";
import { affectedRows, type Records, readRecords, recordTable } from "../../apply/records.ts";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { formatName, parseName } from "../../model/identifier.ts";
import type { Command } from "../command.ts";
import { leaseOf } from "../lease.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";

/** The ledger's entries for a name, or for a kind and a name. */
function entriesFor(given: string, records: Records): readonly string[] {
	const entries = [...records.ledger.values(), ...records.grants.values()];
	const name = parseName(given);
	const wanted = name === undefined ? undefined : formatName(name);
	return entries
		.filter((e) => e.name === wanted || e.object.toUpperCase() === given.toUpperCase())
		.map((e) => e.object);
}

function unknown(given: string, records: Records): DeployError {
	const names = [...records.ledger.values()].flatMap((e) => [e.name, e.object]);
	return new DeployError(EXIT.usage, {
		severity: "error",
		code: "NOT_IN_LEDGER",
		summary: `${given} is not in the ledger of this project`,
		hint:
			didYouMean(given, names).hint ??
			"write the whole name, as DATABASE.SCHEMA.NAME or with its kind before it",
	});
}

/** Takes objects out of the ledger without dropping them. */
export const forgetCommand: Command = {
	name: "forget",
	args: "<names...>",
	summary: "stop managing objects, without dropping them",
	run(context, names) {
		const { globals, terminal } = context;
		const environment = environmentOf(globals);
		const { records: schema, project } = environment;
		return withAccess(context, { environment }, async ({ connector, account }) => {
			const connection = await connector.connect({});
			try {
				const records = await readRecords(connection, schema, project);
				const keys = names.flatMap((given) => {
					const found = entriesFor(given, records);
					if (found.length === 0) throw unknown(given, records);
					return found;
				});
				const request = {
					project,
					deployment: "forget",
					actor: userInfo().username,
					...leaseOf(context, { account }),
				};
				const lease = await takeLease(connector, schema, request, () => undefined);
				try {
					const result = await connection.execute(
						`DELETE FROM ${recordTable(schema, "OBJECTS")} WHERE PROJECT = ? AND OBJECT IN (${keys.map(() => "?").join(", ")}) AND ${lease.held}`,
						[project, ...keys],
					);
					if (affectedRows(result) === 0 && !(await lease.renew())) return EXIT.locked;
				} finally {
					await lease.release();
				}
				terminal.out(
					globals.json
						? JSON.stringify({ forgotten: keys }, null, 2)
						: keys.map((key) => `forgotten: ${key}`).join("\n"),
				);
				terminal.note(
					"take their CREATE statements out of the files, or the next apply adopts them again",
				);
				return EXIT.ok;
			} finally {
				await connection.close();
			}
		});
	},
};
