import { describe, expect, test } from "vitest";
import {
	conditionHolds,
	conditionStreams,
	parseCondition,
} from "../../src/emulator/run/condition.ts";

const facts = {
	streamHasData: async (name: string) => name === "FULL",
	returnValue: async (task: string | undefined) => (task === "T" ? "0.1" : null),
};
const holds = (text: string): Promise<boolean> => conditionHolds(parseCondition(text), facts);

describe("WHEN", () => {
	// The forms of the page of CREATE TASK.
	test.each([
		["SYSTEM$STREAM_HAS_DATA('FULL')", true],
		["system$stream_has_data('EMPTY')", false],
		["SYSTEM$STREAM_HAS_DATA('EMPTY') OR SYSTEM$STREAM_HAS_DATA('FULL')", true],
		["SYSTEM$STREAM_HAS_DATA('EMPTY') AND SYSTEM$STREAM_HAS_DATA('FULL')", false],
		["NOT SYSTEM$STREAM_HAS_DATA('EMPTY')", true],
		["SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') != 'VALIDATION'", true],
		["SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T')::FLOAT < 0.2", true],
		["CAST(SYSTEM$GET_PREDECESSOR_RETURN_VALUE('T') AS NUMBER(3,1)) >= 0.2", false],
		["SYSTEM$GET_PREDECESSOR_RETURN_VALUE('OTHER') = 'x'", false],
		["NOT (SYSTEM$GET_PREDECESSOR_RETURN_VALUE('OTHER') = 'x')", false],
		["SYSTEM$GET_PREDECESSOR_RETURN_VALUE('OTHER') IS NULL", true],
		["FALSE OR 'true'::BOOLEAN AND 1 = 1", true],
	])("%s", async (text, expected) => {
		expect(await holds(text)).toBe(expected);
	});

	test("only two functions", () => {
		expect(() => parseCondition("PARSE_JSON('1') = 1")).toThrow(/PARSE_JSON/);
		expect(() => parseCondition("(SELECT 1) = 1")).toThrow();
	});

	test("names its streams", () => {
		const condition = parseCondition(
			"SYSTEM$STREAM_HAS_DATA('A') OR NOT SYSTEM$STREAM_HAS_DATA('DB.S.B')",
		);
		expect(conditionStreams(condition)).toEqual(["A", "DB.S.B"]);
	});
});
