/** Files of a project by path. */
export type Files = Readonly<Record<string, string>>;

/** A project at one moment: its files, and the secrets that its commands are given. */
export interface Version {
	readonly files: Files;
	readonly secrets: Readonly<Record<string, string>>;
}

const ENVIRONMENT: Files = {
	"environments/_defaults.yaml": "project: chaos\n",
	"environments/local.yaml": `connection:
  emulator: { path: .snowline/local, buckets: { lake: .snowline/s3/lake } }
role: ACCOUNTADMIN
warehouse: COMPUTE_WH
variables: { lake: LAKE }
context: { database: LAKE, schema: RAW }
manage: { databases: [LAKE] }
records: LAKE.SNOWLINE
`,
};

const FIRST_MIGRATION: Files = {
	"migrations/V0001__customers.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('1.1');
INSERT INTO CUSTOMERS VALUES (1, 'Ada'), (2, 'Grace');
`,
};

/** The project as an empty account gets it; the database of the records is its own. */
export const BEFORE: Version = {
	secrets: { KEY_ID: "AKIACANARY", KEY_SECRET: "canary/of/the/stage" },
	files: {
		...ENVIRONMENT,
		...FIRST_MIGRATION,
		"sql/account.sql": `CREATE STORAGE INTEGRATION LAKE_S3
  TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/reader'
  STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')
  STORAGE_AWS_OBJECT_ACL = 'bucket-owner-full-control';
CREATE WAREHOUSE LOAD_WH WAREHOUSE_SIZE = XSMALL INITIALLY_SUSPENDED = TRUE;
`,
		"sql/lake.sql": `CREATE DATABASE {{lake}};
CREATE SCHEMA RAW;
CREATE FILE FORMAT LINES TYPE = JSON;
CREATE STAGE LANDING URL = 's3://lake/landing/' STORAGE_INTEGRATION = LAKE_S3;
CREATE STAGE KEYED URL = 's3://lake/keyed/'
  CREDENTIALS = (AWS_KEY_ID = {{secret "KEY_ID"}} AWS_SECRET_KEY = {{secret "KEY_SECRET"}});
CREATE TABLE ORDERS (PAYLOAD VARIANT, FILE VARCHAR);
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS
  COPY INTO ORDERS FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/)
  FILE_FORMAT = (FORMAT_NAME = 'LINES');
CREATE STREAM ORDERS_NEW ON TABLE ORDERS APPEND_ONLY = TRUE;
CREATE TABLE CUSTOMERS (ID NUMBER(38,0), NAME VARCHAR(20));
CREATE TABLE AUDIT (STEP VARCHAR);
CREATE TABLE OLD (ID NUMBER(38,0));

CREATE TASK NIGHTLY SCHEDULE = '720 MINUTES' WAREHOUSE = LOAD_WH AS SELECT 1;
CREATE TASK FIRST_CHILD WAREHOUSE = LOAD_WH AFTER NIGHTLY AS SELECT 2;
CREATE TASK LEAVING_CHILD WAREHOUSE = LOAD_WH AFTER NIGHTLY AS SELECT 3;
ALTER TASK FIRST_CHILD RESUME;
ALTER TASK LEAVING_CHILD RESUME;
ALTER TASK NIGHTLY RESUME;
`,
	},
};

/**
 * The project after a change that goes every way apply has: an integration replaced and its stage relinked,
 * a running pipe replaced, tables altered in place, one dropped and one made, a secret rotated, the children of a
 * running task graph changed, joined and removed, and migrations on both sides with a transaction.
 */
export const AFTER: Version = {
	secrets: { KEY_ID: "AKIACANARY", KEY_SECRET: "canary/after/rotation" },
	files: {
		...ENVIRONMENT,
		...FIRST_MIGRATION,
		"migrations/V0002__full_name.sql": `ALTER TABLE CUSTOMERS RENAME COLUMN NAME TO FULL_NAME;
INSERT INTO AUDIT VALUES ('2.2');
UPDATE CUSTOMERS SET FULL_NAME = FULL_NAME || '!';
`,
		"migrations/V0003__late.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('3.1');
BEGIN;
INSERT INTO AUDIT VALUES ('3.3');
INSERT INTO REPORT SELECT COUNT(*) FROM CUSTOMERS;
COMMIT;
INSERT INTO AUDIT VALUES ('3.6');
`,
		"sql/account.sql": `CREATE STORAGE INTEGRATION LAKE_S3
  TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/reader'
  STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
CREATE WAREHOUSE LOAD_WH WAREHOUSE_SIZE = SMALL INITIALLY_SUSPENDED = TRUE;
`,
		"sql/lake.sql": `CREATE DATABASE {{lake}};
CREATE SCHEMA RAW COMMENT = 'As it arrived';
CREATE FILE FORMAT LINES TYPE = JSON;
CREATE STAGE LANDING URL = 's3://lake/landing/' STORAGE_INTEGRATION = LAKE_S3;
CREATE STAGE KEYED URL = 's3://lake/keyed/'
  CREDENTIALS = (AWS_KEY_ID = {{secret "KEY_ID"}} AWS_SECRET_KEY = {{secret "KEY_SECRET"}});
CREATE TABLE ORDERS (PAYLOAD VARIANT, FILE VARCHAR, NOTE VARCHAR);
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS
  COPY INTO ORDERS (PAYLOAD, FILE) FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/)
  FILE_FORMAT = (FORMAT_NAME = 'LINES');
CREATE STREAM ORDERS_NEW ON TABLE ORDERS APPEND_ONLY = TRUE;
CREATE TABLE CUSTOMERS (ID NUMBER(38,0), FULL_NAME VARCHAR(40));
CREATE TABLE AUDIT (STEP VARCHAR) COMMENT = 'What ran';
CREATE TABLE REPORT (CUSTOMERS NUMBER(38,0));

CREATE TASK NIGHTLY SCHEDULE = '720 MINUTES' WAREHOUSE = LOAD_WH AS SELECT 1;
CREATE TASK FIRST_CHILD WAREHOUSE = LOAD_WH AFTER NIGHTLY AS SELECT 22;
CREATE TASK JOINING_CHILD WAREHOUSE = LOAD_WH AFTER FIRST_CHILD AS SELECT 4;
ALTER TASK FIRST_CHILD RESUME;
ALTER TASK JOINING_CHILD RESUME;
ALTER TASK NIGHTLY RESUME;
`,
	},
};

/** What a person would accept to have that change. */
export const ACCEPTED = [
	"STAGE_UNLINKED",
	"TRUST_BROKEN",
	"PIPE_HISTORY_LOST",
	"DATA_LOSS",
	"OBJECT_DROPPED",
	"TASK_LINKS_LOST",
];
