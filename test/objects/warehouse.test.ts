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

/** The first row of the example on the page of SHOW WAREHOUSES. */
const TEST1: Row = {
	name: "W",
	state: "SUSPENDED",
	type: "STANDARD",
	size: "Medium",
	min_cluster_count: "1",
	max_cluster_count: "1",
	is_interactive: "N",
	auto_suspend: "600",
	auto_resume: "true",
	owner: "MY_ROLE",
	comment: "",
	enable_query_acceleration: "true",
	query_acceleration_max_scale_factor: "8",
	resource_monitor: "null",
	scaling_policy: "STANDARD",
	owner_role_type: "ROLE",
	resource_constraint: null,
	generation: "1",
};

const warehouse = (options: string) => declared(`CREATE WAREHOUSE w ${options}`);
const live = (row: Row = {}, parameters: readonly Row[] = []) =>
	reported("WAREHOUSE", { ...TEST1, ...row }, parameters);

describe("reading", () => {
	test("the example of SHOW WAREHOUSES", () => {
		expect(live().properties).toMatchObject({
			WAREHOUSE_TYPE: "STANDARD",
			WAREHOUSE_SIZE: "MEDIUM",
			GENERATION: "1",
			RESOURCE_CONSTRAINT: "STANDARD_GEN_1",
			AUTO_SUSPEND: 600,
			AUTO_RESUME: true,
			RESOURCE_MONITOR: null,
			COMMENT: null,
		});
	});

	test.each([
		["X-Small", "XSMALL"],
		["X-Large", "XLARGE"],
		["2X-Large", "XXLARGE"],
		["3X-Large", "XXXLARGE"],
		["6X-Large", "X6LARGE"],
	])("size %s is %s", (shown, size) => {
		expect(live({ size: shown }).properties.WAREHOUSE_SIZE).toBe(size);
	});

	test("a Snowpark-optimized warehouse prints its constraint in capitals", () => {
		const row = {
			type: "SNOWPARK-OPTIMIZED",
			resource_constraint: "MEMORY_16X_X86",
			generation: null,
		};
		expect(live(row).properties.RESOURCE_CONSTRAINT).toBe("MEMORY_16X_x86");
	});

	test("adaptive and interactive warehouses are left out", () => {
		const { read } = objectType("WAREHOUSE");
		expect(read.row({ ...TEST1, type: "ADAPTIVE" })).toBeUndefined();
		expect(read.row({ ...TEST1, is_interactive: "Y" })).toBeUndefined();
	});
});

describe("changing", () => {
	test("defaults that depend on region and account are nobody's difference", () => {
		expect(differences(live(), warehouse("WAREHOUSE_SIZE = MEDIUM"))).toEqual([]);
	});

	test("spellings of a size are one size", () => {
		const from = live({ size: "2X-Large" });
		for (const size of ["XXLARGE", "X2LARGE", "'2X-LARGE'", "'xxlarge'"])
			expect(differences(from, warehouse(`WAREHOUSE_SIZE = ${size}`))).toEqual([]);
	});

	test("never suspending is 0 or NULL", () => {
		const from = live({ auto_suspend: null, size: "X-Small" });
		for (const never of ["0", "NULL"])
			expect(differences(from, warehouse(`AUTO_SUSPEND = ${never}`))).toEqual([]);
		expect(alterations(from, warehouse(""))).toEqual(["ALTER WAREHOUSE W SET AUTO_SUSPEND = 600"]);
	});

	test("the size has a default that depends on the type, so unwritten it is left; everything else is unset", () => {
		const from = live({ comment: "old", resource_monitor: "MYTEST_RM" }, [
			{ key: "MAX_CONCURRENCY_LEVEL", value: "4", default: "8", level: "WAREHOUSE" },
		]);
		expect(alterations(from, warehouse(""))).toEqual([
			"ALTER WAREHOUSE W UNSET RESOURCE_MONITOR, COMMENT, MAX_CONCURRENCY_LEVEL",
		]);
	});

	test("growing costs, shrinking does not", () => {
		const codes = (from: Row, to: string) =>
			differences(live(from), warehouse(to)).flatMap((c) => c.hazards.map((h) => h.code));
		expect(codes({ size: "Small" }, "WAREHOUSE_SIZE = LARGE")).toEqual(["COST"]);
		expect(codes({ size: "Large" }, "WAREHOUSE_SIZE = SMALL")).toEqual([]);
		expect(codes({}, "WAREHOUSE_SIZE = MEDIUM MAX_CLUSTER_COUNT = 3")).toEqual(["COST"]);
	});

	test("INITIALLY_SUSPENDED means something at creation only", () => {
		const to = warehouse("WAREHOUSE_SIZE = MEDIUM INITIALLY_SUSPENDED = TRUE");
		expect(differences(live(), to)).toEqual([]);
		expect(canonical(to)).toBe(
			"CREATE WAREHOUSE W\n  WAREHOUSE_SIZE = MEDIUM\n  INITIALLY_SUSPENDED = TRUE",
		);
	});
});

describe("refusing", () => {
	test.each([
		["MIN_CLUSTER_COUNT = 2", "MIN_CLUSTER_COUNT is at most MAX_CLUSTER_COUNT"],
		["GENERATION = '2' RESOURCE_CONSTRAINT = STANDARD_GEN_1", "same generation"],
		["RESOURCE_CONSTRAINT = MEMORY_16X", "MEMORY_"],
		[
			"WAREHOUSE_TYPE = 'SNOWPARK-OPTIMIZED' WAREHOUSE_SIZE = SMALL RESOURCE_CONSTRAINT = MEMORY_16X",
			"MEDIUM or more",
		],
		["WAREHOUSE_SIZE = X5LARGE GENERATION = '2'", "STANDARD_GEN_2"],
		[
			"WAREHOUSE_TYPE = 'SNOWPARK-OPTIMIZED' ENABLE_QUERY_ACCELERATION = TRUE",
			"ENABLE_QUERY_ACCELERATION",
		],
		["WAIT_FOR_COMPLETION = TRUE", "WAIT_FOR_COMPLETION"],
		["WITH TAG (t = 'v')", "TAG"],
		["WAREHOUSE_SIZE = 'HUGE'", "HUGE"],
		["AUTO_SUSPENDS = 60", "AUTO_SUSPEND"],
	])("%s", (options, word) => {
		expect(mistakes(`CREATE WAREHOUSE w ${options}`).join("\n")).toContain(word);
	});
});
