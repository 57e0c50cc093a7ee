import { expect, test } from "vitest";
import { NO_DIRECTIVES, type ObjectModel } from "../src/model/catalog.ts";
import { columnUses } from "../src/resolve/column-uses.ts";

/*
 * Which columns a body names, as Snowflake would look them up: ORDERS loses NOTE; CUSTOMERS has a NOTE of its
 * own; of ELSEWHERE nothing is known.
 */
const GONE = new Map([["L.B.ORDERS", new Set(["NOTE"])]]);
const KNOWN = new Map([
	["L.B.ORDERS", new Set(["ID", "NOTE", "CUSTOMER"])],
	["L.B.CUSTOMERS", new Set(["ID", "NOTE"])],
	["L.B.DAYS", new Set(["DAY"])],
	["L.B.SILVER", new Set(["ID", "NOTE"])],
]);

function task(sql: string): ObjectModel {
	return {
		kind: "TASK",
		name: ["L", "B", "WORK"],
		properties: { AS: sql },
		directives: NO_DIRECTIVES,
	};
}

/** What is found, each with the text before it, `?` where it is not sure. */
function uses(sql: string): readonly string[] {
	return columnUses(task(sql), GONE, KNOWN).map(
		({ at, sure }) =>
			`${sql
				.slice(0, at.offset)
				.split(/[\s(]+/)
				.at(-1)}NOTE${sure ? "" : "?"}`,
	);
}

test.each([
	["alone", "SELECT ID, NOTE FROM ORDERS", ["NOTE"]],
	["fully qualified", "SELECT NOTE FROM L.B.ORDERS", ["NOTE"]],
	["in quotes", 'SELECT "NOTE" FROM ORDERS', ["NOTE"]],
	["by the table's name", "SELECT ORDERS.NOTE FROM ORDERS", ["ORDERS.NOTE"]],
	["by an alias", "SELECT o.NOTE FROM ORDERS AS o JOIN CUSTOMERS c ON c.ID = o.ID", ["o.NOTE"]],
	["in a condition", "SELECT ID FROM ORDERS WHERE NOT NOTE IS NULL", ["NOTE"]],
	["in a function", "SELECT UPPER(NOTE) AS N FROM ORDERS", ["NOTE"]],
	["beside another table without it", "SELECT NOTE FROM ORDERS JOIN DAYS", ["NOTE"]],
	["behind a comma", "SELECT NOTE FROM DAYS, ORDERS", ["NOTE"]],
	["in a subquery", "SELECT ID FROM DAYS WHERE EXISTS (SELECT NOTE FROM ORDERS)", ["NOTE"]],
	[
		"from the query around it",
		"SELECT ID FROM ORDERS o WHERE EXISTS (SELECT 1 FROM DAYS WHERE DAY = NOTE)",
		["NOTE"],
	],
	["in the second of two", "SELECT ID FROM DAYS UNION ALL SELECT NOTE FROM ORDERS", ["NOTE"]],
	["in the list of an INSERT", "INSERT INTO ORDERS (ID, NOTE) SELECT 1, 2", ["NOTE"]],
	[
		"read into a table with the same",
		"INSERT INTO SILVER (ID, NOTE) SELECT ID, NOTE FROM ORDERS",
		["NOTE"],
	],
	["set by an UPDATE", "UPDATE ORDERS SET ID = 1, NOTE = 'x' WHERE ID = 2", ["NOTE"]],
	[
		"in a MERGE",
		"MERGE INTO ORDERS t USING SILVER s ON t.ID = s.ID WHEN MATCHED THEN UPDATE SET NOTE = s.NOTE WHEN NOT MATCHED THEN INSERT (ID, NOTE) VALUES (s.ID, s.NOTE)",
		["NOTE", "NOTE"],
	],
	[
		"in a script",
		"BEGIN INSERT INTO DAYS SELECT 1; DELETE FROM ORDERS WHERE NOTE = ''; END",
		["NOTE"],
	],
	["left out of *", "SELECT * EXCLUDE (NOTE) FROM ORDERS", ["NOTE"]],
	["perhaps, where another table has it", "SELECT NOTE FROM ORDERS JOIN CUSTOMERS", ["NOTE?"]],
	[
		"perhaps, where nothing is known of the other",
		"SELECT NOTE FROM ORDERS JOIN ELSEWHERE",
		["NOTE?"],
	],
	["perhaps, where a name is given", "SELECT ID AS NOTE FROM ORDERS ORDER BY NOTE", ["NOTE?"]],
])("named %s", (_how, sql, expected) => {
	expect(uses(sql)).toEqual(expected);
});

test.each([
	["another table's", "SELECT c.NOTE FROM ORDERS o JOIN CUSTOMERS c ON c.ID = o.ID"],
	["only another table's", "SELECT NOTE FROM CUSTOMERS"],
	["a name that is given", "SELECT ID AS NOTE FROM ORDERS"],
	["a name that is given without AS", "SELECT ID NOTE, UPPER(ID) NOTE FROM ORDERS"],
	["a path into a value", "SELECT CUSTOMER:NOTE, CUSTOMER:a.NOTE FROM ORDERS"],
	["a function", "SELECT NOTE(ID) FROM ORDERS"],
	["an argument", "SELECT F(NOTE => ID) FROM ORDERS"],
	["text", "SELECT 'NOTE' FROM ORDERS -- NOTE"],
	["the target's, read from elsewhere", "INSERT INTO ORDERS (ID) SELECT NOTE FROM CUSTOMERS"],
	["a query's own", "WITH ORDERS AS (SELECT 1 AS NOTE) SELECT NOTE FROM ORDERS"],
	["of a subquery", "SELECT NOTE FROM (SELECT NOTE FROM CUSTOMERS) x"],
	["lower case in quotes", 'SELECT "note" FROM ORDERS'],
])("not named: %s", (_what, sql) => {
	expect(uses(sql)).toEqual([]);
});
