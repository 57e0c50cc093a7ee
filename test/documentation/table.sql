-- page: sql-reference/sql/create-table
-- expect: COLUMN = [{"name": "AMOUNT", "type": "NUMBER(38,0)", "nullable": true, "default": null, "identity": null, "collation": null, "expression": null, "comment": null, "masking": null, "renamedFrom": null}]
CREATE TABLE mytable (amount NUMBER);

-- expect: COMMENT = "a table comment"
-- expect: COLUMN = [{"name": "COL1", "type": "NUMBER(38,0)", "nullable": true, "default": null, "identity": null, "collation": null, "expression": null, "comment": "a column comment", "masking": null, "renamedFrom": null}]
CREATE TABLE example (col1 NUMBER COMMENT 'a column comment') COMMENT='a table comment';

-- refused: AS SELECT
CREATE TABLE mytable_copy (b) AS SELECT * FROM mytable;

-- refused: AS SELECT
CREATE TABLE mytable_copy2 AS SELECT b+1 AS c FROM mytable_copy;

-- refused: AS SELECT
CREATE TABLE testtable_summary (name, summary_amount) AS SELECT name, amount1 + amount2 FROM testtable;

-- refused: AS SELECT
CREATE OR REPLACE TABLE parquet_col (
  custKey NUMBER DEFAULT NULL,
  orderDate DATE DEFAULT NULL,
  orderStatus VARCHAR(100) DEFAULT NULL,
  price VARCHAR(255)
)
AS SELECT
  $1:o_custkey::number,
  $1:o_orderdate::date,
  $1:o_orderstatus::text,
  $1:o_totalprice::text
FROM @my_stage;

-- refused: LIKE
CREATE TABLE mytable_2 LIKE mytable;

-- expect: CLUSTER BY = ["date", "id"]
CREATE TABLE mytable (date TIMESTAMP_NTZ, id NUMBER, content VARIANT) CLUSTER BY (date, id);

CREATE OR REPLACE TABLE collation_demo (
  uncollated_phrase VARCHAR, 
  utf8_phrase VARCHAR COLLATE 'utf8',
  english_phrase VARCHAR COLLATE 'en',
  spanish_phrase VARCHAR COLLATE 'es');

-- refused: USING TEMPLATE
CREATE TABLE mytable
  USING TEMPLATE (
    SELECT ARRAY_AGG(OBJECT_CONSTRUCT(*))
    WITHIN GROUP (ORDER BY order_id)
      FROM TABLE(
        INFER_SCHEMA(
          LOCATION=>'@mystage',
          FILE_FORMAT=>'my_parquet_format'
        )
      ));

-- refused: TEMPORARY
CREATE TEMPORARY TABLE demo_temporary (i INTEGER);

-- refused: TEMP
CREATE TEMP TABLE demo_temp (i INTEGER);

-- refused: LOCAL
-- refused: TEMPORARY
CREATE LOCAL TEMPORARY TABLE demo_local_temporary (i INTEGER);

-- refused: TEMP
CREATE LOCAL TEMP TABLE demo_local_temp (i INTEGER);

-- refused: GLOBAL
CREATE GLOBAL TEMPORARY TABLE demo_global_temporary (i INTEGER);

-- refused: GLOBAL
CREATE GLOBAL TEMP TABLE demo_global_temp (i INTEGER);

-- refused: VOLATILE
CREATE VOLATILE TABLE demo_volatile (i INTEGER);

CREATE OR ALTER TABLE my_table(a INT);

-- expect: DATA_RETENTION_TIME_IN_DAYS = 5
-- expect: DEFAULT_DDL_COLLATION = "de"
CREATE OR ALTER TABLE my_table(
    a INT PRIMARY KEY,
    b VARCHAR(200)
  )
  DATA_RETENTION_TIME_IN_DAYS = 5
  DEFAULT_DDL_COLLATION = 'de';

-- expect: DATA_RETENTION_TIME_IN_DAYS = null
CREATE OR ALTER TABLE my_table(
    a INT PRIMARY KEY,
    c VARCHAR(200)
  )
  DEFAULT_DDL_COLLATION = 'de';

CREATE OR ALTER TABLE my_table(
  a INT PRIMARY KEY,
  b VARCHAR(20)
)
DEFAULT_DDL_COLLATION = 'fr';

CREATE OR ALTER TABLE my_table(
 a INT PRIMARY KEY,
 b INT
  );

