import { describe, expect, test } from "vitest";
import type { Row } from "../../src/model/port.ts";
import { objectType } from "../../src/objects/index.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

// The rows of the pages of SHOW and DESCRIBE MASKING POLICY, quotes as printed there.
const ROW: Row = {
	created_on: "2022-08-13 16:59:59.733 +0000",
	name: "EMAIL_MASK",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	kind: "MASKING_POLICY",
	owner: "MASKING_ADMIN",
	comment: "SPECIFY IN ROW ACCESS POLICY",
	options: '{\u201cEXEMPT_OTHER_POLICIES\u201d: "TRUE"}',
	owner_role_type: "ROLE",
};
const BODY = "case when current_role() in ('ANALYST') then val else '*********' end";
const DESCRIBED: Row = {
	name: "EMAIL_MASK",
	signature: "(VAL VARCHAR)",
	return_type: "VARCHAR(16777216)",
	body: BODY,
};

const live = (row: Row = {}, described: Row = {}) =>
	reported("MASKING POLICY", { ...ROW, options: "", comment: "", ...row }, [
		{ ...DESCRIBED, ...described },
	]);
const policy = (rest: string, signature = "(val string)") =>
	declared(`CREATE MASKING POLICY email_mask AS ${signature} RETURNS string -> ${rest}`);

describe("reading", () => {
	test("SHOW tells the comment and the option, DESCRIBE the rest", () => {
		expect(reported("MASKING POLICY", ROW, [DESCRIBED])).toMatchObject({
			name: ["MYDB", "PUBLIC", "EMAIL_MASK"],
			owner: "MASKING_ADMIN",
			properties: {
				AS: [{ name: "VAL", type: "VARCHAR(16777216)" }],
				RETURNS: "VARCHAR(16777216)",
				BODY,
				COMMENT: "SPECIFY IN ROW ACCESS POLICY",
				EXEMPT_OTHER_POLICIES: true,
			},
		});
		expect(live().properties.EXEMPT_OTHER_POLICIES).toBe(false);
	});

	test("the body ends where the next property begins, wherever these words stand in it", () => {
		const { properties } = policy(
			"CASE WHEN comment = 'x' THEN f(val, comment = 'y') END COMMENT = 'c' EXEMPT_OTHER_POLICIES = TRUE",
			"(val string, comment string)",
		);
		expect(properties).toMatchObject({
			BODY: "CASE WHEN comment = 'x' THEN f(val, comment = 'y') END",
			COMMENT: "c",
			EXEMPT_OTHER_POLICIES: true,
		});
	});
});

describe("changing", () => {
	test("the body in place, while columns have it", () => {
		expect(alterations(live({ comment: "old" }), policy("sha2(val, 512)"))).toEqual([
			"ALTER MASKING POLICY MYDB.PUBLIC.EMAIL_MASK UNSET COMMENT",
			"ALTER MASKING POLICY MYDB.PUBLIC.EMAIL_MASK SET BODY ->\nsha2(val, 512)",
		]);
	});

	test("layout, and the length of types, are no difference", () => {
		expect(
			differences(
				live(),
				policy(
					"CASE WHEN CURRENT_ROLE() IN ('ANALYST') -- them\n THEN val ELSE '*********' END",
					"(val VARCHAR(50))",
				),
			),
		).toEqual([]);
	});

	test("another signature is another policy", () => {
		const changes = differences(live(), policy(BODY, "(val string, seen string)"));
		expect(changes.map((c) => [c.property, c.from, c.to])).toEqual([
			["AS", "AS (VAL VARCHAR(16777216))", "AS (VAL VARCHAR(16777216), SEEN VARCHAR(16777216))"],
		]);
		expect(changes[0]?.refused).toMatch(/declare a policy of another name/);
	});

	test("EXEMPT_OTHER_POLICIES needs a new policy, which no column has", () => {
		const [change] = differences(live(), policy(`${BODY} EXEMPT_OTHER_POLICIES = TRUE`));
		expect(change?.how).toBe("replace");
		const type = objectType("MASKING POLICY");
		expect(type.replaceHazards(live(), live()).map((h) => h.code)).toEqual(["PROTECTION_LOST"]);
	});
});

test("printed as it is declared", () => {
	expect(canonical(policy("val -- all\n COMMENT = 'c'"))).toBe(
		"CREATE MASKING POLICY MYDB.PUBLIC.EMAIL_MASK AS (VAL VARCHAR(16777216))\n  RETURNS VARCHAR(16777216)\n  ->\nval\n  COMMENT = 'c'",
	);
});

describe("refusing", () => {
	test.each([
		["AS (val string) RETURNS int -> 1", "RETURNS is the type of the first column"],
		["AS (val string) RETURNS string ->", "an expression"],
		["AS (val string) RETURNS string", "needs BODY"],
		["AS (val strnig) RETURNS string -> val", "strnig is not a data type"],
	])("%s", (rest, words) => {
		expect(mistakes(`CREATE MASKING POLICY p ${rest}`).join("\n")).toContain(words);
	});
});
