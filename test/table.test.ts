import { expect, test } from "vitest";
import { answer, table } from "../src/cli/table.ts";

const LONG = "x".repeat(200);

test("cells are whole where there is no terminal", () => {
	expect(table(["A", "B"], [{ A: LONG, B: "1" }])).toContain(`${LONG}  1`);
});

test("the widest columns give way until a row fits in the terminal", () => {
	const lines = table(["ID", "TEXT", "MORE"], [{ ID: "1001", TEXT: LONG, MORE: "short" }], 40);
	const rows = lines.split("\n");
	for (const line of rows) expect(line.length).toBeLessThanOrEqual(40);
	expect(rows[2]).toMatch(/^1001 {2}x+… {2}short$/);
});

test("one row that does not fit is told cell by cell, whole", () => {
	const text = answer(["ID", "BODY"], [{ ID: "1", BODY: `${LONG}\nsecond` }], 80);
	expect(text.split("\n")).toEqual(["ID    1", `BODY  ${LONG}`, "      second", "1 row"]);
	expect(answer(["ID"], [{ ID: null }], 80)).toBe("ID\n────\nNULL\n1 row");
});
