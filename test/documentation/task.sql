-- page: sql-reference/sql/create-task
CREATE TASK my_task
 WAREHOUSE = my_warehouse
 WHEN SYSTEM$STREAM_HAS_DATA('my_customer_stream')
 OR   SYSTEM$STREAM_HAS_DATA('my_order_stream')
 AS
   SELECT CURRENT_TIMESTAMP;

-- expect: SCHEDULE = "USING CRON 18 9-17 * * SUN America/Los_Angeles"
-- expect: USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = "XSMALL"
-- expect: AS = "SELECT CURRENT_TIMESTAMP"
CREATE TASK t1
  SCHEDULE = 'USING CRON 18 9-17 * * SUN America/Los_Angeles'  -- Use a random minute such as 18
  USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XSMALL'
  AS
    SELECT CURRENT_TIMESTAMP;

-- expect: WAREHOUSE = "MYWH"
CREATE TASK mytask_hour
  WAREHOUSE = mywh
  SCHEDULE = 'USING CRON 34 9-17 * * SUN America/Los_Angeles'  -- Use a random minute such as 34
  AS
    SELECT CURRENT_TIMESTAMP;

-- expect: SCHEDULE = "60 MINUTES"
-- expect: TIMESTAMP_INPUT_FORMAT = "YYYY-MM-DD HH24"
CREATE TASK t1
  SCHEDULE = '60 MINUTES'
  TIMESTAMP_INPUT_FORMAT = 'YYYY-MM-DD HH24'
  USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XSMALL'
  AS
    INSERT INTO mytable(ts) VALUES(CURRENT_TIMESTAMP);

CREATE TASK mytask_minute
  WAREHOUSE = mywh
  SCHEDULE = '5 MINUTES'
  AS
    INSERT INTO mytable(ts) VALUES(CURRENT_TIMESTAMP);

-- expect: WHEN = "SYSTEM$STREAM_HAS_DATA('MYSTREAM')"
-- expect: AS = "INSERT INTO mytable1(id,name) SELECT id, name FROM mystream WHERE METADATA$ACTION = 'INSERT'"
CREATE TASK mytask1
  WAREHOUSE = mywh
  SCHEDULE = '5 MINUTES'
  WHEN
    SYSTEM$STREAM_HAS_DATA('MYSTREAM')
  AS
    INSERT INTO mytable1(id,name) SELECT id, name FROM mystream WHERE METADATA$ACTION = 'INSERT';

-- expect: AFTER = ["MYDB.PUBLIC.TASK2", "MYDB.PUBLIC.TASK3", "MYDB.PUBLIC.TASK4"]
CREATE TASK task5
  AFTER task2, task3, task4
AS
  INSERT INTO t1(ts) VALUES(CURRENT_TIMESTAMP);

CREATE TASK my_copy_task
  WAREHOUSE = mywh
  SCHEDULE = '60 MINUTES'
  AS
    CALL my_unload_sp();

CREATE OR REPLACE TASK test_logging
  USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XSMALL'
  SCHEDULE = 'USING CRON 37 * * * * America/Los_Angeles'  -- Use a random minute such as 37
  AS
    BEGIN
      ALTER SESSION SET TIMESTAMP_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF';
      SELECT CURRENT_TIMESTAMP;
    END;

-- expect: SCHEDULE = "15 SECONDS"
CREATE TASK t1
  USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE = 'XSMALL'
  SCHEDULE = '15 SECONDS'
  AS
    DECLARE
      radius_of_circle float;
      area_of_circle float;
    BEGIN
      radius_of_circle := 3;
      area_of_circle := pi() * radius_of_circle * radius_of_circle;
      return area_of_circle;
    END;

-- expect: SCHEDULE = "10 MINUTES"
-- expect: CONFIG = "{\"output_dir\": \"/temp/test_directory/\", \"learning_rate\": 0.1}"
CREATE OR REPLACE TASK root_task_with_config
  WAREHOUSE=mywarehouse
  SCHEDULE='10 m'
  CONFIG=$${"output_dir": "/temp/test_directory/", "learning_rate": 0.1}$$
  AS
    BEGIN
      LET OUTPUT_DIR STRING := SYSTEM$GET_TASK_GRAPH_CONFIG('output_dir')::string;
      LET LEARNING_RATE DECIMAL := SYSTEM$GET_TASK_GRAPH_CONFIG('learning_rate')::DECIMAL;
    ...
    END;

-- expect: FINALIZE = "MYDB.PUBLIC.MY_ROOT_TASK"
CREATE TASK finalize_task
  WAREHOUSE = my_warehouse
  FINALIZE = my_root_task
  AS
    CALL SYSTEM$SEND_EMAIL(
      'my_email_int',
      'first.last@example.com, first2.last2@example.com',
      'Email Alert: Task A has finished.',
      'Task A has successfully finished.\nStart Time: 10:10:32\nEnd Time: 12:15:45\nTotal Records Processed: 115678'
    );

CREATE TASK triggeredTask
  WAREHOUSE = my_warehouse
  WHEN system$stream_has_data('my_stream')
  AS
    INSERT INTO my_downstream_table
    SELECT * FROM my_stream;

CREATE OR ALTER TASK my_task
  WAREHOUSE = my_warehouse
  SCHEDULE = '60 MINUTES'
  AS
    SELECT PI();

-- expect: AFTER = ["MYDB.PUBLIC.MY_OTHER_TASK"]
-- expect: SCHEDULE = null
CREATE OR ALTER TASK my_task
  WAREHOUSE = regress
  AFTER my_other_task
  AS
    SELECT 2 * PI();
