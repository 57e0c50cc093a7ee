-- page: sql-reference/sql/create-masking-policy
-- expect: AS = [{"name":"VAL","type":"VARCHAR(16777216)"}]
-- expect: RETURNS = "VARCHAR(16777216)"
CREATE OR REPLACE MASKING POLICY email_mask AS (val string) returns string ->
  CASE
    WHEN current_role() IN ('ANALYST') THEN VAL
    ELSE '*********'
  END;

create or replace masking policy json_location_mask as (val variant) returns variant ->
  CASE
    WHEN current_role() IN ('ANALYST') THEN val
    else full_location_masking(val)
    -- else object_insert(val, 'latitude', '**locationMask**', true) -- limited to one value at a time
  END;

-- expect: RETURNS = "GEOGRAPHY"
create masking policy mask_geo_point as (val geography) returns geography ->
  case
    when current_role() IN ('ANALYST') then val
    else to_geography('POINT(-122.35 37.55)')
  end;

-- Conditional Masking
-- expect: AS = [{"name":"EMAIL","type":"VARCHAR(16777216)"},{"name":"VISIBILITY","type":"VARCHAR(16777216)"}]
create masking policy email_visibility as
(email varchar, visibility string) returns varchar ->
  case
    when current_role() = 'ADMIN' then email
    when visibility = 'Public' then email
    else '***MASKED***'
  end;

-- Conditional Tokenization
create masking policy de_email_visibility as
 (email varchar, visibility string) returns varchar ->
   case
     when current_role() = 'ADMIN' and visibility = 'Public' then de_email(email)
     else email -- sees tokenized data
   end;

-- expect: COMMENT = "specify in row access policy"
-- expect: EXEMPT_OTHER_POLICIES = true
create or replace masking policy governance.policies.email_mask
as (val string) returns string ->
case
  when current_role() in ('ANALYST') then val
  when current_role() in ('SUPPORT') then regexp_replace(val,'.+\@','*****@')
  else '********'
end
comment = 'specify in row access policy'
exempt_other_policies = true
;

-- expect: BODY = "CASE\n    WHEN current_role() IN ('ANALYST') THEN val\n    ELSE '*********'\n  END"
-- expect: COMMENT = "Mask email addresses from non-analyst roles"
CREATE OR ALTER MASKING POLICY email_mask AS (val string) RETURNS string ->
  CASE
    WHEN current_role() IN ('ANALYST') THEN val
    ELSE '*********'
  END
COMMENT = 'Mask email addresses from non-analyst roles';

-- page: user-guide/security-column-intro
CREATE MASKING POLICY employee_ssn_mask AS (val string) RETURNS string ->
  CASE
    WHEN CURRENT_ROLE() IN ('PAYROLL') THEN val
    ELSE '******'
  END;

CREATE MASKING POLICY employee_ssn_detokenize AS (val string) RETURNS string ->
  CASE
    WHEN CURRENT_ROLE() IN ('PAYROLL') THEN ssn_unprotect(VAL)
    ELSE val -- sees tokenized data
  END;

CREATE OR REPLACE MASKING POLICY email_agent_mask AS (val STRING) RETURNS STRING ->
  CASE
    WHEN SYS_CONTEXT('SNOWFLAKE$CURRENT', 'IS_AGENT_ACTIVATED')::BOOLEAN = TRUE THEN '********'
    WHEN CURRENT_ROLE() IN ('ANALYST') THEN val
    ELSE '********'
  END;
