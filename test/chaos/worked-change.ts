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

const FIRST_MIGRATIONS: Files = {
	"migrations/V0001__customers.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('1.1');
INSERT INTO CUSTOMERS VALUES (1, 'Ada'), (2, 'Grace');
`,
};

/** A small project for an empty account: the database of its records is its own, and does not exist yet. */
export const FIRST: Version = {
	secrets: {},
	files: {
		...ENVIRONMENT,
		"migrations/V0001__first.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('1.1');
BEGIN;
INSERT INTO AUDIT VALUES ('1.3');
INSERT INTO AUDIT VALUES ('1.4');
COMMIT;
`,
		"migrations/R__repeated.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('R.1');
`,
		"sql/lake.sql": `CREATE DATABASE {{lake}};
CREATE SCHEMA RAW;
CREATE STAGE LANDING URL = 's3://lake/landing/';
CREATE TABLE ORDERS (PAYLOAD VARIANT, FILE VARCHAR);
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS
  COPY INTO ORDERS FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/)
  FILE_FORMAT = (TYPE = JSON);
CREATE STREAM ORDERS_NEW ON TABLE ORDERS;
CREATE TABLE SILVER (FILE VARCHAR);
CREATE TABLE AUDIT (STEP VARCHAR);

CREATE TASK TO_SILVER SCHEDULE = '720 MINUTES' WAREHOUSE = COMPUTE_WH AS
  INSERT INTO SILVER SELECT FILE FROM ORDERS_NEW WHERE METADATA$ACTION = 'INSERT';
ALTER TASK TO_SILVER RESUME;

GRANT SELECT ON TABLE SILVER TO ROLE PUBLIC;
`,
	},
};

/** The project before the change. */
export const BEFORE: Version = {
	secrets: { KEY_SECRET: "canary/of/the/stage" },
	files: {
		...ENVIRONMENT,
		...FIRST_MIGRATIONS,
		"migrations/R__repeated.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('R.1');
`,
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
  CREDENTIALS = (AWS_KEY_ID = 'AKIACANARY' AWS_SECRET_KEY = {{secret "KEY_SECRET"}});
CREATE TABLE ORDERS (PAYLOAD VARIANT, FILE VARCHAR);
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS
  COPY INTO ORDERS FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/)
  FILE_FORMAT = (FORMAT_NAME = 'LINES');
CREATE STREAM ORDERS_NEW ON TABLE ORDERS;
CREATE TABLE SILVER (FILE VARCHAR);
CREATE MASKING POLICY HIDDEN AS (VAL VARCHAR) RETURNS VARCHAR ->
  CASE WHEN CURRENT_ROLE() = 'ACCOUNTADMIN' THEN VAL ELSE '***' END;
CREATE TABLE CUSTOMERS (ID NUMBER(38,0), NAME VARCHAR(20) WITH MASKING POLICY HIDDEN);
CREATE VIEW CUSTOMER_LIST AS SELECT * FROM CUSTOMERS;
CREATE TABLE AUDIT (STEP VARCHAR);
CREATE TABLE OLD (ID NUMBER(38,0));

CREATE TASK TO_SILVER SCHEDULE = '720 MINUTES' WAREHOUSE = LOAD_WH AS
  INSERT INTO SILVER SELECT FILE FROM ORDERS_NEW WHERE METADATA$ACTION = 'INSERT';
CREATE TASK FIRST_CHILD WAREHOUSE = LOAD_WH AFTER TO_SILVER AS SELECT 2;
CREATE TASK LEAVING_CHILD WAREHOUSE = LOAD_WH AFTER TO_SILVER AS SELECT 3;
ALTER TASK FIRST_CHILD RESUME;
ALTER TASK LEAVING_CHILD RESUME;
ALTER TASK TO_SILVER RESUME;

GRANT SELECT ON VIEW CUSTOMER_LIST TO ROLE PUBLIC;
GRANT SELECT ON TABLE AUDIT TO ROLE PUBLIC;
`,
	},
};

/** What somebody granted by hand, which no change may take away. */
export const GRANTED_BY_HAND: readonly string[] = [
	"GRANT MONITOR ON PIPE LAKE.RAW.ORDERS_PIPE TO ROLE SYSADMIN",
	"GRANT SELECT ON STREAM LAKE.RAW.ORDERS_NEW TO ROLE SYSADMIN",
];

/**
 * The project after a change that goes every way apply has: an integration replaced and its stage relinked, a
 * running pipe replaced while a file waits for it, a stream drained and replaced, a masked column renamed under a
 * view that has to follow, a policy's body, a secret rotated, tables altered in place, one dropped and one made,
 * a grant given and one revoked, the children of a running task graph changed, joined and removed, and migrations
 * before and after it all, with a transaction and a repeatable one.
 */
export const AFTER: Version = {
	secrets: { KEY_SECRET: "canary/after/rotation" },
	files: {
		...ENVIRONMENT,
		...FIRST_MIGRATIONS,
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
		"migrations/R__repeated.sql": `-- phase: after
