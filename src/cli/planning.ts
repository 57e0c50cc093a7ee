import { resolve } from "node:path";
import { printDiagnostics } from "../diagnostics/print.ts";
import { changedNames, pendingSteps } from "../migrate/pending.ts";
import type { Connection } from "../model/port.ts";
import { type PlanResult, planProject } from "../operate/plan-project.ts";
import type { CommandContext } from "./command.ts";
import { type Access, openAccess } from "./connect.ts";
import { type Loaded, loadDesired } from "./load.ts";
import { progress } from "./progress.ts";
import { TOOL } from "./version.ts";

/** A plan together with what it was made from, while the way into the account is open. */
export interface Planned extends PlanResult {
	readonly loaded: Loaded;
	readonly access: Access;
}

/** Opens the account, runs something, and closes it again, whatever happens. */
export async function withAccess<T>(
	context: CommandContext,
	loaded: Pick<Loaded, "environment">,
	run: (access: Access) => Promise<T>,
): Promise<T> {
	const access = await openAccess(
		resolve(context.globals.dir),
		loaded.environment,
		context.streams.env,
	);
	try {
		return await run(access);
	} finally {
		await access.close();
	}
}

/** What a person allows a plan. */
export interface PlanOptions {
	/** Run migrations below the last applied version instead of refusing them. */
	readonly outOfOrder?: boolean;
	/** Nobody else can be deploying: the account runs in this process, or the lease is held. */
	readonly alone?: boolean;
}

/** The option that allows migrations out of order. */
export const OUT_OF_ORDER = {
	flags: "--out-of-order",
	summary: "run migrations whose version is below the last applied one",
} as const;

/** Makes a plan on an open connection. */
export function makePlanOn(
	context: CommandContext,
	loaded: Loaded,
	{ connector, account }: Pick<Access, "connector" | "account">,
	connection: Connection,
	targets: readonly string[],
	options: PlanOptions = {},
): Promise<PlanResult> {
	const { environment, desired, project } = loaded;
	return planProject({
		environment,
		desired,
		connection,
		connectAs: (role) => connector.connect({ role }),
		targets,
		tool: TOOL,
		now: context.now,
		secrets: (name) => context.streams.env[name],
		alone: options.alone ?? account !== undefined,
		changedNames: changedNames(project.migrations, environment.context),
		migrations: (records, live) =>
			pendingSteps({
				migrations: project.migrations,
				records,
				live,
				desired,
				environment,
				...options,
			}),
	});
}

/** Loads the project, reads the account and makes the plan; warnings are shown on stderr. */
export async function planned<T>(
	context: CommandContext,
	targets: readonly string[],
	run: (planned: Planned) => Promise<T>,
	options: PlanOptions = {},
): Promise<T> {
	const loaded = loadDesired(context.globals);
	return withAccess(context, loaded, async (access) => {
		const show = progress(context.terminal, `reading ${access.connector.description}`);
		const connection = await access.connector.connect({});
		try {
			const result = await makePlanOn(context, loaded, access, connection, targets, options);
			show.end();
			const warnings = [...loaded.warnings, ...result.warnings];
			if (warnings.length > 0 && !context.globals.json)
				context.terminal.error(
					printDiagnostics(warnings, { color: context.terminal.errChalk.level > 0 }),
				);
			return await run({ ...result, loaded, access });
		} finally {
			show.end();
			await connection.close();
		}
	});
}
