import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { formatIdentifier, formatName, type QualifiedName } from "../model/identifier.ts";
import { type Connection, StatementError } from "../model/port.ts";
import type { Plan } from "../plan/plan.ts";
import { ABSENT } from "./absent.ts";
import { beginning, readPast, withOutcome } from "./deployments.ts";
import { takeLease } from "./lease.ts";
import { createRecords } from "./records.ts";
import type { Run } from "./run.ts";

/** The records have no database to be in, and the plan does not make it. */
export function noPlace(records: QualifiedName): DeployError {
	return new DeployError(EXIT.environment, {
		severity: "error",
		code: "RECORDS",
		summary: `the records belong into ${formatName(records)}, and database ${formatIdentifier(records[0] ?? "")} does not exist or is not visible to this role`,
		hint: "create it, declare it, or name another schema as records in the environment file",
	});
}

/**
 * The step that makes the place of the records, and everything it needs, where that is for this plan to make. Until it
 * has run there is no lease, so nothing else runs; of two first deployments one fails at its CREATE.
 */
export function stepsBeforeRecords(
	plan: Plan,
	records: QualifiedName,
): ReadonlySet<string> | undefined {
	const creates = (kind: string, name: QualifiedName) =>
		plan.steps.find(
			(s) => s.action === "create" && s.kind === kind && s.object === formatName(name),
		);
	const opening = creates("SCHEMA", records) ?? creates("DATABASE", records.slice(0, 1));
	if (!opening) return undefined;
	const steps = new Map(plan.steps.map((step) => [step.id, step]));
	const found = new Set<string>();
	const queue = [opening.id];
	for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
		if (found.has(id)) continue;
		found.add(id);
		queue.push(...(steps.get(id)?.dependsOn ?? []));
	}
	return found;
}

async function recordsCanBe(
	plan: Plan,
	done: ReadonlySet<string>,
	keeper: Connection,
	records: QualifiedName,
): Promise<boolean> {
	const own = plan.steps.find(
		(s) => s.action === "create" && s.kind === "SCHEMA" && s.object === formatName(records),
	);
	if (own && !done.has(own.id)) return false;
	try {
		await createRecords(keeper, records);
		return true;
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return false;
		throw error;
	}
}

/** Takes the lease and begins the records of this deployment, if there is a place for them yet. */
export async function tryBegin(run: Run, keeper: Connection): Promise<void> {
	const { plan, options, journal, sessions } = run;
	const { records, deployment, actor } = options;
	if (!(await recordsCanBe(plan, run.done, keeper, records))) return;
	run.lease = await takeLease(
		options.connector,
		records,
		{ project: plan.project, deployment, actor, ...options.lease },
		() => {
			run.lost = true;
			void sessions.cancelAll();
		},
	);
	if (run.started.size === 0)
		await options.checkAgain?.((await readPast(keeper, records, plan.project)).head);
	await journal.record(
		options.resume
			? withOutcome(records, plan.project, deployment, "running", options.now())
			: beginning(
					{
						project: plan.project,
						id: deployment,
						environment: plan.environment,
						actor,
						tool: plan.tool,
						startedAt: options.now(),
						...(options.gitCommit === undefined ? {} : { gitCommit: options.gitCommit }),
						...(options.ciJob === undefined ? {} : { ciJob: options.ciJob }),
						...(options.planHash === undefined ? {} : { planHash: options.planHash }),
					},
					records,
				),
	);
	await journal.open(run.lease);
}
