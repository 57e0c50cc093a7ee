import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Copies the repository's own project. */
export function copyWorkedProject(dir: string): void {
	for (const folder of ["sql", "migrations", "environments"])
		cpSync(join(ROOT, folder), join(dir, folder), { recursive: true });
}

const ENVIRONMENT = (round: number): string => `connection:
  emulator:
    path: .snowline/local
    buckets:
      acme-lake: .snowline/s3/acme-lake
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
variables:
  lake: LAKE_LOCAL
  load_warehouse: LAKE_LOCAL_LOAD
  silver_schedule: ${1 + (round % 2)} MINUTE
  role_arn: arn:aws:iam::123456789012:role/reader-${round % 3}
  warehouse_size: ${round % 2 === 0 ? "XSMALL" : "SMALL"}
  retention_days: ${round % 2}
  csv_feeds:
    - name: CUSTOMERS
      path: customers
      columns:
        - { position: $1, name: CUSTOMER_ID, type: NUMBER }
        - { position: $2, name: NAME, type: VARCHAR }
        - { position: $3, name: COUNTRY, type: VARCHAR(${2 + round}) }
${
	round % 2 === 0
		? ""
		: `    - name: RETURNS
      path: returns
      columns:
        - { position: $1, name: ORDER_ID, type: NUMBER }
`
}context: { database: LAKE_LOCAL, schema: BRONZE }
manage: { databases: [LAKE_LOCAL] }
records: LAKE_LOCAL.SNOWLINE
`;

/** What changes in the worked project from one round to the next: every kind it has, and a migration of its own. */
export function filesOfRound(round: number): Readonly<Record<string, string>> {
	const step = (n: number): string => `INSERT INTO {{lake}}.SILVER.AUDIT VALUES ('${round}.${n}');`;
	// In a new environment a migration of the first phase is only recorded.
	const phase = round > 0 && round % 2 === 0 ? "before" : "after";
	const bronze = readFileSync(join(ROOT, "sql/lake/orders_bronze.sql"), "utf8");
	return {
		"environments/local.yaml": ENVIRONMENT(round),
		// A pipe whose COPY changes is replaced.
		"sql/lake/orders_bronze.sql":
			round % 2 === 0 ? bronze : bronze.replace("SELECT $1,", "SELECT $1::VARIANT,"),
		"sql/lake/audit.sql": `USE SCHEMA SILVER;
CREATE TABLE AUDIT (STEP VARCHAR NOT NULL) COMMENT = 'round ${round}';
CREATE TASK AUDITED WAREHOUSE = {{identifier load_warehouse}} AFTER MIGRATE_TO_SILVER AS SELECT ${round};
ALTER TASK AUDITED RESUME;
`,
		[`migrations/V1${String(round).padStart(3, "0")}__audit.sql`]: `-- phase: ${phase}
${step(1)}
${step(2)}
BEGIN;
${step(4)}
${step(5)}
COMMIT;
${step(7)}
`,
	};
}

/** The lines that the migration of a round leaves in AUDIT. */
export function auditOfRound(round: number): readonly string[] {
	return [1, 2, 4, 5, 7].map((n) => `${round}.${n}`);
}

/** What a person accepts for these changes. */
export const ROUND_HAZARDS =
	"DATA_LOSS,OBJECT_DROPPED,PIPE_HISTORY_LOST,TASK_LINKS_LOST,STAGE_UNLINKED,TRUST_BROKEN,TIME_TRAVEL_LOST,DATA_REWRITE,NARROWING";
