-- How Snowflake reaches the bucket. The role's trust policy names what DESC INTEGRATION shows.
CREATE STORAGE INTEGRATION {{identifier integration}}
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = {{literal role_arn}}
  STORAGE_ALLOWED_LOCATIONS = ({{list allowed_locations}})
  COMMENT = 'The lake''s buckets';
