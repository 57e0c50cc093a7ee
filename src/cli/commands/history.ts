import { readProofs } from "../../apply/proof.ts";
import { EXIT } from "../../diagnostics/diagnostic.ts";
import {
	type Deployment,
	findDeployment,
	type HistoryOperation,
	readDeployments,
	readOperations,
} from "../../operate/history.ts";
import { proofSaid } from "../../report/applied-text.ts";
import type { Command, CommandContext } from "../command.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";
import { table } from "../table.ts";

function listText(all: readonly Deployment[], width: number | undefined): string {
	if (all.length === 0) return "nothing was deployed here yet";
	return table(
		["id", "started", "finished", "outcome", "who", "commit", "job"],
		all.map((d) => ({
			id: d.id,
			started: d.startedAt,
			finished: d.finishedAt ?? "",
			outcome: d.outcome,
			who: d.actor,
			commit: d.gitCommit?.replace(/^(\w{12})\w*/, "$1") ?? "",
			job: d.ciJob ?? "",
		})),
		width,
	);
}

function operationLines(operation: HistoryOperation): readonly string[] {
	const { outcome, queryId, statement, value } = operation;
	const query = queryId === null ? "" : `  query ${queryId}`;
	const [proof] = readProofs(value);
	const shown = proof ? proofSaid(proof) : (value ?? "");
	const said = shown === "" ? [] : [`      ${outcome}: ${shown}`];
	const text = statement.split("\n").map((line) => `    ${line}`);
	return [`  ${operation.at}  ${outcome.padEnd(8)}${query}`, ...text, ...said];
}

function deploymentText(d: Deployment, operations: readonly HistoryOperation[]): string {
	const head = [
		`deployment ${d.id}: ${d.outcome}`,
		`  by ${d.actor} to ${d.environment} with ${d.tool}, ${d.startedAt} to ${d.finishedAt ?? "…"} (UTC)`,
		...(d.gitCommit === null ? [] : [`  commit ${d.gitCommit}`]),
		...(d.ciJob === null ? [] : [`  job ${d.ciJob}`]),
	];
	const lines = operations.flatMap((operation, i) => [
		...(operations[i - 1]?.step === operation.step ? [] : ["", operation.step]),
		...operationLines(operation),
	]);
	return [...head, ...lines].join("\n");
}

function show<T>(context: CommandContext, value: T, text: (value: T) => string): void {
	context.terminal.out(context.globals.json ? JSON.stringify(value, null, 2) : text(value));
}

/** Past deployments, or the statements of one with their query ids. */
export const historyCommand: Command = {
	name: "history",
	args: "[id]",
	summary: "past deployments, or the statements of one",
	run(context, [id]) {
		const environment = environmentOf(context.globals);
		return withAccess(context, { environment }, async ({ connector }) => {
			const connection = await connector.connect({});
			try {
				const { records, project } = environment;
				const all = await readDeployments(connection, records, project);
				if (id === undefined) show(context, all, () => listText(all, context.terminal.width));
				else {
					const found = findDeployment(all, id);
					const operations = await readOperations(connection, records, project, found.id);
					show(context, { ...found, operations }, () => deploymentText(found, operations));
				}
				return EXIT.ok;
			} finally {
				await connection.close();
			}
		});
	},
};
