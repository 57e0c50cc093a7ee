/** Words that can never be a column or function name without quotes. */
const RESERVED =
	"ALL AND ANY AS BETWEEN BY CASE CHECK COLUMN CONNECT CREATE CROSS CURRENT DELETE DISTINCT DROP ELSE EXISTS FOLLOWING FOR FROM FULL GRANT GROUP HAVING ILIKE IN INNER INSERT INTERSECT INTO IS JOIN LATERAL LIKE MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP REVOKE RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH";

/**
 * Words that end an expression: none of them is a column reference.
 * https://docs.snowflake.com/en/sql-reference/reserved-keywords
 */
export const NOT_A_COLUMN: ReadonlySet<string> = new Set(RESERVED.split(" "));

/** Words that cannot be an alias without AS, because a clause starts with them. */
export const NOT_AN_ALIAS: ReadonlySet<string> = new Set([
	...NOT_A_COLUMN,
	...["EXCEPT", "LIMIT", "OFFSET", "FETCH", "WINDOW", "LEFT", "RIGHT", "TRUE", "FALSE"],
]);

/** Words that cannot be the alias of a table without AS. */
export const NOT_A_TABLE_ALIAS: ReadonlySet<string> = new Set([
	...NOT_AN_ALIAS,
	...["AT", "BEFORE", "CHANGES", "PIVOT", "UNPIVOT", "MATCH_RECOGNIZE", "ASOF", "RESAMPLE"],
]);
