  SOURCE_FILE VARCHAR NOT NULL COMMENT 'Path of the file it came from',
  SOURCE_ROW NUMBER COMMENT 'Its row in that file',
  LOADED_AT TIMESTAMP_LTZ COMMENT 'When the load began'
