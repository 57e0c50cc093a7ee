-- Amazon S3: a role, an external id of Snowflake's own making, two locations.
CREATE STORAGE INTEGRATION lake_s3
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/lake'
  STORAGE_ALLOWED_LOCATIONS = ('s3://acme-lake/in/', 's3://acme-lake/archive/');

-- Amazon S3 with everything that can be written.
CREATE STORAGE INTEGRATION lake_s3_full
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/lake'
  STORAGE_AWS_EXTERNAL_ID = 'lake-0001'
  STORAGE_AWS_OBJECT_ACL = 'bucket-owner-full-control'
  USE_PRIVATELINK_ENDPOINT = TRUE
  ENABLED = FALSE
  STORAGE_ALLOWED_LOCATIONS = ('*')
  STORAGE_BLOCKED_LOCATIONS = ('s3://acme-lake/hr/')
  COMMENT = 'the lake''s bucket';

-- Google Cloud Storage
CREATE STORAGE INTEGRATION lake_gcs
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'GCS'
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ('gcs://acme-lake/in/');

-- Microsoft Azure
CREATE STORAGE INTEGRATION lake_azure
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'AZURE'
  AZURE_TENANT_ID = 'a123b4c5-1234-123a-a12b-1a23b45678c9'
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ('azure://acme.blob.core.windows.net/lake/in/');