INSERT INTO AUDIT VALUES ('R.2');
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
  CREDENTIALS = (AWS_KEY_ID = 'AKIACANARY' AWS_SECRET_KEY = {{secret "KEY_SECRET"}});
CREATE TABLE ORDERS (PAYLOAD VARIANT, FILE VARCHAR, NOTE VARCHAR);
CREATE PIPE ORDERS_PIPE AUTO_INGEST = TRUE AS
  COPY INTO ORDERS (PAYLOAD, FILE) FROM (SELECT $1, METADATA$FILENAME FROM @LANDING/orders/)
  FILE_FORMAT = (FORMAT_NAME = 'LINES');
CREATE STREAM ORDERS_NEW ON TABLE ORDERS APPEND_ONLY = TRUE;
CREATE TABLE SILVER (FILE VARCHAR);
CREATE MASKING POLICY HIDDEN AS (VAL VARCHAR) RETURNS VARCHAR ->
  CASE WHEN CURRENT_ROLE() = 'ACCOUNTADMIN' THEN VAL ELSE 'hidden' END;
CREATE TABLE CUSTOMERS (ID NUMBER(38,0), FULL_NAME VARCHAR(40) WITH MASKING POLICY HIDDEN);
CREATE VIEW CUSTOMER_LIST AS SELECT * FROM CUSTOMERS;
CREATE TABLE AUDIT (STEP VARCHAR) COMMENT = 'What ran';
CREATE TABLE REPORT (CUSTOMERS NUMBER(38,0));

CREATE TASK TO_SILVER SCHEDULE = '720 MINUTES' WAREHOUSE = LOAD_WH AS
  INSERT INTO SILVER SELECT FILE FROM ORDERS_NEW WHERE METADATA$ACTION = 'INSERT';
CREATE TASK FIRST_CHILD WAREHOUSE = LOAD_WH AFTER TO_SILVER AS SELECT 22;
CREATE TASK JOINING_CHILD WAREHOUSE = LOAD_WH AFTER FIRST_CHILD AS SELECT 4;
ALTER TASK FIRST_CHILD RESUME;
ALTER TASK JOINING_CHILD RESUME;
ALTER TASK TO_SILVER RESUME;

GRANT SELECT ON VIEW CUSTOMER_LIST TO ROLE PUBLIC;
GRANT SELECT ON TABLE SILVER TO ROLE PUBLIC;
`,
	},
};

/** How the change is seen to go every way: statements that only one mechanism sends. */
export const MECHANISMS: Readonly<Record<string, RegExp>> = {
	"a pipe held": /^ALTER PIPE .* PIPE_EXECUTION_PAUSED = TRUE/,
	"a task graph held": /^ALTER TASK LAKE\.RAW\.TO_SILVER SUSPEND/,
	"a stream drained": /^EXECUTE TASK/,
	"a stream that keeps its position": /^CREATE OR REPLACE STREAM[\s\S]* AT \(STREAM =>/,
	"its position proven": /SYSTEM\$STREAM_GET_TABLE_TIMESTAMP/,
	"a pipe made anew": /^CREATE OR REPLACE PIPE/,
	"what waited for it loaded": /^ALTER PIPE .* REFRESH PREFIX = '3\.json'/,
	"the window of its files proven": /COPY_HISTORY/,
	"a grant given again": /^GRANT MONITOR ON PIPE .* TO ROLE SYSADMIN/,
	"a grant that is new": /^GRANT SELECT ON TABLE LAKE\.RAW\.SILVER/,
	"a grant revoked": /^REVOKE SELECT/,
	"a stage linked again": /^ALTER STAGE LAKE\.RAW\.LANDING SET/,
	"a secret rotated": /^ALTER STAGE LAKE\.RAW\.KEYED SET CREDENTIALS/,
	"a masking policy's body": /^ALTER MASKING POLICY .* SET BODY/,
	"a view that follows its table": /^CREATE OR REPLACE VIEW/,
	"a task's state set late": /^ALTER TASK LAKE\.RAW\.JOINING_CHILD RESUME/,
	"a task graph let go": /^ALTER TASK LAKE\.RAW\.TO_SILVER RESUME/,
	"a migration before": /^ALTER TABLE CUSTOMERS RENAME COLUMN/,
	"a migration after": /^INSERT INTO AUDIT VALUES \('3\.1'\)/,
	"its transaction": /^BEGIN$/,
	"a repeatable migration": /^INSERT INTO AUDIT VALUES \('R\.2'\)/,
};

/** What a person would accept to have that change. */
export const ACCEPTED = [
	"STAGE_UNLINKED",
	"TRUST_BROKEN",
	"PIPE_HISTORY_LOST",
	"DATA_LOSS",
	"OBJECT_DROPPED",
	"TASK_LINKS_LOST",
	"ACCESS_REVOKED",
];
