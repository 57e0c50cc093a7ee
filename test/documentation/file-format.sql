-- page: sql-reference/sql/create-file-format
-- expect: TYPE = "CSV"
-- expect: COMMENT = "my_file_format"
CREATE OR REPLACE FILE FORMAT my_csv_format
  TYPE = CSV
  COMMENT = 'my_file_format';

-- expect: FIELD_DELIMITER = "|"
-- expect: SKIP_HEADER = 1
-- expect: NULL_IF = ["NULL", "null"]
-- expect: EMPTY_FIELD_AS_NULL = true
-- expect: COMPRESSION = "GZIP"
CREATE OR ALTER FILE FORMAT my_csv_format
  TYPE = CSV
  FIELD_DELIMITER = '|'
  SKIP_HEADER = 1
  NULL_IF = ('NULL', 'null')
  EMPTY_FIELD_AS_NULL = true
  COMPRESSION = gzip;

-- expect: TYPE = "JSON"
CREATE OR REPLACE FILE FORMAT my_json_format
  TYPE = JSON;

-- expect: USE_VECTORIZED_SCANNER = true
-- expect: USE_LOGICAL_TYPE = true
CREATE OR REPLACE FILE FORMAT my_parquet_format
  TYPE = PARQUET
  USE_VECTORIZED_SCANNER = TRUE
  USE_LOGICAL_TYPE = TRUE;
