-- Where files arrive, and how they are read.
USE SCHEMA BRONZE;

CREATE FILE FORMAT JSON_LINES
  TYPE = JSON
  STRIP_OUTER_ARRAY = TRUE
  COMMENT = 'One object, or an array of them';

CREATE FILE FORMAT CSV_WITH_HEADER
  TYPE = CSV
  SKIP_HEADER = 1
  FIELD_OPTIONALLY_ENCLOSED_BY = '"'
  NULL_IF = ('', 'NULL')
  TRIM_SPACE = TRUE;

CREATE STAGE LANDING
  URL = {{literal lake_url}}
  STORAGE_INTEGRATION = {{identifier integration}}
  FILE_FORMAT = (FORMAT_NAME = 'JSON_LINES')
  COMMENT = 'What the shops write';
