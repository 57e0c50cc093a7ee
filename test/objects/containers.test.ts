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

const database = objectType("DATABASE");
const schema = objectType("SCHEMA");

/** A row as on the page of SHOW DATABASES. */
const DATABASE_ROW: Row = {
	created_on: "2023-01-27 14:33:11.417 -0800",
	name: "LAKE",
	is_default: "N",
	is_current: "N",
	origin: "",
	owner: "DATA_ADMIN",
	comment: "",
	options: "",
	retention_time: "1",
	kind: "STANDARD",
	owner_role_type: "ROLE",
};

const SCHEMA_ROW: Row = {
	created_on: "2018-12-10 09:34:02.127 -0800",
	name: "BRONZE",
	database_name: "LAKE",
	owner: "DATA_ADMIN",
	comment: "",
	options: "",
	retention_time: "1",
};

function parameter(key: string, value: string, level: string): Row {
	return { key, value, default: "", level, description: "", type: "" };
}

describe("reading", () => {
	test("databases of others are not ours to see", () => {
		expect(
			database.read.row({ ...DATABASE_ROW, name: "SNOWFLAKE", kind: "APPLICATION", owner: "" }),
		).toBeUndefined();
		expect(
			database.read.row({ ...DATABASE_ROW, kind: "IMPORTED DATABASE", origin: "AB1.SALES" }),
		).toBeUndefined();
		expect(database.read.row(DATABASE_ROW)).toMatchObject({ name: ["LAKE"], owner: "DATA_ADMIN" });
	});

	test("INFORMATION_SCHEMA is Snowflake's", () => {
		expect(
			schema.read.row({ ...SCHEMA_ROW, name: "INFORMATION_SCHEMA", owner: "" }),
		).toBeUndefined();
	});

	test("options tell transient and managed access, one or both", () => {
		const read = (options: string) => schema.read.row({ ...SCHEMA_ROW, options })?.properties;
		expect(read("TRANSIENT")).toMatchObject({ TRANSIENT: true, "MANAGED ACCESS": false });
		expect(read("MANAGED ACCESS")).toMatchObject({ TRANSIENT: false, "MANAGED ACCESS": true });
		expect(read("TRANSIENT, MANAGED ACCESS")).toMatchObject({
			TRANSIENT: true,
			"MANAGED ACCESS": true,
		});
	});

	test("a parameter counts where it is set on the object, not where it is inherited", () => {
		const rows = [
			parameter("DATA_RETENTION_TIME_IN_DAYS", "7", "SCHEMA"),
			parameter("MAX_DATA_EXTENSION_TIME_IN_DAYS", "20", "DATABASE"),
			parameter("ENABLE_DATA_COMPACTION", "false", "SCHEMA"),
			parameter("DEFAULT_DDL_COLLATION", "", ""),
		];
		expect(reported("SCHEMA", SCHEMA_ROW, rows).properties).toMatchObject({
			DATA_RETENTION_TIME_IN_DAYS: 7,
			MAX_DATA_EXTENSION_TIME_IN_DAYS: null,
			ENABLE_DATA_COMPACTION: false,
			DEFAULT_DDL_COLLATION: null,
		});
	});
});

