import { type ApplyResult, runPlan } from "../../src/apply/run-plan.ts";
import { openSnowflake } from "../../src/connection/snowflake.ts";
import { type Catalog, catalogOf, type ObjectModel } from "../../src/model/catalog.ts";
import type { Connection, Connector } from "../../src/model/port.ts";
import { type PlanResult, planProject } from "../../src/operate/plan-project.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Environment } from "../../src/project/environment.ts";

/** Plans and applies catalogs on a local account through the real driver, without files. */
export interface Deployer {
	readonly connection: Connection;
	plan(objects: Iterable<ObjectModel>): Promise<PlanResult>;
	apply(plan: Plan): Promise<ApplyResult>;
	/** Plans, applies, and throws what failed. */
	deploy(objects: Iterable<ObjectModel>): Promise<Plan>;
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
export async function openDeployer(port: number, databases: readonly string[]): Promise<Deployer> {
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
	const environment = environmentOf(databases);
	const plan = (objects: Iterable<ObjectModel>): Promise<PlanResult> =>
		planProject({
			environment,
			desired: catalogOf(objects) satisfies Catalog,
			connection,
			connectAs: (role) => connector.connect({ role }),
			targets: [],
			tool: "snowline test",
			now: () => NOW,
			secrets: () => undefined,
			migrations: () => ({ steps: [], head: "", diagnostics: [] }),
		});
	const apply = (p: Plan): Promise<ApplyResult> =>
		runPlan(p, {
			connector,
			records: environment.records,
			secrets: () => undefined,
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
		async deploy(objects) {
			const made = (await plan(objects)).plan;
			const result = await apply(made);
			if (result.failures.length > 0)
				throw new Error(result.failures.map((d) => `${d.summary}\n${d.detail ?? ""}`).join("\n\n"));
			return made;
		},
		close: () => connection.close(),
	};
}
