-- `keep` names properties that are not varied over a base: an integration must suit the URL's cloud, which
-- no rule on the stage alone can say. Every URL is in one bucket, acme-lake.

-- Snowflake's own storage.
-- keep: STORAGE_INTEGRATION
CREATE STAGE LAKE.BRONZE.UPLOADS;

-- keep: STORAGE_INTEGRATION
CREATE STAGE LAKE.BRONZE.SHARED_UPLOADS
  ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')
  DIRECTORY = (ENABLE = TRUE)
  FILE_FORMAT = LAKE.BRONZE.CSV_FILES;

-- Amazon S3 through an integration, with a format of its own.
-- keep: URL
CREATE STAGE LAKE.BRONZE.LANDING
  URL = 's3://acme-lake/landing/'
  STORAGE_INTEGRATION = LAKE_S3
  FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|' SKIP_HEADER = 1 NULL_IF = ('\\N', ''))
  COMMENT = 'where orders land';

-- Amazon S3 with a directory that refreshes itself.
-- keep: URL
CREATE STAGE LAKE.BRONZE.DOCUMENTS
  URL = 's3://acme-lake/documents/'
  STORAGE_INTEGRATION = LAKE_S3
  DIRECTORY = (ENABLE = TRUE REFRESH_ON_CREATE = FALSE AUTO_REFRESH = TRUE);

-- Amazon S3 with credentials and encryption.
-- keep: STORAGE_INTEGRATION
CREATE STAGE LAKE.BRONZE.PARTNER
  URL = 's3://acme-lake/partner/'
  CREDENTIALS = (AWS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE' AWS_SECRET_KEY = 'zero')
  ENCRYPTION = (TYPE = 'AWS_SSE_KMS' KMS_KEY_ID = 'aws/key');

-- Google Cloud Storage and Microsoft Azure, as public containers.
-- keep: STORAGE_INTEGRATION
CREATE STAGE LAKE.BRONZE.PUBLIC_GCS
  URL = 'gcs://acme-lake/public/'
  FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE);

-- keep: STORAGE_INTEGRATION
CREATE STAGE LAKE.BRONZE.PUBLIC_AZURE
  URL = 'azure://acme.blob.core.windows.net/acme-lake/public/'
  FILE_FORMAT = (TYPE = PARQUET);

-- Storage that only speaks as Amazon S3 does; the local account does not read its files.
-- keep: STORAGE_INTEGRATION, URL, DIRECTORY
CREATE STAGE LAKE.BRONZE.OWN_STORAGE
  URL = 's3compat://acme-lake/in/'
  ENDPOINT = 'storage.example.com'
  CREDENTIALS = (AWS_KEY_ID = 'key' AWS_SECRET_KEY = 'zero');