describe("changing", () => {
	const live = (rows: readonly Row[], row: Row = {}) =>
		reported("SCHEMA", { ...SCHEMA_ROW, name: "S", database_name: "MYDB", ...row }, rows);

	test("what is set here and no longer written is unset; what is inherited is left alone", () => {
		const from = live([
			parameter("DATA_RETENTION_TIME_IN_DAYS", "1", "SCHEMA"),
			parameter("MAX_DATA_EXTENSION_TIME_IN_DAYS", "20", "DATABASE"),
		]);
		expect(alterations(from, declared("CREATE SCHEMA s"))).toEqual([
			"ALTER SCHEMA MYDB.S UNSET DATA_RETENTION_TIME_IN_DAYS",
		]);
	});

	test("several settings go in one statement", () => {
		const to = declared("CREATE SCHEMA s DATA_RETENTION_TIME_IN_DAYS = 5 LOG_LEVEL = 'INFO'");
		expect(alterations(live([]), to)).toEqual([
			"ALTER SCHEMA MYDB.S SET\n  DATA_RETENTION_TIME_IN_DAYS = 5\n  LOG_LEVEL = 'INFO'",
		]);
	});

	test("managed access has a statement of its own", () => {
		const managed = declared("CREATE SCHEMA s WITH MANAGED ACCESS");
		expect(alterations(live([]), managed)).toEqual(["ALTER SCHEMA MYDB.S ENABLE MANAGED ACCESS"]);
		expect(
			alterations(live([], { options: "MANAGED ACCESS" }), declared("CREATE SCHEMA s")),
		).toEqual(["ALTER SCHEMA MYDB.S DISABLE MANAGED ACCESS"]);
		expect(canonical(managed)).toBe("CREATE SCHEMA MYDB.S\n  WITH MANAGED ACCESS");
	});

	test("a level of a database, which has no UNSET, is compared where it is written", () => {
		const from = reported("DATABASE", { ...DATABASE_ROW, name: "D" }, [
			parameter("TRACE_LEVEL", "ALWAYS", "DATABASE"),
		]);
		expect(differences(from, declared("CREATE DATABASE d"))).toEqual([]);
		expect(alterations(from, declared("CREATE DATABASE d TRACE_LEVEL = 'OFF'"))).toEqual([
			"ALTER DATABASE D SET TRACE_LEVEL = 'OFF'",
		]);
	});

	test("permanent to transient is a new schema, with the loss of everything in it", () => {
		const to = declared("CREATE TRANSIENT SCHEMA s");
		expect(differences(live([]), to)).toMatchObject([{ property: "TRANSIENT", how: "replace" }]);
		expect(schema.replaceHazards(live([]), to).map((h) => h.code)).toEqual([
			"OBJECT_DROPPED",
			"DATA_LOSS",
			"GRANTS_LOST",
		]);
	});

	test("shorter retention loses history, a shorter extension makes streams stale", () => {
		const from = live([
			parameter("DATA_RETENTION_TIME_IN_DAYS", "30", "SCHEMA"),
			parameter("MAX_DATA_EXTENSION_TIME_IN_DAYS", "20", "SCHEMA"),
		]);
		const to = declared(
			"CREATE SCHEMA s DATA_RETENTION_TIME_IN_DAYS = 7 MAX_DATA_EXTENSION_TIME_IN_DAYS = 5",
		);
		const codes = differences(from, to).flatMap((c) => c.hazards.map((h) => h.code));
		expect(codes).toEqual(["TIME_TRAVEL_LOST", "STREAM_STALE"]);
		expect(differences(to, from).flatMap((c) => c.hazards)).toEqual([]);
	});
});

describe("refusing", () => {
	test("transient objects keep a day of history at most", () => {
		expect(mistakes("CREATE TRANSIENT DATABASE d DATA_RETENTION_TIME_IN_DAYS = 2")).toEqual([
			"DATABASE D: TRANSIENT allows DATA_RETENTION_TIME_IN_DAYS 0 or 1",
		]);
	});

	test.each([
		["CREATE DATABASE d CLONE e", "CLONE"],
		["CREATE SCHEMA s WITH TAG (t = 'v')", "TAG"],
		["CREATE DATABASE d AS REPLICA OF o.a.d", "AS REPLICA OF"],
		["CREATE DATABASE d EVENT_TABLE = e.s.t", "EVENT_TABLE"],
		["CREATE SCHEMA s FROM BACKUP SET b IDENTIFIER 'x'", "FROM BACKUP SET"],
		["CREATE SCHEMA s DATA_RETENTION_TIMES_IN_DAYS = 1", "DATA_RETENTION_TIME_IN_DAYS"],
	])("%s", (sql, word) => {
		expect(mistakes(sql).join("\n")).toContain(word);
	});

	test("a database makes its PUBLIC schema", () => {
		expect(database.implied?.(declared("CREATE DATABASE d"))).toEqual([
			{ kind: "SCHEMA", name: ["D", "PUBLIC"] },
		]);
	});
});
