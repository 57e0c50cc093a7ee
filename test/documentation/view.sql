-- page: sql-reference/sql/create-view
-- expect: COLUMN = [{"name":"PRE_TAX_PROFIT","comment":null,"masking":null},{"name":"TAXES","comment":null,"masking":null},{"name":"AFTER_TAX_PROFIT","comment":null,"masking":null}]
CREATE VIEW v1 (pre_tax_profit, taxes, after_tax_profit) AS
    SELECT revenue - cost, (revenue - cost) * tax_rate, (revenue - cost) * (1.0 - tax_rate)
    FROM table1;

-- expect: COLUMN = [{"name":"PRE_TAX_PROFIT","comment":"revenue minus cost","masking":null},{"name":"TAXES","comment":"assumes taxes are a fixed percentage of profit","masking":null},{"name":"AFTER_TAX_PROFIT","comment":null,"masking":null}]
CREATE VIEW v1 (pre_tax_profit COMMENT 'revenue minus cost',
                taxes COMMENT 'assumes taxes are a fixed percentage of profit',
                after_tax_profit)
    AS
    SELECT revenue - cost, (revenue - cost) * tax_rate, (revenue - cost) * (1.0 - tax_rate)
    FROM table1;

-- refused: FORCE
CREATE OR REPLACE FORCE VIEW v1 AS SELECT 1 AS one;

-- expect: AS = "SELECT b AS a, a AS b FROM src1"
CREATE OR REPLACE VIEW dst1 COPY TAGS AS SELECT b AS a, a AS b FROM src1;

-- expect: COMMENT = "Test view"
-- expect: SECURE = null
-- expect: AS = "SELECT col1, col2 FROM mytable"
CREATE VIEW myview COMMENT='Test view' AS SELECT col1, col2 FROM mytable;

-- expect: COMMENT = "Test secure view"
-- expect: SECURE = true
CREATE OR REPLACE SECURE VIEW myview COMMENT='Test secure view' AS SELECT col1, col2 FROM mytable;

-- expect: RECURSIVE = null
CREATE VIEW employee_hierarchy (title, employee_ID, manager_ID, "MGR_EMP_ID (SHOULD BE SAME)", "MGR TITLE") AS (
   WITH RECURSIVE employee_hierarchy_cte (title, employee_ID, manager_ID, "MGR_EMP_ID (SHOULD BE SAME)", "MGR TITLE") AS (
      -- Start at the top of the hierarchy ...
      SELECT title, employee_ID, manager_ID, NULL AS "MGR_EMP_ID (SHOULD BE SAME)", 'President' AS "MGR TITLE"
        FROM employees
        WHERE title = 'President'
      UNION ALL
      -- ... and work our way down one level at a time.
      SELECT employees.title,
             employees.employee_ID,
             employees.manager_ID,
             employee_hierarchy_cte.employee_id AS "MGR_EMP_ID (SHOULD BE SAME)",
             employee_hierarchy_cte.title AS "MGR TITLE"
        FROM employees INNER JOIN employee_hierarchy_cte
       WHERE employee_hierarchy_cte.employee_ID = employees.manager_ID
   )
   SELECT *
      FROM employee_hierarchy_cte
);

-- expect: RECURSIVE = true
CREATE RECURSIVE VIEW employee_hierarchy_02 (title, employee_ID, manager_ID, "MGR_EMP_ID (SHOULD BE SAME)", "MGR TITLE") AS (
      -- Start at the top of the hierarchy ...
      SELECT title, employee_ID, manager_ID, NULL AS "MGR_EMP_ID (SHOULD BE SAME)", 'President' AS "MGR TITLE"
        FROM employees
        WHERE title = 'President'
      UNION ALL
      -- ... and work our way down one level at a time.
      SELECT employees.title,
             employees.employee_ID,
             employees.manager_ID,
             employee_hierarchy_02.employee_id AS "MGR_EMP_ID (SHOULD BE SAME)",
             employee_hierarchy_02.title AS "MGR TITLE"
        FROM employees INNER JOIN employee_hierarchy_02
        WHERE employee_hierarchy_02.employee_ID = employees.manager_ID
);

-- refused: DATA METRIC FUNCTION
CREATE OR REPLACE VIEW active_customers
WITH DATA METRIC FUNCTION (
  SNOWFLAKE.CORE.BLANK_COUNT
    ON (email)
    EXPECTATION no_blank_emails ( VALUE = 0 )
)
AS SELECT customer_id, email FROM customers WHERE status = 'active';

CREATE OR ALTER VIEW v2(one)
  AS SELECT a FROM my_table;

-- expect: CHANGE_TRACKING = true
CREATE OR ALTER VIEW v2(one)
  COMMENT = 'fff'
  CHANGE_TRACKING = true
  AS SELECT a FROM my_table;

-- expect: COLUMN = [{"name":"ONE","comment":"bar","masking":null}]
CREATE OR ALTER VIEW v2(one COMMENT 'bar')
  COMMENT = 'foo'
  AS SELECT a FROM my_table;

-- expect: COMMENT = null
CREATE OR ALTER VIEW v2(one COMMENT 'bar')
  AS SELECT a FROM my_table;

-- page: user-guide/streams-manage
-- expect: SECURE = true
-- expect: CHANGE_TRACKING = true
CREATE SECURE VIEW v CHANGE_TRACKING = TRUE AS SELECT col1, col2 FROM t;

-- page: user-guide/streams-intro
create or replace view ordersByCustomer as select * from orders natural join customers;

-- page: sql-reference/sql/comment
-- expect: AS = "(SELECT * FROM test_comment_table_column)"
CREATE OR REPLACE VIEW test_comment_view COMMENT='this is comment5' AS (SELECT * FROM test_comment_table_column);

-- page: user-guide/security-column-intro
-- expect: COLUMN = [{"name":"SSN","comment":null,"masking":{"policy":"MYDB.PUBLIC.SSN_MASK_V","using":[]}}]
CREATE OR REPLACE VIEW user_info_v (ssn masking policy ssn_mask_v) AS SELECT * FROM user_info;
