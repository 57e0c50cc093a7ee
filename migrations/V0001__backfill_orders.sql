-- phase: after
-- Orders that bronze had before the stream was there. Safe to run beside it: existing rows stay.
INSERT INTO {{identifier lake}}.SILVER.ORDERS (ORDER_ID, CUSTOMER_ID, STATUS, AMOUNT, ITEMS, UPDATED_AT, SOURCE_FILE)
SELECT
  PAYLOAD:order_id::NUMBER,
  PAYLOAD:customer_id::NUMBER,
  UPPER(PAYLOAD:status::VARCHAR),
  PAYLOAD:amount::NUMBER(12, 2),
  ARRAY_SIZE(PAYLOAD:items),
  PAYLOAD:updated_at::TIMESTAMP_NTZ,
  SOURCE_FILE
FROM {{identifier lake}}.BRONZE.ORDERS_RAW
WHERE PAYLOAD:order_id::NUMBER NOT IN (SELECT ORDER_ID FROM {{identifier lake}}.SILVER.ORDERS)
QUALIFY ROW_NUMBER() OVER (PARTITION BY PAYLOAD:order_id::NUMBER ORDER BY PAYLOAD:updated_at::TIMESTAMP_NTZ DESC) = 1;
