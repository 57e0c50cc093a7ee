import { describe, expect, test } from "vitest";
import type { Row } from "../../src/model/port.ts";
import { printCreate, sqlOf } from "../../src/objects/define/print.ts";
import { objectType } from "../../src/objects/index.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const type = objectType("SEQUENCE");

const ROW: Row = {
	name: "SEQ_5",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	next_value: "21",
	interval: "5",
	created_on: "2026-11-20 10:00:00.000 +0000",
	owner: "DEPLOYER",
	comment: "",
	owner_role_type: "ROLE",
	ordered: "N",
};

/** A row of INFORMATION_SCHEMA.SEQUENCES. */
const started = (start: string, schema = "PUBLIC"): Row => ({
	SEQUENCE_SCHEMA: schema,
	SEQUENCE_NAME: "SEQ_5",
	START_VALUE: start,
});

const live = (row: Row = {}, start = "1") =>
	reported("SEQUENCE", { ...ROW, ...row }, [started("77", "OTHER"), started(start)]);
const sequence = (clauses: string) => declared(`CREATE SEQUENCE seq_5 ${clauses}`);
const how = (from: ReturnType<typeof live>, clauses: string) =>
	differences(from, sequence(clauses)).map((c) => [c.property, c.how]);

describe("reading", () => {
	test("SHOW tells interval, order and position; the Information Schema the start", () => {
		const { properties, runtime } = live();
		expect(properties).toEqual({ START: "1", INCREMENT: "5", ORDER: "NOORDER", COMMENT: null });
		expect(runtime).toEqual({ nextValue: "21" });
	});

	test("every spelling of the clauses", () => {
		for (const clauses of [
			"START 10 INCREMENT 5 NOORDER",
			"WITH START WITH 10 INCREMENT BY 5 NOORDER",
			"START = 10, INCREMENT = 5, NOORDER",
			"WITH START WITH = 10 INCREMENT BY = 5 NOORDER",
		])
			expect(canonical(sequence(clauses))).toBe(
				"CREATE SEQUENCE MYDB.PUBLIC.SEQ_5\n  START WITH 10\n  INCREMENT BY 5\n  NOORDER",
			);
	});

	test("numbers of 64 bits keep every digit", () => {
		const { properties } = sequence("START = -9223372036854775808 INCREMENT = 9223372036854775807");
		expect(properties).toMatchObject({
			START: "-9223372036854775808",
			INCREMENT: "9223372036854775807",
		});
	});
});

describe("changing", () => {
	test("the increment is altered by a statement of its own", () => {
		expect(
			alterations(live({ ordered: "Y" }), sequence("INCREMENT 10 NOORDER COMMENT = 'ids'")),
		).toEqual([
			"ALTER SEQUENCE MYDB.PUBLIC.SEQ_5 SET\n  NOORDER\n  COMMENT = 'ids'",
			"ALTER SEQUENCE MYDB.PUBLIC.SEQ_5 SET INCREMENT BY 10",
		]);
	});

	test("what is no longer written goes back: the increment to 1, the comment away", () => {
		expect(alterations(live({ comment: "old" }), sequence(""))).toEqual([
			"ALTER SEQUENCE MYDB.PUBLIC.SEQ_5 UNSET COMMENT",
			"ALTER SEQUENCE MYDB.PUBLIC.SEQ_5 SET INCREMENT BY 1",
		]);
	});

	test("an order that is not written is the account's choice", () => {
		for (const ordered of ["Y", "N"])
			expect(differences(live({ ordered }), sequence("INCREMENT 5"))).toEqual([]);
	});

	test("ORDER becomes NOORDER in place, never the other way", () => {
		expect(how(live({ ordered: "Y" }), "INCREMENT 5 NOORDER")).toEqual([["ORDER", "alter"]]);
		expect(how(live({ ordered: "N" }), "INCREMENT 5 ORDER")).toEqual([["ORDER", "replace"]]);
	});

	test("another START needs a new sequence, and how far it came does not matter", () => {
		expect(how(live({ next_value: "901" }), "START 1 INCREMENT 5")).toEqual([]);
		expect(how(live(), "START 1000 INCREMENT 5")).toEqual([["START", "replace"]]);
	});

	test("a START that is not written, or that the role cannot see, is nobody's difference", () => {
		expect(how(live({}, "1000"), "INCREMENT 5")).toEqual([]);
		expect(how(reported("SEQUENCE", ROW), "START 1000 INCREMENT 5")).toEqual([]);
	});
});

describe("hazards", () => {
	const codes = (clauses: string) =>
		differences(live(), sequence(clauses)).flatMap((c) => c.hazards.map((h) => h.code));

	test("turning round gives numbers twice", () => {
		expect(codes("INCREMENT -5")).toEqual(["SEQUENCE_RESET"]);
		expect(codes("INCREMENT 50")).toEqual([]);
	});

	test("a new sequence starts over, and a dropped one is lost to the columns that use it", () => {
		const to = sequence("START 1000");
		expect(type.replaceHazards(live(), to).map((h) => h.code)).toEqual(["SEQUENCE_RESET"]);
		expect(type.dropHazards(to).map((h) => h.code)).toEqual(["OBJECT_DROPPED", "SEQUENCE_RESET"]);
		expect(sqlOf(printCreate(type, to, { replace: true }))).toBe(
			"CREATE OR REPLACE SEQUENCE MYDB.PUBLIC.SEQ_5\n  START WITH 1000",
		);
	});
});

describe("refusing", () => {
	test.each([
		["INCREMENT = 0", "increment is not 0"],
		["START = 9223372036854775808", "out of range"],
		["INCREMENT BY one", "a whole number"],
		["INCREMNT = 2", "INCREMENT"],
		["CLONE other", "CLONE"],
	])("%s", (clauses, word) => {
		expect(mistakes(`CREATE SEQUENCE s ${clauses}`).join("\n")).toContain(word);
	});

	test("TEMPORARY", () => {
		expect(mistakes("CREATE TEMPORARY SEQUENCE s").join("\n")).toContain("TEMPORARY");
	});
});