CREATE OR ALTER TABLE my_table(
 a INT PRIMARY KEY,
 c INT
  );

CREATE TABLE t(a INT);

-- expect: COLUMN = [{"name": "A", "type": "NUMBER(38,0)", "nullable": false, "default": null, "identity": null, "collation": null, "expression": null, "comment": null, "masking": null, "renamedFrom": null}]
CREATE OR ALTER TABLE t(a INT PRIMARY KEY);

CREATE OR REPLACE TABLE t(a INT);

-- page: sql-reference/sql/create-table-constraint
CREATE OR REPLACE TABLE uni (c1 INT, c2 int, CONSTRAINT uni1 UNIQUE(C1) COMMENT 'Unique column');

-- expect: CONSTRAINT = [{"name": null, "kind": "UNIQUE", "columns": ["C1"], "table": null, "parentColumns": [], "match": null, "onUpdate": null, "onDelete": null, "expression": null, "validate": false, "rely": false, "comment": null}]
CREATE OR REPLACE TABLE uni (c1 INT UNIQUE COMMENT 'Unique column', c2 int);

CREATE TABLE table1 (col1 INTEGER NOT NULL);

CREATE TABLE table2 (
  col1 INTEGER NOT NULL,
  col2 INTEGER NOT NULL,
  CONSTRAINT pkey_1 PRIMARY KEY (col1, col2) NOT ENFORCED
);

-- expect: CONSTRAINT = [{"name": "FKEY_1", "kind": "FOREIGN KEY", "columns": ["COL_A", "COL_B"], "table": "MYDB.PUBLIC.TABLE2", "parentColumns": ["COL1", "COL2"], "match": null, "onUpdate": "NO ACTION", "onDelete": "NO ACTION", "expression": null, "validate": false, "rely": false, "comment": null}]
CREATE TABLE table3 (
  col_a INTEGER NOT NULL,
  col_b INTEGER NOT NULL,
  CONSTRAINT fkey_1 FOREIGN KEY (col_a, col_b) REFERENCES table2 (col1, col2) NOT ENFORCED
);

-- expect: CONSTRAINT = [{"name": null, "kind": "CHECK", "columns": [], "table": null, "parentColumns": [], "match": null, "onUpdate": null, "onDelete": null, "expression": "quantity > 0", "validate": true, "rely": false, "comment": null}]
CREATE TABLE test_check_constraint_orders (
  order_id INT,
  quantity INT CHECK (quantity > 0),
  price NUMBER(10, 2));

CREATE TABLE test_check_constraint_max_orders (
  order_id INT,
  quantity INT,
  price NUMBER(10, 2),
  max_price NUMBER(10, 2),
  CONSTRAINT chk_price_max CHECK (price < max_price));

-- refused: AS SELECT
CREATE TABLE high_value_products (
  product_id INT,
  product_name VARCHAR(100),
  list_price NUMBER(10, 2),
  CONSTRAINT high_price CHECK (list_price > 100)
  )
  AS SELECT product_id,
            product_name,
            list_price
  FROM products
  WHERE list_price > 100;

-- page: sql-reference/sql/alter-table
CREATE OR REPLACE TABLE t1(a1 number);

CREATE OR REPLACE TABLE t1(a1 NUMBER, a2 VARCHAR, a3 DATE);

CREATE OR REPLACE TABLE t2(b1 VARCHAR);

-- expect: CLUSTER BY = ["id", "date"]
CREATE OR REPLACE TABLE T1 (id NUMBER, date TIMESTAMP_NTZ, name STRING) CLUSTER BY (id, date);

-- refused: EXTERNAL
CREATE EXTERNAL TABLE exttable1
  LOCATION=@mystage/logs/
  AUTO_REFRESH = true
  FILE_FORMAT = (TYPE = PARQUET)
  ;

-- page: sql-reference/sql/alter-table-column
CREATE TABLE t(x INT);

CREATE OR REPLACE TABLE t1 (
   c1 NUMBER NOT NULL,
   c2 NUMBER DEFAULT 3,
   c3 NUMBER DEFAULT seq1.nextval,
   c4 VARCHAR(20) DEFAULT 'abcde',
   c5 STRING);

-- page: sql-reference/sql/desc-table
CREATE OR REPLACE TABLE desc_example(
  c1 INT PRIMARY KEY,
  c2 INT,
  c3 INT UNIQUE,
  c4 VARCHAR(30) DEFAULT 'Not applicable' COMMENT 'This column is rarely populated',
  c5 VARCHAR(100));

