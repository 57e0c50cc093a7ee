import type { ApplyResult } from "../../src/apply/run.ts";
import { runPlan } from "../../src/apply/run-plan.ts";
import { openSnowflake } from "../../src/connection/snowflake.ts";
import { type Catalog, catalogOf, type ObjectModel } from "../../src/model/catalog.ts";
import type { Connection, Connector } from "../../src/model/port.ts";
import { type PlanResult, planProject } from "../../src/operate/plan-project.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Environment } from "../../src/project/environment.ts";

/** What is to be there: a catalog with its grants, or objects alone. */
type Declared = Catalog | Iterable<ObjectModel>;

/** What is otherwise than in most tests. */
export interface DeployerOptions {
	readonly environment?: Partial<Environment>;
	/** Values of secrets, at plan and at apply. */
	readonly secrets?: (name: string) => string | undefined;
}

/** Plans and applies catalogs on a local account through the real driver, without files. */
export interface Deployer {
	readonly connection: Connection;
	plan(declared: Declared): Promise<PlanResult>;
	apply(plan: Plan): Promise<ApplyResult>;
	/** Plans, applies, and throws what failed. */
	deploy(declared: Declared): Promise<Plan>;
	close(): Promise<void>;
}

const NOW = new Date("2026-11-20T12:00:00Z");

function environmentOf(databases: readonly string[]): Environment {
	return {
		name: "test",
		file: "environments/test.yaml",
		project: "laws",
		connection: { kind: "driver", options: {} },
		owners: {},
		variables: {},
		context: {},
		manage: { databases, roles: [] },
		external: [],
		records: ["SNOWLINE_RECORDS", "SNOWLINE"],
		permit: [],
		concurrency: 8,
		locate: () => undefined,
	};
}

/** A deployer on a port, in charge of these databases. */
export async function openDeployer(
	port: number,
	databases: readonly string[],
	options: DeployerOptions = {},
): Promise<Deployer> {
	const connector: Connector = {
		description: "the test's account",
		connect: ({ role = "ACCOUNTADMIN" }) =>
			openSnowflake({
				accessUrl: `http://127.0.0.1:${port}`,
				account: "LOCAL",
				username: "TESTER",
				password: "none",
				warehouse: "COMPUTE_WH",
				role,
			}),
	};
	const connection = await connector.connect({});
	await connection.execute("CREATE DATABASE IF NOT EXISTS SNOWLINE_RECORDS");
	const environment = { ...environmentOf(databases), ...options.environment };
	const secrets = options.secrets ?? (() => undefined);
	const plan = (declared: Declared): Promise<PlanResult> =>
		planProject({
			environment,
			desired: "objects" in declared ? declared : catalogOf(declared),
			connection,
			connectAs: (role) => connector.connect({ role }),
			targets: [],
			tool: "snowline test",
			now: () => NOW,
			secrets,
			migrations: () => ({ steps: [], head: "", diagnostics: [] }),
		});
	const apply = (p: Plan): Promise<ApplyResult> =>
		runPlan(p, {
			connector,
			records: environment.records,
			secrets,
			readLine: () => undefined,
			now: () => NOW,
			deployment: `deployment-${p.steps.length}`,
			actor: "tester",
			concurrency: 1,
			report: () => undefined,
			signal: new AbortController().signal,
			lease: { seconds: 60, alone: true },
			migrate: async () => undefined,
			secretHashes: () => ({}),
		});
	return {
		connection,
		plan,
		apply,
		async deploy(declared) {
			const made = (await plan(declared)).plan;
			const result = await apply(made);
			if (result.failures.length > 0)
				throw new Error(result.failures.map((d) => `${d.summary}\n${d.detail ?? ""}`).join("\n\n"));
			return made;
		},
		close: () => connection.close(),
	};
}
