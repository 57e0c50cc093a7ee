import { copyHistory } from "../../load/copy-history.ts";
import { scheduledRuns } from "../../run/due.ts";
import { taskDependents } from "../../run/task-dependents.ts";
import { taskHistory } from "../../run/task-history.ts";
import type { Relation } from "../../sql/scope.ts";
import type { Context } from "../../types.ts";
import { policyReferences } from "./policy-references.ts";
import { queryHistory } from "./query-history.ts";
import { resultScan } from "./result-scan.ts";

/** Arguments of a table function, by upper-case name; those without one by their place, from 1. */
export type Arguments = ReadonlyMap<string, string | null>;

type TableFunction = (context: Context, given: Arguments) => Promise<Relation>;

const FUNCTIONS: Readonly<Record<string, TableFunction>> = {
	COPY_HISTORY: copyHistory,
	POLICY_REFERENCES: policyReferences,
	QUERY_HISTORY: (context, given) => queryHistory(context, given, () => true),
	QUERY_HISTORY_BY_SESSION: (context, given) => {
		const session = Number(given.get("SESSION_ID") ?? context.session.id);
		return queryHistory(context, given, (entry) => entry.session === session);
	},
	QUERY_HISTORY_BY_USER: (context, given) => {
		const user = given.get("USER_NAME") ?? context.session.user;
		return queryHistory(context, given, (entry) => entry.user === user);
	},
	RESULT_SCAN: resultScan,
	TASK_DEPENDENTS: taskDependents,
	TASK_HISTORY: async (context, given) => taskHistory(context, given, await scheduledRuns(context)),
};

/** The table functions of the account, by name. */
export const TABLE_FUNCTIONS: readonly string[] = Object.keys(FUNCTIONS);

/** Answers a table function of INFORMATION_SCHEMA, written with or without that schema in front. */
export async function callTableFunction(
	context: Context,
	name: readonly string[],
	values: readonly { readonly name: string | undefined; readonly value: string | null }[],
): Promise<Relation | undefined> {
	if (name.length > 1 && name.at(-2) !== "INFORMATION_SCHEMA") return undefined;
	const found = FUNCTIONS[name.at(-1) ?? ""];
	if (!found) return undefined;
	const given = new Map(
		values.map((argument, i) => [argument.name?.toUpperCase() ?? String(i + 1), argument.value]),
	);
	return found(context, given);
}
