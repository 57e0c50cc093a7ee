/** Snowflake's codes for "does not exist or not authorized". */
export const ABSENT: ReadonlySet<string> = new Set(["002003", "002043"]);

/** Snowflake's code for "already exists". */
export const EXISTS = "002002";