CREATE OR REPLACE TABLE desc_example(
  c1 INT PRIMARY KEY,
  c2 INT,
  c3 INT UNIQUE,
  c4 VARCHAR(30) DEFAULT 'Not applicable' COMMENT 'This column is rarely populated',
  c5 VARCHAR(100) WITH MASKING POLICY email_mask);

-- page: sql-reference/virtual-columns
-- expect: COLUMN = [{"name": "I", "type": "NUMBER(38,0)", "nullable": true, "default": null, "identity": null, "collation": null, "expression": null, "comment": null, "masking": null, "renamedFrom": null}, {"name": "J", "type": "NUMBER(38,0)", "nullable": true, "default": null, "identity": null, "collation": null, "expression": "i * i", "comment": null, "masking": null, "renamedFrom": null}]
CREATE OR REPLACE TABLE x (i INT, j INT AS (i * i));

CREATE OR REPLACE TABLE t (c NUMBER, c1 NUMBER AS (c + 1), c2 NUMBER AS (c1 + 1));

CREATE OR REPLACE TABLE t (i NUMBER(10,2), j NUMBER(10,2) AS (i * 2));

CREATE OR REPLACE TABLE vendors (
  id    INT,
  name  VARCHAR(255) DEFAULT NULL,
  phone VARCHAR(100) DEFAULT NULL,
  city  VARCHAR(255),
  zip   VARCHAR(10)  DEFAULT NULL
);

CREATE OR REPLACE TABLE sales (
  vendor_id  INT,
  order_date DATE,
  cost       NUMBER
);

-- refused: TEMPORARY
CREATE OR REPLACE TEMPORARY TABLE t2 (
  id INT
);

-- refused: AS SELECT
CREATE OR REPLACE TABLE today_sales (
  vendor_name VARCHAR(255),
  vendor_city VARCHAR(255),
  cost        NUMBER(16,3),
  tax         NUMBER(16,3) AS ((cost * 0.075)::NUMBER(16,3))
)
AS SELECT a.name, a.city, b.cost
   FROM vendors a LEFT JOIN sales b ON a.id = b.vendor_id
   WHERE order_date = CURRENT_DATE();

-- page: sql-reference/data-types-numeric
CREATE OR REPLACE TABLE test_fixed(
  num0 NUMBER,
  num10 NUMBER(10,1),
  dec20 DECIMAL(20,2),
  numeric30 NUMERIC(30,3),
  int1 INT,
  int2 INTEGER);

CREATE OR REPLACE TABLE test_float(
  double1 DOUBLE,
  float1 FLOAT,
  dp1 DOUBLE PRECISION,
  real1 REAL);

CREATE OR REPLACE TABLE decfloat_sample (
  id INT,
  decfloat_val DECFLOAT,
  float_val FLOAT);

-- page: sql-reference/data-types-structured
CREATE TABLE my_table_with_structured_array_column (
  numeric_array ARRAY(NUMBER)
);

CREATE TABLE customer (
  c_id VARCHAR,
  c_name VARCHAR,
  c_address OBJECT(
    state VARCHAR,
    city VARCHAR,
    street VARCHAR,
    zip_code NUMBER
  )
);

CREATE OR REPLACE TABLE my_table_with_map_column(my_map MAP(VARCHAR, VARCHAR));

-- page: user-guide/data-engineering/row-timestamps
-- expect: ROW_TIMESTAMP = true
CREATE OR REPLACE TABLE table1(value1 STRING)
  ROW_TIMESTAMP = TRUE;

CREATE OR REPLACE TABLE table1(record_id STRING, client_timestamp TIMESTAMP_LTZ);

-- refused: AS SELECT
CREATE TABLE my_archive AS
 SELECT *, METADATA$ROW_LAST_COMMIT_TIME AS original_commit_time
 FROM my_source_table;

-- page: user-guide/security-column-intro
-- expect: COLUMN = [{"name": "SSN", "type": "VARCHAR(16777216)", "nullable": true, "default": null, "identity": null, "collation": null, "expression": null, "comment": null, "masking": {"policy": "MYDB.PUBLIC.SSN_MASK", "using": []}, "renamedFrom": null}]
CREATE OR REPLACE TABLE user_info (ssn string masking policy ssn_mask);
