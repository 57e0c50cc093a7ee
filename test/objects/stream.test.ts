import { describe, expect, test } from "vitest";
import { diff } from "../../src/diff/diff.ts";
import { catalogOf } from "../../src/model/catalog.ts";
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

const ROW: Row = {
	created_on: "2020-08-02 05:13:20.174 -0800",
	name: "S",
	database_name: "MYDB",
	schema_name: "PUBLIC",
	owner: "MYROLE",
	comment: "",
	table_name: "MYDB.PUBLIC.ORDERS",
	source_type: "Table",
	base_tables: "MYDB.PUBLIC.ORDERS",
	type: "DELTA",
	stale: "false",
	mode: "DEFAULT",
	stale_after: "2020-08-16 05:13:20.174 -0800",
	invalid_reason: "N/A",
};

const type = objectType("STREAM");
const live = (row: Row = {}) => reported("STREAM", { ...ROW, ...row });
const stream = (clauses: string) => declared(`CREATE STREAM s ${clauses}`);

describe("reading", () => {
	test.each([
		["Table", "MYDB.PUBLIC.ORDERS", "ON TABLE orders"],
		["Table", "MYDB.PUBLIC.EVENTS", "ON EVENT TABLE events"],
		["View", "MYDB.PUBLIC.V", "ON VIEW v"],
		["Dynamic Table", "MYDB.PUBLIC.D", "ON DYNAMIC TABLE d"],
		["Stage", 'MYDB.PUBLIC."my stage"', 'ON STAGE "my stage"'],
	])("a source of type %s", (source_type, table_name, clauses) => {
		expect(differences(live({ source_type, table_name }), stream(clauses))).toEqual([]);
	});

	test("the mode tells APPEND_ONLY and INSERT_ONLY", () => {
		expect(live({ mode: "APPEND_ONLY" }).properties).toMatchObject({
			APPEND_ONLY: true,
			INSERT_ONLY: false,
		});
		const external = live({ mode: "INSERT_ONLY", source_type: "External Table" });
		expect(differences(external, stream("ON EXTERNAL TABLE orders INSERT_ONLY = TRUE"))).toEqual(
			[],
		);
	});

	test("a source that the role cannot see is no difference", () => {
		expect(differences(live({ table_name: null }), stream("ON TABLE other"))).toEqual([]);
	});

	test("what creation alone can say is not compared", () => {
		const to = stream("ON TABLE orders AT (OFFSET => -60) SHOW_INITIAL_ROWS = TRUE");
		expect(differences(live(), to)).toEqual([]);
	});
});

describe("changing", () => {
	test("only the comment is altered", () => {
		expect(alterations(live(), stream("ON TABLE orders COMMENT = 'x'"))).toEqual([
			"ALTER STREAM MYDB.PUBLIC.S SET COMMENT = 'x'",
		]);
		expect(alterations(live({ comment: "x" }), stream("ON TABLE orders"))).toEqual([
			"ALTER STREAM MYDB.PUBLIC.S UNSET COMMENT",
		]);
	});

	test("another mode on the same source takes the offset over", () => {
		const from = live();
		const to = stream("ON TABLE orders APPEND_ONLY = TRUE SHOW_INITIAL_ROWS = TRUE");
		const { changes } = diff(catalogOf([from]), catalogOf([to]), () => undefined);
		expect(changes).toMatchObject([{ action: "replace" }]);
		expect(changes[0]?.hazards.map((h) => h.code)).toEqual(["STREAM_OFFSET_LOST"]);
		expect(changes[0]?.to && canonical(changes[0].to)).toBe(
			"CREATE STREAM MYDB.PUBLIC.S\n  ON TABLE MYDB.PUBLIC.ORDERS\n  AT (STREAM => 'MYDB.PUBLIC.S')\n  APPEND_ONLY = TRUE",
		);
	});

	test.each([
		["another source", live(), stream("ON TABLE other"), undefined],
		["a stale stream", live({ stale: "true" }), stream("ON TABLE orders"), undefined],
		["a source made anew", live(), stream("ON TABLE orders"), "identityLost" as const],
		[
			"a source whose history cannot be named",
			live({ source_type: "Stage" }),
			stream("ON STAGE orders"),
			undefined,
		],
	])("no offset to take over: %s", (_case, from, to, event) => {
		expect(type.replacement?.(from, to, event).properties.AT).toBeUndefined();
	});

	test("a source made anew makes the stream anew, and says what is lost", () => {
		for (const kind of ["TABLE", "VIEW", "STAGE", "EXTERNAL TABLE", "DYNAMIC TABLE"])
			expect(type.on[kind]).toEqual({ identityLost: "replace", rewritten: "drain" });
		const lost = type.replaceHazards(live(), stream("ON TABLE orders"), "identityLost");
		expect(lost.map((h) => h.code)).toEqual(["STREAM_STALE"]);
	});
});

describe("refusing", () => {
	test.each([
		["ON STAGE st APPEND_ONLY = TRUE", "APPEND_ONLY"],
		["ON DYNAMIC TABLE d AT (OFFSET => -60)", "AT and BEFORE"],
		["ON EXTERNAL TABLE e", "INSERT_ONLY = TRUE is needed"],
		["ON VIEW v INSERT_ONLY = TRUE", "INSERT_ONLY"],
		["CLONE t", "CLONE"],
		["WITH TAG (t = 'v') ON TABLE orders", "TAG"],
		["ON SEQUENCE q", "expected"],
		["COMMENT = 'no source'", "needs ON"],
	])("%s", (clauses, word) => {
		expect(mistakes(`CREATE STREAM s ${clauses}`).join("\n")).toContain(word);
	});

	test("COPY GRANTS is taken and never sent: Snowflake does not support it for streams", () => {
		expect(canonical(stream("COPY GRANTS ON TABLE orders"))).toBe(
			"CREATE STREAM MYDB.PUBLIC.S\n  ON TABLE MYDB.PUBLIC.ORDERS",
		);
	});
});
