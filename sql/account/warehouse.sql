CREATE WAREHOUSE {{identifier load_warehouse}}
  WAREHOUSE_SIZE = {{warehouse_size}}
  AUTO_SUSPEND = 60
  INITIALLY_SUSPENDED = TRUE
  COMMENT = 'Merges bronze into silver';
