CREATE DATABASE {{identifier lake}} COMMENT = 'Orders and customers';

CREATE SCHEMA BRONZE COMMENT = 'As it arrived';
CREATE SCHEMA SILVER
  DATA_RETENTION_TIME_IN_DAYS = {{retention_days}}
  COMMENT = 'One row for each order';
