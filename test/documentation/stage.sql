-- page: sql-reference/sql/create-stage
-- expect: INTERNAL ENCRYPTION = "SNOWFLAKE_SSE"
CREATE STAGE my_int_stage
  ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE');

-- refused: TEMPORARY
CREATE TEMPORARY STAGE my_temp_int_stage;

-- refused: TEMPORARY
CREATE TEMPORARY STAGE my_int_stage
  FILE_FORMAT = my_csv_format;

-- expect: DIRECTORY = {"ENABLE": true}
-- expect: FILE_FORMAT = {"FORMAT_NAME": "MYDB.PUBLIC.MYFORMAT"}
CREATE STAGE mystage
  DIRECTORY = (ENABLE = TRUE)
  FILE_FORMAT = myformat;

-- expect: URL = "s3://load/files/"
-- expect: STORAGE_INTEGRATION = "MYINT"
CREATE STAGE my_ext_stage
  URL='s3://load/files/'
  STORAGE_INTEGRATION = myint;

-- expect: CREDENTIALS = {"AWS_KEY_ID": "1a2b3c", "AWS_SECRET_KEY": "4x5y6z"}
CREATE STAGE my_ext_stage1
  URL='s3://load/files/'
  CREDENTIALS=(AWS_KEY_ID='1a2b3c' AWS_SECRET_KEY='4x5y6z');

-- expect: ENCRYPTION = {"TYPE": "AWS_CSE", "MASTER_KEY": "eSx..."}
CREATE STAGE my_ext_stage2
  URL='s3://load/encrypted_files/'
  CREDENTIALS=(AWS_KEY_ID='1a2b3c' AWS_SECRET_KEY='4x5y6z')
  ENCRYPTION=(MASTER_KEY = 'eSx...');

-- expect: ENCRYPTION = {"TYPE": "AWS_SSE_KMS", "KMS_KEY_ID": "aws/key"}
CREATE STAGE my_ext_stage3
  URL='s3://load/encrypted_files/'
  CREDENTIALS=(AWS_KEY_ID='1a2b3c' AWS_SECRET_KEY='4x5y6z')
  ENCRYPTION=(TYPE='AWS_SSE_KMS' KMS_KEY_ID = 'aws/key');

-- expect: CREDENTIALS = {"AWS_ROLE": "arn:aws:iam::001234567890:role/mysnowflakerole"}
CREATE STAGE my_ext_stage3
  URL='s3://load/encrypted_files/'
  CREDENTIALS=(AWS_ROLE='arn:aws:iam::001234567890:role/mysnowflakerole')
  ENCRYPTION=(TYPE='AWS_SSE_KMS' KMS_KEY_ID = 'aws/key');

-- expect: DIRECTORY = {"ENABLE": true, "AUTO_REFRESH": true}
CREATE STAGE mystage
  URL='s3://load/files/'
  STORAGE_INTEGRATION = my_storage_int
  DIRECTORY = (
    ENABLE = true
    AUTO_REFRESH = true
  );

CREATE STAGE my_ext_stage
  URL='gcs://load/files/'
  STORAGE_INTEGRATION = myint;

-- expect: DIRECTORY = {"ENABLE": true, "AUTO_REFRESH": true, "NOTIFICATION_INTEGRATION": "MY_NOTIFICATION_INT"}
CREATE STAGE mystage
  URL='gcs://load/files/'
  STORAGE_INTEGRATION = my_storage_int
  DIRECTORY = (
    ENABLE = true
    AUTO_REFRESH = true
    NOTIFICATION_INTEGRATION = 'MY_NOTIFICATION_INT'
  );

-- expect: ENCRYPTION = {"TYPE": "GCS_SSE_KMS", "KMS_KEY_ID": "a1b2c3"}
CREATE STAGE my_ext_stage2
  URL='gcs://load/encrypted_files/'
  STORAGE_INTEGRATION = my_storage_int
  ENCRYPTION=(TYPE = 'GCS_SSE_KMS' KMS_KEY_ID = 'a1b2c3');

CREATE STAGE my_ext_stage
  URL='azure://myaccount.blob.core.windows.net/load/files/'
  STORAGE_INTEGRATION = myint;

-- expect: ENCRYPTION = {"TYPE": "AZURE_CSE", "MASTER_KEY": "kPx..."}
CREATE STAGE mystage
  URL='azure://myaccount.blob.core.windows.net/mycontainer/files/'
  CREDENTIALS=(AZURE_SAS_TOKEN='?sv=2016-05-31&ss=b&srt=sco&sp=rwdl&se=2018-06-27T10:05:50Z&st=2017-06-27T02:05:50Z&spr=https,http&sig=bgqQwoXwxzuD2GJfagRg7VOS8hzNr3QLT7rhS8OFRLQ%3D')
  ENCRYPTION=(TYPE='AZURE_CSE' MASTER_KEY = 'kPx...');

CREATE STAGE mystage
  URL='azure://myaccount.blob.core.windows.net/load/files/'
  STORAGE_INTEGRATION = my_storage_int
  DIRECTORY = (
    ENABLE = true
    AUTO_REFRESH = true
    NOTIFICATION_INTEGRATION = 'MY_NOTIFICATION_INT'
  );

-- expect: COMMENT = "my_comment"
CREATE OR ALTER STAGE my_int_stage
  COMMENT='my_comment'
  ;

CREATE OR ALTER STAGE my_int_stage
  DIRECTORY=(ENABLE=true);

CREATE OR ALTER STAGE my_ext_stage
  URL='s3://load/files/'
  CREDENTIALS=(AWS_KEY_ID='1a2b3c' AWS_SECRET_KEY='4x5y6z');

CREATE OR ALTER STAGE my_ext_stage
  URL='s3://load/files/'
  CREDENTIALS=(AWS_KEY_ID='1a2b3c' AWS_SECRET_KEY='4x5y6z')
  DIRECTORY=(ENABLE=true);
