-- A bronze table and a pipe for each CSV feed of the environment.
USE SCHEMA BRONZE;
{{#each csv_feeds}}

CREATE TABLE {{identifier name}} (
{{#each columns}}
  {{identifier name}} {{type}},
{{/each}}
{{> load_metadata}}
);

CREATE PIPE {{identifier name}}_PIPE
  AUTO_INGEST = TRUE
AS
COPY INTO {{identifier name}}
FROM (
  SELECT {{#each columns}}{{position}}, {{/each}}METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, METADATA$START_SCAN_TIME
  FROM @LANDING/{{path}}/
)
FILE_FORMAT = (FORMAT_NAME = 'CSV_WITH_HEADER');
{{/each}}
